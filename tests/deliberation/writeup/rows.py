"""Results of one round as plain values, for sentences about them."""

from deliberation.kinds.base import Ask, AskedCriterion, AskedItem, AskedPoint
from deliberation.writeup.heard import Topic
from deliberation.writeup.sentences import of_item

THREE_WAY = {
    "unproblematic": "Unproblematic",
    "difficult": "Difficult to deliver",
    "inconsistent": "Worthy but inconsistent",
}
AGREE = {
    "strongly-disagree": "Strongly disagree",
    "disagree": "Disagree",
    "neither": "Neither",
    "agree": "Agree",
    "strongly-agree": "Strongly agree",
}
SCALES = {"assess": THREE_WAY, "rate": AGREE}
STATES = ("abstain", "not-discussed")


def make_ask(kind: str, *, items=("a", "b"), criteria=("",), total=100) -> Ask:
    return Ask(
        kind=kind,
        items=tuple(
            AskedItem(
                number, key, number, f"Item {key} at length", f"Item {key}", "", 1
            )
            for number, key in enumerate(items, start=1)
        ),
        criteria=tuple(
            AskedCriterion(number, key, key.capitalize())
            for number, key in enumerate(criteria, start=1)
        ),
        points=tuple(
            AskedPoint(value, key, label, label, "")
            for value, (key, label) in enumerate(SCALES.get(kind, {}).items(), start=1)
        ),
        abstain=True,
        reasons="optional",
        least=0,
        most=2,
        total=total,
    )


def keys_of(ask: Ask) -> list[str]:
    """Return what is counted of an item."""
    if ask.is_pick:
        return ["chosen"]
    if ask.kind == "rank":
        return ["1", "2"]
    return ["points"] if ask.kind == "allocate" else [one.key for one in ask.points]


def by_tables(ask: Ask, item: str, answers: dict, *, criterion="", **measures) -> dict:
    """Return a row of tables. answers: number to a key, a state, points, or `other`."""
    rows = [_table(ask, number, answer) for number, answer in answers.items()]
    counts = {key: sum(row["counts"][key] for row in rows) for key in keys_of(ask)}
    given = sum(1 for row in rows if row["counts"].get("points"))
    return {
        "item": item,
        "wording": 1,
        "criterion": criterion,
        "n": sum(row["n"] for row in rows),
        "abstained": sum(row["abstained"] for row in rows),
        "not_discussed": sum(row["not_discussed"] for row in rows),
        "counts": counts,
        "by_table": rows,
        "by_organisation": [],
        "measures": {"supporters": given} | measures,
    }


def _table(ask: Ask, number: int, answer) -> dict:
    counts = dict.fromkeys(keys_of(ask), 0)
    if isinstance(answer, int):
        counts["points"] = answer
    elif answer in counts:
        counts[answer] = 1
    return {
        "table": number,
        "n": int(answer not in STATES),
        "abstained": int(answer == "abstain"),
        "not_discussed": int(answer == "not-discussed"),
        "counts": counts,
    }


def by_people(
    ask: Ask, item: str, counts: dict, *, n=None, abstained=0, criterion="", **measures
) -> dict:
    """Return a row of people. n: of those who gave a view, if counts do not say it."""
    return {
        "item": item,
        "wording": 1,
        "criterion": criterion,
        "n": sum(counts.values()) if n is None else n,
        "abstained": abstained,
        "not_discussed": 0,
        "counts": dict.fromkeys(keys_of(ask), 0) | counts,
        "by_table": [],
        "by_organisation": [],
        "measures": measures,
    }


def found_of(tables: list | None, people: list | None, *, number=1) -> dict:
    """Return the results of a round from the rows of its voices."""
    voices = {"people": people, "tables": tables}
    return {
        "prompt": "options/pick",
        "round": number,
        "status": "closed",
        "voices": {
            voice: {"items": rows, "responded": 1, "present": 1, "measures": {}}
            if rows is not None
            else {}
            for voice, rows in voices.items()
        },
    }


def said(
    ask: Ask,
    *,
    tables: dict | None = None,
    people: dict | None = None,
    rooms: int = 4,
    touched: bool = True,
    number: int = 1,
    item: str = "b",
    **options,
) -> str:
    """Return what is said of item `b` in every respect alike."""
    criteria = [one.key for one in ask.criteria]
    found = found_of(
        None
        if tables is None
        else [by_tables(ask, item, tables, criterion=one) for one in criteria],
        None
        if people is None
        else [
            by_people(ask, item, people, criterion=one, **options) for one in criteria
        ],
        number=number,
    )
    numbers = tuple(range(1, rooms + 1))
    topic = Topic("options/pick", number, ask, ask.item(item), numbers, touched)
    return " ".join(one.text for one in of_item(topic, found))
