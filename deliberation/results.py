"""Stored answers -> plain values -> aggregation: what every screen and file shows.

The shape is the results JSON: the same for screens, write-up, export and command.
Counting is one grouped query for a round; people who were removed are not counted.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict
from functools import cache
from typing import Any, Protocol

from django.db.models import Count, QuerySet

from config.prepared import Prepared
from deliberation.absence import seats, with_absent
from deliberation.actions.answers import ask_of
from deliberation.aggregation import (
    absence,
    agreement,
    allocations,
    nominal,
    rankings,
    shares,
    suppression,
    tables,
)
from deliberation.aggregation.absence import CAUSES
from deliberation.aggregation.least import LEAST_SHOWN
from deliberation.aggregation.tally import ItemTally, Row, TableTally, tally
from deliberation.groups import EVERYBODY, Group
from deliberation.kinds import Ask
from deliberation.models import Answer, Prompt, Response, Round
from deliberation.models.challenge import Audience
from deliberation.models.response import Voice
from deliberation.movement import (
    LEAST_TO_COMPARE,
    Place,
    movement,
    rounds_before,
    whole_movement,
)
from deliberation.own_and_table import own_and_table
from workshops.models import Participant, Table, Workshop

RESAMPLES = tables.RESAMPLES
SEED = 2006  # of the permutation tests; stands beside each of their figures
FORMAT = 1
LEAST_OF_A_GROUP = suppression.THRESHOLD  # of an organisation's people
LEAST_PUBLISHED = suppression.PUBLISHED  # of them, in a document
type Json = dict[str, Any]


def workshop_results(
    workshop: Workshop,
    *,
    prompt: str | None = None,
    resamples: int = tables.RESAMPLES,
    least_of_group: int = LEAST_OF_A_GROUP,
) -> Json:
    """Return the results JSON of a workshop, or of one prompt (`session/prompt`).

    One entry for every round that was opened, in the order of the day. `resamples`
    0 leaves out the permutation tests, which take most of the time. least_of_group:
    people that an organisation is shown from.
    """
    rounds = Round.objects.filter(workshop=workshop).in_order_of_the_day()
    return {
        "format": FORMAT,
        "workshop": workshop.slug,
        "prompts": [
            round_results(
                this_round, resamples=resamples, least_of_group=least_of_group
            )
            for this_round in rounds
            if prompt in (None, this_round.prompt.path)
        ],
    }


class Counted(Protocol):
    """A round's answers, counted by table already."""

    def responded(self, voice: str) -> int:
        """Return how many have answered."""
        ...

    def item_tallies(self, voice: str, tables: Iterable[int]) -> list[ItemTally[int]]:
        """Return the tallies of what is asked, with these tables and all others."""
        ...


def round_results(
    this_round: Round,
    *,
    resamples: int | None = None,
    by_table: bool = True,
    organised: bool = True,
    least_of_group: int = LEAST_OF_A_GROUP,
    ask: Ask | None = None,
    counted: Counted | None = None,
) -> Json:
    """Return the results of one round: a member of `prompts` in the results JSON.

    resamples: as above; None leaves out all that compares tables or rounds, which no
    screen shows. by_table, organised: whether that is wanted; else it is empty.
    least_of_group: people that an organisation is shown from. ask: what the round
    asks, counted: how it was answered, if the caller knows already.
    """
    ask = ask or ask_of(this_round)
    prompt = this_round.prompt
    found: Json = {
        "prompt": prompt.path,
        "kind": prompt.kind,
        "round": this_round.number,
        "status": "open" if this_round.closed_at is None else "closed",
        "question": prompt.question,
        "voices": {
            voice: voice_results(
                this_round,
                ask,
                voice,
                resamples=resamples,
                by_table=by_table,
                organised=organised,
                least_of_group=least_of_group,
                counted=counted,
            )
            if voice in prompt.voices
            else {}
            for voice in Voice.values
        },
    }
    if not this_round.asks_everybody:
        found["audience"] = audience_results(this_round)
    if resamples is not None and by_table and all(found["voices"].values()):
        people = found["voices"][Voice.PEOPLE]
        found["voices"][Voice.PEOPLE] = _with_gaps(people, this_round, ask)
    if resamples is not None and by_table:
        numbers = table_numbers(this_round.workshop_id)
        for voice in prompt.voices:
            found["voices"][voice] = with_absent(
                found["voices"][voice], this_round, voice, numbers
            )
    before = rounds_before(this_round) if resamples is not None else {}
    if before:
        for voice in prompt.voices:
            moved = movement(before, this_round, voice)
            whole = whole_movement(before, this_round, voice)
            if voice == Voice.PEOPLE:
                moved = {place: _without_few(one) for place, one in moved.items()}
                whole = whole and _without_few(whole)
            found["voices"][voice] = _with_movement(
                found["voices"][voice], moved, whole
            )
    return found


