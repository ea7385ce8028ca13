"""Do the tables differ from each other, or is each of them split?

`by_table` maps each table's number to its counts over the whole scale, zeros included.
Tables with a single answer say nothing about differences and are left out, except
from `gic`. Order and names of tables never change a figure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from statistics import median

from .agreement import sides, van_der_eijk_a
from .nominal import modal_share
from .rounding import rounded
from .seating import RESAMPLES, permutation_p, pooled


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
    everybody = pooled(tables)
    n = sum(everybody.values())
    same_in_all = Fraction(_squared_counts(everybody), n)
    if same_in_all == n:
        return None
    same_in_each = _total(
        Fraction(_squared_counts(table), sum(table.values())) for table in tables
    )
    return (same_in_each - same_in_all) / (n - same_in_all)


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
    points = {value: (value,) for value in pooled(compared)}
    p, method = permutation_p(compared, points, seed=seed, resamples=resamples)
    between = icc1(by_table)
    return {
        "icc1": None if between is None else rounded(max(between, Fraction(0))),
        "permutation_p": rounded(p),
        "permutation": method,
        "seed": seed,
        "resamples": resamples,
        "tables": sentence(
            p=p,
            inside=[van_der_eijk_a(counts) for counts in compared],
            people=sum(pooled(compared).values()),
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
    keys = sorted(pooled(compared))
    points = {key: tuple(int(key == other) for other in keys) for key in keys}
    p, method = permutation_p(compared, points, seed=seed, resamples=resamples)
    return {
        "r2": rounded(light_margolin_r2(by_table)),
        "permutation_p": rounded(p),
        "permutation": method,
        "seed": seed,
        "resamples": resamples,
        "tables": sentence(
            p=p,
            inside=[modal_share(counts) for counts in compared],
            people=sum(pooled(compared).values()),
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


def _squared_counts[Key](counts: Mapping[Key, int]) -> int:
    return sum(people**2 for people in counts.values())
