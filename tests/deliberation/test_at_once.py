"""The short way stores what the long way stores, and nothing where that refuses."""

from collections.abc import Callable
from datetime import timedelta
from threading import Event
from urllib.parse import urlencode

import pytest
from django.db import (
    DataError,
    InterfaceError,
    OperationalError,
    connection,
    transaction,
)
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from deliberation.actions import answers, at_once, rounds
from deliberation.actions.merging import merge
from deliberation.checking import verify
from deliberation.models import Answer, Response, Round, Submission
from deliberation.results import round_results
from tests import builders
from tests.deliberation.phones import JSON, Phone
from tests.together import at_the_same_time
from workshops import identity
from workshops.actions import joining

pytestmark = pytest.mark.django_db

WORDS = ("unproblematic", "difficult", "inconsistent")


@pytest.fixture(autouse=True)
def nothing_known():
    at_once._known.clear()


def start(**fields) -> tuple[Round, Phone]:
    """Return an open round of three items and a phone at table 1."""
    workshop = builders.make_workshop(tables=2)
    this_round = builders.open_round(builders.make_prompt(workshop, **fields))
    return this_round, Phone(workshop)


def form(this_round: Round, words: dict[str, str], *, key: str, **more: str):
    fields = {f"answer.{item}": word for item, word in words.items()}
    return fields | more | {"key": key.ljust(8, "-")}


def send(this_round: Round, phone: Phone, words: dict[str, str], **more: str):
    data = form(this_round, words, **more)
    return phone.send(f"answer/{this_round.pk}/", data)


def statements(act: Callable[[], object]) -> list[str]:
    """Return the statements of an act, without the marks of transactions."""
    with CaptureQueriesContext(connection) as captured:
        act()
    marks = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")
    return [q["sql"] for q in captured if not q["sql"].lstrip().startswith(marks)]


def stored() -> dict[str, list]:
    """Return all that answers leave behind, but for keys of rows and times."""
    return {
        "responses": list(
            Response.objects.order_by("pk").values_list(
                "voice", "respondent", "participant", "table__number", "version",
                "finished", "workshop", "round", "organisation",
            )
        ),
        "answers": list(
            Answer.objects.order_by("response", "item", "criterion").values_list(
                "workshop", "round", "item", "criterion", "state", "value", "reason"
            )
        ),
        "submissions": list(
            Submission.objects.order_by("pk").values_list(
                "workshop", "key", "entered_by", "content"
            )
        ),
    }  # fmt: skip


HISTORIES = {
    "one item after the other": [
        {"p1": "difficult"},
        {"p2": "abstain"},
        {"p3": WORDS[0]},
    ],
    "all, then a change": [
        dict.fromkeys(("p1", "p2", "p3"), WORDS[0]),
        {"p2": WORDS[2]},
    ],
    "back and forth": [{"p1": WORDS[0]}, {"p1": WORDS[1]}, {"p1": WORDS[0]}],
}


@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES)
def test_both_ways_store_and_say_the_same(history, monkeypatch):
    this_round, phone = start(reasons="optional")
    at_once.remember("day", this_round, answers.ask_of(this_round))
    with monkeypatch.context() as patch:
        patch.setattr(answers, "record", None)
        told, left = play(this_round, phone, history), stored()
        assert verify(this_round.workshop).differences == []
    for model in (Submission, Answer, Response):
        model.objects.all().delete()
    monkeypatch.setattr(at_once, "answer_at_once", lambda **_sent: None)

    assert play(this_round, phone, history) == told
    assert stored() == left


def play(this_round: Round, phone: Phone, history: list[dict[str, str]]) -> list[dict]:
    """Send one answer after the other; return what each was told, but for the time."""
    told = []
    for n, words in enumerate(history):
        reasons = {f"reason.{item}": "“Why”\r\n so" for item in words}
        reply = send(this_round, phone, words, key=f"k{n}", **reasons)
        told.append(reply.json())
        assert told[-1].pop("stored_at")[11:16] == told[-1].pop("clock")
    return told


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("rate", {"answer.p1": "4", "answer.p2": "abstain"}),
        ("choose", {"choice": "p2"}),
        ("approve", {"choice": ["p1", "p3"]}),
        ("rank", {"answer.p1": "2", "answer.p3": "1"}),
        ("allocate", {"answer.p1": "60", "answer.p2": "0"}),
    ],
)
def test_every_kind_goes_the_short_way(kind, data, monkeypatch):
    this_round, phone = start(kind=kind)
    address = f"answer/{this_round.pk}/"
    first = phone.send(address, data | {"key": "first---"})
    monkeypatch.setattr(answers, "record", None)

    second = phone.send(address, data | {"key": "second--"})

    same = {"repeated": False, "answered": first.json()["answered"]}
    assert second.json() | same | {"version": 2} == second.json()


