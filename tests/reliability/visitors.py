"""People who look at pages while something is wrong, and count what they are told."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from deliberation.rehearsal.browser import Browser, Unreachable
from tests.reliability.phones import PATIENCE


class Visitor:
    """Somebody who opens pages all the time, and counts what comes."""

    def __init__(self, browser: Browser, paths: Sequence[str]) -> None:
        self.browser, self.paths = browser, paths
        self.outcomes: Counter[str] = Counter()

    async def run(self) -> None:
        while True:
            for path in self.paths:
                self.outcomes[await self._visit(path)] += 1
                await asyncio.sleep(0.1)  # others want to be served as well

    async def _visit(self, path: str) -> str:
        try:
            async with asyncio.timeout(PATIENCE):
                page = await self.browser.get(path)
        except (Unreachable, TimeoutError):
            return "no answer"
        if page.status == 503 and "retry-after" not in page.headers:
            return "503 without Retry-After"
        return str(page.status)

    @asynccontextmanager
    async def visiting(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            self.browser.drop()
            await asyncio.sleep(0)  # until it is closed
