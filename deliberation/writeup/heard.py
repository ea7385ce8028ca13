"""What each voice said of an item: claims, how many make them, and which tables."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from deliberation.kinds.base import Ask, AskedItem
from deliberation.writeup.phrases import (
    PEOPLE,
    TABLES,
    counted,
    named,
    number,
    quoted,
    share,
)
from deliberation.writeup.structure import Json, Run

NO_CLAIM = ("not", "0")  # not chosen; not placed

type Count = Mapping[str, int]


@dataclass(frozen=True)
class Topic:
    """What a sentence is about: an item, as it was asked in one round.

    tables: the numbers of all tables. touched: whether points or reasons are about it.
    """

    path: str
    round: int
    ask: Ask
    item: AskedItem
    tables: tuple[int, ...]
    touched: bool = False

    @property
    def name(self) -> str:
        return called(self.item)

    def key(self, voice: str) -> str:
        return records_key(self.path, self.round, voice, self.item.key)

    def about(self, voice: str) -> str:
        return f"answers:{self.path}#{self.round}/{voice}/{self.item.key}"


@dataclass(frozen=True)
class Heard:
    """What one voice said of an item in one respect: claims and who makes them.

    claims: what could be said, in the order of the scale, as it stands in a sentence.
    counts: how many said it; by: the tables that did. total: of the people who gave a
    view, or of all tables. could_not, left_out, silent: tables without a view.
    """

    voice: str
    total: int
    claims: Mapping[str, str]
    counts: Count
    by: Mapping[str, tuple[int, ...]]
    key: str
    abstained: int = 0
    could_not: tuple[int, ...] = ()
    left_out: tuple[int, ...] = ()
    silent: tuple[int, ...] = ()
    withheld: bool = False

    @property
    def n(self) -> int:
        return sum(self.counts.values())

    @property
    def missing(self) -> int:
        """How many tables could still change what would be said."""
        return self.total - self.n if self.voice == TABLES else 0

    @property
    def made(self) -> list[str]:
        """The claims that somebody made, in the order of the scale."""
        return [claim for claim in self.claims if self.counts.get(claim)]

    @property
    def leading(self) -> list[str]:
        most = max(self.counts.values(), default=0)
        return [claim for claim in self.made if self.counts[claim] == most]

    def share(self, claim: str) -> Run:
        """Say how many of all make a claim; none only as far as there are answers."""
        n = self.counts.get(claim, 0)
        if not n and self.missing:
            return Run(_("no table that answered"), self.key)
        return share(self.voice, n, self.total, self.key)

    def who(self, claim: str, *, alone: bool = False) -> Run:
        """Name the tables, or count the people, that make a claim.

        alone: the sentence has not said yet that it is about people.
        """
        n = self.counts[claim]
        if n == self.total > 1:
            return self.share(claim)
        if self.voice == TABLES:
            return named(self.by[claim], self.key)
        if alone:
            return counted(PEOPLE, n, self.total, self.key)
        return Run(number(n, self.total), self.key)

    def is_made_by_most(self, claim: str) -> bool:
        return 2 * self.counts.get(claim, 0) > self.total

    def is_made_by_few(self, claim: str) -> bool:
        """Tell whether fewer than half say it, however those missing would answer."""
        return 2 * (self.counts.get(claim, 0) + self.missing) < self.total


def records_key(path: str, number: int, voice: str, item: str = "") -> str:
    """Name the records behind a figure; fit for an anchor."""
    parts = ["records", *path.split("/"), str(number), voice]
    return ".".join([*parts, item] if item else parts)


def called(item: AskedItem) -> str:
    """Name an item: `(b)` by a key of one letter, else what it is called."""
    if len(item.key) == 1 and item.key.isalpha():
        return f"({item.key})"
    return quoted(item.short)


def heard_of(topic: Topic, voice: str, row: Json) -> Heard:
    claims, counts, by = _claims(topic.ask, voice, row)
    answered = {table["table"]: table for table in _tables(row)}
    asked = topic.tables if voice == TABLES else ()

    def those(state: str) -> tuple[int, ...]:
        return tuple(t for t in asked if answered.get(t, {}).get(state))

    could_not, left_out = those("abstained"), those("not_discussed")
    given = those("n")
    return Heard(
        voice=voice,
        total=len(topic.tables) if voice == TABLES else row["n"],
        claims=claims,
        counts=counts,
        by=by,
        key=topic.key(voice),
        abstained=row["abstained"],
        could_not=could_not,
        left_out=left_out,
        silent=tuple(t for t in asked if t not in {*given, *could_not, *left_out}),
        withheld=bool(row.get("suppressed")),
    )


def _tables(row: Json) -> list[Json]:
    return [table for table in row["by_table"] if not table.get("suppressed")]


def _claims(
    ask: Ask, voice: str, row: Json
) -> tuple[dict[str, str], dict[str, int], dict[str, tuple[int, ...]]]:
    """Return what can be said of an item, how many said it, and which tables."""
    counts = row["counts"]
    if ask.is_pick:
        claims = {"chosen": "", "not": ""}
    elif ask.kind == "rank":
        claims = {place: _place(int(place)) for place in counts} | {"0": ""}
    elif ask.kind == "rate" and voice == PEOPLE:
        claims = _sides(ask)
    else:
        claims = {one.key: one.label for one in ask.points}
    by = {
        claim: tuple(
            table["table"]
            for table in _tables(row)
            if _number_of(ask, claim, table, voice)
        )
        for claim in claims
    }
    return claims, {c: _number_of(ask, c, row, voice) for c in claims}, by


def _number_of(ask: Ask, claim: str, row: Json, voice: str) -> int:
    counts = row["counts"]
    if ask.is_pick:
        chosen = counts["chosen"]
        return chosen if claim == "chosen" else row["n"] - chosen
    if ask.kind == "rank" and claim == "0":
        return row["n"] - sum(counts.values())
    if ask.kind == "rate" and voice == PEOPLE:
        return sum(counts[point] for point in _points_of_side(ask, claim))
    return counts.get(claim, 0)


def _place(place: int) -> str:
    words = {1: _("first"), 2: _("second"), 3: _("third")}
    return words.get(place) or _("in place %(place)s") % {"place": place}


def _sides(ask: Ask) -> dict[str, str]:
    """Name the sides of an ordinal scale by its ends."""
    return {
        "above": ask.points[-1].label,
        "below": ask.points[0].label,
        "middle": "",
    }


def _points_of_side(ask: Ask, side: str) -> list[str]:
    """Return the points of a scale on one side of its middle, by position."""
    half, keys = len(ask.points) // 2, [point.key for point in ask.points]
    sides = {
        "below": keys[:half],
        "middle": keys[half : len(keys) - half],
        "above": keys[len(keys) - half :],
    }
    return sides[side]
