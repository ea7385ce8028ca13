"""Queries that are asked all day long, with their SQL made once.

Making it takes Django three times as long as asking PostgreSQL: half of what it costs
to show a phone its page (`docs/adr/0009-make-the-sql-of-hot-queries-once.md`).
"""

import threading
from collections.abc import Callable
from copy import copy
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet

LARGEST = 2**63 - 1  # that a database knows
_making = threading.Lock()  # of the SQL of any of these queries


class Prepared[Found]:
    """A query of which only some values differ from one time to the next.

    make: takes the values by name and returns the queryset. It is called once, with
        stand-ins, so that nothing in it may depend on a value or on the time.
    values: the type of each value: int, str or datetime (aware).

    Raises TypeError where it is made for a queryset that prefetches, which takes
    further queries; LookupError where it is first asked, for a value that does not get
    into the SQL as it is.
    """

    def __init__(
        self, make: Callable[..., QuerySet[Any, Found]], **values: type
    ) -> None:
        self._stand_ins: dict[str, Any] = {
            name: _stand_in(kind, place)
            for place, (name, kind) in enumerate(values.items())
        }
        self._queryset = make(**self._stand_ins)
        if self._queryset._prefetch_related_lookups:
            raise TypeError(
                "a prepared query is one query: prefetch_related would be ignored, "
                "so ask for that with a prepared query of its own"
            )
        self._made: tuple[QuerySet[Any, Found], Any, str, list[Any]] | None = None

    def __call__(self, **values: Any) -> list[Found]:
        """Return the rows for these values: none for a number that is too large."""
        if any(isinstance(one, int) and one > LARGEST for one in values.values()):
            return []
        queryset, compiler, sql, params = self._made or self._compile()
        known = {
            _adapted(self._stand_ins[name]): _adapted(value)
            for name, value in values.items()
        }
        asked = tuple(known.get(param, param) for param in params)
        compiler, query = copy(compiler), copy(queryset.query)
        compiler.connection = connections[DEFAULT_DB_ALIAS]
        compiler.as_sql = lambda *_args, **_options: (sql, asked)
        query.get_compiler = lambda *_args, **_options: compiler  # type: ignore[method-assign]
        asking = queryset.all()
        asking.query = query
        return list(queryset._iterable_class(asking))

    def first(self, **values: Any) -> Found | None:
        """Return the first row for these values, None without one."""
        return next(iter(self(**values)), None)

    def _compile(self) -> tuple[QuerySet[Any, Found], Any, str, list[Any]]:
        # Django counts a query's joins in the query itself while it makes the SQL: two
        # threads that did so at once would leave some out, for the process's life.
        with _making:
            if self._made is not None:
                return self._made
            queryset = self._queryset
            compiler = queryset.query.get_compiler(using=DEFAULT_DB_ALIAS)
            sql, params = compiler.as_sql()
            missing = set(map(_adapted, self._stand_ins.values())) - set(params)
            if missing:
                raise LookupError(f"not found in the query: {missing}")
            self._made = queryset, compiler, sql, list(params)
            return self._made


def _stand_in(kind: type, place: int) -> int | str | datetime:
    if kind is datetime:
        return datetime(1970, 1, 2, tzinfo=UTC) + timedelta(seconds=place)
    return 1_900_000_000 + place if kind is int else f"value {place}"


def _adapted(value: Any) -> Any:
    """Return a value as it stands among a statement's parameters."""
    if isinstance(value, datetime):
        operations = connections[DEFAULT_DB_ALIAS].ops
        return operations.adapt_datetimefield_value(value)
    return value
