from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from deliberation.actions import rounds
from deliberation.live import console, console_day
from deliberation.models import Prompt
from tests import builders
from workshops.models import Session

pytestmark = pytest.mark.django_db

LONDON = ZoneInfo("Europe/London")
DAY = date(2006, 11, 7)


def at(hour: int, minute: int) -> datetime:
    return datetime(2006, 11, 7, hour, minute, tzinfo=LONDON)


def times(planned) -> list[tuple[str, str]]:
    return [
        (console_day.clock_time(plan.starts), console_day.clock_time(plan.ends))
        for plan in planned
    ]


def next_step(workshop) -> console_day.Step | None:
    sessions = list(workshop.sessions.prefetch_related("prompts"))
    return console_day.next_step(workshop, sessions, console.rounds_by_prompt(workshop))


def test_planned_times_add_up_minutes_until_a_session_has_its_own_time():
    sessions = [
        Session(starts_at=time(10, 0), minutes=50),
        Session(minutes=75),
        Session(minutes=None),
        Session(minutes=30),
        Session(starts_at=time(13, 30), minutes=60),
    ]

    planned = console_day.planned_times(sessions, DAY)

    assert times(planned) == [
        ("10:00", "10:50"),
        ("10:50", "12:05"),
        ("12:05", ""),
        ("", "13:30"),
        ("13:30", "14:30"),
    ]


def test_planned_times_begin_when_the_first_session_did_where_nothing_is_planned():
    sessions = [Session(started_at=at(9, 7), minutes=20), Session(minutes=10)]

    planned = console_day.planned_times(sessions, DAY)

    assert times(planned) == [("09:07", "09:27"), ("09:27", "09:37")]


@pytest.mark.parametrize(
    ("started", "now", "minutes", "words"),
    [
        ((10, 6), (10, 20), 6, "6 minutes behind"),
        ((10, 6), (11, 12), 12, "12 minutes behind"),
        ((10, 1), (10, 20), 1, "on time"),
        ((9, 55), (10, 20), -5, "5 minutes ahead"),
        ((9, 55), (11, 0), 0, "on time"),
    ],
)
def test_minutes_behind_takes_a_late_start_and_an_overrun(started, now, minutes, words):
    sessions = [Session(starts_at=time(10), minutes=60, started_at=at(*started))]
    planned = console_day.planned_times(sessions, DAY)

    found = console_day.minutes_behind(sessions, planned, at(*now))

    assert (found, console_day.behind_words(found)) == (minutes, words)


def test_minutes_behind_counts_from_the_planned_start_of_the_day():
    sessions = [Session(starts_at=time(10), minutes=60)]
    planned = console_day.planned_times(sessions, DAY)

    assert console_day.minutes_behind(sessions, planned, at(10, 9)) == 9
    assert console_day.minutes_behind(sessions, planned, at(9, 50)) is None


def test_agenda_says_nothing_about_being_behind_on_another_day():
    workshop = builders.make_workshop(date=DAY)
    workshop.sessions.update(starts_at=time(0, 1))
    sessions = list(workshop.sessions.prefetch_related("prompts"))

    found = console_day.agenda(workshop, sessions, {}, timezone.now())

    assert (found["behind"], found["is_behind"]) == ("", False)


def test_agenda_lists_prompts_with_their_state():
    workshop = builders.make_workshop()
    first = builders.make_prompt(workshop, key="first")
    builders.make_prompt(workshop, key="second")
    for number in (1, 2):
        this_round = builders.open_round(first)
        if number == 1:
            rounds.close_round(round_id=this_round.pk)
    sessions = list(workshop.sessions.prefetch_related("prompts"))

    found = console_day.agenda(
        workshop, sessions, console.rounds_by_prompt(workshop), timezone.now()
    )

    entry = found["entries"][0]
    assert entry["state"] == "running"
    assert [(p["state"], p["word"]) for p in entry["prompts"]] == [
        ("open", "open, round 2"),
        ("waiting", "not yet"),
    ]


