from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.incoming import clean_text
from deliberation.actions import points, rounds
from deliberation.aggregation.absence import CAUSES
from deliberation.exports.workbook import workbook
from deliberation.models import Point
from tests import builders
from tests.deliberation.exports.workbooks import parts_of, sheets_of

pytestmark = pytest.mark.django_db


def add_point(prompt, who, text: str) -> None:
    points.add_point(
        prompt=prompt,
        this_round=None,
        participant=who,
        table=None,
        kind=Point.Kind.POINT,
        text=text,
        items=(),
        key=f"point-{Point.objects.count()}",
    )


@pytest.fixture
def workshop():
    workshop = builders.make_workshop(
        tables=2, date=date(2006, 6, 23), attribution="named"
    )
    prompt = builders.make_prompt(workshop, items=1, asks_tables=True)
    builders.make_prompt(workshop, kind="approve", key="pick", items=1, least=0, most=1)
    this_round = builders.open_round(prompt)
    for number, value in enumerate([1, 1, 2, 3, "abstain"]):
        who = builders.join(workshop, table=1 if number < 3 else 2)
        builders.judge(this_round, who, {"p1": value})
    rounds.close_round(round_id=this_round.pk)
    return workshop


def test_workbook_has_a_sheet_for_each_prompt_that_was_asked(workshop):
    sheets = sheets_of(workbook(workshop))

    assert list(sheets) == [
        "About",
        "framework principles",
        "Points",
        "Themes by table",
        "Data dictionary",
    ]
    assert {row["what"]: row.get("value") for row in sheets["About"]} | {
        "Withheld": None
    } == {
        "Workshop": "Migration and development",
        "Date": "2006-06-23",
        "Place": None,
        "Attribution rule": "Named",
        "People who joined": 5,
        "Tables": 2,
        "Withheld": None,
    }


def absent(**found):
    return {f"absent {cause}": found.get(cause, 0) for cause in CAUSES}


def test_workbook_has_a_row_for_all_and_for_each_table(workshop):
    rows = sheets_of(workbook(workshop))["framework principles"]

    asked = {
        "round": 1,
        "voice": "people",
        "number": 1,
        "item": "p1",
        "text": "Principle number 1",
        "wording": 1,
    }
    people = [row for row in rows if row["voice"] == "people"]
    assert people == [
        asked
        | {
            "group": "All",
            "present": 5,
            "n": 4,
            "abstained": 1,
            "not_discussed": 0,
            "counts unproblematic": 2,
            "counts difficult": 1,
            "counts inconsistent": 1,
            **absent(declined=1),
            "mode": "unproblematic",
            "modal_share": 0.5,
            "margin": 0.25,
            "iqv": 0.9375,
            "seed": 2006,
            "resamples": 9999,
        },
        asked
        | {
            "group": "Table 1",
            "n": 3,
            "abstained": 0,
            "not_discussed": 0,
            "counts unproblematic": 2,
            "counts difficult": 1,
            "counts inconsistent": 0,
            **absent(),
        },
        asked
        | {
            "group": "Table 2",
            "n": 1,
            "abstained": 1,
            "not_discussed": 0,
            "counts unproblematic": 0,
            "counts difficult": 0,
            "counts inconsistent": 1,
            **absent(declined=1),
        },
        asked | {"group": "No organisation", "suppressed": "withheld: too few"},
    ]


def test_workbook_withholds_small_tables_where_nobody_is_named(workshop):
    workshop.attribution = "chatham-house"
    workshop.save()

    rows = sheets_of(workbook(workshop))["framework principles"]

    tables = [row for row in rows if row["group"].startswith("Table")]
    assert [(row["group"], row.get("n"), row["suppressed"]) for row in tables] == [
        ("Table 1", None, "withheld: too few"),
        ("Table 2", None, "withheld: too few"),
    ]


def test_workbook_keeps_apart_prompts_whose_names_are_cut_alike():
    workshop = builders.make_workshop()
    for number in (1, 2):
        prompt = builders.make_prompt(
            workshop, key=f"a-question-with-a-long-key-{number}"
        )
        rounds.close_round(round_id=builders.open_round(prompt).pk)

    names = list(sheets_of(workbook(workshop)))

    assert names[1:3] == [
        "framework a-question-with-a-lon",
        "framework a-question-with-a (2)",
    ]
    assert max(map(len, names)) <= 31


def test_workbook_holds_no_formula_and_no_link(workshop):
    prompt = workshop.sessions.get().prompts.first()
    who = builders.join(workshop)
    hostile = ["=1+1", "+1", "@SUM(A1)", "https://example.org/", "'=1", "5"]
    for text in hostile:
        add_point(prompt, who, text)

    book = workbook(workshop)

    assert sorted(row["text"] for row in sheets_of(book)["Points"]) == sorted(hostile)
    parts = parts_of(book)
    in_sheets = "".join(text for name, text in parts.items() if "/sheet" in name)
    assert "<f>" not in in_sheets
    assert "<hyperlink" not in "".join(parts.values())


def test_workbook_does_not_say_when_it_was_made(workshop):
    core = parts_of(workbook(workshop))["docProps/core.xml"]

    assert "2006-06-23T00:00:00Z" in core
    assert "<dc:creator></dc:creator>" in core
    assert workbook(workshop) == workbook(workshop)


@given(text=st.text(min_size=1, max_size=60).map(clean_text).filter(bool))
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_workbook_holds_any_text(workshop, text):
    Point.objects.all().delete()
    add_point(workshop.sessions.get().prompts.first(), builders.join(workshop), text)

    (row,) = sheets_of(workbook(workshop))["Points"]

    assert row["text"] == text
