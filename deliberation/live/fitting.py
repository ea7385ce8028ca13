"""How much fits on the wall, and how large: by fixed classes of length.

The server cannot measure type, so lengths are counted in characters of the wall's
typeface at each size. What does not fit is cut at a paragraph, a list item or a word,
never in the middle of one, and people are told where the rest is.
"""

from collections.abc import Iterable, Sequence
from math import ceil
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from markdown_it import MarkdownIt
from markdown_it.token import Token

type Steps = Sequence[tuple[int, str]]  # up to so many characters, this class

QUESTION: Steps = ((70, "size-5"), (140, "size-4"), (260, "size-3"), (10_000, "size-2"))
WORDING: Steps = ((62, "size-6"), (115, "size-5"), (170, "size-4"), (10_000, "size-3"))
WORDING_ALONE: Steps = (
    (110, "size-6"),
    (270, "size-5"),
    (370, "size-4"),
    (10_000, "size-3"),
)
QUOTE: Steps = ((130, "size-5"), (280, "size-4"), (450, "size-3"), (10_000, "size-2"))

HEADING: Steps = ((88, ""), (10_000, "long"))

HEADING_LENGTH = 170
WORDING_LENGTH = 320  # beside the answers ...
WORDING_LENGTH_ALONE = 520  # ... and before there are any
QUOTE_LENGTH = 800
POINT_LENGTH = 280  # of one among several

POINT_LINES, POINT_LINE = 11.6, 60  # of the chosen points, alone on the screen
SMALL_LINE = 64  # characters a line of the smallest type
BESIDE_POINT = 1.5  # lines for where it comes from and the space around it
BESIDE_SMALL_POINT = 0.4  # there it stands behind the text

# Of an item's wording: characters a line, height of a line in hundredths of the width.
WORDING_LINES = {
    "size-6": (32, 6.7),
    "size-5": (39, 5.6),
    "size-4": (45, 4.8),
    "size-3": (54, 4.05),
}
ITEM_HEIGHT, ANSWERS_HEIGHT, SMALL_HEIGHT = 42.0, 28.5, 3.3

# Class, characters a line, lines: largest first.
BRIEF_SIZES = (("size-4", 52, 6.5), ("size-3", 60, 8.5), ("size-2", 72, 10.5))


def size(text: str, steps: Steps) -> str:
    """Return the class of the largest size at which a text of this length fits."""
    return next(name for longest, name in steps if len(text) <= longest)


def heading(text: str) -> dict[str, Any]:
    """Return the line at the head of a board: two lines, or three of smaller type."""
    return _cut(text, HEADING_LENGTH) | {"size": size(text, HEADING)}


def wording(text: str, *, with_answers: bool) -> dict[str, Any]:
    """Return an item's text for the view of one item: text, size, whether it is cut.

    `lines` of small type remain under it.
    """
    length = WORDING_LENGTH if with_answers else WORDING_LENGTH_ALONE
    name = size(text, WORDING if with_answers else WORDING_ALONE)
    per_line, height = WORDING_LINES[name]
    left = ITEM_HEIGHT - height * ceil(min(len(text), length) / per_line)
    left -= ANSWERS_HEIGHT * with_answers
    return _cut(text, length) | {"size": name, "lines": max(0.0, left / SMALL_HEIGHT)}


def quote(text: str) -> dict[str, Any]:
    """Return a point's text for a screen of its own."""
    return _cut(text, QUOTE_LENGTH) | {"size": size(text, QUOTE)}


def marked(point: dict[str, Any], most: int) -> dict[str, Any]:
    """Return a point with its `line`, if it has one, as its text: what goes and comes.

    Of more than so many characters only what it proposes is told, unmarked.
    """
    if not point.get("line"):
        return point
    whole = "".join(text for _what, text in point["line"])
    return point | ({"line": None} if len(whole) > most else {"text": whole})


def _cut(text: str, length: int) -> dict[str, Any]:
    return {
        "text": _at_a_word(text, length),
        "is_cut": len(text) > length,
    }


