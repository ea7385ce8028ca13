"""What people write into a document, and what they decide to leave out of it."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from deliberation.models import Decision, Passage, WriteUp
from workshops.models import Workshop

LONGEST = 20_000  # characters of a passage


class WrittenMeanwhile(Exception):
    """Somebody else saved at this place since; `passage` is what stands there now."""

    def __init__(self, passage: Passage) -> None:
        self.passage = passage


def hold_write_up(workshop: Workshop) -> WriteUp:
    """Return a workshop's write-up, made if there is none, locked; in a transaction."""
    WriteUp.objects.get_or_create(workshop=workshop)
    return WriteUp.objects.select_for_update(no_key=True).get(workshop=workshop)


@transaction.atomic
def write(
    *,
    workshop: Workshop,
    place: str,
    text: str,
    version: int,
    computed: str = "",
    digest: str = "",
    actor: Any = None,
) -> Passage:
    """Store what somebody wrote at a place, in Markdown, and return it.

    version: of the passage that it goes on from, 0 where there was none. computed,
    digest: the sentences that it stands for and their `Text.digest`, as the writer saw
    them; what was written for stays what it was while the text is being changed.
    The same text sent again changes nothing. Raises WrittenMeanwhile.
    """
    write_up = hold_write_up(workshop)
    passage = write_up.passages.filter(place=place).first()
    if passage is None:
        passage = Passage(write_up=write_up, place=place, version=0, is_aside=True)
    elif passage.text == text and not passage.is_aside:
        return passage
    elif passage.version != version:
        raise WrittenMeanwhile(passage)
    if passage.is_aside:
        passage.computed, passage.computed_text = digest, computed
    passage.text, passage.is_aside = text, False
    return _edited(passage, actor)


@transaction.atomic
def put_aside(
    *, workshop: Workshop, place: str, version: int, actor: Any = None
) -> Passage | None:
    """Let the computed sentences stand again; the text is kept, to be taken up.

    Returns None where nobody wrote. Raises WrittenMeanwhile.
    """
    passage = _goes_on(workshop, place, version, done=lambda found: found.is_aside)
    if passage is None or passage.is_aside:
        return passage
    passage.is_aside = True
    return _edited(passage, actor)


@transaction.atomic
def stand_by(
    *,
    workshop: Workshop,
    place: str,
    version: int,
    computed: str = "",
    digest: str = "",
    actor: Any = None,
) -> Passage | None:
    """Let a text stand for the sentences as they are now, taken up if it was aside.

    Returns None where nobody wrote. Raises WrittenMeanwhile.
    """

    def done(found: Passage) -> bool:
        return not found.is_aside and found.computed == digest

    passage = _goes_on(workshop, place, version, done=done)
    if passage is None or done(passage):
        return passage
    passage.computed, passage.computed_text = digest, computed
    passage.is_aside = False
    return _edited(passage, actor)


def _goes_on(workshop: Workshop, place: str, version: int, *, done) -> Passage | None:
    """Return a locked write-up's passage, if it is the version that was seen or done.

    Raises WrittenMeanwhile.
    """
    passage = hold_write_up(workshop).passages.filter(place=place).first()
    if passage is not None and passage.version != version and not done(passage):
        raise WrittenMeanwhile(passage)
    return passage


def _edited(passage: Passage, actor: Any) -> Passage:
    passage.version += 1
    passage.edited_at, passage.edited_by = timezone.now(), actor
    passage.save()
    return passage


@transaction.atomic
def put_in(*, workshop: Workshop, record: str, actor: Any = None) -> Decision:
    """Have a record in the document that the draft would not have."""
    return _decide(workshop, record, actor, put_in=True, reason="")


@transaction.atomic
def leave_out(
    *, workshop: Workshop, record: str, reason: str, actor: Any = None
) -> Decision:
    """Leave a record out for a reason, which the document's method note gives."""
    return _decide(workshop, record, actor, put_in=False, reason=reason)


def _decide(workshop: Workshop, record: str, actor: Any, **fields: Any) -> Decision:
    fields |= {"at": timezone.now(), "by": actor}
    decision, _made = hold_write_up(workshop).decisions.update_or_create(
        record=record, defaults=fields
    )
    return decision


@transaction.atomic
def decide_nothing(*, workshop: Workshop, record: str) -> None:
    """Take back what was decided on a record."""
    hold_write_up(workshop).decisions.filter(record=record).delete()
