"""Rankings: the places that items were put at, and who beats whom."""

from django.utils.translation import gettext as _

from ..duels import Duel, Duels, Places
from ..signs import COLOURS
from . import letters
from .letters import REGULAR, STRONG
from .rows import (
    APART,
    BAR,
    BETWEEN,
    Column,
    Head,
    Sign,
    cut,
    fitted_labels,
    heads,
    legend,
    mark_mean,
    mark_range,
    row_line,
    say,
    share,
)
from .sheet import (
    EDGE,
    GROUND,
    INK,
    LINE,
    QUIET,
    RIGHT,
    SMALL,
    WHITE,
    Look,
    Sheet,
)

LABELS = {"places": 420.0, "duels": 300.0}  # px, at most
FIGURES = 120.0
NEAREST = 30.0  # from one place written over the rows to the next
SIGN = 18.0
WIDEST = 110.0  # a cell
GAP = 4.0
LOOKS = {
    "wins": Look(*COLOURS["c1"], None, False),
    "loses": Look(WHITE, QUIET, LINE, False),
    "level": Look(WHITE, INK, EDGE, False),
    "self": Look(GROUND, QUIET, None, False),
}


def draw_places(sheet: Sheet, places: Places, top: float) -> float:
    """Draw the mean place of each item on the range of its places."""
    rows = cut(sheet, places["rows"])
    firsts = [str(row["first"]) for row in rows]
    means = [row["mean"] for row in rows]
    labels = fitted_labels(rows, LABELS["places"])
    first = Column(_("Put first"), firsts, RIGHT, FIGURES)
    mean = Column(_("Mean place"), means, first.left - BETWEEN, FIGURES, STRONG)
    left, right = labels.right + BETWEEN, mean.left - BETWEEN

    def x(percent: str) -> float:
        return left + (right - left) * share(percent)

    signs = [
        Sign("mean", "", _("Mean place")),
        Sign("range", "", _("From the best to the worst place")),
    ]
    over = [first.head, mean.head]
    written = left - NEAREST
    for tick in places["ticks"]:
        if x(tick["x"]) - written >= NEAREST:
            written = x(tick["x"])
            over.append((written, "middle", [tick["text"]]))
    y = heads(sheet, legend(sheet, top, signs), over)
    for place, row in enumerate(rows):
        row_line(sheet, y)
        tall = max(BAR, labels.rows[place].height) + APART
        middle = y + tall / 2
        labels.draw(sheet, place, middle)
        mark_range(sheet, x(row["x1"]), x(row["x2"]), middle)
        mark_mean(sheet, x(row["cx"]), middle)
        mean.draw(sheet, place, middle)
        first.draw(sheet, place, middle)
        spread = _("%(best)s to %(worst)s") % {
            "best": row["best"],
            "worst": row["worst"],
        }
        facts = (_("Mean place"), row["mean"]), (_("Put first"), firsts[place])
        say(sheet, row, spread, *(" ".join(fact) for fact in facts))
        y += tall
    row_line(sheet, y)
    return y


def draw_duels(sheet: Sheet, duels: Duels, top: float) -> float:
    """Draw each item against each other one: how many rank it above, and below.

    Of too many items only so many are drawn as their figures leave room for.
    """
    texts = [cell["text"] for row in duels["rows"] for cell in row["cells"]]
    least = letters.widest(texts, SMALL, STRONG) + SIGN + 14 + GAP
    room = RIGHT - fitted_labels(duels["rows"], LABELS["duels"]).right - BETWEEN
    rows = cut(sheet, duels["rows"], int(room / least))
    labels = fitted_labels(rows, LABELS["duels"])
    left = labels.right + BETWEEN
    step = min((RIGHT - left + GAP) / max(len(rows), 1), WIDEST)
    over: list[Head] = [
        (left + place * step + (step - GAP) / 2, "middle", [row["number"]])
        for place, row in enumerate(rows)
    ]
    y = heads(sheet, top, over)
    for place, row in enumerate(rows):
        row_line(sheet, y)
        tall = max(BAR, labels.rows[place].height) + APART
        labels.draw(sheet, place, y + tall / 2)
        cells = row["cells"][: len(rows)]
        for column, cell in enumerate(cells):
            box = (left + column * step, y + GAP, step - GAP, tall - 2 * GAP)
            _draw_duel(sheet, cell, box)
        told = zip(rows, cells, strict=True)
        against = [f"{o['number']} {cell['said']}" for o, cell in told if cell["said"]]
        say(sheet, row, *against)
        y += tall
    row_line(sheet, y)
    sheet.notes.append(
        _(
            "How many rank the item of the row above that of the column, and how many "
            "below."
        )
    )
    return y


def _draw_duel(
    sheet: Sheet, cell: Duel, box: tuple[float, float, float, float]
) -> None:
    x, y, wide, tall = box
    look = LOOKS[cell["cls"]]
    sheet.rect(x, y, wide, tall, look, rounded=4)
    weight = STRONG if cell["cls"] == "wins" else REGULAR
    taken = letters.width(cell["text"], SMALL, weight)
    both = taken + (SIGN + 4) * bool(cell["sym"])
    begin, middle = x + (wide - both) / 2, y + tall / 2
    sheet.symbol(cell["sym"], begin + SIGN / 2, middle, SIGN, look.ink)
    baseline = middle + SMALL * 0.34
    text_left = begin + both - taken
    sheet.text(text_left, baseline, cell["text"], SMALL, weight, fill=look.ink)
