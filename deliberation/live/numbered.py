"""Places and points as pictures: the same bars and grid on phone, wall and console.

Below five answers of people no mean and no head-to-head winner is told; what tables
said is told from the first.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from django.utils.translation import gettext as _

from deliberation import pictures
from deliberation.kinds import Ask, AskedItem
from deliberation.live import findings
from deliberation.live import screen_pictures as drawn
from deliberation.models import Prompt
from deliberation.pictures import Voice
from deliberation.results import Json

type Context = dict[str, Any]


def counted(ask: Ask) -> str:
    """Return the count that a bar shows: of first places, or of points."""
    return "1" if ask.kind == Prompt.Kind.RANK else "points"


def bars(
    ask: Ask,
    result: Json,
    *,
    ident: str,
    voice: Voice,
    order: Literal["size", "items"] = "size",
) -> pictures.Counts:
    """Draw first choices with mean places, or points with who gave any."""
    rows = result["items"]
    if ask.kind == Prompt.Kind.RANK:
        heads, beside = _("Mean place"), mean_places(result, voice)
    else:
        heads = _("Given by")
        beside = {row["item"]: givers(row, voice) for row in rows}
    return pictures.bars(
        drawn.items(ask),
        rows,
        ident=ident,
        counted=counted(ask),
        voice=voice,
        order=order,
        beside=beside,
        beside_heads=heads,
    )


def mean_places(result: Json, voice: Voice) -> dict[str, str]:
    """Return each item's mean place; nothing where too few have ranked."""
    measures = result["measures"]
    if measures.get("ballots", 0) < findings.least_for_index(voice):
        return {}
    return {item: f"{place:.1f}" for item, place in measures["mean_rank"].items()}


def givers(row: Json, voice: Voice) -> str:
    """Say how many gave an item points; nothing where too few have answered."""
    if row["n"] < findings.least_shown(voice):
        return ""
    told = {"n": row["measures"]["supporters"], "total": row["n"]}
    return _("%(n)d of %(total)d") % told


def words(ask: Ask, result: Json, voice: Voice) -> str:
    """Say what the bars do not show: who wins head to head, or what is left over."""
    names = drawn.names(ask)
    if ask.kind == Prompt.Kind.RANK:
        if result["measures"].get("ballots", 0) < findings.least_for_index(voice):
            return ""
        numbers = {item.key: str(item.number) for item in ask.items}
        said = [
            findings.head_to_head(result["measures"], items=names, numbers=numbers),
            winner(ask, result, voice),
        ]
        return " ".join(filter(None, said))
    n = max((row["n"] for row in result["items"]), default=0)
    left = result["measures"].get("unspent")
    if n < findings.least_shown(voice) or not left:
        return ""
    told = {"left": left, "total": n * ask.total}
    return _("%(left)d of %(total)d points were not given to anything.") % told


def winner(ask: Ask, result: Json, voice: Voice) -> str:
    """Say who wins by the rule announced before; nothing where too few have ranked."""
    if result["measures"].get("ballots", 0) < findings.least_for_index(voice):
        return ""
    return findings.by_announced_rule(result["measures"], items=drawn.names(ask))


def rules(ask: Ask, result: Json, voice: str) -> list[Json]:
    """Say who wins a ranking by each rule, where the rules do not agree."""
    measures = result["measures"]
    enough = measures.get("ballots", 0) >= findings.least_for_index(voice)
    if not enough or not measures["rules_disagree"]:
        return []
    names = {item.key: f"{item.number} {item.short}" for item in ask.items}
    return [
        {
            "rule": rule(),
            "winners": ", ".join(names[item] for item in measures["winners"][key])
            or _("nobody"),
            "is_announced": key == measures["announced"],
        }
        for key, rule in findings.RULES.items()
    ]


