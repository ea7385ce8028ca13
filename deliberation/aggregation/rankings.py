"""What rankings say together: first choices, head to head, and five rules for a winner.

A ballot is a tuple of (option, position) pairs, position 1 the best; equal positions
are ties, and only their order counts. Options left out are tied below all others.
`ballots` maps each different ballot to the number of people who cast it. Ballots that
rank nothing say nothing and are not counted.
"""

from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from operator import itemgetter

from .rounding import rounded

type Ballot = tuple[tuple[str, int], ...]
type Levels = tuple[
    tuple[str, ...], ...
]  # the options ranked, best first, ties together
type Pairwise = dict[str, dict[str, int]]  # row, column: ballots with row above column

# The names of what was chosen where rules for rankings differ.
CONVENTIONS = {
    "unranked": "tied-last",
    "first_choices": "ties-count-for-each",
    "borda": "symmetric",
    "schulze": "winning-votes",
    "irv": "all-tied-lowest-drop",
    "irv_votes": "ties-shared",
}


@dataclass(frozen=True)
class IrvRound:
    """One count of an instant run-off.

    votes: of each option still in, a ballot's one vote being shared by those it ties;
    exhausted: ballots that rank none of them; dropped: those out after this count.
    """

    votes: dict[str, Fraction]
    exhausted: int
    dropped: list[str]


def ballot(positions: Mapping[str, int], options: Sequence[str]) -> Ballot:
    """Write one person's positions so that equal rankings are equal ballots.

    Positions are renumbered without gaps. Raises ValueError for an option not offered.
    """
    if unknown := positions.keys() - set(options):
        raise ValueError(f"{sorted(unknown)} are none of {list(options)}")
    number = {given: n for n, given in enumerate(sorted(set(positions.values())), 1)}
    return tuple(
        (option, number[positions[option]]) for option in options if option in positions
    )


def rank_measures(
    ballots: Mapping[Ballot, int], options: Sequence[str]
) -> dict[str, object]:
    """Give all measures of one prompt and voice, None where undefined.

    Lists of winners hold every tied winner, in the order of `options`. `smith` are
    the fewest options that each beat all others, `cycle` an example of defeats among
    them that lead back to the start, each option beating the next and the last the
    first: empty if there is a Condorcet winner, or if only ties are in the way.
    Raises ValueError for an option not offered or named twice.
    """
    cast = _levels(ballots, options)
    n = sum(cast.values())
    above = pairwise(cast, options)
    points = borda(above, n)
    first = first_choices(cast, options)
    best = condorcet_winner(above) if n else None
    rounds = irv_rounds(cast, options)
    winners = {
        "plurality": _leading(first) if n else [],
        "borda": _leading(points) if n else [],
        "condorcet": [] if best is None else [best],
        "schulze": schulze(above) if n else [],
        "irv": irv(rounds),
    }
    return {
        "ballots": n,
        "first_choices": first,
        "borda": _rounded(points),
        "pairwise": above,
        "condorcet_winner": best,
        "smith": smith_set(above) if n else [],
        "cycle": cycle(above) if n else [],
        "schulze": winners["schulze"],
        "irv": winners["irv"],
        "irv_rounds": [
            {
                "votes": _rounded(count.votes),
                "exhausted": count.exhausted,
                "dropped": count.dropped,
            }
            for count in rounds
        ],
        "kendall_w": rounded(kendall_w(cast, points)),
        "mean_rank": {
            option: rounded(len(points) - Fraction(each, n)) if n else None
            for option, each in points.items()
        },
        "winners": winners,
        "rules_disagree": disagree(winners) if n else None,
        "conventions": dict(CONVENTIONS),
    }


def first_choices(cast: Mapping[Levels, int], options: Sequence[str]) -> dict[str, int]:
    """Count the ballots that put each option first, alone or level with others."""
    first = dict.fromkeys(options, 0)
    for levels, people in cast.items():
        for option in levels[0]:
            first[option] += people
    return first


