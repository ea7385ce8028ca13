"""How far each respondent is in a round: one count for the console and the wall.

Counts only: nothing here says who gave which answer.
"""

from datetime import datetime
from typing import NamedTuple

from django.db.models import Count

from config.prepared import Prepared
from deliberation.kinds import Ask
from deliberation.models import Answer, Prompt, Response, Round
from deliberation.models.response import Voice


class Answered(NamedTuple):
    """One respondent's progress: how many items, how lately."""

    voice: str
    table: int | None
    items: int
    stored_at: datetime


def progress(this_round: Round | None) -> list[Answered]:
    """Return each respondent that counts, with the number of items judged.

    Nobody without a round. People count at the table where they sit now, as they do
    among the people there.
    """
    if this_round is None:
        return []
    # Apart, by the round's index: joined, all answers there are would be read.
    several = this_round.prompt.kind == Prompt.Kind.RATE
    items = dict(_items[several](this_round=this_round.pk))
    rows = _responses(this_round=this_round.pk)
    return [
        Answered(
            voice, table if voice == Voice.TABLES else seat, items.get(pk, 0), stored_at
        )
        for pk, voice, seat, table, stored_at in rows
    ]


def tables_in(this_round: Round, ask: Ask) -> set[int]:
    """Return the numbers of the tables whose own answer is complete."""
    return set(_complete_tables(this_round=this_round.pk, asked=ask.number_asked))


_items = {
    several: Prepared(
        lambda this_round, several=several: (
            Answer.objects.filter(round=this_round)
            .order_by()
            .values_list("response")
            .annotate(items=Count("item", distinct=several))
        ),
        this_round=int,
    )
    for several in (False, True)
}
_responses = Prepared(
    lambda this_round: (
        Response.objects.counted()
        .filter(round=this_round)
        .order_by()
        .values_list("pk", "voice", "participant__table", "table", "stored_at")
    ),
    this_round=int,
)
_complete_tables = Prepared(
    lambda this_round, asked: (
        Response.objects.counted()
        .filter(round=this_round, voice=Voice.TABLES)
        .annotate(items=Count("answers__item", distinct=True))
        .filter(items__gte=asked)
        .order_by()
        .values_list("table__number", flat=True)
    ),
    this_round=int,
    asked=int,
)
