"""Keys of rows where no foreign key says so: in JSON, and in names made of keys.

A file numbers the rows of each model from 1, so that the same workshop is the same
file under other keys. Rows that are gone but still named, in the record of what
facilitators did, have their numbers too, and get keys that nobody else will have.
"""

from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models

from deliberation.archive.sheets import APPS

# Given a model's label and a key or number: what stands there instead.
type Renumber = Callable[[str, Any], Any]
type Rewrite = Callable[[Any, Renumber], Any]


def _respondent(respondent: str, renumber: Renumber) -> str:
    kind, _colon, key = respondent.partition(":")
    label = {"seat": "workshops.participant", "table": "workshops.table"}.get(kind)
    return f"{kind}:{renumber(label, int(key))}" if label else respondent


def _content(content: Any, renumber: Renumber) -> Any:
    """A submission: `[item, criterion, state, value, reason]` for each judged item."""
    return [
        [
            renumber("deliberation.item", item),
            renumber("deliberation.criterion", criterion),
            *judged,
        ]
        for item, criterion, *judged in content
    ]


def _changes(changes: Any, renumber: Renumber) -> Any:
    """A facilitator's step, as `recording.Recorder` writes it."""
    return [
        {
            **change,
            "pk": renumber(change["model"], change["pk"]),
            "before": _values(change["model"], change["before"], renumber),
            "after": _values(change["model"], change["after"], renumber),
        }
        for change in changes
    ]


def _values(label: str, values: Any, renumber: Renumber) -> Any:
    if not values:
        return values
    return {
        name: renumber(to, value) if (to := _refers_to(label, name)) else value
        for name, value in values.items()
    }


def _refers_to(label: str, name: str) -> str | None:
    """Return the label of the model that a column refers to, if it does."""
    try:
        field = apps.get_model(label)._meta.get_field(name)
    except (LookupError, FieldDoesNotExist):
        return None  # of a model or column that is no more
    to = field.related_model if field.is_relation else None
    return to._meta.label_lower if to is not None else None


def _record(record: str, renumber: Renumber) -> str:
    """A record as `writeup.structure` names it; those named by their key end in it."""
    kind, _colon, key = record.partition(":")
    model = _model_called(kind) if key.isdecimal() else None
    return f"{kind}:{renumber(model._meta.label_lower, int(key))}" if model else record


def _model_called(name: str) -> type[models.Model] | None:
    for app in APPS:
        try:
            return apps.get_model(app, name)
        except LookupError:
            continue
    return None


WITHIN: dict[str, Rewrite] = {
    "deliberation.response.respondent": _respondent,
    "deliberation.submission.content": _content,
    "deliberation.event.changes": _changes,
    "deliberation.decision.record": _record,
}
# JSON in which no row is named by its key.
NO_KEYS = {
    "deliberation.publication.report": "records are named without keys, as published",
    "deliberation.rehearsal.report": "figures and words",
}
