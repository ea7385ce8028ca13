"""Answers and points as CSV: the files that `import_answers` takes.

Who answered goes out only as far as the attribution rule lets it. A person is a label
that is drawn anew for each file (`P017`), so that nobody finds in it who sat where.
Where the rule names nobody, not even what one person answered to several items can be
put together: rows have no label, no table and no organisation, and stand in the order
of what they say.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from random import SystemRandom
from typing import NamedTuple

from django.db.models.functions import Coalesce

from deliberation import csv_files
from deliberation.actions.answers import ask_of
from deliberation.actions.importing import ANSWER_COLUMNS, POINT_COLUMNS
from deliberation.kinds import Ask
from deliberation.models import Answer, Prompt, Question, Round
from deliberation.models.response import Voice
from deliberation.results import LEAST_PUBLISHED
from workshops.models import Workshop


class _Judged(NamedTuple):
    """A stored answer, as one row of the query."""

    round: int
    voice: str
    respondent: str
    table: int | None
    organisation: str | None
    item: int
    criterion: int
    state: str
    value: int | None
    reason: str


class _Person(NamedTuple):
    """What a file says of a person."""

    label: str
    organisation: str


def answers_csv(workshop: Workshop) -> bytes:
    """Return what counts of a workshop's answers, one row for each judged item."""
    judged = _counted(workshop)
    people = _people(judged) if workshop.asks_organisation else None
    by_round: dict[int, list[_Judged]] = defaultdict(list)
    for one in judged:
        by_round[one.round].append(one)
    rows: list[list[object]] = []
    for this_round in workshop.rounds.in_order_of_the_day():
        rows += _rows(this_round, ask_of(this_round), by_round[this_round.pk], people)
    return csv_files.write(ANSWER_COLUMNS, rows)


def points_csv(workshop: Workshop) -> bytes:
    """Return the points that nobody took back, without who wrote them."""
    rows = (row.values() for row in point_rows(workshop))
    return csv_files.write(POINT_COLUMNS, rows)


def point_rows(workshop: Workshop) -> list[dict[str, str | int | None]]:
    """Return the points as rows of the file.

    A table's point has its number; a person's has it where the rule names anybody.
    """
    points = (
        workshop.points.filter(withdrawn_at=None)
        .select_related("workshop", "prompt__session", "round", "table", "theme")
        .prefetch_related("items")
        .order_by("prompt__session__position", "prompt__position")
    )
    rows = [
        (
            point.prompt.path,
            point.round and point.round.number,
            point.voice,
            point.table_told and point.table_told.number,
            "",
            " ".join(item.key for item in point.items.all()),
            point.kind,
            point.text,
            point.theme and point.theme.title,
        )
        for point in points
    ]
    order = {row[0]: place for place, row in reversed(list(enumerate(rows)))}
    # Within a prompt by what it says: the order they came in would tell who spoke.
    rows.sort(key=lambda r: (order[r[0]], r[1] or 0, r[2], r[3] or 0, *map(str, r[5:])))
    return [dict(zip(POINT_COLUMNS, row, strict=True)) for row in rows]


def question_rows(workshop: Workshop) -> list[dict[str, str | int | None]]:
    """Return what speakers were asked: without who asked, the most supported first.

    With the table where the rule names anybody; not what was taken back or put aside.
    """
    questions = Question.objects.listed().filter(session__workshop=workshop)
    asked = questions.with_supports().select_related("session__workshop", "table")
    return [
        {
            "session": one.session.key,
            "table": one.table_told and one.table_told.number,
            "question": one.text,
            "support": one.supports,
            "state": one.status,
        }
        # By what it says, not as they came in.
        for one in asked.order_by("session__position", "-supports", "text", "pk")
    ]


def _counted(workshop: Workshop) -> list[_Judged]:
    """Return the answers that count: not of people who were removed."""
    answers = (
        Answer.objects.counted()
        .filter(workshop=workshop)
        .values_list(
            "round",
            "response__voice",
            "response__respondent",
            "response__table__number",
            Coalesce(
                "response__participant__badge__organisation__name",
                "response__organisation__name",
            ),
            "item",
            "criterion",
            "state",
            "value",
            "reason",
        )
    )
    return [_Judged(*row) for row in answers]


def _people(judged: Iterable[_Judged]) -> dict[str, _Person]:
    """Draw a label for each person, and drop the organisations of few."""
    organisations = {
        one.respondent: one.organisation or ""
        for one in judged
        if one.voice == Voice.PEOPLE
    }
    named = _large_enough(Counter(organisations.values()))
    respondents = sorted(organisations)
    SystemRandom().shuffle(respondents)
    digits = len(str(len(respondents)))
    return {
        respondent: _Person(
            f"P{number:0{digits}}",
            organisations[respondent] if organisations[respondent] in named else "",
        )
        for number, respondent in enumerate(respondents, start=1)
    }


def _large_enough(sizes: Mapping[str, int]) -> set[str]:
    """Return the organisations to name; those who are left are never few either."""
    by_size = sorted((n, name) for name, n in sizes.items() if name)
    named = {name for n, name in by_size if n >= LEAST_PUBLISHED}
    for _n, name in by_size:
        unnamed = sum(n for other, n in sizes.items() if other not in named)
        if not 0 < unnamed < LEAST_PUBLISHED:
            break
        named.discard(name)
    return named


def _rows(
    this_round: Round,
    ask: Ask,
    judged: Iterable[_Judged],
    people: Mapping[str, _Person] | None,
) -> list[list[object]]:
    """Return a round's rows in an order that says nothing new.

    people: what may be said of each; None where the rule names nobody.
    """
    items = {item.id: item for item in ask.items}
    criteria = {one.id: (place, one.key) for place, one in enumerate(ask.criteria)}
    ordered = []
    for one in judged:
        is_left_out = one.value == 0 and (ask.is_pick or ask.kind == Prompt.Kind.RANK)
        if one.item not in items or is_left_out:
            continue  # what was not picked or ranked has no row
        table, person = one.table, _Person("", "")
        if one.voice == Voice.PEOPLE:
            table = one.table if people is not None else None
            person = people[one.respondent] if people is not None else person
        item, (place, criterion) = items[one.item], criteria[one.criterion]
        said = _word(ask, one)
        order = (one.voice, table or 0, person.label, item.number, place, said)
        row = [table, *person, item.key, criterion, said, one.reason]
        ordered.append(((*order, one.reason), one.voice, row))
    ordered.sort(key=lambda entry: entry[0])
    where = [this_round.prompt.path, this_round.number]
    return [[*where, voice, *row] for _order, voice, row in ordered]


def _word(ask: Ask, one: _Judged) -> str:
    """Return an answer as the file says it: a category's key, else the number."""
    if one.value is None:
        return one.state
    if ask.kind == Prompt.Kind.ASSESS:
        return next(point.key for point in ask.points if point.value == one.value)
    return str(one.value)
