import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deliberation.actions import answers, rounds
from deliberation.actions.merging import merge
from deliberation.live import ledger
from deliberation.live.ledger import Ledger, ledger_of
from deliberation.live.progress import progress
from deliberation.models import Answer, Response
from deliberation.results import round_results
from tests import builders
from tests.bench.common import answer_in_bulk
from workshops.actions import joining
from workshops.models import Participant

pytestmark = pytest.mark.django_db

KINDS = ["assess", "rate", "choose", "approve", "rank"]


def make_round(kind: str = "rate", *, tables: int = 3, **more):
    workshop = builders.make_workshop(tables=tables)
    prompt = builders.make_prompt(workshop, kind=kind, asks_tables=True, **more)
    return builders.open_round(prompt)


def judge(this_round, who, value: int, **more) -> None:
    values = {"p1": value, "p2": 0 if this_round.prompt.kind == "choose" else value}
    builders.judge(this_round, who, values, **more)


def told(this_round, kept: Ledger) -> tuple:
    """Return what a ledger says of a round."""
    return (
        round_results(this_round, organised=False, counted=kept),
        sorted(map(repr, kept.progress())),
    )


def counted(this_round) -> tuple:
    """Return the same, counted by the database."""
    return (
        round_results(this_round, organised=False),
        sorted(map(repr, progress(this_round))),
    )


def kept_of(this_round) -> Ledger:
    return ledger_of(this_round.pk, answers.ask_of(this_round))


@pytest.mark.parametrize("kind", KINDS)
def test_a_ledger_is_what_is_counted_after_every_kind_of_change(kind):
    this_round = make_round(kind)
    workshop = this_round.workshop
    first, second, third = (builders.join(workshop, table=at) for at in (1, 1, 2))
    table = first.table
    seen = []

    def look(what: str) -> None:
        assert told(this_round, kept_of(this_round)) == counted(this_round), what
        seen.append(what)

    look("nothing")
    for who in (first, third):
        judge(this_round, who, 1)
    look("answers")
    judge(this_round, first, 1, voice="tables", table=table)
    look("a table's answer")
    judge(this_round, first, 1 if kind == "choose" else "abstain")
    look("another answer")
    joining.move(participant=third, table=workshop.tables.get(number=3))
    look("a move")
    judge(this_round, third, 1)
    look("an answer after a move")
    merge(keep=second, drop=first)
    look("a merge")
    joining.remove(participant=second)
    look("somebody removed")
    workshop.tables.filter(number=3).update(number=7)
    look("another number")
    rounds.close_round(round_id=this_round.pk)
    this_round.refresh_from_db()
    look("closed")
    Response.objects.filter(participant=third).delete()
    look("an answer deleted")

    assert len(seen) == 11


def test_a_ledger_reads_only_what_is_new_to_it():
    this_round = make_round()
    people = [builders.join(this_round.workshop, table=1) for _number in range(4)]
    for who in people:
        judge(this_round, who, 1)
    kept_of(this_round)
    judge(this_round, people[2], 2)

    with CaptureQueriesContext(connection) as asked:
        kept_of(this_round)
        kept_of(this_round)

    changed = Response.objects.get(participant=people[2]).pk
    answers_read, responses_read = asked.captured_queries[1:3]
    assert len(asked) == 4  # marks, what changed; marks again
    for read in (answers_read["sql"], responses_read["sql"]):
        assert f"IN ({', '.join([str(changed)] * ledger.AT_ONCE)})" in read


@pytest.mark.parametrize("changed", [1, ledger.AT_ONCE + 1, ledger.MANY + 1])
def test_a_ledger_reads_as_many_as_there_are(changed):
    this_round = make_round(tables=1)
    kept_of(this_round)
    table = this_round.workshop.tables.get()
    Participant.objects.bulk_create(
        Participant(workshop=this_round.workshop, table=table) for _n in range(changed)
    )
    answer_in_bulk(this_round)

    assert told(this_round, kept_of(this_round)) == counted(this_round)


def test_a_ledger_sees_in_time_what_was_changed_past_the_application(monkeypatch):
    this_round = make_round()
    judge(this_round, builders.join(this_round.workshop, table=1), 1)
    before = told(this_round, kept_of(this_round))
    Answer.objects.update(value=2)
    soon = told(this_round, kept_of(this_round))
    monkeypatch.setattr(ledger, "WHOLE_SECONDS", -1)

    assert soon == before
    assert told(this_round, kept_of(this_round)) == counted(this_round) != before


def test_a_ledger_is_made_anew_for_another_question():
    this_round = make_round()
    judge(this_round, builders.join(this_round.workshop, table=1), 1)
    first = kept_of(this_round)
    this_round.prompt.word_agreed = 60
    second = kept_of(this_round)

    assert first is not second
    assert kept_of(this_round) is second
    assert told(this_round, second) == counted(this_round)


def test_only_so_many_ledgers_are_kept(monkeypatch):
    monkeypatch.setattr(ledger, "KEPT", 1)
    this_round = make_round()
    first = kept_of(this_round)
    other = builders.open_round(
        builders.make_prompt(builders.make_workshop(slug="other"), kind="rate")
    )
    kept_of(other)

    assert kept_of(this_round) is not first


def test_points_have_no_ledger():
    this_round = make_round("allocate")

    with pytest.raises(ValueError, match="no scale"):
        kept_of(this_round)
