"""How an answer looks: the same class, symbol and colours in every picture."""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from django.utils.translation import gettext as _

type Point = Mapping[str, Any]


class Mark(TypedDict):
    """How one answer looks everywhere: a class, a symbol and words, never one alone."""

    key: str
    label: str
    short: str
    value: float | None
    cls: str
    sym: str
    fill: str
    ink: str


# Fill and the colour of what stands on it, for paper. The style sheet has the same.
COLOURS = {
    "c1": ("#2478c7", "#ffffff"),
    "c2": ("#c97f00", "#14181f"),
    "c3": ("#5c0f2e", "#ffffff"),
    "c4": ("#ded8ee", "#14181f"),
    "c5": ("#16239c", "#ffffff"),
    "c6": ("#9be3a4", "#14181f"),
    "o1": ("#8a4200", "#ffffff"),
    "o2": ("#e6a04d", "#14181f"),
    "o3": ("#e4e7ec", "#14181f"),
    "o4": ("#83b5ea", "#14181f"),
    "o5": ("#164f96", "#ffffff"),
    "waiting": ("none", "#454f5d"),
}
SIGNS = {
    "unproblematic": ("c1", "i-unproblematic"),
    "difficult": ("c2", "i-difficult"),
    "inconsistent": ("c3", "i-inconsistent"),
}
SHAPES = ("i-circle", "i-square", "i-triangle", "i-diamond", "i-hexagon", "i-star")
FAVOURABLE = "unproblematic"


def marks(points: Sequence[Point]) -> list[Mark]:
    """Give each point of a scale its class, symbol and colours, in scale order.

    A scale whose points all carry a value is ordinal and gets the five diverging
    steps; any other gets up to six categories, after which they begin again.
    """
    ordinal = bool(points) and all(p.get("value") is not None for p in points)
    named = bool(points) and all(p["key"] in SIGNS for p in points)
    made: list[Mark] = []
    for place, point in enumerate(points):
        if ordinal:
            step = _step(place, len(points))
            cls, sym = f"o{step}", f"i-scale-{step}"
        elif named:
            cls, sym = SIGNS[point["key"]]
        else:
            cls, sym = f"c{place % 6 + 1}", SHAPES[place % 6]
        fill, ink = COLOURS[cls]
        label = str(point.get("label") or point["key"])
        made.append(
            Mark(
                key=point["key"],
                label=label,
                short=str(point.get("short") or label),
                value=point.get("value"),
                cls=cls,
                sym=sym,
                fill=fill,
                ink=ink,
            )
        )
    return made


def waiting_mark() -> Mark:
    """The mark for an answer that is not in yet: a dashed outline, never a fill."""
    return state_mark("waiting", "", _("Not in yet"))


def state_mark(cls: str, sym: str, label: str) -> Mark:
    fill, ink = COLOURS["waiting"]
    return Mark(
        key=cls,
        label=label,
        short=label,
        value=None,
        cls=cls,
        sym=sym,
        fill=fill,
        ink=ink,
    )


def is_ordinal(scale: Sequence[Mark]) -> bool:
    return bool(scale) and scale[0]["cls"].startswith("o")


def sides_of(scale: Sequence[Mark]) -> tuple[list[Mark], list[Mark], list[Mark]]:
    """Split a scale at its axis: reservations, the middle, support."""
    if is_ordinal(scale):
        half = len(scale) // 2
        rest = len(scale) - half
        return list(scale[:half]), list(scale[half:rest]), list(scale[rest:])
    if any(mark["key"] == FAVOURABLE for mark in scale):
        return (
            [mark for mark in scale if mark["key"] != FAVOURABLE],
            [],
            [mark for mark in scale if mark["key"] == FAVOURABLE],
        )
    return [], [], list(scale)


def _step(place: int, size: int) -> int:
    """Which of the five diverging steps a place on a scale of any length gets.

    Both halves mirror each other, and only the exact middle is neutral.
    """
    centre = (size - 1) / 2
    if place == centre:
        return 3
    outer = abs(place - centre) > centre / 2
    if place < centre:
        return 1 if outer else 2
    return 5 if outer else 4
