from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from deliberation.actions import doors, recording, rounds
from deliberation.models import Event, Prompt, Round, Screen, Wording
from tests import builders

pytestmark = pytest.mark.django_db


def make_prompt(**fields) -> Prompt:
    return builders.make_prompt(builders.make_workshop(), **fields)


def steps(workshop) -> list[str]:
    return list(workshop.events.order_by("pk").values_list("verb", flat=True))


def test_open_round_asks_items_in_their_latest_wording():
    prompt = make_prompt(items=2)
    prompt.items.get(key="p2").wordings.create(version=2, text="Put another way")

    this_round = rounds.open_round(prompt=prompt)

    asked = this_round.round_items.values_list("item__key", "wording__text")
    assert list(asked) == [("p1", "Principle number 1"), ("p2", "Put another way")]
    assert (this_round.number, this_round.closed_at) == (1, None)


def test_open_round_starts_the_session_and_turns_the_screen_to_it():
    prompt = make_prompt(minutes=20)

    this_round = rounds.open_round(prompt=prompt)

    screen = Screen.objects.get()
    assert (screen.showing, screen.round) == ("prompt", this_round)
    assert prompt.session.started_at is not None
    assert this_round.ends_at - this_round.opened_at == timedelta(minutes=20)


def test_open_round_again_makes_the_next_round():
    prompt = make_prompt()
    first = rounds.open_round(prompt=prompt)
    rounds.close_round(round_id=first.pk)

    assert rounds.open_round(prompt=prompt).number == 2


def test_open_round_refuses_a_second_open_prompt():
    prompt = make_prompt()
    other = builders.make_prompt(prompt.session.workshop, key="other")
    first = rounds.open_round(prompt=prompt)

    with pytest.raises(rounds.AnotherRoundIsOpen) as refusal:
        rounds.open_round(prompt=other)

    assert refusal.value.open_round == first


def test_open_round_refuses_a_prompt_without_items():
    with pytest.raises(rounds.NothingToOpen):
        rounds.open_round(prompt=make_prompt(items=0))
    assert Round.objects.count() == 0


def test_a_prompt_opens_only_once_the_one_before_it_has_closed():
    first = make_prompt(key="first")
    second = builders.make_prompt(first.session.workshop, key="second", after=first)

    with pytest.raises(rounds.OpensAfter) as refusal:
        rounds.open_round(prompt=second)
    rounds.close_round(round_id=rounds.open_round(prompt=first).pk)
    opened = rounds.open_round(prompt=second)

    assert refusal.value.first == first
    assert opened.number == 1
    assert steps(first.session.workshop) == ["open", "close", "open"]


def test_opening_a_prompt_out_of_turn_is_on_record_and_can_be_undone():
    first = make_prompt(key="first")
    workshop = first.session.workshop
    second = builders.make_prompt(workshop, key="second", after=first)

    rounds.open_round(prompt=second, anyway=True)
    forced = steps(workshop)
    recording.undo(workshop=workshop)
    rounds.close_round(round_id=rounds.open_round(prompt=first).pk)
    rounds.open_round(prompt=second, anyway=True)

    assert forced == ["open-anyway"]
    assert steps(workshop) == ["open-anyway", "open", "close", "open"]


@pytest.mark.django_db(transaction=True)
def test_no_prompt_opens_after_itself():
    prompt = make_prompt()

    with pytest.raises(IntegrityError, match="a_prompt_does_not_open_after_itself"):
        Prompt.objects.update(after=prompt.pk)


def test_reveal_at_once_or_on_close_follows_the_prompt():
    live = make_prompt(reveal="live")
    on_close = builders.make_prompt(
        live.session.workshop, key="later", reveal="on-close"
    )

    revealed_at_once = rounds.open_round(prompt=live).revealed_at is not None
    rounds.close_round(round_id=live.rounds.get().pk)
    hidden = rounds.open_round(prompt=on_close)
    hidden_first = hidden.revealed_at is None
    closed = rounds.close_round(round_id=hidden.pk)

    assert (revealed_at_once, hidden_first) == (True, True)
    assert closed.revealed_at == closed.closed_at


def test_closing_twice_is_one_step():
    prompt = make_prompt()
    this_round = rounds.open_round(prompt=prompt)

    rounds.close_round(round_id=this_round.pk)
    again = rounds.close_round(round_id=this_round.pk)

    assert again.closed_at is not None
    assert steps(prompt.session.workshop) == ["open", "close"]


def test_pause_keeps_what_is_left_and_resume_runs_on():
    this_round = rounds.open_round(prompt=make_prompt(minutes=10))

    paused = rounds.pause(round_id=this_round.pk)
    left = paused.paused_seconds
    longer = rounds.add_time(round_id=this_round.pk, seconds=60)
    running = rounds.resume(round_id=this_round.pk)

    assert 540 <= left <= 600  # a minute for a slow machine
    assert longer.paused_seconds == left + 60
    assert running.paused_seconds is None
    remaining = (running.ends_at - timezone.now()).total_seconds()
    assert left <= remaining <= left + 60


