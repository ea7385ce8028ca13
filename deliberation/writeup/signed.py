"""Which tables have confirmed what is recorded of them, and what of it they dispute.

A table has signed when somebody there confirmed the record as it is now. It stays the
table's when that person moves, or is erased; who was removed confirms nothing.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Literal, NamedTuple

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from deliberation.models import Point, SignOff
from deliberation.table_records import Record, records
from workshops.models import Participant, Session

type State = Literal["unsigned", "signed", "changed"]


class Signed(NamedTuple):
    """What one table says of its record for a session.

    table: its number. state: `changed` stands for signed before the record changed.
    confirmed: how many people confirmed the record as it is, of how many who sit at
    the table or confirmed there. by_scribe_only: they wrote it, and others sit there.
    """

    table: int
    state: State
    confirmed: int
    of: int
    by_scribe_only: bool
    dissents: tuple[Point, ...]

    @property
    def words(self) -> str:
        """Say the state in the language that is active."""
        if self.by_scribe_only:
            return _("confirmed by its scribe only")
        return {
            "unsigned": _("not signed"),
            "signed": _("signed"),
            "changed": _("changed since it was signed"),
        }[self.state]

    @property
    def in_full(self) -> str:
        """Say the state with how many people confirmed the record as it is."""
        if not self.confirmed:
            return self.words
        return _("%(words)s, %(confirmed)d of %(of)d people") % {
            "words": self.words,
            "confirmed": self.confirmed,
            "of": self.of,
        }


def signed(session: Session) -> tuple[Signed, ...]:
    """Return for each table, in order, whether it signed its record for a session.

    Empty while there is nothing to confirm. A table where nobody sits and of which
    nothing is recorded is left out. The queries do not grow with the tables.
    """
    found = records(session, list(session.workshop.tables.all()))
    return tuple(
        one
        for one, record in zip(states_of(found), found, strict=True)
        if one.of or not record.is_empty
    )


def states_of(found: Sequence[Record]) -> list[Signed]:
    """Return how records of one session stand: two queries."""
    if not found:
        return []
    seated: dict[int | None, set[int]] = defaultdict(set)
    tables = [record.table for record in found]
    seats = Participant.objects.present().filter(table__in=tables)
    for table_id, pk in seats.values_list("table", "pk"):
        seated[table_id].add(pk)
    given: dict[int, list[SignOff]] = defaultdict(list)
    for one in sign_offs(found[0].session).filter(table__in=tables):
        given[one.table_id].append(one)
    return [
        _signed(record, seated[record.table.pk], given[record.table.pk])
        for record in found
    ]


def sign_offs(session: Session) -> QuerySet[SignOff]:
    """Return the confirmations that count: not of people who were removed."""
    return SignOff.objects.filter(
        Q(participant=None) | Q(participant__removed_at=None), session=session
    )


def _signed(record: Record, seated: set[int], given: list[SignOff]) -> Signed:
    now = [one for one in given if one.digest == record.digest]
    state: State = "signed" if now else "changed" if given else "unsigned"
    # Who moved away or was erased confirmed it here all the same.
    elsewhere = sum(one.participant_id not in seated for one in now)
    of = len(seated) + elsewhere
    return Signed(
        table=record.table.number,
        state=state,
        confirmed=len(now),
        of=of,
        by_scribe_only=bool(now) and of > len(now) and all(o.by_scribe for o in now),
        dissents=record.dissents,
    )
