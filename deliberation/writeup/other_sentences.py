"""Sentences on who moved between rounds, on points written, and on tables' reasons."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deliberation.kinds.base import Ask
from deliberation.writeup.heard import Topic
from deliberation.writeup.phrases import (
    PEOPLE,
    TABLES,
    Piece,
    compose,
    counted,
    listed,
    named,
    number,
    quoted,
    sentence,
)
from deliberation.writeup.structure import Json, Run, Sentence

MOST_GAPS = 3  # tables whose own people are told of one by one
LONGEST_REASON = 160  # characters that are quoted in a sentence


def of_movement(topic: Topic, voice: str, row: Json) -> list[Sentence]:
    """Say how many of those who answered in both rounds moved, and which way."""
    moved = row["measures"]
    both = moved.get("both", 0)
    about = [topic.about(voice)]
    if not both or (voice == TABLES and both < 2):
        return []
    if moved["same"] is None:
        text = _("Too few people answered in both rounds to show who moved.")
        return [sentence(text, about)]
    key = topic.key(voice)
    if voice == TABLES:
        who = ngettext("%(n)s table", "%(n)s tables", both)
    else:
        who = ngettext("%(n)s person", "%(n)s people", both)
    figures: dict[str, Piece] = {
        "who": Run(who % {"n": number(both)}, key),
        "before": str(moved["since"]),
        "after": str(topic.round),
    }
    for name, n in _moves(moved).items():
        figures[name] = Run(number(n, both) if n else _("none"), key)
    return [sentence(_moved_text(topic.ask), about, **figures)]


def of_own_and_table(topic: Topic, rows: Sequence[Json]) -> list[Sentence]:
    """Say where a table's answer was that of fewer than half of its people.

    rows: the tables' people, as the results have them. Each table by itself, or only
    how many tables, where they are many.
    """
    gaps = {row["table"]: row["own_and_table"] for row in rows if _differs(row)}
    about = [topic.about(TABLES), topic.about(PEOPLE)]
    key = topic.key(PEOPLE)
    if len(gaps) > MOST_GAPS:
        text = _(
            "At %(n)s of %(total)s tables the table’s answer was that of fewer than"
            " half of its people."
        )
        n = Run(number(len(gaps), len(topic.tables)), key)
        total = number(len(topic.tables), len(gaps))
        return [sentence(text, about, n=n, total=total)]
    return [
        sentence(
            _(
                "At %(table)s the table’s answer was that of %(n)s of its %(total)s"
                " people."
            ),
            about,
            table=named([table]),
            n=Run(
                number(gap["as_table"], gap["of"]) if gap["as_table"] else _("none"),
                key,
            ),
            total=Run(number(gap["of"], gap["as_table"] or 1), key),
        )
        for table, gap in gaps.items()
    ]


def _differs(row: Json) -> bool:
    gap = row.get("own_and_table")
    return bool(gap) and 2 * gap["as_table"] < gap["of"]


def _moves(moved: Json) -> dict[str, int]:
    if moved["up"] is None:
        return {"changed": moved["both"] - moved["same"]}
    return {name: moved[name] for name in ("up", "down", "same")}


def _moved_text(ask: Ask) -> str:
    if ask.kind == "assess":
        return _(
            "Of %(who)s who answered in rounds %(before)s and %(after)s, %(changed)s"
            " changed the answer."
        )
    if ask.kind == "rate":
        return _(
            "Of %(who)s who answered in rounds %(before)s and %(after)s, %(up)s moved"
            " up the scale, %(down)s down, and %(same)s stayed."
        )
    if ask.kind == "rank":
        return _(
            "Of %(who)s who answered in rounds %(before)s and %(after)s, %(up)s ranked"
            " it higher, %(down)s lower, and %(same)s as before."
        )
    return _(
        "Of %(who)s who answered in rounds %(before)s and %(after)s, %(up)s came to"
        " choose it, %(down)s no longer did, and %(same)s stayed."
    )


def of_points(
    n: int, tables: Sequence[int], people: bool, *, about: str, key: str, is_part: bool
) -> Sentence:
    """Say how many points answer a question, and from whom.

    n: points. tables: those among the writers. people: whether any are. is_part: the
    question is one part of several.
    """
    if not n and is_part:
        return sentence(_("Nothing is recorded on this part by itself."), [about])
    if not n:
        text = _("This was put to the room, and no answer is recorded.")
        return sentence(text, [about])
    who: list[Piece] = [named(tables, key)] if tables else []
    who += [_("people")] * people
    text = ngettext(
        "%(n)s point is recorded, from %(who)s.",
        "%(n)s points are recorded, from %(who)s.",
        n,
    )
    return sentence(text, [about], n=Run(number(n), key), who=listed(who))


def of_reason(topic: Topic, reason: str, tables: Sequence[int]) -> Sentence | None:
    """Quote why tables judged an item so; None for what is too long to be quoted."""
    if len(reason) > LONGEST_REASON or "\n" in reason:
        return None
    said = quoted(reason.removesuffix("."))
    about, key = [topic.about(TABLES)], topic.key(TABLES)
    if len(tables) == 1:
        text = _("%(table)s gave a reason: %(reason)s.")
        return sentence(text, about, table=named(tables, key), reason=said)
    text = _("%(n)s (%(numbers)s) gave the same reason: %(reason)s.")
    numbers = listed([str(one) for one in tables])
    n = counted(TABLES, len(tables), len(tables), key)
    return sentence(text, about, n=n, numbers=numbers, reason=said)


def of_proposals(
    rewordings: int, items: Sequence[str], new: int, *, about: str, key: str
) -> Sentence | None:
    """Say how many rewordings of which items and how many new ones are proposed.

    items: as sentences call them. None where nothing is proposed.
    """
    pieces: list[Piece] = []
    if rewordings:
        text = ngettext("%(n)s rewording", "%(n)s rewordings", rewordings)
        n = Run(number(rewordings), key)
        made = compose(text, n=n)
        if items:
            of = listed(list(items))
            made = compose(
                _("%(rewordings)s (of %(items)s)"), rewordings=made, items=of
            )
        pieces.append(made)
    if new:
        text = ngettext("%(n)s new item", "%(n)s new items", new)
        pieces.append(compose(text, n=Run(number(new), key)))
    if not pieces:
        return None
    text = ngettext("%(what)s is proposed.", "%(what)s are proposed.", rewordings + new)
    return sentence(text, [about], what=listed(pieces))


def of_themes(parts: int, themes: int, *, about: str, key: str) -> Sentence:
    """Say that several parts of a question are told under other headings."""
    text = _("This was asked in %(parts)s parts and is told under %(themes)s.")
    headings = ngettext("%(n)s theme", "%(n)s themes", themes)
    told = Run(headings % {"n": number(themes)}, key)
    return sentence(text, [about], parts=Run(number(parts), key), themes=told)


def of_asked_again(path: str) -> Sentence:
    """Say that some items were asked again after the round that is told."""
    text = _("Some items were asked again after that; each is told as it was put last.")
    return sentence(text, (f"prompt:{path}",))