def test_countdown_that_closes_at_zero_closes_at_its_end():
    this_round = rounds.open_round(prompt=make_prompt(minutes=1))
    rounds.close_at_zero(round_id=this_round.pk, on=True)
    ended = timezone.now() - timedelta(seconds=5)
    Round.objects.update(opened_at=ended - timedelta(minutes=1), ends_at=ended)

    refused = not Round.objects.open().exists()
    closed = rounds.close_expired()

    assert refused
    assert [one.closed_at for one in closed] == [ended]
    assert rounds.close_expired() == []


def test_countdown_that_only_warns_leaves_the_round_open():
    this_round = rounds.open_round(prompt=make_prompt(minutes=1))
    Round.objects.update(ends_at=timezone.now() - timedelta(seconds=5))

    assert rounds.close_expired() == []
    assert Round.objects.open().get() == this_round


def test_hide_takes_results_back():
    this_round = rounds.open_round(prompt=make_prompt())
    rounds.reveal(round_id=this_round.pk)

    assert rounds.hide(round_id=this_round.pk).revealed_at is None


def test_go_to_session_ends_the_running_one_and_shows_the_brief():
    workshop = builders.make_workshop()
    second = builders.make_session(workshop, "managing")
    rounds.go_to_session(session=workshop.sessions.get(key="framework"))

    rounds.go_to_session(session=second)

    first, second = workshop.sessions.order_by("position")
    assert first.ended_at is not None
    assert (second.started_at is not None, second.ended_at) == (True, None)
    screen = Screen.objects.get()
    assert (screen.showing, screen.session) == ("brief", second)


def test_undo_takes_back_an_opening_with_its_screen_and_session():
    prompt = make_prompt()
    workshop = prompt.session.workshop
    rounds.open_round(prompt=prompt)

    undone = recording.undo(workshop=workshop)

    prompt.session.refresh_from_db()
    assert undone.verb == "open"
    assert Round.objects.count() == 0
    assert Screen.objects.get().showing == "join"
    assert prompt.session.started_at is None


def test_undo_of_an_opening_stops_at_answers():
    prompt = make_prompt()
    who = builders.join(prompt.session.workshop)
    this_round = rounds.open_round(prompt=prompt)
    builders.judge(this_round, who, {"p1": 1})

    with pytest.raises(recording.ChangedSince):
        recording.undo(workshop=prompt.session.workshop)

    assert Round.objects.count() == 1


def test_undo_opens_a_closed_round_again():
    prompt = make_prompt()
    this_round = rounds.open_round(prompt=prompt)
    rounds.close_round(round_id=this_round.pk)

    recording.undo(workshop=prompt.session.workshop)

    assert Round.objects.open().get() == this_round


def test_undo_goes_back_step_by_step_and_then_stops():
    prompt = make_prompt()
    workshop = prompt.session.workshop
    this_round = rounds.open_round(prompt=prompt)
    rounds.close_round(round_id=this_round.pk)
    rounds.reveal(round_id=this_round.pk)

    verbs = [recording.undo(workshop=workshop).verb for _step in range(3)]

    assert verbs == ["reveal", "close", "open"]
    with pytest.raises(recording.NothingToUndo):
        recording.undo(workshop=workshop)


def test_undo_of_a_named_step_happens_once():
    prompt = make_prompt()
    workshop = prompt.session.workshop
    this_round = rounds.open_round(prompt=prompt)
    rounds.close_round(round_id=this_round.pk)
    event = recording.last_step(workshop)

    recording.undo(workshop=workshop, event_id=event.pk)
    with pytest.raises(recording.NothingToUndo):
        recording.undo(workshop=workshop, event_id=event.pk)

    assert Event.objects.get(verb="open").undone_at is None


@pytest.mark.django_db(transaction=True)
def test_two_facilitators_open_at_once_and_one_round_is_open():
    prompt = make_prompt()
    other = builders.make_prompt(prompt.session.workshop, key="other")
    ready = Barrier(2)

    def press(which: Prompt) -> str:
        try:
            ready.wait()
            rounds.open_round(prompt=which)
        except rounds.AnotherRoundIsOpen:
            return "refused"
        finally:
            connection.close()
        return "opened"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(press, [prompt, other]))

    assert outcomes == ["opened", "refused"]
    assert Round.objects.filter(closed_at=None).count() == 1


# ---- in the middle of another round ----


def asked_again(prompt, *keys) -> Round:
    return rounds.ask_again(prompt=prompt, items=prompt.items.filter(key__in=keys))


def test_items_are_asked_again_in_the_middle_of_an_open_round():
    prompt = make_prompt(minutes=20)
    main = rounds.open_round(prompt=prompt)
    before = main.ends_at
    reworded = prompt.items.get(key="p3")
    Wording.objects.create(item=reworded, version=2, text="Reworded")

    again = asked_again(prompt, "p3")

    rows = again.round_items.values_list("item__key", "position", "wording__text")
    assert list(rows) == [("p3", 3, "Reworded")]
    assert (again.number, again.interrupts, again.is_partial) == (2, main, True)
    assert (again.ends_at, again.holds_countdown) == (None, True)
    main.refresh_from_db()
    assert (main.closed_at, main.ends_at) == (None, None)
    left = (before - again.opened_at).total_seconds()
    assert main.paused_seconds == round(left)
    assert [*Round.objects.on_stage()] == [again, main]
    assert Screen.objects.get().round == again
    who = builders.join(prompt.session.workshop)
    builders.judge(main, who, {"p1": 1})
    builders.judge(again, who, {"p3": 1})


