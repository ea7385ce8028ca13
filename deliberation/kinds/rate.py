"""Rate: a point of an ordered scale for each item, on one or more criteria."""

from .base import Ask, FormData, Judgement
from .scaled import parse_points


def parse(ask: Ask, data: FormData, voice: str) -> list[Judgement]:
    """Return the judged items of a form. Raises InvalidAnswer."""
    return parse_points(ask, data, voice, sent_as=lambda point: str(point.value))
