"""What people wrote in Markdown, as paragraphs for formats that are not HTML."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from markdown_it.token import Token

from deliberation import markdown

LISTS = {"bullet_list_open": "bullet", "ordered_list_open": "number"}
MARKS = {"strong": "strong", "em": "emphasis", "s": "struck"}


@dataclass(frozen=True)
class Span:
    """A piece of a paragraph that looks the same. A line break is a text `\\n`."""

    text: str
    strong: bool = False
    emphasis: bool = False
    struck: bool = False
    code: bool = False
    link: str = ""


@dataclass(frozen=True)
class Paragraph:
    """kind: text, heading, bullet, number, quote, code or rule.

    level: of a heading; otherwise in how many lists it stands. number: of a list's
    item; items without one go on with the item before.
    """

    kind: str
    spans: tuple[Span, ...] = ()
    level: int = 0
    number: int = 0


@dataclass(frozen=True)
class Grid:
    """A table that somebody wrote; the first row is its head."""

    rows: tuple[tuple[tuple[Span, ...], ...], ...]


def paragraphs(text: str, *, below: int = 2) -> list[Paragraph | Grid]:
    """Return Markdown as paragraphs and tables, headings one level under `below`."""
    return list(_Reader(below).read(text))


class _Reader:
    def __init__(self, below: int) -> None:
        self._below = below
        self._lists: list[list[int | str]] = []  # kind and number of the next item
        self._quotes = 0
        self._begins = False  # the next paragraph is the first of its item

    def read(self, text: str) -> Iterator[Paragraph | Grid]:
        tokens = iter(markdown.tokens(text, below=self._below))
        for token in tokens:
            if token.type == "table_open":
                yield _grid(tokens)
            elif token.type in LISTS:
                start = int(token.attrGet("start") or 1)
                self._lists.append([LISTS[token.type], start])
            elif token.type in ("bullet_list_close", "ordered_list_close"):
                self._lists.pop()
            elif token.type == "list_item_open":
                self._begins = True
            elif token.type in ("blockquote_open", "blockquote_close"):
                self._quotes += token.nesting
            elif token.type == "heading_open":
                line = _spans(next(tokens).children or ())
                yield Paragraph("heading", line, int(token.tag[1:]))
            elif token.type == "inline":
                yield self._paragraph(_spans(token.children or ()))
            elif token.type in ("fence", "code_block"):
                yield Paragraph("code", (Span(token.content.rstrip("\n"), code=True),))
            elif token.type == "hr":
                yield Paragraph("rule")

    def _paragraph(self, spans: tuple[Span, ...]) -> Paragraph:
        level = len(self._lists)
        if self._lists and self._begins:
            self._begins = False
            of_list = self._lists[-1]
            kind, number = str(of_list[0]), int(of_list[1])
            of_list[1] = number + 1
            return Paragraph(kind, spans, level, number)
        return Paragraph("quote" if self._quotes else "text", spans, level)


def _grid(tokens: Iterator[Token]) -> Grid:
    rows: list[list[tuple[Span, ...]]] = []
    for token in tokens:
        if token.type == "table_close":
            break
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(_spans(token.children or ()))
    return Grid(tuple(tuple(row) for row in rows))


def _spans(pieces: Iterable[Token]) -> tuple[Span, ...]:
    found: list[Span] = []
    look = Span("")
    for piece in pieces:
        name, _, end = piece.type.rpartition("_")
        if name in MARKS:
            look = replace(look, **{MARKS[name]: end == "open"})  # type: ignore[arg-type]
        elif name == "link":
            link = str(piece.attrGet("href") or "") if end == "open" else ""
            look = replace(look, link=link)
        elif piece.type == "code_inline":
            found.append(replace(look, text=piece.content, code=True))
        elif piece.type == "hardbreak":
            found.append(replace(look, text="\n"))
        elif piece.type == "softbreak":
            found.append(replace(look, text=" "))
        elif piece.content:
            found.append(replace(look, text=piece.content))
    return tuple(found)
