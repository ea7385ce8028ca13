# ruff: noqa: T201
"""What a thousand open streams cost: `python -m tests.bench.streams [--streams 1000]`.

Starts the server on a database of its own, opens the streams from this process, and
prints memory a stream, processor time at rest, and time and delay of broadcasts of
about 2 kB. Set DATABASE_URL to an empty database for PostgreSQL.
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time

from config.server import raise_file_limit
from tests.bench.common import pss, seconds


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--streams", type=int, default=1000)
    parser.add_argument("--broadcasts", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=20, help="of rest")
    options = parser.parse_args()
    raise_file_limit()
    with tempfile.TemporaryDirectory() as scratch:
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{scratch}/bench.sqlite3")
        os.environ |= {"DEBUG": "true", "DJANGO_SETTINGS_MODULE": "config.settings"}
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
        subprocess.run(migrate, check=True)

        import django

        django.setup()
        from tests.serving import ServerProcess

        with ServerProcess("tests.live.rooms_server:application") as server:
            asyncio.run(measure(server, options))


async def measure(server, options: argparse.Namespace) -> None:
    from django.contrib.auth.models import Group

    pid = server.process.pid
    Group.objects.all().delete()
    group = Group.objects.create(name="12: begin")
    stream = await Stream.open(server.port, 0)
    await stream.board()
    before, cpu = pss(pid), seconds(pid)
    began = time.monotonic()
    streams = [stream]
    for n in range(1, options.streams):
        streams.append(await Stream.open(server.port, n))
    await asyncio.gather(*(stream.board() for stream in streams[1:]))
    took, used = time.monotonic() - began, seconds(pid) - cpu
    memory = (pss(pid) - before) / (len(streams) - 1)
    print(f"{len(streams)} streams opened in {took:.1f} s, {used:.2f} s of processor")
    print(f"memory: {memory:.1f} kB a stream, {pss(pid) / 1024:.0f} MB in all")

    cpu = seconds(pid)
    await asyncio.gather(*(stream.rest(options.seconds) for stream in streams))
    share = (seconds(pid) - cpu) / options.seconds * 100
    print(f"at rest: {share:.1f} % of a core over {options.seconds} s, beats included")

    delays: list[float] = []
    cpu, began = seconds(pid), time.monotonic()
    for n in range(options.broadcasts):
        # Names have 150 letters at most: fourteen of them are some two kilobytes.
        names = [f"12: {n} {k} ".ljust(140, "x") for k in range(14)]
        Group.objects.exclude(pk=group.pk).delete()
        Group.objects.bulk_create(Group(name=name) for name in names)
        committed = time.monotonic()
        mark = f"12: {n} 13"
        arrivals = await asyncio.gather(*(stream.board(mark) for stream in streams))
        delays += [arrival - committed for arrival in arrivals]
    used = (seconds(pid) - cpu) / options.broadcasts
    each = used / len(streams) * 1e6
    delays.sort()
    print(
        f"broadcast: {used * 1000:.0f} ms of processor, {each:.0f} µs a stream; "
        f"commit to arrival {statistics.median(delays) * 1000:.0f} ms, "
        f"95 % within {delays[int(len(delays) * 0.95)] * 1000:.0f} ms"
    )
    print(f"ended {await asyncio.to_thread(server.stop):.2f} s after SIGTERM")


class Stream:
    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader

    @classmethod
    async def open(cls, port: int, number: int) -> "Stream":
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = f"GET /live/phone/12/ HTTP/1.1\r\nHost: x\r\nCookie: who=seat:{number}"
        writer.write(f"{head}\r\n\r\n".encode())
        stream = cls(reader)
        stream.writer = writer
        return stream

    async def board(self, mark: str = "") -> float:
        """Return when a board with the mark arrived."""
        while True:
            line = await self._reader.readline()
            assert line, "The stream ended."
            if b'"html"' in line and mark.encode() in line:
                return time.monotonic()

    async def rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                while await self._reader.readline():
                    pass
        except TimeoutError:
            pass


if __name__ == "__main__":
    main()
