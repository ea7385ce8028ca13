"""What belongs to a workshop, read from the models: which rows, and which columns.

A model with a way to `Workshop` over foreign keys that must be filled belongs to it.
Nothing is listed but what stays behind, with the reason; tests find what is neither.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Q

from workshops.models import Series, SessionTemplate, Workshop

APPS = ("workshops", "deliberation")

# What stays behind, and why.
ROWS_LEFT_OUT = {
    "workshops.presence": "who has a page open is noted anew within seconds",
    "workshops.devicelink": "a link for another device is good for fifteen minutes",
}
FIELDS_LEFT_OUT = {
    "deliberation.rehearsal.copy": "the copy is a workshop of its own",
    "workshops.sessiontemplate.loaded_at": "of the installation, not of the file",
    "workshops.sessiontemplate.loaded_by": "of the installation, not of the file",
}
ONLY = {"deliberation.rehearsal": Q(ended_at__isnull=False)}  # else it is being played

# What rows refer to that is the installation's: by which fields it is named.
OUTSIDE: dict[str, tuple[str, ...]] = {
    "workshops.series": ("key",),
    "workshops.sessiontemplate": ("key", "version"),
    settings.AUTH_USER_MODEL.lower(): ("username",),
}
# Of what is outside, this goes along: the rest is named only.
GOES_ALONG: tuple[type[models.Model], ...] = (Series, SessionTemplate)


class Sheet(NamedTuple):
    """The rows of one model. path: the way to the workshop, "" for itself."""

    model: type[models.Model]
    path: str
    fields: tuple[Any, ...]

    @property
    def label(self) -> str:
        return self.model._meta.label_lower

    @property
    def file(self) -> str:
        return f"rows/{self.label}.jsonl"

    @property
    def is_numbered(self) -> bool:
        """Whether the database gives its rows their keys."""
        return not self.model._meta.pk.is_relation

    def rows(self, workshop: Workshop) -> Any:
        """Return the workshop's rows in the order in which they were made."""
        chosen = self.model._base_manager.filter(**{self.path or "pk": workshop.pk})
        return chosen.filter(ONLY.get(self.label, Q())).order_by("pk")


@cache
def sheets() -> tuple[Sheet, ...]:
    """Return all that goes out, the workshop's own row first."""
    found = []
    for model in models_of_apps():
        path = path_to_workshop(model)
        if path is not None and model._meta.label_lower not in ROWS_LEFT_OUT:
            found.append(Sheet(model, path, fields_of(model)))
    return tuple(sorted(found, key=lambda sheet: (sheet.path != "", sheet.label)))


def models_of_apps() -> Iterator[type[models.Model]]:
    """Yield every model of ours, those between two others among them."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label in APPS and not model._meta.proxy:
            yield model


def fields_of(model: type[models.Model]) -> tuple[Any, ...]:
    """Return the columns that go out, the key first."""
    label = model._meta.label_lower
    return tuple(
        field
        for field in sorted(
            model._meta.concrete_fields, key=lambda field: not field.primary_key
        )
        if f"{label}.{field.name}" not in FIELDS_LEFT_OUT and not field.generated
    )


def path_to_workshop(model: type[models.Model], *, at_all: bool = False) -> str | None:
    """Return the shortest way to a row's workshop as a lookup; None without one.

    at_all: also over foreign keys that may be empty.
    """
    ways: list[tuple[type[models.Model], tuple[str, ...]]] = [(model, ())]
    seen = {model}
    while ways:
        here, way = ways.pop(0)
        if here is Workshop:
            return "__".join(way)
        for field in here._meta.concrete_fields:
            to = field.related_model
            if to is None or to in seen or (field.null and not at_all):
                continue
            seen.add(to)
            ways.append((to, (*way, field.name)))
    return None
