from datetime import timedelta

import pytest
from django.utils import timezone

from deliberation.actions import points, recording, rounds
from deliberation.models import Event, Round, Screen
from tests import builders

pytestmark = pytest.mark.django_db


def test_undo_of_close_is_refused_while_another_round_is_open():
    workshop = builders.make_workshop()
    first = builders.open_round(builders.make_prompt(workshop, key="first"))
    rounds.close_round(round_id=first.pk)
    builders.open_round(builders.make_prompt(workshop, key="second"))
    # As when the second one was opened by a step that left no trace of itself.
    Event.objects.filter(verb="open").latest("pk").delete()

    with pytest.raises(recording.ChangedSince) as refused:
        recording.undo(workshop=workshop)

    assert refused.value.event.verb == "close"
    assert Event.objects.get(verb="close").undone_at is None
    assert Round.objects.get(pk=first.pk).closed_at is not None


def test_undo_of_a_close_by_the_clock_goes_on_without_a_countdown():
    workshop = builders.make_workshop()
    builders.open_round(builders.make_prompt(workshop, minutes=1))
    Round.objects.update(
        closes_at_zero=True,
        opened_at=timezone.now() - timedelta(minutes=1),
        ends_at=timezone.now() - timedelta(seconds=1),
    )
    rounds.close_expired()

    recording.undo(workshop=workshop)

    this_round = Round.objects.get()
    assert (this_round.closed_at, this_round.ends_at) == (None, None)
    assert rounds.close_expired() == []


def test_undo_of_close_keeps_a_countdown_that_still_runs():
    workshop = builders.make_workshop()
    this_round = builders.open_round(builders.make_prompt(workshop, minutes=5))
    rounds.close_at_zero(round_id=this_round.pk, on=True)
    rounds.close_round(round_id=this_round.pk)

    recording.undo(workshop=workshop)

    again = Round.objects.get()
    assert (again.ends_at, again.closes_at_zero) == (this_round.ends_at, True)


def make_point(prompt, who, *, items=()):
    return points.add_point(
        prompt=prompt,
        this_round=prompt.rounds.last(),
        participant=who,
        table=None,
        kind="point",
        text="Say it differently.",
        items=items,
        key=f"k{prompt.pk}",
    )


def test_showing_a_point_leaves_a_screen_that_has_a_place_for_it():
    workshop = builders.make_workshop()
    talk = builders.make_prompt(workshop, kind="discuss", items=0, key="talk")
    builders.open_round(talk)
    point = make_point(talk, builders.join(workshop))

    points.set_status(point=point, status="shown")

    assert Screen.objects.get().showing == "prompt"


def test_showing_a_point_leaves_the_item_it_is_about_on_the_screen():
    workshop = builders.make_workshop()
    prompt = builders.make_prompt(workshop)
    builders.open_round(prompt)
    item = prompt.items.first()
    Screen.objects.update(item=item)
    point = make_point(prompt, builders.join(workshop), items=[item])

    points.set_status(point=point, status="shown")

    screen = Screen.objects.get()
    assert (screen.showing, screen.item) == ("prompt", item)


def test_showing_a_point_of_another_prompt_turns_the_screen_to_it():
    workshop = builders.make_workshop()
    first = builders.make_prompt(workshop, key="first")
    old = builders.open_round(first)
    who = builders.join(workshop)
    point = make_point(first, who)
    rounds.close_round(round_id=old.pk)
    talk = builders.make_prompt(workshop, kind="discuss", items=0, key="talk")
    builders.open_round(talk)
    points.set_status(point=make_point(talk, who), status="shown")

    points.set_status(point=point, status="shown")

    screen = Screen.objects.get()
    assert (screen.showing, screen.round) == ("points", old)
