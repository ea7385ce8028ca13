"""Who did not answer each item, and why, as a table that people read."""

from typing import Any

from django.utils.translation import gettext as _

from deliberation import pictures
from deliberation.absence import with_absent
from deliberation.actions.answers import ask_of
from deliberation.challenges import tables_named
from deliberation.groups import EVERYBODY, Group
from deliberation.models import Round
from deliberation.models.response import Voice
from deliberation.pictures.shapes import abstained
from deliberation.results import CAUSES, hold_small, table_numbers, voice_results

type Json = dict[str, Any]

MOST_NAMED = 6  # tables in a cell; more of them are only counted


def cause_words(voice: str) -> dict[str, str]:
    """Return what each cause is called, in the order of the columns."""
    return {
        "declined": abstained(voice),  # type: ignore[arg-type]
        "not_discussed": _("Not discussed"),
        "out_of_time": _("Nothing by the close"),
        "not_yet": _("Nothing yet"),
        "not_asked": _("Not asked"),
        "joined_later": _("Joined after the close"),
    }


def absences(
    this_round: Round, voice: str, *, group: Group = EVERYBODY, criterion: str = ""
) -> Json:
    """Return the causes that there are, and a row for each item in each respect.

    Empty where everybody answered everything, where nobody could, and for an
    organisation. group: one table, which is withheld where too few are missing there
    for one of the causes and the workshop names nobody.
    """
    if group.organisation is not None:
        return {}
    ask = ask_of(this_round)
    numbers = table_numbers(this_round.workshop_id)
    found = with_absent(
        voice_results(this_round, ask, voice), this_round, voice, numbers
    )["items"]
    if voice == Voice.PEOPLE:
        found = hold_small(this_round.workshop, found)
    shown = [
        (item, _of_group(item, group))
        for item in found
        if criterion in ("", item["criterion"])
    ]
    words = cause_words(voice)
    occurring = [
        cause for cause in CAUSES if any(row and row[cause] for _item, row in shown)
    ]
    if not occurring and all(row is not None for _item, row in shown):
        return {}
    items = {item.key: item for item in ask.items}
    respects = {one.key: one.label for one in ask.criteria}
    return {
        "heads": [words[cause] for cause in occurring],
        "has_respects": len(ask.criteria) > 1,
        "rows": [
            {
                "number": items[item["item"]].number,
                "text": items[item["item"]].short,
                "respect": respects[item["criterion"]],
                "n": _answered(item, group),
                "cells": [_cell(item, row, cause, voice) for cause in occurring]
                if row is not None
                else None,
            }
            for item, row in shown
        ],
        "basis": _basis(shown, voice),
        "is_of_people": voice == Voice.PEOPLE,
    }


def _of_group(item: Json, group: Group) -> Json | None:
    """Return the causes of all or of a table, None where they are withheld."""
    if group.table is None:
        return item["absent"]
    rows = {row["table"]: row for row in item["absent"]["by_table"]}
    row = rows[group.table]
    return None if row.get("suppressed") else row


def _answered(item: Json, group: Group) -> int | None:
    if group.table is None:
        return item["n"]
    row = next(row for row in item["by_table"] if row["table"] == group.table)
    return None if row.get("suppressed") else row["n"]


def _cell(item: Json, row: Json, cause: str, voice: str) -> Json:
    """Return a figure; of tables, which have no answer to hide, also their numbers."""
    tables, by_table = [], item["absent"]["by_table"]
    if voice == Voice.TABLES:
        tables = [one["table"] for one in by_table if one[cause]]
    if 1 < len(tables) == len(by_table):
        return {"n": row[cause], "where": _("all tables")}
    if not 0 < len(tables) <= MOST_NAMED:
        return {"n": row[cause], "where": ""}
    return {"n": row[cause], "where": tables_named(tables)}


def _basis(shown: list[tuple[Json, Json | None]], voice: str) -> str:
    """Say how many there are in all: those who answered, and all that are missing."""
    for item, row in shown:
        if row is item["absent"]:
            everybody = item["n"] + sum(row[cause] for cause in CAUSES)
            return _("Of %(all)s by now; each row adds up to them.") % {
                "all": pictures.how_many(everybody, voice)  # type: ignore[arg-type]
            }
    return ""
