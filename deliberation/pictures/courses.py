"""How something went over time: a bar for each moment, and a line for the limit."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypedDict

from .clocks import clock
from .shapes import join_id, percent

# Of the drawing's height, in per cent: above are names, below is the clock.
TOP, BOTTOM = 13.0, 87.0
GAP = 0.18  # of a moment's width, between bars
STEPS = (1, 2, 2.5, 3, 4, 5, 6, 8, 10)


class Layer(TypedDict):
    """What a colour means: the class on screens, the fill on paper."""

    key: str
    cls: str
    fill: str
    label: str


class Moment(NamedTuple):
    """A part of the time, in seconds, and how much each layer had, None if nothing."""

    at: float
    until: float
    amounts: Mapping[str, float | None]


class Label(TypedDict):
    x: str
    y: str
    text: str
    anchor: str


class Piece(TypedDict):
    cls: str
    fill: str
    x: str
    y: str
    width: str
    height: str


class Course(TypedDict):
    id: str
    caption: str
    label: str
    pieces: list[Piece]
    legend: list[Layer]
    levels: list[Label]
    limit: Label | None
    clocks: list[Label]
    marks: list[Label]


def course(
    moments: Sequence[Moment],
    layers: Sequence[Layer],
    *,
    ident: str,
    caption: str,
    label: str,
    most: float,
    written: Mapping[float, str],
    limit: tuple[float, str] | None = None,
    marks: Sequence[tuple[float, str]] = (),
) -> Course:
    """Draw moments side by side, `parts/course.html`; layers stand on one another.

    label: what the picture shows, for those who do not see it. most: the amount at the
    upper edge; more is cut off there. written: amounts to write at the side, and how.
    limit: an amount not to go beyond, and its name. marks: seconds at which something
    began, and its name.
    """
    begin, end = (moments[0].at, moments[-1].until) if moments else (0.0, 1.0)

    def across(seconds: float) -> float:
        return 100 * (seconds - begin) / ((end - begin) or 1)

    def up(amount: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * min(1.0, amount / most)

    pieces = []
    for moment in moments:
        width = across(moment.until) - across(moment.at)
        below = 0.0
        for layer in layers:
            amount = moment.amounts.get(layer["key"]) or 0.0
            if amount > 0 and below < most:
                top, bottom = up(below + amount), up(below)
                pieces.append(
                    Piece(
                        cls=layer["cls"],
                        fill=layer["fill"],
                        x=percent(across(moment.at) + width * GAP / 2),
                        width=percent(width * (1 - GAP)),
                        y=percent(top),
                        height=percent(bottom - top),
                    )
                )
            below += amount
    middle = (begin + end) / 2
    return Course(
        id=join_id("course", ident),
        caption=caption,
        label=label,
        pieces=pieces,
        legend=list(layers),
        levels=[
            Label(x="0%", y=percent(up(amount)), text=text, anchor="start")
            for amount, text in written.items()
        ],
        limit=limit
        and Label(x="100%", y=percent(up(limit[0])), text=limit[1], anchor="end"),
        clocks=[
            Label(x=percent(across(at)), y="97%", text=clock(at - begin), anchor=anchor)
            for at, anchor in ((begin, "start"), (middle, "middle"), (end, "end"))
        ],
        marks=[
            Label(x=percent(across(at)), y="0%", text=text, anchor="start")
            for at, text in marks
        ],
    )


def rounded_up(amount: float) -> float:
    """Return the next round number at or above an amount: 0.7 to 0.8, 1100 to 2000."""
    if amount <= 0:
        return 1.0
    unit = 1.0
    while unit > amount:
        unit /= 10
    while unit * 10 <= amount:
        unit *= 10
    return next(unit * step for step in STEPS if unit * step >= amount)