def test_items_are_asked_again_when_nothing_is_open():
    prompt = make_prompt()
    rounds.close_round(round_id=rounds.open_round(prompt=prompt).pk)

    again = asked_again(prompt, "p1", "p2", "p3")

    assert (again.interrupts, again.is_partial) == (None, False)


def test_a_ranking_is_asked_again_as_a_whole():
    prompt = make_prompt(kind="rank")
    rounds.close_round(round_id=rounds.open_round(prompt=prompt).pk)

    again = asked_again(prompt, "p2")

    assert (again.round_items.count(), again.is_partial) == (3, False)


def test_a_round_is_interrupted_once_at_a_time():
    prompt = make_prompt()
    other = builders.make_prompt(prompt.session.workshop, key="other")
    rounds.open_round(prompt=prompt)
    again = asked_again(prompt, "p1")

    with pytest.raises(rounds.AnotherRoundIsOpen) as refusal:
        rounds.open_round(prompt=other, interrupting=True)

    assert refusal.value.open_round == again
    with pytest.raises(IntegrityError), transaction.atomic():
        Round.objects.create(
            workshop=again.workshop,
            prompt=other,
            number=1,
            opened_at=timezone.now(),
            interrupts=again.interrupts,
        )


def test_closing_goes_back_to_what_was_interrupted():
    prompt = make_prompt(minutes=20)
    other = builders.make_prompt(prompt.session.workshop, key="other", minutes=3)
    main = rounds.open_round(prompt=prompt)
    between = rounds.open_round(prompt=other, interrupting=True)

    rounds.close_round(round_id=between.pk)

    main.refresh_from_db()
    assert (main.closed_at, main.paused_seconds) == (None, None)
    assert main.ends_at is not None
    assert Screen.objects.get().round == main
    assert Round.objects.open().get() == main


def test_closing_leaves_a_countdown_that_stood_still_before():
    prompt = make_prompt(minutes=20)
    main = rounds.open_round(prompt=prompt)
    rounds.pause(round_id=main.pk)

    rounds.close_round(round_id=asked_again(prompt, "p1").pk)

    main.refresh_from_db()
    assert (main.ends_at, main.paused_seconds is None) == (None, False)


def test_closing_leaves_the_screen_where_it_was_turned_to():
    prompt = make_prompt()
    rounds.open_round(prompt=prompt)
    again = asked_again(prompt, "p1")
    Screen.objects.update(showing="join")

    rounds.close_round(round_id=again.pk)

    assert Screen.objects.get().showing == "join"


def test_closing_closes_what_interrupts_and_undo_opens_both():
    prompt = make_prompt()
    main = rounds.open_round(prompt=prompt)
    again = asked_again(prompt, "p1")

    rounds.close_round(round_id=main.pk)
    closed = Round.objects.on_stage().count(), Screen.objects.get().round
    recording.undo(workshop=prompt.session.workshop)

    assert closed == (0, main)
    assert [*Round.objects.on_stage()] == [again, main]
    assert Screen.objects.get().round == again


def test_a_countdown_that_closes_closes_what_interrupts():
    prompt = make_prompt()
    main = rounds.open_round(prompt=prompt)
    again = asked_again(prompt, "p1")
    ended = main.opened_at + timedelta(microseconds=1)
    Round.objects.filter(pk=main.pk).update(ends_at=ended, closes_at_zero=True)

    assert rounds.close_expired() == [main]

    again.refresh_from_db()
    assert again.closed_at == again.opened_at


def test_undo_takes_back_what_was_asked_in_between():
    prompt = make_prompt(minutes=20)
    main = rounds.open_round(prompt=prompt)
    before = main.ends_at
    asked_again(prompt, "p1")

    recording.undo(workshop=prompt.session.workshop)

    main.refresh_from_db()
    assert (main.ends_at, main.paused_seconds) == (before, None)
    assert Round.objects.get() == main


def test_ending_the_day_closes_both():
    prompt = make_prompt()
    rounds.open_round(prompt=prompt)
    asked_again(prompt, "p1")

    doors.end_workshop(workshop=prompt.session.workshop)

    assert Round.objects.on_stage().count() == 0


@pytest.mark.django_db(transaction=True)
def test_both_are_closed_by_two_at_once():
    prompt = make_prompt()
    main = rounds.open_round(prompt=prompt)
    again = asked_again(prompt, "p1")
    ready = Barrier(2)

    def press(this_round: Round) -> bool:
        try:
            ready.wait()
            return rounds.close_round(round_id=this_round.pk).closed_at is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert [*pool.map(press, [main, again])] == [True, True]
    assert Round.objects.on_stage().count() == 0
