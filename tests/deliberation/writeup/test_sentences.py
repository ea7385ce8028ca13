"""Whole sentences for whole answers, and rules that hold whatever was answered."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliberation.live.findings import written
from deliberation.writeup.heard import Topic
from deliberation.writeup.other_sentences import of_points, of_proposals, of_reason
from deliberation.writeup.sentences import of_item, of_prompt
from tests.deliberation.writeup.rows import (
    by_people,
    by_tables,
    found_of,
    keys_of,
    make_ask,
    said,
)

ASSESS, RATE = make_ask("assess"), make_ask("rate")
CHOOSE, APPROVE = make_ask("choose"), make_ask("approve")
RANK, ALLOCATE = make_ask("rank"), make_ask("allocate")
U, D, W = "unproblematic", "difficult", "inconsistent"
NONE, OUT = "abstain", "not-discussed"


def tables(*answers):
    """Number answers as tables; None is a table without one."""
    return {n: one for n, one in enumerate(answers, start=1) if one is not None}


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ((U, U, U, U), "Unproblematic for all four tables."),
        (
            (U, U, U, D),
            "Unproblematic for three of four tables; difficult to deliver for table 4.",
        ),
        (
            (U, U, U, None),
            "Unproblematic for three of four tables. Nothing is recorded of table 4.",
        ),
        (
            (U, U, U, NONE),
            "Unproblematic for three of four tables. Table 4 could not agree.",
        ),
        (
            (U, U, D, D),
            "The tables are divided: unproblematic for tables 1 and 2; difficult to"
            " deliver for tables 3 and 4.",
        ),
        (
            (U, D, W, OUT),
            "The tables are divided: unproblematic for table 1; difficult to deliver"
            " for table 2; worthy but inconsistent for table 3. Table 4 did not"
            " discuss it.",
        ),
        ((OUT, OUT, OUT, OUT), "No table discussed (b)."),
        ((), "No table recorded a view on (b)."),
        (
            (NONE, OUT),
            "No table recorded a view on (b). Table 1 could not agree; table 2 did"
            " not discuss it; nothing is recorded of tables 3 and 4.",
        ),
    ],
)
def test_tables_assess(answers, sentence):
    assert said(ASSESS, tables=tables(*answers)) == sentence


@pytest.mark.parametrize(
    ("rooms", "answers", "sentence"),
    [
        (1, (U,), "Unproblematic for the only table."),
        (1, (), "No table recorded a view on (b)."),
        (2, (U, U), "Unproblematic for both tables."),
        (
            12,
            (U,) * 8 + (D,) * 4,
            "Unproblematic for 8 of 12 tables; difficult to deliver for tables 9, 10,"
            " 11 and 12.",
        ),
        (
            15,
            (U,) * 8 + (D,) * 7,
            "Unproblematic for 8 of 15 tables; difficult to deliver for seven tables.",
        ),
    ],
)
def test_tables_are_named_up_to_six(rooms, answers, sentence):
    assert said(ASSESS, tables=tables(*answers), rooms=rooms) == sentence


@pytest.mark.parametrize(
    ("counts", "options", "sentence"),
    [
        (
            {U: 18, D: 9, W: 2},
            {"abstained": 1},
            "Unproblematic for 18 of 29 people; difficult to deliver for 9; worthy but"
            " inconsistent for 2. One person had no view.",
        ),
        ({U: 7}, {}, "Unproblematic for all seven people."),
        (
            {U: 5, D: 5, W: 2},
            {"abstained": 3},
            "Unproblematic and difficult to deliver are level, with 5 of 12 people"
            " each; worthy but inconsistent for 2. Three people had no view.",
        ),
        ({U: 1, D: 1}, {}, "Too few people gave a view on (b) to show which."),
        ({}, {}, "Nobody gave a view on (b)."),
    ],
)
def test_people_assess(counts, options, sentence):
    assert said(ASSESS, people=counts, **options) == sentence


@pytest.mark.parametrize(
    ("answers", "counts", "sentence"),
    [
        (
            (U, D, D, D),
            {U: 18, D: 9, W: 2},
            "Unproblematic for 18 of 29 people, but only one of four tables. Difficult"
            " to deliver for tables 2, 3 and 4. Difficult to deliver for 9 people;"
            " worthy but inconsistent for 2.",
        ),
        (
            (U, U, U, D),
            {U: 18, D: 9, W: 2},
            "Unproblematic for three of four tables and 18 of 29 people. Difficult to"
            " deliver for table 4. Difficult to deliver for 9 people; worthy but"
            " inconsistent for 2.",
        ),
        (
            (D, D, D, D),
            {U: 18, D: 9},
            "Unproblematic for 18 of 27 people, but none of the four tables. Difficult"
            " to deliver for all four tables. Difficult to deliver for 9 people.",
        ),
        (  # the tables without an answer could still make it half
            (U, D, None, None),
            {U: 18, D: 9},
            "The tables are divided: unproblematic for table 1; difficult to deliver"
            " for table 2. Unproblematic for 18 of 27 people; difficult to deliver for"
            " 9. Nothing is recorded of tables 3 and 4.",
        ),
        (  # too few people to set beside tables
            (U, U, U, U),
            {U: 4},
            "Unproblematic for all four tables. Unproblematic for all four people.",
        ),
    ],
)
def test_people_and_tables_stand_together_only_by_the_rule(answers, counts, sentence):
    assert said(ASSESS, tables=tables(*answers), people=counts) == sentence


@pytest.mark.parametrize(
    ("ask", "answers", "sentence"),
    [
        (
            APPROVE,
            "yyyn",
            "Three of four tables considered (b) an option; table 4 did not.",
        ),
        (APPROVE, "nnnn", "None of the four tables considered (b) an option."),
        (APPROVE, "nn", "No table that answered considered (b) an option."),
        (CHOOSE, "yyyy", "All four tables chose (b)."),
        (CHOOSE, "nyny", "Two of four tables chose (b); tables 1 and 3 did not."),
    ],
)
def test_tables_pick(ask, answers, sentence):
    given = tables(*("chosen" if one == "y" else "other" for one in answers))

    assert said(ask, tables=given) == sentence


def test_what_nobody_picked_and_nobody_spoke_of_is_said_to_be_so():
    none = tables("other", "other", "other", "other")

    assert said(APPROVE, tables=none, touched=False) == (
        "None of the four tables considered (b) an option, and nothing is recorded on"
        " it."
    )


def test_people_and_tables_pick():
    one = tables("chosen", "other", "other", "other")
    most = tables("chosen", "chosen", "other", "chosen")

    assert said(CHOOSE, tables=one, people={"chosen": 18}, n=29) == (
        "18 of 29 people, but only one of four tables, chose (b). Tables 2, 3 and 4"
        " did not."
    )
    assert said(APPROVE, tables=most, people={"chosen": 4}, n=29) == (
        "Three of four tables, but only 4 of 29 people, considered (b) an option."
        " Table 3 did not."
    )
    assert said(CHOOSE, people={"chosen": 0}, n=29) == (
        "None of the 29 people chose (b)."
    )


def test_ratings_are_told_by_sides_for_people_and_by_points_for_tables():
    both = make_ask("rate", criteria=("effective", "feasible"))
    given = tables("agree", "agree", "strongly-agree", NONE)
    counts = {"agree": 12, "strongly-agree": 8, "disagree": 5, "neither": 4}

    one = (
        "“Agree” from two of four tables; “Strongly agree” from table 3. 20 of 29"
        " people leaned to “Strongly agree”; 5 to “Strongly disagree”; 4 to neither."
        " In a word: mixed."
    )
    assert said(both, tables=given, people=counts, word="mixed") == (
        f"Effective: {one} Feasible: {one} Table 4 could not agree."
    )
    assert said(RATE, people={"agree": 3}) == (
        "All three people leaned to “Strongly agree”."
    )


def test_places_are_told_in_their_order():
    given = tables("1", "2", "1", "other")

    assert said(RANK, tables=given, people={"1": 10, "2": 5}, n=29) == (
        "Two of four tables placed (b) first; table 2 second; table 4 did not place"
        " it. 10 of 29 people placed (b) first; 5 second; 14 did not place it."
    )
    assert said(RANK, tables=tables("other", "other", "other", "other")) == (
        "None of the four tables placed (b)."
    )


def test_points_shared_out_are_added_up():
    assert said(ALLOCATE, tables=tables(30, 60, 0)) == (
        "(b) got 90 of the 300 points that tables had: 30 from table 1 and 60 from"
        " table 2."
    )
    assert said(ALLOCATE, people={"points": 900}, n=29, supporters=20) == (
        "(b) got 900 of the 2900 points that people had, from 20 of 29 people."
    )
    assert said(ALLOCATE, tables=tables(0, 0)) == (
        "(b) got none of the 200 points that tables had."
    )


@pytest.mark.parametrize(
    ("ask", "moved", "sentence"),
    [
        (
            CHOOSE,
            {"both": 27, "up": 5, "down": 2, "same": 20},
            "Of 27 people who answered in rounds 1 and 2, 5 came to choose it, 2 no"
            " longer did, and 20 stayed.",
        ),
        (
            RATE,
            {"both": 9, "up": 5, "down": 0, "same": 4},
            "Of nine people who answered in rounds 1 and 2, five moved up the scale,"
            " none down, and four stayed.",
        ),
        (
            ASSESS,
            {"both": 9, "up": None, "down": None, "same": 7},
            "Of nine people who answered in rounds 1 and 2, two changed the answer.",
        ),
        (
            ASSESS,
            {"both": 4, "up": None, "down": None, "same": None},
            "Too few people answered in both rounds to show who moved.",
        ),
    ],
)
def test_who_moved_is_told_of_the_same_people(ask, moved, sentence):
    first = keys_of(ask)[-1]

    text = said(ask, people={first: 18}, n=18, number=2, since=1, **moved)

    assert text.partition(". ")[2] == sentence


def test_items_with_longer_keys_are_called_by_their_names():
    ask = make_ask("choose", items=("p1", "p2"))

    assert said(ask, tables=tables("chosen"), item="p2", rooms=2) == (
        "One of two tables chose “Item p2”."
    )


# ---- prompts, points, reasons ----


def test_prompt_that_was_never_asked_is_said_to_be_so():
    (sentence,) = of_prompt("options/pick", APPROVE, [], tables=[1, 2])

    assert sentence.text == "This was not asked."
    assert sentence.about == ("prompt:options/pick",)


def test_who_gave_no_view_at_all_is_told_once_for_the_prompt():
    found = found_of([by_tables(CHOOSE, "a", tables("chosen", NONE, OUT))], None)

    said_ = of_prompt("options/pick", CHOOSE, [found], tables=[1, 2, 3, 4])

    assert [one.text for one in said_[1:]] == [
        "Table 2 could not agree; table 3 did not discuss it; nothing is recorded of"
        " table 4.",
        "Most chosen: 1 Item a, 1 of 1.",
    ]


def test_tables_asked_where_there_are_none():
    assert said(CHOOSE, tables={}, rooms=0) == "Nobody gave a view on (b)."


def test_points_are_counted_with_who_wrote_them():
    shared = {"about": "prompt:a/b", "key": "k"}

    def text(n, numbers, people, is_part=False):
        return of_points(n, numbers, people, is_part=is_part, **shared).text

    assert text(7, [1, 3], True) == (
        "Seven points are recorded, from tables 1 and 3 and people."
    )
    assert text(1, [2], False) == "One point is recorded, from table 2."
    assert text(0, [], False) == "This was put to the room, and no answer is recorded."
    assert text(0, [], False, True) == "Nothing is recorded on this part by itself."


def test_proposals_are_counted():
    shared = {"about": "prompt:a/b", "key": "k"}

    assert of_proposals(0, [], 0, **shared) is None
    assert of_proposals(2, ["(a)", "(b)"], 1, **shared).text == (
        "Two rewordings (of (a) and (b)) and one new item are proposed."
    )
    assert of_proposals(0, [], 1, **shared).text == "One new item is proposed."


def test_reasons_are_quoted_once_with_the_tables_that_gave_them():
    topic = Topic("options/pick", 1, APPROVE, APPROVE.items[1], (1, 2, 3, 4))

    assert of_reason(topic, "Inherently discriminatory.", [1, 2]).text == (
        "Two tables (1 and 2) gave the same reason: “Inherently discriminatory”."
    )
    assert of_reason(topic, "Cheap", [4]).text == "Table 4 gave a reason: “Cheap”."
    assert of_reason(topic, "x" * 161, [4]) is None


# ---- whatever was answered ----

ASKS = {
    kind: make_ask(kind)
    for kind in ("assess", "rate", "choose", "approve", "rank", "allocate")
}
ANSWERS = {
    kind: st.integers(0, 100)
    if kind == "allocate"
    else st.sampled_from([*keys_of(ask), *(["other"] if ask.is_whole else [])])
    for kind, ask in ASKS.items()
}


@st.composite
def rounds(draw):
    """Draw a kind, tables with answers of all sorts, and counts of people."""
    kind = draw(st.sampled_from(sorted(ASKS)))
    ask, rooms = ASKS[kind], draw(st.integers(0, 15))
    states = st.sampled_from([NONE, OUT, None])
    answers = [draw(ANSWERS[kind] | states) for _ in range(rooms)]
    counts = {key: draw(st.integers(0, 40)) for key in keys_of(ask)}
    more = draw(st.integers(0, 40)) if ask.is_whole else 0
    n = sum(counts.values()) + more
    if kind == "allocate":
        n, counts = more, {"points": draw(st.integers(0, more * 100))}
    givers = draw(st.integers(0, n)) if n else 0
    row = by_people(
        ask, "b", counts, n=n, abstained=draw(st.integers(0, 5)), supporters=givers
    )
    voices = draw(st.sampled_from(["both", "tables", "people"]))
    return (
        ask,
        rooms,
        by_tables(ask, "b", tables(*answers)) if voices != "people" else None,
        row if voices != "tables" else None,
    )


def sentences_of(ask, rooms, table_row, person_row):
    found = found_of(
        None if table_row is None else [table_row],
        None if person_row is None else [person_row],
    )
    numbers = tuple(range(1, rooms + 1))
    return of_item(Topic("a/b", 1, ask, ask.items[1], numbers), found)


WORDS = {written(n=n)["n"]: n for n in range(1, 11)} | {"both": 2}


def numbers_in(sentence) -> set[int]:
    """Return the figures of a sentence that lead to records, as numbers."""
    texts = [run.text for run in sentence.runs if run.records]
    words = [word for text in texts for word in re.findall(r"\w+", text.casefold())]
    return {
        int(w) if w.isdecimal() else WORDS[w]
        for w in words
        if w in WORDS or w.isdecimal()
    }


def numbers_of(ask, rooms, *rows) -> set[int]:
    """Return all numbers that results have, and sums that sentences may make."""
    found = {rooms, *range(1, rooms + 1)}
    for row in filter(None, rows):
        n, counts = row["n"], row["counts"]
        found |= {n, n * ask.total, row["abstained"], row["measures"]["supporters"]}
        found |= {*counts.values(), *(n - one for one in counts.values())}
        found.add(n - sum(counts.values()))
        points = [one.key for one in ask.points]
        if ask.kind == "rate":
            found |= {
                sum(counts[key] for key in side) for side in (points[:2], points[3:])
            }
        found |= {one["counts"].get("points", 0) for one in row["by_table"]}
    return found


@given(rounds())
def test_numbers_are_those_of_the_results(drawn):
    known = numbers_of(drawn[0], drawn[1], *drawn[2:])

    for sentence in sentences_of(*drawn):
        assert sentence.text[0] == sentence.text[0].upper()
        assert sentence.text.endswith((".", "”."))
        assert "%(" not in sentence.text
        assert numbers_in(sentence) <= known, sentence.text


@given(rounds())
def test_all_tables_are_said_to_agree_only_where_each_said_the_same(drawn):
    ask, rooms, row, _people = drawn
    whole = " ".join(one.text for one in sentences_of(*drawn)).casefold()
    if "all " not in whole.replace("all people", "") or "tables" not in whole:
        return
    if re.search(r"\ball \w+ tables|both tables", whole):
        answers = [tuple(t["counts"].values()) for t in row["by_table"] if t["n"]]
        assert len(answers) == rooms
        if ask.kind != "allocate":
            assert len(set(answers)) == 1


@given(rounds())
def test_few_people_are_never_counted_out(drawn):
    ask, rooms, _row, people = drawn
    if people is None or not 0 < people["n"] < 3:
        return
    texts = [one.text for one in sentences_of(ask, rooms, None, people)]

    assert texts[0] == "Too few people gave a view on (b) to show which."
