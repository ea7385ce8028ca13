"""Results of a round as pictures for facilitators: the console and the results page."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from deliberation import pictures
from deliberation.kinds import Ask
from deliberation.live import numbered
from deliberation.models import Prompt, Round
from deliberation.models.response import Voice
from deliberation.results import hold_small, table_numbers

MOST_COLUMNS = 20  # of tables in a grid on the page of all prompts

type Json = dict[str, Any]


def figures(
    this_round: Round, ask: Ask, results: Json, *, ident: str, closely: bool = False
) -> list[Json]:
    """Return the pictures of a round, each `{view, title, template, ...}`.

    closely: with those that take a while to read, for when the room is gone.
    `view` is tables, people, by-table or plane. Tables and people stay apart.
    """
    prompt = this_round.prompt
    if not ask.items:
        return []
    numbers = table_numbers(this_round.workshop_id)
    if ask.is_numbered:
        made = _numbered_figures(this_round, ask, results, numbers, ident, closely)
    elif ask.is_pick:
        made = _picked_figures(prompt, ask, results, numbers, ident)
    else:
        made = _scaled_figures(this_round, ask, results, numbers, ident)
    if closely and prompt.asks_people and 1 < len(numbers) <= pictures.MOST_MULTIPLES:
        made += _multiples(this_round, ask, results, numbers, ident)
    return made


def is_wide(figure: Json) -> bool:
    """Tell whether a grid has more tables than a page of all prompts has room for."""
    return figure["part"] == "grid" and len(figure["picture"]["columns"]) > MOST_COLUMNS


def turnout(voice: str, found: Json) -> str:
    """Say how many of how many answered: `31 of 37 people`."""
    return _("%(n)d of %(all)s") % {
        "n": found["responded"],
        "all": pictures.how_many(found["present"], voice),
    }


def item_names(ask: Ask) -> list[Json]:
    """Return the items as pictures take them."""
    return [
        {"key": i.key, "number": i.number, "text": i.text, "short": i.short}
        for i in ask.items
    ]


def scale_marks(prompt: Prompt, ask: Ask) -> list[pictures.Mark]:
    """Return how each answer looks; only an ordinal scale has values."""
    ordinal = prompt.scale is not None and prompt.scale.kind == "ordinal"
    return pictures.marks(
        [
            {"key": p.key, "label": p.label, "short": p.short}
            | ({"value": p.value} if ordinal else {})
            for p in ask.points
        ]
    )


def _scaled_figures(
    this_round: Round, ask: Ask, results: Json, numbers: list[int], ident: str
) -> list[Json]:
    prompt = this_round.prompt
    names, marks = item_names(ask), scale_marks(prompt, ask)
    made: list[Json] = []
    for voice in reversed(prompt.voices):  # what the tables agreed on comes first
        items = results["voices"][voice]["items"]
        several = len(ask.criteria) > 1
        if several:
            made += _plane(ask, names, marks, items, voice, ident)
        for criterion in ask.criteria:
            caption = criterion.label if several else ""
            options = {"criterion": criterion.key, "caption": caption, "voice": voice}
            place = f"{ident}-{voice}" + (f"-{criterion.key}" if several else "")
            if voice == Voice.TABLES:
                options["caption"] = _region("tables", this_round, caption)
                grid = pictures.grid(
                    names, items, marks, numbers, ident=place, **options
                )
                made.append(_figure("tables", caption, "grid", grid))
                continue
            chart = pictures.diverging(names, items, marks, ident=place, **options)
            made.append(_figure("people", caption, "dots", chart))
            if numbers:
                held = hold_small(this_round.workshop, items)
                options["caption"] = _region("by-table", this_round, caption)
                grid = pictures.grid(
                    names, held, marks, numbers, ident=f"{place}-by", **options
                )
                made.append(_figure("by-table", caption, "grid", grid))
    return made


def _region(view: str, this_round: Round, caption: str) -> str:
    """Name a grid for those who hear it, so that no two on a page are called alike."""
    names = {
        "view": VIEWS[view](),
        "question": this_round.prompt.question,
        "number": this_round.number,
    }
    named = _("%(view)s: %(question)s Round %(number)d.") % names
    return f"{named} {caption}".strip()


def _plane(
    ask: Ask,
    names: list[Json],
    marks: list[pictures.Mark],
    items: Sequence[Json],
    voice: str,
    ident: str,
) -> list[Json]:
    across, up, *_more = ask.criteria
    plane = pictures.plane(
        names,
        items,
        marks,
        x={"key": across.key, "label": across.label},
        y={"key": up.key, "label": up.label},
        ident=f"{ident}-{voice}-plane",
        voice=voice,
    )
    caption = _("By tables") if voice == Voice.TABLES else _("By people")
    return [_figure("plane", caption, "plane", plane)]


def _picked_figures(
    prompt: Prompt, ask: Ask, results: Json, numbers: list[int], ident: str
) -> list[Json]:
    names = item_names(ask)
    made = []
    for voice in reversed(prompt.voices):
        items = results["voices"][voice]["items"]
        counts = pictures.bars(
            names, items, ident=f"{ident}-{voice}", voice=voice, order="items"
        )
        made.append(_figure(voice, "", "bars", counts))
        if voice == Voice.TABLES:
            grid = pictures.grid(
                names,
                [_as_two_answers(item) for item in items],
                picked_marks(),
                numbers,
                ident=f"{ident}-{voice}-grid",
            )
            made.append(_figure("tables", "", "grid", grid, bars=False))
    return made


def _numbered_figures(
    this_round: Round,
    ask: Ask,
    results: Json,
    numbers: list[int],
    ident: str,
    closely: bool,
) -> list[Json]:
    made = []
    for voice in reversed(this_round.prompt.voices):
        result, place = results["voices"][voice], f"{ident}-{voice}"
        counts = numbered.bars(ask, result, ident=place, voice=voice, order="items")
        words = numbered.words(ask, result, voice)
        made.append(_figure(voice, "", "bars", {**counts, "words": words}))
        if closely and ask.kind == Prompt.Kind.RANK:
            made += _ranked(ask, result, voice, place)
        view, items = "tables", result["items"]
        if voice == Voice.PEOPLE:
            view, items = "by-table", hold_small(this_round.workshop, items)
        if numbers:
            grid = numbered.grid(
                ask,
                items,
                voice,
                numbers,
                ident=f"{place}-grid",
                caption=_region(view, this_round, ""),
            )
            made.append(_figure(view, "", "grid", grid, bars=False))
    return made


def _ranked(ask: Ask, result: Json, voice: Voice, place: str) -> list[Json]:
    """Draw mean places and who beats whom, if enough have ranked."""
    measures = result["measures"]
    if measures["ballots"] < numbered.least(voice):
        return []
    names = item_names(ask)
    places = pictures.places(
        names, result["items"], measures["mean_rank"], ident=f"{place}-places"
    )
    duels = pictures.duels(names, measures["pairwise"], ident=f"{place}-duels")
    return [
        _figure("places", "", "places", places),
        _figure("duels", "", "duels", duels),
    ]


def picked_marks() -> list[pictures.Mark]:
    chosen, other = pictures.marks(
        [
            {"key": "chosen", "label": _("Chosen")},
            {"key": "not", "label": _("Not chosen")},
        ]
    )
    # Not an answer of its own: a quiet sign, not a second colour.
    return [chosen, {**other, "cls": "unpicked", "sym": "i-minus"}]


def _multiples(
    this_round: Round, ask: Ask, results: Json, numbers: list[int], ident: str
) -> list[Json]:
    """Draw what the people of each table answered, table beside table."""
    items = results["voices"][Voice.PEOPLE]["items"]
    held = hold_small(this_round.workshop, items)
    legend, bar = spread_bars(this_round.prompt, ask)
    several = len(ask.criteria) > 1
    return [
        _figure(
            "spread",
            row.label if several else "",
            "multiples",
            pictures.multiples(
                item_names(ask),
                held,
                bar,
                numbers,
                ident="-".join(
                    filter(None, [f"{ident}-{Voice.PEOPLE}-spread", row.key])
                ),
                legend=legend,
                criterion=row.key,
                caption=_region("spread", this_round, row.label if several else ""),
            ),
        )
        for row in ask.criteria
    ]


def spread_bars(
    prompt: Prompt, ask: Ask
) -> tuple[list[pictures.Mark], Callable[[str, Json], pictures.Bar]]:
    """Return the legend of bars that are all of one length, and what makes one.

    It takes the bar's id and results with answers.
    """
    if ask.is_pick:
        marks = picked_marks()
        return marks, partial(_picked_bar, marks)
    if ask.is_numbered:
        return numbered.share_marks(ask), partial(_numbered_bar, ask)
    marks = scale_marks(prompt, ask)
    return marks, partial(_scaled_bar, marks)


def _scaled_bar(marks: list[pictures.Mark], ident: str, table: Json) -> pictures.Bar:
    return pictures.stacked_bar(table["counts"], marks, ident=ident)


def _picked_bar(marks: list[pictures.Mark], ident: str, table: Json) -> pictures.Bar:
    chosen = table["counts"]["chosen"]
    counts = {"chosen": chosen, "not": table["n"] - chosen}
    return pictures.stacked_bar(counts, marks, ident=ident)


def _numbered_bar(ask: Ask, ident: str, table: Json) -> pictures.Bar:
    return numbered.share_bar(ask, table, ident=ident)


def _as_two_answers(item: Mapping[str, Any]) -> Json:
    """Turn "3 of 4 chose it" into answers of two kinds, as a grid draws them."""

    def both(row: Mapping[str, Any]) -> Json:
        chosen = row["counts"]["chosen"]
        return {**row, "counts": {"chosen": chosen, "not": row["n"] - chosen}}

    return both(item) | {"by_table": [both(row) for row in item["by_table"]]}


def _figure(
    view: str,
    caption: str,
    part: str,
    picture: Mapping[str, Any],
    *,
    bars: bool = True,
) -> Json:
    return {
        "bars": bars,
        "view": view,
        "caption": caption,
        "part": part,
        "picture": picture,
        "title": VIEWS[view](),
    }


VIEWS = {
    "tables": lambda: _("Tables’ own answers"),
    "people": lambda: _("People"),
    "by-table": lambda: _("People, table by table"),
    "plane": lambda: _("Plane"),
    "spread": lambda: _("Spread at each table"),
    "places": lambda: _("Mean place, from the best to the worst"),
    "duels": lambda: _("Head to head"),
}
