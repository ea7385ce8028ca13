"""Is what is shown what was said? Every figure is counted again, row by row.

Nothing here uses the grouping queries or the arithmetic behind the screens: plain
loops over the stored rows, so that a mistake there cannot hide here.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from statistics import mean, median
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from deliberation import checking_absence
from deliberation.actions.importing import KEY_PREFIX
from deliberation.live import screen
from deliberation.live.progress import progress
from deliberation.models import Answer, Prompt, Response, Round, Submission
from deliberation.models.response import Voice
from deliberation.results import workshop_results
from deliberation.writeup.structure import sha256
from workshops.models import Participant, Table, Workshop

type Json = dict[str, Any]

SMALLEST_GROUP = 5  # people of one organisation that may be shown
# SQLite compares times to the millisecond.
SLACK = timedelta(milliseconds=1)
# An answer in time is dated a moment later; a close by the clock does not wait for it.
CLOCK_SLACK = timedelta(seconds=1)
PICKED = ("choose", "approve")


@dataclass
class Verdict:
    """How many figures were compared, and each difference in a sentence."""

    checked: int = 0
    differences: list[str] = field(default_factory=list)

    def compare(self, where: str, *, shown: object, counted: object) -> None:
        self.checked += 1
        if shown != counted:
            message = _("%(where)s: shown %(shown)s, counted %(counted)s")
            values = {"where": where, "shown": shown, "counted": counted}
            self.differences.append(message % values)

    def require(self, fine: bool, sentence: str) -> None:
        self.checked += 1
        if not fine:
            self.differences.append(sentence)


def verify(workshop: Workshop) -> Verdict:
    """Check a workshop's answers against their history, and its results against them.

    Current answers must be what the submissions lead to when played again; a
    respondent has one response in a round; nothing was stored after a round closed;
    and every count, breakdown and simple measure of the results is counted again, as
    is who has answered on the screen and in the console. What was published must be
    what it was.
    """
    with one_snapshot():
        return _verify(workshop)


def _verify(workshop: Workshop) -> Verdict:
    verdict = Verdict()
    _check_history(workshop, verdict)
    _check_respondents(workshop, verdict)
    _check_closing(workshop, verdict)
    _check_publications(workshop, verdict)
    _check_points(workshop, verdict)
    rounds = {
        (this_round.prompt.path, this_round.number): this_round
        for this_round in workshop.rounds.select_related(
            "prompt__session", "prompt__scale"
        )
    }
    shown = workshop_results(workshop, resamples=0)["prompts"]
    verdict.compare(_("rounds"), shown=len(shown), counted=len(rounds))
    for result in shown:
        this_round = rounds[result["prompt"], result["round"]]
        _check_round(workshop, this_round, result, verdict)
        _check_who_is_in(workshop, this_round, verdict)
    return verdict


@contextmanager
def one_snapshot() -> Iterator[None]:
    """See the database as it is at one moment, and hold no answer up meanwhile.

    Within a transaction of the caller, the snapshot is the caller's.
    """
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(
                    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
                )
            yield
    else:
        # Otherwise a transaction on SQLite is a writer's, and keeps others waiting.
        sqlite: Any = connection
        mode, sqlite.transaction_mode = sqlite.transaction_mode, None
        try:
            with transaction.atomic():
                yield
        finally:
            sqlite.transaction_mode = mode


# ---- history ----


def _check_publications(workshop: Workshop, verdict: Verdict) -> None:
    """Versions are numbered without a hole, and each says what it said."""
    versions = list(workshop.publications.order_by("number"))
    verdict.compare(
        _("published versions"),
        shown=[one.number for one in versions],
        counted=list(range(1, len(versions) + 1)),
    )
    for one in versions:
        verdict.compare(
            _("published version %(number)d, SHA-256") % {"number": one.number},
            shown=sha256(one.report),
            counted=one.sha256,
        )


def _check_history(workshop: Workshop, verdict: Verdict) -> None:
    replayed: dict[int, dict[tuple[int, int], tuple]] = defaultdict(dict)
    submitted: Counter[int] = Counter()
    history = Submission.objects.filter(workshop=workshop).order_by("pk")
    for pk, content in history.values_list("response_id", "content"):
        submitted[pk] += 1
        for item, criterion, *judged in content:
            replayed[pk][item, criterion] = tuple(judged)
    stored: dict[int, dict[tuple[int, int], tuple]] = defaultdict(dict)
    answers = Answer.objects.filter(workshop=workshop).values_list(
        "response_id", "item_id", "criterion_id", "state", "value", "reason"
    )
    for pk, item, criterion, *judged in answers:
        stored[pk][item, criterion] = tuple(judged)
    responses = Response.objects.filter(workshop=workshop)
    for response in responses.select_related("round__prompt__session"):
        name = _("%(round)s, response %(number)d") % {
            "round": _name(response.round),
            "number": response.pk,
        }
        verdict.compare(
            _("%(name)s, answers") % {"name": name},
            shown=stored[response.pk],
            counted=replayed[response.pk],
        )
        verdict.compare(
            _("%(name)s, submissions") % {"name": name},
            shown=response.version,
            counted=submitted[response.pk],
        )


def _check_respondents(workshop: Workshop, verdict: Verdict) -> None:
    responses = Response.objects.filter(workshop=workshop)
    by_respondent: Counter[tuple] = Counter()
    by_person: Counter[tuple] = Counter()
    by_table: Counter[tuple] = Counter()
    for row in responses:
        by_respondent[row.round_id, row.respondent] += 1
        if row.participant_id is not None:
            by_person[row.round_id, row.participant_id] += 1
        if row.voice == Voice.TABLES:
            by_table[row.round_id, row.table_id] += 1
    for counted in (by_respondent, by_person, by_table):
        for (round_id, who), number in counted.items():
            message = _("round %(round)d has %(number)d responses of %(who)s")
            values = {"round": round_id, "number": number, "who": who}
            verdict.require(number == 1, message % values)


def _check_closing(workshop: Workshop, verdict: Verdict) -> None:
    """No answer is later than its round's close; files may come in at any time."""
    history = Submission.objects.filter(workshop=workshop).exclude(
        key__startswith=KEY_PREFIX
    )
    for submission in history.select_related("response__round"):
        this_round = submission.response.round
        if this_round.closed_at is None:
            continue
        slack = CLOCK_SLACK if this_round.closes_at_zero else SLACK
        message = _("submission %(number)d came at %(at)s, after the close, %(closed)s")
        values = {
            "number": submission.pk,
            "at": submission.at,
            "closed": this_round.closed_at,
        }
        in_time = submission.at <= this_round.closed_at + slack
        verdict.require(in_time, message % values)


