"""What facilitators do is recorded with what it changed; the last step can be undone.

Undoing puts the rows back, unless somebody changed them since. Each desk (`Event.Desk`)
has its own last step: who groups points never stands in the way of the console.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, models, transaction
from django.db.models import Count, QuerySet
from django.utils import timezone

from config.prepared import Prepared
from deliberation.models import Event
from workshops.actions.rotating import send_back
from workshops.models import Rotation, Workshop


class NothingToUndo(Exception):
    """No step is left that can be taken back."""


class ChangedSince(Exception):
    """What the step changed was changed again afterwards; `event` is the step."""

    def __init__(self, event: Event) -> None:
        self.event = event


class Exact(DjangoJSONEncoder):
    """Keeps microseconds, so that what is put back is what was there."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if isinstance(o, datetime) else super().default(o)


class Recorder:
    """Collects the changes of one step and stores them as one event."""

    def __init__(
        self,
        workshop: Workshop,
        actor,
        verb: str,
        subject: str,
        *,
        desk: str = Event.Desk.CONSOLE,
    ) -> None:
        self.event = Event(
            workshop=workshop,
            actor=actor,
            verb=verb,
            subject=subject[:200],
            desk=desk,
        )

    def change(self, row: models.Model, **fields: Any) -> None:
        """Set fields of a row, save it, and note what they were and are."""
        before = _values(row, fields)
        for name, value in fields.items():
            setattr(row, name, value)
        after = _values(row, fields)
        if before == after:
            return
        row.save(update_fields=list(fields))
        self.event.changes.append(
            {
                "model": row._meta.label_lower,
                "pk": row.pk,
                "before": before,
                "after": after,
            }
        )

    def create(self, model: type[models.Model], **fields: Any) -> Any:
        """Make a row that undoing takes away again while nothing hangs on it."""
        row = model.objects.create(**fields)
        self.event.changes.append(
            {"model": row._meta.label_lower, "pk": row.pk, "before": None, "after": {}}
        )
        return row

    def delete(self, row: models.Model) -> None:
        """Delete a row that undoing makes again, under the key that it had.

        What refers to it must be changed before, by this step.
        """
        fields = [f.name for f in row._meta.concrete_fields if not f.primary_key]
        self.event.changes.append(
            {
                "model": row._meta.label_lower,
                "pk": row.pk,
                "before": _values(row, fields),
                "after": None,
            }
        )
        row.delete()

    def reorder(self, rows: Iterable[Any], *, moved: models.Model, by: int) -> None:
        """Move one of the rows, given in order, up (-1) or down (+1) and number all."""
        order = list(rows)
        place = order.index(moved)
        target = min(max(place + by, 0), len(order) - 1)
        order.insert(target, order.pop(place))
        for position, row in enumerate(order, start=1):
            self.change(row, position=position)

    def save(self, *, can_undo: bool = True) -> Event:
        """Store the event, if anything changed."""
        self.event.can_undo = can_undo
        if self.event.changes or not can_undo:
            self.event.save()
        return self.event


def _values(row: models.Model, names: Any) -> dict[str, Any]:
    """Return fields as JSON holds them, relations by their keys."""
    values = {}
    for name in names:
        field = row._meta.get_field(name)
        values[field.attname] = field.value_from_object(row)
    return json.loads(json.dumps(values, cls=Exact))


def last_step(
    workshop: Workshop, *, desk: str = Event.Desk.CONSOLE, by: Any = None
) -> Event | None:
    """Return the step that undo would take back at a desk, or None.

    by: the account whose own last step is meant; None for anybody's.
    """
    if by is None:
        last = _last_step.first(workshop=workshop.pk, desk=desk)
    else:
        last = _not_undone(workshop.pk, desk).filter(actor=by).first()
    return last if last is not None and last.can_undo else None


def _not_undone(workshop_id: int, desk: str) -> QuerySet[Event]:
    steps = Event.objects.filter(workshop_id=workshop_id, desk=desk, undone_at=None)
    return steps.order_by("-pk")


_last_step = Prepared(
    lambda workshop, desk: _not_undone(workshop, desk)[:1], workshop=int, desk=str
)


def steps_taken(workshop: Workshop, *, desk: str = Event.Desk.CONSOLE) -> int:
    """Count what was done at a desk and taken back; each step makes it greater."""
    counts = _steps.first(workshop=workshop.pk, desk=desk)
    return sum(counts or ())


