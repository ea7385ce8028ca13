"""What one respondent has stored in a round, as the form would send it.

Where a round starts from earlier answers, also those that it has not got yet.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from config.prepared import Prepared
from deliberation.kinds import Ask
from deliberation.kinds.base import ANSWERED
from deliberation.kinds.numbered import number_field
from deliberation.kinds.scaled import field_name
from deliberation.models import Answer, Prompt, Response, Round


@dataclass(frozen=True)
class Own:
    """The stored answers: `fields` are the form's, a name with its values.

    answered: how many items are judged in every respect; of a pick, 1. version 0
    stands for nothing stored. earlier: fields of an earlier round for what is not
    answered in this one; they are not stored.
    """

    version: int = 0
    finished: bool = False
    stored_at: datetime | None = None
    fields: Mapping[str, list[str]] = field(default_factory=dict)
    answered: int = 0
    earlier: Mapping[str, list[str]] = field(default_factory=dict)


def own_answers(this_round: Round, ask: Ask, respondent: str) -> Own:
    """Return what a respondent has stored: two queries, however many items.

    One more for what was answered earlier, while a round is open that starts from it.
    """
    earlier: Mapping[str, list[str]] = {}
    if this_round.starts_from_own and this_round.closed_at is None:
        earlier = earlier_fields(this_round, ask, respondent)
    response = _response.first(this_round=this_round.pk, respondent=respondent)
    if response is None:
        return Own(earlier=earlier)
    rows = _answers(response=response.pk)
    stored = {row[0] for row in rows}
    answered = {item.key for item in ask.items if item.id in stored}
    return Own(
        version=response.version,
        finished=response.finished,
        stored_at=response.stored_at,
        fields=stored_fields(ask, rows),
        answered=ask.number_judged(rows),
        earlier={
            name: values
            for name, values in earlier.items()
            if not ask.is_whole and item_of(name) not in answered
        },
    )


def item_of(name: str) -> str:
    """Return the key of the item that a field is about; empty for a whole pick."""
    _kind, _dot, about = name.partition(".")
    return about.partition(".")[0]


def earlier_fields(
    this_round: Round, ask: Ask, respondent: str
) -> Mapping[str, list[str]]:
    """Return the fields of what a respondent answered last before this round.

    Item by item; of picks, places and points all together, and nothing where other
    items were asked then, because each takes from the others.
    """
    rows = _earlier(
        prompt=this_round.prompt_id, number=this_round.number, respondent=respondent
    )
    if ask.is_whole:
        last = max((number for number, *_row in rows), default=0)
        whole = [row for number, *row in rows if number == last]
        if {row[0] for row in whole} != {item.id for item in ask.items}:
            return {}
        return stored_fields(ask, [tuple(row) for row in whole])
    newest = {(item, respect): rest for _number, item, respect, *rest in rows}
    return stored_fields(ask, [(*place, *rest) for place, rest in newest.items()])


STORED = ("state", "value", "reason")
_response = Prepared(
    lambda this_round, respondent: Response.objects.filter(
        round_id=this_round, respondent=respondent, version__gte=1
    ),
    this_round=int,
    respondent=str,
)
_answers = Prepared(
    lambda response: Answer.objects.filter(response_id=response).values_list(
        "item", "criterion", *STORED
    ),
    response=int,
)
_earlier = Prepared(
    lambda prompt, number, respondent: (
        Answer.objects.filter(
            round__prompt_id=prompt,
            round__number__lt=number,
            response__respondent=respondent,
        )
        .order_by("round__number")
        .values_list("round__number", "item", "criterion", *STORED)
    ),
    prompt=int,
    number=int,
    respondent=str,
)
type Stored = tuple[int, int, str, int | None, str]


def stored_fields(ask: Ask, rows: list[Stored]) -> dict[str, list[str]]:
    """Return the fields of a form that would send what is stored."""
    if ask.is_pick:
        return picked_fields(ask, rows)
    if ask.is_numbered:
        return numbered_fields(ask, rows)
    return scaled_fields(ask, rows)


def scaled_fields(ask: Ask, rows: list[Stored]) -> dict[str, list[str]]:
    """Return the fields of what was judged on a scale."""
    items = {item.id: item.key for item in ask.items}
    criteria = {criterion.id: criterion.key for criterion in ask.criteria}
    by_number = ask.kind == Prompt.Kind.RATE
    words: dict[int | None, str] = {
        p.value: str(p.value) if by_number else p.key for p in ask.points
    }
    fields: dict[str, list[str]] = {}
    for item, criterion, state, value, reason in rows:
        if item not in items or criterion not in criteria:
            continue
        name = field_name(items[item], criteria[criterion])
        fields[name] = [words.get(value, "") if state == ANSWERED else state]
        if reason:
            fields[f"reason.{items[item]}"] = [reason]
    return fields


def picked_fields(ask: Ask, rows: list[Stored]) -> dict[str, list[str]]:
    """Return the fields of what was picked."""
    items = {item.id: item.key for item in ask.items}
    position = {item.id: item.number for item in ask.items}
    fields: dict[str, list[str]] = {"choice": []}
    for item, _criterion, state, value, reason in sorted(
        (row for row in rows if row[0] in items), key=lambda row: position[row[0]]
    ):
        if state != ANSWERED:
            return {"choice": [state]}
        if value:
            fields["choice"].append(items[item])
        if reason:
            fields[f"reason.{items[item]}"] = [reason]
    return fields


def numbered_fields(ask: Ask, rows: list[Stored]) -> dict[str, list[str]]:
    """Return the fields of places or points; what has no place has no field."""
    items = {item.id: item.key for item in ask.items}
    fields: dict[str, list[str]] = {}
    for item, _criterion, state, value, reason in rows:
        if item not in items:
            continue
        if state != ANSWERED:
            return {"choice": [state]}
        if value or ask.kind == Prompt.Kind.ALLOCATE:
            fields[number_field(items[item])] = [str(value)]
        if reason:
            fields[f"reason.{items[item]}"] = [reason]
    return fields
