"""How wide text is, by the typeface that pictures are set in, and where to break it."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from unicodedata import category, east_asian_width

from fontTools.ttLib import TTFont

REGULAR, STRONG = 400, 600
REPLACED = "\N{REPLACEMENT CHARACTER}"
# Of the size of the type, for characters of typefaces that are not known here.
WIDE, USUAL = 1.0, 0.72


def font_path() -> Path:
    """Return the file of Source Sans 3, in all weights."""
    folder = Path(str(files("fontpkg_source_sans_3")))
    return folder / "files" / "SourceSans3[wght].ttf"


@cache
def advances(weight: int) -> dict[str, float]:
    """Return the width of each character of the typeface, 1 being the size of type."""
    with TTFont(font_path()) as font:
        glyphs = font.getGlyphSet(location={"wght": weight})
        unit = font["head"].unitsPerEm
        return {
            chr(code): glyphs[name].width / unit
            for code, name in font.getBestCmap().items()
        }


def is_known(text: str) -> bool:
    """Tell whether the typeface has every character, line breaks aside."""
    return set(text) <= advances(REGULAR).keys() | {"\n"}


def width(text: str, size: float, weight: int = REGULAR) -> float:
    """Return how wide a line is, in px; a good guess where the typeface lacks signs."""
    known = advances(weight)
    return size * sum(known[c] if c in known else _guess(c) for c in text)


def clean(text: object) -> str:
    """Return text in one line, with what XML cannot carry replaced."""
    return legible(_joined(str(text)))


def legible(text: str) -> str:
    """Return text with what XML cannot carry replaced, line breaks and tabs too."""
    return "".join(c if _is_allowed(ord(c)) else REPLACED for c in text)


def wrap(
    text: object, room: float, size: float, weight: int = REGULAR, *, most: int = 100
) -> list[str]:
    """Break text into lines no wider than the room, in px.

    Words wider than the room are broken. What does not fit into the most lines is left
    out, and the last line ends with an ellipsis. An empty text has no lines.
    """
    lines: list[str] = []
    line = ""
    for word in _pieces(clean(text).split(), room, size, weight):
        longer = f"{line} {word}" if line else word
        if line and width(longer, size, weight) > room:
            lines.append(line)
            line = word
            if len(lines) == most:
                return [*lines[:-1], shortened(lines[-1] + " ", room, size, weight)]
        else:
            line = longer
    return [*lines, line] if line else lines


def balanced(
    text: object, room: float, size: float, weight: int = REGULAR, *, most: int = 100
) -> list[str]:
    """Break text into as few lines as `wrap`, of much the same length."""
    lines = wrap(text, room, size, weight, most=most)
    low, high = room / 2, room
    while len(lines) > 1 and high - low > size:
        middle = (low + high) / 2
        tried = wrap(text, middle, size, weight, most=most)
        if len(tried) == len(lines) and tried[-1][-1:] == lines[-1][-1:]:
            high = middle
        else:
            low = middle
    return wrap(text, high, size, weight, most=most)


def shortened(text: str, room: float, size: float, weight: int = REGULAR) -> str:
    """Cut a line so that it fits with an ellipsis, between words if it can be."""
    kept = text.rstrip(" ,;:.")
    while kept and width(f"{kept} …", size, weight) > room:
        kept = kept[:-1]
    whole, _, _ = kept.rpartition(" ")
    if kept != text.rstrip(" ,;:.") and 2 * len(whole) > len(kept):
        kept = whole
    return f"{kept.rstrip(' ,;:.')} …".lstrip()


def fits(
    text: str, room: float, size: float, weight: int = REGULAR, *, most: int
) -> bool:
    """Tell whether text needs no more lines, and no broken word."""
    words = clean(text).split()
    return (
        all(width(word, size, weight) <= room for word in words)
        and len(wrap(text, room, size, weight)) <= most
    )


def widest(
    texts: Sequence[str], size: float, weight: int = REGULAR, least: float = 0.0
) -> float:
    return max([least, *(width(clean(text), size, weight) for text in texts)])


def _pieces(words: Sequence[str], room: float, size: float, weight: int) -> list[str]:
    """Return words, those wider than the room in pieces that fit."""
    made = []
    for word in words:
        piece, wide = "", 0.0
        for char in word:
            more = width(char, size, weight)
            # What takes no room, such as an accent, stays with what is before it.
            if piece and more and wide + more > room:
                made.append(piece)
                piece, wide = "", 0.0
            piece, wide = piece + char, wide + more
        made.append(piece)
    return made


def _joined(text: str) -> str:
    return " ".join(text.split())


def _is_allowed(code: int) -> bool:
    return (
        code >= 0x20
        and not 0x7F <= code <= 0x9F
        and not 0xD800 <= code <= 0xDFFF
        and code not in (0xFFFE, 0xFFFF)
    )


def _guess(char: str) -> float:
    if category(char) in ("Mn", "Me", "Cf"):
        return 0.0
    return WIDE if east_asian_width(char) in ("W", "F") else USUAL
