"""Allocate: points shared out among the items; some may stay unspent."""

from collections.abc import Hashable, Mapping

from django.utils.translation import gettext as _

from .base import Ask, FormData, InvalidAnswer, Judgement
from .numbered import WHOLE_FORM, parse_numbers


def parse(ask: Ask, data: FormData, voice: str) -> list[Judgement]:
    """Return the points as a judgement of every item. Raises InvalidAnswer."""

    def check(points: Mapping[str, int]) -> dict[str, int]:
        return settle(points, total=ask.total)

    return parse_numbers(ask, data, voice, least=0, most=ask.total, check=check)


def settle[Key: Hashable](points: Mapping[Key, int], *, total: int) -> dict[Key, int]:
    """Return the points of items; what is left of the total is unspent.

    Raises InvalidAnswer for more points than there are.
    """
    if not points:
        message = _("Please give at least one item points.")
        raise InvalidAnswer({WHOLE_FORM: message})
    spent = sum(points.values())
    if spent > total:
        message = _(
            "These are %(spent)d points of %(total)d. Please take %(over)d away."
        )
        told = {"spent": spent, "total": total, "over": spent - total}
        raise InvalidAnswer({WHOLE_FORM: message % told})
    return dict(points)
