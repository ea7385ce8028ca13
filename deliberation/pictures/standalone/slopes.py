"""Who was in favour before and after: lines at the left, figures at the right."""

from django.utils.translation import gettext as _

from ..slopes import FILLS, Line, Slopes
from . import letters
from .letters import STRONG
from .rows import APART, BETWEEN, Column, Labels, cut, heads, say
from .sheet import EDGE, LEFT, LINE, RIGHT, SMALL, TEXT, Anchor, Sheet, height_of

WIDE = 500.0  # of the lines
SIDE = 0.32  # of that, on either side of them
LOWEST, HIGHEST = 1.35, 2.1  # times as high as pages draw the lines
DASHES = {"down": "10 6", "same": "2 6"}
SYMBOLS = {"up": "i-up", "down": "i-down", "same": "i-minus"}
FIGURES = 100.0
SYMBOL = 20.0


def draw_slopes(sheet: Sheet, slopes: Slopes, top: float) -> float:
    """Draw the lines and the table of figures; return where the longer one ends."""
    rows = cut(sheet, slopes["rows"])
    if any(not row["drawn"] for row in slopes["rows"]) and slopes["lines"]:
        sheet.notes.append(_("Drawn as lines are the items that moved most."))
    begin = LEFT + WIDE + 40 if slopes["lines"] else LEFT

    said = [row["said"] for row in rows]
    favour = Column(slopes["heads"], said, RIGHT, FIGURES + 30)
    after = Column(
        slopes["after"],
        [row["after"] for row in rows],
        favour.left - SYMBOL - BETWEEN,
        FIGURES,
    )
    before = Column(
        slopes["before"], [row["before"] for row in rows], after.left - BETWEEN, FIGURES
    )
    labels = Labels(rows, before.left - BETWEEN - begin, begin=begin)
    columns = [before.head, after.head, favour.head]
    y = heads(sheet, top, columns)
    for place, row in enumerate(rows):
        sheet.line(begin, y, RIGHT, y, LINE)
        tall = max(labels.rows[place].height, 2 * SMALL) + APART
        middle = y + tall / 2
        labels.draw(sheet, place, middle)
        for column in (before, after, favour):
            column.draw(sheet, place, middle)
        sign = SYMBOLS[row["cls"]]
        x = favour.left - SYMBOL / 2 - 6
        sheet.symbol(sign, x, middle, SYMBOL, FILLS[row["cls"]])
        say(sheet, row, f"{row['before']} → {row['after']}", row["said"])
        y += tall
    sheet.line(begin, y, RIGHT, y, LINE)
    return max(y, _draw_lines(sheet, slopes, top, y)) if slopes["lines"] else y


def _draw_lines(sheet: Sheet, slopes: Slopes, top: float, bottom: float) -> float:
    """Draw the lines as high as the table beside, within reason."""
    x1, x2 = LEFT + WIDE * SIDE, LEFT + WIDE * (1 - SIDE)
    room = x2 - x1 - BETWEEN
    names = [
        letters.wrap(name, room, TEXT, STRONG, most=2)
        for name in (slopes["before"], slopes["after"])
    ]
    begin = top + max(height_of(lines) for lines in names)
    for x, lines in zip((x1, x2), names, strict=True):
        start = begin - height_of(lines)
        sheet.lines(x, start, lines, TEXT, STRONG, anchor="middle")
    height = slopes["height"] - slopes["top"]
    size = min(HIGHEST, max(LOWEST, (bottom - begin) / height))
    tall = size * height
    for x in (x1, x2):
        sheet.line(x, begin + 4, x, begin + tall, EDGE, 1.5)

    def y(value: str) -> float:
        return begin + size * (float(value) - slopes["top"])

    for line in slopes["lines"]:
        sheet.line(
            x1,
            y(line["y1"]),
            x2,
            y(line["y2"]),
            line["fill"],
            4,
            DASHES.get(line["cls"]),
        )
        sheet.circle(x1, y(line["y1"]), 6, line["fill"])
        sheet.circle(x2, y(line["y2"]), 6, line["fill"])
        _write(sheet, line, x1, y(line["left_y"]), line["left"], before=True)
        _write(sheet, line, x2, y(line["right_y"]), line["right"], before=False)
    return begin + tall


def _write(
    sheet: Sheet, line: Line, x: float, y: float, text: str, *, before: bool
) -> None:
    """Write a figure and the number of its item beside the end of a line."""
    anchor: Anchor = "end" if before else "start"
    way = -1 if before else 1
    number = f"({line['number']})" if line["number"] else ""
    taken = letters.width(number, SMALL, STRONG) + 6 if number else 0.0
    baseline = y + SMALL * 0.34
    sheet.text(x + way * 14, baseline, number, SMALL, STRONG, anchor=anchor)
    sheet.text(x + way * (14 + taken), baseline, text, SMALL, anchor=anchor)
