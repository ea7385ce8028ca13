"""A person's answer by the shortest way: this is the one hot path.

Who sends it, whether it may be stored, and storing it with its history take one
statement on PostgreSQL, and a transaction of four short ones on SQLite. The ORM writes
the condition once; afterwards only its parameters change. Whatever is out of the
ordinary stores nothing here and is left to `answers.record`, which finds out why.
"""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from django.db import (
    IntegrityError,
    InterfaceError,
    OperationalError,
    connection,
    transaction,
)
from django.db.models.functions import Now
from django.utils import timezone

from deliberation.actions.answers import (
    Receipt,
    add_to_history,
    as_content,
    store_answers,
    store_response,
)
from deliberation.kinds import KINDS, Ask, InvalidAnswer, Judgement
from deliberation.kinds.base import FormData
from deliberation.models import Round
from deliberation.models.response import Voice
from workshops import codes, identity

MOST_KNOWN = 256  # rounds whose questions are kept in memory
MOST_TOGETHER = 32  # answers in one transaction

# Stand for the parameters while the ORM writes the condition.
ROUND = 2**62
SLUG = "<slug>"
TOKEN = "<token>"  # noqa: S105
OPENED = datetime(1970, 1, 2, tzinfo=UTC)

STORE = """
WITH sent (judged) AS (VALUES (%s::jsonb)), seat (id, table_id, at) AS MATERIALIZED (
  {seat} FOR SHARE OF deliberation_round, workshops_participant
), response AS (
  INSERT INTO deliberation_response (workshop_id, round_id, voice, participant_id,
    table_id, respondent, version, finished, first_at, stored_at)
  SELECT %s, %s, 'people', id, table_id, 'seat:' || id, 1, false, at, at FROM seat
  ON CONFLICT (round_id, respondent) DO UPDATE SET
    version = deliberation_response.version + 1,
    stored_at = EXCLUDED.stored_at, table_id = EXCLUDED.table_id
  RETURNING id, workshop_id, round_id, version, stored_at
), submission AS (
  INSERT INTO deliberation_submission (workshop_id, response_id, key, at, content)
  SELECT workshop_id, id, %s, stored_at, judged FROM response, sent
), answer AS (
  INSERT INTO deliberation_answer (workshop_id, round_id, response_id,
    item_id, criterion_id, state, value, reason)
  SELECT workshop_id, round_id, id, (one->>0)::bigint, (one->>1)::bigint,
    one->>2, (one->>3)::int, one->>4
  FROM response, sent, jsonb_array_elements(judged) AS one
  ON CONFLICT (response_id, item_id, criterion_id) DO UPDATE SET
    state = EXCLUDED.state, value = EXCLUDED.value, reason = EXCLUDED.reason
)
SELECT id, version, stored_at FROM response
"""


@dataclass(frozen=True)
class Stored:
    """What an answer that was stored at once is told.

    answered, of: how many items this person has judged in every respect, of how many.
    """

    receipt: Receipt
    answered: int
    of: int


@dataclass(frozen=True)
class Known:
    """A round as it was opened, with what it asks."""

    this_round: Round
    ask: Ask


@dataclass(frozen=True, slots=True)
class Sent:
    """An answer as it was read: to be stored if the database says that it may be."""

    known: Known
    slug: str
    token_hash: str
    key: str
    judgements: list[Judgement]


_known: dict[tuple[str, int], Known] = {}


def remember(slug: str, this_round: Round, ask: Ask) -> None:
    """Keep a round in memory, so that the next answers to it can go the short way.

    Nothing is decided by what is kept: each answer asks the database whether it still
    holds.
    """
    if Voice.PEOPLE not in this_round.prompt.voices or not this_round.asks_everybody:
        return
    _known.pop((slug, this_round.pk), None)
    while len(_known) >= MOST_KNOWN:
        _known.pop(next(iter(_known)), None)
    _known[slug, this_round.pk] = Known(this_round, ask)


def answer_at_once(
    *,
    slug: str,
    round_id: int,
    token_for: Callable[[int], str | None],
    key: str,
    data: FormData,
) -> Stored | None:
    """Store a person's answer if nothing is out of the ordinary; None stored nothing.

    token_for: gives the sender's token in a workshop, named by its id.
    """
    sent = read(slug=slug, round_id=round_id, token_for=token_for, key=key, data=data)
    return store(sent) if sent else None


def read(
    *,
    slug: str,
    round_id: int,
    token_for: Callable[[int], str | None],
    key: str,
    data: FormData,
) -> Sent | None:
    """Read an answer without asking the database; None where that is no short way."""
    known = _known.get((slug, round_id))
    token = known and token_for(known.this_round.workshop_id)
    if not known or not token:
        return None
    try:
        parse = KINDS[known.ask.kind].parse
        judgements = sorted(parse(known.ask, data, Voice.PEOPLE), key=lambda j: j[:2])
    except InvalidAnswer:
        return None
    return Sent(known, slug, codes.digest(token), key, judgements)


