"""How many points each table has under each theme, as far as tables may be told."""

import pytest

from deliberation import csv_files
from deliberation.actions import points, theming
from deliberation.exports.crosswalk import crosswalk_csv, crosswalk_rows
from deliberation.models import Point
from tests import builders
from workshops import codes

pytestmark = pytest.mark.django_db


def make_day(attribution="named"):
    """Two tables' and one person's points on two items, under one theme or none."""
    workshop = builders.make_workshop(tables=2, attribution=attribution)
    prompt = builders.make_prompt(workshop, kind="discuss", items=2)
    one, two = prompt.items.all()
    scribes = [builders.scribe_of(workshop, table=number) for number in (1, 2)]

    def say(text, who, items=(), *, table=None):
        return points.add_point(
            prompt=prompt,
            this_round=None,
            participant=who,
            table=table,
            kind="point",
            text=text,
            items=items,
            key=codes.new_token(),
        )

    both = say("Both", scribes[0], [one, two], table=scribes[0].table)
    again = say("Again", scribes[1], [one], table=scribes[1].table)
    person = say("A person’s", builders.join(workshop, table=2), [two])
    say("Loose", builders.join(workshop, table=None))
    theme = theming.make_theme(
        prompt=prompt, title="=Barriers", points=[both.pk, person.pk]
    )
    theming.make_theme(prompt=prompt, title="Nothing yet")
    theming.mark_repeats(prompt=prompt, points=[again.pk], of=both.pk)
    assert Point.objects.get(pk=again.pk).theme == theme
    return workshop


def lines(workshop) -> list[tuple]:
    return [tuple(row.values()) for row in crosswalk_rows(workshop)]


def test_points_are_counted_by_theme_and_table():
    workshop = make_day()

    path = "framework/principles"
    assert list(crosswalk_rows(workshop)[0]) == [
        *("prompt", "item", "theme", "all", "table 1", "table 2", "no table")
    ]
    assert lines(workshop) == [
        (path, "", "=Barriers", 3, 1, 2, 0),
        (path, "", "Nothing yet", 0, 0, 0, 0),
        (path, "", "", 1, 0, 0, 1),
        (path, "p1", "=Barriers", 2, 1, 1, 0),
        (path, "p2", "=Barriers", 2, 1, 1, 0),
    ]


@pytest.mark.parametrize("rule", ["chatham-house", "anonymous"])
def test_people_are_at_no_table_where_nobody_may_be_told(rule):
    path = "framework/principles"
    assert lines(make_day(rule)) == [
        (path, "", "=Barriers", 3, 1, 1, 1),
        (path, "", "Nothing yet", 0, 0, 0, 0),
        (path, "", "", 1, 0, 0, 1),
        (path, "p1", "=Barriers", 2, 1, 1, 0),
        (path, "p2", "=Barriers", 2, 1, 0, 1),
    ]


def test_what_was_taken_back_is_not_counted():
    workshop = make_day()
    Point.objects.exclude(text="Both").update(withdrawn_at="2026-11-22T12:00Z")

    assert [row[3] for row in lines(workshop)] == [1, 0, 1, 1]


def test_the_file_has_its_columns_even_without_points():
    workshop = builders.make_workshop(tables=2)
    builders.make_prompt(workshop)
    columns = ["prompt", "item", "theme", "all", "table 1", "table 2", "no table"]

    assert crosswalk_csv(workshop) == (",".join(columns) + "\r\n").encode()


def test_the_file_can_be_read_again():
    workshop = make_day()

    columns = list(crosswalk_rows(workshop)[0])
    rows, mistakes = csv_files.read(crosswalk_csv(workshop), columns=columns)

    assert mistakes == []
    assert rows[0].fields["theme"] == "=Barriers"
    assert len(rows) == len(lines(workshop))


def test_the_crosswalk_costs_the_same_for_any_number(django_assert_num_queries):
    workshop = make_day()
    with django_assert_num_queries(6):
        crosswalk_rows(workshop)
    prompt = workshop.sessions.get().prompts.get()
    for number in range(5):
        theming.make_theme(prompt=prompt, title=f"Theme {number}")
    with django_assert_num_queries(6):
        crosswalk_rows(workshop)
