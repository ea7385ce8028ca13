"""The day as the console lists it: planned and real times, states, the next step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deliberation.actions.rounds import waits_for
from deliberation.models import Prompt, Round
from deliberation.models.round import on_stage
from workshops.models import Session, Workshop

NAME_LENGTH = 60  # characters of a question that fit on a button


@dataclass(frozen=True)
class Step:
    """The next sensible thing. `do` is what its button posts, empty for `href`.

    key: the single key that does the same, besides N.
    """

    do: str
    label: str
    about: str
    icon: str
    key: str = ""
    page: str = ""


@dataclass(frozen=True)
class Planned:
    """When a session should start and end, as far as the plan says."""

    starts: datetime | None
    ends: datetime | None


def planned_times(sessions: Sequence[Session], day: date) -> list[Planned]:
    """Return when each session should start and end on a day.

    A session starts at its own time, or when the one before it should end. Where the
    first has no time, the plan begins when it really started.
    """
    starts: list[datetime | None] = []
    clock: datetime | None = None
    for place, session in enumerate(sessions):
        if session.starts_at is not None:
            clock = timezone.make_aware(datetime.combine(day, session.starts_at))
        elif place == 0:
            clock = session.started_at
        starts.append(clock)
        if clock is not None and session.minutes is not None:
            clock += timedelta(minutes=session.minutes)
        else:
            clock = None
    ends = [
        start + timedelta(minutes=session.minutes)
        if start is not None and session.minutes is not None
        else following
        for session, start, following in zip(
            sessions, starts, [*starts, None][1:], strict=True
        )
    ]
    return [Planned(*times) for times in zip(starts, ends, strict=True)]


def day_of(workshop: Workshop, sessions: Sequence[Session]) -> date:
    """Return the day that planned times are read on: the real one, once it began."""
    for session in sessions:
        if session.started_at is not None:
            return timezone.localdate(session.started_at)
    return workshop.date or timezone.localdate()


def minutes_behind(
    sessions: Sequence[Session], planned: Sequence[Planned], now: datetime
) -> int | None:
    """Return by how many minutes the day is behind its plan; negative is ahead.

    None where no session runs, none is due, or the plan does not say.
    """
    for session, plan in zip(sessions, planned, strict=True):
        if session.started_at is not None and session.ended_at is None:
            late = [session.started_at - plan.starts] if plan.starts else []
            late += [now - plan.ends] if plan.ends else []
            return int(max(late).total_seconds() / 60) if late else None
    waiting = [
        plan
        for session, plan in zip(sessions, planned, strict=True)
        if session.started_at is None
    ]
    if waiting and waiting[0].starts and now > waiting[0].starts:
        return int((now - waiting[0].starts).total_seconds() / 60)
    return None


def behind_words(minutes: int | None) -> str:
    """Say it: `6 minutes behind`, `on time`, `3 minutes ahead`, or nothing."""
    if minutes is None:
        return ""
    if minutes > 1:
        return ngettext("%(n)d minute behind", "%(n)d minutes behind", minutes) % {
            "n": minutes
        }
    if minutes < -1:
        return ngettext("%(n)d minute ahead", "%(n)d minutes ahead", -minutes) % {
            "n": -minutes
        }
    return _("on time")


def agenda(
    workshop: Workshop,
    sessions: Sequence[Session],
    rounds: Mapping[int, Sequence[Round]],
    now: datetime,
) -> dict[str, Any]:
    """Return the sessions of the day with their times, prompts and states.

    sessions: in order, with `prompts` prefetched. rounds: by prompt, in order.
    """
    day = day_of(workshop, sessions)
    planned = planned_times(sessions, day)
    today = timezone.localdate(now) == day and workshop.ended_at is None
    behind = minutes_behind(sessions, planned, now) if today else None
    entries = [
        _session_entry(number, session, plan, rounds)
        for number, (session, plan) in enumerate(
            zip(sessions, planned, strict=True), start=1
        )
    ]
    return {
        "entries": entries,
        "behind": behind_words(behind),
        "is_behind": behind is not None and behind > 1,
    }


def _session_entry(
    number: int,
    session: Session,
    plan: Planned,
    rounds: Mapping[int, Sequence[Round]],
) -> dict[str, Any]:
    if session.started_at is None:
        state = "coming"
    else:
        state = "running" if session.ended_at is None else "ended"
    return {
        "session": session,
        "number": number,
        "state": state,
        "times": _times(session, plan),
        "prompts": [prompt_entry(prompt, rounds) for prompt in session.prompts.all()],
    }


def _times(session: Session, plan: Planned) -> str:
    """Say when: planned until it starts, then the real time beside the plan."""
    planned = clock_time(plan.starts)
    if session.started_at is None:
        return planned
    times = {
        "planned": planned,
        "start": clock_time(session.started_at),
        "end": clock_time(session.ended_at),
    }
    if session.ended_at is not None:
        text = _("%(start)s to %(end)s") % times
    else:
        text = _("since %(start)s") % times
    if planned and planned != times["start"]:
        text += ", " + _("planned %(planned)s") % times
    return text


def prompt_entry(
    prompt: Prompt, rounds: Mapping[int, Sequence[Round]]
) -> dict[str, Any]:
    """Return a prompt with its last round, its state and the words for it.

    rounds: of every prompt, by the prompt.
    """
    asked = rounds.get(prompt.pk, ())
    last = on_stage(asked) or (asked[-1] if asked else None)
    first = _waits_for(prompt, rounds)
    opens = f"open:{prompt.pk}:{len(asked)}" + (":anyway" if first else "")
    again = (
        Prompt.Again.BLANK if prompt.again == Prompt.Again.MINE else Prompt.Again.MINE
    )
    if last is None:
        state, word = "waiting", _("not yet")
    elif last.closed_at is None:
        state, word = "open", _("open")
    elif last.revealed_at is not None:
        state, word = "revealed", _("revealed")
    else:
        state, word = (
            "closed",
            _("closed %(time)s") % {"time": clock_time(last.closed_at)},
        )
    if last is not None and last.number > 1:
        word += ", " + _("round %(number)d") % {"number": last.number}
        if last.starts_from_own:
            word += ", " + _("from earlier answers")
    return {
        "prompt": prompt,
        "last": last,
        "state": state,
        "word": word,
        "open": opens,
        "other": f"{opens}:{again}" if last and prompt.has_items else "",
        "again": again.value,
        "opens_after": short_name(first.question) if first else "",
        "next_round": len(asked) + 1,
    }


def _waits_for(prompt: Prompt, rounds: Mapping[int, Sequence[Round]]) -> Prompt | None:
    return waits_for(prompt, rounds.get(prompt.after_id or 0, ()))


def next_step(
    workshop: Workshop,
    sessions: Sequence[Session],
    rounds: Mapping[int, Sequence[Round]],
) -> Step | None:
    """Return the next sensible thing, or None once the day has ended.

    Close what is open; reveal what was closed last in the running session; open its
    next prompt; start the next session; end the day.
    """
    if workshop.ended_at is not None:
        return None
    every = [
        this_round for prompt_rounds in rounds.values() for this_round in prompt_rounds
    ]
    if (open_now := on_stage(every)) is not None:
        return _close_step(open_now, rounds)
    running = next(
        (s for s in sessions if s.started_at is not None and s.ended_at is None), None
    )
    if running is not None:
        step = _reveal_step(running, every) or _open_step(running, rounds)
        if step is not None:
            return step
    after = running.position if running is not None else 0
    coming = [s for s in sessions if s.started_at is None]
    coming.sort(key=lambda session: (session.position < after, session.position))
    if coming:
        return Step(
            f"start:{coming[0].pk}", _("Start the session"), coming[0].title, "next"
        )
    return Step("", _("End the workshop"), workshop.title, "stop", page="end")


def detour(
    step: Step | None,
    sessions: Sequence[Session],
    rounds: Mapping[int, Sequence[Round]],
) -> Step | None:
    """Return what to do instead of the next step, if there is such a thing.

    Instead of revealing, open the session's next prompt; instead of closing, show what
    was asked in the middle of it.
    """
    if step is None or not step.do.startswith("reveal:"):
        return _asked_in_between([one for found in rounds.values() for one in found])
    running = next((s for s in sessions if s.started_at and not s.ended_at), None)
    step = _open_step(running, rounds) if running is not None else None
    return step and replace(step, label=_("Open the next without revealing"))


def _asked_in_between(rounds: Sequence[Round]) -> Step | None:
    """Return how the answers to what interrupted the open round last are shown."""
    open_now = on_stage(rounds)
    between = [r for r in rounds if open_now and r.interrupts_id == open_now.pk]
    last = max(between, key=lambda r: r.opened_at, default=None)
    if last is None or not last.prompt.has_items:
        return None
    if last.revealed_at is not None:
        label = _("Show what was asked in between")
        return Step(f"show:prompt:{last.pk}", label, "", "eye")
    return Step(f"reveal:{last.pk}", _("Reveal what was asked in between"), "", "eye")


def interrupted(
    this_round: Round | None, rounds: Mapping[int, Sequence[Round]]
) -> Round | None:
    """Return the open round to which closing this one goes back, None without one."""
    if this_round is None or this_round.closed_at is not None:
        return None
    every = (one for found in rounds.values() for one in found)
    return next((one for one in every if one.pk == this_round.interrupts_id), None)


def _close_step(this_round: Round, rounds: Mapping[int, Sequence[Round]]) -> Step:
    back_to = interrupted(this_round, rounds)
    if back_to is not None:
        about = short_name(back_to.prompt.question)
        return Step(
            f"close:{this_round.pk}", _("Close and go back to"), about, "stop", "c"
        )
    return Step(
        f"close:{this_round.pk}",
        _("Close"),
        "",  # the page is about it
        "stop",
        "c",
    )


def _reveal_step(running: Session, rounds: Sequence[Round]) -> Step | None:
    in_session = [r for r in rounds if r.prompt.session_id == running.pk]
    # Of two that closed together, the one that was interrupted.
    last = max(
        in_session,
        key=lambda r: (r.closed_at or r.opened_at, r.interrupts_id is None),
        default=None,
    )
    if last is None or last.revealed_at is not None or not last.prompt.has_items:
        return None
    return Step(
        f"reveal:{last.pk}",
        _("Reveal the results"),
        "",
        "eye",
        "r",
    )


def _open_step(running: Session, rounds: Mapping[int, Sequence[Round]]) -> Step | None:
    for prompt in running.prompts.all():
        if not rounds.get(prompt.pk) and not _waits_for(prompt, rounds):
            return Step(
                f"open:{prompt.pk}:0",
                _("Open"),
                short_name(prompt.question),
                "play",
                "o",
            )
    return None


def short_name(text: str) -> str:
    """Return a question as a button names it, cut at a word."""
    return Truncator(" ".join(text.split())).chars(NAME_LENGTH)


def clock_time(at: datetime | None) -> str:
    """Write a moment as a wall clock shows it here: `10:42`."""
    return f"{timezone.localtime(at):%H:%M}" if at is not None else ""
