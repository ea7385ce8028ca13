"""The pictures of a report, taken apart and put together of what drawings need.

A report is data: what it has for a picture could be any SVG, with scripts, links and
files from elsewhere. What comes out of here has none.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from html import escape
from xml.etree import ElementTree

from django.utils.safestring import SafeString

from deliberation.pictures.standalone.sheet import FAMILY

SVG = "{http://www.w3.org/2000/svg}"
SHAPES = re.compile(r"g|rect|line|circle|ellipse|path|polygon|polyline|text|tspan")
TEXTS = {f"{SVG}text", f"{SVG}tspan"}
ATTRIBUTES = frozenset(
    re.findall(
        r"[\w-]+",
        """x y x1 y1 x2 y2 dx dy cx cy r rx ry d points width height transform fill
        fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-linecap
        stroke-linejoin stroke-dasharray opacity text-anchor dominant-baseline font-size
        font-weight font-style font-variant-numeric letter-spacing textLength
        lengthAdjust""",
    )
)
VALUE = re.compile(r"[\w\s.,#%()+-]*")
SIZE = re.compile(r"0 0 (\d{1,5}(?:\.\d+)?) (\d{1,5}(?:\.\d+)?)")
MOST_DEEP = 20
BEFORE = {"middle": 0.5, "end": 1.0}  # how much of a line stands before its anchor
PAPER_WIDTH, PAPER_HEIGHT = 166.0, 205.0  # mm, at most


@dataclass(frozen=True)
class Drawing:
    """What is inside an SVG element, and how wide and high it is, in px."""

    inside: SafeString
    width: float
    height: float
    typefaces = FAMILY

    @property
    def document(self) -> str:
        """A whole SVG document, as `standalone.png` reads them."""
        return self._document()

    @property
    def on_paper(self) -> str:
        """A whole SVG document that is as large as it stands on paper."""
        width, height = f"{self.paper_width:g}mm", f"{self.paper_height:g}mm"
        return self._document(f' width="{width}" height="{height}"')

    def _document(self, size: str = "") -> str:
        box = f"{max(1, round(self.width))} {max(1, round(self.height))}"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {box}"{size} '
            f'font-family="{self.typefaces}">{self.inside}</svg>'
        )

    @property
    def paper_width(self) -> float:
        """As wide as a column on A4 unless that is too high for a page, in mm."""
        return min(PAPER_WIDTH, PAPER_HEIGHT * self.width / self.height)

    @property
    def paper_height(self) -> float:
        return self.paper_width * self.height / self.width


def drawing(svg: str) -> Drawing | None:
    """Return the harmless parts of an SVG document; None if it is none."""
    if "<!" in svg:  # no document types, no entities
        return None
    try:
        root = ElementTree.fromstring(svg.encode())  # noqa: S314  # nosec B314
    except (ElementTree.ParseError, ValueError, LookupError):
        return None
    size = SIZE.fullmatch(root.get("viewBox", ""))
    if root.tag != f"{SVG}svg" or size is None:
        return None
    width, height = float(size[1]), float(size[2])
    if not width or not height:
        return None
    return Drawing(SafeString(_inside(root, MOST_DEEP)), width, height)


def _inside(parent: ElementTree.Element, room: int) -> str:
    if not room:
        return ""
    holds_text = parent.tag in TEXTS
    kept = [escape(parent.text or "")] if holds_text else []
    for child in parent:
        name = str(child.tag).removeprefix(SVG)
        if SHAPES.fullmatch(name):
            attributes = _kept(_from_its_start(child))
            kept.append(f"<{name}{attributes}>{_inside(child, room - 1)}</{name}>")
        if holds_text:
            kept.append(escape(child.tail or ""))
    return "".join(kept)


def _from_its_start(element: ElementTree.Element) -> dict[str, str]:
    """Return a mark's attributes; a line whose width is known is placed by its start.

    It stands where it stood: placed by its middle or end, each is a drawing of its own
    in a PDF, which costs as much again as its letters.
    """
    found = dict(element.attrib)
    share = BEFORE.get(found.get("text-anchor", ""))
    if share is not None:
        with suppress(KeyError, ValueError):
            start = float(found["x"]) - share * float(found["textLength"])
            found["x"] = f"{start:.4f}"
            del found["text-anchor"]
    return found


def _kept(attributes: Mapping[str, str]) -> str:
    return "".join(
        f' {name}="{value}"'
        for name, value in attributes.items()
        if name in ATTRIBUTES and VALUE.fullmatch(value) and "url" not in value.lower()
    )
