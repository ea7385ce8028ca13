"""Reads again only what may have changed: checks after every step stay cheap.

What is sent to the database tells of itself what it reads and what it writes.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any, NamedTuple, Self

from django.db import connection

from tests.statements import TOKEN, TRANSACTION

UPDATE = re.compile(r'UPDATE "\w+" SET ((?:(?! WHERE |SELECT).)*)(?: WHERE |$)')
SET = re.compile(r'"(\w+)" = ')


class Touched(NamedTuple):
    """What a statement names, and which columns it writes: None for whole rows."""

    reads: bool
    tables: frozenset[str]
    words: frozenset[str]
    columns: frozenset[str | None]


@dataclass
class Reading:
    """What was found, after how many writes, and what was named to find it."""

    writes: int
    found: Any = None
    tables: set[str] = field(default_factory=set)
    words: set[str | None] = field(default_factory=lambda: {None})


class Readings:
    """While entered, knows of what was read before whether it must still be the same.

    It is where nothing was written since to the columns it was read from. What a
    process keeps in memory is not seen: `forget` when that changes.
    """

    def __init__(self) -> None:
        self._known: dict[str, Reading] = {}
        self._open: list[Reading] = []
        self._writes = 0
        self._last: dict[str, dict[str | None, int]] = {}  # write of a table's column

    def __enter__(self) -> Self:
        self._wrapper = connection.execute_wrapper(self._note)
        self._wrapper.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._wrapper.__exit__(*error)

    def read[Found](self, name: str, find: Callable[[], Found]) -> Found:
        """Return what `find` finds, or found under this name if that still holds."""
        known = self._known.get(name)
        if known is None or self._is_outdated(known):
            known = Reading(self._writes)
            self._open.append(known)
            try:
                known.found = find()
            finally:
                self._open.pop()
            self._known[name] = known
        return known.found

    def forget(self) -> None:
        self._known.clear()

    def _is_outdated(self, known: Reading) -> bool:
        return any(
            write > known.writes and column in known.words
            for table in known.tables
            for column, write in self._last.get(table, {}).items()
        )

    def _note(self, execute, sql, parameters, many, context):
        touched = touched_by(sql)
        if touched.reads:
            for reading in self._open:
                reading.tables |= touched.tables
                reading.words |= touched.words
        else:
            self._writes += 1
            for table in touched.tables:
                written = dict.fromkeys(touched.columns, self._writes)
                self._last.setdefault(table, {}).update(written)
        return execute(sql, parameters, many, context)


@lru_cache(maxsize=4096)
def touched_by(sql: str) -> Touched:
    words = frozenset(match[1] or match[4] for match in TOKEN.finditer(sql))
    update = UPDATE.match(sql)
    return Touched(
        reads=sql.startswith("SELECT") or bool(TRANSACTION.match(sql)),
        tables=words & all_tables(),
        words=words,
        columns=frozenset(SET.findall(update[1])) if update else frozenset([None]),
    )


@cache
def all_tables() -> frozenset[str]:
    return frozenset(connection.introspection.django_table_names())
