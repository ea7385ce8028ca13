"""The list of attendees is put in order; results by organisation follow it."""

from functools import partial

import pytest

from deliberation.actions import attendance, erasing, recording, rounds
from deliberation.actions.merging import merge
from deliberation.models import Event, Response
from deliberation.results import round_results
from deliberation.writeup.attendees import Attended, attendees
from tests import builders
from tests.together import at_the_same_time
from workshops.actions import joining
from workshops.actions.attendance import Named, PartOfItself
from workshops.models import Badge, Guest, Organisation, Participant

pytestmark = pytest.mark.django_db


def come_in(workshop, number: int, organisation: str) -> Participant:
    who = builders.join(workshop)
    joining.set_badge(
        who, workshop=workshop, name=f"Seat {number}", organisation=organisation
    )
    return who


def offices(workshop, *names: str) -> list[int]:
    return [workshop.organisations.get(name=name).pk for name in names]


# ---- spellings ----


def test_spellings_become_one_with_people_guests_parts_and_answers():
    workshop = builders.make_workshop()
    this_round = builders.open_round(builders.make_prompt(workshop, items=1))
    names = ["Home Office", "home  office", "The Home Office"]
    people = [come_in(workshop, n, name) for n, name in enumerate(names, start=1)]
    for who in people:
        builders.judge(this_round, who, {"p1": 1})
    keep, *drop = offices(workshop, *names)
    # One was erased: the answer has the organisation itself.
    erasing.erase_participant(participant=people[2])
    part = Organisation.objects.create(workshop=workshop, name="A part")
    Organisation.objects.filter(pk=part.pk).update(parent=drop[0])
    Organisation.objects.filter(pk=keep).update(parent=drop[1])
    Guest.objects.create(workshop=workshop, name="Guest 1", organisation_id=drop[0])

    kept = attendance.merge_organisations(
        workshop=workshop, keep=keep, drop=[keep, *drop]
    )

    assert (kept.pk, kept.name, kept.parent) == (keep, "Home Office", None)
    assert list(workshop.organisations.values_list("name", flat=True)) == [
        "A part",
        "Home Office",
    ]
    part.refresh_from_db()
    assert part.parent == kept
    assert set(Badge.objects.values_list("organisation", flat=True)) == {keep}
    assert Guest.objects.get().organisation == kept
    assert Response.objects.get(participant=None).organisation == kept
    assert attendees(workshop) == (
        Attended("Home Office", "", ("Guest 1", "Seat 1", "Seat 2"), 3),
    )
    event = Event.objects.get(desk="write-up")
    assert (event.verb, event.can_undo) == ("organisation-merge", True)


def rows_of(workshop) -> list:
    """Return all that refers to organisations, and these, as it is stored."""
    return [
        list(rows.order_by("pk").values())
        for rows in (
            Organisation.objects.filter(workshop=workshop),
            Badge.objects.filter(participant__workshop=workshop),
            Guest.objects.filter(workshop=workshop),
            Response.objects.filter(workshop=workshop),
        )
    ]


def test_merging_spellings_can_be_taken_back():
    workshop = builders.make_workshop()
    for number, name in enumerate(["Home Office", "Home Ofice", "Homeoffice"]):
        come_in(workshop, number, name)
    keep, *drop = offices(workshop, "Home Office", "Home Ofice", "Homeoffice")
    part = workshop.organisations.create(name="A part", parent_id=drop[0])
    Organisation.objects.filter(pk=keep).update(parent=drop[1])
    Organisation.objects.filter(pk=drop[1]).update(parent=drop[0])
    Guest.objects.create(workshop=workshop, name="Guest 1", organisation_id=drop[0])
    Guest.objects.create(workshop=workshop, name="Guest 2", organisation=part)
    before = rows_of(workshop)

    attendance.merge_organisations(workshop=workshop, keep=keep, drop=drop)
    assert rows_of(workshop) != before
    recording.undo(workshop=workshop, desk=Event.Desk.WRITE_UP)

    assert rows_of(workshop) == before


def test_merging_is_not_taken_back_once_somebody_is_gone_or_the_name_is_taken():
    workshop = builders.make_workshop()
    who = come_in(workshop, 1, "Ofice A")
    come_in(workshop, 2, "Office A")
    keep, drop = offices(workshop, "Office A", "Ofice A")
    attendance.merge_organisations(workshop=workshop, keep=keep, drop=[drop])
    workshop.organisations.create(name="OFICE A")
    after = rows_of(workshop)

    with pytest.raises(recording.ChangedSince):
        recording.undo(workshop=workshop, desk=Event.Desk.WRITE_UP)
    assert rows_of(workshop) == after

    workshop.organisations.get(name="OFICE A").delete()
    erasing.erase_participant(participant=who)
    after = rows_of(workshop)
    with pytest.raises(recording.ChangedSince):
        recording.undo(workshop=workshop, desk=Event.Desk.WRITE_UP)
    assert rows_of(workshop) == after


def test_results_by_organisation_count_merged_spellings_together():
    workshop = builders.make_workshop()
    this_round = builders.open_round(builders.make_prompt(workshop, items=1))
    for number, name in enumerate(["Office A"] * 3 + ["office  a"] * 3 + ["B"] * 6):
        who = come_in(workshop, number, name)
        builders.judge(this_round, who, {"p1": 1 + number % 2})
    rounds.close_round(round_id=this_round.pk)

    def shown() -> dict[str, int | None]:
        item = round_results(this_round)["voices"]["people"]["items"][0]
        return {
            row["organisation"]: None if row["suppressed"] else row["n"]
            for row in item["by_organisation"]
        }

    # Three of each are too few.
    assert shown() == {"B": 6, "Office A": None, "office  a": None}
    keep, drop = offices(workshop, "Office A", "office  a")

    attendance.merge_organisations(workshop=workshop, keep=keep, drop=[drop])

    assert shown() == {"B": 6, "Office A": 6}


