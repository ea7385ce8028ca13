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
AXIS = (
    '<line class="axis" stroke="#14181f" stroke-width="2" x1="{0}" x2="{0}"'
    ' y1="-20%" y2="120%"/>'
)
MEDIAN = (
    '<svg class="median" x="{}" y="100%" width="1em" height="1em" viewBox="0 0 12 12"'
    ' overflow="visible"><path fill="#14181f" stroke="#ffffff"'
    ' d="M-5.5 8h11L0 -1z"/></svg>'
)
DOT = (
    '<svg id="{}" class="dot {}" color="{}" x="{}" y="0" width="{}" height="100%"'
    ' viewBox="0 0 24 24"><circle fill="{}" cx="12" cy="12" r="11"/>{}</svg>'
)
DOT_SIGN = '<use href="#{}" x="4" y="4" width="16" height="16"/>'
OUTLINE = ' stroke="#6b7584" stroke-dasharray="4 3"'
SIGN = (
    '<svg class="sign on-{}{}" color="{}" x="{}" y="50%" overflow="visible">'
    '<use href="#{}" x="-1.25em" y="-.5em" width="1em" height="1em"/></svg>'
)
FIGURE = (
    '<text class="on-{}" fill="{}" text-anchor="middle" x="{}" y="50%"{}'
    ' dy=".35em">{}</text>'
)
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


# The same few looks and words, again and again.
_escaped = lru_cache(maxsize=1024)(escape)


@register.simple_tag
def stacked(bar: Mapping[str, Any]) -> SafeString:
    """Return a bar as `parts/bar.html` makes it.

    Rendering one that changed takes that template a third of a millisecond.
    """
    axis, median = bar.get("axis"), bar.get("median")
    dots = bar.get("dots")
    drawn = (
        "".join(map(_segment, bar["segments"]))
        if dots is None
        else "".join(_dot(dot, bar["room"]) for dot in dots)
    )
    return mark_safe(  # noqa: S308
        f'\n<svg class="bar{"" if dots is None else " dotted"}"'
        f' id="{escape(bar["id"])}" role="img"'
        f' aria-label="{_escaped(bar["label"])}" width="100%" height="24"'
        ' font-size="14" font-weight="600">\n  <g>\n    '
        + (AXIS.format(axis) if axis else "")
        + f"\n    {drawn}\n    "
        + (MEDIAN.format(median) if median else "")
        + "\n  </g>\n</svg>\n"
    )


def _segment(segment: Mapping[str, Any]) -> str:
    looks, ink = _escaped(segment["cls"]), _escaped(segment["ink"])
    middle, sign = segment["middle"], ""
    if segment["sym"]:
        roomy = " roomy" if segment["is_roomy"] else ""
        sign = SIGN.format(looks, roomy, ink, middle, _escaped(segment["sym"]))
    figure = ""
    if segment["shown"]:
        aside = ' dx=".5em"' if segment["sym"] else ""
        figure = FIGURE.format(looks, ink, middle, aside, segment["n"])
    outline = OUTLINE if segment["cls"] == "waiting" else ""
    return (
        f'<rect id="{escape(segment["id"])}" class="{looks}"'
        f' fill="{_escaped(segment["fill"])}"{outline} x="{segment["x"]}" y="0"'
        f' width="{segment["width"]}" height="100%"/>{sign}{figure}'
    )


def _dot(dot: Mapping[str, Any], room: str) -> str:
    sign = DOT_SIGN.format(_escaped(dot["sym"])) if dot["sym"] else ""
    looks, ink, fill = (_escaped(dot[name]) for name in ("cls", "ink", "fill"))
    return DOT.format(escape(dot["id"]), looks, ink, dot["x"], room, fill, sign)


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
