"""Whom a challenge can be put to, and how that is said."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deliberation.actions.answers import ask_of
from deliberation.kinds import Ask, AskedItem
from deliberation.models import Answer, Challenge, Round
from deliberation.models.challenge import Audience
from deliberation.models.response import Voice
from deliberation.results import LEAST_OF_A_GROUP, counted_answers, tables_asked
from workshops.models import Participant, Table, Workshop

VOICES = {Audience.TABLES: Voice.TABLES, Audience.PEOPLE: Voice.PEOPLE}


@dataclass(frozen=True)
class Group:
    """Tables or people who answered an item alike, `number` of them.

    is_told: whether there are so many that asking them gives nobody away.
    """

    audience: str
    value: int
    answer: str
    number: int
    is_told: bool


def can_be_split(ask: Ask) -> bool:
    """Tell whether those who answered an item alike can be named by one answer."""
    return ask.is_pick or (bool(ask.points) and len(ask.criteria) == 1)


def groups(this_round: Round, item: AskedItem) -> list[Group]:
    """Return who answered an item alike: tables first, in the order of the answers."""
    ask = ask_of(this_round)
    if not can_be_split(ask):
        return []
    found = []
    for audience, voice in VOICES.items():
        given = counted_answers(this_round.pk, voice).filter(
            item=item.id, state=Answer.State.ANSWERED
        )
        numbers = dict(given.values_list("value").annotate(number=Count("pk")))
        for value, answer in _answers(ask):
            if number := numbers.get(value):
                told = is_told(this_round, audience, number)
                found.append(Group(audience, value, answer, number, told))
    return found


def _answers(ask: Ask) -> list[tuple[int, str]]:
    if ask.is_pick:
        return [(1, "")]
    return [(point.value, point.short) for point in ask.points]


def is_told(this_round: Round, audience: str, number: int) -> bool:
    """Tell whether asking so many apart gives none of them away.

    Where the attribution rule names nobody, five people are the least.
    """
    if audience != Audience.PEOPLE or this_round.workshop.asks_organisation:
        return True
    return number >= LEAST_OF_A_GROUP


def who_answered(challenge: Challenge) -> Sequence[Table] | Sequence[Participant]:
    """Return the tables, or the people still here, that a challenge is put to."""
    voice = VOICES[Audience(challenge.audience)]
    given = counted_answers(challenge.about_id, voice).filter(
        item=challenge.item_id,
        state=Answer.State.ANSWERED,
        value=challenge.value,
    )
    if challenge.audience == Audience.TABLES:
        tables = Table.objects.filter(pk__in=given.values("response__table"))
        return list(tables.order_by("number"))
    seats = given.values("response__participant")
    return list(Participant.objects.present().filter(pk__in=seats).order_by("pk"))


def waiting(workshop: Workshop) -> QuerySet[Challenge]:
    """Return the challenges that were neither sent nor declined, the oldest first."""
    return Challenge.objects.filter(
        workshop=workshop, round=None, declined_at=None
    ).select_related("about__workshop", "about__prompt__scale", "item")


def item_of(challenge: Challenge) -> AskedItem:
    """Return the item as it was asked when it was answered."""
    asked = ask_of(challenge.about).items
    return next(item for item in asked if item.id == challenge.item_id)


def answer_of(challenge: Challenge) -> str:
    """Return the answer that is challenged, "" for a pick."""
    ask = ask_of(challenge.about)
    if ask.is_pick:
        return ""
    return next((p.short for p in ask.points if p.value == challenge.value), "")


def put_to(challenge: Challenge) -> str:
    """Say whom a challenge is put to, by what they answered."""
    item = item_of(challenge)
    name = f"{item.number} {item.short}"
    return said_of(challenge.audience, name, answer_of(challenge))


def said_of(audience: str, item: str, answer: str) -> str:
    """Say who answered an item so; `answer` is empty for what was chosen."""
    if audience == Audience.TABLES and answer:
        text = _("the tables that answered “%(answer)s” on “%(item)s”")
    elif audience == Audience.TABLES:
        text = _("the tables that chose “%(item)s”")
    elif audience == Audience.PEOPLE and answer:
        text = _("the people who answered “%(answer)s” on “%(item)s”")
    elif audience == Audience.PEOPLE:
        text = _("the people who chose “%(item)s”")
    else:
        text = _("the whole room")
    return text % {"answer": answer, "item": item}


def label_of(group: Group, item: AskedItem) -> str:
    """Say whom a group is, with their number."""
    said = said_of(group.audience, f"{item.number} {item.short}", group.answer)
    if group.audience == Audience.TABLES:
        many = ngettext("%(n)d table", "%(n)d tables", group.number)
    else:
        many = ngettext("%(n)d person", "%(n)d people", group.number)
    return f"{said[:1].upper()}{said[1:]} ({many % {'n': group.number}})"


def of_round(this_round: Round) -> Challenge:
    """Return the challenge that a round is opened for, with what it is about."""
    rows = Challenge.objects.select_related("about__prompt__scale", "item")
    challenge = rows.get(pk=this_round.challenge_id)
    challenge.about.workshop = this_round.workshop
    return challenge


def asked_tables(this_round: Round | None) -> set[int] | None:
    """Return the keys of the tables that a round asks, None if it asks everybody.

    None of them where it asks people: it is not a table's turn then.
    """
    if this_round is None or this_round.asks_everybody:
        return None
    named = this_round.asked.filter(table__isnull=False)
    return set(named.values_list("table", flat=True))


def whom(this_round: Round | None) -> str:
    """Say to a facilitator whom a round is put to, "" for everybody."""
    if this_round is None or this_round.asks_everybody:
        return ""
    if this_round.challenge_id is None:
        return str(this_round.get_audience_display())
    said = put_to(of_round(this_round))
    if numbers := tables_asked(this_round):
        said = f"{said}: {tables_named(numbers)}"
    return said


def tables_named(numbers: Sequence[int]) -> str:
    """Name tables in a sentence: `tables 1, 3 and 4`."""
    many = ngettext("table %(numbers)s", "tables %(numbers)s", len(numbers))
    return many % {"numbers": get_text_list([str(one) for one in numbers], _("and"))}


def asked_of(this_round: Round) -> str:
    """Say beside results whom a round asked, "" for everybody."""
    if this_round.asks_everybody:
        return ""
    numbers = tables_asked(this_round)
    tables = tables_named(numbers) if numbers else _("some of the people")
    return _("asked of %(whom)s") % {"whom": tables}


def told_to_the_room(challenge: Challenge, tables: Sequence[int]) -> str:
    """Say who is being asked, no more than the room knows of their answers."""
    if challenge.about.revealed_at is not None:
        return put_to(challenge)
    if challenge.audience == Audience.TABLES:
        return tables_named(tables)
    return _("some of the people here")
