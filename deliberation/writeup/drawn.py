"""Figures of a document: the console's pictures, each with its figures in a table."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from deliberation import pictures
from deliberation.kinds.base import Ask
from deliberation.live import numbered
from deliberation.live.console_figures import is_wide, planned, turnout
from deliberation.live.console_movement import moves_since
from deliberation.live.findings import in_a_sentence
from deliberation.models import Round
from deliberation.pictures import standalone
from deliberation.results import LEAST_PUBLISHED
from deliberation.writeup.evidence import labels, table_answer
from deliberation.writeup.phrases import PEOPLE, TABLES, number
from deliberation.writeup.structure import Json, Picture, Table

WAITING = pictures.waiting_mark()["cls"]


def pictures_of(
    this_round: Round, ask: Ask, found: Json, *, tables: Sequence[int], source: str
) -> Iterator[Picture]:
    """Yield the pictures of a round, tables before people.

    found: its results, as readers may see them. tables: all numbers. source: the
    workshop and its date. Nothing is drawn of a voice that did not answer.
    """
    prompt = this_round.prompt
    ident = f"r{this_round.number}"
    answered = {v: one for v, one in found["voices"].items() if one}
    for one in planned(this_round, ask, found, ident=ident, closely=True):
        if one.view == "spread":  # of each table at each item: pages of bars
            continue
        figure = one.drawn()
        voice = _voice(figure)
        is_drawn = figure["part"] in standalone.PARTS and not is_wide(figure)
        if not is_drawn or not _has_answers(answered[voice]):
            continue
        table = _table(figure, ask, answered[voice], voice, tables)
        if found["status"] == "closed":
            figure = _settled(figure)
        if figure["part"] in ("places", "duels"):
            figure = figure | {"title": table.caption}
        basis = turnout(voice, answered[voice])
        yield _picture(figure, prompt.question, basis, source, table)
    if len(prompt.rounds.all()) > 1:
        yield from _slopes(this_round, source)


def _settled(figure: Json) -> Json:
    """Say of what is missing from a grid that it is not recorded: none will come."""
    if figure["part"] != "grid":
        return figure
    picture, words = figure["picture"], _("Nothing recorded")

    def named(one: Json, **names: str) -> Json:
        return {**one, **names} if one["cls"] == WAITING else one

    legend = [named(mark, label=words, short=words) for mark in picture["legend"]]
    rows = [
        {**row, "cells": [named(cell, word=words) for cell in row["cells"]]}
        for row in picture["rows"]
    ]
    return figure | {"picture": {**picture, "legend": legend, "rows": rows}}


def counts_of(ask: Ask, result: Json, voice: str, caption: str) -> Table:
    """Return how many gave which answer to each item, in each respect."""
    named = labels(ask)
    outside = [pictures.abstained(voice)]  # type: ignore[arg-type]
    if voice == TABLES:
        outside.append(_("Not discussed"))
    several = len(ask.criteria) > 1
    respects = {one.key: one.label for one in ask.criteria}
    items = {item.key: f"{item.number} {item.short}" for item in ask.items}
    rows = []
    for row in result["items"]:
        name = items[row["item"]]
        if several:
            name = f"{name}: {respects[row['criterion']]}"
        numbers = [row["counts"].get(key, 0) for key, _label in named]
        states = [row["abstained"], row["not_discussed"]][: len(outside)]
        cells = ["–" if row.get("suppressed") else str(n) for n in numbers + states]
        rows.append((name, *cells))
    head = (_("Item"), *(label for _key, label in named), *outside)
    held = any(row.get("suppressed") for row in result["items"])
    notes = (_("–: too few to show"),) if held else ()
    return Table(caption, head, tuple(rows), notes)


def _has_answers(result: Json) -> bool:
    return any(row["n"] for row in result["items"])


def _voice(figure: Json) -> str:
    ident = str(figure["picture"]["id"]).split("-")
    return TABLES if TABLES in ident[1:2] else PEOPLE


def _table(
    figure: Json, ask: Ask, result: Json, voice: str, tables: Sequence[int]
) -> Table:
    caption = figure["title"]
    if figure["part"] in ("places", "duels"):
        caption = f"{whose(voice)}: {in_a_sentence(caption)}"
        made = _places if figure["part"] == "places" else _duels
        return made(figure["picture"], caption)
    if figure["part"] == "grid" and voice == TABLES:
        return _by_table(figure, ask, result, tables)
    if figure["part"] == "grid":
        return _grid(figure["picture"], caption)
    return counts_of(ask, result, voice, caption)


def _by_table(figure: Json, ask: Ask, result: Json, tables: Sequence[int]) -> Table:
    """Return each table's own answers, of the figure's respect alone."""
    criterion = _criterion(figure, ask)
    columns = [str(one["label"]) for one in figure["picture"]["columns"]]
    by_item = {r["item"]: r for r in result["items"] if r["criterion"] == criterion}
    rows = []
    for item in ask.items:
        of = {one["table"]: one for one in by_item[item.key]["by_table"]}
        cells = [table_answer(ask, of.get(number, {})) for number in tables]
        rows.append((f"{item.number} {item.short}", *cells))
    return Table(figure["title"], (_("Item"), *columns), tuple(rows))


def _grid(picture: Json, caption: str) -> Table:
    head = (picture["corner"], *(str(one["label"]) for one in picture["columns"]))
    rows = [
        (
            f"{row['number']} {row['label']}",
            *(" ".join(filter(None, (c["word"], c["detail"]))) for c in row["cells"]),
        )
        for row in picture["rows"]
    ]
    return Table(caption, head, tuple(rows))


def _places(picture: Json, caption: str) -> Table:
    head = (
        _("Item"), _("Mean place"), _("Best place"), _("Worst place"), _("Put first"),
    )  # fmt: skip
    rows = [
        (
            f"{row['number']} {row['label']}",
            *(str(row[name]) for name in ("mean", "best", "worst", "first")),
        )
        for row in picture["rows"]
    ]
    return Table(caption, head, tuple(rows))


def _duels(picture: Json, caption: str) -> Table:
    against = [_("Against %(number)s") % {"number": n} for n in picture["numbers"]]
    rows = [
        (
            f"{row['number']} {row['label']}",
            *(cell["said"] or "–" for cell in row["cells"]),
        )
        for row in picture["rows"]
    ]
    return Table(caption, (_("Item"), *against), tuple(rows))


def by_rules(ask: Ask, result: Json, voice: str) -> Table | None:
    """Return who wins a ranking by each rule; None where the rules agree."""
    rules = numbered.rules(ask, result, voice)
    if not rules:
        return None
    before = _("%(rule)s (announced before the vote)")
    rows = [
        (before % one if one["is_announced"] else one["rule"], one["winners"])
        for one in rules
    ]
    caption = _("%(voice)s: who wins depends on the rule") % {"voice": whose(voice)}
    return Table(caption, (_("Rule"), _("Winner")), tuple(rows))


def by_organisations(ask: Ask, result: Json) -> Table | None:
    """Return how many of each organisation gave which answer; None if none is shown."""
    items = {item.key: f"{item.number} {item.short}" for item in ask.items}
    respects = {one.key: one.label for one in ask.criteria}
    answered = [row for row in result["items"] if not row.get("suppressed")]
    held = {
        (row["item"], row["criterion"], group["organisation"])
        for row in answered
        for group in row["by_organisation"]
        if group["suppressed"]
    }
    rows = []
    for row in answered:
        name = items[row["item"]]
        if len(ask.criteria) > 1:
            name = f"{name}: {respects[row['criterion']]}"
        for group in row["by_organisation"]:
            office = group["organisation"]
            if (row["item"], row["criterion"], office) in held:
                continue
            counts = [str(group["counts"].get(key, 0)) for key, _label in labels(ask)]
            who = office or _("No organisation")
            rows.append((f"{name}, {who}", str(group["n"]), *counts))
    if not rows:
        return None
    note = _(
        "An organisation is left out where fewer than %(least)s of it answered or all"
        " answered alike, and as many more as keep that from being worked out."
    ) % {"least": number(LEAST_PUBLISHED)}
    return Table(
        _("People, by organisation"),
        (_("Item, organisation"), _("Answered"), *(one for _key, one in labels(ask))),
        tuple(rows),
        (note,) if held else (),
    )


def whose(voice: str) -> str:
    """Name a voice as captions do."""
    return _("Tables’ own answers") if voice == TABLES else _("People")


def _criterion(figure: Json, ask: Ask) -> str:
    ends = str(figure["picture"]["id"]).split("-", 2)[2:]
    keys = [one.key for one in ask.criteria]
    return next((key for key in keys if key in ends), keys[0])


def _picture(
    figure: Json, question: str, basis: str, source: str, table: Table
) -> Picture:
    svg = standalone.svg(figure, heading=question, basis=basis, source=source)
    caption = ": ".join(filter(None, (figure["title"], figure.get("caption"))))
    description = f"{caption}. {basis}."
    return Picture(svg=svg, caption=caption, description=description, table=table)


def _slopes(this_round: Round, source: str) -> Iterator[Picture]:
    for moved in moves_since(this_round, ident=f"m{this_round.number}"):
        slopes: Any = moved["slopes"]
        if not slopes:
            continue
        head = (_("Item"), slopes["before"], slopes["after"], _("Moved"))
        rows = [
            (f"{r['number']} {r['label']}", r["before"], r["after"], r["said"])
            for r in slopes["rows"]
        ]
        figure = {"part": "slopes", "picture": slopes, "title": moved["title"]}
        table = Table(moved["title"], head, tuple(rows))
        question = this_round.prompt.question
        yield _picture(figure, question, moved["basis"].rstrip("."), source, table)
