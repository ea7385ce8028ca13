"""Each picture as a file of its own: SVG, and PNG made from it.

The same contexts as in `templates/parts/`, drawn for paper and slides: 1200 px wide,
light colours, nothing from elsewhere, and all that is needed to understand the picture
where it stands alone.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from . import letters
from .charts import draw_chart, draw_counts
from .grids import draw_grid
from .letters import STRONG
from .multiples import draw_multiples
from .planes import draw_plane
from .rankings import draw_duels, draw_places
from .raster import png
from .sheet import LEFT, QUIET, RIGHT, SMALL, TEXT, Sheet
from .slopes import draw_slopes

__all__ = ["png", "svg"]

type Figure = Mapping[str, Any]

TOP = 32.0
HEADING = 28.0


def svg(
    figure: Figure, *, heading: str, basis: str, source: str, notes: Sequence[str] = ()
) -> str:
    """Return a figure as a whole SVG document.

    figure: `{part, picture, title, caption, bars}` as `console_figures.figures` makes
        it, all but part and picture optional; the part is grid, dots, plane, bars,
        slopes, places, duels or multiples. Without a caption the picture's own.
    heading: what was found, or what was asked. basis: who answered, how many of how
        many, in which round. source: the workshop and its date. Any may be empty.
    notes: what else must be known, such as whose answers are held back.
    Raises KeyError for another part.
    """
    draw = PARTS[figure["part"]]
    sheet = Sheet()
    sheet.notes += notes
    room = RIGHT - LEFT
    lines = letters.balanced(heading, room, HEADING, STRONG, most=5)
    y = sheet.lines(LEFT, TOP, lines, HEADING, STRONG) + 6
    caption = figure.get("caption", figure["picture"]["caption"])
    named = ": ".join(filter(None, (figure.get("title"), caption)))
    lines = letters.wrap(named, room, TEXT, STRONG, most=2)
    y = sheet.lines(LEFT, y, lines, TEXT, STRONG)
    lines = letters.wrap(basis, room, TEXT, most=3)
    y = sheet.lines(LEFT, y, lines, TEXT, fill=QUIET)
    y = draw(sheet, figure, y + 18) + 16
    for note in (*sheet.notes, source):
        lines = letters.wrap(note, room, SMALL, most=3)
        y = sheet.lines(LEFT, y, lines, SMALL, fill=QUIET)
    description = " ".join(filter(None, (named, basis, *sheet.said, *sheet.notes)))
    return sheet.document(y + 24, title=heading or named, description=description)


def _bars_of(figure: Figure) -> bool:
    return bool(figure.get("bars", True))


PARTS = {
    "grid": lambda sheet, figure, top: draw_grid(
        sheet, figure["picture"], top, bars=_bars_of(figure)
    ),
    "dots": lambda sheet, figure, top: draw_chart(sheet, figure["picture"], top),
    "plane": lambda sheet, figure, top: draw_plane(sheet, figure["picture"], top),
    "bars": lambda sheet, figure, top: draw_counts(sheet, figure["picture"], top),
    "places": lambda sheet, figure, top: draw_places(sheet, figure["picture"], top),
    "duels": lambda sheet, figure, top: draw_duels(sheet, figure["picture"], top),
    "multiples": lambda sheet, figure, top: draw_multiples(
        sheet, figure["picture"], top
    ),
    "slopes": lambda sheet, figure, top: draw_slopes(sheet, figure["picture"], top),
}
