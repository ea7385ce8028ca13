from collections import Counter

import pytest

from deliberation.aggregation.rankings import ballot, rank_measures

# Wikipedia's example of a capital for Tennessee, known from many textbooks.
TENNESSEE = {"MNCK": 42, "NCKM": 26, "CKNM": 15, "KCNM": 17}
# Schulze 2011, example 1: nobody beats all others.
SCHULZE_1 = {
    "ACBED": 5,
    "ADECB": 5,
    "BEDAC": 8,
    "CABED": 3,
    "CAEBD": 7,
    "CBADE": 2,
    "DCEBA": 7,
    "EBADC": 8,
}


def cast(votes, options):
    """Ballots written as levels: "AB" is A before B, "A=B C" has A and B tied."""
    ballots = Counter()
    for order, people in votes.items():
        levels = order.split() if " " in order or "=" in order else order
        positions = {
            option: position
            for position, level in enumerate(levels, start=1)
            for option in level.split("=")
        }
        ballots[ballot(positions, options)] += people
    return ballots


def measured(votes, options):
    return rank_measures(cast(votes, options), options)


def test_rank_measures_of_the_capital_of_tennessee():
    assert measured(TENNESSEE, "MNCK") == {
        "ballots": 100,
        "first_choices": {"M": 42, "N": 26, "C": 15, "K": 17},
        "borda": {"M": 126, "N": 194, "C": 173, "K": 107},
        "pairwise": {
            "M": {"N": 42, "C": 42, "K": 42},
            "N": {"M": 58, "C": 68, "K": 68},
            "C": {"M": 58, "N": 32, "K": 83},
            "K": {"M": 58, "N": 32, "C": 17},
        },
        "condorcet_winner": "N",
        "smith": ["N"],
        "cycle": [],
        "schulze": ["N"],
        "irv": ["K"],
        "irv_rounds": [
            {
                "votes": {"M": 42, "N": 26, "C": 15, "K": 17},
                "exhausted": 0,
                "dropped": ["C"],
            },
            {"votes": {"M": 42, "N": 26, "K": 32}, "exhausted": 0, "dropped": ["N"]},
            {"votes": {"M": 42, "K": 58}, "exhausted": 0, "dropped": []},
        ],
        "kendall_w": 0.0978,
        "mean_rank": {"M": 2.74, "N": 2.06, "C": 2.27, "K": 2.93},
        "winners": {
            "plurality": ["M"],
            "borda": ["N"],
            "condorcet": ["N"],
            "schulze": ["N"],
            "irv": ["K"],
        },
        "rules_disagree": True,
        "conventions": {
            "unranked": "tied-last",
            "first_choices": "ties-shared",
            "borda": "symmetric",
            "schulze": "winning-votes",
            "irv": "all-tied-lowest-drop",
        },
    }


def test_rank_measures_of_schulze_s_first_example():
    measures = measured(SCHULZE_1, "ABCDE")

    assert measures["borda"] == {"A": 98, "B": 92, "C": 89, "D": 69, "E": 102}
    assert measures["condorcet_winner"] is None
    assert measures["smith"] == list("ABCDE")
    assert measures["winners"] == {
        "plurality": ["C"],
        "borda": ["E"],
        "condorcet": [],
        "schulze": ["E"],
        "irv": ["A"],  # B and E, tied, go together
    }


def test_no_ballots_have_no_winner():
    nothing = {"A": 0, "B": 0}

    assert measured({}, "AB") == rank_measures({(): 3}, "AB")
    assert {
        name: figure
        for name, figure in measured({}, "AB").items()
        if name != "conventions"
    } == {
        "ballots": 0,
        "first_choices": nothing,
        "borda": nothing,
        "pairwise": {"A": {"B": 0}, "B": {"A": 0}},
        "condorcet_winner": None,
        "smith": [],
        "cycle": [],
        "schulze": [],
        "irv": [],
        "irv_rounds": [],
        "kendall_w": None,
        "mean_rank": {"A": None, "B": None},
        "winners": {
            "plurality": [],
            "borda": [],
            "condorcet": [],
            "schulze": [],
            "irv": [],
        },
        "rules_disagree": None,
    }


def test_one_ballot_elects_its_top():
    measures = measured({"B": 1}, "ABC")

    assert set(map(tuple, measures["winners"].values())) == {("B",)}
    assert measures["rules_disagree"] is False
    assert measures["borda"] == {"A": 0.5, "B": 2, "C": 0.5}
    assert measures["mean_rank"] == {"A": 2.5, "B": 1, "C": 2.5}
    assert measures["kendall_w"] is None


def test_a_cycle_is_given_as_an_example():
    measures = measured({"ABCD": 3, "BCAD": 2, "CABD": 2}, "DCBA")

    assert measures["condorcet_winner"] is None
    assert measures["smith"] == ["C", "B", "A"]
    assert measures["cycle"] == ["C", "A", "B"]


def test_options_level_at_the_top_are_no_cycle():
    measures = measured({"ABC": 2, "BAC": 2}, "ABC")

    assert (measures["smith"], measures["cycle"]) == (["A", "B"], [])
    assert set(map(tuple, measures["winners"].values())) == {("A", "B"), ()}
    assert measures["rules_disagree"] is False


def test_ties_share_one_first_choice_and_exhausted_ballots_are_told():
    measures = measured({"A=B C": 3, "C": 4, "D": 2, "E": 2}, "ABCDE")

    assert measures["first_choices"] == {"A": 1.5, "B": 1.5, "C": 4, "D": 2, "E": 2}
    assert measures["irv_rounds"] == [
        {"votes": measures["first_choices"], "exhausted": 0, "dropped": ["A", "B"]},
        {"votes": {"C": 7, "D": 2, "E": 2}, "exhausted": 0, "dropped": []},
    ]
    assert measured({"A": 3, "B": 2, "CA": 1}, "ABC")["irv_rounds"] == [
        {"votes": {"A": 3, "B": 2, "C": 1}, "exhausted": 0, "dropped": ["C"]},
        {"votes": {"A": 4, "B": 2}, "exhausted": 0, "dropped": []},
    ]
    assert measured({"A": 2, "B": 2, "C": 1}, "ABC")["irv_rounds"][-1] == {
        "votes": {"A": 2, "B": 2},
        "exhausted": 1,
        "dropped": [],
    }


def test_kendall_w():
    assert measured({"ABC": 5}, "ABC")["kendall_w"] == 1
    assert measured({"ABC": 1, "CBA": 1}, "ABC")["kendall_w"] == 0
    assert measured({"A=B=C": 5}, "ABC")["kendall_w"] is None
    assert measured({"A": 5}, "A")["kendall_w"] is None


def test_ballot_is_the_same_for_the_same_order():
    assert ballot({"B": 7, "A": 2, "C": 7}, "ABCD") == (("A", 1), ("B", 2), ("C", 2))
    assert ballot({}, "AB") == ()
    with pytest.raises(ValueError, match="none of"):
        ballot({"X": 1}, "AB")


@pytest.mark.parametrize("wrong", [(("X", 1),), (("A", 1), ("A", 2))])
def test_rank_measures_refuses_what_is_no_ballot(wrong):
    with pytest.raises(ValueError, match="does not rank"):
        rank_measures({wrong: 1}, "AB")
    with pytest.raises(ValueError, match="stands twice"):
        rank_measures({}, "AA")
