"""Plain results in, contexts for the pictures in `templates/parts/` out.

No ORM and no HTML. Every figure is written as a string here, once per board, because
formatting in a template costs four times as much. Positions are percentages of the
drawing's width. `fill` and `ink` are the plain colours that documents and exports use;
on a screen the class wins, and brings the dark theme.

Shapes taken: a results item as in the results JSON, an item as
`{key, text, short, number}`, a scale point as `{key, label, short, value}`.
`ident` begins every id, so that one picture can stand twice on a page.
"""

from .charts import Chart, diverging
from .clocks import clock, timer
from .courses import Course, Layer, Moment, course, rounded_up
from .duels import Duels, Places, duels, places
from .grids import Cell, Grid, grid
from .multiples import MOST as MOST_MULTIPLES
from .multiples import Multiples, multiples
from .planes import plane
from .shapes import Item, Result, Voice, abstained, how_many, word
from .signs import Mark, Point, marks, sides_of, waiting_mark
from .slopes import STEPS, FromTo, Shift, Slopes, from_to, shift_of, slopes, span_of
from .stacks import Bar, Counts, bars, keep_legible, stacked_bar

__all__ = [
    "MOST_MULTIPLES",
    "STEPS",
    "Bar",
    "Cell",
    "Chart",
    "Counts",
    "Course",
    "Duels",
    "FromTo",
    "Grid",
    "Item",
    "Layer",
    "Mark",
    "Moment",
    "Multiples",
    "Places",
    "Point",
    "Result",
    "Shift",
    "Slopes",
    "Voice",
    "abstained",
    "bars",
    "clock",
    "course",
    "diverging",
    "duels",
    "from_to",
    "grid",
    "how_many",
    "keep_legible",
    "marks",
    "multiples",
    "places",
    "plane",
    "rounded_up",
    "shift_of",
    "sides_of",
    "slopes",
    "span_of",
    "stacked_bar",
    "timer",
    "waiting_mark",
    "word",
]
