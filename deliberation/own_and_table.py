"""One round's answers -> what each table agreed beside what its people answered.

A person counts at the table where the answer was given.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from django.db.models import Count

from deliberation.aggregation.own_and_table import gap
from deliberation.kinds import Ask
from deliberation.models import Answer, Prompt, Round
from deliberation.models.response import Voice

type Place = tuple[str, str]  # the keys of an item and a criterion
type Gaps = dict[Place, dict[int, dict[str, Any] | None]]  # by the table's number
WITH_STEPS = (Prompt.Kind.RATE, Prompt.Kind.ALLOCATE)


def own_and_table(this_round: Round, ask: Ask) -> Gaps:
    """Return the gaps of every table that answered an item; one query.

    None where too few of its people answered it. Empty for a prompt that asks one
    voice only.
    """
    if len(this_round.prompt.voices) < len(Voice.values):
        return {}
    agreed, own = _counted(this_round, ask)
    has_steps = ask.kind in WITH_STEPS
    found: Gaps = defaultdict(dict)
    for (place, table), value in sorted(agreed.items()):
        found[place][table] = gap(value, own[place, table], has_steps=has_steps)
    return dict(found)


def _counted(
    this_round: Round, ask: Ask
) -> tuple[Mapping[tuple[Place, int], int], Mapping[tuple[Place, int], Counter[int]]]:
    """Return each table's value, and how many of its people gave each value."""
    items = {item.id: item.key for item in ask.items}
    criteria = {criterion.id: criterion.key for criterion in ask.criteria}
    rows = Answer.objects.counted().filter(
        round=this_round,
        response__round=this_round,  # says nothing new, but finds them sooner
        response__table__isnull=False,
        state=Answer.State.ANSWERED,
        item__in=items,
    )
    counted = rows.values_list(
        "response__voice", "response__table__number", "item", "criterion", "value"
    ).annotate(number=Count("pk"))
    agreed: dict[tuple[Place, int], int] = {}
    own: dict[tuple[Place, int], Counter[int]] = defaultdict(Counter)
    for voice, table, item, criterion, value, number in counted:
        place = (items[item], criteria[criterion]), table
        if voice == Voice.TABLES:
            agreed[place] = value
        else:
            own[place][value] += number
    return agreed, own
