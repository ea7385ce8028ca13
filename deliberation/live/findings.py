"""What a result says in one line, by fixed rules, for the head of the screen.

A claim is made only where the rule holds for the stored counts; otherwise there is no
finding and the question stands there instead. Ties are said to be ties.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.humanize.templatetags.humanize import apnumber
from django.utils.translation import gettext as _

from deliberation.aggregation import agreement
from deliberation.aggregation.least import (
    LEAST_FOR_INDEX,
    LEAST_SHOWN,
    least_for_index,
    least_shown,
)

__all__ = ["LEAST_FOR_INDEX", "LEAST_SHOWN", "least_for_index", "least_shown"]

type Result = Mapping[str, Any]
type Names = Mapping[str, str]

MOST = 75  # per cent: "nearly everybody"
HALF = 50  # per cent: no category has as much


def of_tables(
    results: Sequence[Result], *, items: Names, points: Names, tables: int
) -> str:
    """Sum up the tables' own answers: one category or point each.

    items, points: labels by key, in their order. tables: how many there are. Returns
    "" while a table that is missing could still change what would be said.
    """
    if tables < 2:
        return ""
    same = [
        (result["item"], answer)
        for result in results
        if (answer := _only_answer(result["counts"], tables))
    ]
    everybody = all_tables(tables)
    if len(same) == 1:
        item, answer = same[0]
        return _("%(item)s: %(answer)s for %(tables)s") % {
            "item": items[item],
            "answer": in_a_sentence(points[answer]),
            "tables": everybody,
        }
    if same:
        return _agreed_on(everybody, len(same), len(results))
    if any(sum(result["counts"].values()) < tables for result in results):
        return ""
    apart = _furthest_apart(results)
    if len(apart) == 1:
        return _("Tables differ most on %(item)s") % {"item": items[apart[0]]}
    return _agreed_on(everybody, 0, len(results))


def at_tables(
    results: Sequence[Result], *, items: Names, points: Names, tables: int
) -> str:
    """Sum up the answers that lead among the people at each table."""
    leading = {
        result["item"]: [_leading(table["counts"]) for table in result["by_table"]]
        for result in results
    }
    if tables < 2 or any(None in found for found in leading.values()):
        return ""
    tallied = [
        {"item": item, "counts": {point: found.count(point) for point in points}}
        for item, found in leading.items()
        if len(found) == tables
    ]
    same = [
        (tally["item"], answer)
        for tally in tallied
        if (answer := _only_answer(tally["counts"], tables))
    ]
    if len(same) == 1:
        item, answer = same[0]
        return _("%(item)s: %(answer)s leads at %(tables)s") % {
            "item": items[item],
            "answer": in_a_sentence(points[answer]),
            "tables": all_tables(tables),
        }
    if same:
        return _("The same answer leads at %(tables)s on %(n)s of %(total)s") % {
            "tables": all_tables(tables),
            **written(n=len(same), total=len(results)),
        }
    apart = _furthest_apart(tallied)
    if len(apart) == 1:
        return _("Tables differ most on %(item)s") % {"item": items[apart[0]]}
    return ""


def of_assessing(results: Sequence[Result], *, items: Names, points: Names) -> str:
    """Sum up how people assessed items: nearly all alike, or furthest apart."""
    counted = [result for result in results if result["n"] >= LEAST_FOR_INDEX]
    if not counted or len(counted) < len(results):
        return ""
    most = {r["item"]: max(r["counts"].values()) for r in counted}
    asked = {r["item"]: r["n"] for r in counted}
    alike = [item for item in most if 100 * most[item] >= MOST * asked[item]]
    if alike:
        best = max(most[item] / asked[item] for item in alike)
        leading = [item for item in alike if most[item] / asked[item] == best]
        if len(leading) == 1:
            return _one_leads(leading[0], counted, items, points)
        return _("Three in four or more judge alike on %(n)s of %(total)s") % written(
            n=len(alike), total=len(results)
        )
    least = min(most[item] / asked[item] for item in most)
    divided = [item for item in most if most[item] / asked[item] == least]
    if len(divided) == 1 and 100 * least < HALF:
        return _("Views differ most on %(item)s") % {"item": items[divided[0]]}
    return ""


def of_rating(results: Sequence[Result], *, items: Names) -> str:
    """Sum up ratings on one criterion by the words that the fixed rule gives."""
    words = {
        r["item"]: r["measures"].get("word")
        for r in results
        if r["n"] >= LEAST_FOR_INDEX
    }
    if len(words) < len(results):
        return ""
    agreed = [item for item, word in words.items() if word == "agreed"]
    split = [item for item, word in words.items() if word == "split"]
    if len(agreed) == 1:
        return _("Agreed: %(item)s") % {"item": items[agreed[0]]}
    if agreed:
        return _("Agreed on %(n)s of %(total)s") % written(
            n=len(agreed), total=len(results)
        )
    if len(split) == 1:
        return _("The room is split on %(item)s") % {"item": items[split[0]]}
    if split:
        return _("The room is split on %(n)s of %(total)s") % written(
            n=len(split), total=len(results)
        )
    return ""


def of_two_criteria(
    results: Sequence[Result],
    *,
    items: Names,
    criteria: Names,
    least: int = LEAST_FOR_INDEX,
) -> str:
    """Say which item comes first on both criteria, if one does.

    criteria: two labels by key. least: answers that every item must have.
    """
    if any(result["n"] < least for result in results) or len(items) < 2:
        return ""
    first = []
    for criterion in criteria:
        means = {
            r["item"]: r["measures"]["mean"]
            for r in results
            if r["criterion"] == criterion
        }
        best = max(means.values())
        first.append({item for item, mean in means.items() if mean == best})
    one, other = (in_a_sentence(label) for label in criteria.values())
    on_both = first[0] & first[1]
    if len(first[0]) == len(first[1]) == 1 and on_both:
        return _("First on both %(one)s and %(other)s: %(item)s") % {
            "item": items[on_both.pop()],
            "one": one,
            "other": other,
        }
    if not on_both:
        return _("Nothing is first on both %(one)s and %(other)s") % {
            "one": one,
            "other": other,
        }
    return ""


def of_picking(
    results: Sequence[Result], *, items: Names, least: int = LEAST_SHOWN
) -> str:
    """Say which item most respondents chose; level items are said to be level."""
    asked = max((result["n"] for result in results), default=0)
    leading, most = _most_of(results, "chosen")
    if asked < least or not most:
        return ""
    if len(leading) == 1:
        return _("Most chosen: %(item)s, %(n)d of %(total)d") % {
            "item": items[leading[0]],
            "n": most,
            "total": asked,
        }
    return _level(leading, most, asked, items)


def of_ranking(
    result: Result,
    *,
    items: Names,
    least: int = LEAST_SHOWN,
    least_for_pairs: int = LEAST_FOR_INDEX,
) -> str:
    """Say which item most put first, and whether the same one wins head to head.

    result: of one voice, as in the results JSON. least: rankings below which nothing
    is said; least_for_pairs: below which nothing is said about head to head.
    """
    asked = result["measures"].get("ballots", 0)  # none where they are withheld
    leading, most = _most_of(result["items"], "1")
    if asked < least or not most:
        return ""
    winner = result["measures"]["condorcet_winner"]
    told = {"item": items[leading[0]], "n": most, "total": asked}
    if asked >= least_for_pairs and leading == [winner]:
        return (
            _("%(item)s leads: first for %(n)d of %(total)d, and head to head") % told
        )
    if len(leading) == 1:
        first = _("Most often first: %(item)s, %(n)d of %(total)d") % told
    else:
        first = _level(leading, most, asked, items)
    if asked < least_for_pairs:
        return first
    if winner is None:
        return _("%(first)s; head to head, nothing beats all others") % {"first": first}
    return _("%(first)s; head to head, %(item)s beats all others") % {
        "first": first,
        "item": items[winner],
    }


def head_to_head(measures: Result, *, items: Names, numbers: Names) -> str:
    """Say in a sentence which item beats each other one, or why none does.

    measures: those of a ranking, of one voice. numbers: the items', by key; a circle of
    names would be longer than the wall.
    """
    winner, cycle = measures["condorcet_winner"], measures["cycle"]
    if winner is not None:
        return _("Head to head, %(item)s beats each of the others.") % {
            "item": items[winner]
        }
    if not cycle:
        return _("Head to head, no item beats all others: some are level.")
    beaten = [*cycle[1:], cycle[0]]
    duels = [
        _("%(one)s beats %(other)s") % {"one": numbers[one], "other": numbers[other]}
        for one, other in zip(cycle, beaten, strict=True)
    ]
    return _("Head to head, no item beats all others: %(duels)s.") % {
        "duels": ", ".join(duels)
    }


RULES = {
    "plurality": lambda: _("Most first places"),
    "borda": lambda: _("Borda: one for each item ranked below"),
    "condorcet": lambda: _("Condorcet: beats each other one head to head"),
    "schulze": lambda: _("Schulze: beats the others by the strongest paths"),
    "irv": lambda: _("Instant run-off: the last drops out, again and again"),
}


def announced(rule: str) -> str:
    """Say by which rule a ranking will be decided; empty if none was announced."""
    texts = {
        "": lambda: "",
        "plurality": lambda: _("The item with most first places wins."),
        "borda": lambda: _(
            "Each item gets a point for every item ranked below it; most points win."
        ),
        "schulze": lambda: _(
            "The item that beats the others head to head wins (Schulze’s rule)."
        ),
        "irv": lambda: _(
            "The item with fewest first places drops out, again and again, until one"
            " has more than half (instant run-off)."
        ),
    }
    return texts[rule]()


def by_announced_rule(measures: Result, *, items: Names) -> str:
    """Say who wins a ranking by the rule announced before the vote, if one was."""
    rule = measures.get("announced")
    if rule is None:
        return ""
    names = {
        "plurality": _("most first places"),
        "borda": _("Borda"),
        "schulze": _("Schulze"),
        "irv": _("instant run-off"),
    }
    told = {"rule": names[rule]}
    winners = [items[item] for item in measures["winners"][rule]]
    if len(winners) == 1:
        told["item"] = winners[0]
        return _("By the rule announced before (%(rule)s), %(item)s wins.") % told
    told["items"] = ", ".join(winners)
    return _("By the rule announced before (%(rule)s), these are level: %(items)s.") % (
        told
    )


def of_allocating(result: Result, *, items: Names, least: int = LEAST_SHOWN) -> str:
    """Say which item got most points; and which got points from most, if another did.

    result: of one voice, as in the results JSON.
    """
    rows = result["items"]
    asked = max((row["n"] for row in rows), default=0)
    leading, most = _most_of(rows, "points")
    if asked < least or not most:
        return ""
    if len(leading) > 1:
        return _("Level with %(n)d points each: %(items)s") % {
            "n": most,
            "items": ", ".join(items[item] for item in leading),
        }
    given = sum(row["counts"]["points"] for row in rows)
    told = {"item": items[leading[0]], "n": most, "total": given}
    text = _("Most points: %(item)s, %(n)d of the %(total)d given") % told
    givers = {row["item"]: row["measures"]["supporters"] for row in rows}
    more = [item for item, n in givers.items() if n == max(givers.values())]
    if len(more) == 1 and more != leading:
        return _("%(text)s; from most hands: %(other)s") % {
            "text": text,
            "other": items[more[0]],
        }
    return text


def _most_of(results: Sequence[Result], counted: str) -> tuple[list[str], int]:
    """Return the items with the highest count, and that count."""
    counts = {result["item"]: result["counts"][counted] for result in results}
    most = max(counts.values(), default=0)
    return [item for item, count in counts.items() if count == most], most


def _level(leading: Sequence[str], most: int, asked: int, items: Names) -> str:
    if len(leading) == 2:
        return _("Level: %(one)s and %(other)s, %(n)d of %(total)d each") % {
            "one": items[leading[0]],
            "other": items[leading[1]],
            "n": most,
            "total": asked,
        }
    return _("%(items)s are level: %(n)d of %(total)d each") % {
        "items": str(apnumber(len(leading))).capitalize(),
        "n": most,
        "total": asked,
    }


def word_rule(rule: agreement.WordRule = agreement.WORD_RULE) -> str:
    """Say by which rule ratings are put in a word, to be read before anybody votes."""
    return _(
        "From %(least)d answers on, an item is put in a word: Agreed, if %(agreed)d %%"
        " or more are above the middle of the scale and at most %(opposed)d %% below;"
        " Rejected, the other way round; Split, if %(split)d %% or more are on either"
        " side; Lukewarm, if %(lukewarm)d %% or more are on the middle; otherwise"
        " Mixed."
    ) % {
        "least": rule.least_answers,
        "agreed": rule.agreed,
        "opposed": rule.opposed,
        "split": rule.split,
        "lukewarm": rule.lukewarm,
    }


def in_a_sentence(label: str) -> str:
    """Return a label as it stands inside a sentence: `unproblematic`, but `EU law`."""
    if label[1:2].islower():
        return label[:1].lower() + label[1:]
    return label


def _only_answer(counts: Mapping[str, int], tables: int) -> str | None:
    return next((answer for answer, n in counts.items() if n == tables), None)


def _leading(counts: Mapping[str, int]) -> str | None:
    """The answer that most gave; None for a tie or too few answers."""
    most = max(counts.values(), default=0)
    leading = [answer for answer, n in counts.items() if n == most]
    enough = sum(counts.values()) >= LEAST_SHOWN
    return leading[0] if enough and len(leading) == 1 else None


def _furthest_apart(tallied: Sequence[Result]) -> list[str]:
    """The items with most different answers; among those, with the smallest lead."""

    def spread(tally: Result) -> tuple[int, int]:
        counts = tally["counts"].values()
        return sum(1 for n in counts if n), -max(counts)

    widest = max(map(spread, tallied), default=None)
    return [tally["item"] for tally in tallied if spread(tally) == widest]


def _one_leads(
    item: str, counted: Sequence[Result], items: Names, points: Names
) -> str:
    result = next(result for result in counted if result["item"] == item)
    most = max(result["counts"].values())
    answer = next(key for key, n in result["counts"].items() if n == most)
    if most == result["n"]:
        whole = _("%(item)s: %(answer)s for all %(n)d")
    else:
        whole = _("%(item)s: %(answer)s for %(n)d of %(total)d")
    return whole % {
        "item": items[item],
        "answer": in_a_sentence(points[answer]),
        "n": most,
        "total": result["n"],
    }


def all_tables(tables: int) -> str:
    """Name all of so many tables, at least two, inside a sentence."""
    if tables == 2:
        return _("both tables")
    return _("all %(n)s tables") % written(n=tables)


def _agreed_on(everybody: str, n: int, total: int) -> str:
    if n == 0:
        text = _("%(tables)s agree on none of the %(total)s")
    elif n == total:
        text = _("%(tables)s agree on every one of the %(total)s")
    else:
        text = _("%(tables)s agree on %(n)s of the %(total)s")
    text = text % {"tables": everybody, **written(n=n, total=total)}
    return text[:1].upper() + text[1:]


def written(**numbers: int) -> dict[str, str]:
    """Write a sentence's numbers alike: words, or figures if one is above ten."""
    if max(numbers.values()) > 10:
        return {name: str(n) for name, n in numbers.items()}
    return {
        name: _("ten") if n == 10 else str(apnumber(n)) for name, n in numbers.items()
    }
