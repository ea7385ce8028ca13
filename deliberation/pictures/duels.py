"""Rankings: who beats whom head to head, and at which places items were put."""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from django.utils.translation import gettext as _

from .shapes import Item, Result, by_item_key, join_id, names_of, percent


class Duel(TypedDict):
    id: str
    cls: str
    sym: str
    text: str
    said: str


class DuelRow(TypedDict):
    id: str
    number: str
    label: str
    text: str
    cells: list[Duel]


class Duels(TypedDict):
    id: str
    caption: str
    numbers: list[str]
    rows: list[DuelRow]


class PlaceRow(TypedDict):
    id: str
    number: str
    label: str
    text: str
    x1: str
    x2: str
    cx: str
    mean: str
    best: str
    worst: str
    first: int
    counts: list[int]
    unranked: int


class Places(TypedDict):
    id: str
    caption: str
    heads: list[str]
    ticks: list[dict[str, str]]
    rows: list[PlaceRow]


def duels(
    items: Sequence[Item],
    pairwise: Mapping[str, Mapping[str, int]],
    *,
    ident: str,
    caption: str = "",
) -> Duels:
    """Each item against each other one, for `parts/duels.html`.

    A cell says how many rank the row's item above the column's, and how many below.
    """
    return Duels(
        id=ident,
        caption=caption,
        numbers=[names_of(item)["number"] for item in items],
        rows=[
            DuelRow(
                id=join_id(ident, item["key"]),
                **names_of(item),
                cells=[_duel(item, other, pairwise, ident=ident) for other in items],
            )
            for item in items
        ],
    )


def places(
    items: Sequence[Item],
    results: Sequence[Result],
    mean_rank: Mapping[str, Any],
    *,
    ident: str,
    caption: str = "",
) -> Places:
    """Mean place and range of places of each item, for `parts/places.html`.

    The best mean stands first, level ones in the order of the items. Who left an item
    out is counted as having put it last.
    """
    by_item = by_item_key(results, "")
    ranked = [item for item in items if mean_rank.get(item["key"]) is not None]
    ranked.sort(key=lambda item: float(mean_rank[item["key"]]))
    last = max(len(items), 2)

    def x(place: float) -> str:
        return percent(4 + 92 * (place - 1) / (last - 1))

    rows = []
    for item in ranked:
        result = by_item[item["key"]]
        counts = {int(place): n for place, n in result["counts"].items()}
        unranked = result["n"] - sum(counts.values())
        given = [place for place, n in counts.items() if n]
        given += [last] if unranked else []
        best, worst = min(given, default=1), max(given, default=last)
        mean = float(mean_rank[item["key"]])
        rows.append(
            PlaceRow(
                id=join_id(ident, item["key"]),
                **names_of(item),
                x1=x(best),
                x2=x(worst),
                cx=x(mean),
                mean=f"{mean:.1f}",
                best=str(best),
                worst=str(worst),
                first=counts.get(1, 0),
                counts=[counts[place] for place in sorted(counts)],
                unranked=unranked,
            )
        )
    heads = sorted({int(place) for row in by_item.values() for place in row["counts"]})
    return Places(
        id=ident,
        caption=caption,
        heads=[str(place) for place in heads],
        ticks=[{"x": x(place), "text": str(place)} for place in range(1, last + 1)],
        rows=rows,
    )


def _duel(
    item: Item,
    other: Item,
    pairwise: Mapping[str, Mapping[str, int]],
    *,
    ident: str,
) -> Duel:
    one, two = item["key"], other["key"]
    place = join_id(ident, one, two)
    if one == two:
        return Duel(id=place, cls="self", sym="", text="", said="")
    above, below = pairwise[one][two], pairwise[two][one]
    told = {"above": above, "below": below}
    if above == below:
        said = _("level, %(above)d to %(below)d") % told
        return Duel(
            id=place, cls="level", sym="i-tie", text=f"{above}:{below}", said=said
        )
    wins = above > below
    text = (
        _("wins %(above)d to %(below)d") if wins else _("loses %(above)d to %(below)d")
    )
    return Duel(
        id=place,
        cls="wins" if wins else "loses",
        sym="i-check" if wins else "",
        text=f"{above}:{below}",
        said=text % told,
    )
