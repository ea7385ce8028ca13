"""Counting stored answers: from rows already grouped by the database to whole scales.

A value is whatever the kind counts: the point of a rating, the key of a category,
1 and 0 for chosen and not chosen.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

type State = Literal["answered", "abstain", "not-discussed"]


class Row[Value](NamedTuple):
    """So many answers that are the same in everything counted here."""

    item: str
    criterion: str  # empty for prompts without criteria
    table: int | None  # None for people who sat nowhere
    state: State
    value: Value | None  # None unless answered
    count: int = 1  # type: ignore[assignment]  # hides a method of tuples


@dataclass
class Tally[Value]:
    """How a group answered; `counts` covers the whole scale, zeros included."""

    counts: dict[Value, int]
    abstained: int = 0
    not_discussed: int = 0

    @property
    def n(self) -> int:
        """The number of answers: all that a share may be taken of."""
        return sum(self.counts.values())

    @property
    def is_empty(self) -> bool:
        """Tell whether nobody said anything."""
        return not (self.abstained or self.not_discussed or any(self.counts.values()))

    def add(self, row: Row[Value]) -> None:
        """Count a row in. Raises ValueError for a value off the scale."""
        if row.state == "abstain":
            self.abstained += row.count
        elif row.state == "not-discussed":
            self.not_discussed += row.count
        elif row.value in self.counts:
            self.counts[row.value] += row.count
        else:
            raise ValueError(f"{row.value!r} is none of {list(self.counts)}")


@dataclass(kw_only=True)
class TableTally[Value](Tally[Value]):
    """How one table answered.

    shown: what somebody made of it to show it; gone once it counts something else.
    """

    table: int
    shown: Any = field(default=None, compare=False, repr=False)

    def add(self, row: Row[Value]) -> None:
        """Count a row in. Raises ValueError for a value off the scale."""
        self.shown = None
        super().add(row)


@dataclass(kw_only=True)
class ItemTally[Value](Tally[Value]):
    """How everybody answered one item under one criterion, and table by table.

    `by_table` is in order of the table numbers; people who sat nowhere are only in
    the whole.
    """

    item: str
    criterion: str
    by_table: list[TableTally[Value]] = field(default_factory=list)

    @property
    def counts_by_table(self) -> dict[int, dict[Value, int]]:
        """The tables' counts alone, for the comparisons in `tables`."""
        return {tally.table: tally.counts for tally in self.by_table}


def tally[Value](
    rows: Iterable[Row[Value]],
    *,
    items: Sequence[str],
    criteria: Sequence[str] = ("",),
    values: Sequence[Value],
    tables: Iterable[int] = (),
) -> list[ItemTally[Value]]:
    """Count rows into one tally for each item and criterion, in the order given.

    values: the whole scale, in the order wanted in `counts`.
    tables: those listed even without answers; tables with rows are listed anyway.
    Rows of items and criteria not asked for are left out. Raises ValueError for a
    value off the scale.
    """
    listed = frozenset(tables)
    found: dict[tuple[str, str], list[Row[Value]]] = defaultdict(list)
    for row in rows:
        found[row.item, row.criterion].append(row)
    return [
        _item_tally(found[item, criterion], item, criterion, values, listed)
        for item in items
        for criterion in criteria
    ]


def _item_tally[Value](
    rows: Sequence[Row[Value]],
    item: str,
    criterion: str,
    values: Sequence[Value],
    listed: frozenset[int],
) -> ItemTally[Value]:
    numbers = listed | {row.table for row in rows if row.table is not None}
    tables = {
        number: TableTally(table=number, counts=dict.fromkeys(values, 0))
        for number in sorted(numbers)
    }
    whole = ItemTally(
        item=item,
        criterion=criterion,
        counts=dict.fromkeys(values, 0),
        by_table=list(tables.values()),
    )
    for row in rows:
        whole.add(row)
        if row.table is not None:
            tables[row.table].add(row)
    return whole


class Running[Value]:
    """Tallies that are kept while answers come, change and go.

    `item_tallies` is what `tally` makes of the rows that were added and not taken
    away, with a count of one each; nobody may change what it returns.
    """

    def __init__(
        self, *, items: Sequence[str], criteria: Sequence[str], values: Sequence[Value]
    ) -> None:
        self._values = values
        self._wholes = {
            (item, criterion): Tally(dict.fromkeys(values, 0))
            for item in items
            for criterion in criteria
        }
        self._tables: dict[tuple[str, str], dict[int, TableTally[Value]]] = {
            place: {} for place in self._wholes
        }

    def add(self, row: Row[Value]) -> None:
        """Count a row in, or out with a negative count.

        Those not asked for are left out. Raises ValueError for a value off the scale.
        """
        place = row.item, row.criterion
        whole = self._wholes.get(place)
        if whole is None:
            return
        whole.add(row)
        if row.table is None:
            return
        tables = self._tables[place]
        at_table = tables.get(row.table)
        if at_table is None:
            at_table = TableTally(
                table=row.table, counts=dict.fromkeys(self._values, 0)
            )
            tables[row.table] = at_table
        at_table.add(row)
        if row.count < 0 and at_table.is_empty:
            del tables[row.table]

    def item_tallies(self, *, tables: Iterable[int] = ()) -> list[ItemTally[Value]]:
        """Return the tallies as they are now. tables: as for `tally`."""
        nothing = {
            number: TableTally(table=number, counts=dict.fromkeys(self._values, 0))
            for number in tables
        }
        return [
            ItemTally(
                item=item,
                criterion=criterion,
                counts=whole.counts,
                abstained=whole.abstained,
                not_discussed=whole.not_discussed,
                by_table=self._by_table(item, criterion, nothing),
            )
            for (item, criterion), whole in self._wholes.items()
        ]

    def _by_table(
        self, item: str, criterion: str, nothing: dict[int, TableTally[Value]]
    ) -> list[TableTally[Value]]:
        answered = self._tables[item, criterion]
        found = nothing | answered
        return [found[number] for number in sorted(found)]
