import pytest

from deliberation.actions.merging import merge
from deliberation.writeup.attendees import Attended, attendees
from tests import builders
from workshops.actions import joining
from workshops.models import Guest, Organisation, Participant

pytestmark = pytest.mark.django_db


def come_in(workshop, name: str, organisation: str = "", *, listed: bool = True):
    who = builders.join(workshop)
    joining.set_badge(who, workshop=workshop, name=name, organisation=organisation)
    Participant.objects.filter(pk=who.pk).update(listed=listed)
    return who


def test_attendees_are_listed_by_organisation_with_what_it_is_part_of():
    workshop = builders.make_workshop()
    for name, organisation in [
        ("Seat 2", "office b"),
        ("seat 1", "Office B"),
        ("Seat 3", "Office A"),
        ("Seat 4", ""),
    ]:
        come_in(workshop, name, organisation)
    builders.join(workshop)  # said nothing
    part = Organisation.objects.get(name="Office A")
    part.parent = Organisation.objects.get(name="office b")
    part.save()
    Guest.objects.create(workshop=workshop, name="Guest 1", organisation=part)
    Guest.objects.create(workshop=workshop, name="SEAT 3", organisation=part)

    assert attendees(workshop) == (
        Attended("Office A", "office b", ("Guest 1", "Seat 3"), 2),
        Attended("office b", "", ("seat 1", "Seat 2"), 2),
        Attended("", "", ("Seat 4",), 1),
    )


def test_attendees_are_organisations_with_their_people_where_nobody_is_named():
    workshop = builders.make_workshop(attribution="organisation")
    for organisation in ("Office A", "Office A", "Office B", ""):
        come_in(workshop, "", organisation)
    Guest.objects.create(workshop=workshop, name="Guest 1")

    assert attendees(workshop) == (
        Attended("Office A", "", (), 2),
        Attended("Office B", "", (), 1),
        Attended("", "", (), 1),
    )


@pytest.mark.parametrize("rule", ["chatham-house", "anonymous"])
def test_attendees_are_nobody_where_nobody_may_be_told(rule):
    workshop = builders.make_workshop()
    come_in(workshop, "Seat 1", "Office A")
    Guest.objects.create(workshop=workshop, name="Guest 1")
    workshop.attribution = rule
    workshop.save()

    assert attendees(workshop) == ()


def test_attendees_leave_out_who_left_and_second_seats():
    workshop = builders.make_workshop()
    stays = come_in(workshop, "Seat 1", "Office A")
    merge(keep=stays, drop=come_in(workshop, "Seat 1 again", "Office A"))
    joining.remove(participant=come_in(workshop, "Seat 2", "Office B"))

    assert attendees(workshop) == (Attended("Office A", "", ("Seat 1",), 1),)


@pytest.mark.parametrize(("unnamed", "told"), [(1, 0), (2, 0), (3, 3)])
def test_attendees_who_did_not_wish_to_be_named_are_never_told_by_organisation(
    unnamed, told
):
    workshop = builders.make_workshop()
    come_in(workshop, "Seat 0", "Office A")
    for number in range(unnamed):
        come_in(workshop, f"Seat {number}", "Office B", listed=False)

    listed = (Attended("Office A", "", ("Seat 0",), 1),)
    more = (Attended("", "", (), 0, told),) if told else ()
    assert attendees(workshop) == listed + more


def test_attendees_take_three_queries(django_assert_num_queries):
    workshop = builders.make_workshop()
    for number in range(5):
        come_in(workshop, f"Seat {number}", f"Office {number}")

    with django_assert_num_queries(3):
        attendees(workshop)