def _without_few(moved: Json) -> Json:
    """Keep of fewer than five only how many they are: the rest is what each did."""
    if moved["both"] >= LEAST_TO_COMPARE[Voice.PEOPLE]:
        return moved
    told = ("since", "both", "before_only", "after_only")
    return {name: figure if name in told else None for name, figure in moved.items()}


def _with_movement(answered: Json, moved: Mapping[Place, Json], whole: Json) -> Json:
    """Add who moved since the round before to the measures of each item, and of all."""
    return answered | {
        "measures": answered["measures"] | whole,
        "items": [
            item
            | {
                "measures": item["measures"]
                | moved.get((item["item"], item["criterion"]), {})
            }
            for item in answered["items"]
        ],
    }


def _with_gaps(answered: Json, this_round: Round, ask: Ask) -> Json:
    """Add to each table's people how many of them answered as the table did."""
    gaps = own_and_table(this_round, ask)
    return answered | {
        "items": [
            item
            | {
                "by_table": [
                    row | {"own_and_table": found.get(row["table"])}
                    for row in item["by_table"]
                ]
            }
            for item in answered["items"]
            for found in [gaps.get((item["item"], item["criterion"]), {})]
        ]
    }


@contextmanager
def computed_once() -> Iterator[None]:
    """Compute what goes through `once` only once within the context.

    It is then as it was for the first who asked.
    """
    token = _computed.set({})
    try:
        yield
    finally:
        _computed.reset(token)


_computed: ContextVar[dict[Hashable, Any] | None] = ContextVar("computed", default=None)


def once[Found](key: Hashable, compute: Callable[[], Found]) -> Found:
    """Return what `compute` returned for this key before, within `computed_once`."""
    computed = _computed.get()
    if computed is None:
        return compute()
    if key not in computed:
        computed[key] = compute()
    return computed[key]


def voice_results(
    this_round: Round,
    ask: Ask,
    voice: str,
    *,
    resamples: int | None = None,
    by_table: bool = True,
    organised: bool = True,
    least_of_group: int = LEAST_OF_A_GROUP,
    counted: Counted | None = None,
) -> Json:
    """Return how one voice answered a round; nobody changes what is returned."""
    return once(
        (this_round.pk, ask, voice, resamples, by_table, organised, least_of_group),
        lambda: _voice_results(
            this_round,
            ask,
            voice,
            resamples,
            by_table,
            organised,
            counted=counted,
            least_of_group=least_of_group,
        ),
    )


def group_results(this_round: Round, ask: Ask, voice: str, group: Group) -> Json:
    """Return how a group of people answered, without what may not be shown of it.

    An item that is withheld has no figures but 0, and says `suppressed`.
    """
    whole = voice_results(this_round, ask, voice)
    if not group:
        return whole
    found = _voice_results(this_round, ask, voice, None, False, True, group)
    withheld = [
        _is_withheld(item, group)
        for item in hold_small(this_round.workshop, whole["items"])
    ]
    items = [
        _without_figures(item) if hidden else item
        for item, hidden in zip(found["items"], withheld, strict=True)
    ]
    measures = found["measures"]
    if any(withheld):
        measures = measures_of_prompt(ask, {}, {})
    return found | {"items": items, "measures": measures}


def _without_figures(item: Json) -> Json:
    return (
        item
        | {
            "n": 0,
            "abstained": 0,
            "counts": dict.fromkeys(item["counts"], 0),
            "measures": {
                name: 0 if isinstance(figure, int) else None
                for name, figure in item["measures"].items()
            },
            "suppressed": True,
        }
        | ({"absent": None} if "absent" in item else {})
    )


def _is_withheld(item: Json, group: Group) -> bool:
    rows = item["by_table"] if group.table is not None else item["by_organisation"]
    name = "table" if group.table is not None else "organisation"
    wanted = group.table if group.table is not None else group.organisation
    row = next((row for row in rows if row[name] == wanted), None)
    # Organisations are listed only where the attribution rule names them.
    return bool(row["suppressed"]) if row and "suppressed" in row else row is None


