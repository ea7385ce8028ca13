"""Briefs and write-ups are written in Markdown; nobody can write HTML into a page."""

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
