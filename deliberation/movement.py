"""Two rounds of one prompt -> who stayed and who moved, by the same respondents.

A respondent is linked by seat, table or label from a file. Who abstained, or answered
in one round only, is counted apart and never as having moved.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from deliberation.actions.answers import ask_of
from deliberation.aggregation import change
from deliberation.kinds import Ask
from deliberation.models import Answer, Prompt, Round
from deliberation.models.response import Voice

# In both rounds; what fewer people did would be what each of them did.
LEAST_TO_COMPARE = {Voice.PEOPLE: 5, Voice.TABLES: 2}

type Json = dict[str, Any]
type Place = tuple[str, str]  # the keys of an item and a criterion
type Given = Mapping[Place, Mapping[str, int]]  # respondent to value


def movement(before: Round, after: Round, voice: str) -> dict[Place, Json]:
    """Return the measures of change of each item and criterion asked in both rounds.

    Names as in the results JSON; `since` is the number of the earlier round. Only
    kinds whose answers stand alone have any: assess, rate, choose, approve.
    """
    ask = ask_of(after)
    old = _given(before, ask_of(before), voice)
    new = _given(after, ask, voice)
    return {
        (item.key, criterion.key): {
            "since": before.number,
            **_compared(
                ask,
                old.get((item.key, criterion.key), {}),
                new.get((item.key, criterion.key), {}),
            ),
        }
        for item in ask.items
        for criterion in ask.criteria
        if has_movement(ask) and ask_of(before).item(item.key) is not None
    }


def has_movement(ask: Ask) -> bool:
    """Tell whether answers of this kind can be compared one by one."""
    return ask.is_pick or ask.kind in (Prompt.Kind.ASSESS, Prompt.Kind.RATE)


def earlier_round(this_round: Round) -> Round | None:
    """Return the round of the same prompt before this one."""
    earlier = Round.objects.filter(
        prompt=this_round.prompt_id, number__lt=this_round.number
    )
    return earlier.in_order_of_the_day().last()


def _given(this_round: Round, ask: Ask, voice: str) -> Given:
    """Return what respondents answered, in one query; removed people are not in it."""
    items = {item.id: item.key for item in ask.items}
    criteria = {criterion.id: criterion.key for criterion in ask.criteria}
    answers = Answer.objects.filter(
        round=this_round,
        response__round=this_round,  # says nothing new, but finds them sooner
        response__voice=voice,
        response__participant__removed_at=None,
        state=Answer.State.ANSWERED,
    ).order_by()
    given: dict[Place, dict[str, int]] = defaultdict(dict)
    found = answers.values_list("item", "criterion", "response__respondent", "value")
    for item, criterion, respondent, value in found:
        if item in items:
            given[items[item], criteria[criterion]][respondent] = value
    return given


def _compared(ask: Ask, old: Mapping[str, int], new: Mapping[str, int]) -> Json:
    if ask.is_pick:
        return change.choice_change(
            {who: value == 1 for who, value in old.items()},
            {who: value == 1 for who, value in new.items()},
        )
    if ask.kind == Prompt.Kind.RATE:
        return change.rate_change(old, new, values=[p.value for p in ask.points])
    names = {point.value: point.key for point in ask.points}
    return change.assess_change(
        {who: names[value] for who, value in old.items()},
        {who: names[value] for who, value in new.items()},
        keys=list(names.values()),
    )
