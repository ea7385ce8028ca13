"""The scribe's role: one person a table, held in the database, handed over."""

from django.db import transaction

from workshops.actions import joining
from workshops.models import Participant, ScribeLease, Table


class RoleTaken(Exception):
    """Somebody else at the table is its scribe; `holder` says who."""

    def __init__(self, holder: Participant) -> None:
        self.holder = holder


class NotAtTable(Exception):
    """The person does not sit at the table."""


class NotScribe(Exception):
    """The person does not write for the table, or no longer."""


@transaction.atomic
def take_role(*, participant: Participant) -> ScribeLease:
    """Make a participant the scribe of their table if nobody is.

    Raises NotAtTable for who sits nowhere or was removed, RoleTaken when another one
    has the role.
    """
    # Who has been moved or removed meanwhile would write for a table left behind.
    now = joining.hold(participant)
    if not now or now[0].removed_at or now[0].table is None:
        raise NotAtTable
    table = now[0].table
    joining.hold_table(table)
    lease, is_new = ScribeLease.objects.select_related("participant").get_or_create(
        table=table, defaults={"participant": participant}
    )
    if lease.participant_id != participant.pk:
        raise RoleTaken(lease.participant)
    if is_new:
        Table.objects.filter(pk=table.pk).count_handover()
    return lease


@transaction.atomic
def hand_over(*, table: Table, to: Participant | None) -> None:
    """Give a table's role to one of its people, or to nobody (None).

    Raises NotAtTable for somebody who sits elsewhere or has been removed.
    """
    if to is not None:
        now = joining.hold(to)
        if not now or now[0].table_id != table.pk or now[0].removed_at:
            raise NotAtTable
    joining.hold_table(table)
    ScribeLease.objects.filter(table=table).end()
    if to is not None:
        ScribeLease.objects.create(table=table, participant=to)
        Table.objects.filter(pk=table.pk).count_handover()


def hold_role(*, participant: Participant, table: Table) -> None:
    """Keep the role with its scribe until the transaction ends. Raises NotScribe."""
    lease = ScribeLease.objects.select_for_update().filter(
        table=table, participant=participant
    )
    if lease.first() is None:
        raise NotScribe
