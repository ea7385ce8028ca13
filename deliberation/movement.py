"""Two rounds of one prompt -> who stayed and who moved, by the same respondents.

A respondent is linked by seat, table or label from a file. Who abstained, or answered
in one round only, is counted apart and never as having moved.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from deliberation.actions.answers import ask_of
from deliberation.aggregation import change
from deliberation.aggregation.least import LEAST_FOR_INDEX
from deliberation.kinds import Ask
from deliberation.models import Answer, Prompt, Round
from deliberation.models.challenge import Audience
from deliberation.models.response import Voice
from deliberation.models.round import RoundQuerySet

# In both rounds; what fewer people did would be what each of them did.
LEAST_TO_COMPARE = {Voice.PEOPLE: LEAST_FOR_INDEX, Voice.TABLES: 2}

type Json = dict[str, Any]
type Place = tuple[str, str]  # the keys of an item and a criterion
type Given = Mapping[Place, Mapping[str, int]]  # respondent to value


type Before = Mapping[str, Round]  # by an item's key, the round that asked it before


def rounds_before(this_round: Round) -> Before:
    """Return the last earlier round that asked each item, as far as there is one.

    A round in between may have asked a few items only; one that asked a few people
    only does not count. Rankings and points go with the last round that asked the same
    items, because each item takes from others.
    """
    ask = ask_of(this_round)
    before: dict[str, Round] = {}
    for one in _earlier(this_round).filter(audience=Audience.ROOM):
        asked = ask_of(one)
        if has_movement(asked, ask):
            found = [item.key for item in ask.items if asked.item(item.key)]
            before |= dict.fromkeys(found, one)
    return before


def movement(before: Before, after: Round, voice: str) -> dict[Place, Json]:
    """Return the measures of change of each item and criterion asked before.

    Names as in the results JSON; `since` is the number of the earlier round.
    """
    found: dict[Place, Json] = {}
    for one in dict.fromkeys(before.values()):
        found |= {
            place: moved
            for place, moved in _movement(one, after, voice).items()
            if before.get(place[0]) == one
        }
    return found


def _movement(before: Round, after: Round, voice: str) -> dict[Place, Json]:
    ask = ask_of(after)
    old = _given(before, ask_of(before), voice)
    new = _given(after, ask, voice)
    if ask.is_numbered:
        moves = _numbered(ask, _wholes(ask, old), _wholes(ask, new))
        return {
            (item, ask.criteria[0].key): {"since": before.number, **moved}
            for item, moved in moves.items()
        }
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
        if ask_of(before).item(item.key) is not None
    }


def whole_movement(before: Before, after: Round, voice: str) -> Json:
    """Return how many changed their ranking or their points, and what leads in it.

    Empty for other kinds, and where no round before asked the same items.
    """
    ask = ask_of(after)
    last = next(iter(before.values()), None)
    if not ask.is_numbered or last is None:
        return {}
    old = _wholes(ask, _given(last, ask_of(last), voice))
    new = _wholes(ask, _given(after, ask, voice))
    is_ranked = ask.kind == Prompt.Kind.RANK
    return {
        "since": last.number,
        **change.whole_change(old, new, lowest_first=is_ranked),
    }


def has_movement(before: Ask, after: Ask) -> bool:
    """Tell whether answers of two rounds can be compared."""
    if not after.is_numbered:
        return after.kind != Prompt.Kind.DISCUSS
    return {item.key for item in before.items} == {item.key for item in after.items}


def earlier_round(this_round: Round) -> Round | None:
    """Return the round of the same prompt before this one, whoever was asked."""
    return _earlier(this_round).last()


def _earlier(this_round: Round) -> RoundQuerySet:
    earlier = Round.objects.filter(
        prompt=this_round.prompt_id, number__lt=this_round.number
    )
    return earlier.in_order_of_the_day()


def _given(this_round: Round, ask: Ask, voice: str) -> Given:
    """Return what respondents answered, in one query; removed people are not in it."""
    items = {item.id: item.key for item in ask.items}
    criteria = {criterion.id: criterion.key for criterion in ask.criteria}
    answers = Answer.objects.counted_in(this_round, voice).filter(
        state=Answer.State.ANSWERED
    )
    given: dict[Place, dict[str, int]] = defaultdict(dict)
    found = answers.values_list("item", "criterion", "response__respondent", "value")
    for item, criterion, respondent, value in found:
        if item in items:
            given[items[item], criteria[criterion]][respondent] = value
    return given


def _wholes(ask: Ask, given: Given) -> dict[str, dict[str, int]]:
    """Return each respondent's numbers by item, 0 for what was left out."""
    keys = [item.key for item in ask.items]
    wholes: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(keys, 0))
    for (item, _criterion), numbers in given.items():
        for respondent, number in numbers.items():
            wholes[respondent][item] = number
    return wholes


def _numbered(
    ask: Ask, old: Mapping[str, Mapping[str, int]], new: Mapping[str, Mapping[str, int]]
) -> dict[str, Json]:
    if ask.kind == Prompt.Kind.RANK:
        most = min(ask.most, len(ask.items))
        return {
            item.key: change.rank_change(old, new, item=item.key, most=most)
            for item in ask.items
        }
    return {
        item.key: change.points_change(old, new, item=item.key) for item in ask.items
    }


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