def _voice_results(
    this_round: Round,
    ask: Ask,
    voice: str,
    resamples: int | None,
    by_table: bool,
    organised: bool,
    group: Group = EVERYBODY,
    counted: Counted | None = None,
    least_of_group: int = LEAST_OF_A_GROUP,
) -> Json:
    # Named only where the attribution rule lets organisations be shown.
    organised &= voice == Voice.PEOPLE and this_round.workshop.asks_organisation
    all_tables: list[int] = []
    if by_table and voice == Voice.PEOPLE:
        all_tables += table_numbers(this_round.workshop_id)
    groups: dict[tuple[str, str], list[Json]] = {}
    if counted is not None and by_table and not organised:
        tallies = counted.item_tallies(voice, all_tables)
        responded = counted.responded(voice)
    else:
        rows = list(
            counted_rows(
                this_round,
                ask,
                voice,
                by_table=by_table,
                organised=organised,
                group=group,
            )
        )
        values = scale_of(ask, (row.value for row, _organisation in rows))
        tallies = tally(
            [row for row, _organisation in rows],
            items=[item.key for item in ask.items],
            criteria=[criterion.key for criterion in ask.criteria],
            values=values,
            tables=all_tables,
        )
        if organised:
            groups = by_organisation(ask, rows, values, least=least_of_group)
        responded = _how_many_responded(this_round, voice, group)
    points_given = sum(points_of(row.counts) for row in tallies)
    wording = {item.key: item.wording for item in ask.items}
    return {
        "present": present(this_round, voice, group),
        "responded": responded,
        "items": [
            {
                "item": row.item,
                "wording": wording[row.item],
                "criterion": row.criterion,
                "n": row.n,
                "abstained": row.abstained,
                "not_discussed": row.not_discussed,
                "counts": named_counts(ask, row.counts),
                "by_table": [_table_row(ask, table) for table in row.by_table],
                "by_organisation": groups.get((row.item, row.criterion), []),
                "measures": allocations.item_measures(row.counts, points_given)
                if ask.kind == Prompt.Kind.ALLOCATE
                else item_measures(ask, row, voice, resamples=resamples),
            }
            for row in tallies
        ],
        "measures": prompt_measures(this_round, ask, voice, tallies, group),
    }


def _table_row(ask: Ask, table: TableTally[int]) -> Json:
    """Return a table's answers; nobody changes what is returned."""
    if table.shown is None:
        table.shown = {
            "table": table.table,
            "n": table.n,
            "abstained": table.abstained,
            "not_discussed": table.not_discussed,
            "counts": named_counts(ask, table.counts),
        }
    return table.shown


def _how_many_responded(this_round: Round, voice: str, group: Group) -> int:
    if group:
        return counted_responses(this_round.pk, voice, group).count()
    return total(_responded(this_round=this_round.pk, voice=voice))


def scale_of(ask: Ask, found: Iterable[int | None]) -> list[int]:
    """Return every value that is counted; points have no scale: those `found`."""
    if ask.is_pick:
        return [0, 1]
    if ask.kind == Prompt.Kind.RANK:
        return list(range(min(ask.most, len(ask.items)) + 1))
    if ask.kind == Prompt.Kind.ALLOCATE:
        return sorted({value for value in found if value is not None})
    return [point.value for point in ask.points]


def points_of(counts: Mapping[int, int]) -> int:
    """Add up points: `counts` maps points to the respondents who gave so many."""
    return sum(points * respondents for points, respondents in counts.items())


def prompt_measures(
    this_round: Round,
    ask: Ask,
    voice: str,
    tallies: Sequence[ItemTally[int]],
    group: Group,
) -> Json:
    """Return the measures of a whole round that its kind defines."""
    ballots: Mapping[rankings.Ballot, int] = {}
    if ask.kind == Prompt.Kind.RANK:
        ballots = ballots_of(this_round, ask, voice, group)
    totals = {row.item: points_of(row.counts) for row in tallies}
    offered = ask.total * max((row.n for row in tallies), default=0)
    return measures_of_prompt(ask, ballots, totals, offered=offered)


def measures_of_prompt(
    ask: Ask,
    ballots: Mapping[rankings.Ballot, int],
    totals: Mapping[str, int],
    *,
    offered: int = 0,
) -> Json:
    """Return the measures of rankings, of points given, or the rule of a rating.

    Other kinds have none. offered: the points that everybody together could give.
    """
    if ask.kind == Prompt.Kind.RANK:
        options = [item.key for item in ask.items]
        measured = rankings.rank_measures(ballots, options)
        return measured | {"announced": ask.rule or None}
    if ask.kind == Prompt.Kind.ALLOCATE:
        # Nobody can spend more than the total, so what is not given is unspent.
        return allocations.prompt_measures(totals, offered - sum(totals.values()))
    if ask.kind == Prompt.Kind.RATE:
        return {"word_rule": asdict(ask.words)}
    return {}


