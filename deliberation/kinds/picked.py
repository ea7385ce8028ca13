"""What `choose` and `approve` share: items are picked; the others are not."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .base import (
    ANSWERED,
    Ask,
    FormData,
    InvalidAnswer,
    Judgement,
    read_reason,
    states_offered,
)


def parse_picks(
    ask: Ask, data: FormData, voice: str, *, least: int, most: int
) -> list[Judgement]:
    """Return one judgement for every item: 1 picked, 0 not, or the state for all.

    The whole pick is replaced at once. Raises InvalidAnswer.
    """
    words = list(dict.fromkeys(data.getlist("choice")))
    criterion = ask.criteria[0].id
    if len(words) == 1 and words[0] in states_offered(ask, voice):
        return [Judgement(item.id, criterion, words[0], None, "") for item in ask.items]
    if len(words) > 1 and set(words) & set(states_offered(ask, voice)):
        raise InvalidAnswer(
            {"choice": _("Please choose either items or the answer that has none.")}
        )
    known = {item.key for item in ask.items}
    if not set(words) <= known:
        raise InvalidAnswer({"choice": _("Please choose one of the answers offered.")})
    if not least <= len(words) <= most:
        raise InvalidAnswer({"choice": count_message(least, most)})
    errors: dict[str, str] = {}
    judgements = []
    for item in ask.items:
        picked = item.key in words
        reason = read_reason(ask, data, item, voice, errors) if picked else ""
        judgements.append(Judgement(item.id, criterion, ANSWERED, int(picked), reason))
    if errors:
        raise InvalidAnswer(errors)
    return judgements


def count_message(least: int, most: int) -> str:
    """Say how many items may be picked."""
    if least == most:
        return ngettext(
            "Please choose %(most)d.", "Please choose exactly %(most)d.", most
        ) % {"most": most}
    return _("Please choose at least %(least)d and at most %(most)d.") % {
        "least": least,
        "most": most,
    }