_steps = Prepared(
    lambda workshop, desk: (
        Event.objects.filter(workshop_id=workshop, desk=desk)
        .order_by()
        .values("desk")
        .annotate(done=Count("pk"), undone=Count("undone_at"))
        .values_list("done", "undone")
    ),
    workshop=int,
    desk=str,
)


@transaction.atomic
def undo(
    *,
    workshop: Workshop,
    event_id: int | None = None,
    desk: str = Event.Desk.CONSOLE,
    by: Any = None,
) -> Event:
    """Take the last step at a desk back (`by`: that account's own) and return it.

    With `event_id`, only if that step is still the last one, so that two people who
    press at once undo one step, not two. Raises NothingToUndo; ChangedSince also
    where taking it back would break a rule, such as two prompts open at once.
    """
    # Without the key: answers refer to the workshop, and none of them waits for this.
    Workshop.objects.select_for_update(no_key=True).get(pk=workshop.pk)
    event = last_step(workshop, desk=desk, by=by)
    if event is None or (event_id is not None and event.pk != event_id):
        raise NothingToUndo
    try:
        with transaction.atomic():
            _lock_in_order(event)
            for change in reversed(event.changes):
                _take_back(event, change)
            _drop_spent_countdowns(event)
            _send_back_who_moved(event)
    except IntegrityError:
        raise ChangedSince(event) from None
    event.undone_at = timezone.now()
    event.save(update_fields=["undone_at"])
    return event


def _lock_in_order(event: Event) -> None:
    """Lock what the step changed in the order in which steps do: the screen last.

    Taking back goes the other way round, and would wait for a step that waits for it.
    """
    order = [
        "workshops.rotation",
        "workshops.participant",
        "deliberation.round",
        "workshops.session",
        "deliberation.point",
        "deliberation.question",
        "deliberation.screen",
    ]
    for label in order:
        keys = [c["pk"] for c in event.changes if c["model"] == label]
        if keys:
            rows = apps.get_model(label).objects.select_for_update(no_key=True)
            list(rows.filter(pk__in=keys).order_by("pk").values_list("pk", flat=True))


def _drop_spent_countdowns(event: Event) -> None:
    """Let a round that is open again go on without a countdown that has run out.

    Otherwise it would close again at once.
    """
    keys = [c["pk"] for c in event.changes if c["model"] == "deliberation.round"]
    spent = apps.get_model("deliberation.round").objects.out_of_time()
    spent.filter(pk__in=keys).update(ends_at=None, closes_at_zero=False)


def _send_back_who_moved(event: Event) -> None:
    """Let people go back to their tables where the rotation is as if never started."""
    keys = [c["pk"] for c in event.changes if c["model"] == "workshops.rotation"]
    if keys:
        send_back(Rotation.objects.planned().filter(pk__in=keys))


def _take_back(event: Event, change: dict[str, Any]) -> None:
    model = apps.get_model(change["model"])
    if change["after"] is None:
        _make_again(event, model, change)
        return
    locked = model.objects.select_for_update(of=("self",), no_key=True)
    row = locked.filter(pk=change["pk"]).first()
    if row is None:
        raise ChangedSince(event)
    if change["before"] is None:
        _remove(event, row)
        return
    names = [
        field.name for field in model._meta.fields if field.attname in change["after"]
    ]
    if _values(row, names) != change["after"]:
        raise ChangedSince(event)
    _fill(event, row, change["before"])
    row.save(update_fields=names)


def _fill(event: Event, row: models.Model, values: dict[str, Any]) -> None:
    """Set the fields of a row, unless it would refer to one that has gone."""
    for attname, value in values.items():
        field = row._meta.get_field(attname.removesuffix("_id"))
        # Databases would say so too late, when all of this is committed.
        if field.is_relation and value is not None and not _is_there(field, value):
            raise ChangedSince(event)
        setattr(row, attname, value if field.is_relation else field.to_python(value))


def _is_there(field: Any, key: Any) -> bool:
    return field.related_model.objects.filter(pk=key).exists()


def _make_again(
    event: Event, model: type[models.Model], change: dict[str, Any]
) -> None:
    """Make a deleted row again under its key."""
    row = model(pk=change["pk"])
    _fill(event, row, change["before"])
    row.save(force_insert=True)


def _remove(event: Event, row: models.Model) -> None:
    """Delete a row that the step made; what people said keeps it."""
    for name in ("responses", "contributions"):
        hanging = getattr(row, name, None)
        if hanging is not None and hanging.exists():
            raise ChangedSince(event)
    row.delete()
