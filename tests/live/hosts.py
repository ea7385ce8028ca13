"""Several machines on one: network namespaces on a switch. Needs root and `ip`.

with Network("database", "phones") as network:
    with network.on("phones"):
        ...                      # what is opened and started here, is there
    network.cut("database")      # its packets go nowhere, and nobody is told
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

PROGRAM = shutil.which("ip", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")


class Network:
    def __init__(self, *hosts: str) -> None:
        self._addresses = {
            host: f"198.18.0.{number}" for number, host in enumerate(hosts, start=10)
        }
        self._switch = self._space("switch")

    def address(self, host: str) -> str:
        return self._addresses[host]

    def __enter__(self) -> Self:
        try:
            self._build()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        for name in ("switch", *self._addresses):
            with suppress(subprocess.CalledProcessError):
                _ip("netns", "del", self._space(name))

    @contextmanager
    def on(self, host: str) -> Iterator[None]:
        """Move this thread to a host: its sockets, and the processes it starts."""
        here = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        there = os.open(Path("/run/netns", self._space(host)), os.O_RDONLY)
        try:
            os.setns(there, os.CLONE_NEWNET)
            try:
                yield
            finally:
                os.setns(here, os.CLONE_NEWNET)
        finally:
            os.close(here)
            os.close(there)

    def cut(self, host: str) -> None:
        """Pull a host's cable at the switch: both ends still see their own end."""
        _ip("-n", self._switch, "link", "set", host, "nomaster")

    def mend(self, host: str) -> None:
        _ip("-n", self._switch, "link", "set", host, "master", "ports")

    def _build(self) -> None:
        _ip("netns", "add", self._switch)
        _ip("-n", self._switch, "link", "add", "ports", "type", "bridge")
        _ip("-n", self._switch, "link", "set", "ports", "up")
        for host, address in self._addresses.items():
            space = self._space(host)
            _ip("netns", "add", space)
            _ip("link", "add", "wire", "netns", space, "type", "veth",
                "peer", "name", host, "netns", self._switch)  # fmt: skip
            _ip("-n", self._switch, "link", "set", host, "master", "ports", "up")
            _ip("-n", space, "addr", "add", f"{address}/24", "dev", "wire")
            for device in ("lo", "wire"):
                _ip("-n", space, "link", "set", device, "up")

    def _space(self, host: str) -> str:
        return f"rapporteur-{os.getpid()}-{host}"


def _ip(*arguments: str) -> None:
    assert PROGRAM is not None
    subprocess.run([PROGRAM, *arguments], check=True, capture_output=True)
