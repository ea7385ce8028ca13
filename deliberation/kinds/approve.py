"""Approve: any number of items, within the prompt's bounds."""

from .base import Ask, FormData, Judgement
from .picked import parse_picks


def parse(ask: Ask, data: FormData, voice: str) -> list[Judgement]:
    """Return the picks as a judgement of every item. Raises InvalidAnswer."""
    return parse_picks(ask, data, voice, least=ask.least, most=ask.most)
