"""Small multiples: the same bar of every item, once for each table, side by side."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypedDict

from django.utils.translation import gettext as _

from .shapes import Item, Result, by_item_key, join_id, names_of
from .signs import Mark
from .stacks import Bar, keep_legible

MOST = 12  # tables, beyond which bars are too narrow to compare
WIDTH, DIGIT = 110.0, 8.0  # in px, of the narrowest bar and of a digit on it


class Panel(TypedDict):
    """One item at one table; without a bar, the words that stand there instead."""

    of: str
    bar: Bar | None
    n: int
    words: str


class MultipleRow(TypedDict):
    id: str
    number: str
    label: str
    text: str
    panels: list[Panel]


class Multiples(TypedDict):
    id: str
    caption: str
    legend: list[Mark]
    columns: list[dict[str, str]]
    rows: list[MultipleRow]


def multiples(
    items: Sequence[Item],
    results: Iterable[Result],
    bar: Callable[[str, Mapping[str, Any]], Bar],
    tables: Sequence[int],
    *,
    ident: str,
    legend: Sequence[Mark],
    criterion: str = "",
    caption: str = "",
    names: Sequence[str] = (),
) -> Multiples:
    """Draw a bar for each item and table, all on one scale (`parts/multiples.html`).

    bar: makes it from its id and the table's results, which have answers. names: what
    to call the columns, if they are not tables of one room; where a result has `words`
    those stand instead of a bar.
    """
    by_item = by_item_key(results, criterion)
    labels = names or [_("Table %(number)d") % {"number": one} for one in tables]
    rows = []
    for item in items:
        place = join_id(ident, item["key"])
        found = {row["table"]: row for row in by_item[item["key"]]["by_table"]}
        panels = [
            _panel(label, f"{place}-t{number}", found.get(number, {}), bar)
            for number, label in zip(tables, labels, strict=True)
        ]
        rows.append(MultipleRow(id=place, **names_of(item), panels=panels))
    return Multiples(
        id=ident,
        caption=caption,
        legend=list(legend),
        columns=[{"label": label} for label in labels],
        rows=rows,
    )


def _panel(
    label: str,
    ident: str,
    table: Mapping[str, Any],
    bar: Callable[[str, Mapping[str, Any]], Bar],
) -> Panel:
    if table.get("words"):
        return Panel(of=label, bar=None, n=0, words=table["words"])
    if table.get("suppressed"):
        return Panel(of=label, bar=None, n=0, words=_("Too few to show"))
    if not table.get("n"):
        return Panel(of=label, bar=None, n=0, words=_("No answers"))
    drawn = bar(ident, table)
    keep_legible(drawn, WIDTH, digit=DIGIT)
    return Panel(of=label, bar=drawn, n=table["n"], words="")
