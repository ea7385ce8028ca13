"""What of a board changed, for pages that have the one before.

A board marks its sections, and in them the parts that change by themselves, with HTML
comments, which nothing that people write can hold. Each is one element with an id;
sections do not stand in sections, nor parts in parts. Pages never get the comments.
"""

import re

SECTION, SECTION_END = "<!--section-->", "<!--/section-->"
PART, PART_END = "<!--part-->", "<!--/part-->"

_SECTION = re.compile("<!--/?section-->")
_PART = re.compile("<!--/?part-->")
_MARKS = (SECTION, SECTION_END, PART, PART_END)
_ID = re.compile(r'\s*<\w[^>]*?\sid="([^"]*)"')


def part(html: str) -> str:
    """Mark an element with an id as a part."""
    return f"{PART}{html}{PART_END}"


def without_marks(board: str) -> str:
    """Return a marked board as a page has it."""
    for mark in _MARKS:
        board = board.replace(mark, "")
    return board


def changed(before: str, after: str) -> list[str] | None:
    """Return the elements of a marked board that another one has instead.

    They have the ids of those whose places they take. None where something else
    changed, so that only the whole board will do.
    """
    sections = _differing(_SECTION, before, after)
    if sections is None:
        return None
    found: list[tuple[str, str]] = []
    for was, now in sections:
        parts = _differing(_PART, was, now)
        # A part with another id is another part: the section's elements are others.
        if parts is None or not all(_are_the_same(*both) for both in parts):
            parts = [(without_marks(was), without_marks(now))]
        found += parts
    if not all(_are_the_same(*both) for both in found):
        return None
    return [now for _was, now in found]


def _differing(
    mark: re.Pattern[str], before: str, after: str
) -> list[tuple[str, str]] | None:
    """Return what differs between marks; None where something else does."""
    was, now = mark.split(before), mark.split(after)
    if len(was) != len(now) or was[::2] != now[::2]:
        return None
    pairs = zip(was[1::2], now[1::2], strict=True)
    return [(before, after) for before, after in pairs if before != after]


def _are_the_same(was: str, now: str) -> bool:
    """Tell whether two pieces of HTML are one element each, with the same id."""
    before, after = _ID.match(was), _ID.match(now)
    return before is not None and after is not None and before[1] == after[1]