def test_agenda_says_after_which_prompt_another_opens():
    workshop = builders.make_workshop()
    first = builders.make_prompt(workshop, key="first", question="Before?")
    second = builders.make_prompt(workshop, key="second", after=first)
    sessions = list(workshop.sessions.prefetch_related("prompts"))

    def entry():
        found = console.rounds_by_prompt(workshop)
        told = console_day.prompt_entry(sessions[0].prompts.get(key="second"), found)
        return told["open"], told["opens_after"]

    waiting = entry()
    this_round = builders.open_round(first)
    while_open = entry()
    rounds.close_round(round_id=this_round.pk)

    assert waiting == while_open == (f"open:{second.pk}:0:anyway", "Before?")
    assert entry() == (f"open:{second.pk}:0", "")


def test_next_step_passes_over_a_prompt_that_opens_after_a_later_one():
    workshop = builders.make_workshop()
    early = builders.make_prompt(workshop, key="early")
    late = builders.make_prompt(workshop, key="late")
    Prompt.objects.filter(pk=early.pk).update(after=late)
    rounds.go_to_session(session=workshop.sessions.get())

    assert next_step(workshop).do == f"open:{late.pk}:0"


def test_next_step_leads_through_the_day():
    workshop = builders.make_workshop()
    session = workshop.sessions.get()
    prompt = builders.make_prompt(workshop)
    builders.make_prompt(workshop, key="talk", kind="discuss", items=0)
    later = builders.make_session(workshop, "later")
    taken = []

    def take(expected: str) -> None:
        taken.append(next_step(workshop).do)
        assert taken[-1].startswith(expected)

    take(f"start:{session.pk}")
    rounds.go_to_session(session=session)
    take(f"open:{prompt.pk}:0")
    this_round = builders.open_round(prompt)
    take(f"close:{this_round.pk}")
    rounds.close_round(round_id=this_round.pk)
    take(f"reveal:{this_round.pk}")
    rounds.reveal(round_id=this_round.pk)
    take("open:")
    talk = builders.open_round(workshop.sessions.first().prompts.get(key="talk"))
    rounds.close_round(round_id=talk.pk)
    take(f"start:{later.pk}")
    rounds.go_to_session(session=later)
    assert (next_step(workshop).do, next_step(workshop).page) == ("", "end")
    workshop.ended_at = datetime.now(UTC)
    assert next_step(workshop) is None


def test_detour_opens_the_next_prompt_without_revealing():
    workshop = builders.make_workshop()
    this_round = builders.open_round(builders.make_prompt(workshop))
    other = builders.make_prompt(workshop, key="other")
    rounds.close_round(round_id=this_round.pk)
    sessions = list(workshop.sessions.prefetch_related("prompts"))
    found = console.rounds_by_prompt(workshop)

    step = console_day.next_step(workshop, sessions, found)
    detour = console_day.detour(step, sessions, found)

    assert (step.do, detour.do) == (f"reveal:{this_round.pk}", f"open:{other.pk}:0")


def test_times_of_a_session_say_plan_and_reality():
    workshop = builders.make_workshop()
    session = workshop.sessions.get()
    Session.objects.filter(pk=session.pk).update(
        starts_at=time(10),
        started_at=at(10, 6),
        ended_at=at(10, 6) + timedelta(hours=1),
    )
    sessions = list(workshop.sessions.prefetch_related("prompts"))

    found = console_day.agenda(workshop, sessions, {}, timezone.now())

    assert found["entries"][0]["times"] == "10:06 to 11:06, planned 10:00"


def test_what_is_asked_in_between_is_closed_to_go_back_and_then_revealed():
    prompt = builders.make_prompt(builders.make_workshop())
    workshop, sessions = prompt.session.workshop, [prompt.session]
    main = rounds.open_round(prompt=prompt)
    again = rounds.ask_again(prompt=prompt, items=prompt.items.all()[:1])

    back = next_step(workshop)
    rounds.close_round(round_id=again.pk)
    step, known = next_step(workshop), console.rounds_by_prompt(workshop)
    reveal = console_day.detour(step, sessions, known)
    rounds.reveal(round_id=again.pk)
    known = console.rounds_by_prompt(workshop)
    show = console_day.detour(step, sessions, known)

    assert (back.do, back.about) == (f"close:{again.pk}", prompt.question)
    assert step.do == f"close:{main.pk}"
    assert (reveal.do, show.do) == (f"reveal:{again.pk}", f"show:prompt:{again.pk}")
    rounds.close_round(round_id=main.pk)
    assert next_step(workshop).do == f"reveal:{main.pk}"
