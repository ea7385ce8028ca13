"""Rank: items in order, as many as the prompt allows, level ones where it says so."""

from collections.abc import Callable, Hashable, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .base import Ask, FormData, InvalidAnswer, Judgement
from .numbered import WHOLE_FORM, number_field, parse_numbers


def parse(ask: Ask, data: FormData, voice: str) -> list[Judgement]:
    """Return the ranking as a judgement of every item. Raises InvalidAnswer."""

    def check(places: Mapping[str, int]) -> dict[str, int]:
        return settle(places, most=ask.most, ties=ask.ties, field_of=number_field)

    return parse_numbers(ask, data, voice, least=1, most=ask.most, check=check)


def settle[Key: Hashable](
    places: Mapping[Key, int],
    *,
    most: int,
    ties: bool,
    field_of: Callable[[Key], str] = str,
) -> dict[Key, int]:
    """Return the places of the ranked items, closed up behind level ones.

    After two first items comes place 2, whether 2 or 3 was written. most: items that
    may be ranked. ties: whether they may be level. field_of: names what is wrong.
    Raises InvalidAnswer for a place that is missing, or given twice where none may be.
    """
    if not places:
        message = _("Please give at least one item a place.")
        raise InvalidAnswer({WHOLE_FORM: message})
    if len(places) > most:
        message = ngettext(
            "Please rank only one.", "Please rank at most %(most)d.", most
        )
        raise InvalidAnswer({WHOLE_FORM: message % {"most": most}})
    given = list(places.values())
    errors = {}
    for key, place in places.items():
        before = sum(other < place for other in given)
        if place > before + 1:
            message = _("Place %(place)d is missing before this one.")
            errors[field_of(key)] = message % {"place": before + 1}
        elif given.count(place) > 1 and not ties:
            message = _("Place %(place)d is given more than once.")
            errors[field_of(key)] = message % {"place": place}
    if errors:
        raise InvalidAnswer(errors)
    closed_up = {place: number for number, place in enumerate(sorted(set(given)), 1)}
    return {key: closed_up[place] for key, place in places.items()}
