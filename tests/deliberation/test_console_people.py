import pytest
from django.urls import reverse

from deliberation.models import Response
from tests import builders
from workshops.actions import scribes
from workshops.models import Badge, Organisation, Participant, ScribeLease

pytestmark = pytest.mark.django_db


@pytest.fixture
def workshop(client):
    workshop = builders.make_workshop()
    client.force_login(builders.make_facilitator(workshop))
    return workshop


def do(client, workshop, name: str, *people, **fields) -> str:
    """Press a button with these seats ticked; return the message."""
    answer = client.post(
        reverse("console:people", args=[workshop.slug]),
        {"do": name, "seat": [who.ref for who in people], **fields},
        follow=True,
    )
    assert answer.status_code == 200
    return " ".join(str(message) for message in answer.context["messages"])


def page(client, workshop) -> str:
    return client.get(reverse("console:people", args=[workshop.slug])).content.decode()


@pytest.mark.parametrize(
    ("attribution", "name", "organisation"),
    [
        ("named", True, True),
        ("organisation", False, True),
        ("chatham-house", False, False),
        ("anonymous", False, False),
    ],
)
def test_people_are_named_as_far_as_the_rule_goes(
    client, attribution, name, organisation
):
    workshop = builders.make_workshop(attribution=attribution)
    client.force_login(builders.make_facilitator(workshop))
    who = builders.join(workshop)
    place = Organisation.objects.create(workshop=workshop, name="Treasury")
    Badge.objects.create(participant=who, name="Jo Guest", organisation=place)

    html = page(client, workshop)

    assert ("Jo Guest" in html, "Treasury" in html) == (name, organisation)
    assert (f"Seat {who.ref[:4]}" in html) is not name


def test_people_takes_the_same_queries_for_any_number(
    client, workshop, django_assert_num_queries, django_assert_max_num_queries
):
    builders.join(workshop)
    with django_assert_max_num_queries(12) as counted:
        page(client, workshop)
    for number in range(9):
        scribe = builders.join(workshop, table=1 + number % 4)
    scribes.take_role(participant=scribe)

    with django_assert_num_queries(len(counted)):
        page(client, workshop)


def test_move_seats_people_at_another_table(client, workshop):
    first, second = builders.join(workshop), builders.join(workshop)

    said = do(client, workshop, "move", first, second, table="3")

    assert said == "2 people moved to table 3."
    assert [who.table.number for who in Participant.objects.all()] == [3, 3]
    assert do(client, workshop, "move", first, table="none") == (
        "1 person has no table now."
    )


@pytest.mark.parametrize("table", ["", "99", "x", "³"])
def test_move_asks_for_a_table_that_exists(client, workshop, table):
    who = builders.join(workshop)

    said = do(client, workshop, "move", who, table=table)

    assert said == "Please choose the table to move to."


def test_remove_and_bring_back(client, workshop):
    who = builders.join(workshop)

    assert do(client, workshop, "remove", who).startswith("1 person removed.")
    assert not Participant.objects.present().exists()
    assert "Bring back" in page(client, workshop)
    assert do(client, workshop, "bring-back", who) == (
        "1 person is back, with all answers."
    )
    assert Participant.objects.present().exists()


def test_the_scribes_role_is_handed_over(client, workshop):
    first, second = builders.join(workshop), builders.join(workshop)
    scribes.take_role(participant=first)

    assert do(client, workshop, "make-scribe", second) == "Table 1 has a new scribe."
    assert ScribeLease.objects.get().participant == second
    assert do(client, workshop, "free-scribe", second).startswith("Table 1 has no")
    assert not ScribeLease.objects.exists()


def test_a_scribe_sits_at_a_table(client, workshop):
    who = builders.join(workshop, table=None)

    assert do(client, workshop, "make-scribe", who).startswith("A scribe sits")
    assert do(client, workshop, "free-scribe", who).startswith("This seat does not")


def test_merge_asks_which_seat_stays(client, workshop):
    this_round = builders.open_round(builders.make_prompt(workshop))
    first, second = builders.join(workshop), builders.join(workshop)
    builders.judge(this_round, second, {"p1": 1})
    address = reverse("console:merge", args=[workshop.slug])
    refs = [first.ref, second.ref]

    asked = client.post(
        reverse("console:people", args=[workshop.slug]), {"do": "merge", "seat": refs}
    )
    assert asked["Location"].startswith(address)
    assert "answered 1 question" in client.get(asked["Location"]).content.decode()
    assert client.post(address, {"seat": refs}).status_code == 422
    client.post(address, {"seat": refs, "keep": first.ref})

    second.refresh_from_db()
    assert second.merged_into == first
    assert Response.objects.get().participant == first
    assert "stays merged" in do(client, workshop, "bring-back", second)


def test_merge_takes_two_seats(client, workshop):
    who = builders.join(workshop)

    assert do(client, workshop, "merge", who).startswith("To merge, tick the two")
    answer = client.get(reverse("console:merge", args=[workshop.slug]))
    assert answer.status_code == 302


def test_nobody_of_another_workshop_is_touched(client, workshop):
    stranger = builders.join(builders.make_workshop(slug="other"))

    assert do(client, workshop, "remove", stranger).startswith("Nobody was chosen.")
    assert Participant.objects.present().exists()


def test_a_new_code_wants_a_tick(client, workshop):
    old = workshop.join_code

    assert do(client, workshop, "new-code").startswith("Tick that")
    assert do(client, workshop, "new-code", sure="yes").startswith("The new code is")
    workshop.refresh_from_db()
    assert workshop.join_code != old


def test_joining_is_locked_and_unlocked(client, workshop):
    assert do(client, workshop, "lock") == "Nobody else can join."
    workshop.refresh_from_db()
    assert workshop.joining_locked is True
    assert do(client, workshop, "unlock") == "People can join again."


def test_an_unknown_button_is_answered_in_words(client, workshop):
    assert do(client, workshop, "nonsense").startswith("This button is out of date")


@pytest.mark.parametrize("name", ["people", "merge"])
def test_observers_move_nobody(client, workshop, name):
    client.force_login(
        builders.make_facilitator(workshop, name="olga", role="observer")
    )
    who = builders.join(workshop)
    address = reverse(f"console:{name}", args=[workshop.slug])

    answer = client.post(address, {"do": "remove", "seat": who.ref})

    assert (answer.status_code, Participant.objects.present().count()) == (403, 1)


def test_join_sheet_has_code_and_qr(client, workshop):
    html = client.get(
        reverse("console:join_sheet", args=[workshop.slug])
    ).content.decode()

    assert workshop.spoken_join_code in html
    assert workshop.join_secret not in html
    assert "<svg" in html
