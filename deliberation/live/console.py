"""What the console shows now: one board for everybody who facilitates or looks on.

Nothing here depends on who looks. The number of queries depends neither on the number
of people nor on that of tables, items or points.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from config.prepared import Prepared
from deliberation import pictures
from deliberation.actions.answers import ask_of
from deliberation.actions.recording import last_step, steps_taken
from deliberation.challenges import asked_tables, waiting, whom
from deliberation.kinds import Ask
from deliberation.live import console_day as day
from deliberation.live import console_room as room
from deliberation.live.calls import calls_shown
from deliberation.live.console_figures import figures
from deliberation.live.console_points import point_queue
from deliberation.live.ledger import Ledger, ledger_of
from deliberation.live.miniature import miniature
from deliberation.live.moving import find_moving, is_moving, next_planned
from deliberation.live.parts import without_marks
from deliberation.live.progress import progress
from deliberation.live.questions import waiting as waiting_questions
from deliberation.live.screen import qr_code, screen_html, where_to_read
from deliberation.live.screen_movement import can_move
from deliberation.models import Event, Prompt, Round, Screen
from deliberation.models.round import on_stage
from deliberation.results import round_results
from workshops.models import Session, Table, Workshop


def console_html(workshop_id: int) -> SafeString:
    """Return the console board of a workshop: everything on it that may change."""
    return mark_safe(without_marks(console_board(workshop_id)))  # noqa: S308


def console_board(workshop_id: int) -> str:
    """Return the same with the marks of its sections and parts (`parts`)."""
    return render_to_string("console/board.html", console_context(workshop_id))


def live_board(workshop_id: int) -> str:
    """Return the same as `console_board`, for a thread that draws it again and again.

    Of the answers it reads only those that are new to it (`ledger`).
    """
    context = console_context(workshop_id, ledger=ledger_of)
    return render_to_string("console/board.html", context)


def console_context(
    workshop_id: int, *, ledger: Callable[[int, Ask], Ledger] | None = None
) -> dict[str, Any]:
    """Return what the console board's template needs.

    ledger: gives how a round was answered; without it that is counted anew.
    """
    now = timezone.now()
    workshop = Workshop.objects.get(pk=workshop_id)
    steps = steps_taken(workshop)  # first: the rest may be newer than it says
    sessions = list(_sessions(workshop))
    rounds = rounds_by_prompt(workshop)
    screen = _screen.first(workshop=workshop.pk) or Screen()
    screen.workshop = workshop
    this_round = focus(sessions, rounds, screen)
    ask = ask_of(this_round) if this_round is not None else None
    all_seats = room.seats(workshop, now)
    calls = calls_shown(workshop)
    counted = None
    if ledger and this_round and ask and ask.kind != Prompt.Kind.ALLOCATE:
        counted = ledger(this_round.pk, ask)
    answered = counted.progress() if counted else progress(this_round)
    cards = room.table_cards(
        _tables(workshop=workshop.pk),
        all_seats,
        answered,
        this_round,
        items=ask.number_asked if ask is not None else 0,
        now=now,
        signed=room.signed_now(this_round),
        called={call["table"]: call["is_seen"] for call in calls},
        asked=asked_tables(this_round),
    )
    step = day.next_step(workshop, sessions, rounds)
    running = next((s for s in sessions if s.started_at and not s.ended_at), None)
    return {
        "workshop": workshop,
        "steps": steps,
        "agenda": day.agenda(workshop, sessions, rounds, now),
        "running": running,
        "step": step,
        "detour": day.detour(step, sessions, rounds),
        "undo": undo_step(last_step(workshop)),
        "round": this_round,
        "interrupted": day.interrupted(this_round, rounds),
        "whom": whom(this_round),
        "entry": this_round and day.prompt_entry(this_round.prompt, rounds),
        "timer": round_timer(this_round, now),
        "numbers": room.numbers(workshop, all_seats, answered, this_round),
        "calls": calls,
        "cards": cards,
        "in": room.tables_in(cards),
        "quiet": room.is_quiet(this_round, answered, now),
        "figures": _figures(this_round, ask, counted),
        "challenges": _challenges(workshop, sessions),
        "questions": waiting_questions(running),
        "moving": find_moving(workshop),
        "next_move": next_planned(workshop),
        "screen": screen,
        "projector": projector(screen, this_round, ask, rounds),
        "preview": miniature(screen_html(workshop_id), marked=True),
        "points": point_queue(workshop),
        "qr": qr_code(join_address(workshop)),
        "host": settings.PUBLIC_URL.partition("://")[2],
    }


def _challenges(workshop: Workshop, sessions: Sequence[Session]) -> int:
    """Count the speakers' challenges that wait: none where speakers have no link."""
    if not any(session.speaker_secret for session in sessions):
        return 0
    return waiting(workshop).filter(by_speaker=True).count()


