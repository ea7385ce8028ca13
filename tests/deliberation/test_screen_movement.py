import pytest

from deliberation.actions import answers, rounds, screens
from deliberation.live.console import console_context
from deliberation.models import Item, Round, ScalePoint
from tests import builders
from tests.deliberation.test_screen import text_of

pytestmark = pytest.mark.django_db


def asked_twice(kind, before, after, *, voice="people", items=1, **fields):
    """Two revealed rounds: of each respondent a value for all items, None for none."""
    tables = len(before) if voice == "tables" else 2
    workshop = builders.make_workshop(tables=tables)
    prompt = builders.make_prompt(
        workshop, kind=kind, items=items, asks_tables=True, **fields
    )
    names = [f"{i.key}.{c.key}".strip(".") for i in prompt.items.all()
             for c in prompt.criteria.all()]  # fmt: skip
    people = [builders.join(workshop, table=1) for _answer in before]
    for given in (before, after):
        this_round = builders.open_round(prompt)
        for number, value in enumerate(given, start=1):
            who, table = people[number - 1], None
            if voice == "tables":
                who = builders.scribe_of(workshop, table=number)
                table = who.table
            if value is not None:
                values = dict.fromkeys(names, value)
                builders.judge(this_round, who, values, voice=voice, table=table)
        rounds.close_round(round_id=this_round.pk)
        rounds.reveal(round_id=this_round.pk)
    return workshop


def show(workshop, view, **fields):
    screens.set_screen(workshop=workshop, view=view, **fields)
    return text_of(workshop)


def test_the_wall_shows_who_is_in_favour_before_and_after():
    workshop = asked_twice("rate", [1, 2, 3, 4, 5, 1], [4, 4, 3, 4, 5, None])

    text = show(workshop, "people-moved")

    assert "Moved most: Principle number 1, 2 of 5 before, 4 of 5 after" in text
    assert "Round 1 Round 2 In favour" in text
    assert "1 Principle number 1 2 of 5 4 of 5 2 more" in text
    assert "5 people in both rounds, 1 only before" in text


def test_the_wall_keeps_people_and_tables_apart():
    workshop = asked_twice("choose", [0, 0, 1], [1, 1, 1], voice="tables")

    assert "3 tables in both rounds" in show(workshop, "tables-moved")
    assert "1 of 3 3 of 3 2 more" in text_of(workshop)
    assert "No item was asked in both rounds" not in text_of(workshop)
    of_people = show(workshop, "people-moved")
    assert "0 people in both rounds, too few to draw" in of_people
    assert "3 of 3" not in of_people


@pytest.mark.parametrize("item", [False, True])
def test_fewer_than_five_people_are_only_counted_on_the_wall(item):
    workshop = asked_twice("rate", [1, 2, 3, 5], [4, 5, 5, 1])

    chosen = Item.objects.get() if item else None
    text = show(workshop, "people-moved", item=chosen)

    assert "4 people in both rounds, too few to draw" in text
    assert "more" not in text
    assert "Round 1" not in text


def test_one_item_shows_from_which_answer_to_which():
    workshop = asked_twice("assess", [1, 1, 1, 2, 3], [1, 2, 2, 2, 1])

    text = show(workshop, "people-moved", item=Item.objects.get())

    assert "Unproblematic 1 2 0 3" in text
    assert "After 2 3 0 5" in text


def test_categories_without_a_better_side_say_what_changed_most():
    workshop = asked_twice("assess", [1, 1, 1, 2, 3], [2, 2, 2, 2, 1])
    for point in ScalePoint.objects.all():
        ScalePoint.objects.filter(pk=point.pk).update(key=f"category-{point.value}")
    answers._ask.cache_clear()

    text = show(workshop, "people-moved")

    assert "Changed Most often" in text
    assert "1 Principle number 1 4 of 5 Unproblematic → Difficult to deliver: 3" in text


@pytest.mark.parametrize("kind", ["rank", "allocate"])
def test_rankings_and_points_say_first_who_changed_what_is_in_front(kind):
    workshop = asked_twice(kind, [1] * 5, [1] * 5)

    text = show(workshop, "people-moved")

    assert "0 of 5" in text
    assert ("put another item first" if kind == "rank" else "most points") in text


def test_ratings_in_two_respects_have_a_page_for_each():
    workshop = asked_twice("rate", [1] * 5, [5] * 5, criteria=("one", "other"))

    text = show(workshop, "people-moved")

    assert text.count("0 of 5 5 of 5 5 more") == 2
    assert "One Round 1" in text
    assert "Other Round 1" in text


def test_a_round_without_an_earlier_one_is_shown_as_it_is():
    workshop = asked_twice("rate", [1] * 5, [5] * 5)
    first = Round.objects.get(number=1)

    text = show(workshop, "people-moved", round=first)

    assert "in both rounds" not in text
    assert "By people (5)" in text


def test_what_moved_is_offered_only_where_there_is_an_earlier_round():
    workshop = asked_twice("rate", [1] * 5, [5] * 5)

    def offered():
        found = console_context(workshop.pk)["projector"]["views"]
        return [view for view, _name in found]

    assert offered() == ["people", "tables", "people-moved", "tables-moved"]
    rounds.open_round(prompt=builders.make_prompt(workshop, kind="rate", key="other"))
    assert offered() == ["people", "tables"]


def test_what_moved_is_not_shown_before_the_round_is_revealed():
    workshop = asked_twice("rate", [1] * 5, [5] * 5)
    Round.objects.update(revealed_at=None)

    assert "Principle number 1 0 of 5" not in show(workshop, "people-moved")
    assert "both rounds" not in show(workshop, "people-moved", item=Item.objects.get())
