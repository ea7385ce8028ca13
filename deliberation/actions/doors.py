"""The doors of a workshop: joining is locked, the day ends, the day is taken up."""

from django.db import IntegrityError, transaction

from deliberation.actions.recording import Recorder
from deliberation.actions.rounds import close_round, database_now
from workshops import codes
from workshops.models import Workshop


@transaction.atomic
def lock_joining(*, workshop: Workshop, on: bool, actor=None) -> None:
    """Let nobody else in, or let people in again; who has joined stays in."""
    workshop = Workshop.objects.select_for_update(no_key=True).get(pk=workshop.pk)
    record = Recorder(workshop, actor, "lock" if on else "unlock", "")
    record.change(workshop, joining_locked=on)
    record.save()


@transaction.atomic
def end_workshop(*, workshop: Workshop, actor=None) -> None:
    """End the day: the open round closes, the session ends, the code stops working.

    A workshop that has ended stays as it is.
    """
    workshop = Workshop.objects.select_for_update(no_key=True).get(pk=workshop.pk)
    if workshop.ended_at is not None:
        return
    for this_round in workshop.rounds.on_stage().reverse():
        close_round(round_id=this_round.pk, actor=actor)
    now = database_now()
    record = Recorder(workshop, actor, "end", workshop.title)
    for session in workshop.sessions.filter(started_at__isnull=False, ended_at=None):
        record.change(session, ended_at=now)
    record.change(workshop, ended_at=now)
    record.save()


def reopen_workshop(*, workshop: Workshop, actor=None) -> None:
    """Take an ended day up again, under its code or, if that went, a new one."""
    try:
        _reopen(workshop, actor)
    except IntegrityError:
        # Another workshop has been given the code since.
        _reopen(workshop, actor, join_code=codes.new_join_code())


@transaction.atomic
def _reopen(workshop: Workshop, actor, **fields: str) -> None:
    workshop = Workshop.objects.select_for_update(no_key=True).get(pk=workshop.pk)
    record = Recorder(workshop, actor, "reopen", workshop.title)
    record.change(workshop, ended_at=None, **fields)
    record.save()
