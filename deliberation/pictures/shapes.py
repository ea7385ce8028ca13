"""What all pictures share: what they are given, and how it is named and written."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, TypedDict

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .signs import Mark

type Voice = Literal["people", "tables"]
type Result = Mapping[str, Any]
type Item = Mapping[str, Any]


class Names(TypedDict):
    number: str
    label: str
    text: str


def word(key: str | None) -> str:
    """The one word that a fixed rule gives to an item, in the reader's language."""
    words = {
        "agreed": _("Agreed"),
        "rejected": _("Rejected"),
        "split": _("Split"),
        "lukewarm": _("Lukewarm"),
        "mixed": _("Mixed"),
    }
    return words.get(key or "", "")


def how_many(n: int, voice: Voice) -> str:
    if voice == "tables":
        return ngettext("%(n)d table", "%(n)d tables", n) % {"n": n}
    return ngettext("%(n)d person", "%(n)d people", n) % {"n": n}


def abstained(voice: Voice) -> str:
    """Say what abstaining means: a person has no view, a table finds no agreement."""
    return _("Could not agree") if voice == "tables" else _("No view")


def by_item_key(results: Iterable[Result], criterion: str) -> dict[str, Result]:
    return {r["item"]: r for r in results if r.get("criterion", "") == criterion}


def names_of(item: Item) -> Names:
    text = str(item.get("text") or "")
    return Names(
        number=str(item.get("number") or ""),
        label=str(item.get("short") or text or item["key"]),
        text=text,
    )


def total_of(result: Result, scale: Sequence[Mark]) -> int:
    counts = result.get("counts", {})
    return sum(counts.get(mark["key"], 0) for mark in scale)


def share_of(whole: float, parts: float) -> float:
    return whole / parts if parts else 0.0


def percent(value: float) -> str:
    return f"{value:.2f}%"


def join_id(*parts: str) -> str:
    return "-".join(part for part in parts if part)
