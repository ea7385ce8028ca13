"""Clocks that are apart: what is over is decided by one of them, the database's."""

import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from deliberation.actions import answers, at_once, rounds
from deliberation.checking import verify
from deliberation.models import Response, Round, Submission
from tests import builders
from tests.deliberation.phones import Phone

pytestmark = pytest.mark.django_db


@pytest.fixture(params=[90, -90], ids=["ahead", "behind"])
def wrong_clock(request, monkeypatch) -> int:
    """The application's clock is ahead of the database's, or behind; seconds."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has the application's clock")
    apart, now, seconds = request.param, timezone.now, time.time
    monkeypatch.setattr(timezone, "now", lambda: now() + timedelta(seconds=apart))
    monkeypatch.setattr(time, "time", lambda: seconds() + apart)
    return apart


@pytest.mark.parametrize("short_way", [True, False], ids=["at once", "by steps"])
@pytest.mark.parametrize(
    ("left", "status", "closed"), [(60, 200, 0), (-1, 409, 1)], ids=["open", "over"]
)
def test_closing_goes_by_the_databases_clock(
    wrong_clock, short_way, left, status, closed
):
    workshop = builders.make_workshop()
    this_round = builders.open_round(builders.make_prompt(workshop))
    this_round.opened_at = rounds.database_now() - timedelta(minutes=10)
    this_round.ends_at = rounds.database_now() + timedelta(seconds=left)
    this_round.closes_at_zero = True
    this_round.save()
    phone = Phone(workshop)
    at_once._known.clear()
    if short_way:
        at_once.remember(workshop.slug, this_round, answers.ask_of(this_round))

    data = {"answer.p1": "difficult", "key": "by-the-clock"}
    reply = phone.send(f"answer/{this_round.pk}/", data)

    assert reply.status_code == status
    assert Response.objects.count() == (status == 200)
    assert len(rounds.close_expired()) == closed


def test_times_and_countdowns_go_by_the_databases_clock(wrong_clock):
    workshop = builders.make_workshop()
    prompt = builders.make_prompt(workshop, minutes=1)
    before = rounds.database_now()
    this_round = builders.open_round(prompt)
    rounds.add_time(round_id=this_round.pk, seconds=60)
    rounds.pause(round_id=this_round.pk)
    rounds.resume(round_id=this_round.pk)
    builders.judge(this_round, builders.join(workshop), {"p1": 1})
    rounds.close_round(round_id=this_round.pk)
    after = rounds.database_now()

    opened, closed = Round.objects.values_list("opened_at", "closed_at").get()
    stored = Submission.objects.get().at
    assert before <= opened <= stored <= closed <= after
    assert verify(workshop).differences == []
