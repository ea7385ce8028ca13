"""Steps with questions that meet in one moment wait for each other, in one order."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from deliberation.actions import asking
from deliberation.actions.recording import ChangedSince, undo
from deliberation.models import Question, Screen
from deliberation.views import question_steps
from tests.deliberation.test_asking import Room
from tests.serving import PATIENCE
from workshops.models import Session

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def rows_are_locked(transactional_db):
    if connection.vendor != "postgresql":
        pytest.skip("on SQLite one transaction writes at a time")


@pytest.fixture
def pool():
    with ThreadPoolExecutor(2) as threads:
        yield threads


def start(pool: ThreadPoolExecutor, act: Callable[[], object]) -> Future:
    """Do something in a thread with a connection of its own."""

    def do() -> object:
        try:
            return act()
        finally:
            connection.close()

    return pool.submit(do)


def wait_until_blocked(number: int) -> None:
    """Return once so many connections wait for a lock."""
    deadline = time.monotonic() + PATIENCE
    blocked = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND cardinality(pg_blocking_pids(pid)) > 0"
    )
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(blocked)
            if cursor.fetchone()[0] >= number:
                return
            assert time.monotonic() < deadline, "nobody waits"
            time.sleep(0.02)


def lock(question: Question) -> None:
    Question.objects.select_for_update(no_key=True).get(pk=question.pk)


@pytest.mark.parametrize("other", [question_steps.move, question_steps.sort])
def test_two_who_put_questions_in_order_do_not_wait_for_each_other(other, pool):
    room = Room()
    first, second = room.ask("One?"), room.ask("Two?", by=1)
    asking.move(question=second, by=-1)  # from here on by hand
    moves_one = other == question_steps.move
    named = [str(second.pk), "down"] if moves_one else [str(room.session.pk)]

    with transaction.atomic():
        Session.objects.select_for_update(no_key=True).get(pk=room.session.pk)
        one = start(pool, lambda: other(room.workshop, None, named))
        wait_until_blocked(1)
        up = [str(first.pk), "up"]
        two = start(pool, lambda: question_steps.move(room.workshop, None, up))
        wait_until_blocked(2)

    assert one.result()
    assert two.result()


def test_undoing_waits_for_a_question_before_it_holds_the_screen(pool):
    room = Room()
    question = room.ask()
    asking.show(question=question)
    asking.set_status(question=question, status=Question.Status.ANSWERED)

    with transaction.atomic():
        lock(question)
        undone = start(pool, lambda: undo(workshop=room.workshop))
        wait_until_blocked(1)
        asking.show(question=question)

    with pytest.raises(ChangedSince):
        undone.result()
    assert Screen.objects.get().question == question


def test_a_question_that_is_being_shown_is_not_taken_back(pool):
    room = Room()
    question = room.ask()

    with transaction.atomic():
        asking.show(question=question)
        withdrawn = start(pool, lambda: asking.withdraw(question=question))
        wait_until_blocked(1)

    assert withdrawn.result() is False
    question.refresh_from_db()
    assert question.withdrawn_at is None