def pairwise(cast: Mapping[Levels, int], options: Sequence[str]) -> Pairwise:
    """Count, for each pair of options, the ballots that rank one above the other."""
    # One whole number holds an option's counts against all others, so many bits each:
    # a ballot then costs an addition for each option, not for each pair.
    bits = sum(cast.values()).bit_length()
    place = {option: 1 << bits * n for n, option in enumerate(options)}
    everything = sum(place.values())
    rows = dict.fromkeys(options, 0)
    for levels, people in cast.items():
        below = everything
        for level in levels:
            for option in level:
                below -= place[option]
            beaten = below * people
            for option in level:
                rows[option] += beaten
    mask = (1 << bits) - 1
    return {
        option: {
            other: row >> bits * n & mask
            for n, other in enumerate(options)
            if other != option
        }
        for option, row in rows.items()
    }


def borda(above: Pairwise, n: int) -> dict[str, Fraction]:
    """Give Borda's points: 1 for each option beaten on a ballot, 1/2 for each tie.

    n: the number of ballots. Ranking fewer options gains nothing by this count.
    """
    return {
        option: Fraction(
            sum(wins + n - above[other][option] for other, wins in row.items()), 2
        )
        for option, row in above.items()
    }


def condorcet_winner(above: Pairwise) -> str | None:
    """Name the option that beats each other among those who rank the two apart."""
    for option, row in above.items():
        if all(wins > above[other][option] for other, wins in row.items()):
            return option
    return None


def smith_set(above: Pairwise) -> list[str]:
    """Name the fewest options of which each beats every option outside.

    More than one if no option beats all others.
    """
    unbeaten = {
        option: {other for other in row if above[other][option] >= row[other]}
        for option, row in above.items()
    }
    # Whoever a member does not beat is a member; the smallest such set is the one
    # that grows from the option with the most wins.
    inside: set[str] = set()
    grow = {min(unbeaten, key=lambda option: len(unbeaten[option]))} if above else set()
    while grow:
        inside |= grow
        grow = {other for option in grow for other in unbeaten[option]} - inside
    return [option for option in above if option in inside]


def cycle(above: Pairwise) -> list[str]:
    """Give a shortest cycle of defeats in the Smith set; empty if there is none.

    The first in the order of the options, if there are several: an example to put
    into words, not a result.
    """
    members = smith_set(above)
    beats = {
        option: [
            other
            for other in members
            if other != option and above[option][other] > above[other][option]
        ]
        for option in members
    }
    found = [_way_round(beats, option) for option in members]
    return min(filter(None, found), key=len, default=[])


def schulze(above: Pairwise) -> list[str]:
    """Name the winners by Schulze's widest paths; a defeat is as wide as its votes.

    Source: Schulze, Social Choice and Welfare 2011;36:267.
    """
    width = {
        one: {two: wins if wins > above[two][one] else 0 for two, wins in row.items()}
        for one, row in above.items()
    }
    for middle, onwards in width.items():
        for one, row in width.items():
            if one == middle:
                continue
            to_middle = row[middle]
            for two, direct in row.items():
                if two != middle:
                    row[two] = max(direct, min(to_middle, onwards[two]))
    return [
        one
        for one, row in width.items()
        if all(wide >= width[two][one] for two, wide in row.items())
    ]


def irv_rounds(cast: Mapping[Levels, int], options: Sequence[str]) -> list[IrvRound]:
    """Give the counts of an instant run-off, until a majority or a tie of all.

    In each the options with the fewest votes drop out, all of them if they are tied.
    A majority is of the ballots not exhausted.
    """
    rounds: list[IrvRound] = []
    remaining = list(options)
    ballots = list(cast.items())
    while ballots:
        tops: Counter[tuple[str, ...]] = Counter()
        for levels, people in ballots:
            tops[levels[0]] += people
        votes = _shared(tops, remaining)
        exhausted = sum(cast.values()) - sum(tops.values())
        fewest, most = min(votes.values()), max(votes.values())
        if fewest == most or 2 * most > sum(tops.values()):
            return [*rounds, IrvRound(votes, exhausted, [])]
        dropped = [option for option in remaining if votes[option] == fewest]
        rounds.append(IrvRound(votes, exhausted, dropped))
        remaining = [option for option in remaining if votes[option] > fewest]
        ballots = _without(ballots, frozenset(dropped), frozenset(remaining))
    return rounds


