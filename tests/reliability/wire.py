"""The fault proxy for the connections between application and PostgreSQL."""

import asyncio
from contextlib import suppress

from tests.live.proxy import FaultProxy


class Wire(FaultProxy):
    """Hands bytes on both ways, whatever they mean.

    Modes: pass, refuse (no new connections; `cut()` breaks those under way), and hang
    (takes connections, but nothing passes until the mode is another).
    """

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await self._until_passable()
        up_reader, up_writer = await asyncio.open_connection(
            "127.0.0.1", self._upstream
        )
        ways = [
            asyncio.ensure_future(self._carry(reader, up_writer)),
            asyncio.ensure_future(self._carry(up_reader, writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            with suppress(OSError):
                up_writer.close()

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while piece := await reader.read(65536):
            await self._until_passable()
            writer.write(piece)
            await writer.drain()

    async def _until_passable(self) -> None:
        while self.mode == "hang":
            await asyncio.sleep(0.02)
