"""What is stored of a workshop, fetched for its document, as far as readers may see.

How many queries that takes depends on how many rounds there were, and neither on
people nor on points.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from deliberation.actions.answers import ask_of
from deliberation.kinds import Ask
from deliberation.kinds.base import AskedCriterion, AskedItem, AskedPoint
from deliberation.live.console_points import said_by
from deliberation.models import (
    Answer,
    Item,
    Point,
    Prompt,
    Question,
    Remark,
    Round,
    Wording,
)
from deliberation.models.response import Voice
from deliberation.models.round import last_whole
from deliberation.results import (
    LEAST_PUBLISHED,
    Json,
    for_readers,
    round_results,
    table_numbers,
)
from deliberation.writeup import challenged, proposed
from deliberation.writeup.challenged import Put
from deliberation.writeup.phrases import capital, named
from deliberation.writeup.proposed import Proposed
from workshops.models import Rotation, Session, Workshop

PRINTED = (Point.Status.SHOWN, Point.Status.KEPT)


@dataclass(frozen=True)
class Said:
    """A point, with those that say the same counted to it.

    items: keys, in their order. tables: numbers of those that said it as a table;
    people: how many said it besides. said_by: as the attribution rule lets it be said.
    is_printed: whether the document has it by itself.
    """

    pk: int
    text: str
    kind: str
    items: tuple[str, ...]
    theme: str
    tables: tuple[int, ...]
    people: int
    times: int
    said_by: str
    is_printed: bool

    @property
    def record(self) -> str:
        return f"point:{self.pk}"


class Reason(NamedTuple):
    """Why an item was judged so: of one table, or of a person, who is nobody here."""

    voice: str
    table: int | None
    item: str
    text: str


@dataclass(frozen=True)
class Asking:
    """A prompt with all that came of it.

    asks: of each round, in its wordings; of today, if it was never asked. results: of
    each round, as readers may see them; reasons: of each round, by its number. themes:
    titles in their order. proposed: the table that proposed an item, by its key.
    puts: the challenges to how it was answered; rounds that asked only some for one
    are told there, and are not among the rounds. decided: what was proposed of its
    items, and adopted or declined.
    """

    prompt: Prompt
    asks: tuple[Ask, ...]
    rounds: tuple[Round, ...]
    results: tuple[Json, ...]
    reasons: Mapping[int, tuple[Reason, ...]]
    points: tuple[Said, ...]
    themes: tuple[str, ...]
    proposed: Mapping[str, int]
    puts: tuple[Put, ...] = ()
    decided: tuple[Proposed, ...] = ()

    @property
    def told(self) -> int:
        """The place of the round that is told whole: the last that asked all."""
        return self.rounds.index(last_whole(self.rounds)) if self.rounds else 0

    @property
    def ask(self) -> Ask:
        return self.asks[self.told]

    @property
    def items(self) -> list[AskedItem]:
        """All items that were ever asked, as they were put last.

        Those of the round that is told come first.
        """
        newest = {item.key: item for ask in self.asks for item in ask.items}
        every = (
            item.key for ask in (self.ask, *reversed(self.asks)) for item in ask.items
        )
        return [newest[key] for key in dict.fromkeys(every)]

    @property
    def path(self) -> str:
        return self.prompt.path


@dataclass(frozen=True)
class Part:
    """A session with its prompts, what its speakers were asked, and what was said.

    questions: with `supports`, the most supported first; not what was put aside.
    """

    session: Session
    askings: tuple[Asking, ...]
    remarks: tuple[Remark, ...]
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True)
class Stored:
    """A whole workshop. tables: their numbers; people: how many took part.

    out_of_turn: prompts that were opened before the one that they were to follow.
    rotations: those in which people changed tables, in order.
    """

    workshop: Workshop
    parts: tuple[Part, ...]
    remarks: tuple[Remark, ...]  # of the whole day
    tables: tuple[int, ...]
    people: int
    out_of_turn: tuple[Prompt, ...] = ()
    rotations: tuple[Rotation, ...] = ()

    @cached_property
    def askings(self) -> tuple[Asking, ...]:
        return tuple(asking for part in self.parts for asking in part.askings)


def read(workshop: Workshop) -> Stored:
    """Fetch a workshop's records."""
    rounds: dict[int, list[Round]] = defaultdict(list)
    for one in workshop.rounds.in_order_of_the_day():
        one.workshop = workshop
        rounds[one.prompt_id].append(one)
    points, reasons = _points(workshop), _reasons(workshop)
    remarks: dict[int | None, list[Remark]] = defaultdict(list)
    for remark in workshop.remarks.all():
        remarks[remark.session_id].append(remark)
    questions = _questions(workshop)
    prompts = Prompt.objects.select_related("scale", "after").prefetch_related(
        "themes", "criteria", "scale__points", Prefetch("items", queryset=_items())
    )
    parts = []
    sessions = workshop.sessions.prefetch_related(
        "speakers", Prefetch("prompts", queryset=prompts)
    )
    for session in sessions:
        session.workshop = workshop
        askings = []
        for prompt in session.prompts.all():
            prompt.session = session
            for one in rounds[prompt.pk]:
                one.prompt = prompt
            # What only some were asked is no answer of the room.
            asked = [
                one
                for one in rounds[prompt.pk]
                if one.asks_everybody or not prompt.has_items
            ]
            asking = _asking(prompt, asked, points[prompt.pk], reasons)
            askings.append(
                replace(
                    asking,
                    puts=tuple(challenged.puts(prompt)),
                    decided=tuple(proposed.proposals_of(prompt)),
                )
            )
        parts.append(
            Part(
                session,
                askings=tuple(askings),
                remarks=tuple(remarks[session.pk]),
                questions=tuple(questions[session.pk]),
            )
        )
    return Stored(
        workshop=workshop,
        parts=tuple(parts),
        remarks=tuple(remarks[None]),
        tables=tuple(table_numbers(workshop.pk)),
        people=workshop.participants.present().count(),
        out_of_turn=_out_of_turn(workshop, rounds),
        rotations=tuple(
            workshop.rotations.filter(started_at__isnull=False).order_by("started_at")
        ),
    )


