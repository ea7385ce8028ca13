"""What changes on the console is sent in parts, and makes the board to the letter."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from django.utils import timezone

from deliberation.actions import doors, points, recording, rounds, screens
from deliberation.live import board, console, screen, stage
from deliberation.live.console import console_html
from deliberation.live.parts import changed, without_marks
from deliberation.live.screen import screen_html
from deliberation.models import Point, Prompt, Round
from tests import builders
from tests.live.listening import with_parts
from workshops.actions import joining, scribes
from workshops.models import Workshop

pytestmark = pytest.mark.django_db


def make_day(*kinds: str) -> Workshop:
    """Make a workshop that asks one prompt of each kind, in as many sessions."""
    workshop = builders.make_workshop(tables=12)
    sessions = [workshop.sessions.get()]
    sessions += [builders.make_session(workshop, kind) for kind in kinds[1:]]
    for session, kind in zip(sessions, kinds, strict=True):
        criteria = ("worth", "effort") if kind == "rate" else ()
        builders.make_prompt(
            workshop, kind=kind, criteria=criteria, session=session, asks_tables=True
        )
    return workshop


def the_day(workshop: Workshop) -> Iterator[str]:
    """Yield the name of each thing that happened, on a day with all kinds of them."""
    first, second = (builders.join(workshop, table=number) for number in (1, 2))
    yield "join"
    scribes.take_role(participant=first)
    yield "scribe"
    for session in workshop.sessions.all():
        rounds.go_to_session(session=session)
        yield "start"
        for prompt in session.prompts.all():
            this_round = rounds.open_round(prompt=prompt)
            yield "open"
            if prompt.has_items and prompt.kind != Prompt.Kind.CHOOSE:
                for who, value in ((first, 1), (second, 2), (first, 3)):
                    judge(this_round, who, value)
                    yield "answer"
                judge(this_round, first, 2, voice="tables", table=first.table)
                yield "table's answer"
            yield from countdown(this_round)
            yield from said(prompt, this_round, first)
            yield from on_the_screen(workshop, prompt)
            rounds.close_round(round_id=this_round.pk)
            yield "close"
            rounds.reveal(round_id=this_round.pk)
            yield "reveal"
            for view in ("tables", "people"):
                screens.set_screen(workshop=workshop, view=view)
                yield "view"
            rounds.hide(round_id=this_round.pk)
            yield "hide"
            recording.undo(workshop=workshop)
            yield "undo"
    joining.move(participant=second, table=first.table)
    yield "move"
    joining.remove(participant=second)
    yield "remove"
    doors.end_workshop(workshop=workshop)
    yield "end"


def judge(this_round: Round, who, value: int, **more) -> None:
    criteria = this_round.prompt.criteria.values_list("key", flat=True)
    names = [f"p2.{key}" if key else "p2" for key in criteria]
    builders.judge(this_round, who, dict.fromkeys(names, value), **more)


def countdown(this_round: Round) -> Iterator[str]:
    rounds.add_time(round_id=this_round.pk, seconds=90)
    yield "countdown"
    for step in (rounds.pause, rounds.resume, rounds.stop_countdown):
        step(round_id=this_round.pk)
        yield step.__name__


def said(prompt: Prompt, this_round: Round, who) -> Iterator[str]:
    for number in (1, 2):
        points.add_point(
            prompt=prompt,
            this_round=this_round,
            participant=who,
            table=who.table,
            kind=Point.Kind.POINT,
            text=f"<!--section--> & <!--part--> {number}",
            items=[],
            key=f"{prompt.pk}-{number}",
        )
        yield "point"
    for status in ("shown", "kept", "parked"):
        points.set_status(point=prompt.points.first(), status=status)
        yield status


def on_the_screen(workshop: Workshop, prompt: Prompt) -> Iterator[str]:
    item = prompt.items.first()
    for name, changes in {
        "blank": {"blank": True},
        "not blank": {"blank": False},
        "join code": {"join_overlay": True},
        "no join code": {"join_overlay": False},
        "item": {"item": item},
        "all items": {"item": None},
        "light": {"look": "light"},
    }.items():
        screens.set_screen(workshop=workshop, **changes)
        yield name
    screens.freeze(workshop=workshop, html=screen_html(workshop.pk))
    yield "freeze"
    screens.thaw(workshop=workshop)
    yield "thaw"


def stand_still(clock: SimpleNamespace) -> None:
    now = timezone.now()
    clock.now = lambda: now


def test_what_is_sent_makes_the_board_after_every_kind_of_event(monkeypatch):
    # Both drawings of an event at one time, however slow the machine is.
    clock = SimpleNamespace(now=None)
    for module in (console, screen, stage):
        monkeypatch.setattr(module, "timezone", clock)
    workshop = make_day("assess", "rate", "choose", "discuss")
    name = f"console:{workshop.pk}"
    stand_still(clock)
    before, whole, in_parts = board.render(name), set(), set()

    for what in the_day(workshop):
        stand_still(clock)
        after = board.render(name)
        assert without_marks(after) == console_html(workshop.pk), what
        parts = changed(before, after)
        if parts is None:
            whole.add(what)
        else:
            assert with_parts(without_marks(before), parts) == without_marks(after)
            assert not any("<!--" in part for part in parts)
            in_parts.add(what)
        before = after

    # These have other figures, or other things to press.
    assert whole == {"start", "open", "end"}
    assert {"answer", "table's answer", "freeze", "point", "close"} <= in_parts


def test_an_answer_sends_little_of_a_large_room():
    workshop = builders.make_workshop(tables=100)
    prompt = builders.make_prompt(workshop, items=10, asks_tables=True)
    this_round = builders.open_round(prompt)
    name = f"console:{workshop.pk}"
    for number in range(1, 101):
        judge(this_round, builders.join(workshop, table=number), 1)
    who = workshop.participants.get(table__number=60)
    before = board.render(name)

    judge(this_round, who, 2)

    parts = changed(before, board.render(name))
    assert sum(map(len, parts)) < len(before) / 20
