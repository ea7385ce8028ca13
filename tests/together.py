"""Acts that start together, for tests of what happens in one moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection


def at_the_same_time(*acts: Callable[[], object]) -> list:
    """Do all at once, each in a thread with a connection of its own."""
    ready = Barrier(len(acts))

    def do(act: Callable[[], object]) -> object:
        try:
            ready.wait()
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(do, acts))