def _questions(workshop: Workshop) -> Mapping[int, list[Question]]:
    """Return what the speakers of each session were asked, by its key."""
    found: dict[int, list[Question]] = defaultdict(list)
    listed = Question.objects.listed().filter(session__workshop=workshop)
    for one in listed.by_support().select_related("session__workshop", "table"):
        found[one.session_id].append(one)
    return found


def _out_of_turn(
    workshop: Workshop, rounds: Mapping[int, Sequence[Round]]
) -> tuple[Prompt, ...]:
    """Return the prompts that were opened anyway, as far as that was not undone."""
    events = workshop.events.filter(verb="open-anyway", undone_at=None)
    changed = {
        change["pk"]
        for changes in events.values_list("changes", flat=True)
        for change in changes
        if change["model"] == Round._meta.label_lower
    }
    return tuple(
        found[0].prompt
        for found in rounds.values()
        if any(one.pk in changed for one in found)
    )


def _items():
    newest = Prefetch("wordings", queryset=Wording.objects.order_by("version"))
    return Item.objects.select_related("proposed_by").prefetch_related(newest)


def _asking(
    prompt: Prompt,
    rounds: Sequence[Round],
    points: Sequence[Point],
    reasons: Mapping[int, Sequence[Reason]],
) -> Asking:
    return Asking(
        prompt=prompt,
        asks=tuple(ask_of(one) for one in rounds) or (_ask_now(prompt),),
        rounds=tuple(rounds),
        results=tuple(
            for_readers(round_results(one, resamples=0, least_of_group=LEAST_PUBLISHED))
            for one in rounds
        ),
        reasons={one.number: tuple(reasons.get(one.pk, ())) for one in rounds},
        points=tuple(said(points)),
        themes=tuple(theme.title for theme in prompt.themes.all()),
        proposed={
            item.key: item.proposed_by.number
            for item in prompt.items.all()
            if item.proposed_by is not None
        },
    )


