"""One prompt's results as a facilitator narrows them down, sorts and compares them.

What is chosen stands in the address, so that a link leads back to it. A choice that
does not exist, or no longer, is as if it had not been made.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deliberation import pictures
from deliberation.actions.answers import ask_of
from deliberation.challenges import asked_of
from deliberation.groups import Group
from deliberation.kinds import Ask
from deliberation.live import findings, numbered, screen_results
from deliberation.live.console_absence import absences
from deliberation.live.console_figures import planned, scale_marks
from deliberation.live.console_gaps import own_and_table_figures
from deliberation.live.console_movement import moves_since
from deliberation.live.console_points import point_card, with_items
from deliberation.models import Answer, Point, Prompt, Round
from deliberation.models.response import Voice
from deliberation.models.round import last_whole
from deliberation.pictures import standalone
from deliberation.results import (
    RESAMPLES,
    Json,
    counted_responses,
    group_results,
    voice_results,
)
from workshops.models import Workshop

MOST_TEXTS = 200  # behind one item
ORDERS = ("items", "support", "divided")


@dataclass(frozen=True)
class Choice:
    """What is looked at. criterion "" is all of them; item "" has no texts open."""

    this_round: Round
    voice: str
    group: Group
    criterion: str
    order: str
    beside: Prompt | None
    item: str


def read_choice(
    prompt: Prompt, rounds: Sequence[Round], asked: Mapping[str, str]
) -> Choice:
    """Return what an address asks for. rounds: of the prompt, at least one."""
    workshop = rounds[-1].workshop
    by_number = {str(one.number): one for one in rounds}
    this_round = by_number.get(asked.get("round", "")) or last_whole(rounds)
    voice = asked.get("voice", "")
    if voice not in prompt.voices:
        voice = prompt.voices[0]
    criteria = [one.key for one in ask_of(this_round).criteria]
    return Choice(
        this_round=this_round,
        voice=voice,
        group=_group(workshop, asked) if voice == Voice.PEOPLE else Group(),
        criterion=_one_of(criteria, asked.get("criterion", "")),
        order=_one_of(ORDERS, asked.get("order", "")) or ORDERS[0],
        beside=_beside(prompt, asked.get("beside", "")),
        item=_one_of([i.key for i in ask_of(this_round).items], asked.get("item", "")),
    )


def explored(choice: Choice) -> dict[str, Any]:
    """Return what the page shows of a choice, its form's options included."""
    panels = [
        panel(choice, this_round, ident=ident)
        for ident, this_round in _rounds(choice).items()
    ]
    ask = ask_of(choice.this_round)
    return {
        "choice": choice,
        "panels": panels,
        "fields": _fields(choice, ask),
        "moves": _moves(choice),
        "own_and_table": _own_and_table(choice),
        "absent": absences(
            choice.this_round,
            choice.voice,
            group=choice.group,
            criterion=choice.criterion,
        ),
        "compares_tables": choice.voice == Voice.PEOPLE
        and not choice.group
        and bool(ask.points),
        "behind": _behind(choice, ask),
        "texts": _texts(choice, ask)
        if choice.item and choice.group.organisation is None
        else [],
    }


def _rounds(choice: Choice) -> dict[str, Round]:
    """Return the rounds that stand side by side, by what their ids begin with."""
    found = {"a": choice.this_round}
    if choice.beside is not None:
        other = choice.beside.rounds.in_order_of_the_day().last()
        found |= {"b": other} if other else {}
    return found


def _moves(choice: Choice) -> list[Json]:
    if choice.group:  # a line would be the person
        return []
    return moves_since(
        choice.this_round,
        ident="m",
        voices=[choice.voice],
        criterion=choice.criterion,
    )


def _own_and_table(choice: Choice) -> list[Json]:
    """Return pictures of how many of a table's people answered as their table did."""
    if choice.group or len(choice.this_round.prompt.voices) < len(Voice.values):
        return []
    return [
        figure | {"is_drawn": is_drawn(figure)}
        for figure in own_and_table_figures(choice.this_round, choice.criterion)
    ]


