from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliberation.aggregation.absence import (
    CAUSES,
    Seat,
    cause_of,
    causes,
    silent,
    withheld,
)

CLOSED = datetime(2006, 6, 1, 11, tzinfo=UTC)
BEFORE, AFTER = CLOSED - timedelta(minutes=1), CLOSED + timedelta(minutes=1)
NONE = dict.fromkeys(CAUSES, 0)


@pytest.mark.parametrize(
    ("seat", "closed_at", "cause"),
    [
        (Seat(1, BEFORE, True, False), CLOSED, "out_of_time"),
        (Seat(1, BEFORE, True, True), CLOSED, "out_of_time"),
        (Seat(1, CLOSED, True, False), CLOSED, "out_of_time"),
        (Seat(1, None, True, False), CLOSED, "out_of_time"),
        (Seat(1, BEFORE, True, False), None, "not_yet"),
        (Seat(1, BEFORE, False, False), None, "not_asked"),
        (Seat(1, BEFORE, False, False), CLOSED, "not_asked"),
        (Seat(1, AFTER, True, False), CLOSED, "joined_later"),
        (Seat(1, AFTER, False, False), CLOSED, "joined_later"),
        # Whose answers came in from elsewhere was there all the same.
        (Seat(1, AFTER, True, True), CLOSED, "out_of_time"),
        (Seat(1, BEFORE, False, True), CLOSED, "out_of_time"),
    ],
)
def test_cause_of_says_why_nothing_was_said(seat, closed_at, cause):
    assert cause_of(seat, closed_at=closed_at) == cause


def test_causes_take_who_said_something_from_those_who_had_time():
    of_silent = Counter(out_of_time=8, not_asked=4, joined_later=2)

    assert causes(of_silent, n=5, abstained=1, not_discussed=0) == NONE | {
        "declined": 1,
        "out_of_time": 2,
        "not_asked": 4,
        "joined_later": 2,
    }


def test_causes_of_counts_a_moment_apart_are_not_below_nothing():
    found = causes({"not_yet": 2}, n=3, abstained=1, not_discussed=0)

    assert found == NONE | {"declined": 1}


SAID = ("answered", "abstain", "not-discussed", "")
times = st.sampled_from([None, BEFORE, CLOSED, AFTER])


@given(
    everybody=st.lists(
        st.tuples(
            st.sampled_from([None, 1, 2, 3]),
            times,
            st.booleans(),
            st.none() | st.sampled_from(SAID),  # None: nothing of theirs was stored
        )
    ),
    closed_at=st.sampled_from([None, CLOSED]),
)
def test_causes_and_answers_add_up_to_everybody_at_each_table(everybody, closed_at):
    seats = [
        Seat(table, joined, asked, said is not None)
        for table, joined, asked, said in everybody
    ]
    of_silent = silent(seats, closed_at=closed_at)

    together = Counter()
    for table, of_table in of_silent.items():
        said = Counter(one[3] for one in everybody if one[0] == table)
        answers = said["answered"]
        found = causes(
            of_table,
            n=answers,
            abstained=said["abstain"],
            not_discussed=said["not-discussed"],
        )
        together.update(found)
        assert tuple(found) == CAUSES
        assert min(found.values()) >= 0
        assert answers + sum(found.values()) == sum(
            one[0] == table for one in everybody
        )
        # Each who said nothing has the cause of their own, and no other.
        alone = Counter(
            cause_of(seat, closed_at=closed_at)
            for seat, (where, *_when, told) in zip(seats, everybody, strict=True)
            if where == table and told in (None, "")
        )
        expected = alone + Counter(
            declined=said["abstain"], not_discussed=said["not-discussed"]
        )
        assert +Counter(found) == expected

    said = Counter(one[3] for one in everybody)
    whole = causes(
        sum(of_silent.values(), Counter()),
        n=said["answered"],
        abstained=said["abstain"],
        not_discussed=said["not-discussed"],
    )
    assert Counter(whole) == together or not everybody


def at(**found):
    return NONE | found


@pytest.mark.parametrize(
    ("by_table", "also", "hidden"),
    [
        ({1: at(), 2: at()}, (), set()),
        ({1: at(declined=3), 2: at(not_asked=8)}, (), set()),
        # One alone is the total less the others: the next goes with it.
        (
            {1: at(declined=1), 2: at(out_of_time=3), 3: at(out_of_time=8)},
            (),
            {1, 2, 3},
        ),
        ({1: at(declined=2), 2: at(declined=3), 3: at(declined=8)}, (), {1, 2}),
        ({1: at(declined=2), 2: at(declined=2), 3: at(declined=8)}, (), {1, 2}),
        ({1: at(), 2: at(declined=4), 3: at()}, {2}, {1, 2}),
        ({1: at(declined=1)}, (), {1}),
    ],
)
def test_withheld_are_few_and_what_would_tell_them(by_table, also, hidden):
    assert withheld(by_table, also=also) == hidden


figures = st.fixed_dictionaries({cause: st.integers(0, 9) for cause in CAUSES})


@given(by_table=st.dictionaries(st.integers(1, 6), figures, max_size=6))
def test_withheld_leaves_no_few_to_be_worked_out(by_table):
    hidden = withheld(by_table)

    for table in by_table.keys() - hidden:
        assert not any(0 < n < 3 for n in by_table[table].values())
    if hidden and hidden != set(by_table):
        assert len(hidden) > 1
        for cause in CAUSES:
            assert not 0 < sum(by_table[table][cause] for table in hidden) < 3
