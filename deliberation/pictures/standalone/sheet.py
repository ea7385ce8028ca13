"""What a picture is drawn on: marks and lines of text, each placed in px."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from django.utils.html import escape
from django.utils.translation import get_language

from ..signs import COLOURS
from . import letters
from .letters import REGULAR
from .symbols import SYMBOLS

WIDTH = 1200
LEFT, RIGHT = 40.0, 1160.0
INK, QUIET, EDGE, LINE = "#14181f", "#454f5d", "#6b7584", "#d3d9e1"
WHITE, GROUND = "#ffffff", "#f2f4f7"
SMALL, TEXT = 16.0, 18.0  # nothing is smaller
LEADING = 1.24  # of the size, from line to line
FAMILY = (
    "'Source Sans 3', 'Rapporteur Sans', Calibri, Carlito, 'Segoe UI', 'Noto Sans', "
    "sans-serif"
)
PALE = {"c4", "c6", "o3"}  # too light to end without an outline
HATCH = 9.0  # px from line to line, measured along an edge
DASHED = {"waiting", "held"}
CAMEL = {"textLength", "lengthAdjust", "viewBox"}  # names that keep their capitals

type Anchor = Literal["start", "middle", "end"]


class Look(NamedTuple):
    """How an answer or a state is drawn: fill, what stands on it, outline."""

    fill: str
    ink: str
    edge: str | None
    is_dashed: bool


def look_of(cls: str) -> Look:
    cls = cls.partition(" ")[0]  # a cell may be more than its answer
    if cls in COLOURS and cls != "waiting":
        fill, ink = COLOURS[cls]
        return Look(fill, ink, EDGE if cls in PALE else None, False)
    return Look(WHITE, QUIET, EDGE, cls in DASHED)


def symbol_of(cls: str, sym: str) -> str:
    """Name the sign of an answer; what is held back would look like what is not in."""
    return "i-eye-off" if cls == "held" else sym


class Sheet:
    """Collects a picture from the top down.

    said: what to read to those who do not see it, a sentence a row.
    notes: what to print below, such as what was left out.
    """

    def __init__(self) -> None:
        self.marks: list[str] = []
        self.said: list[str] = []
        self.notes: list[str] = []

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = TEXT,
        weight: int = REGULAR,
        *,
        anchor: Anchor = "start",
        fill: str = INK,
        turned: bool = False,
    ) -> None:
        """Write a line with its baseline at y. turned: upwards, around its middle."""
        line = letters.clean(text)
        if not line:
            return
        wide = letters.width(line, size, weight)
        # Where the typeface is missing, another is squeezed into the same room.
        is_fixed = len(line) > 3 and letters.is_known(line)
        self._add(
            "text",
            escape(line),
            x=x,
            y=y,
            font_size=size,
            font_weight=weight if weight != REGULAR else None,
            text_anchor=anchor if anchor != "start" else None,
            fill=fill,
            textLength=wide if is_fixed else None,
            lengthAdjust="spacingAndGlyphs" if is_fixed else None,
            transform=f"rotate(-90 {px(x)} {px(y)})" if turned else None,
        )

    def lines(
        self,
        x: float,
        top: float,
        lines: Sequence[str],
        size: float = TEXT,
        weight: int = REGULAR,
        *,
        anchor: Anchor = "start",
        fill: str = INK,
    ) -> float:
        """Write lines under one another and return where they end."""
        for place, line in enumerate(lines):
            y = top + (place + 0.5) * size * LEADING + size * 0.34
            self.text(x, y, line, size, weight, anchor=anchor, fill=fill)
        return top + height_of(lines, size)

    def rect(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        look: Look,
        *,
        rounded: float = 0.0,
    ) -> None:
        inset = 0.75 if look.edge else 0.0
        if width <= 2 * inset:
            return
        self._add(
            "rect",
            x=x + inset,
            y=y + inset,
            width=width - 2 * inset,
            height=height - 2 * inset,
            rx=rounded or None,
            fill=look.fill,
            stroke=look.edge,
            stroke_width=1.5 if look.edge else None,
            stroke_dasharray="5 4" if look.is_dashed else None,
        )

    def line(
        self,
        x1: float,
        y1: float,
        x2: float,
        y2: float,
        stroke: str = LINE,
        width: float = 1.0,
        dashes: str | None = None,
    ) -> None:
        self._add(
            "line",
            x1=x1,
            y1=y1,
            x2=x2,
            y2=y2,
            stroke=stroke,
            stroke_width=width,
            stroke_dasharray=dashes,
        )

    def circle(
        self, cx: float, cy: float, r: float, fill: str, stroke: str | None = None
    ) -> None:
        width = 2 if stroke else None
        self._add(
            "circle", cx=cx, cy=cy, r=r, fill=fill, stroke=stroke, stroke_width=width
        )

    def path(self, d: str, **attributes: str | float | None) -> None:
        self._add("path", d=d, **attributes)

    def symbol(self, name: str, cx: float, cy: float, size: float, ink: str) -> None:
        """Draw a sign around a point; nothing where an answer has none."""
        if name not in SYMBOLS:
            return
        corner = f"translate({px(cx - size / 2)} {px(cy - size / 2)})"
        shape = SYMBOLS[name].replace("currentColor", ink)
        self.marks.append(
            f'<g transform="{corner} scale({size / 24:.4g})">{shape}</g>\n'
        )

    def hatch(
        self, x: float, y: float, width: float, height: float, ink: str = WHITE
    ) -> None:
        """Draw slanting lines over a box, which say that there is no one view."""
        parts = []
        # Each line runs from the lower left to the upper right: x + y is constant.
        total = HATCH / 2
        while total < width + height:
            low, high = max(0.0, total - height), min(width, total)
            if high > low:
                ends = (x + low, y + total - low, x + high, y + total - high)
                parts.append("M{} {}L{} {}".format(*map(px, ends)))
            total += HATCH
        self.path(
            "".join(parts),
            stroke=ink,
            stroke_width=2,
            stroke_opacity=0.8,
            fill="none",
        )

    def document(self, height: float, *, title: str, description: str) -> str:
        """Return the whole file, on white."""
        tall = round(height)
        language = get_language() or "en"
        root = tag(
            "svg",
            "\n"
            + tag("title", escape(letters.clean(title)))
            + tag("desc", escape(letters.clean(description)))
            + tag("rect", width=WIDTH, height=tall, fill=WHITE)
            + "".join(self.marks),
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {WIDTH} {tall}",
            width=WIDTH,
            height=tall,
            role="img",
            font_family=FAMILY,
            lang=language,
        )
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{root}'

    def _add(
        self, name: str, content: str = "", /, **attributes: str | float | None
    ) -> None:
        self.marks.append(tag(name, content, **attributes))


def height_of(lines: Sequence[str], size: float = TEXT) -> float:
    return len(lines) * size * LEADING


def tag(name: str, content: str = "", /, **attributes: str | float | None) -> str:
    """Write an element; attributes that are None are left out."""
    written = "".join(
        f' {key if key in CAMEL else key.replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return (
        f"<{name}{written}>{content}</{name}>\n" if content else f"<{name}{written}/>\n"
    )


def px(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _value(value: str | float) -> str:
    return escape(value) if isinstance(value, str) else px(value)