def ballots_of(
    this_round: Round, ask: Ask, voice: str, group: Group
) -> Counter[rankings.Ballot]:
    """Count the rankings of a voice that are the same, item by item."""
    keys = {item.id: item.key for item in ask.items}
    places: dict[int, list[tuple[int, int]]] = defaultdict(list)
    rows = counted_answers(this_round.pk, voice, group).filter(value__gte=1)
    for response, item, place in rows.values_list("response", "item", "value"):
        if item in keys:
            places[response].append((item, place))
    # Equal ones are told apart no more before each is written out.
    equal = Counter(tuple(sorted(ranked)) for ranked in places.values())
    options = list(keys.values())
    ballots: Counter[rankings.Ballot] = Counter()
    for ranked, respondents in equal.items():
        named = {keys[item]: place for item, place in ranked}
        ballots[rankings.ballot(named, options)] += respondents
    return ballots


def counted_responses(
    round_id: int, voice: str, group: Group = EVERYBODY
) -> QuerySet[Response]:
    """Return the responses that count: not of people who were removed."""
    return group.responses(
        Response.objects.counted().filter(round=round_id, voice=voice)
    )


def counted_answers(
    round_id: int, voice: str, group: Group = EVERYBODY
) -> QuerySet[Answer]:
    """Return the answers of the responses that count, in no order."""
    answers = Answer.objects.counted_in(round_id, voice)
    return group.responses(answers, "response__")


def counted_rows(
    this_round: Round,
    ask: Ask,
    voice: str,
    *,
    by_table: bool = True,
    organised: bool = False,
    group: Group = EVERYBODY,
) -> Iterable[tuple[Row[int], str | None]]:
    """Yield the counted answers of a voice with the organisation they came from.

    Without `by_table` those of all tables together, which are far fewer rows, and the
    organisation only if they are to be `organised`.
    """
    item_keys = {item.id: item.key for item in ask.items}
    criterion_keys = {criterion.id: criterion.key for criterion in ask.criteria}
    fields = ["item", "criterion", "state", "value"]
    if by_table:
        fields.append("response__table__number")
    if organised:
        fields += [
            "response__participant__badge__organisation__name",
            "response__organisation__name",
        ]
    grouped = (
        _grouped(counted_answers(this_round.pk, voice, group), fields)
        if group
        else _prepared_rows(*fields)(this_round=this_round.pk, voice=voice)
    )
    for item, criterion, state, value, *others, number in grouped:
        table, *organisations = others if by_table else (None, *others)
        if item in item_keys:
            row = Row(
                item_keys[item],
                criterion_keys[criterion],
                table,
                state,
                value,
                number,
            )
            yield row, next(filter(None, organisations), None)


def _grouped(
    answers: QuerySet[Answer], fields: Sequence[str]
) -> QuerySet[Answer, tuple[Any, ...]]:
    """Count answers that are the same in these fields."""
    return answers.values_list(*fields).annotate(number=Count("pk"))


@cache
def _prepared_rows(*fields: str) -> Prepared[tuple[Any, ...]]:
    return Prepared(
        lambda this_round, voice: _grouped(counted_answers(this_round, voice), fields),
        this_round=int,
        voice=str,
    )


_responded = Prepared(
    lambda this_round, voice: (
        counted_responses(this_round, voice)
        .order_by()
        .values_list("round")
        .annotate(number=Count("pk"))
    ),
    this_round=int,
    voice=str,
)
_from_file = Prepared(
    lambda this_round, voice: (
        counted_responses(this_round, voice)
        .filter(participant=None)
        .order_by()
        .values_list("round")
        .annotate(number=Count("pk"))
    ),
    this_round=int,
    voice=str,
)
_people = Prepared(
    lambda workshop: (
        Participant.objects.present()
        .filter(workshop_id=workshop)
        .order_by()
        .values_list("workshop")
        .annotate(number=Count("pk"))
    ),
    workshop=int,
)
_table_numbers = Prepared(
    lambda workshop: (
        Table.objects.filter(workshop_id=workshop)
        .order_by("number")
        .values_list("number", flat=True)
    ),
    workshop=int,
)


