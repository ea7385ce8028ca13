"""Briefs and write-ups are written in Markdown; nobody can write HTML into a page."""

import re
from collections.abc import Sequence

from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.token import Token

ALLOWED = re.compile(r"https?://|mailto:", re.IGNORECASE)
# Where a link leads is told nothing of the page, and gets no credit for it.
REL = "nofollow noopener noreferrer"


class _Parser(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802
        return ALLOWED.match(url) is not None


# "js-default" leaves HTML as text; pictures would be asked for from other servers.
_parser = _Parser("js-default").disable("image")


def tokens(text: str, *, below: int = 2) -> Sequence[Token]:
    """Return Markdown in its pieces, as the parser names them.

    Its headings begin one level under `below`, the level of the heading above it, and
    leave no level out. Links lead to the web or to an address for mail.
    """
    found = _parser.parse(text)
    last = below
    for token in found:
        if token.type == "heading_open":
            last = min(6, int(token.tag[1:]) + below, last + 1)
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{last}"
        for piece in token.children or ():
            if piece.type == "link_open":
                piece.attrSet("rel", REL)
    return found


def as_html(text: str, *, below: int = 2) -> SafeString:
    """Return Markdown as HTML that is safe to show, whoever wrote it.

    Its headings begin one level under `below`, the level of the heading above it.
    """
    pieces = tokens(text, below=below)
    return SafeString(_parser.renderer.render(pieces, _parser.options, {}))


# What Markdown would take for a sign, anywhere or at the beginning of a line.
SIGNS = re.compile(r"[\\`*_\[\]<>&]|^[#+=~-]", re.MULTILINE)
NUMBERED = re.compile(r"^(\d{1,9})([.)])", re.MULTILINE)


def escaped(text: str) -> str:
    """Return plain text as Markdown that reads the same."""
    text = SIGNS.sub(lambda sign: "\\" + sign.group(), text)
    return NUMBERED.sub(r"\1\\\2", text)
