"""A few threads that talk to the database, each on a connection of its own."""

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from django.db import connections

Job = tuple[Future[Any], Callable[..., Any], tuple[Any, ...]]


class Threads:
    """A pool whose threads close their connections when they end.

    A ThreadPoolExecutor's do not; and they are no daemons, so one that waits for a
    database that hangs would keep the process from ending.
    """

    def __init__(self, count: int, *, name: str) -> None:
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._started = False
        self._threads = [
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True)
            for number in range(1, count + 1)
        ]

    def submit[T](self, function: Callable[..., T], *args: Any) -> Future[T]:
        """Have a function called in one of the threads, in turn."""
        if not self._started:
            # Not earlier: a server may still fork, or only have looked at the name.
            self._started = True
            for thread in self._threads:
                thread.start()
        future: Future[T] = Future()
        self._jobs.put((future, function, args))
        return future

    def close(self, *, seconds: float = 2) -> None:
        """End the threads after what they have to do; give up waiting after a while."""
        deadline = time.monotonic() + seconds
        if self._started:
            for _thread in self._threads:
                self._jobs.put(None)
            for thread in self._threads:
                thread.join(max(0, deadline - time.monotonic()))

    def _work(self) -> None:
        try:
            while job := self._jobs.get():
                future, function, args = job
                if not future.set_running_or_notify_cancel():
                    continue
                try:
                    future.set_result(function(*args))
                except BaseException as error:
                    future.set_exception(error)
                del job, future, function, args  # or the last request is kept alive
        finally:
            connections.close_all()
