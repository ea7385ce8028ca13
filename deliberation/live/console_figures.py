"""Results of a round as pictures for facilitators: the console and the results page."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from deliberation import pictures
from deliberation.kinds import Ask
from deliberation.live import findings, numbered
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
    found = planned(this_round, ask, results, ident=ident, closely=closely)
    return [one.drawn() for one in found]


class Planned(NamedTuple):
    """A picture that can be drawn; `ident` is its id."""

    view: str
    caption: str
    part: str
    ident: str
    draw: Callable[..., Mapping[str, Any]]  # takes `ident`
    bars: bool = True

    def drawn(self) -> Json:
        return {
            "bars": self.bars,
            "view": self.view,
            "caption": self.caption,
            "part": self.part,
            "picture": self.draw(ident=self.ident),
            "title": VIEWS[self.view](),
        }


def planned(
    this_round: Round,
    ask: Ask,
    results: Json,
    *,
    ident: str,
    closely: bool = False,
    voices: Sequence[str] | None = None,
) -> list[Planned]:
    """Return the pictures of a round as `figures` does, none of them drawn yet.

    voices: whose answers; of all that are asked if not told.
    """
    if not ask.items:
        return []
    # What the tables agreed on comes first.
    voices = list(reversed(this_round.prompt.voices if voices is None else voices))
    numbers = table_numbers(this_round.workshop_id)
    if ask.is_numbered:
        made = _numbered_figures(
            this_round, ask, results, numbers, ident, closely, voices
        )
    elif ask.is_pick:
        made = _picked_figures(ask, results, numbers, ident, voices)
    else:
        made = _scaled_figures(this_round, ask, results, numbers, ident, voices)
    several = 1 < len(numbers) <= pictures.MOST_MULTIPLES
    if closely and Voice.PEOPLE in voices and several:
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
    this_round: Round,
    ask: Ask,
    results: Json,
    numbers: list[int],
    ident: str,
    voices: Sequence[str],
) -> list[Planned]:
    names, marks = item_names(ask), scale_marks(this_round.prompt, ask)
    made: list[Planned] = []
    for voice in voices:
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
                grid = partial(pictures.grid, names, items, marks, numbers, **options)
                made.append(Planned("tables", caption, "grid", place, grid))
                continue
            chart = partial(pictures.diverging, names, items, marks, **options)
            made.append(Planned("people", caption, "dots", place, chart))
            if numbers:
                held = hold_small(this_round.workshop, items)
                region = _region("by-table", this_round, caption)
                by_table = options | {"caption": region}
                grid = partial(pictures.grid, names, held, marks, numbers, **by_table)
                made.append(Planned("by-table", caption, "grid", f"{place}-by", grid))
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
) -> list[Planned]:
    across, up, *_more = ask.criteria
    plane = partial(
        pictures.plane,
        names,
        items,
        marks,
        x={"key": across.key, "label": across.label},
        y={"key": up.key, "label": up.label},
        voice=voice,
    )
    caption = _("By tables") if voice == Voice.TABLES else _("By people")
    return [Planned("plane", caption, "plane", f"{ident}-{voice}-plane", plane)]


def _picked_figures(
    ask: Ask, results: Json, numbers: list[int], ident: str, voices: Sequence[str]
) -> list[Planned]:
    names = item_names(ask)
    made = []
    for voice in voices:
        items, place = results["voices"][voice]["items"], f"{ident}-{voice}"
        counts = partial(pictures.bars, names, items, voice=voice, order="items")
        made.append(Planned(voice, "", "bars", place, counts))
        if voice == Voice.TABLES:
            pairs = [_as_two_answers(item) for item in items]
            grid = partial(pictures.grid, names, pairs, picked_marks(), numbers)
            at = f"{place}-grid"
            made.append(Planned("tables", "", "grid", at, grid, bars=False))
    return made


def _numbered_figures(
    this_round: Round,
    ask: Ask,
    results: Json,
    numbers: list[int],
    ident: str,
    closely: bool,
    voices: Sequence[str],
) -> list[Planned]:
    made = []
    for voice in voices:
        result, place = results["voices"][voice], f"{ident}-{voice}"
        counts = partial(_numbered_bars, ask, result, voice)
        made.append(Planned(voice, "", "bars", place, counts))
        if closely and ask.kind == Prompt.Kind.RANK:
            made += _ranked(ask, result, voice, place)
        view, items = "tables", result["items"]
        if voice == Voice.PEOPLE:
            view, items = "by-table", hold_small(this_round.workshop, items)
        if numbers:
            region = _region(view, this_round, "")
            grid = partial(numbered.grid, ask, items, voice, numbers, caption=region)
            made.append(Planned(view, "", "grid", f"{place}-grid", grid, bars=False))
    return made


def _numbered_bars(ask: Ask, result: Json, voice: Voice, *, ident: str) -> Json:
    counts = numbered.bars(ask, result, ident=ident, voice=voice, order="items")
    return {**counts, "words": numbered.words(ask, result, voice)}


def _ranked(ask: Ask, result: Json, voice: Voice, place: str) -> list[Planned]:
    """Draw mean places and who beats whom, if enough have ranked."""
    measures = result["measures"]
    if measures["ballots"] < findings.least_for_index(voice):
        return []
    names = item_names(ask)
    places = partial(pictures.places, names, result["items"], measures["mean_rank"])
    duels = partial(pictures.duels, names, measures["pairwise"])
    return [
        Planned("places", "", "places", f"{place}-places", places),
        Planned("duels", "", "duels", f"{place}-duels", duels),
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
) -> list[Planned]:
    """Draw what the people of each table answered, table beside table."""
    items = results["voices"][Voice.PEOPLE]["items"]
    held = hold_small(this_round.workshop, items)
    legend, bar = spread_bars(this_round.prompt, ask)
    several = len(ask.criteria) > 1
    return [
        Planned(
            "spread",
            row.label if several else "",
            "multiples",
            "-".join(filter(None, [f"{ident}-{Voice.PEOPLE}-spread", row.key])),
            partial(
                pictures.multiples,
                item_names(ask),
                held,
                bar,
                numbers,
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


VIEWS = {
    "tables": lambda: _("Tables’ own answers"),
    "people": lambda: _("People"),
    "by-table": lambda: _("People, table by table"),
    "plane": lambda: _("Plane"),
    "spread": lambda: _("Spread at each table"),
    "places": lambda: _("Mean place, from the best to the worst"),
    "duels": lambda: _("Head to head"),
}
