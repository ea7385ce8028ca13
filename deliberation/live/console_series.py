"""A series of workshops as its page shows it: side by side, and what is pooled."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deliberation import pictures
from deliberation import series as side_by_side
from deliberation.kinds import Ask
from deliberation.live import findings
from deliberation.live.console_figures import spread_bars
from deliberation.models import Prompt, Round
from deliberation.models.response import Voice
from deliberation.pictures import standalone
from deliberation.results import Json
from deliberation.series import LEAST_WORKSHOPS, Compared, Found, Variant
from workshops.models import Series, Workshop

# Workshops from which on it is said how far they differ, in words and as a figure.
LEAST_FOR_WORDS, LEAST_FOR_FIGURE = 5, 10
SOME, MUCH = 0.25, 0.75  # of i2


def series_page(workshops: Sequence[Workshop], asked: str) -> dict[str, Any]:
    """Return what the page of a series shows of one prompt, and which there are.

    asked: the prompt, `session/prompt`; the first one if there is none such.
    """
    found = side_by_side.rounds_of(workshops)
    path = asked if asked in found else next(iter(found), "")
    rounds = found.get(path, {})
    first = next(iter(rounds.values()), [None])[0]
    return {
        "workshops": [one for one in workshops if not one.is_rehearsal],
        "choices": [(key, _name(numbers)) for key, numbers in found.items()],
        "chosen": path,
        "question": first and first.prompt.question,
        "parts": [
            _part(same, number, voice, several=len(rounds) > 1)
            for number, same in rounds.items()
            for voice in Voice.values
            if any(voice in one.prompt.voices for one in same)
        ],
        "least": LEAST_WORKSHOPS,
    }


def drawing(
    series: Series, workshops: Sequence[Workshop], asked: str, ident: str
) -> str | None:
    """Return a picture of the page as an SVG document, None for one not there.

    ident: of the picture on the page of the prompt that is `asked`.
    """
    page = series_page(workshops, asked)
    for part in page["parts"]:
        for respect in part["criteria"]:
            picture = respect["picture"]
            if picture is not None and picture["id"] == ident:
                figure = {
                    "part": "multiples",
                    "picture": picture,
                    "title": part["title"],
                    "caption": respect["caption"],
                }
                return standalone.svg(
                    figure,
                    heading=part["finding"] or page["question"],
                    basis=part["basis"],
                    source=series.title,
                )
    return None


def _name(numbers: Mapping[int, Sequence[Round]]) -> str:
    prompt = next(iter(numbers.values()))[0].prompt
    return f"{prompt.session.title}: {prompt.question}"


def _part(
    rounds: Sequence[Round], number: int, voice: str, *, several: bool
) -> dict[str, Any]:
    """Return one round of one voice: a picture and a table for each criterion."""
    compared = side_by_side.compare(rounds, voice)
    workshops = [one.workshop for one in rounds if voice in one.prompt.voices]
    voices = {Voice.PEOPLE: _("People"), Voice.TABLES: _("Tables’ own answers")}
    title = voices[Voice(voice)]
    if several:
        title = _("Round %(number)d: %(voice)s") % {"number": number, "voice": title}
    ident = f"{voice}-{number}"
    return {
        "id": ident,
        "title": title,
        "basis": ngettext("%(n)d workshop", "%(n)d workshops", len(workshops))
        % {"n": len(workshops)},
        "finding": _finding(compared),
        "criteria": [
            _criterion(
                [one for one in compared if one.criterion == key],
                workshops,
                voice,
                ident="-".join(filter(None, (ident, key))),
            )
            for key in dict.fromkeys(one.criterion for one in compared)
        ],
    }


def _criterion(
    compared: Sequence[Compared],
    workshops: Sequence[Workshop],
    voice: str,
    *,
    ident: str,
) -> dict[str, Any]:
    ask = compared[0].variants[0].found[0].ask
    labels = {one.key: one.label for one in ask.criteria}
    caption = labels[compared[0].criterion] if len(labels) > 1 else ""
    return {
        "id": ident,
        "caption": caption,
        "picture": _picture(compared, workshops, voice, ident=ident, caption=caption),
        "items": [
            {
                "id": f"{ident}-{one.item}-item",
                "number": number,
                "text": one.variants[0].found[0].item.text,
                "variants": [_variant(each, voice) for each in one.variants],
            }
            for number, one in enumerate(compared, start=1)
        ],
    }


def _picture(
    compared: Sequence[Compared],
    workshops: Sequence[Workshop],
    voice: str,
    *,
    ident: str,
    caption: str,
) -> pictures.Multiples | None:
    """Draw each item's bars side by side; None for more workshops than fit."""
    if not 1 < len(workshops) <= pictures.MOST_MULTIPLES:
        return None
    first = compared[0].variants[0].found[0]
    legend, bar = spread_bars(first.this_round.prompt, first.ask)
    items = [
        {
            "key": one.item,
            "number": number,
            "text": one.variants[0].found[0].item.text,
            "short": one.variants[0].found[0].item.short,
        }
        for number, one in enumerate(compared, start=1)
    ]
    results = [
        {
            "item": one.item,
            "by_table": [
                _panel(one, workshop, first.ask, place)
                for place, workshop in enumerate(workshops)
            ],
        }
        for one in compared
    ]
    return pictures.multiples(
        items,
        results,
        bar,
        range(len(workshops)),
        ident=f"{ident}-picture",
        legend=legend,
        caption=_("%(voice)s, workshop by workshop %(caption)s")
        % {"voice": Voice(voice).label, "caption": caption},
        names=[one.title for one in workshops],
    )


def _panel(one: Compared, workshop: Workshop, ask: Ask, place: int) -> Json:
    """Return what stands for a workshop: its results, or why it has no bar."""
    for found in one.variants[0].found:
        if found.workshop == workshop and _answers(found.ask) == _answers(ask):
            return found.row | {"table": place}
    otherwise = any(
        found.workshop == workshop for each in one.variants for found in each.found
    )
    words = _("Asked otherwise") if otherwise else _("Not asked")
    return {"table": place, "words": words}


def _answers(ask: Ask) -> tuple:
    return ask.kind, ask.points, ask.total


def _variant(variant: Variant, voice: str) -> dict[str, Any]:
    """Return a table: a line a workshop, then what they found together."""
    ask = variant.found[0].ask
    columns = _columns(ask)
    return {
        "text": variant.found[0].item.text,
        "differs": [DIFFERENCES[name]() for name in variant.differs],
        "columns": [column["label"] for column in columns],
        "lines": [_line(found, columns, voice) for found in variant.found],
        "together": _together(variant.pooled, columns),
    }


def _line(found: Found, columns: Sequence[Json], voice: str) -> Json:
    row = found.row
    line: Json = {"workshop": found.workshop, "n": row["n"], "words": "", "cells": []}
    if found.is_withheld:
        return line | {"words": _("Too few to show")}
    if not row["n"]:
        return line | {"words": _("No answers")}
    return line | {"cells": [column["cell"](row, voice) for column in columns]}


def _columns(ask: Ask) -> list[Json]:
    """Return the figures of a kind: head, cell of a workshop, and what is pooled."""
    if ask.kind == Prompt.Kind.RATE:
        points = [
            _column(point.short, lambda row, key=point.key: row["counts"][key])
            for point in ask.points
        ]
        return [
            *points,
            _column(_("In favour"), lambda row: row["measures"]["agree"], "agree"),
            {"label": _("Median"), "cell": _index("median"), "pooled": ""},
            {"label": _("Mean"), "cell": _index("mean"), "pooled": "mean"},
        ]
    if ask.kind == Prompt.Kind.RANK:
        return [_column(_("First choices"), lambda row: row["counts"]["1"], "1")]
    if ask.kind == Prompt.Kind.ALLOCATE:
        points = _column(_("Points"), lambda row: row["counts"]["points"])
        givers = _column(
            _("Given by"), lambda row: row["measures"]["supporters"], "supporters"
        )
        return [givers, points]
    if ask.is_pick:
        return [_column(_("Chosen"), lambda row: row["counts"]["chosen"], "chosen")]
    return [
        _column(point.short, lambda row, key=point.key: row["counts"][key], point.key)
        for point in ask.points
    ]


def _column(label: str, count: Callable[[Json], int], pooled: str = "") -> Json:
    return {
        "label": label,
        "cell": lambda row, _voice: str(count(row)),
        "pooled": pooled,
    }


def _index(name: str) -> Callable[[Json, str], str]:
    """Return what writes a measure, where there are enough answers for an index."""

    def cell(row: Json, voice: str) -> str:
        least = findings.least_for_index(voice)
        figure = row["measures"][name]
        if figure is None or row["n"] < least:
            return "–"
        return number_format(figure, 1)

    return cell


def _together(pooled: Mapping[str, Json], columns: Sequence[Json]) -> Json:
    """Return what workshops found together; only `workshops` where they are too few."""
    cells = [pooled.get(column["pooled"], {}) for column in columns]
    found = [one for one in pooled.values() if one["pooled"] is not None]
    if not found:
        return {"lines": []}
    lines = [
        {
            "head": _("Pooled"),
            "n": max(one["workshops"] for one in found),
            "cells": [_pooled_cell(one) for one in cells],
        },
        {
            "head": _("Where the next workshop may lie"),
            "cells": [_ends(one, "prediction") for one in cells],
        },
        {
            "head": _("How far workshops differ"),
            "cells": [_apart(one) for one in cells],
        },
    ]
    return {"lines": [line for line in lines if any(line["cells"])]}


def _pooled_cell(one: Json) -> str:
    if not one or one["pooled"] is None:
        return ""
    ends = _ends(one, "interval")
    figure = _figure(one, one["pooled"])
    return f"{figure} ({ends})" if ends else figure


def _ends(one: Json, name: str) -> str:
    if not one or one[name] is None:
        return ""
    low, high = (_figure(one, end, unit=False) for end in one[name])
    unit = " %" if one["conventions"]["effect"] == "logit" else ""
    return f"{low}–{high}{unit}"


def _figure(one: Json, figure: float, *, unit: bool = True) -> str:
    if one["conventions"]["effect"] == "mean":
        return number_format(figure, 1)
    return number_format(100 * figure, 0) + (" %" if unit else "")


def _apart(one: Json) -> str:
    """Say how far workshops differ: with few of them the figure itself misleads."""
    if not one or one["i2"] is None or one["workshops"] < LEAST_FOR_WORDS:
        return ""
    words = _("some")
    if one["i2"] < SOME:
        words = _("hardly")
    elif one["i2"] >= MUCH:
        words = _("much")
    if one["workshops"] < LEAST_FOR_FIGURE:
        return words
    return f"{words} (I² {number_format(100 * one['i2'], 0)} %)"


def _finding(compared: Sequence[Compared]) -> str:
    """Say which item leads when workshops are pooled, "" where none does alone."""
    shares: dict[str, int] = {}
    for one in compared:
        alike = one.variants[0]
        item, ask = alike.found[0].item, alike.found[0].ask
        pooled = alike.pooled[_leading(ask)]["pooled"]
        if one.criterion == compared[0].criterion and pooled is not None:
            shares[item.short] = round(100 * pooled)
    most = max(shares.values(), default=0)
    first = [short for short, share in shares.items() if share == most]
    if len(first) != 1 or len(shares) < 2:
        return ""
    ask = compared[0].variants[0].found[0].ask
    counted = next(
        column["label"] for column in _columns(ask) if column["pooled"] == _leading(ask)
    )
    return _("%(counted)s, all workshops together: most for %(item)s, %(share)d %%") % {
        "counted": counted,
        "item": first[0],
        "share": most,
    }


def _leading(ask: Ask) -> str:
    """Return which pooled share puts items in order."""
    if ask.kind == Prompt.Kind.RATE:
        return "agree"
    if ask.kind == Prompt.Kind.RANK:
        return "1"
    if ask.kind == Prompt.Kind.ALLOCATE:
        return "supporters"
    return "chosen" if ask.is_pick else ask.points[0].key


DIFFERENCES = {
    "kind": lambda: _("how it is answered"),
    "question": lambda: _("the question"),
    "wording": lambda: _("its wording"),
    "criterion": lambda: _("in which respect"),
    "scale": lambda: _("the answers to choose from"),
    "bounds": lambda: _("how much could be given"),
    "options": lambda: _("what it stood beside"),
}
