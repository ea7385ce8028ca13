from datetime import timedelta

import pytest
from django.utils import timezone

from deliberation.actions import points, rounds
from deliberation.live import console, console_room
from deliberation.models import Point, Response, Round
from tests import builders
from workshops.actions import scribes
from workshops.models import Badge, Presence

pytestmark = pytest.mark.django_db


def see(*people, ago: timedelta = timedelta()) -> None:
    for who in people:
        Presence.objects.update_or_create(
            participant=who,
            defaults={
                "workshop": who.workshop,
                "seen_at": timezone.now() - ago,
            },
        )


def make_room(*, tables: int, people: int, items: int, points_in: int = 0):
    """Make a room in which everybody answers, and each table too."""
    workshop = builders.make_workshop(slug=f"room-{tables}-{people}", tables=tables)
    prompt = builders.make_prompt(workshop, items=items, asks_tables=True)
    this_round = builders.open_round(prompt)
    values = {f"p{number}": 1 + number % 3 for number in range(1, items + 1)}
    seated = [
        builders.join(workshop, table=number % tables + 1) for number in range(people)
    ]
    for who in seated:
        builders.judge(this_round, who, values)
        see(who)
    for table in workshop.tables.all():
        who = table.participants.first()
        if who is not None:
            scribes.take_role(participant=who)
            builders.judge(this_round, who, values, voice="tables", table=table)
    for number in range(points_in):
        points.add_point(
            prompt=prompt,
            this_round=this_round,
            participant=seated[0],
            table=seated[0].table,
            kind="point",
            text=f"Point number {number}",
            items=list(prompt.items.all()[:2]),
            key=f"{workshop.slug}-{number}",
        )
    return workshop


def test_console_html_takes_the_same_queries_for_any_room(
    django_assert_num_queries, django_assert_max_num_queries
):
    small = make_room(tables=1, people=1, items=1, points_in=1)
    large = make_room(tables=6, people=20, items=10, points_in=9)
    with django_assert_max_num_queries(42) as counted:
        console.console_html(small.pk)

    with django_assert_num_queries(len(counted)):
        console.console_html(large.pk)


def test_console_html_has_one_main_heading_beside_its_picture_of_the_wall():
    workshop = make_room(tables=1, people=1, items=1)

    html = console.console_html(workshop.pk)

    assert (html.count("<h1"), html.count('<div class="h1">')) == (1, 1)


def test_console_html_shows_a_workshop_in_which_nothing_happened_yet():
    workshop = builders.make_workshop()

    html = console.console_html(workshop.pk)

    assert "Ready when you are" in html
    assert "Start the session" in html
    assert workshop.spoken_join_code in html


def test_console_html_shows_a_workshop_without_sessions_and_tables():
    workshop = builders.make_workshop(tables=0)
    workshop.sessions.all().delete()

    assert "No sessions yet" in console.console_html(workshop.pk)


@pytest.mark.parametrize(
    ("kind", "criteria"),
    [("assess", ()), ("rate", ()), ("rate", ("effect", "cost")), ("choose", ())],
)
@pytest.mark.parametrize("revealed", [True, False])
def test_console_html_shows_results_of_every_kind(kind, criteria, revealed):
    workshop = builders.make_workshop()
    prompt = builders.make_prompt(
        workshop, kind=kind, criteria=criteria, asks_tables=True
    )
    this_round = builders.open_round(prompt)
    if revealed:
        rounds.reveal(round_id=this_round.pk)

    html = console.console_html(workshop.pk)

    assert ("Only you see this" in html) is not revealed
    assert ("The room can see these" in html) is revealed
    assert "Principle number 3" in html


def test_console_html_of_a_discussion_explains_the_points():
    workshop = builders.make_workshop()
    builders.open_round(builders.make_prompt(workshop, kind="discuss", items=0))

    assert "answered by points" in console.console_html(workshop.pk)


def test_console_html_holds_no_field_and_no_token():
    workshop = make_room(tables=2, people=4, items=2, points_in=1)

    html = console.console_html(workshop.pk)

    assert [
        word for word in ("<input", "<textarea", "csrf", "style=") if word in html
    ] == []


def test_console_html_never_names_anybody():
    workshop = builders.make_workshop(attribution="named")
    this_round = builders.open_round(builders.make_prompt(workshop))
    who = builders.join(workshop)
    Badge.objects.create(participant=who, name="Somebody")
    builders.judge(this_round, who, {"p1": 1})

    html = console.console_html(workshop.pk)

    assert ("Somebody" in html, who.ref in html) == (False, False)


def test_numbers_tell_joined_here_and_answered_apart():
    workshop = builders.make_workshop(expected_people=3)
    this_round = builders.open_round(builders.make_prompt(workshop))
    people = [builders.join(workshop) for _number in range(4)]
    see(*people[:2])
    see(people[2], ago=timedelta(seconds=50))
    builders.judge(this_round, people[0], {"p1": 1})

    found = console.console_context(workshop.pk)["numbers"]

    assert found == {
        "joined": 4,
        "here": 2,
        "expected": 3,
        "too_many": True,
        "surplus": 1,
        "asks_people": True,
        "answered": 1,
    }
    workshop.ended_at = timezone.now()
    workshop.save()
    over = console.console_context(workshop.pk)["numbers"]
    assert over["too_many"] is False


