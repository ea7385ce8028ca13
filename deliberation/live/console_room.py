"""The room as the console counts it: who has joined, is here, has answered, is late.

Counts only: nothing here says who gave which answer.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, Max, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.prepared import Prepared
from deliberation.live.console_day import clock_time
from deliberation.live.progress import Answered
from deliberation.models import Round
from deliberation.models.response import Voice
from deliberation.writeup.signed import Signed, signed
from workshops.models import Participant, Table, Workshop

HERE = timedelta(seconds=40)  # presence is written about every 15 s
QUIET = timedelta(minutes=2)  # no news for so long is worth a look


class Seats(NamedTuple):
    """The people at one table, or at none (table None)."""

    table: int | None
    people: int
    here: int
    seen_at: datetime | None


def seats(workshop: Workshop, now: datetime) -> list[Seats]:
    """Count the people of each table, and who of them has a screen open now."""
    rows = _seats(workshop=workshop.pk, since=now - HERE)
    return [Seats(*row) for row in rows]


_seats = Prepared(
    lambda workshop, since: (
        Participant.objects.present()
        .filter(workshop_id=workshop)
        .order_by()
        .values_list("table")
        .annotate(
            people=Count("pk"),
            here=Count("pk", filter=Q(presence__seen_at__gt=since)),
            seen=Max("presence__seen_at"),
        )
    ),
    workshop=int,
    since=datetime,
)


def numbers(
    workshop: Workshop,
    all_seats: Iterable[Seats],
    answered: Iterable[Answered],
    this_round: Round | None,
) -> dict[str, Any]:
    """Return the labelled numbers, and the alarm when more joined than were counted."""
    all_seats = list(all_seats)
    joined = sum(row.people for row in all_seats)
    expected = workshop.expected_people
    return {
        "joined": joined,
        "here": sum(row.here for row in all_seats),
        "expected": expected,
        "too_many": expected is not None
        and joined > expected
        and workshop.ended_at is None,
        "surplus": joined - (expected or 0),
        "asks_people": this_round is not None and this_round.prompt.asks_people,
        "answered": sum(row.voice == Voice.PEOPLE for row in answered),
    }


def table_cards(
    tables: Iterable[Table],
    all_seats: Iterable[Seats],
    answered: Iterable[Answered],
    this_round: Round | None,
    *,
    items: int,
    now: datetime,
    signed: Iterable[Signed] = (),
    called: Mapping[int | None, bool] | None = None,
    asked: Collection[int] | None = None,
) -> list[dict[str, Any]]:
    """Return a card for each table: people, answers, scribe, what is missing.

    tables: with their scribe's lease and presence. items: how many are asked. signed:
    how their records of the session stand, if they can be confirmed now. called:
    whether the call of a table that asks for help has been seen. asked: the tables
    that the round asks, by their keys, None for all.
    """
    states = {one.table: one for one in signed}
    words = _Words(now)
    seats_of = {row.table: row for row in all_seats}
    people_in: dict[int | None, list[Answered]] = {}
    own: dict[int | None, Answered] = {}
    for row in answered:
        if row.voice == Voice.TABLES:
            own[row.table] = row
        else:
            people_in.setdefault(row.table, []).append(row)
    return [
        _card(
            table,
            seats_of.get(table.pk, Seats(table.pk, 0, 0, None)),
            people_in.get(table.pk, []),
            own.get(table.pk),
            this_round if asked is None or table.pk in asked else None,
            items=items,
            words=words,
        )
        | {"not_asked": bool(asked) and table.pk not in (asked or ())}
        | _signed(states.get(table.number))
        | {"call": _call((called or {}).get(table.pk))}
        for table in tables
    ]


def signed_now(this_round: Round | None) -> tuple[Signed, ...]:
    """Return which tables have signed, once the question on stage is closed."""
    if this_round is None or this_round.closed_at is None:
        return ()
    if not this_round.prompt.asks_tables:
        return ()
    session = this_round.prompt.session
    session.workshop = this_round.workshop
    return signed(session)


def _call(is_seen: bool | None) -> str:
    if is_seen is None:
        return ""
    return _("You are going there") if is_seen else _("Asks for help")


def _signed(state: Signed | None) -> dict[str, Any]:
    if state is None:
        return {"signed": "", "is_signed": False}
    return {"signed": state.in_full, "is_signed": state.state == "signed"}


def _card(
    table: Table,
    seat: Seats,
    people: list[Answered],
    own: Answered | None,
    this_round: Round | None,
    *,
    items: int,
    words: "_Words",
) -> dict[str, Any]:
    judged = this_round is not None and items > 0
    asks_people = judged and this_round is not None and this_round.prompt.asks_people
    asks_table = judged and this_round is not None and this_round.prompt.asks_tables
    in_people = len(people)
    own_items = min(own.items, items) if own is not None else 0
    # A table is in with its own answer; where it gives none, with all of its people.
    missing = own_items < items if asks_table else in_people < seat.people
    stored = [row.stored_at for row in [*people, *([own] if own else [])]]
    last = max(stored, default=None)
    waited = timedelta()
    if this_round is not None and this_round.closed_at is None and judged:
        waited = words.now - max(filter(None, [last, this_round.opened_at]))
    late = bool(missing and seat.people and waited > QUIET)
    lease = getattr(table, "scribe_lease", None)
    return {
        "ident": table.pk,
        "name": words.name(table),
        "is_open": this_round is not None and this_round.closed_at is None,
        "people": seat.people,
        "people_text": words.people(seat.people),
        "asks_people": asks_people,
        "in_people": in_people,
        "complete": sum(row.items >= items for row in people) if items > 1 else None,
        "asks_table": asks_table,
        "own_items": own_items,
        "items": items,
        "share": own_items if asks_table else in_people,
        "whole": (items if asks_table else seat.people) or 1,
        "scribe": words.scribe(lease),
        "needs_scribe": lease is None and seat.people > 0,
        "done": judged and not missing and seat.people > 0,
        "late": late,
        "news": words.news(seat, last, waited if late else None),
    }


class _Words:
    """What cards say, each thing put into words once: a hundred say a dozen."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._known: dict[Hashable, str] = {}

    def name(self, table: Table) -> str:
        return self._once(("name", table.number), lambda: str(table))

    def people(self, n: int) -> str:
        return self._once(
            ("people", n),
            lambda: ngettext("%(n)d person", "%(n)d people", n) % {"n": n},
        )

    def scribe(self, lease: Any) -> str:
        if lease is None:
            return self._once("nobody", lambda: _("no scribe"))
        presence = getattr(lease.participant, "presence", None)
        if presence is not None and self.now - presence.seen_at < HERE:
            return self._once("here", lambda: _("scribe here"))
        return self._once("away", lambda: _("scribe away"))

    def news(self, seat: Seats, last: datetime | None, waited: timedelta | None) -> str:
        """Say in a few words what the table last did, or that it does nothing."""
        if not seat.people:
            return self._once("empty", lambda: _("Nobody sits here"))
        if waited is not None:
            minutes = int(waited.total_seconds() / 60)
            return self._once(("nothing", minutes), lambda: _nothing_for(minutes))
        if last is not None:
            return self._once(
                ("last", _minute(last)),
                lambda: _("Last answer %(time)s") % {"time": clock_time(last)},
            )
        if seat.here:
            return self._once(("seated", seat.here), lambda: _here_now(seat.here))
        if seat.seen_at is not None:
            seen_at = seat.seen_at
            return self._once(
                ("seen", _minute(seen_at)),
                lambda: _("Last seen %(time)s") % {"time": clock_time(seen_at)},
            )
        return self._once("never", lambda: _("Not seen yet"))

    def _once(self, key: Hashable, say: Callable[[], str]) -> str:
        if key not in self._known:
            self._known[key] = say()
        return self._known[key]


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _nothing_for(minutes: int) -> str:
    return ngettext(
        "Nothing for %(n)d minute", "Nothing for %(n)d minutes", minutes
    ) % {"n": minutes}


def _here_now(n: int) -> str:
    return ngettext("%(n)d here now", "%(n)d here now", n) % {"n": n}


def tables_in(cards: Iterable[dict[str, Any]]) -> tuple[int, int]:
    """Return how many tables have finished, of those asked where people sit."""
    seated = [card for card in cards if card["people"] and not card["not_asked"]]
    return sum(card["done"] for card in seated), len(seated)


def is_quiet(
    this_round: Round | None, answered: Iterable[Answered], now: datetime
) -> bool:
    """Tell whether nothing has come in for so long that somebody should look."""
    if this_round is None or this_round.closed_at is not None:
        return False
    if not this_round.prompt.has_items:
        return False
    last = max([this_round.opened_at, *(row.stored_at for row in answered)])
    return now - last > QUIET
