"""A table calls the facilitator once, whoever presses and however often."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from tests import builders
from workshops.actions import helping, joining
from workshops.models import HelpCall, Workshop

pytestmark = pytest.mark.django_db


@pytest.fixture
def workshop() -> Workshop:
    return builders.make_workshop(tables=2)


def test_two_at_a_table_make_one_call(workshop):
    one, other = builders.join(workshop, table=1), builders.join(workshop, table=1)

    first = helping.call(participant=one)
    again = helping.call(participant=other, words=" Which of the two? ")

    assert again == first
    assert HelpCall.objects.get().words == "Which of the two?"
    assert HelpCall.objects.get().participant is None


def test_words_are_kept_when_somebody_presses_again(workshop):
    who = builders.join(workshop, table=1)
    helping.call(participant=who, words="Which?")
    helping.call(participant=who)

    assert HelpCall.objects.get().words == "Which?"


def test_who_has_no_table_calls_alone(workshop):
    one, other = (builders.join(workshop, table=None) for _n in range(2))

    calls = [helping.call(participant=who) for who in (one, other, one)]

    assert [call.participant for call in calls] == [one, other, one]
    assert HelpCall.objects.count() == 2


def test_a_call_is_seen_and_done_and_the_next_is_another(workshop):
    who = builders.join(workshop, table=1)
    first = helping.call(participant=who)
    helping.note_seen(call=first)
    first.refresh_from_db()
    seen = first.seen_at
    helping.note_seen(call=first)
    helping.note_done(call=first)
    first.refresh_from_db()

    assert first.seen_at == seen
    assert first.called_at <= seen <= first.ended_at
    assert helping.call(participant=who) != first
    for late in (helping.note_seen, helping.note_done):
        with pytest.raises(helping.NothingOpen):
            late(call=first)


def test_anybody_at_the_table_withdraws_its_call(workshop):
    one, other = builders.join(workshop, table=1), builders.join(workshop, table=1)
    call = helping.call(participant=one)

    helping.withdraw(participant=other)

    call.refresh_from_db()
    assert (call.is_withdrawn, call.ended_at is not None) == (True, True)
    with pytest.raises(helping.NothingOpen):
        helping.withdraw(participant=one)


def test_who_was_removed_calls_nobody_nor_does_anybody_after_the_end(workshop):
    gone, who = builders.join(workshop, table=1), builders.join(workshop, table=1)
    joining.remove(participant=gone)
    with pytest.raises(joining.SeatGone):
        helping.call(participant=gone)
    Workshop.objects.update(ended_at=timezone.now())
    with pytest.raises(helping.WorkshopEnded):
        helping.call(participant=who)


def test_the_database_keeps_one_open_call(workshop):
    table = workshop.tables.first()
    made = {"workshop": workshop, "table": table, "called_at": timezone.now()}
    HelpCall.objects.create(**made)

    with pytest.raises(IntegrityError), transaction.atomic():
        HelpCall.objects.create(**made)
    with pytest.raises(IntegrityError), transaction.atomic():
        HelpCall.objects.create(workshop=workshop, called_at=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_a_whole_table_that_presses_at_once_makes_one_call():
    workshop = builders.make_workshop(tables=1)
    people = [builders.join(workshop, table=1) for _n in range(4)]
    together = Barrier(len(people))

    def press(who):
        together.wait()
        try:
            return helping.call(participant=who).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(len(people)) as pool:
        calls = set(pool.map(press, people))

    assert len(calls) == 1
