"""Pages that follow the room: they come back by the rules of `live.js`."""

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from urllib.parse import urlencode

from deliberation.rehearsal.browser import Browser, Unreachable
from tests.reliability.phones import FULL, PATIENCE

# As in live.js, in seconds.
FIRST_WAIT = 0.5
LONGEST_WAIT = 5.0
PROOF = 4.0 if FULL else 60.0  # else a slow machine looks like a bad proxy
ASK_EVERY = 5.0
TRY_STREAM_EVERY = 60.0


class Follower:
    """One page: what it shows, by board, and how it says it goes.

    states: live, trouble, reconnecting, polling, one after the other; live_at: when it
    last came to be live, by time.monotonic().
    """

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser, self.address = browser, address
        self.shown: dict[str, str] = {}
        self.states: list[str] = []
        self.live_at = 0.0
        self._ids: dict[str, str] = {}
        self._failures = 0
        self._refusals = 0
        self._chance = random.Random()

    @property
    def state(self) -> str:
        return self.states[-1] if self.states else ""

    async def run(self) -> None:
        while True:
            is_held_up = not await self._listen()
            if is_held_up:
                await self._poll()
                continue
            self._failures += 1
            self._become("reconnecting")
            delay = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (self._failures - 1))
            await asyncio.sleep(min(LONGEST_WAIT, self._jitter(delay)))
            if self._failures > 1 and await self.ask():
                self._refusals += 1
            if self._refusals > 2:
                await self._poll()

    async def ask(self) -> bool:
        """Ask for what is new, as a page does that has no stream."""
        query = urlencode([("poll", 1), *(("seen", one) for one in self._ids.values())])
        try:
            async with asyncio.timeout(PATIENCE):
                page = await self.browser.get(f"{self.address}?{query}")
        except (Unreachable, TimeoutError):
            return False
        if page.status == 200:
            for frame in json.loads(page.text):
                self._show(frame)
        return page.status in (200, 204)

    async def _listen(self) -> bool:
        """Follow a stream to its end; False if it brought nothing to begin with."""
        events = self.browser.stream(self.address)
        try:
            async with asyncio.timeout(PROOF):
                self._hear(*await anext(events))
            async for event in events:
                self._hear(*event)
        except (Unreachable, StopAsyncIteration):
            pass
        except TimeoutError:
            return False
        finally:
            await events.aclose()
        return True

    def _hear(self, event: str, data: str) -> None:
        self._failures = self._refusals = 0
        if event == "beat":
            self._become("live" if json.loads(data)["ok"] else "trouble")
        elif event == "board":
            self._show(json.loads(data))
        else:
            raise AssertionError(f"The stream says {event!r}.")

    def _show(self, frame: dict[str, str]) -> None:
        self.shown[frame["board"]] = frame["html"]
        self._ids[frame["board"]] = frame["id"]

    async def _poll(self) -> None:
        """Ask now and then, until it is time to try a stream again."""
        self._refusals = 0
        again_at = time.monotonic() + self._jitter(TRY_STREAM_EVERY)
        while time.monotonic() < again_at:
            self._become("polling" if await self.ask() else "reconnecting")
            await asyncio.sleep(self._jitter(ASK_EVERY))

    def _become(self, state: str) -> None:
        if state == self.state:
            return
        self.states.append(state)
        if state == "live":
            self.live_at = time.monotonic()

    def _jitter(self, delay: float) -> float:
        return delay * self._chance.uniform(0.5, 1.5)


@asynccontextmanager
async def following(followers: Sequence[Follower]) -> AsyncIterator[None]:
    """Have them all follow meanwhile."""
    tasks = [asyncio.create_task(follower.run()) for follower in followers]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        for follower in followers:
            follower.browser.drop()
        await asyncio.sleep(0)  # until their connections are closed
    for problem in ended:
        if not isinstance(problem, asyncio.CancelledError):
            raise problem
