"""An answer comes in: checked, stored with its history, acknowledged."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.db import IntegrityError, connection, transaction
from django.db.models import Model

from deliberation.actions.rounds import NotPutTo, RoundClosed, lock_open_round
from deliberation.kinds import (
    Ask,
    AskedCriterion,
    AskedItem,
    AskedPoint,
    Judgement,
    WordRule,
)
from deliberation.models import (
    Answer,
    Criterion,
    Prompt,
    Response,
    Round,
    RoundItem,
    ScalePoint,
    Submission,
)
from deliberation.models.response import Voice
from workshops.actions import scribes
from workshops.models import Participant, Table

__all__ = [
    "NotAsked",
    "NotPutTo",
    "Receipt",
    "RoundClosed",
    "StaleAnswer",
    "ask_of",
    "record",
]


class NotAsked(Exception):
    """The prompt does not ask this voice."""


class StaleAnswer(Exception):
    """The table's answer was changed elsewhere since; `version` is the stored one."""

    def __init__(self, version: int) -> None:
        self.version = version


@dataclass(frozen=True)
class Receipt:
    """What an acknowledged answer is told.

    stored_at: when this submission was stored (aware datetime); a repeated key gets
        the first time. version: of the response after it. repeated: the key had been
        stored before, nothing changed.
    """

    stored_at: datetime
    version: int
    repeated: bool


def ask_of(this_round: Round) -> Ask:
    """Return what is asked in a round, in the wordings of the round."""
    prompt = this_round.prompt
    return _ask(
        this_round.pk,
        this_round.opened_at,
        prompt.pk,
        prompt.scale_id,
        prompt.kind,
        prompt.abstain,
        prompt.reasons,
        prompt.least,
        prompt.most,
        prompt.total,
        prompt.ties,
        prompt.rule,
        words_of(prompt),
    )


def words_of(prompt: Prompt) -> WordRule:
    """Return by which rule items of a prompt are put in a word."""
    return WordRule(
        agreed=prompt.word_agreed,
        opposed=prompt.word_opposed,
        split=prompt.word_split,
        lukewarm=prompt.word_lukewarm,
    )


# Kept in memory: from its opening on, a round's items, wordings, criteria and scale
# stay as they are, and what may change is part of the key.
@lru_cache(maxsize=256)
def _ask(
    round_id: int,
    opened_at: datetime,
    prompt_id: int,
    scale_id: int | None,
    kind: str,
    abstain: bool,
    reasons: str,
    least: int | None,
    most: int | None,
    total: int | None,
    ties: bool,
    rule: str,
    words: WordRule,
) -> Ask:
    asked = RoundItem.objects.filter(round_id=round_id)
    items = tuple(
        AskedItem(
            id=row.item_id,
            key=row.item.key,
            number=row.position,
            text=row.wording.text,
            short=row.wording.label,
            gloss=row.wording.gloss,
            wording=row.wording.version,
        )
        for row in asked.select_related("item", "wording")
    )
    return Ask(
        kind=kind,
        items=items,
        criteria=tuple(
            AskedCriterion(row.pk, row.key, row.label)
            for row in Criterion.objects.filter(prompt_id=prompt_id)
        ),
        points=tuple(
            AskedPoint(row.value, row.key, row.label, row.short or row.label, row.gloss)
            for row in ScalePoint.objects.filter(scale_id=scale_id)
        ),
        abstain=abstain,
        reasons=reasons,
        least=0 if least is None else least,
        most=len(items) if most is None else most,
        total=total or 0,
        ties=ties,
        rule=rule,
        words=words,
    )


def record(
    *,
    this_round: Round,
    voice: str,
    judgements: Sequence[Judgement],
    key: str,
    participant: Participant,
    table: Table | None = None,
    expected_version: int | None = None,
) -> Receipt:
    """Store judged items of one respondent and add them to the history.

    Items that are not among the judgements stay as they are. For voice "tables",
    `table` answers and `participant` is its scribe; `expected_version` refuses to
    overwrite what another device stored since (None: newest wins). The same `key`
    again changes nothing, even after the round has closed. Raises RoundClosed,
    NotAsked, NotPutTo, StaleAnswer, SeatGone.
    """
    if voice not in this_round.prompt.voices:
        raise NotAsked
    by_table = voice == Voice.TABLES and table is not None
    respondent = respondent_of(table if by_table and table else participant)
    try:
        with transaction.atomic():
            seat_id = None if by_table else participant.pk
            table_id = table.pk if by_table and table else None
            if not this_round.asks(seat=seat_id, table=table_id):
                raise NotPutTo
            now = lock_open_round(this_round.pk, seat_id=seat_id)
            response_id, version = store_response(
                this_round,
                voice=voice,
                respondent=respondent,
                participant_id=seat_id,
                table_id=table.pk if by_table and table else participant.table_id,
                at=now,
                expected_version=expected_version,
            )
            add_to_history(
                this_round,
                response_id=response_id,
                key=key,
                at=now,
                entered_by=participant.pk if by_table else None,
                judgements=judgements,
            )
            store_answers(this_round, response_id, judgements)
    except (RoundClosed, StaleAnswer, IntegrityError):
        # Sent again because its acknowledgement was lost: it had been stored in time.
        stored = find_receipt(this_round, respondent=respondent, key=key)
        if stored is None:
            raise
        return stored
    return Receipt(now, version, repeated=False)


