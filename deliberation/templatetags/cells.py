"""What stands on a board a hundred times, and seldom differs or changes."""

from collections.abc import Hashable, Iterable, Mapping
from functools import lru_cache
from html import escape
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from deliberation.live.parts import part

register = template.Library()

LOOK = ("cls", "split", "sym", "word", "detail")
IDENT = 'id="cell"'  # in a look, stands for the cell's own


@register.simple_tag
def cells(row: Iterable[Mapping[str, Any]], marked: bool = False) -> SafeString:
    """Return a `<td>` for each cell as `parts/cell.html` makes it, each look once.

    Rendering every cell costs more than all the rest of a console with many tables.
    marked: whether each cell is a part of a board, that changes by itself.
    """
    found = []
    for cell in row:
        before, after = _look(*[cell[name] for name in LOOK])
        shown = f'{before}id="{escape(cell["id"])}"{after}'
        found.append(f"<td>{part(shown) if marked else shown}</td>")
    return mark_safe("".join(found))  # noqa: S308


@lru_cache(maxsize=2048)
def _look(*values: Hashable) -> tuple[str, str]:
    cell = dict(zip(LOOK, values, strict=True)) | {"id": "cell"}
    before, _, after = render_to_string("parts/cell.html", {"cell": cell}).partition(
        IDENT
    )
    return before.lstrip(), after.rstrip()


@register.simple_tag
def stacked(bar: Mapping[str, Any]) -> SafeString:
    """Return a bar as `parts/bar.html` makes it, made once while it is the same."""
    segments = tuple(tuple(segment.items()) for segment in bar["segments"])
    same = {**bar, "segments": segments}
    return _stacked(get_language(), *same.items())


@lru_cache(maxsize=1024)
def _stacked(_language: str, *bar: tuple[str, Any]) -> SafeString:
    whole = dict(bar)
    whole["segments"] = [dict(segment) for segment in whole["segments"]]
    return render_to_string("parts/bar.html", {"bar": whole})


@register.simple_tag
def column_heads(columns: Iterable[Mapping[str, str]]) -> SafeString:
    """Return a grid's `<th>` for each column, made once for the same columns."""
    return _column_heads(*[(column["label"], column["short"]) for column in columns])


@lru_cache(maxsize=64)
def _column_heads(*names: tuple[str, str]) -> SafeString:
    return format_html_join(
        "",
        '<th scope="col"><span class="in-full">{}</span>'
        '<span class="in-short" aria-hidden="true">{}</span></th>',
        names,
    )


@register.simple_tag
def table_card(card: Mapping[str, Hashable]) -> SafeString:
    """Return a table's card of the console, made once as long as it says the same."""
    return _card(get_language(), *card.items())


@lru_cache(maxsize=4096)
def _card(_language: str, *card: tuple[str, Hashable]) -> SafeString:
    return render_to_string("console/card.html", {"card": dict(card)})


@register.simple_tag
def in_line(
    seat: Mapping[str, Hashable], asks_people: bool, asks_tables: bool, is_dense: bool
) -> SafeString:
    """Return how far a table is, for the wall, made once as long as it is the same."""
    return _in_line(
        get_language(), asks_people, asks_tables, is_dense, *sorted(seat.items())
    )


@lru_cache(maxsize=4096)
def _in_line(
    _language: str,
    asks_people: bool,
    asks_tables: bool,
    is_dense: bool,
    *seat: tuple[str, Hashable],
) -> SafeString:
    context = {
        "asks_people": asks_people,
        "asks_tables": asks_tables,
        "is_dense": is_dense,
        "seat": dict(seat),
    }
    return render_to_string("screen/in_line.html", context)
