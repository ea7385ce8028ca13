"""What the document lacks is found; what was decided on is not asked again."""

import pytest
from django.utils import timezone

from deliberation.models import Decision, Passage, Point, WriteUp
from deliberation.writeup.builder import draft
from deliberation.writeup.coverage import Gap, gaps
from tests import builders
from tests.deliberation.writeup.shown import lines_of, texts

pytestmark = pytest.mark.django_db

QUESTION = "How do you judge each principle?"
PLACE = "framework/principles"


@pytest.fixture
def prompt():
    """A prompt with three items, on which one table of two gave a view."""
    workshop = builders.make_workshop(tables=2)
    prompt = builders.make_prompt(workshop, asks_tables=True, asks_people=False)
    this_round = builders.open_round(prompt)
    who = builders.join(workshop)
    builders.judge(this_round, who, {"p1": 1}, voice="tables", table=who.table)
    return prompt


def add(prompt, text, *, items=(), **fields):
    workshop = prompt.session.workshop
    fields = {"voice": "people", "status": "incoming", "kind": "point"} | fields
    point = Point.objects.create(
        workshop=workshop, prompt=prompt, text=text, key=text, **fields,
        created_at=timezone.now(),
    )  # fmt: skip
    point.items.set(prompt.items.filter(key__in=items))
    return point


def write(prompt, place, text):
    write_up, _ = WriteUp.objects.get_or_create(workshop=prompt.session.workshop)
    Passage.objects.create(
        write_up=write_up, place=place, text=text, edited_at=timezone.now()
    )


def decide(prompt, record, **fields):
    write_up, _ = WriteUp.objects.get_or_create(workshop=prompt.session.workshop)
    Decision.objects.create(
        write_up=write_up, record=record, at=timezone.now(), **fields
    )


def missing(prompt) -> list[Gap]:
    workshop = prompt.session.workshop
    return gaps(workshop, draft(workshop))


def records(prompt) -> list[str]:
    return [gap.record for gap in missing(prompt)]


def test_nothing_is_missing_from_a_draft_that_nobody_touched(prompt):
    table = prompt.session.workshop.tables.first()
    add(prompt, "By the table", voice="tables", table=table)
    add(prompt, "We disagree", kind="dissent")
    add(prompt, "Kept", status="kept")
    add(prompt, "Shown", status="shown")
    add(prompt, "Themed", theme=prompt.themes.create(title="Rights"))
    add(prompt, "Taken back", withdrawn_at=timezone.now())
    add(prompt, "Kept again", duplicate_of=Point.objects.get(text="Kept"))

    assert missing(prompt) == []


def test_points_that_nobody_looked_at_and_parked_ones_are_missing(prompt):
    new = add(prompt, "New")
    parked = add(prompt, "Parked", status="parked", kind="dissent")

    assert missing(prompt) == [
        Gap(f"point:{new.pk}", "Point", "New", QUESTION, PLACE),
        Gap(f"point:{parked.pk}", "Dissent", "Parked", QUESTION, PLACE),
    ]


def test_duplicate_of_a_point_that_was_taken_back_stands_for_itself(prompt):
    first = add(prompt, "First", status="kept", withdrawn_at=timezone.now())
    second = add(prompt, "Second", duplicate_of=first)

    assert records(prompt) == [f"point:{second.pk}"]


def test_points_that_stand_for_each_other_are_one(prompt):
    first = add(prompt, "First", status="kept")
    second = add(prompt, "Second", duplicate_of=first)
    Point.objects.filter(pk=first.pk).update(duplicate_of=second)

    report = draft(prompt.session.workshop)

    assert "- First x2" in lines_of(report)
    assert gaps(prompt.session.workshop, report) == []


def test_question_never_asked_is_told_of_until_somebody_writes_there(prompt):
    other = builders.make_prompt(
        prompt.session.workshop, key="other", items=2, question="What else?"
    )
    assert missing(prompt) == []

    write(other, "framework/other", "We ran out of time.")

    assert [(gap.what, gap.record) for gap in missing(prompt)] == [
        ("Item", "item:framework/other/p1"),
        ("Item", "item:framework/other/p2"),
    ]


@pytest.mark.parametrize(
    ("text", "dropped"),
    [
        ("Neither principle number 1 nor\nPRINCIPLE number 2.", []),
        ("(1) was not reached.", ["item:framework/other/p2"]),
        ("1 was not reached, nor was 2.", ["p1", "p2"]),
        ("", ["prompt", "p1", "p2"]),
    ],
)
def test_passage_tells_of_what_it_names(prompt, text, dropped):
    other = builders.make_prompt(
        prompt.session.workshop, key="other", items=2, question="What else?"
    )
    write(other, "framework/other", text)

    found = records(prompt)

    names = {"prompt": "prompt:framework/other"} | {
        key: f"item:framework/other/{key}" for key in ("p1", "p2")
    }
    assert found == [names.get(one, one) for one in dropped]


def test_passage_at_an_items_own_place_tells_of_it_unless_it_is_empty(prompt):
    write(prompt, f"{PLACE}/p1", "It found favour.")
    write(prompt, f"{PLACE}/p2", "  ")

    assert records(prompt) == ["item:framework/principles/p2"]


def test_what_was_left_out_for_a_reason_is_decided_and_told_in_the_method_note(prompt):
    point = add(prompt, "Lunch was cold")
    decide(prompt, f"point:{point.pk}", put_in=False, reason="Not about the question")

    lines = lines_of(draft(prompt.session.workshop))

    assert missing(prompt) == []
    assert "Lunch was cold" not in "\n".join(lines)
    assert lines[-2:] == [
        "| Left out: What, Question, Number, Because",
        f"| Point, {QUESTION}, 1, Not about the question",
    ]


def test_point_that_was_put_in_stands_under_also_recorded(prompt):
    point = add(prompt, "Parked", status="parked")
    decide(prompt, f"point:{point.pk}", put_in=True)

    lines = lines_of(draft(prompt.session.workshop))

    assert lines[lines.index("Also recorded:") + 1] == "- Parked"
    assert missing(prompt) == []


def test_item_that_was_put_in_stands_beside_what_was_written(prompt):
    write(prompt, f"{PLACE}/p1", "")
    decide(prompt, "item:framework/principles/p1", put_in=True)

    report = draft(prompt.session.workshop)

    assert texts(report, f"{PLACE}/p1/also~") == (
        "Unproblematic for one of two tables. Nothing is recorded of table 2."
    )
    assert missing(prompt) == []