def panel(
    choice: Choice, this_round: Round, *, ident: str, only: str = ""
) -> dict[str, Any]:
    """Return one round's pictures under what they find, as far as it was asked so.

    only: the id of the one that is wanted, if not all are.
    """
    ask = ask_of(this_round)
    voices = this_round.prompt.voices
    voice = choice.voice if choice.voice in voices else voices[0]
    group = choice.group if voice == Voice.PEOPLE else Group()
    found = group_results(this_round, ask, voice, group)
    narrowed = _narrowed(ask, choice.criterion)
    ordered = replace(
        narrowed,
        items=_ordered(this_round, narrowed, found["items"], order=choice.order),
    )
    answered = {"voices": {voice: found}}
    drawn = [
        one.drawn()
        for one in planned(
            this_round, ordered, answered, ident=ident, closely=True, voices=[voice]
        )
        if only in ("", one.ident)
        and not (group and one.view in ("by-table", "spread"))
    ]
    return {
        "round": this_round,
        "prompt": this_round.prompt,
        "heading": _heading(this_round, narrowed, found, voice),
        "basis": _basis(found, voice, group),
        "asked_of": asked_of(this_round),
        "figures": [figure | {"is_drawn": is_drawn(figure)} for figure in drawn],
        "note": _withheld(found),
        "rules": numbered.rules(ask, found, voice),
        "word_rule": findings.word_rule(ask.words)
        if ask.kind == Prompt.Kind.RATE
        else "",
    }


def _withheld(found: Json) -> str:
    """Say how many figures are withheld, if any are."""
    n = sum(item.get("suppressed", False) for item in found["items"])
    if not n:
        return ""
    return ngettext(
        "%(n)d figure is withheld: too few answered, or all alike.",
        "%(n)d figures are withheld: too few answered, or all alike.",
        n,
    ) % {"n": n}


def _heading(this_round: Round, ask: Ask, found: Json, voice: str) -> str:
    """Return what the answers say in one line, "" if nothing holds for them."""
    keys = {criterion.key for criterion in ask.criteria}
    rows = [row for row in found["items"] if row["criterion"] in keys]
    if voice == Voice.TABLES:
        numbers = list(this_round.workshop.tables.values_list("number", flat=True))
        shown = screen_results.by_table(ask, found | {"items": rows}, voice, numbers)
        return shown["finding"]
    rows = [screen_results.sparing(row) for row in rows]
    result = found | {"items": rows}
    return screen_results.by_people(this_round, ask, result)["finding"]


def _basis(found: Json, voice: str, group: Group) -> str:
    """Say whose answers these are and how many, unless that is withheld."""
    if group.table is not None:  # where they sat; who sits there now is another thing
        people = pictures.how_many(found["responded"], "people")
        return _("Table %(number)d: %(people)s answered") % {
            "number": group.table,
            "people": people,
        }
    answered = _("%(n)d of %(all)s answered") % {
        "n": found["responded"],
        "all": pictures.how_many(found["present"], voice),  # type: ignore[arg-type]
    }
    if group.organisation is not None:
        withheld = any(item.get("suppressed") for item in found["items"])
        name = group.organisation or _("No organisation")
        return name if withheld else f"{name}: {answered}"
    return answered


def _ordered(this_round: Round, ask: Ask, rows: Iterable[Json], *, order: str) -> tuple:
    """Return the items as asked, by support, or by how divided the answers are."""
    first = ask.criteria[0].key if ask.criteria else ""
    by_item = {row["item"]: row for row in rows if row["criterion"] == first}
    if order == "support":
        weights = _support(this_round, ask, by_item)
    elif order == "divided":
        weights = {key: _division(row) for key, row in by_item.items()}
    else:
        return ask.items
    return tuple(sorted(ask.items, key=lambda item: -weights.get(item.key, -2.0)))


def _support(this_round: Round, ask: Ask, rows: Mapping[str, Json]) -> dict[str, float]:
    """Return, from -1 to 1, in favour less against, of those who answered."""
    if ask.is_pick:
        return {
            key: _share(row["counts"]["chosen"], row["n"]) for key, row in rows.items()
        }
    if ask.is_numbered:
        counted = numbered.counted(ask)
        return {
            key: _share(row["counts"][counted], row["n"]) for key, row in rows.items()
        }
    if not ask.points:
        return {}
    left, _middle, right = pictures.sides_of(scale_marks(this_round.prompt, ask))
    if not left:  # categories without a better side: the first one counts
        right = right[:1]
    return {
        key: _share(
            sum(row["counts"][mark["key"]] for mark in right)
            - sum(row["counts"][mark["key"]] for mark in left),
            row["n"],
        )
        for key, row in rows.items()
    }


