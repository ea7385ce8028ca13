"""Do the tables differ from each other, or is each of them split?

`by_table` maps each table's number to its counts over the whole scale, zeros included.
Tables with a single answer say nothing about differences and are left out, except
from `gic`. Order and names of tables never change a figure.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm, prod
from random import Random
from statistics import median

from .agreement import sides, van_der_eijk_a
from .nominal import modal_share
from .rounding import rounded

RESAMPLES = 9_999


@dataclass(frozen=True, kw_only=True)
class SentenceRule:
    """When the tables may be summed up in a sentence, and what counts as agreement.

    Agreement inside a table is high from `high` and low below `low`, in the units of
    the measure it is judged by.
    """

    high: Fraction
    low: Fraction
    significant: Fraction = Fraction(5, 100)
    least_tables: int = 3
    least_people: int = 15


RATE_RULE = SentenceRule(high=Fraction(4, 10), low=Fraction(2, 10))  # of agreement
ASSESS_RULE = SentenceRule(high=Fraction(6, 10), low=Fraction(5, 10))  # of modal share


def icc1(by_table: Mapping[int, Mapping[int, int]]) -> Fraction | None:
    """Give the part of the variation that lies between tables, as ICC(1).

    Below 0 when tables are more alike than chance would make them. None for fewer
    than two tables with two answers, and when all answers are equal.
    Sources: Shrout and Fleiss, Psychol Bull 1979;86:420; Bliese 2000 (unequal tables).
    """
    tables = [_answers(counts) for counts in _comparable(by_table)]
    if len(tables) < 2:
        return None
    n = sum(len(table) for table in tables)
    total = Fraction(sum(map(sum, tables)) ** 2, n)
    explained = _total(Fraction(sum(table) ** 2, len(table)) for table in tables)
    squares = sum(value**2 for table in tables for value in table)
    between = (explained - total) / (len(tables) - 1)
    within = (squares - explained) / (n - len(tables))
    spread_of_sizes = Fraction(sum(len(table) ** 2 for table in tables), n)
    size = (n - spread_of_sizes) / (len(tables) - 1)
    whole = between + (size - 1) * within
    return (between - within) / whole if whole else None


def light_margolin_r2[Key](
    by_table: Mapping[int, Mapping[Key, int]],
) -> Fraction | None:
    """Give the part of the variation in categories that lies between tables, 0 to 1.

    None for fewer than two tables with two answers, and when all answers are equal.
    Source: Light and Margolin, JASA 1971;66:534.
    """
    tables = _comparable(by_table)
    if len(tables) < 2:
        return None
    everybody = _pooled(tables)
    n = sum(everybody.values())
    same_in_all = Fraction(_squared_counts(everybody), n)
    if same_in_all == n:
        return None
    same_in_each = _total(
        Fraction(_squared_counts(table), sum(table.values())) for table in tables
    )
    return (same_in_each - same_in_all) / (n - same_in_all)


def permutation_p(
    tables: Sequence[Sequence[int]],
    squares: Callable[[Sequence[int]], int],
    *,
    seed: int,
    resamples: int = RESAMPLES,
) -> Fraction | None:
    """Tell how often chance seating makes tables differ as much as they do.

    tables: each table's answers, one number a person.
    squares: of one table's answers, the figure whose mean over people grows as tables
        differ: the squared sum, or the sum of the squared counts.
    Returns (b + 1) / (resamples + 1), b counting the seatings that differ as much or
    more; None for fewer than two tables or no resamples.
    Source: Phipson and Smyth, Stat Appl Genet Mol Biol 2010;9:39.
    """
    if len(tables) < 2 or resamples < 1:
        return None
    # Sorted, so that neither names nor order of tables and people decide the draws.
    tables = sorted(tables, key=len, reverse=True)
    people = sorted(answer for table in tables for answer in table)
    if people[0] == people[-1]:
        return Fraction(1)
    # A common multiple in place of fractions keeps the comparison exact and fast.
    common = lcm(*map(len, tables))
    observed = sum(squares(table) * (common // len(table)) for table in tables)
    seats, start = [], 0
    for table in tables:
        end = start + len(table)
        seats.append((slice(start, end), common // len(table)))
        start = end
    # Of all of `random`, only random() promises the same draws in later versions.
    draw = Random(seed).random  # noqa: S311 - draws seats, no secrets
    # The largest table comes first: it takes whoever is left, and needs no draws.
    drawn = range(len(people) - 1, len(tables[0]) - 1, -1)
    as_much = 0
    for _ in range(resamples):
        for place in drawn:
            other = int(draw() * (place + 1))
            people[place], people[other] = people[other], people[place]
        if sum([squares(people[seat]) * weight for seat, weight in seats]) >= observed:
            as_much += 1
    return Fraction(as_much + 1, resamples + 1)


def gic(by_table: Mapping[int, Mapping[int, int]]) -> Fraction | None:
    """Give group-informed consensus with tables as groups: agreed across tables.

    Between 0 and 1, smaller the more tables there are: for ranking items, not a
    probability. A table without answers counts as one half. None without tables.
    Source: Small et al., Recerca 2021;26(2).
    """
    if not by_table:
        return None
    shares = (
        Fraction(sides(counts).agree + 1, sum(counts.values()) + 2)
        for counts in by_table.values()
    )
    return prod(shares, start=Fraction(1))


def sentence(
    *,
    p: Fraction | None,
    inside: Sequence[Fraction | None],
    people: int,
    rule: SentenceRule,
) -> str | None:
    """Choose the sentence about the tables: one of four, or None for no sentence.

    p: of `permutation_p`; inside: agreement inside each table.
    "differ": agree inside, differ from each other; "each-split": each is split, in
    much the same way; "both": split, and differing; "alike": agree with each other.
    """
    known = [agreement for agreement in inside if agreement is not None]
    if p is None or len(known) < rule.least_tables or people < rule.least_people:
        return None
    agreement = median(known)
    if agreement >= rule.high:
        return "differ" if p < rule.significant else "alike"
    if agreement < rule.low:
        return "both" if p < rule.significant else "each-split"
    return None


def rate_by_table(
    by_table: Mapping[int, Mapping[int, int]],
    *,
    seed: int,
    resamples: int = RESAMPLES,
    rule: SentenceRule = RATE_RULE,
) -> dict[str, int | float | str | None]:
    """Compare the tables' ratings of one item and criterion, None where undefined.

    An ICC(1) below 0 is given as 0. `resamples=0` leaves out the slow part, and with
    it `permutation_p` and `tables`.
    """
    compared = _comparable(by_table)
    answers = [_answers(counts) for counts in compared]
    p = permutation_p(answers, _squared_sum, seed=seed, resamples=resamples)
    between = icc1(by_table)
    return {
        "icc1": None if between is None else rounded(max(between, Fraction(0))),
        "permutation_p": rounded(p),
        "seed": seed,
        "resamples": resamples,
        "tables": sentence(
            p=p,
            inside=[van_der_eijk_a(counts) for counts in compared],
            people=sum(map(len, answers)),
            rule=rule,
        ),
        "gic": rounded(gic(by_table)),
    }


def assess_by_table(
    by_table: Mapping[int, Mapping[str, int]],
    *,
    seed: int,
    resamples: int = RESAMPLES,
    rule: SentenceRule = ASSESS_RULE,
) -> dict[str, int | float | str | None]:
    """Compare the tables' assessments of one item, None where undefined.

    `resamples=0` leaves out the slow part, and with it `permutation_p` and `tables`.
    """
    compared = _comparable(by_table)
    codes = {key: code for code, key in enumerate(sorted(_pooled(compared)))}
    answers = [
        _answers({codes[key]: people for key, people in counts.items()})
        for counts in compared
    ]

    def squared_counts(table: Sequence[int]) -> int:
        return sum([table.count(code) ** 2 for code in range(len(codes))])

    p = permutation_p(answers, squared_counts, seed=seed, resamples=resamples)
    return {
        "r2": rounded(light_margolin_r2(by_table)),
        "permutation_p": rounded(p),
        "seed": seed,
        "resamples": resamples,
        "tables": sentence(
            p=p,
            inside=[modal_share(counts) for counts in compared],
            people=sum(map(len, answers)),
            rule=rule,
        ),
    }


def _comparable[Key](
    by_table: Mapping[int, Mapping[Key, int]],
) -> list[Mapping[Key, int]]:
    return [counts for counts in by_table.values() if sum(counts.values()) >= 2]


def _answers(counts: Mapping[int, int]) -> list[int]:
    return [value for value in sorted(counts) for _ in range(counts[value])]


def _total(parts: Iterable[Fraction]) -> Fraction:
    return sum(parts, start=Fraction(0))


def _pooled[Key](tables: Sequence[Mapping[Key, int]]) -> Counter[Key]:
    pooled: Counter[Key] = Counter()
    for counts in tables:
        pooled.update(counts)
    return pooled


def _squared_counts[Key](counts: Mapping[Key, int]) -> int:
    return sum(people**2 for people in counts.values())


def _squared_sum(table: Sequence[int]) -> int:
    return sum(table) ** 2
