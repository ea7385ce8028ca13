"""What `rank` and `allocate` share: each item gets a number, and all go together."""

import re
from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _

from .base import (
    ANSWERED,
    Ask,
    FormData,
    InvalidAnswer,
    Judgement,
    read_reason,
    states_offered,
)
from .scaled import field_name

WHOLE = re.compile("[+-]?[0-9]+")
LONGEST = 9  # digits of a number that could be meant

WHOLE_FORM = "choice"  # the field of what is wrong with all numbers together

type Check = Callable[[Mapping[str, int]], dict[str, int]]


def number_field(item_key: str) -> str:
    """Return the name of the field for an item's number."""
    return field_name(item_key, "")


def whole_number(text: str) -> int | None:
    """Return the number that a text is, written in the digits 0 to 9, else None.

    One of too many digits comes back as one that is too large anyway.
    """
    if not WHOLE.fullmatch(text):
        return None
    return int(text[: LONGEST + 1])


def parse_numbers(
    ask: Ask, data: FormData, voice: str, *, least: int, most: int, check: Check
) -> list[Judgement]:
    """Return one judgement for every item: its number, or the state for all.

    least, most: of each number that is written. check: looks at the numbers together,
    by item keys, and returns those to store; 0 stands for what it leaves out. The whole
    is replaced at once. Raises InvalidAnswer.
    """
    written = {
        item.key: (data.get(number_field(item.key)) or "").strip() for item in ask.items
    }
    criterion = ask.criteria[0].id
    if words := list(dict.fromkeys(data.getlist(WHOLE_FORM))):
        state = _state(ask, voice, words, any(written.values()))
        return [Judgement(item.id, criterion, state, None, "") for item in ask.items]
    numbers = check(_read(written, least, most))
    errors: dict[str, str] = {}
    judgements = []
    for item in ask.items:
        number = numbers.get(item.key, 0)
        reason = read_reason(ask, data, item, voice, errors, judged=bool(number))
        if reason and not number:
            errors[f"reason.{item.key}"] = _("Please give this item a number as well.")
        judgements.append(Judgement(item.id, criterion, ANSWERED, number, reason))
    if errors:
        raise InvalidAnswer(errors)
    return judgements


def _state(ask: Ask, voice: str, words: list[str], has_numbers: bool) -> str:
    if len(words) > 1 or words[0] not in states_offered(ask, voice):
        raise InvalidAnswer(
            {WHOLE_FORM: _("Please choose one of the answers offered.")}
        )
    if has_numbers:
        raise InvalidAnswer(
            {WHOLE_FORM: _("Please give either numbers or the answer that has none.")}
        )
    return words[0]


def _read(written: Mapping[str, str], least: int, most: int) -> dict[str, int]:
    """Return the numbers that were written, by item keys. Raises InvalidAnswer."""
    numbers, errors = {}, {}
    for key, text in written.items():
        if not text:
            continue
        number = whole_number(text)
        if number is None:
            message = _("Please write a whole number in the digits 0 to 9.")
            errors[number_field(key)] = message
        elif not least <= number <= most:
            message = _("Please write a number from %(least)d to %(most)d.")
            errors[number_field(key)] = message % {"least": least, "most": most}
        else:
            numbers[key] = number
    if errors:
        raise InvalidAnswer(errors)
    return numbers