def respondent_of(who: Participant | Table) -> str:
    """Return who answers, as responses name it: a seat or a table."""
    return f"{'table' if isinstance(who, Table) else 'seat'}:{who.pk}"


def find_receipt(this_round: Round, *, respondent: str, key: str) -> Receipt | None:
    """Return what a submission with this key was told, None if none was stored."""
    earlier = (
        Submission.objects.filter(
            response__round=this_round, response__respondent=respondent, key=key
        )
        .select_related("response")
        .first()
    )
    if earlier is None:
        return None
    return Receipt(earlier.at, earlier.response.version, repeated=True)


@transaction.atomic
def record_for_table(
    *,
    this_round: Round,
    judgements: Sequence[Judgement],
    key: str,
    scribe: Participant,
    table: Table,
    expected_version: int | None = None,
) -> Receipt:
    """Store a table's answer by its scribe, whose role is held until it is stored.

    Raises NotScribe besides what `record` raises; a key that was stored before the
    role went on is told its receipt.
    """
    try:
        scribes.hold_role(participant=scribe, table=table)
    except scribes.NotScribe:
        stored = find_receipt(this_round, respondent=respondent_of(table), key=key)
        if stored is None:
            raise
        return stored
    return record(
        this_round=this_round,
        voice=Voice.TABLES,
        judgements=judgements,
        key=key,
        participant=scribe,
        table=table,
        expected_version=expected_version,
    )


def store_response(
    this_round: Round,
    *,
    voice: str,
    respondent: str,
    participant_id: int | None,
    table_id: int | None,
    at: datetime,
    expected_version: int | None = None,
) -> tuple[int, int]:
    """Make a respondent's response or its next version; return its id and version.

    Raises StaleAnswer if it is not at `expected_version` (0: not there yet).
    """
    row = {
        "workshop_id": this_round.workshop_id,
        "round_id": this_round.pk,
        "voice": voice,
        "participant_id": participant_id,
        "table_id": table_id,
        "respondent": respondent,
        "version": 1,
        "finished": False,
        "first_at": connection.ops.adapt_datetimefield_value(at),
        "stored_at": connection.ops.adapt_datetimefield_value(at),
    }
    sql = _insert(Response, row, rows=1) + (  # nosec B608
        " ON CONFLICT (round_id, respondent) DO UPDATE SET"
        " version = deliberation_response.version + 1,"
        " stored_at = EXCLUDED.stored_at, table_id = EXCLUDED.table_id"
    )
    parameters = list(row.values())
    if expected_version is not None:
        sql += " WHERE deliberation_response.version = %s"
        parameters.append(expected_version)
    with connection.cursor() as cursor:
        cursor.execute(sql + " RETURNING id, version", parameters)
        stored = cursor.fetchone()
    if stored is None or expected_version not in (None, stored[1] - 1):
        known = Response.objects.filter(round=this_round, respondent=respondent)
        raise StaleAnswer(0 if stored else known.get().version)
    return stored


def add_to_history(
    this_round: Round,
    *,
    response_id: int,
    key: str,
    at: datetime,
    entered_by: int | None,
    judgements: Sequence[Judgement],
) -> None:
    """Keep a submission as it came in. Raises IntegrityError for a known key."""
    row = {
        "workshop_id": this_round.workshop_id,
        "response_id": response_id,
        "key": key,
        "at": connection.ops.adapt_datetimefield_value(at),
        "entered_by_id": entered_by,
        "content": as_content(judgements),
    }
    with connection.cursor() as cursor:
        cursor.execute(_insert(Submission, row, rows=1), list(row.values()))


def as_content(judgements: Sequence[Judgement]) -> str:
    """Return judged items as the history keeps them: JSON lists, in their order."""
    return json.dumps([list(judgement) for judgement in judgements])


def store_answers(
    this_round: Round, response_id: int, judgements: Sequence[Judgement]
) -> None:
    """Write the judged items as the response's current answers, in a fixed order."""
    if not judgements:
        return
    columns = {
        "workshop_id": this_round.workshop_id,
        "round_id": this_round.pk,
        "response_id": response_id,
    }
    parameters: list[object] = []
    for judgement in sorted(judgements, key=lambda one: one[:2]):
        parameters += [*columns.values(), *judgement]
    names = [*columns, "item_id", "criterion_id", "state", "value", "reason"]
    sql = _insert(Answer, names, rows=len(judgements)) + (  # nosec B608
        " ON CONFLICT (response_id, item_id, criterion_id) DO UPDATE SET"
        " state = EXCLUDED.state, value = EXCLUDED.value, reason = EXCLUDED.reason"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def _insert(model: type[Model], names: Iterable[str], *, rows: int) -> str:
    """Return the statement that adds rows, by hand: this is the one hot path.

    Through the ORM the same takes several times the processor time, and on SQLite
    every other answer waits for it.
    """
    names = [connection.ops.quote_name(name) for name in names]
    values = f"({', '.join(['%s'] * len(names))})"
    table = connection.ops.quote_name(model._meta.db_table)
    # Only our own names go into the text; whatever people sent is a parameter.
    into = f"INSERT INTO {table} ({', '.join(names)})"
    return f"{into} VALUES {', '.join([values] * rows)}"


def set_finished(*, this_round: Round, respondent: str, finished: bool) -> bool:
    """Note that a respondent is done, or not yet after all.

    Returns False for who has answered nothing in the round yet.
    """
    answered = Response.objects.filter(
        round=this_round, respondent=respondent, version__gte=1
    )
    return bool(answered.update(finished=finished))