def test_numbers_leave_out_who_was_removed():
    workshop = builders.make_workshop()
    this_round = builders.open_round(builders.make_prompt(workshop))
    who = builders.join(workshop)
    builders.judge(this_round, who, {"p1": 1})
    who.removed_at = timezone.now()
    who.save()

    found = console.console_context(workshop.pk)["numbers"]

    assert (found["joined"], found["answered"]) == (0, 0)


def card_of(workshop, number: int) -> dict:
    cards = console.console_context(workshop.pk)["cards"]
    return cards[number - 1]


def test_table_card_shows_the_tables_own_progress():
    workshop = builders.make_workshop()
    prompt = builders.make_prompt(workshop, asks_tables=True)
    this_round = builders.open_round(prompt)
    who, other = builders.join(workshop), builders.join(workshop)
    table = who.table
    scribes.take_role(participant=who)
    see(who)
    builders.judge(this_round, who, {"p1": 1, "p2": 2}, voice="tables", table=table)
    builders.judge(this_round, other, {"p1": 1, "p2": 2, "p3": 1})

    card = card_of(workshop, 1)

    facts = ("own_items", "items", "in_people", "people", "complete", "done", "late")
    assert [card[fact] for fact in facts] == [2, 3, 1, 2, 1, False, False]
    assert card["scribe"] == "scribe here"
    assert card_of(workshop, 2)["news"] == "Nobody sits here"


def test_table_card_is_done_with_every_item():
    workshop = builders.make_workshop()
    prompt = builders.make_prompt(workshop, asks_tables=True)
    this_round = builders.open_round(prompt)
    who = builders.join(workshop)
    builders.judge(
        this_round,
        who,
        {"p1": 1, "p2": "not-discussed", "p3": 1},
        voice="tables",
        table=who.table,
    )

    assert card_of(workshop, 1)["done"] is True
    assert "All 1 tables" not in console.console_html(workshop.pk)
    assert "The table has finished" in console.console_html(workshop.pk)


def test_table_card_is_late_after_two_quiet_minutes():
    workshop = builders.make_workshop()
    prompt = builders.make_prompt(workshop, asks_tables=True)
    this_round = builders.open_round(prompt)
    who = builders.join(workshop)
    builders.judge(this_round, who, {"p1": 1}, voice="tables", table=who.table)
    then = timezone.now() - timedelta(minutes=3, seconds=5)
    Round.objects.update(opened_at=then)
    Response.objects.update(stored_at=then)

    card = card_of(workshop, 1)

    assert (card["late"], card["news"]) == (True, "Nothing for 3 minutes")
    assert "Nothing has come in for two minutes" in console.console_html(workshop.pk)


def test_table_card_of_a_closed_round_is_never_late():
    workshop = builders.make_workshop()
    this_round = builders.open_round(builders.make_prompt(workshop))
    builders.join(workshop)
    Round.objects.update(opened_at=timezone.now() - timedelta(hours=1))
    rounds.close_round(round_id=this_round.pk)

    assert card_of(workshop, 1)["late"] is False


def test_scribe_words_tell_a_scribe_who_is_away():
    workshop = builders.make_workshop()
    who = builders.join(workshop)
    scribes.take_role(participant=who)
    see(who, ago=timedelta(minutes=5))

    assert card_of(workshop, 1)["scribe"] == "scribe away"
    assert card_of(workshop, 2)["scribe"] == "no scribe"


def test_seats_count_people_without_a_table():
    workshop = builders.make_workshop()
    builders.join(workshop, table=None)

    found = console_room.seats(workshop, timezone.now())

    assert [(row.table, row.people, row.here) for row in found] == [(None, 1, 0)]


@pytest.mark.parametrize(
    ("attribution", "voice", "said"),
    [
        ("named", "people", "A person at table 1"),
        ("chatham-house", "people", "A person"),
        ("anonymous", "tables", "Table 1"),
    ],
)
def test_points_say_who_only_as_far_as_the_rule_allows(attribution, voice, said):
    workshop = builders.make_workshop(attribution=attribution)
    prompt = builders.make_prompt(workshop)
    who = builders.scribe_of(workshop)
    points.add_point(
        prompt=prompt,
        this_round=None,
        participant=who,
        table=who.table if voice == "tables" else None,
        kind="dissent",
        text="Two of us do not agree.",
        items=[prompt.items.get(key="p2")],
        key="k",
    )

    queue = console.console_context(workshop.pk)["points"]

    (card,) = queue["waiting"]
    assert (card["who"], card["kind"], card["text"]) == (
        said,
        "Dissent",
        "Two of us do not agree.",
    )
    assert card["items"] == [{"number": 2, "text": "Principle number 2"}]


def test_point_queue_leaves_out_what_was_withdrawn_and_says_what_is_more():
    workshop = make_room(tables=1, people=1, items=1, points_in=32)
    first = Point.objects.earliest("pk")
    points.withdraw(point=first)

    queue = console.console_context(workshop.pk)["points"]

    assert (queue["incoming"], len(queue["waiting"]), queue["more"]) == (31, 30, 1)


def test_focus_follows_the_screen_once_nothing_is_open():
    workshop = builders.make_workshop()
    first = builders.open_round(builders.make_prompt(workshop, key="first"))
    rounds.close_round(round_id=first.pk)
    second = builders.open_round(builders.make_prompt(workshop, key="second"))
    rounds.close_round(round_id=second.pk)
    assert console.console_context(workshop.pk)["round"] == second

    rounds.reveal(round_id=first.pk)

    assert console.console_context(workshop.pk)["round"] == first