def _division(row: Json) -> float:
    """Return how divided the answers are, 0 to 1; -1 if there is nothing to say."""
    if not row["n"]:
        return -1.0
    measures = row["measures"]
    for name in ("dispersion", "iqv"):
        if measures.get(name) is not None:
            return float(measures[name])
    share = measures.get("share")
    return -1.0 if share is None else 1 - abs(2 * float(share) - 1)


def _share(n: int, of: int) -> float:
    return n / of if of else -2.0


def _narrowed(ask: Ask, criterion: str) -> Ask:
    """Return what is asked in one respect only, if it was asked in it."""
    only = tuple(one for one in ask.criteria if one.key == criterion)
    return replace(ask, criteria=only) if criterion and only else ask


def _group(workshop: Workshop, asked: Mapping[str, str]) -> Group:
    number = asked.get("table", "")
    tables = {str(n): n for n in workshop.tables.values_list("number", flat=True)}
    if number in tables:
        return Group(table=tables[number])
    if asked.get("organisation") and workshop.asks_organisation:
        names = workshop.organisations.values_list("name", flat=True)
        if asked["organisation"] in names:
            return Group(organisation=asked["organisation"])
    return Group()


def _beside(prompt: Prompt, path: str) -> Prompt | None:
    others = {other.path: other for other in comparable(prompt)}
    return others.get(path)


def comparable(prompt: Prompt) -> list[Prompt]:
    """Return the other prompts with items that were asked in the workshop."""
    asked = Prompt.objects.filter(
        session__workshop=prompt.session.workshop_id, rounds__isnull=False
    )
    found = asked.exclude(pk=prompt.pk).select_related("session").distinct()
    ordered = found.order_by("session__position", "position")
    return [other for other in ordered if other.has_items]


def _one_of(known: Iterable[str], word: str) -> str:
    return word if word in known else ""


def _fields(choice: Choice, ask: Ask) -> list[dict[str, Any]]:
    """Return the form: what can be chosen, with what is; nothing that has one way."""
    this_round = choice.this_round
    workshop, prompt = this_round.workshop, this_round.prompt
    numbers = prompt.rounds.order_by("number").values_list("number", flat=True)
    rounds = [(str(n), _("Round %(number)d") % {"number": n}) for n in numbers]
    voices = {
        Voice.PEOPLE: _("People"),
        Voice.TABLES: _("Tables’ own answers"),
    }
    fields = [
        ("round", _("Round"), rounds, str(this_round.number), False),
        (
            "voice",
            _("Whose answers"),
            [(voice, voices[Voice(voice)]) for voice in prompt.voices],
            choice.voice,
            False,
        ),
    ]
    if choice.voice == Voice.PEOPLE:
        tables = workshop.tables.order_by("number")
        options = [(str(table.number), str(table)) for table in tables]
        chosen = str(choice.group.table or "")
        fields.append(("table", _("Table"), options, chosen, True))
        if workshop.asks_organisation:
            names = workshop.organisations.values_list("name", flat=True)
            options = [(name, name) for name in names]
            chosen = choice.group.organisation or ""
            fields.append(("organisation", _("Organisation"), options, chosen, True))
    if len(ask.criteria) > 1:
        options = [(one.key, one.label) for one in ask.criteria]
        fields.append(
            ("criterion", _("In which respect"), options, choice.criterion, True)
        )
    orders = [("items", _("As asked")), ("support", _("Most in favour first"))]
    if ask.is_pick or ask.points:
        orders.append(("divided", _("Most divided first")))
    fields.append(("order", _("Order"), orders, choice.order, False))
    others = [
        (other.path, f"{other.session.title}: {other.question}")
        for other in comparable(prompt)
    ]
    beside = choice.beside.path if choice.beside else ""
    fields.append(("beside", _("Compare with"), others, beside, True))
    words = {"table": _("All"), "organisation": _("All"), "criterion": _("All")}
    return [
        {
            "name": name,
            "label": label,
            "options": options,
            "chosen": chosen,
            "none": words.get(name, _("Nothing")) if optional else "",
        }
        for name, label, options, chosen, optional in fields
        if len(options) > (0 if optional else 1)
    ]


def _behind(choice: Choice, ask: Ask) -> list[dict[str, Any]]:
    """Return the items with how many texts stand behind each.

    Texts of an organisation are not shown.
    """
    if choice.group.organisation is not None:
        return []
    points, reasons = _points(choice), _reasons(choice)
    about = list(points.values_list("items__key", flat=True))
    given = list(reasons.values_list("item__key", flat=True))
    return [
        {
            "key": item.key,
            "number": item.number,
            "text": item.short,
            "points": about.count(item.key),
            "reasons": given.count(item.key),
            "open": item.key == choice.item,
        }
        for item in ask.items
    ]


