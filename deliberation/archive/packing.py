"""A workshop is written to one file: a data package with every row of it.

https://datapackage.org: a zip of JSON lines, one file for each kind of row, with
`datapackage.json`, which says what every file and every column is. Rows are numbered
anew, so the same workshop is the same file, byte for byte, wherever it comes from.
"""

import hashlib
import json
import zipfile
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any

from django.apps import apps
from django.db import connection

from deliberation.archive import columns
from deliberation.archive.keys import WITHIN
from deliberation.archive.sheets import OUTSIDE, Sheet, sheets
from deliberation.checking import one_snapshot
from workshops.actions import templates
from workshops.models import Workshop

FORMAT = 1
PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
DESCRIPTION = "datapackage.json"
AT_ONCE = 1000  # rows

type Json = dict[str, Any]


class Astray(Exception):
    """A row refers to one that is not its workshop's; the text says which."""


def pack(workshop: Workshop, out: IO[bytes]) -> int:
    """Write everything of a workshop to a file that can be read again; count its rows.

    The workshop is written as it is at one moment, and nobody waits for it. Memory
    does not grow with its answers. Raises Astray.
    """
    with one_snapshot(), no_limits(), zipfile.ZipFile(out, "w") as package:
        # As it is in this snapshot.
        workshop = Workshop.objects.get(pk=workshop.pk)
        numbers = Numbers(workshop)
        resources = [_put_rows(package, sheet, workshop, numbers) for sheet in sheets()]
        if workshop.template is not None:
            for template in templates.family(workshop.template):
                path = f"templates/{template.key}@{template.version}.yaml"
                with _Measured(package, path) as part:
                    part.write(bytes(template.source))
                resources.append(
                    {"name": str(template).replace("@", "."), "path": path}
                    | {"format": "yaml", "mediatype": "application/yaml"}
                    | part.measures()
                )
        series = workshop.series
        described = {
            "$schema": PROFILE,
            "name": workshop.slug,
            "title": workshop.title,
            "rapporteur": {
                "format": FORMAT,
                "series": series and {"key": series.key, "title": series.title},
            },
            "resources": resources,
        }
        with package.open(_entry(DESCRIPTION), "w") as file:
            file.write(json.dumps(described, ensure_ascii=False, indent=1).encode())
    return sum(one.get("rows", 0) for one in resources)


@contextmanager
def no_limits() -> Iterator[None]:
    """Let statements take their time until this transaction ends."""
    if connection.vendor == "postgresql" and connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
    yield


class Numbers:
    """The number of each row: its place among all of its kind, the first is 1."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._sheets = {sheet.label: sheet for sheet in sheets()}
        self._keys: dict[str, array[int]] = {}
        self._named: dict[tuple[str, Any], Any] = {}
        self._told = self._find_told()

    def of(self, label: str) -> Sequence[int]:
        """Return the keys that have numbers, in order; also of rows that are gone."""
        if label not in self._keys:
            rows = self._sheets[label].rows(self._workshop)
            keys = array("q", rows.values_list("pk", flat=True).iterator(AT_ONCE))
            if gone := [key for key in self._told[label] if _place(keys, key) is None]:
                keys = array("q", sorted([*keys, *gone]))
            self._keys[label] = keys
        return self._keys[label]

    def __call__(self, label: str, key: Any) -> Any:
        """Return what stands in the file for a key; None for what is not in it."""
        if key is None:
            return None
        if label in OUTSIDE:
            return self._name(label, key)
        if label not in self._sheets:
            return None
        place = _place(self.of(label), key)
        if place is None:
            raise Astray(f"{label} {key}")
        return place + 1

    def _name(self, label: str, key: Any) -> Any:
        if (label, key) not in self._named:
            names = OUTSIDE[label]
            rows = apps.get_model(label)._base_manager.filter(pk=key)
            found = rows.values_list(*names).first()
            one = found and (found[0] if len(names) == 1 else list(found))
            self._named[label, key] = one
        return self._named[label, key]

    def _find_told(self) -> dict[str, set[int]]:
        """Return the keys that stand in texts and JSON, wherever they do."""
        told: dict[str, set[int]] = defaultdict(set)

        def note(label: str, key: Any) -> Any:
            if key is not None and label in self._sheets:
                told[label].add(key)
            return key

        for column, rewrite in WITHIN.items():
            label, _dot, name = column.rpartition(".")
            rows = self._sheets[label].rows(self._workshop)
            for value in rows.values_list(name, flat=True).iterator(AT_ONCE):
                rewrite(value, note)
        return told


def _place(keys: Sequence[int], key: int) -> int | None:
    place = bisect_left(keys, key)
    return place if place < len(keys) and keys[place] == key else None


def _put_rows(
    package: zipfile.ZipFile, sheet: Sheet, workshop: Workshop, numbers: Numbers
) -> Json:
    """Write the rows of one kind, one a line, and return how they are described."""
    names = [field.name for field in sheet.fields]
    put = [_writer(sheet, field, numbers) for field in sheet.fields]
    rows = sheet.rows(workshop).values_list(*(field.attname for field in sheet.fields))
    count = 0
    with _Measured(package, sheet.file) as file:
        for row in rows.iterator(AT_ONCE):
            values = (write(value) for write, value in zip(put, row, strict=True))
            file.write(line(dict(zip(names, values, strict=True))))
            count += 1
    described: Json = {
        "name": sheet.label,
        "path": sheet.file,
        "format": "jsonl",
        "mediatype": "application/jsonl",
        "encoding": "utf-8",
        "rows": count,
    }
    if sheet.is_numbered:
        described["numbers"] = len(numbers.of(sheet.label))
    return described | file.measures() | {"schema": _schema(sheet)}


def line(row: Json) -> bytes:
    """Return a row as one line of a file."""
    text = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
    return text.encode() + b"\n"


def _writer(sheet: Sheet, field: Any, numbers: Numbers) -> Any:
    to = columns.refers_to(field)
    if field.primary_key and to is None:
        to = sheet.label
    if to is not None:
        return lambda key: numbers(to, key)
    rewrite = WITHIN.get(f"{sheet.label}.{field.name}")
    if rewrite is not None:
        return lambda value: rewrite(value, numbers)
    return columns.plain


def _schema(sheet: Sheet) -> Json:
    fields, references = [], []
    for field in sheet.fields:
        kind, _held = columns.kind_of(field)
        fields.append({"name": field.name, "type": kind})
        if not field.null:
            fields[-1]["constraints"] = {"required": True}
        to = columns.refers_to(field)
        if to is not None and to not in OUTSIDE:
            other = field.target_field.name
            references.append(
                {
                    "fields": [field.name],
                    "reference": {"resource": to, "fields": [other]},
                }
            )
    return {
        "fields": fields,
        "primaryKey": [sheet.fields[0].name],
        "foreignKeys": references,
    }


class _Measured:
    """A file within the package, whose bytes are counted and added up."""

    def __init__(self, package: zipfile.ZipFile, path: str) -> None:
        self._file = package.open(_entry(path), "w", force_zip64=True)
        self._bytes, self._sum = 0, hashlib.sha256()

    def __enter__(self) -> "_Measured":
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    def write(self, content: bytes) -> None:
        self._file.write(content)
        self._bytes += len(content)
        self._sum.update(content)

    def measures(self) -> Json:
        return {"bytes": self._bytes, "hash": f"sha256:{self._sum.hexdigest()}"}


def _entry(path: str) -> zipfile.ZipInfo:
    # Without the time: the same workshop is the same file.
    entry = zipfile.ZipInfo(path)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry
