"""The cells of a grid: a thousand of them, of which few look different."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

LOOK = ("cls", "split", "sym", "word", "detail")
IDENT = 'id="cell"'  # in a look, stands for the cell's own


@register.simple_tag
def cells(row: Iterable[Mapping[str, Any]]) -> SafeString:
    """Return a `<td>` for each cell as `parts/cell.html` makes it, each look once.

    Rendering every cell costs more than all the rest of a console with many tables.
    """
    found = []
    for cell in row:
        look = _look(*(cell[name] for name in LOOK))
        found.append(f"<td>{look.replace(IDENT, f'id="{escape(cell["id"])}"')}</td>")
    return mark_safe("".join(found))  # noqa: S308


@lru_cache(maxsize=2048)
def _look(*values: object) -> str:
    cell = dict(zip(LOOK, values, strict=True)) | {"id": "cell"}
    return render_to_string("parts/cell.html", {"cell": cell}).strip()
