"""A table reads what is recorded of it: confirms it, corrects it, or adds dissent."""

from collections.abc import Collection

from django.db import transaction
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from deliberation.actions import points
from deliberation.actions.rounds import database_now
from deliberation.kinds.base import InvalidAnswer
from deliberation.models import Item, Point, Prompt, SignOff, Submission
from deliberation.table_records import Record, record_of
from workshops.actions import joining, scribes
from workshops.models import Participant, ScribeLease, Session, Table, Workshop

QUOTED_LENGTH = 160  # of the point that a correction is about


class NothingToConfirm(Exception):
    """No question that asks tables was closed in the session yet."""


class RecordChanged(Exception):
    """The record is not as it was read; `record` is as it is now."""

    def __init__(self, record: Record) -> None:
        self.record = record


class SignedElsewhere(Exception):
    """The person confirmed another table's record for the session; it stays there."""

    def __init__(self, table: Table) -> None:
        self.table = table


class DayOver(Exception):
    """The workshop has ended: what is recorded stays as it is."""


@transaction.atomic
def sign_off(*, session: Session, participant: Participant, digest: str) -> SignOff:
    """Confirm the record of the person's table, as it was read; again changes nothing.

    Raises RecordChanged where `digest` is not that of the record as it is now,
    NothingToConfirm, SignedElsewhere, DayOver, NotAtTable and SeatGone.
    """
    seat, table = _hold(participant)
    record = record_of(session, table)
    if record is None:
        raise NothingToConfirm
    if record.digest != digest:
        raise RecordChanged(record)
    given = SignOff.objects.filter(session=session, participant=seat)
    stored = given.select_related("table").first()
    if stored is None:
        stored = SignOff(session=session, table=table, participant=seat)
    elif stored.table_id != table.pk:
        raise SignedElsewhere(stored.table)
    if stored.digest != digest:
        stored.digest, stored.at = digest, database_now()
        stored.by_scribe = wrote_for(session, table, [seat])
        stored.save()
    return stored


def _hold(participant: Participant) -> tuple[Participant, Table]:
    """Keep a seat at its table; raises what `sign_off` does of seats and days."""
    # Who is moved, merged or erased meanwhile is so before or after.
    seat = joining.hold_seat(participant)
    if seat.table is None:
        raise scribes.NotAtTable
    if not Workshop.objects.filter(pk=seat.workshop_id, ended_at=None).exists():
        raise DayOver
    return seat, seat.table


def wrote_for(session: Session, table: Table, seats: Collection[Participant]) -> bool:
    """Tell whether one of these seats writes for a table, or wrote it a session."""
    answers = Submission.objects.filter(
        entered_by__in=seats,
        response__table=table,
        response__round__prompt__session=session,
    )
    written = Point.objects.filter(
        participant__in=seats, table=table, voice="tables", prompt__session=session
    ).exclude(kind=Point.Kind.DISSENT)  # anybody at the table may write that
    leases = ScribeLease.objects.filter(table=table, participant__in=seats)
    return any(rows.exists() for rows in (leases, answers, written))


@transaction.atomic
def add_dissent(
    *, prompt: Prompt, participant: Participant, item: Item | None, text: str, key: str
) -> Point:
    """Store what somebody at a table sees differently, as a dissent of that table.

    The same `key` again returns what it made. Raises InvalidAnswer and what `sign_off`
    raises of seats and days.
    """
    seat, table = _hold(participant)
    return _add(prompt, seat, table, Point.Kind.DISSENT, item, text, key)


@transaction.atomic
def add_correction(
    *, prompt: Prompt, participant: Participant, item: Item | None, text: str, key: str
) -> Point:
    """Store what a table's answer that was closed should say, beside that answer.

    A figure that the room may have seen is not changed any more. Raises NotScribe and
    what `add_dissent` raises.
    """
    seat, table = _hold(participant)
    scribes.hold_role(participant=seat, table=table)
    return _add(prompt, seat, table, Point.Kind.CORRECTION, item, text, key)


@transaction.atomic
def rewrite_point(
    *, point: Point, participant: Participant, text: str, key: str
) -> Point:
    """Put a table's point in other words, by its scribe; return the new point.

    The earlier one is withdrawn. Where a facilitator has taken it up it stays, and the
    new one quotes it and is a correction, or a dissent as it was. Raises what
    `add_correction` raises, and NotScribe for a dissent that somebody else wrote.
    """
    seat, table = _hold(participant)
    if stored := points.find_sent(point.prompt, seat, key):
        return stored
    hold_point(point, seat, table)
    if point.withdrawn_at is not None:
        raise InvalidAnswer({"text": _("This point was withdrawn meanwhile.")})
    kind, text = point.kind, points.check_text(text)
    if text == point.text:
        return point
    if not points.withdraw(point=point):
        kind = kind if kind == Point.Kind.DISSENT else Point.Kind.CORRECTION
        quoted = Truncator(point.text).chars(QUOTED_LENGTH)
        text = _("Instead of “%(point)s”: %(text)s") % {"point": quoted, "text": text}
    return points.store_point(
        prompt=point.prompt,
        this_round=point.round,
        seat=seat,
        table=table,
        kind=kind,
        text=text,
        items=list(point.items.all()),
        key=key,
    )


@transaction.atomic
def withdraw_point(*, point: Point, participant: Participant) -> bool:
    """Take back a table's point, by its scribe; False where it was taken up.

    Raises as `rewrite_point` does.
    """
    seat, table = _hold(participant)
    hold_point(point, seat, table)
    return points.withdraw(point=point) or point.withdrawn_at is not None


def may_change(point: Point, seat: Participant) -> bool:
    """Tell whether a scribe may change a point: dissent is only its writer's."""
    return point.kind != Point.Kind.DISSENT or point.participant_id == seat.pk


def hold_point(point: Point, seat: Participant, table: Table) -> None:
    """Keep a table's point and who may change it. Raises NotScribe."""
    if point.kind != Point.Kind.DISSENT:
        scribes.hold_role(participant=seat, table=table)
    if point.table_id != table.pk or not may_change(point, seat):
        raise scribes.NotScribe
    held = Point.objects.select_for_update(no_key=True, of=("self",))
    point.refresh_from_db(from_queryset=held)


def _add(
    prompt: Prompt,
    seat: Participant,
    table: Table,
    kind: str,
    item: Item | None,
    text: str,
    key: str,
) -> Point:
    if stored := points.find_sent(prompt, seat, key):
        return stored
    return points.store_point(
        prompt=prompt,
        this_round=prompt.rounds.order_by("number").last(),
        seat=seat,
        table=table,
        kind=kind,
        text=points.check_text(text),
        items=[item] if item else [],
        key=key,
    )


def combine(*, keep: Participant, drop: Participant) -> None:
    """Let a merged seat keep the newer confirmation of the two for each session.

    Called while both seats are held and the points are those of `keep`.
    """
    newest: dict[int, SignOff] = {}
    given = SignOff.objects.filter(participant__in=[keep, drop]).order_by("at", "pk")
    for one in given.select_related("session", "table"):
        newest[one.session_id] = one
    given.exclude(pk__in=[one.pk for one in newest.values()]).delete()
    seats = [keep, drop, *Participant.objects.filter(merged_into=drop)]
    for one in newest.values():
        one.participant = keep
        one.by_scribe |= wrote_for(one.session, one.table, seats)
        one.save()
