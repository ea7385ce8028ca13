"""A report as plain lines, to compare whole documents by."""

from deliberation.writeup.structure import (
    Contributions,
    Facts,
    Picture,
    Report,
    Section,
    Spoken,
    Table,
    Text,
)


def lines_of(report: Report) -> list[str]:
    """Return a report as lines, one for each text, row, point and picture."""
    return [
        line
        for depth, section in report.walk()
        for line in section_lines(depth, section)
    ]


def section_lines(depth: int, section: Section) -> list[str]:
    found = [f"{'#' * depth} {section.title}"]
    for block in section.blocks:
        found += block_lines(block)
    return found


def block_lines(block) -> list[str]:
    match block:
        case Text(written=None):
            return [block.computed] if block.computed else []
        case Text():
            return [f"[{block.written}]"]
        case Table():
            head = [f"| {block.caption}: {', '.join(block.head)}"]
            notes = [f"| {note}" for note in block.notes]
            return head + [f"| {', '.join(row)}" for row in block.rows] + notes
        case Picture():
            return [f"<{block.caption}>", *block_lines(block.table)[1:]]
        case Contributions():
            title = [f"{block.title}:"] if block.title else []
            return title + [f"- {point(line)}" for line in block.lines]
        case Spoken():
            who = ", ".join(filter(None, (block.name, block.organisation)))
            return [f"{block.kind} ({who}): {block.text}"]
        case Facts():
            return [f"{name}: {what}" for name, what in block.pairs]
    raise TypeError(block)


def point(line) -> str:
    kind = "" if line.kind == "point" else f"{line.kind}: "
    who = f" ({line.said_by})" if line.said_by else ""
    about = f" [{'; '.join(line.about)}]" if line.about else ""
    times = f" x{line.times}" if line.times > 1 else ""
    return f"{kind}{line.text}{who}{about}{times}"


def texts(report: Report, place: str) -> str:
    """Return the sentences that are computed at a place."""
    return next(
        block.computed
        for _depth, section in report.walk()
        for block in section.blocks
        if isinstance(block, Text) and block.place == place
    )
