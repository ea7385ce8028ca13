"""The day of 2006 from its files: what its write-up found out is computed again."""

from pathlib import Path

import pytest

from deliberation.actions import rounds
from deliberation.actions.importing import Imported, import_answers
from deliberation.actions.making import make_workshop
from deliberation.models import Prompt
from deliberation.writeup.builder import draft
from deliberation.writeup.coverage import gaps
from deliberation.writeup.structure import Picture
from tests.deliberation.writeup.shown import lines_of, section_lines, texts
from workshops.actions import templates

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[3]
LIBRARY = ROOT / "workshops" / "session_templates" / "library"
FILES = ROOT / "docs" / "examples" / "2006"

# Computed, and what the write-up of 2006 says.
FOUND = {
    "framework/principles/p2": "Unproblematic for all four tables.",
    "options/pick/a": (
        "None of the four tables considered (a) an option. Two tables (1 and 2) gave"
        " the same reason: “Inherently discriminatory”."
    ),
    "options/pick/b": "Three of four tables considered (b) an option; table 4 did not.",
    "options/pick/c": (
        "Two of four tables considered (c) an option; tables 1 and 2 did not. Table 3"
        " gave a reason: “The most saleable option”. Table 4 gave a reason: “The only"
        " feasible option”."
    ),
    "options/pick/d": (
        "None of the four tables considered (d) an option, and nothing is recorded on"
        " it."
    ),
    "options/challenge": "This was put to the room, and no answer is recorded.",
    "framework/principles": (
        "All four tables answered. 2 Right to seek protection: unproblematic for all"
        " four tables. No answer of a person is recorded. 15 points are recorded, from"
        " people. Two rewordings (of “Open, fair economic routes” and “Evaluate impact"
        " properly”) and one new item are proposed."
    ),
    "framework/principles/p6": (
        "No table recorded a view on “Work and civic participation”. More on this"
        " stands under “Regularise those already here”."
    ),
    "diasporas/outcomes": (
        "Six points are recorded, from people. This was asked in three parts and is"
        " told under two themes."
    ),
    "options/scenarios": "This was not asked.",
}


def bring_in(workshop) -> Imported:
    return import_answers(
        workshop=workshop,
        answers=(FILES / "answers.csv").read_bytes(),
        answers_name="answers.csv",
        points=(FILES / "points.csv").read_bytes(),
        points_name="points.csv",
    )


@pytest.fixture
def replayed():
    name = "migration-development-2006.yaml"
    template, _made = templates.load((LIBRARY / name).read_bytes(), name=name)
    workshop = make_workshop(template=template, place="London")
    # Put to the room; what it answered is not reported.
    challenge = Prompt.objects.get(session__workshop=workshop, key="challenge")
    opened = rounds.open_round(prompt=challenge)
    rounds.close_round(round_id=opened.pk)
    bring_in(workshop)
    return workshop


def contributions(report, place):
    """Return what stands in one section as lines."""
    return next(
        section_lines(depth, section)
        for depth, section in report.walk()
        if section.place == place
    )


def test_draft_finds_again_what_was_found_in_2006(replayed):
    report = draft(replayed)

    assert {place: texts(report, place) for place in FOUND} == FOUND
    assert gaps(replayed, report) == []


def test_pictures_do_not_wait_for_answers_that_will_not_come(replayed):
    drawn = [
        block
        for _depth, section in draft(replayed).walk()
        for block in section.blocks
        if isinstance(block, Picture)
    ]

    assert [one.description for one in drawn] == [
        "Tables’ own answers. 4 of 4 tables."
    ] * 3
    assert "Not in yet" not in "".join(one.svg for one in drawn)
    assert drawn[0].table.rows[0] == (
        "1 Open, fair economic routes", *["Nothing recorded"] * 4
    )  # fmt: skip


def test_draft_has_each_point_of_2006_once_under_its_heading(replayed):
    report = draft(replayed)

    lines = "\n".join(lines_of(report))
    said = replayed.points.values_list("text", flat=True)
    assert {text: lines.count(text) for text in said} == dict.fromkeys(said, 1)
    first = contributions(report, "framework/principles/p1")
    fifth = contributions(report, "framework/principles/p5")
    tenth = contributions(report, "framework/principles/p10")
    other = contributions(report, "framework/principles/more~")
    assert (
        "- rewording: Put “consistent” in the place of “non-discriminatory”." in first
    )
    assert "- rewording: End the sentence at “evaluated”." in tenth
    assert other[-2:] == [
        "Proposed new items:",
        "- new-item: Winning the confidence of the public should be a principle of its"
        " own, not the background of all others.",
    ]
    assert (
        "- Principles 5 to 7 could be put as rights and responsibilities."
        " [5 Regularise those already here; 6 Work and civic participation;"
        " 7 Rights and services for all]"
    ) in fifth
    diasporas = contributions(report, "diasporas/outcomes")
    assert [line for line in diasporas if line.endswith(":")] == [
        "Potential:",
        "Limitations:",
    ]


def test_files_that_were_imported_are_known(replayed):
    assert bring_in(replayed) == Imported(0, 0, 0, 0)