def test_an_answer_costs_one_statement_on_postgresql_and_four_on_sqlite():
    this_round, phone = start()
    words = dict.fromkeys(("p1", "p2", "p3"), WORDS[0])
    send(this_round, phone, words, key="first")

    sent = statements(lambda: send(this_round, phone, words, key="second"))

    assert len(sent) == (1 if connection.vendor == "postgresql" else 4)


def test_what_is_known_of_a_round_decides_nothing():
    this_round, phone = start(abstain=True)
    send(this_round, phone, {"p1": WORDS[0]}, key="first")
    prompt = this_round.prompt
    prompt.abstain = False
    prompt.save()

    refused = send(this_round, phone, {"p1": "abstain"}, key="second")

    assert refused.status_code == 422
    assert Answer.objects.get().value == 1


def test_a_key_that_was_stored_is_told_its_receipt():
    this_round, phone = start()
    send(this_round, phone, {"p1": WORDS[0]}, key="other")
    first = send(this_round, phone, {"p1": WORDS[0]}, key="once").json()

    again = send(this_round, phone, {"p1": WORDS[1]}, key="once").json()

    assert again == first | {"repeated": True}
    assert Answer.objects.get().value == 1


def close(this_round: Round, _phone: Phone) -> None:
    rounds.close_round(round_id=this_round.pk)


def run_out(this_round: Round, _phone: Phone) -> None:
    ends_at = timezone.now() - timedelta(seconds=1)
    Round.objects.filter(pk=this_round.pk).update(ends_at=ends_at, closes_at_zero=True)


def remove(_round: Round, phone: Phone) -> None:
    joining.remove(participant=phone.who)


def forget(_round: Round, phone: Phone) -> None:
    phone.who.devices.all().delete()


@pytest.mark.parametrize(
    ("happens", "status"), [(close, 409), (run_out, 409), (remove, 410), (forget, 404)]
)
def test_nothing_is_stored_where_the_long_way_refuses(happens, status):
    this_round, phone = start()
    send(this_round, phone, {"p1": WORDS[0]}, key="first")
    happens(this_round, phone)
    before = stored()

    refused = send(this_round, phone, {"p1": WORDS[1]}, key="second")

    assert refused.status_code == status
    assert stored() == before


def test_a_seat_of_another_workshop_stores_nothing():
    this_round, phone = start()
    send(this_round, phone, {"p1": WORDS[0]}, key="first")
    stranger = Phone(builders.make_workshop(slug="other"))
    own = stranger.client.cookies[identity.cookie_name(stranger.who.workshop_id)]
    stranger.client.cookies[identity.cookie_name(this_round.workshop_id)] = own.value
    before = stored()

    data = form(this_round, {"p1": WORDS[1]}, key="second")
    answered = [
        stranger.client.post(f"/w/{slug}/answer/{this_round.pk}/", data, headers=JSON)
        for slug in ("day", "other")
    ]

    assert [reply.status_code for reply in answered] == [404, 404]
    assert stored() == before


def test_a_merged_seat_answers_as_the_one_that_stays():
    this_round, phone = start()
    stays = builders.join(this_round.workshop)
    send(this_round, phone, {"p1": WORDS[0]}, key="first")
    merge(keep=stays, drop=phone.who)

    assert send(this_round, phone, {"p1": WORDS[1]}, key="second").status_code == 200
    [row] = round_results(this_round)["voices"]["people"]["items"][:1]
    assert (row["n"], row["counts"][WORDS[1]]) == (1, 1)


def sent_by(this_round: Round, phone: Phone, word: str, *, key: str) -> at_once.Sent:
    """Return an answer as it is read before the database is asked."""
    name = identity.cookie_name(this_round.workshop_id)
    data = QueryDict(urlencode({"answer.p1": word}))
    return at_once.read(
        slug="day",
        round_id=this_round.pk,
        token_for=lambda _pk: phone.client.cookies[name].value,
        key=key,
        data=data,
    )


def told(outcomes: list) -> list:
    """Return what was told, but for the time; the kind of an error."""
    return [
        (one.receipt.version, one.receipt.repeated, one.answered, one.of)
        if isinstance(one, at_once.Stored)
        else one and type(one)
        for one in outcomes
    ]


