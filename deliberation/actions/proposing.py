"""Other words for an item, and new items: proposed, weighed by the room, decided."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from deliberation.actions import editing
from deliberation.actions.recording import Recorder
from deliberation.actions.rounds import WorkshopEnded, database_now
from deliberation.kinds.base import InvalidAnswer
from deliberation.models import Item, Point, Prompt, Proposal, Stance, Wording
from deliberation.models.response import Voice
from workshops.actions import joining, scribes
from workshops.models import Participant, Table, Workshop

UNDECIDED = (Proposal.Status.WAITING, Proposal.Status.OPEN, Proposal.Status.PARKED)


class Decided(Exception):
    """It was adopted or declined already; `proposal` is what it is now."""

    def __init__(self, proposal: Proposal) -> None:
        self.proposal = proposal


class Withdrawn(Exception):
    """Its author has taken it back."""


class NotBeforeTheRoom(Exception):
    """The room is not asked about it, or no longer."""


class NotAsked(Exception):
    """The prompt asks the others: people where it is a table, or the reverse."""


class Outdated(Exception):
    """The item was put in other words since: it has a wording newer than expected."""


class SameWords(Exception):
    """The item is put in these words already."""


def propose(point: Point, items: Sequence[Item]) -> Proposal | None:
    """Let a point that was just stored wait as a proposal, if it is one.

    A rewording is, of the one item that it is about, compared with the words that its
    round asked. One that is about none or several stays a plain point. Raises
    InvalidAnswer for the same words.
    """
    if not point.prompt.has_items:
        return None
    if point.kind == Point.Kind.NEW_ITEM:
        return Proposal.objects.create(point=point)
    if point.kind != Point.Kind.REWORDING or len(items) != 1:
        return None
    base = _asked_in(point, items[0])
    if base.text == point.text:
        message = _("This is what the item says already. Please change the words.")
        raise InvalidAnswer({"text": message})
    return Proposal.objects.create(point=point, item=items[0], base=base)


def _asked_in(point: Point, item: Item) -> Wording:
    asked = Wording.objects.filter(item=item).order_by("version")
    in_round = asked.filter(rounditem__round=point.round_id).last()
    return in_round or asked.reverse()[0]


@transaction.atomic
def take_stance(
    *,
    proposal: Proposal,
    participant: Participant,
    table: Table | None,
    supports: bool | None,
) -> None:
    """Store whether a table (`table` given) or a person supports what is proposed.

    supports: None takes back what was said. Raises NotBeforeTheRoom, NotAsked,
    SeatGone, NotScribe, WorkshopEnded.
    """
    # Held, so that who is merged or hands over meanwhile does so before or after.
    seat = joining.hold_seat(participant)
    if table is not None:
        scribes.hold_role(participant=seat, table=table)
    proposal = _held(proposal)
    prompt = proposal.point.prompt
    if proposal.point.workshop.ended_at is not None:
        raise WorkshopEnded
    if proposal.status != Proposal.Status.OPEN or proposal.point.withdrawn_at:
        raise NotBeforeTheRoom
    if not (prompt.asks_people if table is None else prompt.asks_tables):
        raise NotAsked
    who = {"participant": seat} if table is None else {"table": table}
    if supports is None:
        Stance.objects.filter(proposal=proposal, **who).delete()
        return
    Stance.objects.update_or_create(
        proposal=proposal,
        **who,
        defaults={
            "voice": "people" if table is None else "tables",
            "supports": supports,
            "at": database_now(),
        },
    )


@transaction.atomic
def release(*, proposal: Proposal, actor=None) -> None:
    """Put a proposal before the room. Raises Decided, Withdrawn."""
    proposal = _undecided(proposal)
    record = _record(proposal, actor, "proposal-open")
    released_at = proposal.released_at or database_now()
    record.change(
        proposal,
        status=Proposal.Status.OPEN,
        released_at=released_at,
        decided_at=None,
    )
    if proposal.point.status == Point.Status.PARKED:
        record.change(proposal.point, status=Point.Status.INCOMING)
    record.save()


@transaction.atomic
def park(*, proposal: Proposal, reason: str = "", actor=None) -> None:
    """Put a proposal aside; it can be released again. Raises Decided, Withdrawn."""
    _decide(proposal, Proposal.Status.PARKED, reason, actor, Point.Status.PARKED)


@transaction.atomic
def decline(*, proposal: Proposal, reason: str, actor=None) -> None:
    """Decide against a proposal, and say why.

    Raises Decided, Withdrawn, ValueError for no why.
    """
    if not reason:
        raise ValueError("A declined proposal says why.")
    _decide(proposal, Proposal.Status.DECLINED, reason, actor, Point.Status.KEPT)


def _decide(
    proposal: Proposal, status: str, reason: str, actor, point_status: str
) -> None:
    proposal = _undecided(proposal)
    record = _record(proposal, actor, f"proposal-{status}")
    record.change(proposal, status=status, reason=reason, decided_at=database_now())
    record.change(proposal.point, status=point_status)
    record.save()


@transaction.atomic
def adopt(
    *,
    proposal: Proposal,
    text: str,
    short: str = "",
    version: int | None = None,
    reason: str = "",
    actor=None,
) -> Wording:
    """Make what is proposed the newest wording of its item, or an item of its own.

    text: as it is to be asked from now on; what was asked keeps the wording in which
    it was asked. version: of the wording that it was compared with, so that nobody
    adopts over words that they have not seen; None for a new item. One step, which
    undo takes back until the new wording has been asked. Raises Decided, Withdrawn,
    Outdated, SameWords.
    """
    proposal = _undecided(proposal)
    record = _record(proposal, actor, "proposal-adopted")
    if proposal.item is None:
        wording = _new_item(proposal.point, text, short, record=record)
    else:
        wording = _next_wording(proposal.item, text, short, version, record=record)
    record.change(
        proposal,
        status=Proposal.Status.ADOPTED,
        made=wording,
        reason=reason,
        decided_at=database_now(),
    )
    record.change(proposal.point, status=Point.Status.KEPT)
    record.save()
    return wording


def _next_wording(
    item: Item, text: str, short: str, version: int | None, *, record: Recorder
) -> Wording:
    Item.objects.select_for_update(no_key=True).get(pk=item.pk)
    newest = Wording.objects.filter(item=item).order_by("version").last()
    if newest is None or newest.version != version or item.retired_at is not None:
        raise Outdated
    if newest.text == text:
        raise SameWords
    return record.create(
        Wording,
        item=item,
        version=newest.version + 1,
        text=text,
        short=short,
        gloss=newest.gloss,
    )


def _new_item(point: Point, text: str, short: str, *, record: Recorder) -> Wording:
    """Make an item at the end of a prompt; a round that is open does not ask it."""
    prompt = Prompt.objects.select_for_update(no_key=True).get(pk=point.prompt_id)
    keys = list(prompt.items.values_list("key", flat=True))
    last = prompt.items.aggregate(last=Max("position"))["last"] or 0
    item = record.create(
        Item,
        prompt=prompt,
        key=editing.free_key(short or text[:40], keys, fallback=f"item-{last + 1}"),
        position=last + 1,
        proposed_by=point.table if point.voice == Voice.TABLES else None,
    )
    return record.create(Wording, item=item, text=text, short=short)


def _undecided(proposal: Proposal) -> Proposal:
    """Return it as it is stored, locked with its workshop and point.

    Raises Decided, Withdrawn.
    """
    Workshop.objects.select_for_update(no_key=True).get(pk=proposal.point.workshop_id)
    # What is taken back meanwhile is so before this step or not at all.
    Point.objects.select_for_update(no_key=True).get(pk=proposal.point_id)
    proposal = _held(proposal)
    if proposal.point.withdrawn_at is not None:
        raise Withdrawn
    if proposal.status not in UNDECIDED:
        raise Decided(proposal)
    return proposal


def _held(proposal: Proposal) -> Proposal:
    locked = Proposal.objects.select_for_update(of=("self",), no_key=True)
    about = ("point__workshop", "point__prompt", "point__table", "item")
    return locked.select_related(*about).get(pk=proposal.pk)


def _record(proposal: Proposal, actor, verb: str) -> Recorder:
    return Recorder(proposal.point.workshop, actor, verb, proposal.point.text)