def most_together() -> int:
    """Return how many answers `store_together` should be given at most.

    SQLite makes one durable commit after the other, so those that wait share one.
    PostgreSQL makes many side by side.
    """
    return 1 if connection.vendor == "postgresql" else MOST_TOGETHER


def store_together(sent: Sequence[Sent]) -> list[Stored | Exception | None]:
    """Store answers in one transaction, each as `store` does, and say what became.

    None of them is stored for good before all are. Where one cannot be stored, each is
    by itself. Raises OperationalError and InterfaceError: what ails the database
    itself would meet each of them.
    """
    if len(sent) > 1:
        try:
            with transaction.atomic():
                return [_store(one) for one in sent]
        except (OperationalError, InterfaceError):
            raise
        except Exception:  # noqa: S110 (of which one, is found out now)
            pass
    return [_outcome(one) for one in sent]


def _outcome(sent: Sent) -> Stored | Exception | None:
    try:
        return store(sent)
    except Exception as error:
        return error


def store(sent: Sent) -> Stored | None:
    """Store an answer; None stored nothing, and the long way finds out why."""
    # On PostgreSQL the one statement is a transaction of its own.
    apart = connection.vendor == "postgresql" and not connection.in_atomic_block
    try:
        with nullcontext() if apart else transaction.atomic():
            return _store(sent)
    except IntegrityError:  # sent before with this key, or the seat is being merged
        return None


def _store(sent: Sent) -> Stored | None:
    in_one = connection.vendor == "postgresql"
    stored = _store_in_one(sent) if in_one else _store_in_turn(sent)
    if stored is None:
        return None
    response_id, version, at = stored
    ask = sent.known.ask
    return Stored(
        receipt=Receipt(at, version, repeated=False),
        answered=_count_answered(ask, response_id, sent.judgements),
        of=ask.number_asked,
    )


def _store_in_one(sent: Sent) -> tuple[int, int, datetime] | None:
    this_round = sent.known.this_round
    seat, parameters = _seat(sent)
    # The judged items go as one text: taking five arrays apart costs a tenth of it all.
    parameters = [as_content(sent.judgements), *parameters]
    parameters += [this_round.workshop_id, this_round.pk, sent.key]
    with connection.cursor() as cursor:
        cursor.execute(STORE.format(seat=seat), parameters)
        return cursor.fetchone()


def _store_in_turn(sent: Sent) -> tuple[int, int, datetime] | None:
    this_round, at = sent.known.this_round, timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(*_seat(sent))
        seat = cursor.fetchone()
    if seat is None:
        return None
    response_id, version = store_response(
        this_round,
        voice=Voice.PEOPLE,
        respondent=f"seat:{seat[0]}",
        participant_id=seat[0],
        table_id=seat[1],
        at=at,
    )
    add_to_history(
        this_round,
        response_id=response_id,
        key=sent.key,
        at=at,
        entered_by=None,
        judgements=sent.judgements,
    )
    store_answers(this_round, response_id, sent.judgements)
    return response_id, version, at


def _seat(sent: Sent) -> tuple[str, list[object]]:
    """Return the query for the seat that may answer now, with its parameters."""
    known, adapted = sent.known, connection.ops.adapt_datetimefield_value
    sql, names = _seat_sql(connection.vendor, known.ask.abstain, known.ask.reasons)
    values = {
        ROUND: known.this_round.pk,
        SLUG: sent.slug,
        TOKEN: sent.token_hash,
        adapted(OPENED): adapted(known.this_round.opened_at),
    }
    return sql, [values.get(name, name) for name in names]


@lru_cache(maxsize=32)
def _seat_sql(vendor: str, abstain: bool, reasons: str) -> tuple[str, tuple]:
    """Return the condition under which an answer is stored, as the ORM writes it.

    The round is open and asks what it asked when it was read; the token's owner is
    present.
    """
    seat = "workshop__participants"
    conditions = {
        "pk": ROUND,
        "opened_at": OPENED,
        "workshop__slug": SLUG,
        seat: identity.owner_of(TOKEN),
        f"{seat}__removed_at": None,
        "prompt__abstain": abstain,
        "prompt__reasons": reasons,
    }
    seats = Round.objects.open().filter(**conditions).order_by()
    return seats.values_list(seat, f"{seat}__table", Now()).query.sql_with_params()


def _count_answered(ask: Ask, response_id: int, judgements: Sequence[Judgement]) -> int:
    if ask.is_whole:
        return ask.number_judged(judgements)
    if len(judgements) == len(ask.items) * len(ask.criteria):
        return len(ask.items)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT item_id, criterion_id FROM deliberation_answer"
            " WHERE response_id = %s",
            [response_id],
        )
        return ask.number_judged(cursor.fetchall())
