"""A workshop is made again from a file, as it was, under keys of its own."""

from array import array
from collections.abc import Callable, Iterable, Iterator
from itertools import batched
from pathlib import Path
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import DatabaseError, connection, models, transaction
from django.utils.translation import gettext as _

from deliberation.actions import making
from deliberation.archive import columns
from deliberation.archive.keys import WITHIN
from deliberation.archive.packing import AT_ONCE, no_limits
from deliberation.archive.reading import Json, Package, Refused, at, opened
from deliberation.archive.sheets import OUTSIDE, Sheet, sheets
from workshops import codes
from workshops.actions import templates
from workshops.models import Series, SessionTemplate, Workshop
from workshops.session_templates.mistakes import TemplateErrors

MOST_ROWS = 50_000_000  # of one kind

User = get_user_model()


class SlugTaken(Refused):
    """A workshop has the slug already."""


class Restored(NamedTuple):
    """What came back. rows: how many. accounts: made for names that nobody had here.

    secrets: of how many rows a secret is in use here, and was left out or made anew.
    """

    workshop: Workshop
    rows: int
    accounts: list[str]
    secrets: int


def unpack(path: Path, *, slug: str = "") -> Restored:
    """Make the workshop that a file holds, wholly or not at all.

    slug: another one than it had. Its people's phones stay in their seats, and codes
    and links lead to it, unless another workshop here uses the same ones. Raises
    Refused, and SlugTaken.
    """
    with opened(path) as package:
        try:
            with transaction.atomic(), no_limits():
                return _Unpacking(package, slug).run()
        except (DatabaseError, UnicodeError) as error:
            reason = str(error).splitlines()[0][:200]
            message = _("The rows of this backup contradict each other: %(reason)s")
            raise Refused(message % {"reason": reason}) from None


