"""Two texts as one, word by word, with what went and what came."""

import re
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Literal

# Of texts less alike than this, word by word would be harder to read than whole.
ALIKE = 0.5
# Nor of texts that share words in so many ways: comparing them would take seconds.
MOST_PAIRS = 500_000

type Piece = tuple[Literal["same", "removed", "added"], str]


def pieces(before: str, after: str) -> list[Piece]:
    """Return both texts as one; of texts that have little in common, each whole."""
    old, new = (re.findall(r"\S+\s*", text) for text in (before, after))
    # A line that is broken elsewhere says the same.
    went = [piece.rstrip() for piece in old]
    came = [piece.rstrip() for piece in new]
    matcher = SequenceMatcher(None, went, came, autojunk=False)
    if _pairs(went, came) > MOST_PAIRS or matcher.ratio() < ALIKE:
        whole: list[Piece] = [("removed", before), ("added", after)]
        return [piece for piece in whole if piece[1]]
    found: list[Piece] = []
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            found.append(("same", "".join(new[new_start:new_end])))
            continue
        if end > start:
            found.append(("removed", "".join(old[start:end]).rstrip(" ")))
        if new_end > new_start:
            found.append(("added", "".join(new[new_start:new_end]).rstrip(" ")))
    return found


def _pairs(old: Sequence[str], new: Sequence[str]) -> int:
    """Count how often a word of one text is a word of the other."""
    often = Counter(new)
    return sum(often[word] for word in old)