def irv(rounds: Sequence[IrvRound]) -> list[str]:
    """Name the winners of an instant run-off."""
    return _leading(rounds[-1].votes) if rounds else []


def kendall_w(
    cast: Mapping[Levels, int], points: Mapping[str, Fraction]
) -> Fraction | None:
    """Measure how far the ballots agree: 0 not at all, 1 the same order on all.

    points: Borda's. Ties share their mean rank and are corrected for. None for fewer
    than two ballots or options, and if every ballot ties all options.
    Source: Kendall and Babington Smith, Ann Math Stat 1939;10:275; Hollander and
    Wolfe 1973, section 7.1, for the ties.
    """
    n, k = sum(cast.values()), len(points)
    if n < 2 or k < 2:
        return None
    ties = sum(
        people * sum(size**3 - size for size in _sizes(levels, k))
        for levels, people in cast.items()
    )
    most = n * n * (k**3 - k) - n * ties
    # A sum of ranks is a constant less Borda's points: they spread alike.
    mean = Fraction(n * (k - 1), 2)
    spread = sum((each - mean) ** 2 for each in points.values())
    return Fraction(12 * spread, most) if most else None


def disagree(winners: Mapping[str, Sequence[str]]) -> bool:
    """Tell whether rules that name somebody name somebody else."""
    return len({tuple(named) for named in winners.values() if named}) > 1


def _levels(ballots: Mapping[Ballot, int], options: Sequence[str]) -> Counter[Levels]:
    offered = frozenset(options)
    if len(offered) != len(options):
        raise ValueError(f"an option stands twice in {list(options)}")
    cast: Counter[Levels] = Counter()
    for each, people in ballots.items():
        named = {option for option, _ in each}
        if len(named) != len(each) or not named <= offered:
            raise ValueError(f"{each} does not rank some of {list(options)} once")
        if each and people:
            ranked = sorted(each, key=itemgetter(1, 0))
            cast[
                tuple(
                    tuple(option for option, _ in level)
                    for _, level in groupby(ranked, key=itemgetter(1))
                )
            ] += people
    return cast


def _without(
    ballots: Iterable[tuple[Levels, int]],
    dropped: frozenset[str],
    remaining: frozenset[str],
) -> list[tuple[Levels, int]]:
    """Take dropped options off the tops of ballots, and ballots used up off the list.

    Lower down they stay until they come up.
    """
    left: list[tuple[Levels, int]] = []
    for levels, people in ballots:
        if dropped.isdisjoint(levels[0]):
            left.append((levels, people))
            continue
        for place, level in enumerate(levels, start=1):
            if kept := tuple(option for option in level if option in remaining):
                left.append(((kept, *levels[place:]), people))
                break
    return left


def _shared(
    tops: Mapping[tuple[str, ...], int], options: Iterable[str]
) -> dict[str, Fraction]:
    votes = dict.fromkeys(options, Fraction(0))
    for tied, people in tops.items():
        for option in tied:
            votes[option] += Fraction(people, len(tied))
    return votes


def _leading(scores: Mapping[str, int] | Mapping[str, Fraction]) -> list[str]:
    most = max(scores.values(), default=None)
    return [option for option, score in scores.items() if score == most]


def _way_round(beats: Mapping[str, Sequence[str]], start: str) -> list[str]:
    """Find a shortest way along defeats from an option back to it."""
    ways, seen = deque([[start]]), {start}
    while ways:
        way = ways.popleft()
        for beaten in beats[way[-1]]:
            if beaten == start:
                return way
            if beaten not in seen:
                seen.add(beaten)
                ways.append([*way, beaten])
    return []


def _rounded(figures: Mapping[str, Fraction]) -> dict[str, float | None]:
    return {option: rounded(figure) for option, figure in figures.items()}


def _sizes(levels: Levels, options: int) -> list[int]:
    sizes = [len(level) for level in levels]
    return [*sizes, options - sum(sizes)]
