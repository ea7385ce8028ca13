"""One item on the wall: a big bar for people, a large cell for each table."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deliberation import pictures
from deliberation.kinds import Ask, AskedCriterion, AskedItem
from deliberation.live import findings, numbered
from deliberation.live import screen_pictures as drawn
from deliberation.live.screen_results import sparing
from deliberation.models import Prompt, Round
from deliberation.pictures import Voice
from deliberation.results import Json, voice_results

type Context = dict[str, Any]

CELLS_IN_A_ROW = 12
# In hundredths of the width of the wall: the big bar, and a digit on it.
ITEM_BAR_WIDTH, ITEM_DIGIT_WIDTH = 69.0, 2.1


def one(this_round: Round, ask: Ask, item: AskedItem) -> Context:
    """Return the revealed answers about one item, for each voice that was asked."""
    prompt = this_round.prompt
    context: Context = {
        "voices": [],
        "legend": [] if ask.is_whole else drawn.marks(ask),
    }
    found = {}
    for voice in prompt.voices:
        rows = voice_results(this_round, ask, voice)["items"]
        found[voice] = [row for row in rows if row["item"] == item.key]
    if "people" in found:
        rows = [sparing(row) for row in found["people"]]
        context["voices"] = [
            one_bar(ask, row, asked)
            for row, asked in zip(rows, ask.criteria, strict=True)
        ]
    spoken: Voice = "tables" if "tables" in found else "people"
    numbers = list(this_round.workshop.tables.values_list("number", flat=True))
    rows = found[spoken] if spoken == "tables" else [sparing(r) for r in found[spoken]]
    if len(ask.criteria) == 1:
        context |= verdicts(ask, item, rows, spoken, numbers)
        context["verdicts_of"] = spoken
        context["is_crowded"] = len(numbers) > CELLS_IN_A_ROW
    elif spoken == "tables":
        context["voices"] += [
            one_bar(ask, row, asked, voice="tables")
            for row, asked in zip(rows, ask.criteria, strict=True)
        ]
    context["is_stacked"] = len(context["voices"]) > 2
    return context


def one_bar(
    ask: Ask, row: Json, asked: AskedCriterion, *, voice: Voice = "people"
) -> Context:
    """One big bar: its label, segments, and what it says in words."""
    n = row["n"]
    least = findings.least_shown(voice)
    bar: pictures.Bar | None = None
    words = []
    verdict = ""
    if n == 0:
        words.append(_("No answers yet"))
    elif n < least:
        words.append(pictures.how_many(n, voice))
    elif ask.kind == Prompt.Kind.ALLOCATE:
        given = row["counts"]["points"]
        bar = numbered.share_bar(ask, row, ident=f"wall-one-{voice}")
        words.append(ngettext("%(n)d point", "%(n)d points", given) % {"n": given})
        words.append(
            _("from %(n)d of %(total)d")
            % {"n": row["measures"]["supporters"], "total": n}
        )
    elif ask.kind == Prompt.Kind.RANK:
        first = row["counts"]["1"]
        bar = numbered.share_bar(ask, row, ident=f"wall-one-{voice}")
        words.append(_("first for %(n)d of %(total)d") % {"n": first, "total": n})
    elif ask.is_pick:
        chosen = row["counts"]["chosen"]
        bar = pictures.stacked_bar(
            {"chosen": chosen, "rest": n - chosen},
            picked_scale(),
            ident=f"wall-one-{voice}",
        )
        words.append(_("%(n)d of %(total)d chose this") % {"n": chosen, "total": n})
    else:
        bar = pictures.stacked_bar(
            row["counts"], drawn.marks(ask), ident=f"wall-one-{voice}-{asked.key}"
        )
        answered = _("%(n)d answered") % {"n": n}
        if voice == "tables":
            answered = pictures.how_many(n, voice)
        if ask.kind == Prompt.Kind.RATE and n >= findings.LEAST_FOR_INDEX:
            measures = row["measures"]
            answered = _("n %(n)d, median %(median)s") % {
                "n": n,
                "median": f"{measures['median']:g}",
            }
            verdict = pictures.word(measures["word"])
        words.append(answered)
    if bar is not None:
        pictures.keep_legible(bar, ITEM_BAR_WIDTH, digit=ITEM_DIGIT_WIDTH)
    name = asked.label or (_("Tables") if voice == "tables" else _("People"))
    if verdict:
        name = _("%(name)s: %(word)s") % {"name": name, "word": verdict}
    return {
        "label": name,
        "bar": bar,
        "words": ", ".join(filter(None, words)),
    }


def picked_scale() -> list[pictures.Mark]:
    chosen, rest = pictures.marks(
        [
            {"key": "chosen", "label": _("Chosen"), "value": None},
            {"key": "rest", "label": _("Not chosen"), "value": None},
        ]
    )
    waiting = pictures.waiting_mark()
    return [chosen, rest | {"cls": "waiting", "sym": "", "fill": waiting["fill"]}]


def verdicts(
    ask: Ask, item: AskedItem, rows: Sequence[Json], voice: Voice, tables: Sequence[int]
) -> Context:
    """Return one cell for each table, with its name, and what their signs mean."""
    has_splits = False
    if ask.is_numbered:
        made = numbered.grid(ask, rows, voice, tables, ident="wall-one", of=[item])
        cells, legend = made["rows"][0]["cells"], made["legend"]
    elif ask.is_pick:
        found = {table["table"]: table for table in rows[0]["by_table"]}
        cells = [
            drawn.picked_cell(
                found.get(number, {}), voice, ident=f"wall-one-t{number}", most=0
            )
            for number in tables
        ]
        used = {cell["cls"] for cell in cells}
        legend = [mark for mark in drawn.picked_marks(voice) if mark["cls"] in used]
    else:
        asked = [{"key": item.key, "text": item.text, "short": item.short}]
        whole = pictures.grid(
            asked,
            rows,
            drawn.marks(ask),
            tables,
            ident="wall-one",
            criterion=ask.criteria[0].key,
            voice=voice,
        )
        cells = [dict(cell) for cell in whole["rows"][0]["cells"]]
        legend = [dict(mark) for mark in whole["legend"]]
        has_splits = any(cell["split"] for cell in cells)
    return {
        "verdicts": [
            {"cell": cell, "number": number}
            for cell, number in zip(cells, tables, strict=True)
        ],
        "legend": legend,
        "has_splits": has_splits,
    }
