"""The records behind figures: what each table answered, how many people what.

Of people there are counts and nothing else, at tables only where they are not
withheld. No row is read here.
"""

from collections.abc import Iterator, Mapping, Sequence

from django.utils.translation import gettext as _

from deliberation import pictures
from deliberation.kinds.base import Ask, AskedItem
from deliberation.writeup.heard import records_key
from deliberation.writeup.phrases import PEOPLE, TABLES, capital, named
from deliberation.writeup.structure import Json, Records, Table

MOST_COLUMNS = 12  # of tables beside the answers of people

type Reasons = Mapping[tuple[str, int], str]  # by item and table


def of_round(
    path: str, ask: Ask, found: Json, *, tables: Sequence[int], reasons: Reasons
) -> Iterator[Records]:
    """Yield the records of a round: of each voice, and of each item in it.

    found: the round's results, as readers may see them. tables: all numbers.
    """
    for voice in (TABLES, PEOPLE):
        result = found["voices"][voice]
        if not result:
            continue
        key = records_key(path, found["round"], voice)
        yield Records(key, _turnout(found["question"], result, voice, tables))
        for item in ask.items:
            rows = [row for row in result["items"] if row["item"] == item.key]
            table = (
                _by_tables(ask, item, rows, tables, reasons)
                if voice == TABLES
                else _by_people(ask, item, rows)
            )
            yield Records(f"{key}.{item.key}", table)


def _turnout(question: str, result: Json, voice: str, tables: Sequence[int]) -> Table:
    if voice == PEOPLE:
        rows = [
            (_("Could answer"), str(result["present"])),
            (_("Answered"), str(result["responded"])),
        ]
        return Table(question, (_("People"), _("Number")), tuple(rows))
    judged = dict.fromkeys(tables, 0)
    for row in result["items"]:
        for table in row["by_table"]:
            if table["table"] in judged:
                judged[table["table"]] += table["n"]
    return Table(
        question,
        (_("Table"), _("Answers")),
        tuple((str(number), str(n)) for number, n in judged.items()),
    )


def _by_tables(
    ask: Ask,
    item: AskedItem,
    rows: Sequence[Json],
    tables: Sequence[int],
    reasons: Reasons,
) -> Table:
    answers = [{table["table"]: table for table in row["by_table"]} for row in rows]
    why = [reasons.get((item.key, number), "") for number in tables]
    head = (_("Table"), *_respects(ask), *([_("Reason")] if any(why) else []))
    body = [
        (
            str(number),
            *(table_answer(ask, one.get(number, {})) for one in answers),
            *([reason] if any(why) else []),
        )
        for number, reason in zip(tables, why, strict=True)
    ]
    return Table(_caption(item, _("Tables")), head, tuple(body))


def table_answer(ask: Ask, table: Json) -> str:
    """Say in a cell what a table answered, or that it did not."""
    if table.get("not_discussed"):
        return _("Not discussed")
    if table.get("abstained"):
        return pictures.abstained("tables")
    if not table.get("n"):
        return _("Nothing recorded")
    counts = table["counts"]
    if ask.is_pick:
        return _("Chosen") if counts["chosen"] else _("Not chosen")
    if ask.kind == "allocate":
        return str(counts["points"])
    given = next((key for key, n in counts.items() if n), "")
    if ask.kind == "rank":
        return given or _("Not placed")
    return next((one.label for one in ask.points if one.key == given), given)


def _by_people(ask: Ask, item: AskedItem, rows: Sequence[Json]) -> Table:
    by_table = rows[0]["by_table"] if rows else []
    columns = by_table if len(by_table) <= MOST_COLUMNS else []
    head = (
        _("Answer"),
        _("People"),
        *(capital(named([one["table"]]).text) for one in columns),
    )
    caption = _caption(item, _("People"))
    if any(row.get("suppressed") for row in rows):
        return Table(caption, head[:2], (), (_("Too few to show"),))
    body: list[tuple[str, ...]] = []
    for respect, row in zip(_respects(ask), rows, strict=False):
        of = {one["table"]: one for one in row["by_table"]}
        groups = [row, *(of[one["table"]] for one in columns)]
        for key, label in labels(ask):
            name = f"{respect}: {label}" if len(ask.criteria) > 1 else label
            cells = [_cell(group, group.get("counts", {}).get(key)) for group in groups]
            body.append((name, *cells))
        cells = [_cell(group, group.get("abstained")) for group in groups]
        body.append((pictures.abstained("people"), *cells))
    held = any(one.get("suppressed") for one in columns)
    notes = (_("–: too few to show"),) if held else ()
    return Table(caption, head, tuple(body), notes)


def _cell(group: Json, n: int | None) -> str:
    return "–" if group.get("suppressed") or n is None else str(n)


def labels(ask: Ask) -> list[tuple[str, str]]:
    """Return what is counted of each item in a round, with its name."""
    if ask.is_pick:
        return [("chosen", _("Chosen"))]
    if ask.kind == "allocate":
        return [("points", _("Points"))]
    if ask.kind == "rank":
        places = range(1, min(ask.most, len(ask.items)) + 1)
        return [(str(one), _("Place %(place)d") % {"place": one}) for one in places]
    return [(one.key, one.label) for one in ask.points]


def _respects(ask: Ask) -> list[str]:
    if len(ask.criteria) == 1:
        return [_("Answer")]
    return [one.label for one in ask.criteria]


def _caption(item: AskedItem, whose: str) -> str:
    return f"{item.number} {item.short}: {whose}"
