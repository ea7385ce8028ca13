"""What stands in a document beside its sentences: pictures, rules, organisations."""

import pytest

from deliberation.actions import rounds
from deliberation.models import Prompt
from deliberation.writeup.builder import draft
from deliberation.writeup.structure import Picture
from tests import builders
from tests.deliberation.writeup.shown import lines_of, texts
from workshops.actions import joining

pytestmark = pytest.mark.django_db

CIRCLE = [
    *[{"p1": 1, "p2": 2, "p3": 3}] * 5,
    *[{"p2": 1, "p3": 2, "p1": 3}] * 4,
    *[{"p3": 1, "p1": 2, "p2": 3}] * 2,
]


def ask(prompt: Prompt, answers) -> None:
    """Ask people and close. answers: pairs of an organisation and what is said."""
    workshop = prompt.session.workshop
    this_round = builders.open_round(prompt)
    for place, (organisation, said) in enumerate(answers):
        who = joining.join(
            workshop=workshop,
            organisation=organisation,
            table=workshop.tables.get(number=place % 2 + 1),
        )
        builders.judge(this_round, who, said)
    rounds.close_round(round_id=this_round.pk)


def lines_from(report, caption: str) -> list[str]:
    """Return the lines of one picture or table, up to the next."""
    lines = lines_of(report)
    start = next(n for n, line in enumerate(lines) if line.startswith(caption))
    found = lines[start : start + 1]
    for line in lines[start + 1 :]:
        if not line.startswith("| ") or line.split(", ")[0].endswith(": Item"):
            break
        found.append(line)
    return found


def test_a_ranking_has_its_places_duels_and_rules():
    workshop = builders.make_workshop(tables=2, attribution="anonymous")
    prompt = builders.make_prompt(workshop, kind="rank", key="order", rule="borda")
    ask(prompt, [("", said) for said in CIRCLE])

    report = draft(workshop)

    assert texts(report, "framework/order") == (
        "All 11 people answered. Most often first: 1 Principle number 1, 5 of 11; head"
        " to head, nothing beats all others. Head to head, no item beats all others:"
        " 1 beats 2, 2 beats 3, 3 beats 1. By the rule announced before (Borda),"
        " 2 Principle number 2 wins."
    )
    means = "<People: mean place, from the best to the worst"
    assert lines_from(report, means) == [
        f"{means}>",
        "| 2 Principle number 2, 1.8, 1, 3, 4",
        "| 1 Principle number 1, 1.9, 1, 3, 5",
        "| 3 Principle number 3, 2.3, 1, 3, 2",
    ]
    assert lines_from(report, "<People: head to head") == [
        "<People: head to head>",
        "| 1 Principle number 1, –, wins 7 to 4, loses 5 to 6",
        "| 2 Principle number 2, loses 4 to 7, –, wins 9 to 2",
        "| 3 Principle number 3, wins 6 to 5, loses 2 to 9, –",
    ]
    assert lines_from(report, "| People: who wins") == [
        "| People: who wins depends on the rule: Rule, Winner",
        "| Most first places, 1 Principle number 1",
        "| Borda: one for each item ranked below (announced before the vote),"
        " 2 Principle number 2",
        "| Condorcet: beats each other one head to head, nobody",
        "| Schulze: beats the others by the strongest paths, 1 Principle number 1",
        "| Instant run-off: the last drops out, again and again, 1 Principle number 1",
    ]
    drawn = [
        block.svg
        for _depth, section in report.walk()
        for block in section.blocks
        if isinstance(block, Picture)
    ]
    assert len(drawn) == 4  # first choices, places, duels, table by table
    assert all("Mean place" in svg or "People" in svg for svg in drawn)


def test_few_rankings_have_first_choices_only():
    workshop = builders.make_workshop(tables=2, attribution="anonymous")
    ask(
        builders.make_prompt(workshop, kind="rank", key="order"),
        [("", said) for said in CIRCLE[:4]],
    )

    lines = "\n".join(lines_of(draft(workshop)))

    assert "head to head" not in lines.lower()
    assert "Mean place" not in lines


@pytest.fixture
def offices():
    """A workshop in which organisations of 12, 11, 6 and 5 people answered."""
    workshop = builders.make_workshop(tables=2, attribution="organisation")
    answers = [
        *[("Home Office", {"p1": 1 + n % 2}) for n in range(12)],
        *[("Treasury", {"p1": 3 if n else 1}) for n in range(11)],
        *[("Health", {"p1": 1 + n % 3}) for n in range(6)],
        *[("Transport", {"p1": 1 + n % 3}) for n in range(5)],
    ]
    ask(builders.make_prompt(workshop, items=1), answers)
    return workshop


def test_organisations_of_ten_or_more_stand_in_the_document(offices):
    report = draft(offices)

    assert lines_from(report, "| People, by organisation") == [
        "| People, by organisation: Item, organisation, Answered, Unproblematic,"
        " Policy implications difficult to deliver,"
        " Worthy but inconsistent with priorities",
        "| 1 Principle number 1, Home Office, 12, 6, 6, 0",
        "| 1 Principle number 1, Treasury, 11, 1, 0, 10",
        "| An organisation is left out where fewer than ten of it answered or all"
        " answered alike, and as many more as keep that from being worked out.",
    ]
    assert "Answers are told by organisation from ten people of it on" in "\n".join(
        lines_of(report)
    )


def test_organisations_are_not_told_where_the_rule_names_none(offices):
    offices.attribution = "chatham-house"
    offices.save()

    lines = "\n".join(lines_of(draft(offices)))

    assert "by organisation" not in lines
    assert "Treasury" not in lines


def test_what_one_chose_instead_tells_nothing_of_what_is_withheld():
    workshop = builders.make_workshop(tables=2, attribution="organisation")
    prompt = builders.make_prompt(workshop, kind="choose", items=3)
    chose = {"Home Office": (5, 5, 4), "Treasury": (6, 6, 0), "Health": (4, 4, 3)}
    ask(
        prompt,
        [
            (office, {f"p{n}": int(n == item) for n in (1, 2, 3)})
            for office, times in chose.items()
            for item, n in enumerate(times, start=1)
            for _person in range(n)
        ],
    )

    # Twelve less those who chose the first two would tell who chose the third.
    assert lines_from(draft(workshop), "| People, by organisation")[1:4] == [
        "| 1 Principle number 1, Home Office, 14, 5",
        "| 2 Principle number 2, Home Office, 14, 5",
        "| 3 Principle number 3, Home Office, 14, 4",
    ]