def _sessions(workshop: Workshop) -> QuerySet[Session]:
    prompts = Prompt.objects.select_related("session", "after").order_by("position")
    return workshop.sessions.prefetch_related(Prefetch("prompts", queryset=prompts))


def rounds_by_prompt(workshop: Workshop) -> dict[int, list[Round]]:
    """Return the rounds of each prompt that was opened, first to last."""
    found: dict[int, list[Round]] = defaultdict(list)
    for this_round in _rounds(workshop=workshop.pk):
        this_round.workshop = workshop
        found[this_round.prompt_id].append(this_round)
    return found


_rounds = Prepared(
    lambda workshop: (
        Round.objects.filter(workshop_id=workshop)
        .select_related("prompt__session", "prompt__scale", "prompt__after")
        .order_by("prompt", "number")
    ),
    workshop=int,
)
_screen = Prepared(
    lambda workshop: Screen.objects.filter(workshop_id=workshop).select_related(
        "session", "round", "item"
    ),
    workshop=int,
)
_tables = Prepared(
    lambda workshop: (
        Table.objects.filter(workshop_id=workshop)
        .select_related("scribe_lease__participant__presence")
        .order_by("number")
    ),
    workshop=int,
)


def focus(
    sessions: Sequence[Session], rounds: dict[int, list[Round]], screen: Screen
) -> Round | None:
    """Return the round that the console is about: what is open, else what is shown.

    Otherwise the last one of the running session, if it has one.
    """
    every = [this_round for found in rounds.values() for this_round in found]
    if (open_now := on_stage(every)) is not None:
        return open_now
    running = next((s for s in sessions if s.started_at and not s.ended_at), None)
    if screen.round_id is not None and screen.showing in (
        Screen.Showing.PROMPT,
        Screen.Showing.POINTS,
        Screen.Showing.QUESTION,
    ):
        return next((r for r in every if r.pk == screen.round_id), None)
    here = [r for r in every if running and r.prompt.session_id == running.pk]
    return max(here, key=lambda r: r.opened_at, default=None)


def undo_step(event: Event | None) -> dict[str, Any] | None:
    """Return the last step with its name, as the button that takes it back says it."""
    if event is None:
        return None
    return {"do": f"undo:{event.pk}", "name": step_name(event)}


def step_name(event: Event) -> str:
    """Name a step: `close “Ten principles”`."""
    words = {
        "open": _("open"),
        "open-anyway": _("open anyway"),
        "again": _("ask again"),
        "close": _("close"),
        "reveal": _("reveal"),
        "hide": _("hide"),
        "start": _("start"),
        "end": _("end"),
        "rotate": _("start the move"),
        "rotate-end": _("end the move"),
        "reopen": _("take up again"),
        "lock": _("lock joining"),
        "unlock": _("unlock joining"),
        "add-time": _("more time"),
        "pause": _("pause"),
        "resume": _("resume"),
        "stop-countdown": _("stop the countdown"),
        "close-at-zero": _("close at zero"),
        "freeze": _("freeze the screen"),
        "thaw": _("unfreeze the screen"),
        "blank": _("blank the screen"),
        "join-code": _("join code on the screen"),
        "item": _("one item large"),
        "view": _("another view"),
        "look": _("light or dark screen"),
        "screen": _("change the screen"),
        "proposal-open": _("put to the room"),
        "proposal-adopted": _("adopt"),
        "proposal-declined": _("decline"),
        "proposal-parked": _("park"),
        "point-shown": _("show"),
        "point-kept": _("keep"),
        "point-parked": _("park"),
        "point-incoming": _("put back"),
        "questions": _("take questions"),
        "no-questions": _("take no more questions"),
        "question-shown": _("show the question"),
        "question-off": _("take the question off"),
        "question-answered": _("mark as answered"),
        "question-aside": _("put aside"),
        "question-waiting": _("let wait again"),
        "question-moved": _("move the question"),
        "questions-sorted": _("order by support"),
    }
    word = words.get(event.verb, _("last change"))
    subject = day.short_name(event.subject)
    return f"{word} “{subject}”" if subject else word


