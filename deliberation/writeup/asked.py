"""The section of one prompt: what was found, item by item, and what was written."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deliberation.kinds.base import Ask, AskedItem
from deliberation.writeup import drawn, evidence, places
from deliberation.writeup.challenged import of_challenges
from deliberation.writeup.heard import Topic, called, records_key
from deliberation.writeup.other_sentences import (
    of_asked_again,
    of_points,
    of_proposals,
    of_reason,
    of_themes,
)
from deliberation.writeup.phrases import (
    PEOPLE,
    TABLES,
    capital,
    named,
    number,
    sentence,
)
from deliberation.writeup.placing import Placed, place
from deliberation.writeup.proposed import marked, of_proposed
from deliberation.writeup.sentences import labelled, of_item, of_prompt
from deliberation.writeup.stored import Asking, Reason
from deliberation.writeup.structure import (
    Block,
    Contribution,
    Contributions,
    Facts,
    Json,
    Records,
    Section,
    Sentence,
    Table,
    Text,
)

MOST_REASONS = 20  # of people, that are printed for one item


@dataclass(frozen=True)
class Around:
    """What all prompts of a workshop share.

    tables: their numbers. source: the workshop and its date. put_in: records that
    somebody wants in the document besides.
    """

    tables: tuple[int, ...]
    source: str
    put_in: frozenset[str] = frozenset()


def section_of(asking: Asking, around: Around) -> Section:
    """Return what the document says of a prompt."""
    placed = place(
        asking.points,
        items=asking.items,
        themes=asking.themes,
        put_in=around.put_in,
    )
    blocks: list[Block] = [Text(_place(asking), _sentences(asking, around))]
    if asking.rounds and asking.prompt.has_items:
        blocks += _figures(asking, around)
    blocks += [*placed.themes]
    inner = tuple(_items(asking, around, placed))
    others = placed.others
    if placed.themes and not inner:  # or they would stand under the last theme
        others = [replace(one, title=_("Further points")) for one in others]
    after = [*others, *placed.new, *placed.dissents, *placed.also]
    if not inner:
        blocks += after
    elif after:
        place_ = f"{_place(asking)}/more~"
        inner = (*inner, Section(place_, _("Other points"), tuple(after)))
    return Section(
        _place(asking), _one_line(asking.prompt.question), tuple(blocks), inner
    )


def records_of(asking: Asking, around: Around) -> Iterable[Records]:
    """Yield what stands behind the figures of a prompt."""
    if asking.points:
        yield Records(_points_key(asking), _points_table(asking))
    if not asking.prompt.has_items:
        return
    for this_round, ask, found in zip(
        asking.rounds, asking.asks, asking.results, strict=False
    ):
        reasons = {
            (one.item, one.table): one.text
            for one in asking.reasons[this_round.number]
            if one.table is not None
        }
        yield from evidence.of_round(
            asking.path, ask, found, tables=around.tables, reasons=reasons
        )


def _place(asking: Asking) -> str:
    return places.of_prompt(asking.path)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _points_key(asking: Asking) -> str:
    return records_key(asking.path, 0, "points")


def _sentences(asking: Asking, around: Around) -> tuple[Sentence, ...]:
    """Say who answered and what it comes to; of a discussion, how many points."""
    results = asking.results[: asking.told + 1]
    said = list(of_prompt(asking.path, asking.ask, results, tables=around.tables))
    if len(results) < len(asking.results):
        said.append(of_asked_again(asking.path))
    if not asking.rounds and asking.points:
        said = []
    if not asking.rounds and not asking.points:
        items = tuple(f"item:{asking.path}/{item.key}" for item in asking.items)
        return (Sentence(said[0].runs, (*said[0].about, *items)),)
    if asking.points or not asking.prompt.has_items:
        said.append(_points(asking, f"prompt:{asking.path}"))
    unasked = [one for one in asking.decided if not one.item]
    moved = of_proposed(unasked, about=f"prompt:{asking.path}")
    return (*said, *_of_written(asking), *moved)


def _of_written(asking: Asking) -> Iterable[Sentence]:
    """Say what is proposed, and that parts are told under themes."""
    shared = {"about": f"prompt:{asking.path}", "key": _points_key(asking)}
    printed = [one for one in asking.points if one.is_printed]
    worded = [one for one in printed if one.kind == "rewording"]
    keys = {key for one in worded for key in one.items}
    names = [called(item) for item in asking.items if item.key in keys]
    new = sum(one.kind == "new-item" for one in printed)
    if proposed := of_proposals(len(worded), names, new, **shared):
        yield proposed
    themes = {one.theme for one in printed if one.theme}
    if themes and not asking.prompt.has_items and len(asking.items) > 1:
        yield of_themes(len(asking.items), len(themes), **shared)


def _points(asking: Asking, about: str, item: str = "") -> Sentence:
    points = [one for one in asking.points if not item or item in one.items]
    return of_points(
        sum(one.times for one in points),
        sorted({number for one in points for number in one.tables}),
        any(one.people for one in points),
        about=about,
        key=_points_key(asking),
        is_part=bool(item),
    )


def _points_table(asking: Asking) -> Table:
    tables = sorted({number for one in asking.points for number in one.tables})
    rows = [
        (
            _("Table %(number)d") % {"number": number},
            str(sum(number in one.tables for one in asking.points)),
        )
        for number in tables
    ]
    people = sum(one.people for one in asking.points)
    rows += [(_("People"), str(people))] if people else []
    head = (_("Who"), _("Points"))
    return Table(_one_line(asking.prompt.question), head, tuple(rows))


# ---- figures ----


def _figures(asking: Asking, around: Around) -> list[Block]:
    blocks: list[Block] = []
    rounds = list(zip(asking.rounds, asking.asks, asking.results, strict=True))
    told = rounds.pop(asking.told)
    for this_round, ask, found in rounds:
        for voice in (TABLES, PEOPLE):
            result = found["voices"][voice]
            if result and any(row["n"] for row in result["items"]):
                caption = _("Round %(number)d") % {"number": this_round.number}
                caption = f"{caption}: {drawn.whose(voice)}"
                blocks.append(drawn.counts_of(ask, result, voice, caption))
    this_round, ask, found = told
    made = list(
        drawn.pictures_of(
            this_round, ask, found, tables=around.tables, source=around.source
        )
    )
    for voice in (TABLES, PEOPLE):
        result = found["voices"][voice]
        shown = result and any(row["n"] for row in result["items"])
        if shown and not any(
            one.table.caption.startswith(drawn.whose(voice)) for one in made
        ):
            blocks.append(drawn.counts_of(ask, result, voice, drawn.whose(voice)))
    blocks += made
    for voice in (TABLES, PEOPLE):
        if found["voices"][voice]:
            table = drawn.by_rules(ask, found["voices"][voice], voice)
            blocks += [table] if table else []
    if found["voices"][PEOPLE]:
        table = drawn.by_organisations(ask, found["voices"][PEOPLE])
        blocks += [table] if table else []
    return blocks


# ---- items ----


def _items(asking: Asking, around: Around, placed: Placed) -> Iterable[Section]:
    for item in asking.items:
        section = _item(asking, around, placed, item)
        if section is not None:
            yield section


def _item(
    asking: Asking, around: Around, placed: Placed, item: AskedItem
) -> Section | None:
    place_ = places.of_item(asking.path, item.key)
    more = [placed.more[item.key]] if item.key in placed.more else []
    points = [placed.items[item.key]] if item.key in placed.items else []
    blocks: list[Block] = _facts(asking, item)
    if not asking.prompt.has_items:
        if not asking.rounds and not asking.points:
            return None
        said = _points(asking, f"item:{asking.path}/{item.key}", item.key)
        blocks += [Text(place_, (said, *more)), *points]
    elif asking.rounds:
        said_, others = _judged(asking, around, item)
        put = of_challenges(
            [one for one in asking.puts if one.item == item.key],
            about=f"item:{asking.path}/{item.key}",
        )
        moved = _changed(asking, around, item)
        blocks += [Text(place_, (*said_, *moved, *put, *more)), *others, *points]
    elif points or more:
        blocks += [Text(place_, tuple(more)), *points]
    else:
        return None
    return Section(place_, f"{item.number} {item.short}", tuple(blocks))


def _changed(asking: Asking, around: Around, item: AskedItem) -> Iterable[Sentence]:
    """Say what was proposed of an item, and how it was judged in the words before."""
    for one in asking.decided:
        if one.item == item.key:
            yield from of_proposed([one], about=f"item:{asking.path}/{item.key}")
            if one.is_adopted and not one.is_new and one.rounds:
                yield from _before(asking, around, item, one.rounds[0])


def _before(
    asking: Asking, around: Around, item: AskedItem, first: int
) -> Iterable[Sentence]:
    """Tell an item's answers of the last round before the first in new words."""
    earlier = [
        (found, ask, asked)
        for ask, found in zip(asking.asks, asking.results, strict=True)
        if found["round"] < first and (asked := ask.item(item.key))
    ]
    for found, ask, asked in earlier[-1:]:
        topic = Topic(asking.path, found["round"], ask, asked, around.tables)
        label = _("In the words of round %(number)d") % {"number": found["round"]}
        whole, *rest = of_item(topic, found)
        yield labelled(label, whole)
        yield from rest