# ---- who is in ----


def _check_points(workshop: Workshop, verdict: Verdict) -> None:
    """Points stand under themes of their prompt and repeat points of their prompt."""
    strays = workshop.points.filter(
        (Q(theme__isnull=False) & ~Q(theme__prompt=F("prompt")))
        | (Q(duplicate_of__isnull=False) & ~Q(duplicate_of__prompt=F("prompt")))
    )
    verdict.compare(
        _("points that stand with those of another prompt"),
        shown=0,
        counted=strays.count(),
    )


def _check_who_is_in(workshop: Workshop, this_round: Round, verdict: Verdict) -> None:
    """The screen counts people who answered by table; the console items as well."""
    gone = _removed(workshop)
    people = [person for person in workshop.participants.all() if person.pk not in gone]
    seats: dict[int | None, Table | None] = {p.pk: p.table for p in people}
    by_table: dict[int | None, list[int]] = {
        table.number: [0, 0] for table in workshop.tables.all()
    }
    for table in seats.values():
        by_table.setdefault(table.number if table else None, [0, 0])[0] += 1
    in_console = []
    responses = this_round.responses.select_related("table")
    for response in responses.prefetch_related("answers"):
        person = response.participant_id
        if person in gone:
            continue
        if person is not None:
            seat = seats[person]
            by_table[seat.number if seat else None][1] += 1
        by_people = response.voice == Voice.PEOPLE
        place = seats.get(person) if by_people else response.table
        items = {answer.item_id for answer in response.answers.all()}
        in_console.append((response.voice, place and place.pk, len(items)))
    by_table = _of_those_asked(this_round, by_table, gone)
    name = _name(this_round)
    verdict.compare(
        _("%(round)s, people in on the screen") % {"round": name},
        shown={
            seat["table"]: [seat["present"], seat["answered"]]
            for seat in screen.seated(workshop, this_round)
        },
        counted=by_table,
    )
    verdict.compare(
        _("%(round)s, answered in the console") % {"round": name},
        shown=sorted(map(str, (row[:3] for row in progress(this_round)))),
        counted=sorted(map(str, in_console)),
    )


