"""The report and its records as data: open packages that describe themselves.

https://datapackage.org: a zip of CSV and JSON with `datapackage.json`, which says what
every file and every column is. A package holds what its attribution rule lets out.
"""

import json
import zipfile
from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from deliberation import csv_files
from deliberation.actions.importing import ANSWER_COLUMNS, POINT_COLUMNS
from deliberation.exports import records
from deliberation.exports.dictionary import dictionary
from deliberation.exports.workbook import workbook
from deliberation.results import published_results
from deliberation.writeup import plan as planning
from deliberation.writeup.as_html import html
from deliberation.writeup.plan import Plan, one_line
from deliberation.writeup.structure import (
    Contributions,
    Report,
    Table,
    Text,
    as_json,
    without_keys,
)
from workshops.models import Workshop

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
WHOLE_NUMBERS = {"round", "table", "times"}
SAID = ("section", "heading", "kind", "text", "said_by", "about", "times")
SENTENCES = ("section", "sentence", "records")
NAMES = ("part", "name", "meaning", "unit", "source")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Resource(NamedTuple):
    """One file of a package. fields: its columns, for CSV."""

    path: str
    title: str
    content: bytes
    fields: Sequence[str] = ()
    kind: str = "text/csv"


def data(report: Report) -> bytes:
    """Return what one version of the document is made of, as a package (ZIP)."""
    report = without_keys(report)
    with planning.spoken(report):
        plan = planning.plan(report)
        resources = [
            _report(plan.report),
            _table("sentences.csv", _("Computed sentences"), SENTENCES, _said(plan)),
            _table("points.csv", _("Points"), SAID, _points(plan)),
        ]
        for number, picture in enumerate(plan.figures, start=1):
            title = planning.figure_title(number, picture)
            resources.append(_drawn(f"figures/{number}.csv", title, picture.table))
        for number, one in enumerate(plan.report.records, start=1):
            title = planning.record_title(number, one)
            resources.append(_drawn(f"records/{number}.csv", title, one.table))
        return _package(plan, f"version-{plan.report.version}", resources)


def package(workshop: Workshop, report: Report) -> bytes:
    """Return everything of a workshop that may leave the house, as a package (ZIP).

    report: its document, published or not.
    """
    report = without_keys(report)
    with planning.spoken(report):
        plan = planning.plan(report)
        results = published_results(workshop)
        meanings = {
            one.name: one.meaning for part in dictionary() for one in part.entries
        }
        names = (
            (part.title, *entry) for part in dictionary() for entry in part.entries
        )
        book = workbook(workshop)
        resources = [
            Resource(
                "answers.csv",
                _("Answers, one row for each judged item"),
                records.answers_csv(workshop),
                ANSWER_COLUMNS,
            ),
            Resource(
                "points.csv", _("Points"), records.points_csv(workshop), POINT_COLUMNS
            ),
            Resource(
                "results.json",
                _("Results, as screens and the document show them"),
                _json(results),
                kind="application/json",
            ),
            Resource("results.xlsx", _("The same as a workbook"), book, kind=XLSX),
            _table("dictionary.csv", _("What every name stands for"), NAMES, names),
            _report(plan.report),
            Resource(
                "report.html",
                _("The document, to read"),
                html(report).encode(),
                kind="text/html",
            ),
        ]
        return _package(plan, workshop.slug, resources, meanings)


def _report(report: Report) -> Resource:
    title = _("The document, in its parts")
    return Resource(
        "report.json", title, _json(as_json(report)), kind="application/json"
    )


def _said(plan: Plan) -> Iterable[Sequence[object]]:
    for part in plan.parts:
        for block, _number in part.blocks:
            for sentence in block.sentences if isinstance(block, Text) else ():
                numbers = (plan.records.get(run.records) for run in sentence.runs)
                behind = dict.fromkeys(str(number) for number in numbers if number)
                yield part.anchor, sentence.text, " ".join(behind)


def _points(plan: Plan) -> Iterable[Sequence[object]]:
    for part in plan.parts:
        for block, _number in part.blocks:
            if not isinstance(block, Contributions):
                continue
            for line in block.lines:
                about = "; ".join(line.about)
                yield (
                    part.anchor, block.title, line.kind, line.text, line.said_by, about,
                    line.times,
                )  # fmt: skip


def _table(
    path: str, title: str, fields: Sequence[str], rows: Iterable[Sequence[object]]
) -> Resource:
    return Resource(path, title, csv_files.write(fields, rows), fields)


def _drawn(path: str, title: str, table: Table) -> Resource:
    table = planning.squared(table)
    return _table(path, title, _unlike(table.head), table.rows)


def _unlike(names: Sequence[str]) -> list[str]:
    """Return names for columns: one line each, none empty, no two alike."""
    found: list[str] = []
    for place, name in enumerate(names, start=1):
        wanted = csv_files.guard(one_line(name)) or f"column {place}"
        while wanted in found:
            wanted += f" ({place})"
        found.append(wanted)
    return found


def _package(
    plan: Plan,
    name: str,
    resources: Sequence[Resource],
    meanings: dict[str, str] | None = None,
) -> bytes:
    report = plan.report
    described = {
        "$schema": PROFILE,
        "name": name,
        "title": one_line(report.title),
        "description": planning.version_line(report),
        "version": str(report.version),
        "attribution": report.attribution,
        "languages": [plan.language],
        "resources": [_described(one, meanings or {}) for one in resources],
    }
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        _put(package, "datapackage.json", _json(described))
        for one in resources:
            _put(package, one.path, one.content)
    return file.getvalue()


def _put(package: zipfile.ZipFile, path: str, content: bytes) -> None:
    # Without the time: the same document is the same file.
    package.writestr(zipfile.ZipInfo(path), content, zipfile.ZIP_DEFLATED)


def _described(one: Resource, meanings: dict[str, str]) -> dict[str, Any]:
    stem, _dot, suffix = one.path.replace("/", "-").rpartition(".")
    found: dict[str, Any] = {
        "name": stem if suffix == "csv" else f"{stem}-{suffix}",
        "title": one_line(one.title),
        "path": one.path,
        "format": suffix,
        "mediatype": one.kind,
        "bytes": len(one.content),
    }
    if suffix in ("csv", "json", "html"):
        found["encoding"] = "utf-8"
    if not one.fields:
        return found
    fields = []
    for name in one.fields:
        field = {
            "name": name,
            "type": "integer" if name in WHOLE_NUMBERS else "string",
        }
        if name in meanings:
            field["description"] = meanings[name]
        fields.append(field)
    return found | {
        "profile": "tabular-data-resource",
        "schema": {"fields": fields, "missingValues": [""]},
    }


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode()