def _points(choice: Choice):
    prompt = choice.this_round.prompt
    points = prompt.points.filter(withdrawn_at=None).exclude(status=Point.Status.PARKED)
    if choice.group.table is not None:
        points = points.filter(table__number=choice.group.table)
    if _hides_where_people_sit(choice):
        points = points.filter(voice=Voice.TABLES)
    return points


def _reasons(choice: Choice):
    responses = counted_responses(choice.this_round.pk, choice.voice, choice.group)
    answers = Answer.objects.filter(round=choice.this_round, response__in=responses)
    if _hides_where_people_sit(choice):
        return answers.none()
    return answers.exclude(reason="")


def _hides_where_people_sit(choice: Choice) -> bool:
    """Tell whether the texts of a table's people would tell who wrote them."""
    workshop = choice.this_round.workshop
    return choice.group.table is not None and not workshop.asks_organisation


def _texts(choice: Choice, ask: Ask) -> list[dict[str, Any]]:
    """Return what was written about the chosen item, in the order of the words.

    An order by time would tell who wrote; organisations are never told here.
    """
    points = with_items(_points(choice).filter(items__key=choice.item))
    cards = [point_card(point) for point in points[:MOST_TEXTS]]
    words = {point.value: point.label for point in ask.points}
    reasons = _reasons(choice).filter(item__key=choice.item)
    rows = reasons.values_list("value", "reason", "response__table__number")
    by_table = choice.voice == Voice.TABLES
    cards += [
        {
            "who": _("Table %(number)d") % {"number": table} if by_table else "",
            "kind": _("Reason"),
            "word": words.get(value, ""),
            "text": reason,
        }
        for value, reason, table in rows[:MOST_TEXTS]
    ]
    return sorted(cards, key=lambda card: card["text"].casefold())


def drawing(choice: Choice, ident: str) -> str | None:
    """Return one of the pictures as an SVG document, None for one that is not there.

    ident: of its picture on the page.
    """
    workshop = choice.this_round.workshop
    day = date_format(workshop.date) if workshop.date else ""
    source = ", ".join(filter(None, (workshop.title, day)))
    place, _dash, _rest = ident.partition("-")
    shown = _rounds(choice).get(place)
    if shown is not None:
        one = panel(choice, shown, ident=place, only=ident)
        for figure in filter(is_drawn, one["figures"]):
            return standalone.svg(
                figure,
                heading=one["heading"] or one["prompt"].question,
                basis=one["basis"],
                source=source,
                notes=[one["note"]] if one["note"] else [],
            )
        return None
    for figure in _own_and_table(choice):
        if figure["picture"]["id"] == ident:
            heading = choice.this_round.prompt.question
            return standalone.svg(figure, heading=heading, basis="", source=source)
    for moved in _moves(choice):
        slopes = moved["slopes"]
        if slopes and slopes["id"] == ident:
            figure = {"part": "slopes", "picture": slopes, "title": moved["title"]}
            heading = choice.this_round.prompt.question
            return standalone.svg(
                figure, heading=heading, basis=moved["basis"], source=source
            )
    return None


def is_drawn(figure: Json) -> bool:
    """Tell whether a figure can be had as a picture; some are tables and no more."""
    return figure["part"] in standalone.PARTS


def differences(choice: Choice) -> list[dict[str, str]]:
    """Say of each item, in each respect, whether tables differ or each is split.

    Empty where nothing can be said: too few tables or people, or no such kind. Takes
    about a second for a thousand people, so no page waits for it.
    """
    ask = ask_of(choice.this_round)
    found = voice_results(choice.this_round, ask, Voice.PEOPLE, resamples=RESAMPLES)
    said = {
        "differ": _("Tables agree inside, and differ from each other."),
        "each-split": _("Each table is split, in much the same way."),
        "both": _("Tables differ from each other, and are split inside."),
        "alike": _("Tables agree with each other."),
    }
    items = {item.key: item for item in ask.items}
    respects = {one.key: one.label for one in ask.criteria}
    return [
        {
            "number": str(items[row["item"]].number),
            "text": items[row["item"]].short,
            "respect": respects[row["criterion"]],
            "said": said[row["measures"]["tables"]],
        }
        for row in found["items"]
        if row["measures"].get("tables")
    ]
