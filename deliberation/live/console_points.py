"""Points as facilitators handle them: from whom only as far as the rule allows."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from config.prepared import Prepared
from deliberation import proposals
from deliberation.actions.proposing import UNDECIDED
from deliberation.live.console_day import short_name
from deliberation.models import Item, Point, Proposal, Wording
from workshops.models import Table, Workshop

QUEUE_LENGTH = 30  # points on the board; the points page has them all
SHOWN_LENGTH = 12


def point_queue(workshop: Workshop) -> dict[str, Any]:
    """Return the points to be dealt with, the oldest first, and those on the screen.

    Also waiting are those taken off it whose proposal the room is still asked about.
    A point that comes in goes to the end, so that no button moves under a finger.
    """
    alive = workshop.points.filter(withdrawn_at=None)
    found = _counts(workshop=workshop.pk)
    counts = {status: number for status, number, _open in found}
    waiting: list[Point] = []
    shown: list[Point] = []
    if counts:  # most of the day there are none, and asking for them costs the same
        queue = with_items(alive).order_by("created_at", "pk")
        waiting += queue.filter(_WAITING)[:QUEUE_LENGTH]
        shown += queue.filter(status=Point.Status.SHOWN).reverse()[:SHOWN_LENGTH]
    incoming = counts.get(Point.Status.INCOMING, 0)
    asides = (Point.Status.KEPT, Point.Status.PARKED)
    asked = sum(is_open for status, _number, is_open in found if status in asides)
    return {
        "shown": [point_card(point) for point in shown],
        "waiting": [point_card(point) for point in waiting],
        "incoming": incoming,
        "more": incoming + asked - len(waiting),
        "kept": counts.get(Point.Status.KEPT, 0),
        "parked": counts.get(Point.Status.PARKED, 0),
    }


_IS_ASKED = Q(proposal__status=Proposal.Status.OPEN)
_WAITING = Q(status=Point.Status.INCOMING) | _IS_ASKED & ~Q(status=Point.Status.SHOWN)
_counts = Prepared(
    lambda workshop: (
        Point.objects.filter(workshop_id=workshop, withdrawn_at=None)
        .order_by()
        .values_list("status")
        .annotate(n=Count("pk"), asked=Count("pk", filter=_IS_ASKED))
    ),
    workshop=int,
)


def with_items(points: QuerySet[Point]) -> QuerySet[Point]:
    """Fetch points with all that a card of one says, in four queries."""
    newest = Wording.objects.order_by("version")
    items = Item.objects.prefetch_related(Prefetch("wordings", queryset=newest))
    about = ("workshop", "prompt", "table", "proposal__base", "proposal__made")
    return points.select_related(*about).prefetch_related(
        Prefetch("items", queryset=items),
        proposals.stances("proposal__"),
    )


def point_card(point: Point) -> dict[str, Any]:
    """Return a point as facilitators see it: from whom only as far as the rule says."""
    items = [
        {"number": item.position, "text": _label(item)} for item in point.items.all()
    ]
    return {
        "id": point.pk,
        "text": point.text,
        "who": said_by(point),
        "kind": "" if point.kind == Point.Kind.POINT else point.get_kind_display(),
        "items": items,
        "prompt": short_name(point.prompt.question),
        "status": point.status,
        "word": point.get_status_display(),
        "proposal": proposal_card(point),
        "acts": [
            (f"point:{point.pk}:{point.status}:{status}", word, status)
            for status, word in point_acts(point.status)
        ],
    }


def proposal_card(point: Point) -> dict[str, Any] | None:
    """Return what a point proposes, and who supports it; None of a plain point."""
    proposal = getattr(point, "proposal", None)
    if proposal is None:
        return None
    found = proposals.support(proposal.stances.all())
    return {
        "id": proposal.pk,
        "line": proposals.line_of(proposal),
        "status": proposal.status,
        "word": proposal.get_status_display(),
        "reason": proposal.reason,
        "is_undecided": proposal.status in UNDECIDED,
        "support": found,
        "tables_for": numbers_of(found.tables_for),
        "tables_against": numbers_of(found.tables_against),
    }


def numbers_of(tables: Sequence[int]) -> str:
    return ", ".join(map(str, tables)) or _("none")


def _label(item: Item) -> str:
    wordings = list(item.wordings.all())
    return wordings[-1].label if wordings else item.key


def said_by(point: Point) -> str:
    """Say who wrote a point: the table, or that it was a person, never which one."""
    table = point.table_told
    if table is not None and point.voice == "tables":
        return str(table)
    return a_person(table)


def a_person(table: Table | None) -> str:
    """Name somebody by where they sit, if that may be told."""
    if table is None:
        return _("A person")
    return _("A person at table %(number)d") % {"number": table.number}


def point_acts(status: str) -> list[tuple[str, str]]:
    """Return what can be done with a point: (new status, word on the button)."""
    words = {
        Point.Status.SHOWN: _("Show"),
        Point.Status.KEPT: _("Keep"),
        Point.Status.PARKED: _("Park"),
    }
    if status == Point.Status.SHOWN:
        words = {Point.Status.KEPT: _("Take off"), Point.Status.PARKED: _("Park")}
    return [(new, word) for new, word in words.items() if new != status]