def _of_those_asked(
    this_round: Round, by_table: dict[int | None, list[int]], gone: set[int]
) -> dict[int | None, list[int]]:
    """Keep of who is in what a screen may say of a round that asks only some."""
    if this_round.asks_everybody:
        return by_table
    named = list(this_round.asked.select_related("table"))
    tables = {one.table.number for one in named if one.table}
    if tables:
        return {number: by_table[number] for number in tables}
    asked = {one.participant_id for one in named} - gone
    return {None: [len(asked), sum(answered for _here, answered in by_table.values())]}


# ---- results ----


def _check_round(
    workshop: Workshop, this_round: Round, result: Json, verdict: Verdict
) -> None:
    status = "open" if this_round.closed_at is None else "closed"
    name = _name(this_round)
    verdict.compare(f"{name}, status", shown=result["status"], counted=status)
    for voice in Voice.values:
        shown = result["voices"][voice]
        asked = voice in this_round.prompt.voices
        verdict.compare(f"{name} {voice}", shown=bool(shown), counted=asked)
        if asked and shown:
            _check_voice(workshop, this_round, voice, shown, verdict)


def _check_voice(
    workshop: Workshop, this_round: Round, voice: str, shown: Json, verdict: Verdict
) -> None:
    name = f"{_name(this_round)} {voice}"
    rows = list(_rows(this_round, voice))
    gone = _removed(workshop)
    responses = [
        row
        for row in Response.objects.filter(
            round=this_round, voice=voice
        ).select_related("table")
        if row.participant_id not in gone
    ]
    people = checking_absence.everybody(this_round, voice, responses)
    tables = sorted(table.number for table in workshop.tables.all())
    responded = len(responses)
    verdict.compare(f"{name}, responded", shown=shown["responded"], counted=responded)
    verdict.compare(
        f"{name}, present",
        shown=shown["present"],
        counted=_present(workshop, this_round, voice, responses)
        if this_round.asks_everybody
        else checking_absence.asked(people),
    )
    words = _words(this_round)
    asked = [row.item.key for row in this_round.round_items.select_related("item")]
    criteria = [row.key for row in this_round.prompt.criteria.all()]
    places = [(item, criterion) for item in asked for criterion in criteria]
    verdict.compare(
        f"{name}, items",
        shown=[(entry["item"], entry["criterion"]) for entry in shown["items"]],
        counted=places,
    )
    _check_whole(name, this_round, shown, rows, asked, verdict)
    for entry in shown["items"]:
        place = (entry["item"], entry["criterion"])
        mine = [row for row in rows if (row["item"], row["criterion"]) == place]
        where = f"{name} {' '.join(filter(None, place))}"
        _check_tally(where, entry, mine, words, verdict)
        verdict.compare(
            _("%(where)s, absent") % {"where": where},
            shown=entry["absent"],
            counted=checking_absence.absent(people, mine, tables),
        )
        _check_tables(workshop, where, voice, entry, mine, words, verdict)
        _check_organisations(workshop, where, voice, entry, mine, words, verdict)
        _check_measures(where, this_round.prompt.kind, entry, mine, words, verdict)


def _name(this_round: Round) -> str:
    return f"{this_round.prompt.path} {this_round.number}"


def _removed(workshop: Workshop) -> set[int]:
    gone = Participant.objects.filter(workshop=workshop, removed_at__isnull=False)
    return set(gone.values_list("pk", flat=True))


def _present(
    workshop: Workshop, this_round: Round, voice: str, responses: Iterable[Response]
) -> int:
    if voice == Voice.TABLES:
        return len(list(workshop.tables.all()))
    here = 0
    for person in workshop.participants.all():
        came_late = this_round.closed_at and person.joined_at > this_round.closed_at
        here += person.removed_at is None and not came_late
    return here + sum(response.participant_id is None for response in responses)


def _rows(this_round: Round, voice: str) -> Iterator[Json]:
    """Yield the answers of a voice, one by one, without those of people removed."""
    answers = Answer.objects.filter(round=this_round).select_related(
        "item",
        "criterion",
        "response__table",
        "response__organisation",
        "response__participant__badge__organisation",
    )
    for answer in answers:
        response = answer.response
        person = response.participant
        if response.voice != voice or (person and person.removed_at):
            continue
        badge = getattr(person, "badge", None)
        group = (badge and badge.organisation) or response.organisation
        yield {
            "response": response.pk,
            "item": answer.item.key,
            "criterion": answer.criterion.key,
            "table": response.table.number if response.table else None,
            "organisation": group.name if group else "",
            "state": answer.state,
            "value": answer.value,
        }