def _ask_now(prompt: Prompt) -> Ask:
    """Return what a prompt asks in today's words."""
    items = tuple(
        AskedItem(
            item.pk,
            item.key,
            number,
            wording.text,
            wording.label,
            wording.gloss,
            wording.version,
        )
        for number, (item, wording) in enumerate(_worded(prompt), start=1)
    )
    points = prompt.scale.points.all() if prompt.scale else ()
    return Ask(
        kind=prompt.kind,
        items=items,
        criteria=tuple(
            AskedCriterion(one.pk, one.key, one.label) for one in prompt.criteria.all()
        ),
        points=tuple(
            AskedPoint(one.value, one.key, one.label, one.short or one.label, one.gloss)
            for one in points
        ),
        abstain=prompt.abstain,
        reasons=prompt.reasons,
        least=prompt.least or 0,
        most=len(items) if prompt.most is None else prompt.most,
        total=prompt.total or 0,
        ties=prompt.ties,
    )


def _worded(prompt: Prompt) -> list[tuple[Item, Wording]]:
    return [
        (item, list(item.wordings.all())[-1])
        for item in prompt.items.all()
        if item.retired_at is None and item.wordings.all()
    ]


def _points(workshop: Workshop) -> Mapping[int, list[Point]]:
    """Return the points that nobody took back, by prompt."""
    found: dict[int, list[Point]] = defaultdict(list)
    alive = workshop.points.filter(withdrawn_at=None)
    for point in alive.select_related("table", "theme").prefetch_related("items"):
        point.workshop = workshop
        found[point.prompt_id].append(point)
    return found


def _reasons(workshop: Workshop) -> Mapping[int, list[Reason]]:
    """Return the reasons that count, by round, in an order that tells nothing."""
    rows = (
        Answer.objects.counted()
        .filter(workshop=workshop)
        .exclude(reason="")
        .values_list(
            "round", "response__voice", "response__table__number", "item__key", "reason"
        )
        .distinct()
    )
    found: dict[int, list[Reason]] = defaultdict(list)
    for this_round, voice, table, item, text in rows:
        number = table if voice == Voice.TABLES else None
        found[this_round].append(Reason(voice, number, item, text))
    for some in found.values():
        some.sort(key=lambda one: (one.voice, one.table or 0, one.item, one.text))
    return found


def said(points: Iterable[Point]) -> list[Said]:
    """Put points together that say the same, in an order that tells nothing of when.

    What stands for both must not have been taken back: otherwise the duplicate stands
    for itself.
    """
    by_pk = {point.pk: point for point in points}
    same: dict[int, list[Point]] = defaultdict(list)
    for point in by_pk.values():
        same[_first(point, by_pk).pk].append(point)
    found = [_said(by_pk[pk], together) for pk, together in same.items()]
    return sorted(found, key=lambda one: (-one.times, one.text.casefold(), one.pk))


def _first(point: Point, by_pk: Mapping[int, Point]) -> Point:
    """Follow a point to the one that stands for it; in a circle, to the oldest."""
    seen = [point.pk]
    while (pk := point.duplicate_of_id) is not None and pk in by_pk:
        if pk in seen:
            return by_pk[min(seen[seen.index(pk) :])]
        seen.append(pk)
        point = by_pk[pk]
    return point


def _said(first: Point, together: Sequence[Point]) -> Said:
    keys = sorted(first.items.all(), key=lambda item: item.position)
    by_tables = [
        one.table.number
        for one in together
        if one.voice == Voice.TABLES and one.table is not None
    ]
    tables = tuple(sorted(set(by_tables)))
    return Said(
        pk=first.pk,
        text=first.text,
        kind=first.kind,
        items=tuple(item.key for item in keys),
        theme=first.theme.title if first.theme else "",
        tables=tables,
        people=len(together) - len(by_tables),
        times=len(together),
        said_by=_said_by(tables, together),
        is_printed=first.status != Point.Status.PARKED
        and any(is_chosen(one) for one in together),
    )


def _said_by(tables: Sequence[int], together: Sequence[Point]) -> str:
    """Name the tables, or a person as far as the rule allows; mostly nobody."""
    if tables:
        return capital(named(tables).text)
    people = {said_by(point) for point in together} - {_("A person")}
    return people.pop() if len(together) == len(people) == 1 else ""


def is_chosen(point: Point) -> bool:
    """Tell whether the document has a point by itself.

    It has what was kept, shown or put under a theme, and all that a table recorded and
    every dissent; but nothing that was parked.
    """
    if point.status == Point.Status.PARKED:
        return False
    return (
        point.status in PRINTED
        or point.theme_id is not None
        or point.voice == Voice.TABLES
        or point.kind == Point.Kind.DISSENT
    )