def _facts(asking: Asking, item: AskedItem) -> list[Block]:
    """Return how an item was put, where its heading does not say it, and by whom."""
    pairs = []
    if _one_line(item.text) != item.short:
        pairs.append((_("As asked"), _one_line(item.text)))
    for this_round, ask in zip(asking.rounds, asking.asks, strict=False):
        before = ask.item(item.key)
        if before is not None and before.wording != item.wording:
            label = _("As asked in round %(number)d") % {"number": this_round.number}
            pairs.append((label, _one_line(before.text)))
    pairs += [
        (_("What changed"), marked(one.line))
        for one in asking.decided
        if one.item == item.key and one.is_adopted and not one.is_new
    ]
    proposer = asking.proposed.get(item.key)
    if proposer:
        number = _("Table %(number)d") % {"number": proposer}
        pairs.append((_("Proposed by"), number))
    return [Facts(tuple(pairs))] if pairs else []


def _judged(
    asking: Asking, around: Around, item: AskedItem
) -> tuple[list[Sentence], list[Block]]:
    """Return the sentences on an item, and the reasons that are too long for them."""
    ask, found = _last_asked(asking, item)
    reasons = [one for one in asking.reasons[found["round"]] if one.item == item.key]
    touched = bool(reasons) or any(item.key in one.items for one in asking.points)
    topic = Topic(asking.path, found["round"], ask, item, around.tables, touched)
    said = list(of_item(topic, found))
    if found["round"] < asking.rounds[asking.told].number:
        said = [*said, *_dropped(topic)]
    lines = []
    for text, tables in _same_reasons(reasons).items():
        quoted = of_reason(topic, text, tables)
        if quoted is not None:
            said.append(quoted)
        else:
            lines.append(_reason(text, capital(named(tables).text)))
    blocks: list[Block] = []
    people = sorted({one.text for one in reasons if one.voice == PEOPLE})
    if people:
        lines += [_reason(text, "") for text in people[:MOST_REASONS]]
    if len(people) > MOST_REASONS:
        said.append(_more_reasons(topic, len(people) - MOST_REASONS))
    if lines:
        blocks.append(Contributions(_("Reasons"), tuple(lines)))
    return said, blocks


