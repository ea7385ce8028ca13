from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from deliberation.actions import answers, rounds
from deliberation.models import Answer, Response, Submission
from deliberation.results import round_results
from tests import builders

pytestmark = pytest.mark.django_db


def start(**fields):
    """Return an open round of three principles and somebody at table 1."""
    prompt = builders.make_prompt(builders.make_workshop(), **fields)
    who = builders.join(prompt.session.workshop)
    return builders.open_round(prompt), who


def stored() -> list[tuple]:
    rows = Answer.objects.order_by("response", "item", "criterion")
    return list(rows.values_list("item__key", "state", "value", "reason"))


def test_record_stores_what_was_judged():
    this_round, who = start()

    receipt = builders.judge(this_round, who, {"p1": 2, "p3": "abstain"}, reason="Why")

    assert (receipt.version, receipt.repeated) == (1, False)
    assert stored() == [("p1", "answered", 2, "Why"), ("p3", "abstain", None, "Why")]
    assert Response.objects.get().table.number == 1


def test_record_changes_one_item_and_leaves_the_others():
    this_round, who = start()
    builders.judge(this_round, who, {"p1": 2, "p2": 1})

    receipt = builders.judge(this_round, who, {"p1": 3})

    assert receipt.version == 2
    assert stored() == [("p1", "answered", 3, ""), ("p2", "answered", 1, "")]


def test_record_keeps_the_history_of_changes():
    this_round, who = start()
    builders.judge(this_round, who, {"p1": 2})
    builders.judge(this_round, who, {"p1": 3})

    values = [one.content[0][3] for one in Submission.objects.order_by("pk")]
    assert values == [2, 3]


def test_record_takes_the_same_key_as_the_same_act():
    this_round, who = start()
    first = builders.judge(this_round, who, {"p1": 2}, key="once")

    again = builders.judge(this_round, who, {"p1": 3}, key="once")

    assert again == answers.Receipt(first.stored_at, 1, repeated=True)
    assert stored() == [("p1", "answered", 2, "")]
    assert Submission.objects.count() == 1


def test_record_refuses_after_closing():
    this_round, who = start()
    rounds.close_round(round_id=this_round.pk)

    with pytest.raises(answers.RoundClosed):
        builders.judge(this_round, who, {"p1": 2})

    assert Response.objects.count() == 0


def test_record_refuses_a_voice_that_is_not_asked():
    this_round, who = start()

    with pytest.raises(answers.NotAsked):
        builders.judge(this_round, who, {"p1": 2}, voice="tables", table=who.table)


def test_record_keeps_people_and_tables_apart():
    this_round, who = start(asks_tables=True)

    builders.judge(this_round, who, {"p1": 1})
    builders.judge(this_round, who, {"p1": 3}, voice="tables", table=who.table)

    voices = round_results(this_round)["voices"]
    counts = [voices[voice]["items"][0]["counts"] for voice in ("people", "tables")]
    assert counts == [
        {"unproblematic": 1, "difficult": 0, "inconsistent": 0},
        {"unproblematic": 0, "difficult": 0, "inconsistent": 1},
    ]


def test_record_refuses_to_overwrite_a_newer_table_answer():
    this_round, who = start(asks_tables=True)
    builders.judge(this_round, who, {"p1": 1}, voice="tables", table=who.table)
    judgement = answers.Judgement(
        this_round.round_items.first().item_id,
        this_round.prompt.criteria.get().pk,
        "answered",
        2,
        "",
    )

    with pytest.raises(answers.StaleAnswer) as refusal:
        answers.record(
            this_round=this_round,
            voice="tables",
            judgements=[judgement],
            key="late",
            participant=who,
            table=who.table,
            expected_version=0,
        )

    assert refusal.value.version == 1
    assert stored() == [("p1", "answered", 1, "")]


def test_database_refuses_a_second_response_of_a_person():
    this_round, who = start()
    builders.judge(this_round, who, {"p1": 1})
    twin = Response.objects.get()
    twin.pk, twin.respondent = None, "seat:other"

    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save(force_insert=True)


def test_database_refuses_an_answer_without_a_value():
    this_round, who = start()
    builders.judge(this_round, who, {"p1": 1})

    with pytest.raises(IntegrityError), transaction.atomic():
        Answer.objects.update(value=None)


@pytest.mark.django_db(transaction=True)
def test_sixteen_submissions_at_once_make_one_response():
    this_round, who = start()
    ready = Barrier(16)

    def submit(number: int) -> int:
        try:
            ready.wait()
            return builders.judge(
                this_round, who, {"p1": 1 + number % 3}, key=f"tap-{number % 4}"
            ).version
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        versions = list(pool.map(submit, range(16)))

    assert Response.objects.count() == 1
    assert Answer.objects.count() == 1
    # Four keys, four acts, however often each was sent.
    assert Submission.objects.count() == 4
    assert max(versions) == 4


@pytest.mark.django_db(transaction=True)
def test_closing_waits_for_answers_in_flight_and_then_refuses():
    workshop = builders.make_workshop()
    seats = [builders.join(workshop) for _seat in range(8)]

    for attempt in range(5):
        prompt = builders.make_prompt(workshop, key=f"q{attempt}")
        this_round = builders.open_round(prompt)
        ready = Barrier(len(seats) + 1)

        def answer(who, ready=ready, this_round=this_round) -> bool:
            try:
                ready.wait()
                builders.judge(this_round, who, {"p1": 1})
            except answers.RoundClosed:
                return False
            finally:
                connection.close()
            return True

        def close(ready=ready, this_round=this_round) -> int:
            try:
                ready.wait()
                rounds.close_round(round_id=this_round.pk)
                return round_results(this_round)["voices"]["people"]["responded"]
            finally:
                connection.close()

        with ThreadPoolExecutor(len(seats) + 1) as pool:
            answered = [pool.submit(answer, who) for who in seats]
            at_close = pool.submit(close).result()
            acknowledged = sum(one.result() for one in answered)

        final = round_results(this_round)["voices"]["people"]["responded"]
        assert at_close == final == acknowledged
