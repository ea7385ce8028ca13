"""What `assess` and `rate` share: one point of a scale for each item and criterion."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from .base import (
    ANSWERED,
    Ask,
    AskedPoint,
    FormData,
    InvalidAnswer,
    Judgement,
    read_reason,
    states_offered,
)


def field_name(item_key: str, criterion_key: str) -> str:
    """Return `answer.<item>`, or `answer.<item>.<criterion>` where it has a key."""
    return ".".join(filter(None, ["answer", item_key, criterion_key]))


def parse_points(
    ask: Ask, data: FormData, voice: str, *, sent_as: Callable[[AskedPoint], str]
) -> list[Judgement]:
    """Return a judgement for each item that the form answers; others stay as they are.

    `sent_as` gives the form's word for a point. Raises InvalidAnswer.
    """
    by_word = {sent_as(point): point.value for point in ask.points}
    offered = states_offered(ask, voice)
    errors: dict[str, str] = {}
    judgements = []
    for item in ask.items:
        answered = [
            (criterion, data.get(field_name(item.key, criterion.key)) or "")
            for criterion in ask.criteria
        ]
        if not any(word for _criterion, word in answered):
            if (data.get(f"reason.{item.key}") or "").strip():
                errors[f"reason.{item.key}"] = _("Please choose an answer as well.")
            continue
        judged = any(word in by_word for _criterion, word in answered)
        reason = read_reason(ask, data, item, voice, errors, judged=judged)
        for criterion, word in answered:
            field = field_name(item.key, criterion.key)
            if word in by_word:
                state, value = ANSWERED, by_word[word]
            elif word in offered:
                state, value = word, None
            elif word:
                errors[field] = _("Please choose one of the answers offered.")
                continue
            else:
                continue
            judgements.append(Judgement(item.id, criterion.id, state, value, reason))
    if errors:
        raise InvalidAnswer(errors)
    if not judgements:
        raise InvalidAnswer({"": _("Please choose an answer.")})
    return judgements
