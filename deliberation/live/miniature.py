"""A board drawn small inside another page: a picture there, not a part of the page."""

import re

from django.utils.safestring import SafeString

from deliberation.live.parts import part

# How far the tables and the room are, and the countdown.
_CHANGES = re.compile(
    r'<(li|p)\b[^>]*\sid="wall-(?:in-\d+|answered|tables-in|timer)".*?</\1>', re.DOTALL
)


def miniature(board: str, *, marked: bool = False) -> SafeString:
    """Return a board's HTML without its main heading: the page has one of its own.

    What stands there instead looks the same (`.h1`). Text that people wrote is escaped
    in a board, so that every tag in it is the board's. marked: whether what changes
    often is marked as parts.
    """
    drawn = board.replace("<h1", '<div class="h1"').replace("</h1>", "</div>")
    if marked:
        drawn = _CHANGES.sub(lambda found: part(found[0]), drawn)
    return SafeString(drawn)
