import threading

import pytest
from django.db import connection

from config.threads import Threads
from tests.serving import PATIENCE


def test_threads_do_jobs_and_pass_on_errors():
    threads = Threads(2, name="test")

    good = threads.submit(lambda a, b: a + b, 1, 2)
    bad = threads.submit(int, "x")

    assert good.result(PATIENCE) == 3
    with pytest.raises(ValueError):
        bad.result(PATIENCE)
    threads.close()


def test_threads_work_side_by_side():
    threads = Threads(2, name="test")
    barrier = threading.Barrier(2)

    both = [threads.submit(barrier.wait, PATIENCE) for _n in range(2)]

    assert sorted(future.result(PATIENCE) for future in both) == [0, 1]
    threads.close()


@pytest.mark.django_db(transaction=True)
def test_threads_close_their_connections():
    threads = Threads(1, name="test")
    opened = []

    def use() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        opened.append(connection.connection)

    threads.submit(use).result(PATIENCE)
    threads.close(seconds=PATIENCE)

    (raw,) = opened
    with pytest.raises(Exception, match="closed"):
        raw.execute("SELECT 1")


def test_threads_that_hang_are_left_behind():
    threads = Threads(1, name="test")
    go_on = threading.Event()

    threads.submit(go_on.wait, PATIENCE)
    threads.close(seconds=0.1)

    go_on.set()
