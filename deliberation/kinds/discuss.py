"""Discuss: points only, nothing is judged."""

from django.utils.translation import gettext as _

from .base import Ask, FormData, InvalidAnswer, Judgement


def parse(ask: Ask, data: FormData, voice: str) -> list[Judgement]:
    """Raise InvalidAnswer: points are the only contributions to a discussion."""
    raise InvalidAnswer({"": _("This question is answered by points.")})
