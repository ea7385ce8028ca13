"""Stands before several servers, as the proxy of an installation does."""

import asyncio
from collections import deque
from contextlib import suppress

from tests.reliability.wire import Wire


class Balancer(Wire):
    """Hands each connection to the next server that takes it."""

    def __init__(self, *upstreams: int) -> None:
        super().__init__(upstreams[0])
        self._upstreams = deque(upstreams)

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._upstreams.rotate(1)
        # An order of its own: other connections turn the wheel while this one waits.
        for upstream in tuple(self._upstreams):
            self._upstream = upstream
            with suppress(ConnectionRefusedError):
                await super()._answer(reader, writer)
                return
