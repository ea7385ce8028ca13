import pytest

from deliberation.actions import doors, recording
from deliberation.models import Round
from tests import builders
from workshops.models import Workshop

pytestmark = pytest.mark.django_db


def test_end_workshop_closes_what_is_open():
    workshop = builders.make_workshop()
    builders.open_round(builders.make_prompt(workshop))

    doors.end_workshop(workshop=workshop)

    workshop.refresh_from_db()
    assert workshop.ended_at is not None
    assert workshop.sessions.get().ended_at is not None
    assert Round.objects.get().closed_at is not None


def test_end_workshop_twice_keeps_the_first_end():
    workshop = builders.make_workshop()
    doors.end_workshop(workshop=workshop)
    first = Workshop.objects.get().ended_at

    doors.end_workshop(workshop=workshop)

    assert Workshop.objects.get().ended_at == first


def test_end_workshop_can_be_undone():
    workshop = builders.make_workshop()
    doors.end_workshop(workshop=workshop)

    recording.undo(workshop=workshop)

    assert Workshop.objects.get().ended_at is None


def test_reopen_workshop_keeps_its_code():
    workshop = builders.make_workshop(join_code="K7Q4MX")
    doors.end_workshop(workshop=workshop)

    doors.reopen_workshop(workshop=workshop)

    workshop.refresh_from_db()
    assert (workshop.ended_at, workshop.join_code) == (None, "K7Q4MX")


def test_reopen_workshop_gets_a_new_code_when_its_own_went_to_another():
    workshop = builders.make_workshop(join_code="K7Q4MX")
    doors.end_workshop(workshop=workshop)
    builders.make_workshop(slug="other", join_code="K7Q4MX")

    doors.reopen_workshop(workshop=workshop)

    workshop.refresh_from_db()
    assert (workshop.ended_at, workshop.join_code == "K7Q4MX") == (None, False)


def test_lock_joining_is_recorded_and_undone():
    workshop = builders.make_workshop()

    doors.lock_joining(workshop=workshop, on=True)
    assert Workshop.objects.get().joining_locked is True

    assert recording.undo(workshop=workshop).verb == "lock"
    assert Workshop.objects.get().joining_locked is False
