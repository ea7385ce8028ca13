"""Assess: one category for each item."""

from .base import Ask, FormData, Judgement
from .scaled import parse_points


def parse(ask: Ask, data: FormData, voice: str) -> list[Judgement]:
    """Return the judged items of a form. Raises InvalidAnswer."""
    return parse_points(ask, data, voice, sent_as=lambda point: point.key)
