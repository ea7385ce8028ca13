import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import pairwise

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction

from deliberation.live import watch
from deliberation.live.hub import Frame
from deliberation.live.watch import Detector, Watcher
from tests.serving import PATIENCE

pytestmark = pytest.mark.django_db(transaction=True)


def test_detector_tells_commits_from_quiet():
    with closing(Detector()) as detector:
        once(lambda: detector.stamp() == detector.stamp())
        before = detector.stamp()
        Group.objects.create(name="12: Table 1")
        after = detector.stamp()

    assert after != before


def test_detector_sees_nothing_of_what_is_not_committed():
    def is_unseen() -> bool:
        before = detector.stamp()
        with transaction.atomic():
            Group.objects.all().delete()
            Group.objects.create(name="12: Table 1")
            during = detector.stamp()
        assert detector.stamp() != before
        return during == before

    with closing(Detector()) as detector:
        once(is_unseen)


def once(is_so: Callable[[], bool]) -> None:
    """Wait for a moment in which something is so.

    PostgreSQL's stamp is one for all databases of a server: it stays the same where
    nobody commits to any, other tests neither.
    """
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline


def test_detector_sees_every_commit_of_another_thread():
    def write() -> None:
        with closing(connection):
            for n in range(50):
                Group.objects.create(name=f"12: {n}")
                written.release()
                looked.acquire(timeout=PATIENCE)

    written, looked = threading.Semaphore(0), threading.Semaphore(0)
    thread = threading.Thread(target=write)
    with closing(Detector()) as detector:
        stamps = [detector.stamp()]
        thread.start()
        for _n in range(50):
            assert written.acquire(timeout=PATIENCE)
            stamps.append(detector.stamp())
            looked.release()
        thread.join()

    assert all(a != b for a, b in pairwise(stamps))


def test_detector_opens_another_connection_after_it_was_closed():
    with closing(Detector()) as detector:
        detector.stamp()
        detector.close()
        assert detector.stamp() is not None


class Told:
    """A detector that says what the test tells it."""

    def __init__(self) -> None:
        self.value = 0

    def stamp(self) -> int:
        return self.value

    def close(self) -> None:
        pass


@contextmanager
def watching(render: Callable[[str], str], told: Told, *names: str) -> Iterator[None]:
    """Have boards that can wait rendered."""
    newest: dict[str, Frame] = {}
    watcher = Watcher(
        watched=lambda: names,
        newest=newest,
        render=render,
        can_wait=True,
        publish=newest.update,
        detector=lambda: told,
    )
    watcher.start()
    try:
        yield
    finally:
        watcher.end()


def test_no_board_starves_beside_one_that_always_changes(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(watch, "PASS_SECONDS", 0)
    monkeypatch.setattr(watch, "REFRESH_SECONDS", 0.01)
    monkeypatch.setattr(watch, "ASK_SECONDS", 0.01)
    monkeypatch.setattr(watch, "DUTY", 0)
    monkeypatch.setattr(watch, "DUTY_OF_ALL", 1e9)  # all rest after a turn
    monkeypatch.setattr(watch, "LONGEST_SECONDS", 0.1)
    told, rendered, enough = Told(), Counter(), threading.Event()

    def render(name: str) -> str:
        rendered[name] += 1
        told.value += 1  # something is committed all the time
        if len(rendered) == 3 and min(rendered.values()) >= 3:
            enough.set()
        return str(told.value)

    with watching(render, told, "console:1", "table:1:1", "table:1:2"):
        assert enough.wait(PATIENCE)