def finding(ask: Ask, result: Json, voice: Voice) -> str:
    """Return the line at the head of the screen."""
    names = drawn.names(ask)
    if ask.kind == Prompt.Kind.RANK:
        return findings.of_ranking(
            result,
            items=names,
            least=findings.least_shown(voice),
            least_for_pairs=findings.least_for_index(voice),
        )
    return findings.of_allocating(
        result, items=names, least=findings.least_shown(voice)
    )


# ---- table by table ----


def grid(
    ask: Ask,
    rows: Sequence[Json],
    voice: Voice,
    tables: Sequence[int],
    *,
    ident: str,
    caption: str = "",
    of: Sequence[AskedItem] | None = None,
) -> Context:
    """Which table gave what; for people, first choices or points at each table.

    of: the items that `rows` are about, if not all. Of one alone none leads.
    """
    most = drawn.highest(rows if of is None else (), counted(ask))
    grid_rows = drawn.rows_of_cells(
        ask.items if of is None else of,
        rows,
        tables,
        lambda place, number, table: cell(
            ask, table, voice, ident=place, most=most[number]
        ),
        ident=ident,
    )
    for made, row in zip(grid_rows, rows_in_order(ask, rows, of), strict=True):
        made["bar"] = share_bar(ask, row, ident=f"{made['id']}-bar")
    return {
        "id": ident,
        "caption": caption,
        "corner": _("Item"),
        "columns": drawn.columns_for(tables),
        "rows": grid_rows,
        "legend": legend(ask, voice, grid_rows),
    }


def rows_in_order(
    ask: Ask, rows: Sequence[Json], of: Sequence[AskedItem] | None
) -> list[Json]:
    by_item = {row["item"]: row for row in rows}
    return [by_item[item.key] for item in (ask.items if of is None else of)]


def share_bar(ask: Ask, row: Json, *, ident: str) -> pictures.Bar:
    """Draw an item's first choices of all, or its points of all there were."""
    whole = row["n"] * (ask.total or 1)
    given = row["counts"][counted(ask)]
    counts = {"given": given, "rest": max(0, whole - given)}
    return pictures.stacked_bar(counts, share_marks(ask), ident=ident)


def share_marks(ask: Ask) -> list[pictures.Mark]:
    """Return how first choices or points look in a bar, and what is left over."""
    words = _("First choices") if ask.kind == Prompt.Kind.RANK else _("Points")
    filled, rest = pictures.marks(
        [
            {"key": "given", "label": words, "value": None},
            {"key": "rest", "label": _("The rest"), "value": None},
        ]
    )
    unfilled = rest | {
        "cls": "waiting",
        "sym": "",
        "fill": pictures.waiting_mark()["fill"],
    }
    return [filled, unfilled]


def cell(
    ask: Ask, table: Mapping[str, Any], voice: Voice, *, ident: str, most: int
) -> Context:
    """A table's place or points for an item, or what its people gave together.

    most: the highest of the table's figures; the leading cell is filled.
    """
    if empty := drawn.cell_without_figure(table, voice, ident=ident):
        return empty
    counts = table["counts"]
    figure = counts.get(counted(ask), 0)
    word = str(figure)
    if voice == "tables" and ask.kind == Prompt.Kind.RANK:
        word = next((place for place, n in counts.items() if n), "–")
    return drawn.figure_cell(word, ident=ident, leads=figure == most > 0)


def legend(ask: Ask, voice: Voice, rows: Sequence[Context]) -> list[Context]:
    """Say what the cells mean that are drawn."""
    if ask.kind == Prompt.Kind.ALLOCATE:
        leads = _("Most points")
    else:
        leads = _("First") if voice == "tables" else _("Most first choices")
    used = {cell["cls"].split()[0] for row in rows for cell in row["cells"]}
    signs = [("c1", "", leads), *drawn.signs_without_figure(voice)]
    return [
        {"cls": cls, "sym": sym, "short": label, "label": label}
        for cls, sym, label in signs
        if cls in used
    ]