def _at_a_word(text: str, length: int) -> str:
    if len(text) <= length:
        return text
    whole, _, _ = text[: length - 1].rpartition(" ")
    return (whole or Truncator(text).chars(length - 1, truncate="")).rstrip(
        " ,;:"
    ) + " …"


def fit(
    points: Iterable[dict[str, Any]], *, lines: float, per_line: int, least: int = 1
) -> list[dict[str, Any]]:
    """Return the points, first ones first, that fit into so many lines.

    least: how many are returned even if they do not.
    """
    kept: list[dict[str, Any]] = []
    beside = BESIDE_SMALL_POINT if per_line == SMALL_LINE else BESIDE_POINT
    for point in (marked(one, POINT_LENGTH) for one in points):
        text = _at_a_word(point["text"], POINT_LENGTH)
        lines -= ceil(len(text) / per_line) + beside
        if lines < 0 and len(kept) >= least:
            break
        kept.append(point | {"text": text})
    return kept


def discussion_lines(parts: Sequence[str]) -> float:
    """Return the lines of small type that remain beside the parts of a question."""
    return max(2.0, 12.0 - sum(1.6 * ceil(len(part) / 58) for part in parts))


def brief(text: str) -> dict[str, Any]:
    """Return a brief in Markdown as HTML at the largest size at which it fits.

    `html` (safe: raw HTML is off), `size`, `is_cut`.
    """
    markdown = MarkdownIt("commonmark", {"html": False}).disable(["image", "hr"])
    tokens = [_as_wall_heading(token) for token in markdown.parse(text)]
    for name, per_line, lines in BRIEF_SIZES:  # noqa: B007  # the last one tried counts
        kept = _first_that_fit(tokens, per_line, lines)
        if len(kept) == len(tokens):
            break
    is_cut = len(kept) < len(tokens)
    if not kept and tokens:
        first = " ".join(tokens[1].content.split())
        kept = markdown.parse(_at_a_word(first, int(per_line * lines)))
    html = markdown.renderer.render(kept, markdown.options, {})
    return {"html": _safe(html), "size": name, "is_cut": is_cut}


def _safe(html: str) -> SafeString:
    return mark_safe(html)  # noqa: S308  # rendered from Markdown with raw HTML off


def _as_wall_heading(token: Token) -> Token:
    if token.type.startswith("heading"):
        token.tag = "h2"
    return token


def _announces(kept: Sequence[Token]) -> bool:
    """Tell whether the last block only leads to what follows it."""
    if not kept or kept[-1].type not in ("heading_close", "paragraph_close"):
        return False
    is_heading = kept[-1].type == "heading_close"
    return is_heading or kept[-2].content.rstrip().endswith(":")


def _first_that_fit(
    tokens: Sequence[Token], per_line: int, lines: float
) -> list[Token]:
    """Return whole blocks, and of a list whole items, until the lines are used up."""
    end = 0
    open_lists: list[Token] = []
    for place, token in enumerate(tokens):
        if token.type == "inline":
            lines -= sum(
                ceil(max(len(line), 1) / per_line) for line in token.content.split("\n")
            )
            lines -= 0.2 if open_lists else 0.6
        elif token.type in ("fence", "code_block"):
            lines -= token.content.count("\n") + 0.6
        if lines < 0:
            break
        if token.type in ("bullet_list_open", "ordered_list_open"):
            open_lists.append(token)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            open_lists.pop()
        closes_item = token.type == "list_item_close" and len(open_lists) == 1
        if (token.level == 0 and token.nesting <= 0) or closes_item:
            end = place + 1
    kept = list(tokens[:end])
    while end < len(tokens) and _announces(kept):
        del kept[-3:]
    if kept and kept[-1].type == "list_item_close":
        opened = next(t for t in reversed(kept) if t.nesting == 1 and t.level == 0)
        close_type = opened.type.replace("open", "close")
        kept.append(Token(close_type, opened.tag, -1, block=True))
    return kept
