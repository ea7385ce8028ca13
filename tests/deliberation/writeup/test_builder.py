import json

import pytest

from deliberation.actions import rounds
from deliberation.actions.recording import undo
from deliberation.writeup import stored
from deliberation.writeup.as_markdown import markdown
from deliberation.writeup.builder import draft
from deliberation.writeup.coverage import gaps
from deliberation.writeup.structure import as_json, from_json
from tests import builders
from tests.deliberation.writeup.shown import lines_of, texts
from tests.world import make_day

pytestmark = pytest.mark.django_db

DAY = """\
# Introduction
The workshop was held in Ostrava. Three people took part at three tables.
# Framework Ostrava
Speaker: Ostrava, Ostrava
[Brief Ostrava]
## What of Ostrava?
All three people answered. Most chosen: 1 Ostrava item 1, 3 of 3.
<People>
| 1 Ostrava item 1, 3, 0
| 2 Ostrava item 2, 0, 0
| 3 Ostrava item 3, 0, 0
### 1 Ostrava item 1
All three people chose “Ostrava item 1”.
### 2 Ostrava item 2
None of the three people chose “Ostrava item 2”.
### 3 Ostrava item 3
None of the three people chose “Ostrava item 3”.
## What of Ostrava?
This is still open. One of three tables answered. Two of three people answered. \
Two points are recorded, from table 1 and people.
<Tables’ own answers>
| 1 Ostrava item 1, Nothing recorded, Nothing recorded, Nothing recorded
| 2 Ostrava item 2, Worthy but inconsistent with priorities, Nothing recorded, \
Nothing recorded
| 3 Ostrava item 3, Nothing recorded, Nothing recorded, Nothing recorded
Theme Ostrava:
- The table on Ostrava (Table 1)
### 1 Ostrava item 1
No table recorded a view on “Ostrava item 1”. Too few people gave a view on \
“Ostrava item 1” to show which.
Reasons:
- reason: Because of Ostrava
### 2 Ostrava item 2
Worthy but inconsistent with priorities for one of three tables. Nobody gave a view \
on “Ostrava item 2”. Nothing is recorded of tables 2 and 3.
### 3 Ostrava item 3
No table recorded a view on “Ostrava item 3”. Nobody gave a view on “Ostrava item 3”.
## What of Ostrava?
This was not asked.
## What of Ostrava?
This was not asked.
## Conclusion
conclusion (Ostrava, Ostrava): Conclusion Ostrava
# Later Ostrava
# Closing remarks
No closing remark is recorded.
# Attendees
| Who attended: Organisation, Names
| Office 1 Ostrava, Seat 1 Ostrava
| Office 2 Ostrava, Seat 2 Ostrava
| Office 3 Ostrava, Seat 3 Ostrava
"""


def test_draft_tells_a_day_from_its_beginning_to_its_end():
    day = make_day("ours", "Ostrava")
    report = draft(day.workshop)

    told, _method = "\n".join(lines_of(report)).split("# How this was made")
    assert told == DAY
    places = [section.place for _depth, section in report.walk()]
    assert len(set(places)) == len(places)
    assert from_json(json.loads(json.dumps(as_json(report)))) == report


def ask_twice(workshop, people, kind, first, second, **fields):
    """Ask in two rounds; first, second: what everybody answers."""
    prompt = builders.make_prompt(
        workshop, kind=kind, key=kind, items=2, question=f"{kind}?", **fields
    )
    for values in (first, second):
        this_round = builders.open_round(prompt)
        for who, answers in zip(people, values, strict=True):
            builders.judge(this_round, who, answers)
        rounds.close_round(round_id=this_round.pk)


