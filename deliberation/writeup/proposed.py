"""What became of proposals: other words for an item, and items that were added."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from deliberation.live.console_points import said_by
from deliberation.live.findings import LEAST_SHOWN
from deliberation.models import Prompt, Proposal
from deliberation.proposals import Support, line_of, support, with_support
from deliberation.writeup.phrases import (
    TABLES,
    Piece,
    compose,
    named,
    number,
    quoted,
    sentence,
)
from deliberation.writeup.structure import Sentence
from workshops.words import Piece as Marked


@dataclass(frozen=True)
class Proposed:
    """A proposal that was decided on, or that the room was asked about.

    item: its key; "" for a new one that was never asked. is_new: whether the item
    itself was proposed. status: as `Proposal.Status` names it. who: the table, or a
    person as far as the attribution rule goes, "" for nobody. text: as proposed. line:
    what went and what came. rounds: that asked the adopted words, by their numbers.
    """

    item: str
    is_new: bool
    status: str
    who: Piece
    text: str
    line: tuple[Marked, ...]
    support: Support
    reason: str
    rounds: tuple[int, ...]

    @property
    def is_adopted(self) -> bool:
        return self.status == Proposal.Status.ADOPTED


def proposals_of(prompt: Prompt) -> Iterable[Proposed]:
    """Yield what was proposed of a prompt's items, in the order of the proposals.

    What nobody but facilitators saw is told if it was adopted or declined.
    """
    decided = Q(status__in=(Proposal.Status.ADOPTED, Proposal.Status.DECLINED))
    told = Proposal.objects.filter(
        decided | Q(released_at__isnull=False),
        point__prompt=prompt,
        point__withdrawn_at=None,
    )
    found = with_support(told).select_related("made__item")
    for one in found.prefetch_related("made__rounditem_set__round"):
        asked = one.made.rounditem_set.all() if one.made else ()
        numbers = tuple(sorted(this.round.number for this in asked))
        item = one.item or (one.made.item if one.made and numbers else None)
        yield Proposed(
            item=item.key if item else "",
            is_new=one.item is None,
            status=one.status,
            who=_who(one),
            text=" ".join(one.point.text.split()),
            line=tuple(line_of(one)),
            support=support(one.stances.all()),
            reason=" ".join(one.reason.split()),
            rounds=numbers,
        )


def _who(proposal: Proposal) -> Piece:
    point = proposal.point
    if point.voice == TABLES and point.table is not None:
        return named([point.table.number])
    told = said_by(point)
    return "" if told == _("A person") else told


def marked(line: Iterable[Marked]) -> str:
    """Put what went and what came into one line of plain text."""
    words = {"removed": _("[out: %(text)s]"), "added": _("[in: %(text)s]")}
    parts = (
        words[what] % {"text": text.strip()} if what in words else text.strip()
        for what, text in line
    )
    return " ".join(" ".join(parts).split())


def of_proposed(found: Iterable[Proposed], *, about: str) -> Iterable[Sentence]:
    """Say who proposed what, who supported it, and what became of it.

    about: the record of the item, or of the prompt for items that were never asked.
    """
    for one in found:
        yield _proposed(one, about)
        yield from _supported(one.support, about)
        if one.reason and one.status != Proposal.Status.DECLINED:
            text = _("The reason given: %(reason)s.")
            yield sentence(text, [about], reason=_quote(one.reason))
        if one.is_adopted and not one.is_new:
            yield _asked(one, about)


def _quote(text: str) -> str:
    return quoted(text.removesuffix("."))


def _proposed(one: Proposed, about: str) -> Sentence:
    if one.is_adopted and one.item:
        return sentence(_of_adopted(one), [about], who=one.who)
    if one.is_new:
        text = _("%(who)s proposed to add %(text)s; %(became)s.")
        if not one.who:
            text = _("It was proposed to add %(text)s; %(became)s.")
    else:
        text = _("%(who)s proposed %(text)s; %(became)s.")
        if not one.who:
            text = _("Proposed was %(text)s; %(became)s.")
    said = _quote(one.text if one.is_new else marked(one.line))
    return sentence(text, [about], who=one.who, text=said, became=_became(one))


def _of_adopted(one: Proposed) -> str:
    if one.is_new:
        if one.who:
            return _("It was proposed during the session by %(who)s.")
        return _("It was proposed during the session.")
    if one.who:
        return _("It was put in other words, as %(who)s proposed.")
    return _("It was put in other words, as was proposed in the room.")


def _became(one: Proposed) -> Piece:
    if one.status == Proposal.Status.DECLINED:
        text = _("this was declined: %(reason)s")
        return compose(text, reason=_quote(one.reason))
    if one.status == Proposal.Status.PARKED:
        return _("this was put aside")
    if one.is_adopted:
        return _("this was adopted, and has not been asked")
    return _("nothing was decided on it")


def _supported(found: Support, about: str) -> Iterable[Sentence]:
    """Say how many supported it: of people from as many on as anything is told of."""
    tables = len(found.tables_for), len(found.tables_against)
    people = found.people_for, found.people_against
    if any(tables):
        text = _("Of the tables, %(n)s supported this and %(m)s opposed it.")
        yield _sides(text, *tables, about)
    if sum(people) >= LEAST_SHOWN:
        text = _("Of the people, %(n)s supported this and %(m)s opposed it.")
        yield _sides(text, *people, about)


def _sides(text: str, n: int, m: int, about: str) -> Sentence:
    told = (number(one, other) if one else _("none") for one, other in ((n, m), (m, n)))
    return sentence(text, [about], **dict(zip("nm", told, strict=True)))


def _asked(one: Proposed, about: str) -> Sentence:
    if not one.rounds:
        text = _("It has not been asked in these words.")
        return sentence(text, [about])
    text = _("It was asked in these words from round %(number)s on.")
    return sentence(text, [about], number=str(one.rounds[0]))
