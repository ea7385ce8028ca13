"""Choose: one item."""

from .base import Ask, FormData, Judgement
from .picked import parse_picks


def parse(ask: Ask, data: FormData, voice: str) -> list[Judgement]:
    """Return the pick as a judgement of every item. Raises InvalidAnswer."""
    return parse_picks(ask, data, voice, least=1, most=1)
