"""Points come in, are shown, kept or parked, and can be withdrawn by who wrote them."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from config.incoming import clean_text
from deliberation.actions import proposing
from deliberation.actions.recording import Recorder
from deliberation.actions.rounds import NotPutTo, database_now, screen_of
from deliberation.kinds.base import InvalidAnswer
from deliberation.models import Item, Point, Prompt, Proposal, Round, Screen
from workshops import codes
from workshops.actions import joining, scribes
from workshops.models import Participant, Table

POINT_LENGTH = 2000  # code points


def kinds_invited(prompt: Prompt) -> list[str]:
    """Return the kinds of point that a prompt invites, the plain point first."""
    kinds: list[str] = []
    if prompt.invites_points:
        kinds += ["point", "reason", "question", "dissent"]
    if prompt.invites_rewordings and prompt.has_items:
        kinds.append("rewording")
    if prompt.invites_new_items and prompt.has_items:
        kinds.append("new-item")
    return kinds


def check_text(text: str, *, most: int = POINT_LENGTH) -> str:
    """Return a text of at most so many code points, cleaned.

    Raises InvalidAnswer with field `text`.
    """
    text = clean_text(text)
    if not text:
        raise InvalidAnswer({"text": _("Please write something first.")})
    if len(text) > most:
        message = _("This is %(count)d characters long; please keep it to %(limit)d.")
        raise InvalidAnswer({"text": message % {"count": len(text), "limit": most}})
    return text


@transaction.atomic
def add_point(
    *,
    prompt: Prompt,
    this_round: Round | None,
    participant: Participant,
    table: Table | None,
    kind: str,
    text: str,
    items: Sequence[Item],
    key: str,
) -> Point:
    """Store a point, by a table where `table` is given, else by the person.

    The same `key` again returns the point it made, which says so in `repeated`. Raises
    InvalidAnswer, SeatGone, NotScribe for a table whose role has gone on, and NotPutTo
    where the point would answer what others are asked.
    """
    # Held, so that who is merged or hands over meanwhile does so before or after.
    seat = joining.hold_seat(participant)
    if stored := find_sent(prompt, seat, key):
        stored.repeated = True  # type: ignore[attr-defined]
        return stored
    if table is not None:
        scribes.hold_role(participant=seat, table=table)
    answers = this_round is not None and not prompt.has_items
    by = {"table": table.pk} if table else {"seat": seat.pk}
    if answers and this_round and not this_round.asks(**by):
        raise NotPutTo
    if kind not in kinds_invited(prompt):
        raise InvalidAnswer({"kind": _("This question does not ask for that.")})
    return store_point(
        prompt=prompt,
        this_round=this_round,
        seat=seat,
        table=table,
        kind=kind,
        text=check_text(text),
        items=items,
        key=key,
    )


def store_point(
    *,
    prompt: Prompt,
    this_round: Round | None,
    seat: Participant,
    table: Table | None,
    kind: str,
    text: str,
    items: Sequence[Item],
    key: str,
) -> Point:
    """Store a point that was checked, of a seat that is held, under a new key."""
    point = Point.objects.create(
        workshop_id=seat.workshop_id,
        key=key_of_sender(prompt, seat.pk, key),
        prompt=prompt,
        round=this_round,
        voice="tables" if table else "people",
        participant=seat,
        table_id=table.pk if table else seat.table_id,
        kind=kind,
        text=text,
        created_at=database_now(),
    )
    point.items.set(items)
    proposing.propose(point, items)
    point.repeated = False  # type: ignore[attr-defined]
    return point


def find_sent(prompt: Prompt, seat: Participant, key: str) -> Point | None:
    """Return the point that a key made, from this seat or one merged into it."""
    merged = Participant.objects.filter(merged_into=seat).values_list("pk", flat=True)
    keys = [key_of_sender(prompt, seat_id, key) for seat_id in (seat.pk, *merged)]
    return Point.objects.filter(workshop=seat.workshop_id, key__in=keys).first()


def key_of_sender(prompt: Prompt, seat_id: int, key: str) -> str:
    """Return what a point's key is stored as.

    A key is its sender's own: what others send under it, or the sender to another
    question, is another point.
    """
    return codes.digest(f"{seat_id} {prompt.pk} {key}")


@transaction.atomic
def set_status(*, point: Point, status: str, actor=None) -> None:
    """Show, keep or park a point; showing it also puts the points on the screen."""
    record = Recorder(point.workshop, actor, f"point-{status}", point.text)
    record.change(point, status=status)
    if status == Point.Status.SHOWN:
        screen = screen_of(point.workshop)
        if not shows_points_of(screen, point):
            record.change(
                screen,
                showing=Screen.Showing.POINTS,
                round=point.round or point.prompt.rounds.last(),
                session=point.prompt.session,
                item=None,
                blank=False,
                join_overlay=False,
            )
    record.save()


def shows_points_of(screen: Screen, point: Point) -> bool:
    """Tell whether the screen, as it is set, already has a place for this point."""
    if screen.blank or screen.join_overlay or screen.round is None:
        return False
    prompt = screen.round.prompt
    if prompt.pk != point.prompt_id:
        return False
    if screen.showing == Screen.Showing.PROMPT:
        about_it = point.items.filter(pk=screen.item_id).exists()
        return prompt.kind == Prompt.Kind.DISCUSS or about_it
    return screen.showing == Screen.Showing.POINTS


def withdraw(*, point: Point) -> bool:
    """Take back one's own point; return False if it was shown or kept meanwhile.

    Or put before the room.
    """
    incoming = Point.objects.filter(
        pk=point.pk, status=Point.Status.INCOMING, withdrawn_at=None
    ).exclude(proposal__status=Proposal.Status.OPEN)
    return bool(incoming.update(withdrawn_at=database_now()))
