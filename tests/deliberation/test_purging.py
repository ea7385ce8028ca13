"""The nightly purge, by a clock that is told."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session as SignIn
from django.core.management import call_command
from django.utils import timezone

from deliberation.actions import doors, rounds
from deliberation.actions.purging import Purged, purge
from deliberation.checking import verify
from deliberation.models import Comment, WriteUp
from deliberation.results import workshop_results
from tests import builders, world
from tests.deliberation.phones import Phone
from workshops.actions import joining
from workshops.models import (
    Badge,
    Device,
    DeviceLink,
    Guest,
    Participant,
    Workshop,
    WrongCodes,
)

pytestmark = pytest.mark.django_db
MONTH = timedelta(days=30)


@pytest.fixture(autouse=True)
def kept_for_a_month(settings):
    settings.KEEP_NAMES_DAYS = 30


@pytest.fixture
def workshop():
    """A day that has ended, with somebody of everything."""
    workshop = builders.make_workshop(attribution="named")
    this_round = builders.open_round(builders.make_prompt(workshop))
    for number in range(1, 7):
        phone = Phone(workshop)
        joining.set_badge(
            phone.who, workshop=workshop, name=f"Seat {number}", organisation="Office"
        )
        builders.judge(this_round, phone.who, {"p1": 1 + number % 3})
    nobody = Phone(workshop)
    joining.set_badge(nobody.who, workshop=workshop, name="Seat 7", organisation="")
    Guest.objects.create(workshop=workshop, name="Guest 1")
    Comment.objects.create(
        write_up=WriteUp.objects.create(workshop=workshop),
        participant=nobody.who, place="intro", name="Seat 7", text="Said later",
        key="c", at=timezone.now(),
    )  # fmt: skip
    rounds.close_round(round_id=this_round.pk)
    doors.end_workshop(workshop=workshop)
    return Workshop.objects.get(pk=workshop.pk)


def after(workshop: Workshop, days: float) -> Purged:
    return purge(now=workshop.ended_at + timedelta(days=days))


def test_names_go_when_their_time_is_over_and_figures_stay(workshop):
    shown, checked = workshop_results(workshop), verify(workshop)

    assert after(workshop, 29.9).names == 0
    assert Badge.objects.exclude(name="").count() == 7
    assert after(workshop, 30.1).names == 8

    assert not Guest.objects.exists() and not Comment.objects.exists()
    assert list(Badge.objects.values_list("name", flat=True)) == [""] * 6
    assert workshop_results(workshop) == shown
    assert verify(workshop) == checked
    assert after(workshop, 31) == Purged(0, 0, 0, 0)


def test_names_are_kept_where_no_time_is_set(workshop, settings):
    settings.KEEP_NAMES_DAYS = 0

    assert after(workshop, 10_000).names == 0
    assert Badge.objects.exclude(name="").count() == 7


def test_a_day_that_goes_on_is_left_alone(workshop):
    running = builders.make_workshop(slug="running", attribution="named")
    phone = Phone(running)
    joining.set_badge(phone.who, workshop=running, name="Seat 1", organisation="")

    after(workshop, 10_000)

    assert Badge.objects.get(participant__workshop=running).name == "Seat 1"
    assert phone.get().status_code == 200


def test_what_let_people_in_goes_a_week_after_the_end(workshop):
    assert after(workshop, 6.9).devices == 0
    assert Device.objects.count() == 7
    assert after(workshop, 7.1).devices == 7
    assert Participant.objects.count() == 7


def test_what_is_spent_goes_the_same_night(workshop):
    who = workshop.participants.first()
    joining.link_for_another_device(participant=who)
    Participant.objects.filter(pk=who.pk).update(admission="a" * 64)
    now = timezone.now()
    WrongCodes.objects.create(source="s", forgiven_at=now.timestamp())
    SignIn.objects.create(session_key="k", session_data="", expire_date=now)

    assert purge(now=now - timedelta(minutes=1)).secrets == 0
    assert purge(now=now + timedelta(hours=1)).secrets == 4

    assert not DeviceLink.objects.exists() and not WrongCodes.objects.exists()
    assert not Participant.objects.exclude(admission=None).exists()


def test_rehearsals_go_a_week_after_their_end(workshop):
    copy = builders.make_workshop(slug="copy", is_rehearsal=True)
    doors.end_workshop(workshop=copy)

    assert after(workshop, 6.9).rehearsals == 0
    assert after(workshop, 8).rehearsals == 1
    assert list(Workshop.objects.all()) == [workshop]


def test_command_says_what_went(workshop, capsys):
    call_command("purge")

    assert capsys.readouterr().out == (
        "Deleted: 0 links, admissions and sign-ins, 0 phones' tokens, 0 rehearsals,"
        " 0 names.\n"
    )


def test_set_up_says_for_how_long_names_are_kept(workshop, settings):
    owner = world.account(builders.make_facilitator(workshop))
    kept = "Names are deleted 30 days after the workshop has ended"
    assert kept in owner.get("/console/day/setup/").content.decode()

    settings.KEEP_NAMES_DAYS = 0

    page = owner.get("/console/day/setup/").content.decode()
    assert "Names are kept until somebody deletes them" in page