def test_draft_tells_every_kind_and_who_moved():
    workshop = builders.make_workshop(tables=2, language="cs")
    people = [builders.join(workshop, table=n % 2 + 1) for n in range(6)]

    def same(**answers):
        return [answers] * 6

    low, high = {"p1": 2, "p2": 2}, {"p1": 4, "p2": 2}
    ask_twice(workshop, people, "rate", [low] * 6, [high] * 5 + [low])
    ask_twice(workshop, people, "rank", same(p1=1, p2=2), same(p1=2, p2=1))
    ask_twice(workshop, people, "allocate", same(p1=60, p2=40), same(p1=50, p2=50))
    ask_twice(workshop, people, "approve", same(p1=1, p2=0), same(p1=0, p2=1))

    report = draft(workshop)

    places = ["rate/p1", "rank/p2", "allocate/p1", "approve/p1"]
    assert [texts(report, f"framework/{place}") for place in places] == [
        "Five of six people leaned to “Agree 5”; one to “Agree 1”. In a word: mixed."
        " Of six people who answered in rounds 1 and 2, five moved up the scale, none"
        " down, and one stayed.",
        "All six people placed “Principle number 2” first. Of six people who answered"
        " in rounds 1 and 2, six ranked it higher, none lower, and none as before.",
        "“Principle number 1” got 300 of the 600 points that people had, from all six"
        " people.",
        "None of the six people considered “Principle number 1” an option. Of six"
        " people who answered in rounds 1 and 2, none came to choose it, six no longer"
        " did, and none stayed.",
    ]
    assert texts(report, "framework/rank") == (
        "This was asked in two rounds; the last one is told here. All six people"
        " answered. 2 Principle number 2 leads: first for 6 of 6, and head to head."
    )
    lines = lines_of(report)
    assert lines.count("<The same people, from round to round>") == 4
    assert [line for line in lines if line.startswith("| Round 1")] == [
        "| Round 1: People: Item, Agree 1, Agree 2, Agree 3, Agree 4, Agree 5, No view",
        "| Round 1: People: Item, Place 1, Place 2, No view",
        "| Round 1: People: Item, Points, No view",
        "| Round 1: People: Item, Chosen, No view",
    ]
    assert gaps(workshop, report) == []


def test_the_method_note_says_which_round_started_from_earlier_answers():
    prompt = builders.make_prompt(builders.make_workshop(), question="Twice?")
    for from_own in (False, True):
        this_round = rounds.open_round(prompt=prompt, from_own=from_own)
        rounds.close_round(round_id=this_round.pk)

    assert (
        "In round 2 of “Twice?” each earlier answer was filled in; it is counted where"
        " it was kept or changed."
    ) in texts(draft(prompt.session.workshop), "method")


def test_the_method_note_says_what_was_asked_out_of_turn():
    workshop = builders.make_workshop()
    first = builders.make_prompt(workshop, key="first", question="Before?")
    second = builders.make_prompt(
        workshop, key="second", question="After?", after=first
    )
    for insists in (True, False):
        opened = rounds.open_round(prompt=second, anyway=True)
        if insists:
            undo(workshop=workshop)
            opened = rounds.open_round(prompt=second, anyway=True)
        rounds.close_round(round_id=opened.pk)

    assert (
        "“After?” was to be asked after “Before?”; the facilitators opened it before."
        in texts(draft(workshop), "method")
    )


def test_items_asked_again_in_between_leave_the_whole_round_to_be_told():
    workshop = builders.make_workshop()
    prompt = builders.make_prompt(workshop)
    who = [builders.join(workshop) for _seat in range(6)]
    main = builders.open_round(prompt)
    for each in who:
        builders.judge(main, each, {"p1": 1, "p2": 2, "p3": 1})
    item = prompt.items.get(key="p2")
    item.wordings.create(version=2, text="Put another way")
    again = rounds.ask_again(prompt=prompt, items=[item])
    for each in who:
        builders.judge(again, each, {"p2": 1})
    rounds.close_round(round_id=main.pk)

    [asking] = stored.read(workshop).askings

    assert (asking.told, asking.rounds) == (0, (main, again))
    asked = [(item.key, item.number, item.wording) for item in asking.items]
    assert asked == [("p1", 1, 1), ("p2", 2, 2), ("p3", 3, 1)]
    text = markdown(draft(workshop))
    assert "Some items were asked again after that" in text
    assert "and not again" not in text
