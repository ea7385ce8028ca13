"""What arrives in one moment: one row each, one receipt a key, and an exact close.

Ten rounds of each in the ordinary suite; the whole, 200, with the figures, as
`test_crashes.py` describes.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import count
from threading import Barrier
from types import SimpleNamespace

import pytest
from django.db import connection
from django.db.models import Count
from django.test import Client

from deliberation.actions import answers, at_once, rounds
from deliberation.checking import verify
from deliberation.models import Answer, Response, Round, Submission
from tests import builders
from tests.deliberation.phones import JSON, Phone
from tests.reliability.phones import FULL
from tests.together import at_the_same_time
from workshops import identity
from workshops.models import Workshop

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 200 if FULL else 10
BOUND_OF_TEETH = 200  # rounds
TABS = 16
PHONES = 8
WORDS = ("unproblematic", "difficult", "inconsistent")
STORED = (200, 302)  # as a script is told, and a browser without one


class Rounds:
    """A question that is asked again and again; all players meet before each round.

    is_enough: tells, once a round is played, whether it was the last one.
    """

    def __init__(
        self,
        workshop: Workshop,
        *,
        players: int,
        is_enough: Callable[[list[Round]], bool] = lambda asked: len(asked) == ROUNDS,
    ) -> None:
        self.asked: list[Round] = []
        self._prompt = builders.make_prompt(workshop)
        self._is_enough = is_enough
        self._is_over = False
        self._ready = Barrier(players, action=self._ask_again)

    @property
    def is_broken(self) -> bool:
        return self._ready.broken

    def _ask_again(self) -> None:
        if self.asked:
            self._is_over = self._is_enough(self.asked)
            rounds.close_round(round_id=self.asked[-1].pk)
        if self._is_over:
            return
        this_round = rounds.open_round(prompt=self._prompt)
        slug = this_round.workshop.slug
        at_once.remember(slug, this_round, answers.ask_of(this_round))
        self.asked.append(this_round)

    def play(self, act: Callable[[Round], object]) -> None:
        """Take part in each round."""
        try:
            while True:
                self._ready.wait()
                if self._is_over:
                    return
                act(self.asked[-1])
        except BaseException:
            self._ready.abort()  # or the others wait for good
            raise


def send(
    client: Client, this_round: Round, word: str, *, key: str, by_script: bool
) -> int:
    """Send an answer, by the short way (script) or the long one; return its status."""
    address = f"/w/{this_round.workshop.slug}/answer/{this_round.pk}/"
    data = {"answer.p1": word, "key": key.ljust(8, "-")}
    return client.post(address, data, headers=JSON if by_script else {}).status_code


def tabs_of(phone: Phone, number: int) -> list[Client]:
    token = phone.client.cookies[identity.cookie_name(phone.who.workshop_id)].value
    return [phone.another_device(token) for _tab in range(number)]


def test_sixteen_submits_of_one_person_at_once_make_one_row_each():
    workshop = builders.make_workshop()
    game = Rounds(workshop, players=TABS)
    told: list[int] = []

    def submit(number: int, tab: Client) -> Callable[[], None]:
        key, word, by_script = f"tap-{number % 4}", WORDS[number % 3], number % 8 < 4

        def act(this_round: Round) -> None:
            told.append(send(tab, this_round, word, key=key, by_script=by_script))

        return lambda: game.play(act)

    began = time.monotonic()
    tabs = tabs_of(Phone(workshop), TABS)
    at_the_same_time(*(submit(number, tab) for number, tab in enumerate(tabs)))

    responses = Response.objects.values_list("round").annotate(Count("pk"))
    submissions = Submission.objects.values_list("response__round").annotate(
        Count("pk"), Count("key", distinct=True)
    )
    print(  # noqa: T201
        f"\n{ROUNDS} rounds of {TABS} submits of one person: {Counter(told)}, "
        f"{Response.objects.count()} responses, {Submission.objects.count()} in the "
        f"history, {time.monotonic() - began:.0f} s"
    )
    assert Counter(told) == {200: TABS // 2 * ROUNDS, 302: TABS // 2 * ROUNDS}
    asked = [one.pk for one in game.asked]
    assert sorted(responses) == [(pk, 1) for pk in asked]
    # Four keys, four acts, however often each was sent.
    assert sorted(submissions) == [(pk, 4, 4) for pk in asked]
    assert set(Response.objects.values_list("version", flat=True)) == {4}
    assert Answer.objects.count() == ROUNDS
    assert verify(workshop).differences == []


def test_ten_sends_of_one_key_at_once_are_one_answer_with_one_receipt():
    workshop = builders.make_workshop()
    game = Rounds(workshop, players=10)
    receipts: dict[int, list[dict]] = {}

    def sends(tab: Client) -> Callable[[], None]:
        def act(this_round: Round) -> None:
            address = f"/w/day/answer/{this_round.pk}/"
            data = {"answer.p1": WORDS[0], "key": "the-same"}
            reply = tab.post(address, data, headers=JSON)
            receipts.setdefault(this_round.pk, []).append(reply.json())

        return lambda: game.play(act)

    at_the_same_time(*map(sends, tabs_of(Phone(workshop), 10)))

    for told in receipts.values():
        assert sorted(one.pop("repeated") for one in told) == [False, *[True] * 9]
        assert [one for one in told if one != told[0]] == []
    assert len(receipts) == ROUNDS
    assert Submission.objects.count() == Response.objects.count() == ROUNDS
    assert set(Response.objects.values_list("version", flat=True)) == {1}
    assert verify(workshop).differences == []


# ---- closing ----


@dataclass(frozen=True)
class Close:
    """How many submissions a round had as it was closed, and in the end.

    acknowledged: what the phones were told. seconds: how long the close took.
    """

    at_close: int
    final: int
    acknowledged: int
    seconds: float


def close_under_answers(workshop: Workshop, *, unlocked: bool = False) -> list[Close]:
    """Have phones answer until they are refused, and each round closed meanwhile.

    unlocked: no phone goes the long way; if rounds are few, go on until one is late.
    """
    stored: dict[int, list[int]] = defaultdict(list)
    closed: dict[int, tuple[int, float]] = {}

    def is_enough(asked: list[Round]) -> bool:
        if not unlocked or FULL:
            return len(asked) == ROUNDS
        last = asked[-1].pk
        return closed[last][0] != in_history(last) or len(asked) == BOUND_OF_TEETH

    game = Rounds(workshop, players=PHONES, is_enough=is_enough)

    def answers_until_refused(number: int, phone: Phone) -> Callable[[], None]:
        def act(this_round: Round) -> None:
            for sent in count():
                if number == 0 and sent == len(game.asked) % 4:
                    closed[this_round.pk] = close(this_round)
                if game.is_broken:
                    return
                word, key = WORDS[sent % 3], f"key-{number}-{sent}"
                by_script = unlocked or (number + sent) % 2 == 0
                status = send(
                    phone.client, this_round, word, key=key, by_script=by_script
                )
                if status == 409:
                    return
                assert status in STORED
                stored[this_round.pk].append(status)

        return lambda: game.play(act)

    phones = [Phone(workshop) for _seat in range(PHONES)]
    at_the_same_time(*(answers_until_refused(*one) for one in enumerate(phones)))
    return [
        Close(closed[pk][0], in_history(pk), len(stored[pk]), closed[pk][1])
        for pk in (one.pk for one in game.asked)
    ]


def close(this_round: Round) -> tuple[int, float]:
    """Close, and return what there is then, and how long it took, in seconds."""
    began = time.monotonic()
    rounds.close_round(round_id=this_round.pk)
    seconds = time.monotonic() - began
    return in_history(this_round.pk), seconds


def in_history(round_id: int) -> int:
    return Submission.objects.filter(response__round=round_id).count()


def report(what: str, found: list[Close], began: float) -> None:
    late = [one.final - one.at_close for one in found]
    print(  # noqa: T201
        f"\n{len(found)} closes under the answers of {PHONES} phones{what}: "
        f"{sum(one.acknowledged for one in found)} acknowledged, {sum(late)} late in "
        f"{sum(map(bool, late))} rounds; the slowest close took "
        f"{max(one.seconds for one in found):.2f} s; {time.monotonic() - began:.0f} s"
    )


def test_a_close_under_answers_counts_each_or_refuses_it():
    began = time.monotonic()
    workshop = builders.make_workshop()

    found = close_under_answers(workshop)

    report("", found, began)
    assert [one for one in found if one.at_close != one.final] == []
    assert [one for one in found if one.acknowledged != one.final] == []
    assert len(found) == ROUNDS
    assert verify(workshop).differences == []


def test_the_count_finds_late_answers_where_nothing_is_locked(monkeypatch):
    """The same count without the lock: or it would prove nothing above."""
    began = time.monotonic()
    if connection.vendor == "postgresql":
        lock = "FOR SHARE OF deliberation_round, workshops_participant"
        assert lock in at_once.STORE
        monkeypatch.setattr(at_once, "STORE", at_once.STORE.replace(lock, ""))
    else:  # there the transaction is the lock
        unlocked = SimpleNamespace(atomic=nullcontext)
        monkeypatch.setattr(at_once, "transaction", unlocked)
    workshop = builders.make_workshop()

    found = close_under_answers(workshop, unlocked=True)

    report(", unlocked", found, began)
    assert [one for one in found if one.at_close != one.final]