def _words(this_round: Round) -> dict[int, str] | None:
    """Return what a stored value is called in the results, for the whole scale.

    None stands for points, which are added up.
    """
    if this_round.prompt.kind in PICKED:
        return {1: "chosen"}
    if this_round.prompt.kind == "rank":
        items = this_round.round_items.count()
        places = min(items, this_round.prompt.most or items)
        return {place: str(place) for place in range(1, places + 1)}
    if this_round.prompt.kind == "allocate":
        return None
    scale = this_round.prompt.scale
    if scale is None:
        return {}
    return {point.value: point.key for point in scale.points.all()}


def _count(rows: Iterable[Json], words: Mapping[int, str] | None) -> Json:
    counted: Json = {
        "n": 0,
        "abstained": 0,
        "not_discussed": 0,
        "counts": {"points": 0} if words is None else dict.fromkeys(words.values(), 0),
    }
    for row in rows:
        if row["state"] == "answered":
            counted["n"] += 1
            if words is None:
                counted["counts"]["points"] += row["value"]
            elif row["value"] in words:
                counted["counts"][words[row["value"]]] += 1
        elif row["state"] == "abstain":
            counted["abstained"] += 1
        else:
            counted["not_discussed"] += 1
    return counted


def _check_tally(
    where: str,
    entry: Json,
    rows: Iterable[Json],
    words: Mapping[int, str] | None,
    verdict: Verdict,
) -> None:
    for figure, counted in _count(rows, words).items():
        if figure in entry:
            verdict.compare(f"{where}, {figure}", shown=entry[figure], counted=counted)


def _check_tables(
    workshop: Workshop,
    where: str,
    voice: str,
    entry: Json,
    rows: list[Json],
    words: Mapping[int, str] | None,
    verdict: Verdict,
) -> None:
    numbers = {row["table"] for row in rows if row["table"] is not None}
    if voice == Voice.PEOPLE:
        numbers |= {table.number for table in workshop.tables.all()}
    shown = [table["table"] for table in entry["by_table"]]
    verdict.compare(f"{where}, tables", shown=shown, counted=sorted(numbers))
    for table in entry["by_table"]:
        mine = [row for row in rows if row["table"] == table["table"]]
        _check_tally(f"{where} table {table['table']}", table, mine, words, verdict)


def _check_organisations(
    workshop: Workshop,
    where: str,
    voice: str,
    entry: Json,
    rows: list[Json],
    words: Mapping[int, str] | None,
    verdict: Verdict,
) -> None:
    answered = [row for row in rows if row["state"] == "answered"]
    names = {row["organisation"] for row in answered}
    if voice != Voice.PEOPLE or not workshop.asks_organisation:
        names = set()
    shown = [group["organisation"] for group in entry["by_organisation"]]
    verdict.compare(f"{where}, organisations", shown=shown, counted=sorted(names))
    for group in entry["by_organisation"]:
        name = f"{where} {group['organisation'] or '-'}"
        figures = (group["n"], group["counts"])
        if group["suppressed"]:
            verdict.compare(name, shown=figures, counted=(None, {}))
            continue
        mine = [row for row in answered if row["organisation"] == group["organisation"]]
        counted = _count(mine, words)
        verdict.compare(name, shown=figures, counted=(counted["n"], counted["counts"]))
        of_one_mind = len({row["value"] for row in mine}) == 1
        message = _("%(name)s is shown although it gives people away")
        fine = len(mine) >= SMALLEST_GROUP and not of_one_mind
        verdict.require(fine, message % {"name": name})


def _check_measures(
    where: str,
    kind: str,
    entry: Json,
    rows: Iterable[Json],
    words: Mapping[int, str] | None,
    verdict: Verdict,
) -> None:
    values = [row["value"] for row in rows if row["state"] == "answered"]
    if words is None:
        return
    if kind == "rate":
        counted = _rate_measures(values, sorted(words))
    elif kind == "assess":
        counted = _assess_measures([words[value] for value in values], len(words))
    elif kind in PICKED:
        counted = {"share": sum(values) / len(values) if values else None}
    else:
        return
    _compare_measures(where, entry["measures"], counted, verdict)


def _compare_measures(
    where: str, measures: Json, counted: Json, verdict: Verdict
) -> None:
    for measure, figure in counted.items():
        shown = measures.get(measure)
        verdict.require(
            _is_close(shown, figure),
            _("%(where)s, %(measure)s: shown %(shown)s, counted %(counted)s")
            % {"where": where, "measure": measure, "shown": shown, "counted": figure},
        )


# ---- answers that are one whole ----


