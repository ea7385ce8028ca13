"""Small multiples: the same bar of every item, once for each table, side by side."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypedDict

from django.utils.translation import gettext as _

from .shapes import Item, Result, by_item_key, join_id, names_of
from .signs import Mark
from .stacks import Bar

MOST = 12  # tables, beyond which bars are too narrow to compare


class Panel(TypedDict):
    """One item at one table; without a bar, the words that stand there instead."""

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
) -> Multiples:
    """Draw a bar for each item and table, all on one scale (`parts/multiples.html`).

    bar: makes it from its id and the table's results, which have answers.
    """
    by_item = by_item_key(results, criterion)
    rows = []
    for item in items:
        place = join_id(ident, item["key"])
        found = {row["table"]: row for row in by_item[item["key"]]["by_table"]}
        panels = [
            _panel(f"{place}-t{number}", found.get(number, {}), bar)
            for number in tables
        ]
        rows.append(MultipleRow(id=place, **names_of(item), panels=panels))
    return Multiples(
        id=ident,
        caption=caption,
        legend=list(legend),
        columns=[
            {"label": _("Table %(number)d") % {"number": number}} for number in tables
        ],
        rows=rows,
    )


def _panel(
    ident: str,
    table: Mapping[str, Any],
    bar: Callable[[str, Mapping[str, Any]], Bar],
) -> Panel:
    if table.get("suppressed"):
        return Panel(bar=None, n=0, words=_("Too few to show"))
    if not table.get("n"):
        return Panel(bar=None, n=0, words=_("No answers"))
    return Panel(bar=bar(ident, table), n=table["n"], words="")
