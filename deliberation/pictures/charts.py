"""One bar an item on a common scale: how a group judged."""

from collections.abc import Iterable, Sequence
from typing import Literal, TypedDict

from django.utils.translation import gettext as _

from deliberation.aggregation.least import LEAST_FOR_INDEX, least_shown

from .shapes import (
    Item,
    Result,
    Voice,
    abstained,
    by_item_key,
    how_many,
    join_id,
    names_of,
    percent,
    share_of,
    total_of,
    word,
)
from .signs import Mark, is_ordinal, sides_of
from .stacks import MOST_DOTS, Bar, as_dots, bar_of

DOTS_ACROSS = 18  # whose signs can be told apart on a phone


class ChartRow(TypedDict):
    id: str
    number: str
    label: str
    text: str
    bar: Bar
    n: int
    n_text: str
    median: str
    word: str
    counts: list[int]
    abstained: int
    not_discussed: int


class Chart(TypedDict):
    id: str
    caption: str
    axis: str
    left: str
    right: str
    has_medians: bool
    abstained: str
    legend: list[Mark]
    rows: list[ChartRow]


def diverging(
    items: Sequence[Item],
    results: Iterable[Result],
    scale: Sequence[Mark],
    *,
    ident: str,
    caption: str = "",
    criterion: str = "",
    voice: Voice = "people",
    order: Literal["items", "support"] = "items",
    dots_across: int = DOTS_ACROSS,
) -> Chart:
    """One bar an item on a common scale, for assess and rate (`parts/dots.html`).

    With an ordinal scale, or the category "unproblematic", the bars diverge from an
    axis: reservations to the left, support to the right. Other categories are stacked
    from the left edge. `order="support"` sorts by support for a reader; on a live
    screen keep the order of the items, so that nothing moves while people read.

    Up to twelve people's answers to an item are a dot each, in the order of the scale,
    if no more than `dots_across` must stand beside one another. Twelve have room in any
    chart, so that dots keep their size while answers come in. Of fewer than three
    people only the number is shown.
    """
    by_item = by_item_key(results, criterion)
    left, middle, right = sides_of(scale)
    ordinal = is_ordinal(scale)
    asked = [by_item.get(item["key"], {}) for item in items]
    totals = [total_of(result, scale) for result in asked]
    # Neither what is drawn nor where it is sorted tells what so few said.
    few = [0 < n < least_shown(voice) for n in totals]
    found = [
        (item, {**result, "counts": {}} if is_few else result)
        for item, result, is_few in zip(items, asked, few, strict=True)
    ]
    lefts = [_left_of_axis(r, left, middle) for _item, r in found]
    rights = [
        total_of(r, scale) - side for (_item, r), side in zip(found, lefts, strict=True)
    ]
    widest = max(lefts, default=0) + max(rights, default=0)
    across = max(widest, MOST_DOTS)
    is_dotted = (
        voice == "people"
        and max(totals, default=0) <= MOST_DOTS
        and across <= dots_across
    )
    per_answer = share_of(100, across if is_dotted else widest)
    axis = max(lefts, default=0) * per_answer if left or middle else 0.0
    rows = []
    for place, (item, result) in enumerate(found):
        row_id = join_id(ident, item["key"], criterion)
        counts = result.get("counts", {})
        n = totals[place]
        start = axis - lefts[place] * per_answer
        drawn = left[::-1] + middle + right if not ordinal else list(scale)
        bar = bar_of(counts, drawn, ident=row_id, start=start, per_answer=per_answer)
        if few[place]:
            bar["label"] = _("Too few answers to show")
        if is_dotted:
            as_dots(bar, scale, start=start, per_answer=per_answer)
        if left or middle:
            bar["axis"] = percent(axis)
        measures = result.get("measures", {})
        median = measures.get("median") if ordinal and n >= LEAST_FOR_INDEX else None
        if median is not None:
            bar["median"] = percent(start + n * per_answer / 2)
        rows.append(
            ChartRow(
                id=row_id,
                **names_of(item),
                bar=bar,
                n=n,
                n_text=how_many(n, voice),
                median="" if median is None else f"{median:g}",
                word=word(measures.get("word")) if n >= LEAST_FOR_INDEX else "",
                counts=[
                    asked[place].get("counts", {}).get(mark["key"], 0) for mark in scale
                ],
                abstained=result.get("abstained", 0),
                not_discussed=result.get("not_discussed", 0),
            )
        )
    if order == "support":
        support = {
            row["id"]: r - f for row, r, f in zip(rows, rights, lefts, strict=True)
        }
        rows.sort(key=lambda row: support[row["id"]], reverse=True)
    return Chart(
        id=ident,
        caption=caption,
        axis=percent(axis) if left or middle else "",
        left=_side_name(left, ordinal=ordinal),
        right=_side_name(right, ordinal=ordinal) if left or middle else "",
        has_medians=any(row["median"] for row in rows),
        abstained=abstained(voice),
        legend=list(scale),
        rows=rows,
    )


def _side_name(side: Sequence[Mark], *, ordinal: bool) -> str:
    if not side:
        return ""
    if ordinal:
        return side[0]["short"] if side[0]["cls"] == "o1" else side[-1]["short"]
    return side[0]["short"] if len(side) == 1 else _("Reservations")


def _left_of_axis(
    result: Result, left: Sequence[Mark], middle: Sequence[Mark]
) -> float:
    """Answers left of the axis; half of the middle category stands on either side."""
    counts = result.get("counts", {})
    whole = sum(counts.get(mark["key"], 0) for mark in left)
    return whole + sum(counts.get(mark["key"], 0) for mark in middle) / 2
