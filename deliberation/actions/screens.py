"""The console sets what the projector shows."""

from django.db import transaction

from deliberation.actions.recording import Recorder
from deliberation.actions.rounds import screen_of
from deliberation.models import Screen
from workshops.models import Workshop

CHANGEABLE = frozenset(
    {"showing", "session", "round", "view", "item", "join_overlay", "blank", "look"}
)


@transaction.atomic
def set_screen(
    *, workshop: Workshop, actor=None, verb: str = "screen", **fields
) -> Screen:
    """Change what the screen shows: fields of Screen, those in CHANGEABLE.

    A frozen screen keeps its picture; the change shows when it thaws.
    """
    if unknown := set(fields) - CHANGEABLE:
        raise ValueError(f"The screen has no field {', '.join(sorted(unknown))}.")
    screen = screen_of(workshop)
    record = Recorder(workshop, actor, verb, "")
    record.change(screen, **fields)
    record.save()
    return screen


@transaction.atomic
def freeze(*, workshop: Workshop, html: str, actor=None) -> Screen:
    """Keep the screen as it stands: `html` is the board it shows now."""
    screen = screen_of(workshop)
    record = Recorder(workshop, actor, "freeze", "")
    record.change(screen, frozen_html=html)
    record.save()
    return screen


@transaction.atomic
def thaw(*, workshop: Workshop, actor=None) -> Screen:
    """Let the screen follow again."""
    screen = screen_of(workshop)
    record = Recorder(workshop, actor, "thaw", "")
    record.change(screen, frozen_html="")
    record.save()
    return screen