def round_timer(this_round: Round | None, now) -> dict[str, Any] | None:
    """Return an open round's countdown as it stands, or None."""
    if this_round is None or this_round.closed_at is not None:
        return None
    if this_round.paused_seconds is not None:
        return pictures.timer(this_round.paused_seconds, ident="timer", paused=True)
    if this_round.ends_at is None:
        return None
    left = (this_round.ends_at - now).total_seconds()
    return pictures.timer(
        left, ident="timer", ends_at=this_round.ends_at.isoformat()
    ) | {"until": day.clock_time(this_round.ends_at)}


def _figures(
    this_round: Round | None, ask: Ask | None, counted: Ledger | None
) -> list[dict[str, Any]]:
    if this_round is None or ask is None:
        return []
    results = round_results(this_round, ask=ask, organised=False, counted=counted)
    return figures(this_round, ask, results, ident="now")


def projector(
    screen: Screen,
    this_round: Round | None,
    ask: Ask | None,
    rounds: dict[int, list[Round]],
) -> dict[str, Any]:
    """Return what the projector's controls offer, with what is on now marked."""
    items: list[dict[str, Any]] = []
    if this_round is not None and ask is not None and this_round.prompt.has_items:
        items = [
            {"id": item.id, "number": item.number, "text": item.short}
            for item in ask.items
        ]
    ids = [item["id"] for item in items]
    place = ids.index(screen.item_id) if screen.item_id in ids else None
    on_screen = this_round is not None and screen.round_id == this_round.pk
    return {
        "now": shown_words(screen),
        "items": items,
        "large": screen.item_id if on_screen else None,
        "before": ids[place - 1] if place else (ids[-1] if ids else None),
        "after": ids[(place + 1) % len(ids)]
        if place is not None
        else (ids[0] if ids else None),
        "views": _views(this_round, ask),
        "is_prompt": screen.showing == Screen.Showing.PROMPT and on_screen,
        "is_points": screen.showing == Screen.Showing.POINTS,
        "is_brief": screen.showing == Screen.Showing.BRIEF,
        "is_join": screen.showing == Screen.Showing.JOIN,
        "is_write_up": screen.showing == Screen.Showing.WRITE_UP,
        "is_published": where_to_read(screen.workshop) is not None,
    }


def shown_words(screen: Screen) -> str:
    """Say what the room sees, in one line."""
    if screen.workshop.ended_at is not None:
        return _("The end of the workshop")
    if screen.frozen_html:
        return _("Frozen: the room sees an earlier picture")
    if screen.join_overlay:
        return _("The join code")
    if screen.blank:
        return _("Blank")
    if screen.showing == Screen.Showing.POINTS:
        return _("Chosen points")
    if screen.showing == Screen.Showing.QUESTION and screen.question_id is not None:
        return _("A question to the speaker")
    if screen.showing == Screen.Showing.ROTATION and is_moving(screen.workshop):
        return _("Where people go")
    if screen.showing == Screen.Showing.WRITE_UP and where_to_read(screen.workshop):
        return _("The write-up’s address")
    if screen.showing == Screen.Showing.PROMPT and screen.round is not None:
        if screen.item_id is not None:
            return _("One item, large")
        if screen.round.revealed_at is not None:
            return _("The results")
        return _("The question; results are hidden")
    if screen.showing != Screen.Showing.JOIN and screen.session is not None:
        return _("The brief")
    return _("How to join")


def _views(this_round: Round | None, ask: Ask | None) -> list[tuple[str, str]]:
    """Return the views that a round has on the screen, with their names."""
    if this_round is None or ask is None or not this_round.prompt.has_items:
        return []
    prompt = this_round.prompt
    views: list[tuple[str, str]] = []
    if prompt.asks_people:
        views.append((Screen.View.PEOPLE, _("By people")))
    views.append((Screen.View.TABLES, _("By tables")))
    if prompt.kind == Prompt.Kind.RATE and len(ask.criteria) > 1:
        views.append((Screen.View.PLANE, _("Plane")))
    if this_round.number > 1 and can_move(this_round):
        if prompt.asks_people:
            views.append((Screen.View.PEOPLE_MOVED, _("What people changed")))
        if prompt.asks_tables:
            views.append((Screen.View.TABLES_MOVED, _("What tables changed")))
    return views


def join_address(workshop: Workshop) -> str:
    """Return the address that the QR code carries; the secret is never sent in it."""
    return f"{settings.PUBLIC_URL}/j/#{workshop.join_secret}"