class _Unpacking:
    def __init__(self, package: Package, slug: str) -> None:
        self.package, self.slug = package, slug
        self.keys: dict[str, array[int]] = {}
        self.named: dict[tuple[str, Any], int | None] = {}
        self.accounts: list[str] = []
        self.secrets = 0

    def run(self) -> Restored:
        self._load_templates()
        if series := self.package.series:
            Series.objects.get_or_create(
                key=series["key"], defaults={"title": series["title"]}
            )
        for sheet in sheets():
            self.keys[sheet.label] = self._new_keys(sheet)
        own, *others = sheets()
        if (rows := self._store(own)) != 1:
            raise Refused(_("This backup is not of one workshop."))
        rows += sum(self._store(sheet) for sheet in others)
        connection.check_constraints([s.model._meta.db_table for s in sheets()])
        workshop = Workshop.objects.get(pk=self.keys[own.label][0])
        return Restored(workshop, rows, sorted(self.accounts), self.secrets)

    def _load_templates(self) -> None:
        for source in self.package.templates:
            try:
                templates.load(source)
            except TemplateErrors as errors:
                raise Refused(str(errors)) from None

    # ---- keys ----

    def _new_keys(self, sheet: Sheet) -> array[int]:
        """Take as many new keys as there are numbers: nobody else gets these."""
        described = self.package.resources.get(sheet.file, {})
        number = described.get("numbers", 0)
        if not sheet.is_numbered or not number:
            return array("q")
        if type(number) is not int or not 0 < number <= MOST_ROWS:
            raise Refused(_("datapackage.json does not say how many rows there are."))
        size = self.package.file.getinfo(sheet.file).file_size
        if number > size + _told(self.package):
            raise Refused(_("datapackage.json says more rows than there can be."))
        return _take_keys(sheet.model, number)

    def __call__(self, label: str, number: Any) -> Any:
        """Return the key that a number in the file stands for."""
        if number is None:
            return None
        if label in OUTSIDE:
            return self._outside(label, number)
        if label not in self.keys:
            return None
        keys = self.keys[label]
        if type(number) is not int or not 1 <= number <= len(keys):
            message = _("refers to %(what)s %(number)s, which is not in it")
            what = {"what": label, "number": columns.shown(number)}
            raise columns.NotAValue(message % what)
        return keys[number - 1]

    def _outside(self, label: str, name: Any) -> int | None:
        parts = name if isinstance(name, list) else [name]
        here = label, tuple(parts)
        if here not in self.named:
            self.named[here] = self._found(label, parts)
        return self.named[here]

    def _found(self, label: str, parts: list[Any]) -> int | None:
        model = _model(label)
        fields = OUTSIDE[label]
        if len(parts) != len(fields):
            raise columns.NotAValue(columns.shown(parts))
        wanted = {
            field: columns.reader_of(model._meta.get_field(field))(part)
            for field, part in zip(fields, parts, strict=True)
        }
        found = model._base_manager.filter(**wanted).values_list("pk", flat=True)
        if (key := found.first()) is None and model is User:
            key = self._new_account(parts[0])
        return key

    def _new_account(self, name: str) -> int:
        """Make an account that nobody can sign in with, to be named by."""
        user = User(username=name, is_active=False)
        user.set_unusable_password()
        try:
            user.full_clean(exclude=["password"])
        except ValidationError:
            raise columns.NotAValue(columns.shown(name)) from None
        user.save()
        self.accounts.append(name)
        return user.pk

    # ---- rows ----

    def _store(self, sheet: Sheet) -> int:
        fields = sheet.fields
        columns_of = ", ".join(connection.ops.quote_name(f.column) for f in fields)
        table = connection.ops.quote_name(sheet.model._meta.db_table)
        places = ", ".join(["%s"] * len(fields))
        insert = f"INSERT INTO {table} ({columns_of}) VALUES ({places})"  # noqa: S608  # nosec
        count = 0
        with connection.cursor() as cursor:
            for some in batched(self._rows(sheet), AT_ONCE):
                rows = self._with_free_secrets(sheet, some)
                cursor.executemany(
                    insert,
                    [
                        [
                            field.get_db_prep_save(row[field.name], connection)
                            for field in fields
                        ]
                        for row in rows
                    ],
                )
                count += len(rows)
        return count

    def _rows(self, sheet: Sheet) -> Iterator[Json]:
        read = [(field, self._reader(sheet, field)) for field in sheet.fields]
        names = {field.name for field, _reader in read}
        defaults = {f.name: f.get_default() for f in sheet.fields if f.has_default()}
        last = 0
        for number, row in self.package.lines(sheet.file):
            if unknown := row.keys() - names:
                name = columns.shown(min(unknown))
                message = _("has %(name)s, which this installation does not know")
                raise at(sheet.file, number, message % {"name": name})
            if sheet.is_numbered:
                place = row.get(sheet.fields[0].name)
                if type(place) is not int or place <= last:
                    raise at(sheet.file, number, _("is not in its place"))
                last = place
            values = {}
            for field, reader in read:
                if field.name not in row and field.name in defaults:
                    values[field.name] = defaults[field.name]
                    continue
                try:
                    values[field.name] = reader(row.get(field.name))
                except columns.NotAValue as reason:
                    raise at(sheet.file, number, f"{field.name}: {reason}") from None
            if sheet.model is Workshop:
                self._name(values)
            yield values

    def _reader(self, sheet: Sheet, field: Any) -> Callable[[Any], Any]:
        read = columns.reader_of(field)
        to = columns.refers_to(field)
        if field.primary_key and to is None:
            to = sheet.label
        if to is not None:
            return lambda value: self(to, read(value))
        rewrite = WITHIN.get(f"{sheet.label}.{field.name}")
        if rewrite is None:
            return read

        def rewritten(value: Any) -> Any:
            try:
                return rewrite(read(value), self)
            except (TypeError, ValueError, KeyError, AttributeError):
                raise columns.NotAValue(columns.shown(value)) from None

        return rewritten

    def _name(self, row: Json) -> None:
        """Give the workshop its slug, and a join code that nobody else uses."""
        slug = self.slug or row["slug"]
        try:
            Workshop._meta.get_field("slug").run_validators(slug)
            validate_slug(slug)
        except ValidationError:
            raise Refused(_("%(slug)r is no slug.") % {"slug": slug[:80]}) from None
        if making.is_taken(slug):
            message = _("There is a workshop %(slug)r here. Give another with --slug.")
            raise SlugTaken(message % {"slug": slug})
        row["slug"] = slug
        taken = Workshop.objects.joinable().filter(join_code=row["join_code"])
        if row["ended_at"] is None and taken.exists():
            row["join_code"] = codes.new_join_code()
            self.secrets += 1

    def _with_free_secrets(self, sheet: Sheet, rows: Iterable[Json]) -> list[Json]:
        """Return rows without secrets that lead to another workshop here already."""
        kept = list(rows)
        for field in sheet.fields:
            if not field.unique or field.primary_key or field.is_relation:
                continue
            if field.name == "slug":
                continue  # has its own rule
            given = [row[field.name] for row in kept if row[field.name] is not None]
            same = sheet.model._base_manager.filter(**{f"{field.name}__in": given})
            taken = set(same.values_list(field.name, flat=True))
            for row in kept if taken else ():
                if row[field.name] in taken:
                    row[field.name] = field.get_default() or None
                    self.secrets += 1
            if not field.null:
                kept = [row for row in kept if row[field.name] is not None]
        return kept


def _told(package: Package) -> int:
    """Return how many rows can be named that are gone: a number takes two bytes."""
    named = {column.rpartition(".")[0] for column in WITHIN}
    files = [sheet.file for sheet in sheets() if sheet.label in named]
    there = [file for file in files if file in package.resources]
    return sum(package.file.getinfo(file).file_size for file in there) // 2


def _model(label: str) -> type[models.Model]:
    outside: tuple[type[models.Model], ...] = (Series, SessionTemplate, User)
    return next(model for model in outside if model._meta.label_lower == label)


def _take_keys(model: type[models.Model], number: int) -> array[int]:
    """Take keys from the database, ascending; within a transaction."""
    table, column = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s))"
                " FROM generate_series(1, %s)",
                [connection.ops.quote_name(table), column, number],
            )
            return array("q", (key for (key,) in cursor.fetchall()))
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        row = cursor.fetchone()
        if row is None:
            cursor.execute("INSERT INTO sqlite_sequence VALUES (%s, 0)", [table])
        last = row[0] if row else 0
        cursor.execute(
            "UPDATE sqlite_sequence SET seq = %s WHERE name = %s",
            [last + number, table],
        )
    return array("q", range(last + 1, last + number + 1))
