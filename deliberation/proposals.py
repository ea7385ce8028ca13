"""What is proposed in a workshop, and who supports it, as it is stored."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Count, Prefetch, Q, QuerySet

from config.prepared import Prepared
from deliberation.models import Prompt, Proposal, Stance, Wording
from deliberation.models.response import Voice
from workshops.models import Participant
from workshops.words import Piece, pieces


class Support(NamedTuple):
    """How many people support something, or oppose it; which tables, by number."""

    people_for: int
    people_against: int
    tables_for: tuple[int, ...]
    tables_against: tuple[int, ...]


def with_support(proposals: QuerySet[Proposal]) -> QuerySet[Proposal]:
    """Fetch what a proposal says and who supports it, in three queries."""
    about = ("point__workshop", "point__prompt", "point__table", "item", "base", "made")
    wordings = Prefetch("item__wordings", queryset=Wording.objects.order_by("version"))
    return proposals.select_related(*about).prefetch_related(stances(), wordings)


def stances(of: str = "") -> Prefetch:
    """Return what fetches the stances that count; of: the way to the proposal."""
    counted = Stance.objects.counted().select_related("table")
    return Prefetch(f"{of}stances", queryset=counted)


def support(found: Iterable[Stance]) -> Support:
    """Add up stances that count."""
    people = [one.supports for one in found if one.voice == Voice.PEOPLE]
    tables = sorted((one.table.number, one.supports) for one in found if one.table)
    return Support(
        people.count(True),
        people.count(False),
        tuple(number for number, supports in tables if supports),
        tuple(number for number, supports in tables if not supports),
    )


class Tally(NamedTuple):
    """How many are for a proposal, and against; None of those who are not asked."""

    people: tuple[int, int] | None
    tables: tuple[int, int] | None


def tally(proposal: Proposal) -> Tally:
    """Count who supports a proposal, of those whom its prompt asks."""
    prompt, found = proposal.point.prompt, support(proposal.stances.all())
    people = found.people_for, found.people_against
    tables = len(found.tables_for), len(found.tables_against)
    return Tally(
        people if prompt.asks_people else None, tables if prompt.asks_tables else None
    )


def line_of(proposal: Proposal) -> list[Piece]:
    """Return the words that would change, word by word; all is new of a new item."""
    text = proposal.made.text if proposal.made else proposal.point.text
    if proposal.base is None:
        return [("added", text)]
    return pieces(proposal.base.text, text)


def newest_of(proposal: Proposal) -> Wording | None:
    """Return how the item that is to be reworded is put now."""
    wordings = list(proposal.item.wordings.all()) if proposal.item else []
    return wordings[-1] if wordings else None


def is_outdated(proposal: Proposal) -> bool:
    """Tell whether the item was put in other words since it was compared with them."""
    newest = newest_of(proposal)
    return newest is not None and newest.pk != proposal.base_id


def invites(prompt: Prompt) -> bool:
    """Tell whether a prompt lets its items be put in other words, or more be added."""
    return prompt.has_items and (prompt.invites_rewordings or prompt.invites_new_items)


def _put_to_the_room(prompt: int) -> QuerySet[Proposal]:
    return Proposal.objects.filter(
        point__prompt_id=prompt, point__withdrawn_at=None, released_at__isnull=False
    ).order_by("pk")


def put_to_the_room(prompt: Prompt) -> list[Proposal]:
    """Return what the room is or was asked to support or oppose, in its order."""
    return list(with_support(_put_to_the_room(prompt.pk)))


_IS_COUNTED = Q(stances__isnull=False, stances__participant__removed_at=None)
_SIDES = [
    Count(
        "stances",
        filter=_IS_COUNTED & Q(stances__voice=voice, stances__supports=supports),
    )
    for voice in Voice.values
    for supports in (True, False)
]
_counts = Prepared(
    lambda prompt: (
        _put_to_the_room(prompt)
        .values_list("pk", "status", "decided_at")
        .annotate(**{f"n{place}": one for place, one in enumerate(_SIDES)})
    ),
    prompt=int,
)


def mark(prompt: Prompt) -> tuple[object, ...]:
    """Return what differs when `put_to_the_room` does; one query, where it may."""
    return tuple(_counts(prompt=prompt.pk)) if invites(prompt) else ()


def own_stances(who: Participant) -> dict[str, str]:
    """Return what a person and the person's table said of what the room weighs.

    Of every prompt: a page stays while prompts come and go.
    By voice and proposal, as in `me:12` and `table:12`: `support` or `oppose`.
    """
    mine = Q(participant=who)
    if who.table_id is not None:
        mine |= Q(table=who.table_id)
    ours = Stance.objects.filter(proposal__point__workshop=who.workshop_id)
    found = ours.filter(mine)
    return {
        f"{'me' if one.table_id is None else 'table'}:{one.proposal_id}": (
            "support" if one.supports else "oppose"
        )
        for one in found
    }
