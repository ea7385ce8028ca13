"""What the document never says: who said what, and what so few did that it is known."""

import pytest
from django.utils import timezone

from deliberation.actions import rounds
from deliberation.models import Passage, Point, WriteUp
from deliberation.writeup.builder import build, draft
from deliberation.writeup.structure import Records, Table, Text
from tests import builders
from tests.deliberation.writeup.shown import lines_of, texts
from tests.statements import Statements
from tests.world import make_day
from workshops.models import Workshop

pytestmark = pytest.mark.django_db
RULES = [one.value for one in Workshop.Attribution]
PLACE = "framework/principles"


def make_room(answers, *, slug="day", **fields):
    """Make a closed round of one item; answers: of the people at each table."""
    workshop = builders.make_workshop(slug=slug, tables=len(answers), **fields)
    prompt = builders.make_prompt(workshop, items=1)
    this_round = builders.open_round(prompt)
    for table, values in enumerate(answers, start=1):
        for value in values:
            builders.judge(
                this_round, builders.join(workshop, table=table), {"p1": value}
            )
    rounds.close_round(round_id=this_round.pk)
    return workshop


def behind(report, end: str) -> Table:
    """Return the records whose key ends so."""
    return next(one.table for one in report.records if one.key.endswith(end))


@pytest.mark.parametrize("rule", RULES)
def test_table_with_few_answers_is_withheld_with_the_next_smallest(rule):
    report = draft(make_room([[1, 1, 1, 2], [3, 1], [1, 1, 1]], attribution=rule))

    assert behind(report, ".people.p1") == Table(
        "1 Principle number 1: People",
        ("Answer", "People", "Table 1", "Table 2", "Table 3"),
        (
            ("Unproblematic", "7", "3", "–", "–"),
            ("Policy implications difficult to deliver", "1", "1", "–", "–"),
            ("Worthy but inconsistent with priorities", "1", "0", "–", "–"),
            ("No view", "0", "0", "–", "–"),
        ),
        ("–: too few to show",),
    )
    lines = lines_of(report)
    assert [line for line in lines if "Too few to show" in line] == [
        "| 1 Principle number 1, Unproblematic 3 of 4, Too few to show, Too few to show"
    ]
    assert "Two figures are withheld for this reason." in texts(report, "method")


@pytest.mark.parametrize("rule", RULES)
def test_item_on_which_two_people_gave_a_view_has_no_figures(rule):
    report = draft(make_room([[1], [3]], attribution=rule))

    assert texts(report, f"{PLACE}/p1") == (
        "Too few people gave a view on “Principle number 1” to show which."
    )
    assert "Worthy" not in "".join(
        line for line in lines_of(report) if line.startswith("|") and "1 Pri" in line
    )
    assert not any(one.key.endswith(".people.p1") for one in report.records)


@pytest.mark.parametrize(
    ("rule", "names", "offices", "tables"),
    [
        ("named", True, True, True),
        ("organisation", False, True, True),
        ("chatham-house", False, False, True),
        ("anonymous", False, False, True),
    ],
)
def test_names_stand_in_it_only_as_far_as_the_rule_goes(rule, names, offices, tables):
    day = make_day("ours", "Ostrava")
    Workshop.objects.filter(pk=day.workshop.pk).update(attribution=rule)
    day.workshop.refresh_from_db()
    Point.objects.update(status="kept")

    lines = "\n".join(lines_of(draft(day.workshop)))

    assert ("Seat 1 Ostrava" in lines) == names
    assert ("Office 1 Ostrava" in lines) == offices
    assert ("The table on Ostrava (Table 1)" in lines) == tables
    who = " (A person at table 1)" if offices else ""
    assert f"- Point Ostrava{who}" in lines.splitlines()


def test_every_figure_of_a_sentence_has_its_records():
    day = make_day("ours", "Ostrava")

    report = draft(day.workshop)

    runs = [
        run
        for _depth, section in report.walk()
        for block in section.blocks
        if isinstance(block, Text)
        for sentence in block.sentences
        for run in sentence.runs
    ]
    known = {one.key for one in report.records}
    assert {run.records for run in runs if run.records} == known
    assert len(report.records) == len(known) > 5
    tables = behind(report, "now.1.tables.p2")
    assert tables == Table(
        "2 Ostrava item 2: Tables",
        ("Table", "Answer"),
        (
            ("1", "Worthy but inconsistent with priorities"),
            ("2", "Nothing recorded"),
            ("3", "Nothing recorded"),
        ),
    )
    assert all(isinstance(one, Records) for one in report.records)


def test_passage_stands_instead_of_sentences_and_says_when_they_moved():
    workshop = make_room([[1, 1, 1]])
    before = draft(workshop)
    place = f"{PLACE}/p1"
    (computed,) = [
        block
        for _depth, section in before.walk()
        for block in section.blocks
        if isinstance(block, Text) and block.place == place
    ]
    write_up = WriteUp.objects.create(workshop=workshop)
    passage = Passage.objects.create(
        write_up=write_up,
        place=place,
        text="Everybody *liked* it.",
        computed=computed.digest,
        edited_at=timezone.now(),
    )

    def now() -> Text:
        return next(
            block
            for _depth, section in draft(workshop).walk()
            for block in section.blocks
            if isinstance(block, Text) and block.place == place
        )

    assert now() == Text(place, computed.sentences, "Everybody *liked* it.")
    Passage.objects.update(computed="0" * 64)
    assert now() == Text(place, computed.sentences, "Everybody *liked* it.", True)
    Passage.objects.update(is_aside=True)
    assert now() == computed
    assert passage.computed == computed.digest


def test_published_document_says_when_and_why_records_are_missing():
    workshop = make_room([[1, 1, 1]])
    at = timezone.now()

    report = build(
        workshop, version=2, published=at, note="Names", gaps_reason="No time"
    )

    assert (report.version, report.note) == (2, "Names")
    assert report.published
    assert texts(report, "method/left-out") == (
        "This was published with records missing from it, because: No time"
    )


def asked_of(workshop) -> int:
    draft(workshop)
    with Statements() as statements:
        draft(workshop)
    return len(statements.all)


def test_queries_grow_neither_with_people_nor_with_tables_nor_with_points():
    few = make_room([[1, 2], [3]], slug="few")
    many = make_room([[1, 2, 3]] * 6, slug="many")
    prompt = many.sessions.get().prompts.get()
    for number in range(5):
        point = Point.objects.create(
            workshop=many,
            prompt=prompt,
            voice="tables",
            table=many.tables.first(),
            text=f"Point {number}",
            key=str(number),
            created_at=timezone.now(),
        )
        point.items.set(prompt.items.all())
    one = few.sessions.get().prompts.get()
    Point.objects.create(
        workshop=few, prompt=one, voice="people", text="One", key="1",
        created_at=timezone.now(),
    )  # fmt: skip

    assert asked_of(few) == asked_of(many)