def total(counted: Iterable[tuple[Any, int]]) -> int:
    """Add up a prepared count, which has no row where there is nothing."""
    return sum(number for _group, number in counted)


def table_numbers(workshop_id: int) -> list[int]:
    """Return the numbers of a workshop's tables, in their order."""
    return once(
        ("table numbers", workshop_id), lambda: _table_numbers(workshop=workshop_id)
    )


def present(this_round: Round, voice: str, group: Group = EVERYBODY) -> int:
    """Return how many could answer: people in the room before closing, or tables.

    Where a round does not ask everybody, those of them whom it asks.
    """
    if not this_round.asks_everybody:
        return _asked(this_round, voice, group)
    if voice == Voice.TABLES:
        return len(table_numbers(this_round.workshop_id))
    if this_round.closed_at is None and not group:
        return total(_people(workshop=this_round.workshop_id)) + total(
            _from_file(this_round=this_round.pk, voice=voice)
        )
    people = group.people(this_round.workshop.participants.present())
    if this_round.closed_at is not None:
        people = people.filter(joined_at__lte=this_round.closed_at)
    responses = counted_responses(this_round.pk, voice, group)
    from_file = responses.filter(participant=None)
    return people.count() + from_file.count()


def _asked(this_round: Round, voice: str, group: Group) -> int:
    if voice == Voice.TABLES:
        return this_round.asked.filter(table__isnull=False).count()
    if this_round.closed_at is not None and not group:
        # As they sat then: who has changed tables since was asked all the same.
        return absence.could_answer(
            seats(this_round, voice), closed_at=this_round.closed_at
        )
    people = group.people(people_asked(this_round))
    if this_round.closed_at is not None:
        people = people.filter(joined_at__lte=this_round.closed_at)
    return people.count()


def audience_results(this_round: Round) -> Json:
    """Return whom a round asks that does not ask everybody: some tables, or people.

    Of people no more than that: `present` says how many.
    """
    return {"asked": this_round.audience, "tables": tables_asked(this_round)}


def tables_asked(this_round: Round) -> list[int]:
    """Return the numbers of the tables that a round asks, none if it asks no tables."""
    numbers = this_round.asked.filter(table__isnull=False).order_by("table__number")
    return list(numbers.values_list("table__number", flat=True))


def people_asked(this_round: Round) -> QuerySet[Participant]:
    """Return the people who are here and whom a round asks."""
    people = this_round.workshop.participants.present()
    if this_round.audience == Audience.PEOPLE:
        return people.filter(pk__in=this_round.asked.values("participant"))
    if this_round.audience == Audience.TABLES:
        return people.filter(table__in=this_round.asked.values("table"))
    return people


def named_counts(ask: Ask, counts: Mapping[int, int]) -> dict[str, int]:
    """Return counts under the names of the results JSON.

    They are `chosen`, the places of a ranking, `points` added up, or a scale's keys.
    """
    if ask.is_pick:
        return {"chosen": counts[1]}
    if ask.kind == Prompt.Kind.RANK:
        return {str(place): n for place, n in counts.items() if place}
    if ask.kind == Prompt.Kind.ALLOCATE:
        return {"points": points_of(counts)}
    return {point.key: counts[point.value] for point in ask.points}


def item_measures(
    ask: Ask, row: ItemTally[int], voice: str, *, resamples: int | None
) -> Json:
    """Return the measures of one item and criterion that its kind defines."""
    if ask.is_pick:
        return shares.share_measures(row.counts[1], row.n)
    if ask.kind == Prompt.Kind.RANK:
        return {}
    if ask.kind == Prompt.Kind.RATE:
        measures = agreement.rate_measures(row.counts, rule=ask.words)
        if voice == Voice.PEOPLE and resamples is not None:
            measures |= tables.rate_by_table(
                row.counts_by_table, seed=SEED, resamples=resamples
            )
        return measures
    measures = nominal.assess_measures(named_counts(ask, row.counts))
    if voice == Voice.PEOPLE and resamples is not None:
        named = {
            number: named_counts(ask, counts)
            for number, counts in row.counts_by_table.items()
        }
        measures |= tables.assess_by_table(named, seed=SEED, resamples=resamples)
    return measures


