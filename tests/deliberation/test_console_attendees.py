"""The page of attendees, and the button on one's own phone."""

import re

import pytest

from tests import builders
from tests.deliberation.phones import Phone
from tests.world import account
from workshops.actions import joining
from workshops.models import Guest, Participant, Speaker

pytestmark = pytest.mark.django_db

PAGE = "/console/day/attendees/"


@pytest.fixture
def workshop():
    return builders.make_workshop()


@pytest.fixture
def owner(workshop):
    return account(builders.make_facilitator(workshop))


def come_in(workshop, number: int, organisation: str) -> Phone:
    phone = Phone(workshop)
    joining.set_badge(
        phone.who, workshop=workshop, name=f"Seat {number}", organisation=organisation
    )
    return phone


def said(owner, **fields) -> str:
    """Post to the page and return what it says afterwards."""
    answer = owner.post(PAGE, fields, follow=True)
    assert answer.status_code == 200
    return " ".join(str(one) for one in answer.context["messages"])


def test_spellings_are_merged_renamed_and_put_under_a_whole(workshop, owner):
    for number, name in enumerate(["Office A", "Ofice A", "Office B"], start=1):
        come_in(workshop, number, name)
    first, second, third = (
        workshop.organisations.get(name=name).pk
        for name in ("Office A", "Ofice A", "Office B")
    )

    assert "Tick the spellings" in said(owner, do="merge", organisation=[first])
    ticked = {"do": "merge", "organisation": [first, second], "keep": first}
    assert said(owner, **ticked) == "They are one organisation now: Office A."
    assert "Tick the spellings" in said(owner, **ticked)  # pressed twice

    undo = re.search(r'value="(undo:\d+)"', owner.get(PAGE).content.decode())[1]
    assert said(owner, do=undo) == "Undone: merge “Office A: Ofice A”."
    assert said(owner, do=undo).startswith("That was undone already")
    assert said(owner, **ticked) == "They are one organisation now: Office A."

    change = {"do": "organisation", "pk": third}
    assert said(owner, **change, name="Office C", parent="Office A") == (
        "Changed: Office C."
    )
    assert "Part of Office A" in owner.get(PAGE).content.decode()
    for name, parent, refusal in [
        ("office a", "", "merge them"),
        ("", "", "write the organisation’s name"),
        ("Office C", "Office C", "part of itself"),
        ("x" * 161, "", "160 characters"),
    ]:
        assert refusal in said(owner, **change, name=name, parent=parent)
    gone = {"do": "organisation", "pk": second, "name": "Office D"}
    assert "not there any more" in said(owner, **gone)


def test_guests_are_pasted_all_or_none(workshop, owner):
    answer = owner.post(PAGE, {"do": "guests", "lines": "Guest 1, A\n, B"})

    assert answer.status_code == 422
    html = answer.content.decode()
    assert "Line 2: the name is missing." in html
    assert "Guest 1, A\n, B</textarea>" in html
    assert Guest.objects.count() == 0
    lines = "Guest 1, Office A\nGuest 2"
    assert said(owner, do="guests", lines=lines) == "2 guests added."
    assert said(owner, do="guests", lines=lines) == "0 guests added."
    guest = Guest.objects.get(name="Guest 2")
    change = {"do": "guest", "pk": guest.pk, "name": "Guest 3", "parent": "Office B"}
    assert said(owner, **change) == "Changed: Guest 3."
    assert said(owner, **change | {"name": ""}) == "Please write the guest’s name."
    assert said(owner, do="remove-guest", pk=guest.pk) == "The guest is off the list."
    assert "not listed any more" in said(owner, **change)
    assert said(owner, do="no such").startswith("This button is out of date")


def test_a_speaker_becomes_a_guest_with_one_press(workshop, owner):
    session = workshop.sessions.get()
    for position in (1, 2):
        Speaker.objects.create(
            session=session,
            position=position,
            name="Speaker 1",
            organisation="Office A",
        )
    html = owner.get(PAGE).content.decode()
    assert html.count("Speaker 1, Office A</button>") == 1
    speaker = Speaker.objects.first()

    assert said(owner, do="speaker", pk=speaker.pk) == "Speaker 1 is listed as a guest."

    assert "Speaker 1, Office A</button>" not in owner.get(PAGE).content.decode()
    assert "not there any more" in said(owner, do="speaker", pk="x")
    guest = Guest.objects.get()
    assert (guest.name, guest.organisation.name) == ("Speaker 1", "Office A")


def test_people_are_left_out_by_the_facilitator_and_on_their_own_phone(workshop, owner):
    first, second = come_in(workshop, 1, "Office A"), come_in(workshop, 2, "Office A")

    assert "1 person is not named." in said(
        owner, do="leave-out", seat=[first.who.ref, "stranger"]
    )
    assert said(owner, do="leave-out").startswith("Nobody was chosen")
    answer = second.post("seat/listed/", {"listed": "0"})

    page = second.client.get(answer.url).content.decode()
    assert "leaves you out" in page
    assert "Name me in the write-up after all" in page
    assert Participant.objects.filter(listed=True).count() == 0
    assert owner.get(PAGE).content.decode().count(">not named</span>") == 2
    assert "1 person is named again." in said(
        owner, do="name-again", seat=[first.who.ref]
    )
    second.post("seat/listed/", {"listed": "1"})
    assert Participant.objects.filter(listed=True).count() == 2


@pytest.mark.parametrize("rule", ["chatham-house", "anonymous"])
def test_where_nobody_may_be_told_the_page_says_why_there_is_no_list(
    workshop, owner, rule
):
    phone = come_in(workshop, 1, "Office A")
    workshop.attribution = rule
    workshop.save()

    html = owner.get(PAGE).content.decode()

    assert "no list of attendees" in html
    assert "Seat 1" not in html
    assert "Office A" not in html
    assert "<textarea" not in html
    assert "there is no list" in said(owner, do="guests", lines="Guest 1")
    phone.post("seat/listed/", {"listed": "0"})
    assert "in the write-up" not in phone.get("seat/").content.decode()
    assert Participant.objects.get().listed


def test_by_organisation_people_are_counted_and_not_named(workshop, owner):
    come_in(workshop, 1, "Office A")
    workshop.attribution = "organisation"
    workshop.save()

    html = owner.get(PAGE).content.decode()

    assert "Office A" in html
    assert "Seat 1" not in html
    assert "organisations only" in html


@pytest.mark.parametrize("people", [2, 12])
def test_the_page_takes_as_many_queries_for_many_people(
    workshop, owner, people, django_assert_max_num_queries
):
    for number in range(people):
        come_in(workshop, number, f"Office {number}")

    with django_assert_max_num_queries(17):
        owner.get(PAGE)
