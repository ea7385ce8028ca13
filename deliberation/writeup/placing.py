"""Where points stand in the document: each once, and named where else it belongs.

A point under a theme stands there; a dissent without one among the dissents, a proposed
item among those; any other point under the first of the items that it is about, or at
the end if it is about none. The other items say under which headings there is more.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from deliberation.kinds.base import AskedItem
from deliberation.writeup.heard import called
from deliberation.writeup.phrases import listed, quoted, sentence
from deliberation.writeup.stored import Said
from deliberation.writeup.structure import Contribution, Contributions, Sentence


@dataclass
class Placed:
    """A prompt's points under their headings, in order; `more` by item."""

    themes: list[Contributions] = field(default_factory=list)
    items: dict[str, Contributions] = field(default_factory=dict)
    dissents: list[Contributions] = field(default_factory=list)
    others: list[Contributions] = field(default_factory=list)
    new: list[Contributions] = field(default_factory=list)
    also: list[Contributions] = field(default_factory=list)
    more: dict[str, Sentence] = field(default_factory=dict)


def place(
    points: Iterable[Said],
    *,
    items: Sequence[AskedItem],
    themes: Sequence[str],
    put_in: Iterable[str] = (),
) -> Placed:
    """Put the points of a prompt under headings.

    put_in: records of points that somebody wants in the document besides.
    """
    by_key = {item.key: item for item in items}
    order = [item.key for item in items]
    lines: dict[tuple[str, str], list[Contribution]] = defaultdict(list)
    more: dict[str, list[str]] = defaultdict(list)
    for one in points:
        about = sorted((key for key in one.items if key in by_key), key=order.index)
        heading = _heading(one, about, set(put_in))
        if heading is None:
            continue
        lines[heading].append(_line(one, heading, [by_key[key] for key in about]))
        for key in about:
            title = _title(heading, by_key)
            if heading != ("item", key) and title not in more[key]:
                more[key].append(title)
    return Placed(
        themes=[
            Contributions(title, tuple(lines["theme", title]))
            for title in themes
            if ("theme", title) in lines
        ],
        items={
            key: Contributions("", tuple(lines["item", key]))
            for key in order
            if ("item", key) in lines
        },
        dissents=_of(lines, "dissent", _("Dissent")),
        others=_of(lines, "other", ""),
        new=_of(lines, "new", _("Proposed new items")),
        also=_of(lines, "also", _("Also recorded")),
        more={key: _more(headings) for key, headings in more.items()},
    )


def _heading(
    one: Said, about: Sequence[str], put_in: set[str]
) -> tuple[str, str] | None:
    if not one.is_printed:
        return ("also", "") if one.record in put_in else None
    if one.theme:
        return "theme", one.theme
    if one.kind == "dissent":
        return "dissent", ""
    if one.kind == "new-item":
        return "new", ""
    return ("item", about[0]) if about else ("other", "")


def _of(
    lines: Mapping[tuple[str, str], list[Contribution]], heading: str, title: str
) -> list[Contributions]:
    found = lines.get((heading, ""))
    return [Contributions(title, tuple(found))] if found else []


def _line(
    one: Said, heading: tuple[str, str], about: Sequence[AskedItem]
) -> Contribution:
    is_plain = heading[0] == "item" and len(about) == 1
    return Contribution(
        text=one.text,
        kind=one.kind,
        said_by=one.said_by,
        about=() if is_plain else tuple(f"{i.number} {i.short}" for i in about),
        times=one.times,
        record=one.record,
    )


def _title(heading: tuple[str, str], items: Mapping[str, AskedItem]) -> str:
    where, name = heading
    if where == "item":
        return called(items[name])
    words = {
        "dissent": _("Dissent"),
        "new": _("Proposed new items"),
        "also": _("Also recorded"),
    }
    return quoted(words.get(where, name))


def _more(headings: Sequence[str]) -> Sentence:
    return sentence(
        _("More on this stands under %(titles)s."), (), titles=listed(headings)
    )