def _check_whole(
    where: str,
    this_round: Round,
    shown: Json,
    rows: Iterable[Json],
    items: list[str],
    verdict: Verdict,
) -> None:
    """Check each ranking or sharing by its own rules, and what they say together."""
    prompt, total = this_round.prompt, this_round.prompt.total or 0
    if prompt.kind not in ("rank", "allocate"):
        return
    answers: dict[int, dict[str, int]] = defaultdict(dict)
    for row in rows:
        if row["state"] == "answered":
            answers[row["response"]][row["item"]] = row["value"]
    for number, given in answers.items():
        fine = set(given) == set(items)
        if prompt.kind == "allocate":
            fine &= min(given.values()) >= 0 and sum(given.values()) <= total
        else:
            fine &= _is_ranking(list(given.values()), prompt)
        message = _("%(where)s: response %(number)d breaks the rules of the question")
        verdict.require(fine, message % {"where": where, "number": number})
    measures = shown["measures"]
    if prompt.kind == "rank":
        counted = _ranking_measures(list(answers.values()), items)
        _compare_measures(where, measures, counted, verdict)
        return
    totals = {item: sum(one[item] for one in answers.values()) for item in items}
    spent, squares = sum(totals.values()), sum(n * n for n in totals.values())
    counted = {
        "unspent": len(answers) * total - spent,
        "effective_number": spent * spent / squares if squares else None,
    }
    _compare_measures(where, measures, counted, verdict)
    for entry in shown["items"]:
        key = entry["item"]
        counted = {
            "total": totals[key],
            "supporters": sum(one[key] > 0 for one in answers.values()),
            "mean": totals[key] / len(answers) if answers else None,
            "share": totals[key] / spent if spent else None,
        }
        _compare_measures(f"{where} {key}", entry["measures"], counted, verdict)


def _is_ranking(places: list[int], prompt: Prompt) -> bool:
    given = [place for place in places if place]
    most = len(places) if prompt.most is None else prompt.most
    unbroken = sorted(set(given)) == list(range(1, len(set(given)) + 1))
    is_fine = unbroken and 1 <= len(given) <= most
    return is_fine and (prompt.ties or len(set(given)) == len(given))


def _ranking_measures(rankings: list[dict[str, int]], items: list[str]) -> Json:
    """Count pair by pair; what has no place is level behind all that have."""
    above = {item: {other: 0 for other in items if other != item} for item in items}
    first = dict.fromkeys(items, 0)
    ranks: dict[str, list[float]] = {item: [] for item in items}
    for places in rankings:
        order = {item: places[item] or len(items) + 1 for item in items}
        for item in items:
            first[item] += places[item] == 1
            better = sum(order[other] < order[item] for other in items)
            level = sum(order[other] == order[item] for other in items)
            ranks[item].append(better + (level + 1) / 2)
            for other in items:
                if order[item] < order[other]:
                    above[item][other] += 1
    winners = [
        item
        for item in items
        if rankings and all(n > above[other][item] for other, n in above[item].items())
    ]
    return {
        "ballots": len(rankings),
        "first_choices": first,
        "borda": {
            item: sum(len(items) - rank for rank in ranks[item]) for item in items
        },
        "pairwise": above,
        "condorcet_winner": winners[0] if winners else None,
        "mean_rank": {item: mean(ranks[item]) if rankings else None for item in items},
    }


def _rate_measures(values: list[int], scale: list[int]) -> Json:
    half = len(scale) // 2
    return {
        "median": median(values) if values else None,
        "mean": mean(values) if values else None,
        "agree": sum(value in scale[len(scale) - half :] for value in values),
        "disagree": sum(value in scale[:half] for value in values),
    }


def _assess_measures(chosen: list[str], categories: int) -> Json:
    people = Counter(chosen).most_common()
    if not people:
        return {"mode": None, "modal_share": None, "margin": None, "iqv": None}
    n = len(chosen)
    first, second = people[0][1], people[1][1] if len(people) > 1 else 0
    same = sum(number * number for _key, number in people) / (n * n)
    spread = (1 - same) * categories / (categories - 1) if categories > 1 else None
    return {
        "mode": None if first == second else people[0][0],
        "modal_share": first / n,
        "margin": (first - second) / n,
        "iqv": spread,
    }


def _is_close(shown: object, counted: object) -> bool:
    if isinstance(shown, int | float) and isinstance(counted, int | float):
        return abs(shown - counted) <= 0.000051
    if isinstance(shown, dict) and isinstance(counted, dict):
        return shown.keys() == counted.keys() and all(
            _is_close(shown[key], counted[key]) for key in counted
        )
    return shown == counted
