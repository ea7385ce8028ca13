"""Results as a workbook: what it is, a sheet for each prompt, points, the dictionary.

Every text is written as a text, so that no cell is a formula or a link. Nothing in the
file says who made it, or when beyond the day.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time
from io import BytesIO
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.worksheet import Worksheet

from deliberation.actions.answers import ask_of
from deliberation.challenges import asked_of
from deliberation.exports.crosswalk import crosswalk_rows
from deliberation.exports.dictionary import dictionary
from deliberation.exports.records import point_rows, question_rows
from deliberation.kinds import Ask
from deliberation.models import Round
from deliberation.results import (
    CAUSES,
    LEAST_PUBLISHED,
    Json,
    published_results,
)
from workshops.models import Workshop

NAME_LENGTH = 31  # of a sheet
CELL_LENGTH = 32_767
NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\']")
WIDTHS = {"text": 48, "reason": 48, "meaning": 72, "group": 24}

type Cell = str | int | float | bool | None
type Row = dict[str, Cell]


def workbook(workshop: Workshop) -> bytes:
    """Return the workbook of a workshop (XLSX)."""
    file = BytesIO()
    made = datetime.combine(workshop.date or workshop.created_at, time(), tzinfo=UTC)
    book = xlsxwriter.Workbook(
        file,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties({"title": workshop.title, "created": made})
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    names = _Names()

    def sheet(name: str, rows: Sequence[Row]) -> None:
        page = book.add_worksheet(names.free(name))
        _fill(page, rows, head=head, body=wrapped)

    sheet(_("About"), list(_about(workshop)))
    by_prompt: dict[str, list[Row]] = {}
    on_prompts: list[Row] = []
    opened = workshop.rounds.in_order_of_the_day()
    results = published_results(workshop)["prompts"]
    for this_round, found in zip(opened, results, strict=True):
        rows = by_prompt.setdefault(this_round.prompt.path, [])
        rows += _items(this_round, ask_of(this_round), found)
        on_prompts += _on_prompt(found)
    for path, rows in by_prompt.items():
        sheet(path.replace("/", " "), rows)
    if on_prompts:
        sheet(_("Measures of prompts"), on_prompts)
    sheet(_("Points"), point_rows(workshop))
    if asked := question_rows(workshop):
        sheet(_("Questions to speakers"), asked)
    sheet(_("Themes by table"), crosswalk_rows(workshop))
    sheet(_("Data dictionary"), list(_dictionary()))
    book.close()
    return file.getvalue()


class _Names:
    """Names of sheets: short, without signs that are forbidden, no two alike."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def free(self, wanted: str) -> str:
        plain = NOT_IN_NAMES.sub(" ", wanted).strip() or "-"
        name, number = plain[:NAME_LENGTH], 1
        while name.casefold() in self._taken:
            number += 1
            mark = f" ({number})"
            name = plain[: NAME_LENGTH - len(mark)] + mark
        self._taken.add(name.casefold())
        return name


def _fill(page: Worksheet, rows: Sequence[Row], *, head: Any, body: Any) -> None:
    """Write rows below a head that stays in view; columns in order of first use."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    for place, column in enumerate(columns):
        page.write_string(0, place, column, head)
        page.set_column(place, place, WIDTHS.get(column, max(10, len(column) + 2)))
    for number, row in enumerate(rows, start=1):
        for place, column in enumerate(columns):
            cell = row.get(column)
            if isinstance(cell, str) and cell:
                page.write_string(number, place, cell[:CELL_LENGTH], body)
            elif isinstance(cell, (int, float)):
                page.write_number(number, place, cell, body)
    page.freeze_panes(1, 0)
    if rows:
        page.autofilter(0, 0, len(rows), len(columns) - 1)


def _about(workshop: Workshop) -> Iterator[Row]:
    name, value = _("what"), _("value")
    rule = workshop.get_attribution_display()
    facts = [
        (_("Workshop"), workshop.title),
        (_("Date"), workshop.date.isoformat() if workshop.date else ""),
        (_("Place"), workshop.place),
        (_("Attribution rule"), rule),
        (_("People who joined"), workshop.participants.present().count()),
        (_("Tables"), workshop.tables.count()),
        (
            _("Withheld"),
            _(
                "Organisations of which fewer than %(least)d answered or all answered"
                " alike, and as many more that nobody can work them out. Where the rule"
                " names nobody, tables at which only one or two answered."
            )
            % {"least": LEAST_PUBLISHED},
        ),
    ]
    return ({name: what, value: said} for what, said in facts)


def _items(this_round: Round, ask: Ask, found: Json) -> Iterator[Row]:
    """Yield a row for each item, criterion and group: all, each table and the rest.

    Whom a round asks stands beside its number where that is not everybody.
    """
    said = asked_of(this_round)
    audience = {"audience": said} if said else {}
    for voice, answered in found["voices"].items():
        texts = {item.key: item for item in ask.items}
        for result in answered.get("items", ()):
            item = texts[result["item"]]
            start: Row = {
                "round": found["round"],
                **audience,
                "voice": voice,
                "number": item.number,
                "item": item.key,
                "text": item.text,
                "wording": result["wording"],
                "criterion": result["criterion"],
            }
            everybody = {**result, "present": answered["present"]}
            absent = {row["table"]: row for row in result["absent"]["by_table"]}
            yield (
                _group(start, _("All"), everybody)
                | _absent(result["absent"])
                | _flat(result["measures"])
            )
            for row in result["by_table"]:
                name = _("Table %(number)d") % {"number": row["table"]}
                yield _group(start, name, row) | _absent(absent.get(row["table"], {}))
            for row in result["by_organisation"]:
                name = row["organisation"] or _("No organisation")
                yield _group(start, name, row)


def _group(start: Row, name: str, row: Mapping[str, Any]) -> Row:
    group: Row = {**start, "group": name, "present": row.get("present")}
    if row.get("suppressed"):
        return {**group, "n": None, "suppressed": _("withheld: too few")}
    counts = {f"counts {key}": count for key, count in row["counts"].items()}
    return {
        **group,
        "n": row["n"],
        "suppressed": None,
        "abstained": row.get("abstained"),
        "not_discussed": row.get("not_discussed"),
        **counts,
    }


def _absent(causes: Mapping[str, Any]) -> Row:
    """Return the causes of those who did not answer; empty where they are withheld."""
    return {f"absent {cause}": causes.get(cause) for cause in CAUSES}


def _on_prompt(found: Json) -> Iterator[Row]:
    """Yield what is measured for a prompt as a whole, a row for each figure."""
    for voice, answered in found["voices"].items():
        for name, value in _flat(answered.get("measures", {})).items():
            yield {
                "prompt": found["prompt"],
                "round": found["round"],
                "voice": voice,
                "measure": name,
                "value": value,
            }


def _flat(measures: Mapping[str, Any], before: str = "") -> Row:
    """Return measures with a name for each figure: `wilson low`, `borda a`."""
    flat: Row = {}
    for name, value in measures.items():
        full = f"{before} {name}".strip()
        if isinstance(value, Mapping):
            flat |= _flat(value, full)
        elif name == "wilson":
            low, high = value or (None, None)
            flat |= {f"{full} low": low, f"{full} high": high}
        elif isinstance(value, Sequence) and not isinstance(value, str):
            flat[full] = ", ".join(map(str, value))
        else:
            flat[full] = value
    return flat


def _dictionary() -> Iterator[Row]:
    for part in dictionary():
        for entry in part.entries:
            yield {"part": part.title} | entry._asdict()