def by_organisation(
    ask: Ask,
    rows: Iterable[tuple[Row[int], str | None]],
    scale: Sequence[int],
    *,
    least: int = LEAST_OF_A_GROUP,
) -> dict[tuple[str, str], list[Json]]:
    """Return the breakdown by organisation for each item and criterion.

    Groups that would give somebody away are listed without figures. scale: every value
    that is counted. least: people that a group is shown from.
    """
    found: dict[tuple[str, str], dict[str, Counter[int]]] = defaultdict(dict)
    for row, organisation in rows:
        if row.state == "answered":
            # People without an organisation are a group too: left out, the total
            # would give a withheld group away.
            groups = found[row.item, row.criterion]
            groups.setdefault(organisation or "", Counter())[row.value] += row.count
    whole = {
        key: {
            name: {value: counts[value] for value in scale}
            for name, counts in groups.items()
        }
        for key, groups in found.items()
    }
    also: set[str] = set()
    if ask.adds_up:
        # Places, points or picks of the other items would tell those of one withheld.
        also = suppression.suppress_together(list(whole.values()), threshold=least)
    return {
        key: [
            row | {"counts": row["counts"] and named_counts(ask, row["counts"])}
            for row in suppression.by_organisation(groups, threshold=least, also=also)
        ]
        for key, groups in whole.items()
    }


def hold_small(workshop: Workshop, items: Iterable[Json]) -> list[Json]:
    """Withhold tables where so few answered that the answer would name somebody.

    Only where the attribution rule names nobody. What is withheld is never a table
    alone, nor so few answers that the others and the total would tell them.
    """
    rule = Workshop.Attribution
    if workshop.attribution not in (rule.CHATHAM_HOUSE, rule.ANONYMOUS):
        return list(items)
    return _held(items)


def _held(items: Iterable[Json]) -> list[Json]:
    held = []
    for item in items:
        shown = item | {"by_table": _without_small(item["by_table"])}
        if item.get("absent"):
            shown["absent"] = _few_absent(item["absent"], shown["by_table"])
        held.append(shown)
    return held


def _few_absent(absent: Json, shown: Iterable[Json]) -> Json:
    """Withhold the causes at tables where a cause, or the answers, would say who."""
    rows = {row["table"]: row for row in absent["by_table"]}
    hidden = absence.withheld(
        {
            table: {cause: row[cause] for cause in CAUSES}
            for table, row in rows.items()
            if "suppressed" not in row  # withheld before
        },
        also={row["table"] for row in shown if row.get("suppressed")},
    )
    return absent | {
        "by_table": [
            {"table": table, "suppressed": True} if table in hidden else row
            for table, row in rows.items()
        ]
    }


def _without_small(rows: Sequence[Json]) -> list[Json]:
    small = small_tables(rows)
    return [
        {"table": row["table"], "suppressed": True} if row["table"] in small else row
        for row in rows
    ]


def small_tables(rows: Iterable[Json]) -> set[int]:
    """Return the tables to withhold of one item, the smallest first."""
    answered = sorted(
        (row for row in rows if row.get("n")),  # not those withheld before
        key=lambda row: (row["n"], row["table"]),
    )
    held = [row for row in answered if row["n"] < LEAST_SHOWN]
    left = answered[len(held) :]
    while (
        held
        and left
        and (len(held) == 1 or sum(row["n"] for row in held) < LEAST_SHOWN)
    ):
        held.append(left.pop(0))
    return {row["table"] for row in held}


def published_results(workshop: Workshop) -> Json:
    """Return a workshop's results JSON as it may leave the house.

    Organisations are shown from more people on than in the room.
    """
    results = workshop_results(workshop, least_of_group=LEAST_PUBLISHED)
    return published(workshop, results)


def published(workshop: Workshop, results: Json) -> Json:
    """Return results without the tables that may not leave the house."""
    return results | {
        "prompts": [
            found
            | {
                "voices": {
                    voice: answered
                    and answered | {"items": hold_small(workshop, answered["items"])}
                    if voice == Voice.PEOPLE
                    else answered
                    for voice, answered in found["voices"].items()
                }
            }
            for found in results["prompts"]
        ]
    }


def for_readers(found: Json) -> Json:
    """Return the results of a round as a document may have them, under any rule.

    Of people, a table where fewer than three answered is withheld as `hold_small`
    does, and an item on which fewer than three answered has no figures.
    """
    people = found["voices"][Voice.PEOPLE]
    if not people:
        return found
    items = [
        _without_figures(item) if 0 < item["n"] < LEAST_SHOWN else item
        for item in _held(people["items"])
    ]
    return found | {
        "voices": found["voices"] | {Voice.PEOPLE: people | {"items": items}}
    }
