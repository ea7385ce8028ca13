"""Why answers to an item are missing: how many of those who were there, by cause.

With those who answered, the causes add up to everybody.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from .least import LEAST_SHOWN

type Causes = dict[str, int]  # each of CAUSES, zeros included
type Silent = dict[int | None, Counter[str]]  # by table; None for who sat nowhere

# Said so | had time and said nothing: once it closed, and before | could not answer.
CAUSES = (
    "declined",
    "not_discussed",
    "out_of_time",
    "not_yet",
    "not_asked",
    "joined_later",
)
HAD_TIME = ("out_of_time", "not_yet")


class Seat(NamedTuple):
    """Somebody who may answer, a person or a table, as they were in one round.

    table: where they answered, else where they sat as it closed. joined_at: None for
    who was there from the start. has_begun: whether anything of theirs was stored.
    """

    table: int | None
    joined_at: datetime | None
    is_asked: bool
    has_begun: bool


def cause_of(seat: Seat, *, closed_at: datetime | None) -> str:
    """Return why there is no answer to an item of which somebody said nothing.

    closed_at: of the round, None while it is open. Who has begun was there and asked.
    """
    if not seat.has_begun:
        if closed_at and seat.joined_at and seat.joined_at > closed_at:
            return "joined_later"
        if not seat.is_asked:
            return "not_asked"
    return "out_of_time" if closed_at else "not_yet"


def could_answer(seats: Iterable[Seat], *, closed_at: datetime | None) -> int:
    """Return how many were asked and there before the end."""
    return sum(cause_of(seat, closed_at=closed_at) in HAD_TIME for seat in seats)


def silent(seats: Iterable[Seat], *, closed_at: datetime | None) -> Silent:
    """Count by table and cause an item of which nobody has said anything."""
    found: Silent = {}
    for seat in seats:
        counted = found.setdefault(seat.table, Counter())
        counted[cause_of(seat, closed_at=closed_at)] += 1
    return found


def causes(
    of_silent: Mapping[str, int], *, n: int, abstained: int, not_discussed: int
) -> Causes:
    """Return the causes of those who did not answer an item.

    of_silent: the causes if nobody had said anything of it; n of them answered, others
    said why not. If more said something than could, because the two were counted a
    moment apart, nobody is missing for want of time.
    """
    found = {cause: of_silent.get(cause, 0) for cause in CAUSES}
    left = n + abstained + not_discussed
    for cause in HAD_TIME:
        told = min(left, found[cause])
        found[cause] -= told
        left -= told
    return found | {"declined": abstained, "not_discussed": not_discussed}


def withheld(
    by_table: Mapping[int, Causes],
    *,
    also: Collection[int] = (),
    least: int = LEAST_SHOWN,
) -> set[int]:
    """Return the tables whose causes would tell who it was of too few people.

    also: tables of which nothing is shown. A table is withheld for any cause that
    fewer than `least` have, and then those where fewest are missing, until the others
    and the total do not tell it.
    """
    hidden = {
        table
        for table, found in by_table.items()
        if table in also or any(0 < n < least for n in found.values())
    }
    left = sorted(
        by_table.keys() - hidden, key=lambda t: (sum(by_table[t].values()), t)
    )
    while hidden and left and not _is_covered([by_table[t] for t in hidden], least):
        hidden.add(left.pop(0))
    return hidden


def _is_covered(hidden: Collection[Causes], least: int) -> bool:
    together = Counter[str]()
    for found in hidden:
        together.update(found)
    return len(hidden) > 1 and not any(0 < n < least for n in together.values())
