from collections import Counter
from fractions import Fraction
from itertools import combinations, pairwise, permutations
from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
            "first_choices": "ties-count-for-each",
            "borda": "symmetric",
            "schulze": "winning-votes",
            "irv": "all-tied-lowest-drop",
            "irv_votes": "ties-shared",
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


def test_of_several_cycles_a_shortest_is_given():
    defeats = ["AB", "BC", "CD", "DA", "CE", "EB"]
    votes = Counter()
    for one, two in defeats:
        # Two ballots that agree on these two alone, after McGarvey 1953.
        others = "".join(option for option in "ABCDE" if option not in (one, two))
        votes.update([one + two + others, others[::-1] + one + two])
    measures = measured(votes, "ABCDE")

    assert measures["smith"] == list("ABCDE")
    assert measures["cycle"] == ["B", "C", "E"]


def test_options_level_at_the_top_are_no_cycle():
    measures = measured({"ABC": 2, "BAC": 2}, "ABC")

    assert (measures["smith"], measures["cycle"]) == (["A", "B"], [])
    assert set(map(tuple, measures["winners"].values())) == {("A", "B"), ()}
    assert measures["rules_disagree"] is False


def test_ties_are_all_first_but_share_a_vote_and_exhausted_ballots_are_told():
    measures = measured({"A=B C": 3, "C": 4, "D": 2, "E": 2}, "ABCDE")
    votes = {"A": 1.5, "B": 1.5, "C": 4, "D": 2, "E": 2}

    assert measures["first_choices"] == votes | {"A": 3, "B": 3}
    assert measures["irv_rounds"] == [
        {"votes": votes, "exhausted": 0, "dropped": ["A", "B"]},
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


def test_kendall_w_of_the_base_runners():
    # Hollander and Wolfe 1973, table 7.1: Friedman's chi squared is 11.143, and W
    # that over 22 runners times two. R O unds out, N arrow and W ide angle.
    order = """
        O N W|N W O|O W N|W N O|W N O|O N W|W O=N|W O N|W N O|W N O|W N O|
        W N O|N W O|W N O|W O=N|O W N|W O=N|O N W|W N O|W N O|W N O|W O=N
    """
    runners = Counter(each.strip() for each in order.split("|"))

    assert runners.total() == 22
    assert measured(runners, "ONW")["kendall_w"] == 0.2532


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


OPTIONS = "ABCDE"
# Some of the options, in levels of one or more.
POSITIONS = st.dictionaries(
    st.sampled_from(OPTIONS), st.integers(1, 4), min_size=1, max_size=5
)
PROFILES = st.lists(st.tuples(POSITIONS, st.integers(1, 6)), min_size=1, max_size=7)


def collected(profile, options=OPTIONS):
    ballots = Counter()
    for positions, people in profile:
        ballots[ballot(positions, options)] += people
    return ballots


def place(positions, option):
    """The position of an option, those left out last."""
    return positions.get(option, 99)


def counted_pairs(profile):
    """How many prefer one to another, person by person."""
    return {
        (one, two): sum(
            people
            for positions, people in profile
            if place(positions, one) < place(positions, two)
        )
        for one, two in permutations(OPTIONS, 2)
    }


def beats(pairs, one, two):
    return pairs[one, two] > pairs[two, one]


@given(PROFILES)
def test_pairs_points_and_ranks_are_those_counted_one_by_one(profile):
    measures = rank_measures(collected(profile), OPTIONS)
    n, pairs = sum(people for _, people in profile), counted_pairs(profile)

    points, ranks = Counter(), Counter()
    for positions, people in profile:
        for one in OPTIONS:
            better = sum(place(positions, x) < place(positions, one) for x in OPTIONS)
            level = sum(place(positions, x) == place(positions, one) for x in OPTIONS)
            points[one] += people * (5 - better - level + Fraction(level - 1, 2))
            ranks[one] += people * (better + Fraction(level + 1, 2))

    assert measures["ballots"] == n
    assert pairs == {
        (one, two): measures["pairwise"][one][two]
        for one, two in permutations(OPTIONS, 2)
    }
    assert measures["borda"] == points
    assert sum(measures["borda"].values()) == n * 10
    for option in OPTIONS:
        assert isclose(measures["mean_rank"][option], ranks[option] / n, abs_tol=1e-4)


@given(PROFILES)
def test_kendall_w_is_that_of_the_ranks(profile):
    measures = rank_measures(collected(profile), OPTIONS)
    n, sums, ties = 0, Counter(), 0
    for positions, people in profile:
        n += people
        places = Counter(place(positions, option) for option in OPTIONS)
        ties += people * sum(size**3 - size for size in places.values())
        for option in OPTIONS:
            at = place(positions, option)
            before = sum(size for other, size in places.items() if other < at)
            sums[option] += people * (before + Fraction(places[at] + 1, 2))
    most = n * n * 120 - n * ties
    squares = sum((sums[option] - Fraction(3 * n)) ** 2 for option in OPTIONS)

    if n < 2 or most == 0:
        assert measures["kendall_w"] is None
    else:
        assert isclose(measures["kendall_w"], 12 * squares / most, abs_tol=1e-4)
        assert 0 <= measures["kendall_w"] <= 1


@given(PROFILES)
def test_the_winners_are_those_found_by_trying_everything(profile):
    measures, pairs = rank_measures(collected(profile), OPTIONS), counted_pairs(profile)

    over_all = [
        one for one in OPTIONS if all(beats(pairs, one, x) for x in OPTIONS if x != one)
    ]
    assert measures["winners"]["condorcet"] == over_all

    dominating = (
        inside
        for size in range(1, 6)
        for inside in combinations(OPTIONS, size)
        if all(beats(pairs, x, y) for x in inside for y in set(OPTIONS) - set(inside))
    )
    assert measures["smith"] == list(next(dominating))

    def widest(one, two):
        others = [option for option in OPTIONS if option not in (one, two)]
        ways = (way for size in range(4) for way in permutations(others, size))
        return max(
            min(
                pairs[x, y] if beats(pairs, x, y) else 0
                for x, y in pairwise([one, *way, two])
            )
            for way in ways
        )

    width = {(x, y): widest(x, y) for x, y in permutations(OPTIONS, 2)}
    assert measures["schulze"] == [
        x for x in OPTIONS if all(width[x, y] >= width[y, x] for y in OPTIONS if y != x)
    ]


def run_off(profile):
    """The rounds of an instant run-off, from every ballot anew in each."""
    remaining, rounds = list(OPTIONS), []
    while True:
        votes = dict.fromkeys(remaining, Fraction(0))
        for positions, people in profile:
            named = [option for option in remaining if option in positions]
            best = min((positions[option] for option in named), default=None)
            tops = [option for option in named if positions[option] == best]
            for option in tops:
                votes[option] += Fraction(people, len(tops))
        counting = sum(votes.values())
        fewest, most = min(votes.values()), max(votes.values())
        rounds.append(votes)
        if fewest == most or most > counting / 2:
            return rounds
        remaining = [option for option in remaining if votes[option] > fewest]


@given(PROFILES)
def test_the_instant_run_off_is_that_of_every_ballot_anew(profile):
    measures = rank_measures(collected(profile), OPTIONS)
    rounds, n = run_off(profile), measures["ballots"]

    assert measures["irv"] == [
        option
        for option, votes in rounds[-1].items()
        if votes == max(rounds[-1].values())
    ]
    assert len(measures["irv_rounds"]) == len(rounds)
    for found, votes in zip(measures["irv_rounds"], rounds, strict=True):
        assert found["votes"] == pytest.approx(votes, abs=1e-4)
        assert found["exhausted"] == n - sum(votes.values())
    assert measures["first_choices"] == {
        option: sum(people for p, people in profile if p.get(option) == min(p.values()))
        for option in OPTIONS
    }


@given(PROFILES)
def test_who_beats_all_others_wins_by_every_rule_but_those_of_first_choices(profile):
    measures = rank_measures(collected(profile), OPTIONS)
    best = measures["condorcet_winner"]

    if best is not None:
        assert measures["schulze"] == measures["smith"] == [best]
        assert measures["cycle"] == []
    assert set(measures["schulze"]) <= set(measures["smith"])


@given(PROFILES)
def test_a_cycle_leads_from_defeat_to_defeat_the_shortest_way(profile):
    measures, pairs = rank_measures(collected(profile), OPTIONS), counted_pairs(profile)
    members, around = measures["smith"], measures["cycle"]

    assert all(beats(pairs, x, y) for x, y in pairwise([*around, *around[:1]]))
    assert len(set(around)) == len(around) != 1
    assert set(around) <= set(members)
    assert not any(
        all(beats(pairs, x, y) for x, y in pairwise([*shorter, shorter[0]]))
        for size in range(3, len(around))
        for shorter in permutations(members, size)
    )
    if not around:
        assert len(members) == 1 or any(
            not beats(pairs, x, y) and not beats(pairs, y, x)
            for x, y in combinations(members, 2)
        )


@given(PROFILES, st.permutations(OPTIONS), st.randoms(use_true_random=False))
def test_neither_the_order_of_options_nor_of_ballots_matters(profile, order, random):
    measures = rank_measures(collected(profile), OPTIONS)
    shuffled = profile.copy()
    random.shuffle(shuffled)
    again = rank_measures(collected(shuffled, order), order)

    for name in ("smith", "schulze", "irv"):
        assert sorted(again[name]) == measures[name]
    for rule, named in measures["winners"].items():
        assert sorted(again["winners"][rule]) == named
    for one, other in zip(again["irv_rounds"], measures["irv_rounds"], strict=True):
        assert one["votes"] == other["votes"]
        assert sorted(one["dropped"]) == other["dropped"]
    assert len(again["cycle"]) == len(measures["cycle"])
    ordered = ("smith", "schulze", "irv", "winners", "irv_rounds", "cycle")
    for name in measures.keys() - set(ordered):
        assert again[name] == measures[name]


@given(PROFILES)
def test_ten_times_as_many_people_choose_the_same(profile):
    once = rank_measures(collected(profile), OPTIONS)
    tenfold = rank_measures(collected([(p, 10 * n) for p, n in profile]), OPTIONS)

    for name in ("smith", "cycle", "winners", "mean_rank", "rules_disagree"):
        assert tenfold[name] == once[name]
    if once["kendall_w"] is not None:
        assert tenfold["kendall_w"] == once["kendall_w"]


@given(PROFILES)
def test_turning_every_ballot_round_turns_the_points_round(profile):
    once = rank_measures(collected(profile), OPTIONS)
    turned = rank_measures(
        collected(
            [({o: 100 - place(p, o) for o in OPTIONS}, people) for p, people in profile]
        ),
        OPTIONS,
    )

    for option, points in once["borda"].items():
        assert turned["borda"][option] == 4 * once["ballots"] - points
    assert turned["kendall_w"] == once["kendall_w"]