def test_merging_takes_two_organisations_of_the_workshop():
    workshop = builders.make_workshop()
    come_in(workshop, 1, "Office A")
    (ours,) = offices(workshop, "Office A")
    theirs = builders.make_workshop(slug="theirs")
    come_in(theirs, 1, "Office B")
    (other,) = offices(theirs, "Office B")

    for keep, drop in [(ours, [ours]), (ours, []), (ours, [other]), (other, [ours])]:
        with pytest.raises(attendance.TooFew):
            attendance.merge_organisations(workshop=workshop, keep=keep, drop=drop)
    assert Organisation.objects.count() == 2
    assert Event.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_who_comes_in_while_spellings_are_merged_has_an_organisation():
    workshop = builders.make_workshop()
    come_in(workshop, 1, "Office A")
    come_in(workshop, 2, "Ofice A")
    keep, drop = offices(workshop, "Office A", "Ofice A")

    def arrive() -> Participant:
        return joining.join(
            workshop=workshop, name="Seat 3", organisation="Ofice A", table=None
        )

    at_the_same_time(
        partial(
            attendance.merge_organisations, workshop=workshop, keep=keep, drop=[drop]
        ),
        arrive,
        partial(
            erasing.erase_participant,
            participant=Participant.objects.get(badge__name="Seat 1"),
        ),
    )

    late = Badge.objects.get(name="Seat 3")
    assert late.organisation.name in ("Office A", "Ofice A")
    assert Badge.objects.get(name="Seat 2").organisation_id == keep


@pytest.mark.django_db(transaction=True)
def test_two_who_merge_at_once_into_each_other_lose_nobody():
    workshop = builders.make_workshop()
    come_in(workshop, 1, "Office A")
    come_in(workshop, 2, "Ofice A")
    first, second = offices(workshop, "Office A", "Ofice A")

    def merge_into(keep: int, drop: int) -> bool:
        try:
            attendance.merge_organisations(workshop=workshop, keep=keep, drop=[drop])
        except attendance.TooFew:
            return False
        return True

    done = at_the_same_time(
        partial(merge_into, first, second), partial(merge_into, second, first)
    )

    assert sorted(done) == [False, True]
    (left,) = workshop.organisations.all()
    assert set(Badge.objects.values_list("organisation", flat=True)) == {left.pk}


def test_an_organisation_is_renamed_and_part_of_another():
    workshop = builders.make_workshop()
    come_in(workshop, 1, "Migration Group")
    come_in(workshop, 2, "Office B")
    pk, other = offices(workshop, "Migration Group", "Office B")
    change = partial(attendance.change_organisation, workshop=workshop)

    changed = change(pk=pk, name="The Migration Group", parent="Foreign Office")

    assert (changed.name, changed.parent.name) == (
        "The Migration Group",
        "Foreign Office",
    )
    with pytest.raises(attendance.NameTaken):
        change(pk=other, name="the migration group", parent="")
    with pytest.raises(PartOfItself):
        change(pk=pk, name="The Migration Group", parent="The Migration Group")
    with pytest.raises(PartOfItself):
        change(pk=changed.parent_id, name="Foreign Office", parent=changed.name)
    with pytest.raises(Organisation.DoesNotExist):
        change(pk=0, name="Nothing", parent="")
    assert change(pk=pk, name="The Migration Group", parent="").parent is None


# ---- guests and opting out ----


def test_guests_are_added_once_changed_and_removed():
    workshop = builders.make_workshop()
    named = [Named("Guest 1", "Office A"), Named("GUEST 1", "office a")]
    add = partial(attendance.add_guests, workshop=workshop)

    assert add(guests=[*named, Named("Guest 2", "")]) == 2
    assert add(guests=named) == 0

    guest = Guest.objects.get(name="Guest 1")
    attendance.change_guest(guest=guest, named=Named("Guest 3", "Office B"))
    assert attendees(workshop) == (
        Attended("Office B", "", ("Guest 3",), 1),
        Attended("", "", ("Guest 2",), 1),
    )
    attendance.remove_guest(guest=guest)
    attendance.remove_guest(guest=guest)
    with pytest.raises(Guest.DoesNotExist):
        attendance.change_guest(guest=guest, named=Named("Guest 3", ""))
    assert [guest.name for guest in workshop.guests.all()] == ["Guest 2"]
    assert not Event.objects.exclude(subject="").exists()


@pytest.mark.django_db(transaction=True)
def test_guests_sent_twice_at_once_are_listed_once():
    workshop = builders.make_workshop()
    named = [Named("Guest 1", "Office A"), Named("Guest 2", "Office A")]
    add = partial(attendance.add_guests, workshop=workshop, guests=named)

    assert sorted(at_the_same_time(add, add)) == [0, 2]
    assert workshop.guests.count() == 2


def test_who_did_not_wish_to_be_named_stays_so_as_one_seat():
    workshop = builders.make_workshop()
    keep, drop = come_in(workshop, 1, "Office A"), come_in(workshop, 2, "Office A")
    Participant.objects.filter(pk=drop.pk).update(listed=False)

    merge(keep=keep, drop=drop)

    assert attendees(workshop) == ()
