"""Rankings against pref_voting and scipy, on random profiles."""

from collections import Counter
from random import Random

import numpy as np
import pytest
from pref_voting import voting_methods as rules
from pref_voting.profiles_with_ties import ProfileWithTies
from pref_voting.scoring_methods import symmetric_borda_scores
from scipy.stats import friedmanchisquare, rankdata

from deliberation.aggregation import rankings

PROFILES = 500  # of each sort


def random_ballots(random, *, ties, truncated):
    """Options and some ballots, each a mapping of option to position, with people."""
    options = list("ABCDEF"[: random.randint(2, 6)])
    ballots = []
    for _ in range(random.randint(1, 12)):
        ranked = random.sample(options, len(options))
        if truncated:
            ranked = ranked[: random.randint(1, len(options))]
        positions = {
            option: random.randint(1, len(options)) if ties else number
            for number, option in enumerate(ranked, 1)
        }
        ballots.append((positions, random.choice([1, 1, 2, 5])))
    return options, ballots


def measured(options, ballots):
    cast = Counter()
    for positions, people in ballots:
        cast[rankings.ballot(positions, options)] += people
    return rankings.rank_measures(cast, options)


def profile_with_ties(options, ballots):
    profile = ProfileWithTies(
        [{options.index(o): p for o, p in ballot.items()} for ballot, _ in ballots],
        rcounts=[people for _, people in ballots],
        candidates=list(range(len(options))),
    )
    profile.use_extended_strict_preference()  # the unranked below all ranked
    return profile


def named(options, winners):
    return [options[winner] for winner in winners]


def profiles(*, ties, truncated):
    random = Random(f"{ties} {truncated}")
    return [
        random_ballots(random, ties=ties, truncated=truncated) for _ in range(PROFILES)
    ]


@pytest.mark.parametrize(("ties", "truncated"), [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_head_to_head(ties, truncated):
    for options, ballots in profiles(ties=ties, truncated=truncated):
        measures = measured(options, ballots)
        profile = profile_with_ties(options, ballots)

        for one, first in enumerate(options):
            for other, second in enumerate(options):
                if one != other:
                    support = profile.support(one, other)
                    assert measures["pairwise"][first][second] == support
        winner = profile.condorcet_winner()
        expected = None if winner is None else options[winner]
        assert measures["condorcet_winner"] == expected
        assert measures["smith"] == named(options, rules.top_cycle(profile))
        assert measures["schulze"] == named(
            options, rules.beat_path(profile, strength_function=profile.support)
        )
        # Their points are those beaten less those not, from which ours follow.
        least = measures["ballots"] * (len(options) - 1)
        assert measures["borda"] == {
            options[candidate]: (least + points) / 2
            for candidate, points in symmetric_borda_scores(profile).items()
        }


def test_instant_run_off_of_ballots_without_ties():
    for options, ballots in profiles(ties=0, truncated=1):
        profile = profile_with_ties(options, ballots)

        expected = rules.instant_runoff_for_truncated_linear_orders(profile)

        assert measured(options, ballots)["irv"] == named(options, expected)


@pytest.mark.parametrize("truncated", [0, 1])
def test_first_choices_of_ballots_without_ties(truncated):
    for options, ballots in profiles(ties=0, truncated=truncated):
        measures = measured(options, ballots)
        scores = profile_with_ties(options, ballots).plurality_scores()

        first = {options[candidate]: count for candidate, count in scores.items()}
        assert measures["first_choices"] == first
        assert measures["winners"]["plurality"] == [
            option for option in options if first[option] == max(first.values())
        ]


@pytest.mark.parametrize("ties", [0, 1])
def test_kendall_w_is_friedman_s_statistic_over_its_most(ties):
    tried = 0
    for options, ballots in profiles(ties=ties, truncated=1):
        rows = [
            rankdata([positions.get(option, 99) for option in options])
            for positions, people in ballots
            for _ in range(people)
        ]
        n, k = len(rows), len(options)
        if k < 3 or n < 3 or all(np.ptp(row) == 0 for row in rows):
            continue  # scipy takes three or more
        cast = Counter()
        for positions, people in ballots:
            levels = sorted(set(positions.values()))
            cast[
                tuple(
                    tuple(o for o, p in positions.items() if p == level)
                    for level in levels
                )
            ] += people
        points = rankings.borda(rankings.pairwise(cast, options), n)

        expected = friedmanchisquare(*np.transpose(rows)).statistic / (n * (k - 1))

        assert float(rankings.kendall_w(cast, points)) == pytest.approx(
            expected, abs=1e-9
        )
        tried += 1
    assert tried > PROFILES / 2
