"""A table calls the facilitator, who comes."""

from django.db import transaction
from django.utils import timezone

from config.incoming import clean_text
from workshops.actions import joining
from workshops.models import HelpCall, Participant, Workshop

MOST_WORDS = HelpCall._meta.get_field("words").max_length


class NothingOpen(Exception):
    """The call has ended, or there was none."""


class WorkshopEnded(Exception):
    """The day is over: nobody comes any more."""


@transaction.atomic
def call(*, participant: Participant, words: str = "") -> HelpCall:
    """Call the facilitator to a person's table, or to the person without one.

    Calling twice is one call; words that come later are added to it, or replace
    earlier ones. Raises SeatGone, WorkshopEnded.
    """
    who = joining.hold_seat(participant)
    joining.hold_table(who.table)
    if Workshop.objects.filter(pk=who.workshop_id, ended_at__isnull=False).exists():
        raise WorkshopEnded
    words = clean_text(words)[:MOST_WORDS]
    found, is_new = HelpCall.objects.open().get_or_create(
        **_caller(who),
        defaults={
            "workshop_id": who.workshop_id,
            "words": words,
            "called_at": timezone.now(),
        },
    )
    if words and not is_new:
        found.words = words
        found.save(update_fields=["words"])
    return found


def _caller(who: Participant) -> dict[str, int | None]:
    if who.table_id is None:
        return {"table_id": None, "participant_id": who.pk}
    return {"table_id": who.table_id, "participant_id": None}


def withdraw(*, participant: Participant) -> None:
    """End the call of a person's table, or their own. Raises NothingOpen."""
    now = Participant.objects.get(pk=participant.pk)
    calls = HelpCall.objects.open().filter(**_caller(now))
    if not calls.update(ended_at=timezone.now(), is_withdrawn=True):
        raise NothingOpen


def note_seen(*, call: HelpCall) -> None:
    """Say that the facilitator is coming; a second time says nothing new.

    Raises NothingOpen.
    """
    calls = HelpCall.objects.open().filter(pk=call.pk)
    if not calls.exists():
        raise NothingOpen
    calls.filter(seen_at=None).update(seen_at=timezone.now())


def note_done(*, call: HelpCall) -> None:
    """End a call: the facilitator was there. Raises NothingOpen."""
    now = timezone.now()
    if not HelpCall.objects.open().filter(pk=call.pk).update(ended_at=now):
        raise NothingOpen
