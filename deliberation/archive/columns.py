"""A column as it stands in a file: what JSON holds, and what a row holds again."""

import base64
import datetime
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, models
from django.utils.timezone import is_naive
from django.utils.translation import gettext as _

from deliberation.archive.sheets import OUTSIDE


class NotAValue(Exception):
    """A column cannot hold what a file has for it; the text says so."""


# The first that fits: its type in the package's schema, and what JSON holds.
KINDS: tuple[tuple[type[Any], str, tuple[type, ...]], ...] = (
    (models.JSONField, "any", (object,)),
    (models.BooleanField, "boolean", (bool,)),
    (models.IntegerField, "integer", (int,)),
    (models.FloatField, "number", (int, float)),
    (models.DateTimeField, "datetime", (str,)),
    (models.DateField, "date", (str,)),
    (models.TimeField, "time", (str,)),
    (models.BinaryField, "string", (str,)),
    (models.CharField, "string", (str,)),
    (models.TextField, "string", (str,)),
)


def refers_to(field: Any) -> str | None:
    """Return the label of the model that a foreign key leads to; else None."""
    return field.related_model._meta.label_lower if field.is_relation else None


def kind_of(field: Any) -> tuple[str, tuple[type, ...]]:
    """Return a column's type and what JSON holds of it. Raises TypeError."""
    if to := refers_to(field):
        return ("any", (str, list)) if to in OUTSIDE else ("integer", (int,))
    for cls, name, held in KINDS:
        if isinstance(field, cls):
            return name, held
    raise TypeError(f"{field} needs a kind in KINDS")


def plain(value: Any) -> Any:
    """Return a stored value as JSON can hold it, with microseconds."""
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    return value


def reader_of(field: Any) -> Callable[[Any], Any]:
    """Return the function that reads a column's values; it may raise NotAValue.

    Foreign keys are left as they are: only who knows all rows can say what they mean.
    """
    _name, held = kind_of(field)
    numbers = bool not in held
    least, most = _range(field)

    def read(value: Any) -> Any:
        if value is None:
            if field.null:
                return None
        elif isinstance(value, held) and not (
            numbers and object not in held and isinstance(value, bool)
        ):
            return value if field.is_relation else _converted(field, value, least, most)
        raise NotAValue(_("%(value)s does not fit") % {"value": shown(value)})

    return read


def _converted(field: Any, value: Any, least: Any, most: Any) -> Any:
    if isinstance(field, models.JSONField):
        return value
    try:
        found = field.to_python(value)
    except (ValidationError, ValueError, OverflowError):
        found = None
    small = least is None or (found is not None and least <= found)
    large = most is None or (found is not None and found <= most)
    if (
        found is None
        or not (small and large)
        or (isinstance(found, str) and not _is_text_of(field, found))
        or (isinstance(found, datetime.datetime) and is_naive(found))
    ):
        raise NotAValue(_("%(value)s does not fit") % {"value": shown(value)})
    return found


def _is_text_of(field: Any, text: str) -> bool:
    if field.max_length is not None and len(text) > field.max_length:
        return False
    words = [word for word, _label in field.flatchoices]
    return not words or text in words or (field.blank and not text)


def _range(field: Any) -> tuple[int | None, int | None]:
    if isinstance(field, models.IntegerField):
        return connection.ops.integer_field_range(field.get_internal_type())
    return None, None


def shown(value: object) -> str:
    """Return the beginning of a value, for a message."""
    return ascii(value)[:60]
