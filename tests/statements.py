"""Reads the statements that reach the database: which workshops does each one name?

A table belongs to workshops if a foreign key that is never empty leads from it to one.
Every mention of such a table must be held to rows of workshops that the statement
names, by one of these and nothing else:

- it is compared, in a condition that always holds (no OR, no NOT, no CASE), with a
  parameter by its primary key, a unique column, or a foreign key to something that
  belongs to a workshop;
- it is joined in the same way with a mention that is held; an outer join holds its
  right side only, a subquery may lean on what stands around it, not the reverse;
- it is inserted into, and the columns name such a key.

What the parameters name is looked up, so two workshops in one statement are two. This
takes for granted that a row and all it refers to are of one workshop, which
`rows_across_workshops` asks of the data.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Self

from django.apps import apps
from django.db import connection, models

from workshops.models import Workshop

TOKEN = re.compile(r'"([^"]+)"|(\'[^\']*\')|(%s)|(\w+)|([^\s\w])')
CLAUSES = {"SELECT", "FROM", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "SET"}
CLAUSES |= {"VALUES", "RETURNING", "FOR", "CONFLICT", "WITH", "UNION", "OFFSET"}
TRANSACTION = re.compile(r"\s*(BEGIN|SAVEPOINT|RELEASE|ROLLBACK|COMMIT)\b")

type Part = str | int | list["Part"]  # a word, a parameter's number, parentheses


# ---- what belongs to workshops ----


@cache
def tables() -> dict[str, type[models.Model]]:
    """Return the models that belong to workshops, by their tables."""
    return {
        model._meta.db_table: model
        for app in ("workshops", "deliberation")
        for model in apps.get_app_config(app).get_models(include_auto_created=True)
        if way_to_workshop(model)
    }


@cache
def way_to_workshop(model: type[models.Model]) -> str:
    """Return the lookup that leads from a model to its workshop, "" without one."""
    if model is Workshop:
        return "pk"
    always = [
        one
        for one in model._meta.concrete_fields
        if one.is_relation and not one.null and one.related_model is not model
    ]
    ways = [(one.name, way_to_workshop(one.related_model)) for one in always]
    found = [name if way == "pk" else f"{name}__{way}" for name, way in ways if way]
    return min(found, key=len, default="")


@cache
def keys(table: str) -> dict[str, models.Field]:
    """Return the columns of a table each of whose values is of one workshop."""
    model = tables()[table]
    unique = {
        rule.fields[0]
        for rule in model._meta.constraints
        if isinstance(rule, models.UniqueConstraint) and len(rule.fields) == 1
    }
    return {
        one.column: one
        for one in model._meta.concrete_fields
        if one.unique
        or one.name in unique
        or (one.is_relation and way_to_workshop(one.related_model))
    }


def owners(table: str, column: str, values: Sequence[Any]) -> set[int]:
    """Return the workshops of the rows that have these values in a key column."""
    one = keys(table)[column]
    if one.is_relation:
        model, name = one.related_model, "pk"
    else:
        model, name = tables()[table], one.name
    rows = model._default_manager.filter(**{f"{name}__in": values})
    return set(rows.values_list(way_to_workshop(model), flat=True))


def rows_across_workshops() -> list[str]:
    """Name the relations of stored rows that lead to another workshop."""
    found = []
    for model in tables().values():
        own = way_to_workshop(model)
        for one in model._meta.concrete_fields:
            if not one.is_relation or not way_to_workshop(one.related_model):
                continue
            other = way_to_workshop(one.related_model)
            rows = model._default_manager.filter(**{f"{one.name}__isnull": False})
            there = one.name if other == "pk" else f"{one.name}__{other}"
            pairs = rows.order_by().values_list(own, there).distinct()
            if any(here != away for here, away in pairs):
                found.append(f"{model.__name__}.{one.name}")
    return found


# ---- statements ----


@dataclass(frozen=True)
class Statement:
    sql: str
    parameters: Sequence[Any]

    @property
    def belongs(self) -> bool:
        """Whether it touches a table that belongs to workshops."""
        words = {match[1] or match[4] for match in TOKEN.finditer(self.sql)}
        return not words.isdisjoint(tables())


class Statements:
    """Notes, while it is entered, what is sent, but for the bounds of transactions."""

    def __enter__(self) -> Self:
        self.all: list[Statement] = []
        self._wrapper = connection.execute_wrapper(self._note)
        self._wrapper.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._wrapper.__exit__(*error)

    def _note(self, execute, sql, parameters, many, context):
        if not TRANSACTION.match(sql):
            self.all.append(Statement(sql, list(parameters or ())))
        return execute(sql, parameters, many, context)


@dataclass
class Scope:
    """One SELECT, INSERT, UPDATE or DELETE, with the tables that it mentions."""

    outer: "Scope | None"
    mentions: dict[str, str] = field(default_factory=dict)  # alias to table

    def find(self, alias: str) -> "tuple[Scope, str] | None":
        if alias in self.mentions:
            return self, alias
        return self.outer.find(alias) if self.outer else None


@dataclass(frozen=True)
class Reading:
    """What a statement names: `workshops`, and `loose` tables that nothing holds."""

    workshops: frozenset[int]
    loose: frozenset[str]


def read(statement: Statement) -> Reading:
    """Say which workshops a statement names, and what it asks of all of them."""
    reader = _Reader(statement.parameters)
    reader.read(_tree(statement.sql), None)
    return reader.reading()


def _tree(sql: str) -> list[Part]:
    """Return the words of a statement, what stands in parentheses as a list."""
    levels: list[list[Part]] = [[]]
    number = 0
    for quoted, text, mark, word, sign in TOKEN.findall(sql):
        if sign == "(":
            levels.append([])
        elif sign == ")":
            inner = levels.pop()
            levels[-1].append(inner)
        elif mark:
            levels[-1].append(number)
            number += 1
        else:
            levels[-1].append(quoted or text or word or sign)
    return levels[0]


type Mention = tuple[int, str]  # a scope, by its id, and an alias in it


@dataclass(frozen=True)
class Column:
    scope: Scope
    alias: str
    name: str

    @property
    def table(self) -> str:
        return self.scope.mentions[self.alias]

    @property
    def mention(self) -> Mention:
        return id(self.scope), self.alias


class _Reader:
    def __init__(self, parameters: Sequence[Any]) -> None:
        self._parameters = parameters
        self._scopes: dict[int, Scope] = {}  # by the id of their parts
        self._tables: dict[Mention, str] = {}
        self._held: set[Mention] = set()
        self._leans: set[tuple[Mention, Mention]] = set()  # the first holds the second
        self._workshops: set[int] = set()

    def reading(self) -> Reading:
        held = set(self._held)
        while more := {b for a, b in self._leans if a in held} - held:
            held |= more
        loose = {t for mention, t in self._tables.items() if mention not in held}
        return Reading(frozenset(self._workshops), frozenset(loose))

    def read(self, parts: list[Part], outer: Scope | None) -> Scope:
        if id(parts) in self._scopes:
            return self._scopes[id(parts)]
        scope = self._scopes[id(parts)] = Scope(outer)
        self._find_mentions(parts, scope)
        for clause, content in _clauses(parts):
            if clause == "FROM":
                self._joins(content, scope)
            else:
                self._conditions(content, scope, hold=clause == "WHERE")
        return scope

    def _find_mentions(self, parts: list[Part], scope: Scope) -> None:
        for place, name in enumerate(parts):
            before = parts[place - 1] if place else ""
            if before not in ("FROM", "JOIN", "UPDATE", "INTO") or not _belongs(name):
                continue
            following = parts[place + 1] if len(parts) > place + 1 else ""
            alias = _alias(name, following)
            scope.mentions[alias] = name
            self._tables[id(scope), alias] = name
            if before == "INTO" and isinstance(following, list):
                self._insert(Column(scope, alias, ""), following)

    def _insert(self, into: Column, columns: list[Part]) -> None:
        names = [one for one in columns if one != ","]
        known = keys(into.table)
        for place, name in enumerate(names):
            if name not in known or not known[name].is_relation:
                continue
            self._held.add(into.mention)
            # Parameters fill the columns one after the other, row by row.
            if into.scope.outer is None and len(self._parameters) % len(names) == 0:
                self._name(into.table, name, self._parameters[place :: len(names)])

    def _joins(self, parts: list[Part], scope: Scope) -> None:
        """Read a FROM: what an outer join asks holds only what it joins."""
        joined: str | None = None
        for place, part in enumerate(parts):
            before = parts[place - 1] if place else ""
            if before == "JOIN":
                loosely = {"LEFT", "RIGHT", "FULL"}.intersection(
                    one for one in parts[max(0, place - 3) : place] if type(one) is str
                )
                following = parts[place + 1] if len(parts) > place + 1 else ""
                joined = _alias(part, following) if loosely else None
            elif isinstance(part, list) and _is_query(part):
                self.read(part, scope)
            elif isinstance(part, list) and before == "ON":
                self._conditions(part, scope, hold=True, only=joined)

    def _conditions(
        self, parts: list[Part], scope: Scope, *, hold: bool, only: str | None = None
    ) -> None:
        """Read conditions; with `hold`, all of them are true of every row.

        only: the alias that they hold, if not any.
        """
        hold = hold and "OR" not in parts and "CASE" not in parts
        for place, part in enumerate(parts):
            before = parts[place - 1] if place else ""
            if isinstance(part, list):
                if _is_query(part):
                    self.read(part, scope)
                else:
                    still = hold and before in ("", "AND")
                    self._conditions(part, scope, hold=still, only=only)
            elif part in ("=", "IN") and before != "NOT" and hold:
                self._compare(parts[:place], parts[place + 1 :], scope, only)

    def _compare(
        self, before: list[Part], after: list[Part], scope: Scope, only: str | None
    ) -> None:
        column = self._column(before, scope)
        if column is None or not after:
            return
        value = after[1] if after[0] == "ANY" else after[0]
        while isinstance(value, list) and len(value) == 1:
            value = value[0]
        if isinstance(value, list) and _is_query(value):
            inner = self.read(value, scope)
            chosen = self._column(dict(_clauses(value))["SELECT"][:3], inner)
            if chosen is not None and only in (None, column.alias):
                self._leans.add((chosen.mention, column.mention))
        elif isinstance(value, int) or _is_list(value):
            if only in (None, column.alias) and column.scope is scope:
                numbers = [value] if isinstance(value, int) else value
                self._held.add(column.mention)
                values = [self._parameters[n] for n in numbers if isinstance(n, int)]
                self._name(column.table, column.name, values)
        else:
            other = self._column(value if isinstance(value, list) else after[:3], scope)
            self._join(column, other, scope, only)

    def _join(
        self, one: Column, other: Column | None, scope: Scope, only: str | None
    ) -> None:
        if other is None:
            return
        for holder, held in ((one, other), (other, one)):
            # A subquery does not hold what stands around it.
            if held.scope is scope and only in (None, held.alias):
                self._leans.add((holder.mention, held.mention))

    def _column(self, parts: list[Part], scope: Scope) -> Column | None:
        """Return the key column that ends these parts, if one does."""
        while parts and isinstance(parts[-1], list):
            if len(parts) > 1 and parts[-2] != "AND":
                return None  # of a function
            parts = parts[-1]
        found = None
        if len(parts) >= 3 and parts[-2] == ".":
            found = scope.find(str(parts[-3]))
        elif parts and len(scope.mentions) == 1:  # by hand: without its table
            found = scope, *scope.mentions
        if found is None or str(parts[-1]) not in keys(found[0].mentions[found[1]]):
            return None
        return Column(*found, str(parts[-1]))

    def _name(self, table: str, column: str, values: Sequence[Any]) -> None:
        self._workshops |= owners(table, column, list(_flat(values)))


def _belongs(name: Part) -> bool:
    return isinstance(name, str) and name in tables()


def _alias(table: Part, following: Part) -> str:
    given = isinstance(following, str) and re.fullmatch(r"[A-Z]\d+", following)
    return str(following if given else table)


def _is_query(parts: list[Part]) -> bool:
    return bool(parts) and parts[0] in ("SELECT", "INSERT", "UPDATE", "DELETE")


def _is_list(value: Part) -> bool:
    """Tell a list of parameters."""
    return isinstance(value, list) and all(
        isinstance(one, int) or one == "," for one in value
    )


def _flat(values: Sequence[Any]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, list | tuple):
            yield from _flat(value)
        elif value is not None:
            yield value


def _clauses(parts: list[Part]) -> list[tuple[str, list[Part]]]:
    """Split a statement into its clauses, each named by its keyword."""
    found: list[tuple[str, list[Part]]] = [("", [])]
    for part in parts:
        if isinstance(part, str) and part in CLAUSES:
            found.append((part, []))
        else:
            found[-1][1].append(part)
    return found
