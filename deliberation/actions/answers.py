"""An answer comes in: checked, stored with its history, acknowledged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from deliberation.actions.rounds import RoundClosed, database_now, lock_open_round
from deliberation.kinds import Ask, AskedCriterion, AskedItem, AskedPoint, Judgement
from deliberation.models import Answer, Response, Round, Submission
from deliberation.models.response import Voice
from workshops.actions import scribes
from workshops.models import Participant, Table

__all__ = ["NotAsked", "Receipt", "RoundClosed", "StaleAnswer", "ask_of", "record"]


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
    asked = this_round.round_items.select_related("item", "wording")
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
        for row in asked
    )
    points = prompt.scale.points.all() if prompt.scale_id else ()
    return Ask(
        kind=prompt.kind,
        items=items,
        criteria=tuple(
            AskedCriterion(row.pk, row.key, row.label) for row in prompt.criteria.all()
        ),
        points=tuple(
            AskedPoint(row.value, row.key, row.label, row.short or row.label, row.gloss)
            for row in points
        ),
        abstain=prompt.abstain,
        reasons=prompt.reasons,
        least=0 if prompt.least is None else prompt.least,
        most=len(items) if prompt.most is None else prompt.most,
    )


@transaction.atomic
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
    NotAsked, StaleAnswer.
    """
    if voice not in this_round.prompt.voices:
        raise NotAsked
    by_table = voice == Voice.TABLES
    respondent = respondent_of(table if by_table and table else participant)
    try:
        lock_open_round(this_round.pk)
    except RoundClosed:
        # Sent again because its acknowledgement was lost: it had been stored in time.
        stored = find_receipt(this_round, respondent=respondent, key=key)
        if stored is None:
            raise
        return stored
    now = database_now()
    Response.objects.bulk_create(
        [
            Response(
                workshop_id=this_round.workshop_id,
                round=this_round,
                voice=voice,
                participant=None if by_table else participant,
                table_id=table.pk if by_table and table else participant.table_id,
                respondent=respondent,
                version=0,
                first_at=now,
                stored_at=now,
            )
        ],
        ignore_conflicts=True,
    )
    current = Response.objects.select_for_update(no_key=True).get(
        round=this_round, respondent=respondent
    )
    earlier = current.submissions.filter(key=key).first()
    if earlier is not None:
        return Receipt(earlier.at, current.version, repeated=True)
    if expected_version is not None and expected_version != current.version:
        raise StaleAnswer(current.version)
    current.version += 1
    current.stored_at = now
    if not by_table:
        current.table_id = participant.table_id
    current.save(update_fields=["version", "stored_at", "table"])
    store_answers(current, judgements)
    Submission.objects.create(
        workshop_id=this_round.workshop_id,
        response=current,
        key=key,
        at=now,
        entered_by=participant if by_table else None,
        content=[list(judgement) for judgement in judgements],
    )
    return Receipt(now, current.version, repeated=False)


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


def store_answers(current: Response, judgements: Sequence[Judgement]) -> None:
    """Write the judged items as the response's current answers, in a fixed order."""
    Answer.objects.bulk_create(
        [
            Answer(
                workshop_id=current.workshop_id,
                round_id=current.round_id,
                response=current,
                item_id=judgement.item_id,
                criterion_id=judgement.criterion_id,
                state=judgement.state,
                value=judgement.value,
                reason=judgement.reason,
            )
            for judgement in sorted(judgements)
        ],
        update_conflicts=True,
        unique_fields=["response", "item", "criterion"],
        update_fields=["state", "value", "reason"],
    )


def set_finished(*, this_round: Round, respondent: str, finished: bool) -> bool:
    """Note that a respondent is done, or not yet after all.

    Returns False for who has answered nothing in the round yet.
    """
    answered = Response.objects.filter(
        round=this_round, respondent=respondent, version__gte=1
    )
    return bool(answered.update(finished=finished))