def _more_reasons(topic: Topic, n: int) -> Sentence:
    text = ngettext(
        "%(n)s more reason of a person is in the data.",
        "%(n)s more reasons of people are in the data.",
        n,
    )
    return sentence(text, [topic.about(PEOPLE)], n=number(n))


def _last_asked(asking: Asking, item: AskedItem) -> tuple[Ask, Json]:
    """Return the last round that asked an item."""
    rounds = zip(asking.asks, asking.results, strict=True)
    return next(one for one in reversed(list(rounds)) if one[0].item(item.key))


def _dropped(topic: Topic) -> list[Sentence]:
    text = _("%(item)s was asked in round %(number)s and not again.")
    about = [f"item:{topic.path}/{topic.item.key}"]
    return [sentence(text, about, item=topic.name, number=str(topic.round))]


def _same_reasons(reasons: Iterable[Reason]) -> dict[str, list[int]]:
    """Return the tables' reasons, each with the tables that gave it in these words.

    Capitals, blanks and a full stop at the end make no other words.
    """
    first: dict[str, str] = {}
    tables: dict[str, list[int]] = {}
    for one in reasons:
        if one.table is not None:
            words = " ".join(one.text.split()).removesuffix(".").casefold()
            text = first.setdefault(words, one.text)
            tables.setdefault(text, []).append(one.table)
    return {text: sorted(set(numbers)) for text, numbers in tables.items()}


def _reason(text: str, said_by: str) -> Contribution:
    return Contribution(text=text, kind="reason", said_by=said_by)