def test_answers_stored_together_are_stored_as_one_by_one():
    this_round, first = start()
    second, removed, third = (Phone(this_round.workshop) for _seat in range(3))
    at_once.remember("day", this_round, answers.ask_of(this_round))
    joining.remove(participant=removed.who)

    found = at_once.store_together(
        [
            sent_by(this_round, first, WORDS[0], key="first"),
            sent_by(this_round, second, WORDS[0], key="second"),
            sent_by(this_round, removed, WORDS[0], key="removed"),
            sent_by(this_round, first, WORDS[1], key="changed"),
            sent_by(this_round, third, WORDS[2], key="third"),
        ]
    )

    once, twice = (1, False, 1, 3), (2, False, 1, 3)
    assert told(found) == [once, once, None, twice, once]
    assert list(
        Answer.objects.order_by("response").values_list("response__respondent", "value")
    ) == [(answers.respondent_of(first.who), 2)] + [
        (answers.respondent_of(phone.who), value)
        for phone, value in ((second, 1), (third, 3))
    ]
    assert verify(this_round.workshop).differences == []


def test_an_answer_that_cannot_be_stored_costs_the_others_nothing():
    this_round, first = start()
    second, third, fourth = (Phone(this_round.workshop) for _seat in range(3))
    at_once.remember("day", this_round, answers.ask_of(this_round))
    at_once.store(sent_by(this_round, second, WORDS[0], key="known"))
    broken = sent_by(this_round, third, WORDS[0], key="broken")
    broken.judgements[0] = broken.judgements[0]._replace(item_id=2**70)

    found = at_once.store_together(
        [
            sent_by(this_round, first, WORDS[0], key="first"),
            sent_by(this_round, second, WORDS[1], key="known"),
            broken,
            sent_by(this_round, fourth, WORDS[2], key="fourth"),
        ]
    )

    once = (1, False, 1, 3)
    refused = DataError if connection.vendor == "postgresql" else OverflowError
    assert told(found) == [once, None, refused, once]
    values = Answer.objects.order_by("response__participant").values_list("value")
    assert list(values) == [(1,), (1,), (3,)]
    assert verify(this_round.workshop).differences == []


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_database_that_is_away_is_asked_once_for_all(error):
    this_round, phone = start()
    at_once.remember("day", this_round, answers.ask_of(this_round))
    asked = []

    def away(_execute, sql, *_more):
        asked.append(sql)
        raise error("away")

    sent = [sent_by(this_round, phone, WORDS[0], key=f"k{n}") for n in range(3)]
    with connection.execute_wrapper(away), pytest.raises(error):
        at_once.store_together(sent)

    assert len(asked) == 1
    assert Response.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_one_key_sent_ten_times_at_once_is_one_answer():
    this_round, phone = start()
    at_once.remember("day", this_round, answers.ask_of(this_round))
    token = phone.client.cookies[identity.cookie_name(this_round.workshop_id)].value
    data = form(this_round, {"p1": WORDS[0]}, key="once")
    tabs = [phone.another_device(token) for _tab in range(10)]
    address = f"/w/day/answer/{this_round.pk}/"

    replies = at_the_same_time(
        *(lambda tab=tab: tab.post(address, data, headers=JSON) for tab in tabs)
    )

    told = [reply.json() for reply in replies]
    assert len({(one["stored_at"], one["version"]) for one in told}) == 1
    assert sorted(one["repeated"] for one in told) == [False, *[True] * 9]
    assert (Response.objects.get().version, Submission.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_what_a_close_shows_is_all_that_was_acknowledged():
    workshop = builders.make_workshop()
    phones = [Phone(workshop) for _seat in range(8)]

    for attempt in range(5):
        prompt = builders.make_prompt(workshop, key=f"q{attempt}")
        this_round = builders.open_round(prompt)
        at_once.remember("day", this_round, answers.ask_of(this_round))

        def close(this_round=this_round) -> int:
            rounds.close_round(round_id=this_round.pk)
            return round_results(this_round)["voices"]["people"]["responded"]

        def answer(phone: Phone, this_round=this_round) -> int:
            return send(this_round, phone, {"p1": WORDS[0]}, key="tap").status_code

        at_close, *statuses = at_the_same_time(
            close, *(lambda phone=phone: answer(phone) for phone in phones)
        )

        final = round_results(this_round)["voices"]["people"]["responded"]
        assert at_close == final == statuses.count(200)
        assert set(statuses) <= {200, 409}


@pytest.mark.django_db(transaction=True)
def test_an_answer_waits_for_a_close_that_is_being_made():
    this_round, phone = start()
    at_once.remember("day", this_round, answers.ask_of(this_round))
    closed, answered = Event(), Event()

    def close() -> None:
        with transaction.atomic():
            rounds.close_round(round_id=this_round.pk)
            closed.set()
            answered.wait(0.5)  # in vain, while the answer waits for this to end

    def answer() -> int:
        closed.wait()
        status = send(this_round, phone, {"p1": WORDS[0]}, key="tap").status_code
        answered.set()
        return status

    assert at_the_same_time(close, answer) == [None, 409]
    assert Response.objects.count() == 0
