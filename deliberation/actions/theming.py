"""Points become findings: grouped under themes, repeats beside what they repeat.

A theme belongs to a prompt, and so do all points under it. What repeats a point stands
under the theme of that one, and repeats none that is a repeat itself.

Those who group points of a workshop do so one after the other: each step takes the
workshop's lock first. No answer waits for it. Steps are recorded at a desk of their
own, where each person takes back their own last one (ADR 12).
"""

from collections.abc import Collection, Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, Q

from deliberation.actions.recording import Recorder
from deliberation.models import Event, Point, Prompt, Theme
from workshops.models import Workshop

THEMES = Event.Desk.THEMES
TITLE_LENGTH = 200


class ThemeGone(Exception):
    """The theme was deleted or merged; `event` is the step that did it, if known."""

    def __init__(self, event: Event | None) -> None:
        self.event = event


class TitleTaken(Exception):
    """Another theme of the prompt has this title; `theme` is that one."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme


class PointsGone(Exception):
    """None of the points meant is there any more."""


@transaction.atomic
def move_points(
    *, prompt: Prompt, points: Collection[int], theme: int | None, actor: Any = None
) -> int:
    """Put points, by their keys, under a theme of their prompt, None for no theme.

    What repeats a point goes along. Returns how many points were meant. Raises
    ThemeGone and PointsGone; the points then are where they were.
    """
    workshop = _hold(prompt)
    under = None if theme is None else _theme(prompt, theme)
    title = "" if under is None else under.title
    record = _record(workshop, actor, "theme-move", title)
    rows = _with_repeats(prompt, points)
    for point in rows:
        record.change(point, theme=under)
    record.save()
    return sum(point.duplicate_of_id is None for point in rows)


@transaction.atomic
def make_theme(
    *, prompt: Prompt, title: str, points: Collection[int] = (), actor: Any = None
) -> Theme:
    """Make a theme after the others, with points taken from wherever they stood.

    Raises TitleTaken, PointsGone.
    """
    workshop = _hold(prompt)
    _check_title(prompt, title)
    record = _record(workshop, actor, "theme-make", title)
    last = prompt.themes.aggregate(last=Max("position"))["last"] or 0
    try:
        with transaction.atomic():  # files bring themes as well
            theme = record.create(Theme, prompt=prompt, title=title, position=last + 1)
    except IntegrityError:
        _check_title(prompt, title)
        raise
    for point in _with_repeats(prompt, points) if points else ():
        record.change(point, theme=theme)
    record.save()
    return theme


@transaction.atomic
def rename_theme(*, prompt: Prompt, theme: int, title: str, actor: Any = None) -> Theme:
    """Give a theme another title. Raises ThemeGone, TitleTaken."""
    workshop = _hold(prompt)
    row = _theme(prompt, theme)
    _check_title(prompt, title, but=row)
    record = _record(workshop, actor, "theme-rename", row.title)
    record.change(row, title=title)
    record.save()
    return row


@transaction.atomic
def order_theme(*, prompt: Prompt, theme: int, by: int, actor: Any = None) -> None:
    """Move a theme up (-1) or down (+1) among those of its prompt. Raises ThemeGone."""
    workshop = _hold(prompt)
    row = _theme(prompt, theme)
    record = _record(workshop, actor, "theme-order", row.title)
    record.reorder(prompt.themes.order_by("position", "pk"), moved=row, by=by)
    record.save()


@transaction.atomic
def merge_themes(*, prompt: Prompt, theme: int, into: int, actor: Any = None) -> Theme:
    """Put all points of a theme under another one, delete it, return the other.

    Raises ThemeGone.
    """
    workshop = _hold(prompt)
    goes, stays = _theme(prompt, theme), _theme(prompt, into)
    if goes == stays:
        return stays
    _delete(_record(workshop, actor, "theme-merge", goes.title), goes, instead=stays)
    return stays


@transaction.atomic
def delete_theme(*, prompt: Prompt, theme: int, actor: Any = None) -> None:
    """Delete a theme; its points are under none again. Raises ThemeGone."""
    workshop = _hold(prompt)
    row = _theme(prompt, theme)
    _delete(_record(workshop, actor, "theme-delete", row.title), row, instead=None)


@transaction.atomic
def mark_repeats(
    *, prompt: Prompt, points: Collection[int], of: int, actor: Any = None
) -> int:
    """Say of points that they repeat another one; return how many do so from now on.

    Where that one is a repeat itself, they repeat what it repeats. What repeated one
    of them goes along. Raises PointsGone.
    """
    workshop = _hold(prompt)
    stays = _with_repeats(prompt, [of])[0]
    record = _record(workshop, actor, "point-same", stays.text)
    if stays.duplicate_of_id is not None:  # what it repeated was taken back
        record.change(stays, duplicate_of=None)
    marked = 0
    for point in _with_repeats(prompt, [pk for pk in points if pk != of]):
        if point.pk != stays.pk and point.duplicate_of_id != stays.pk:
            record.change(point, duplicate_of=stays, theme=stays.theme)
            marked += 1
    record.save()
    return marked


@transaction.atomic
def mark_apart(*, prompt: Prompt, point: int, actor: Any = None) -> None:
    """Let a point that repeated another one stand for itself. Raises PointsGone."""
    workshop = _hold(prompt)
    row = _lock(prompt, Q(pk=point)).first()
    if row is None:
        raise PointsGone
    record = _record(workshop, actor, "point-apart", row.text)
    record.change(row, duplicate_of=None)
    record.save()


# ---- what is held and found ----


def _hold(prompt: Prompt) -> Workshop:
    """Let those who group points of a workshop do so one after the other."""
    locked = Workshop.objects.select_for_update(no_key=True)
    return locked.get(sessions__prompts=prompt)


def _record(workshop: Workshop, actor: Any, verb: str, subject: str) -> Recorder:
    return Recorder(workshop, actor, verb, subject, desk=THEMES)


def _theme(prompt: Prompt, pk: int) -> Theme:
    theme = prompt.themes.filter(pk=pk).first()
    if theme is None:
        raise ThemeGone(_what_became_of(prompt, pk))
    return theme


def _what_became_of(prompt: Prompt, pk: int) -> Event | None:
    """Return the step that deleted a theme, if it is one of the last."""
    steps = Event.objects.filter(
        workshop=prompt.session.workshop_id,
        desk=THEMES,
        verb__in=["theme-delete", "theme-merge"],
        undone_at=None,
    )
    gone = {"model": Theme._meta.label_lower, "pk": pk, "after": None}
    for event in steps.select_related("actor").order_by("-pk")[:30]:
        if any(gone.items() <= change.items() for change in event.changes):
            return event
    return None


def _check_title(prompt: Prompt, title: str, *, but: Theme | None = None) -> None:
    """Raise TitleTaken where another theme is called so, in whatever letters."""
    same = prompt.themes.filter(title__iexact=title)
    taken = same.exclude(pk=but and but.pk).first()
    if taken is not None:
        raise TitleTaken(taken)


def _lock(prompt: Prompt, which: Q):
    """Lock points that nobody took back, in the order in which all lock them."""
    alive = Point.objects.filter(which, prompt=prompt, withdrawn_at=None)
    return alive.select_for_update(of=("self",), no_key=True).order_by("pk")


def _with_repeats(prompt: Prompt, points: Iterable[int]) -> list[Point]:
    """Return points with what they repeat and what repeats them, what stays first.

    Raises PointsGone where none of them is left.
    """
    named = Point.objects.filter(pk__in=list(points), prompt=prompt, withdrawn_at=None)
    heads = {head or pk for pk, head in named.values_list("pk", "duplicate_of")}
    family = Q(pk__in=heads) | Q(duplicate_of__in=heads)
    rows = list(_lock(prompt, family).select_related("theme"))
    if not rows:
        raise PointsGone
    return sorted(rows, key=lambda point: (point.duplicate_of_id is not None, point.pk))


def _delete(record: Recorder, theme: Theme, *, instead: Theme | None) -> None:
    """Put a theme's points, even those taken back, under another and delete it."""
    points = Point.objects.filter(theme=theme).order_by("pk")
    for point in points.select_for_update(of=("self",), no_key=True):
        record.change(point, theme=instead)
    record.delete(theme)
    record.save()
