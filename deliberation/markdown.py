"""Briefs and write-ups are written in Markdown; nobody can write HTML into a page."""

import re

from django.utils.safestring import SafeString
from markdown_it import MarkdownIt

# "js-default" leaves HTML as text; pictures would be asked for from other servers.
_parser = MarkdownIt("js-default").disable("image")


def as_html(text: str, *, below: int = 2) -> SafeString:
    """Return Markdown as HTML that is safe to show, whoever wrote it.

    Its headings begin one level under `below`, the level of the heading above it.
    """
    tokens = _parser.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1:]) + below)}"
    return SafeString(_parser.renderer.render(tokens, _parser.options, {}))


# What Markdown would take for a sign, anywhere or at the beginning of a line.
SIGNS = re.compile(r"[\\`*_\[\]<>&]|^[#+=~-]", re.MULTILINE)
NUMBERED = re.compile(r"^(\d{1,9})([.)])", re.MULTILINE)


def escaped(text: str) -> str:
    """Return plain text as Markdown that reads the same."""
    text = SIGNS.sub(lambda sign: "\\" + sign.group(), text)
    return NUMBERED.sub(r"\1\\\2", text)
