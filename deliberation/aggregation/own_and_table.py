"""How far what the people of a table answered is what the table agreed."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from statistics import median

from .rounding import rounded
from .suppression import THRESHOLD

type Gap = dict[str, int | float | None]


def gap(
    agreed: int,
    counts: Mapping[int, int],
    *,
    has_steps: bool,
    threshold: int = THRESHOLD,
) -> Gap | None:
    """Compare a table's answer to one item with what its people answered themselves.

    agreed: the table's value. counts: how many of its people gave each value.
    has_steps: whether values are steps or points, of which a difference can be taken.
    Returns `as_table`, how many of the `of` people who answered gave the table's value,
    and the table's value less their mean and median (None without steps). None below
    `threshold` people: what fewer answered privately could be told from it.
    """
    values = [value for value, people in counts.items() for _person in range(people)]
    if len(values) < threshold:
        return None
    return {
        "as_table": counts.get(agreed, 0),
        "of": len(values),
        "difference_mean": rounded(agreed - _mean(values)) if has_steps else None,
        "difference_median": rounded(agreed - Fraction(median(values)))
        if has_steps
        else None,
    }


def _mean(values: Sequence[int]) -> Fraction:
    return Fraction(sum(values), len(values))
