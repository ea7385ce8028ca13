"""What each audience should see now, rendered once for all who watch.

Boards: `phone:<workshop>` (the stage, without anything personal),
`table:<workshop>:<number>` (a table's own answer, for its phones),
`seat:<workshop>:<participant>` (instead of it, for who has no table),
`console:<workshop>`, `screen:<workshop>`, `speaker:<workshop>:<session>`,
`themes:<workshop>:<prompt>`, and of the questions to the speakers
`questions:<workshop>` for phones and `asked:<workshop>` for the console.
"""

from collections import defaultdict
from collections.abc import (
    Callable,
    Collection,
    Hashable,
    Iterable,
    Mapping,
    Sequence,
)
from dataclasses import dataclass

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.http import parse_cookie
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from config import incoming
from deliberation.actions.rounds import close_expired
from deliberation.live import (
    calls,
    console,
    phone,
    questions,
    screen,
    speaker,
    theming,
)
from deliberation.live.stage import Stage, find_stage
from deliberation.models import Prompt
from deliberation.results import computed_once
from workshops import identity
from workshops.models import Participant, Presence, Session, Table, Workshop

RENDERERS: dict[str, Callable[..., str]] = {
    "phone": phone.stage_html,
    "table": phone.table_html,
    "seat": calls.seat_html,
    "console": console.live_board,
    "screen": screen.screen_html,
    "speaker": speaker.speaker_html,
    "themes": theming.themes_board,
    "questions": questions.questions_html,
    "asked": questions.asked_html,
}

CAN_WAIT = frozenset({"table", "seat", "console", "speaker", "themes", "asked"})


GONE = (
    Workshop.DoesNotExist,
    Table.DoesNotExist,
    Prompt.DoesNotExist,
    Session.DoesNotExist,
)


@dataclass(frozen=True, slots=True)
class Watch:
    """Who may watch which boards.

    `viewer` names the browser's owner: `seat:<id>`, `user:<id>`, `screen:<id>` or
    `speaker:<id of the session>`; `proof` is what gave the right and is asked for
    again while the stream is open.
    """

    workshop_id: int
    boards: tuple[str, ...]
    viewer: str
    proof: str = ""


def authorise(
    headers: Mapping[bytes, bytes], path_parts: Sequence[str]
) -> Watch | None:
    """Return what a browser may watch at `/live/<audience>/<key>/`, None for nothing.

    headers: lower-case names. path_parts: audience and key.
    """
    if len(path_parts) != 2 or not all(map(incoming.is_storable, path_parts)):
        return None
    audience, key = path_parts
    cookies = parse_cookie(headers.get(b"cookie", b"").decode("latin-1"))
    if audience in ("phone", "questions"):
        return _watch_as_participant(cookies, key, asks=audience == "questions")
    if audience in ("console", "asked"):
        signed_in = cookies.get(settings.SESSION_COOKIE_NAME, "")
        return _watch_as_facilitator(signed_in, key, board=audience)
    if audience == "themes":
        return _watch_themes(cookies.get(settings.SESSION_COOKIE_NAME, ""), key)
    if audience == "screen":
        return _watch_as_screen(key)
    if audience == "speaker":
        return _watch_as_speaker(key)
    return None


def _watch_as_participant(
    cookies: Mapping[str, str], slug: str, *, asks: bool
) -> Watch | None:
    """Let who has a seat watch what a phone shows; asks: the questions to speakers."""
    workshop = Workshop.objects.filter(slug=slug).only("pk").first()
    token = workshop and cookies.get(identity.cookie_name(workshop.pk))
    if not token:
        return None
    who = identity.participant_for_token(workshop.pk, token)
    if who is None:
        return None
    boards = boards_of(workshop.pk, who.pk, who.table and who.table.number)
    if asks:
        boards = (f"questions:{workshop.pk}",)
    return Watch(workshop.pk, boards, f"seat:{who.pk}")


def boards_of(workshop: int, seat: int, table: int | None) -> tuple[str, ...]:
    """Return the boards of a phone. table: the number of where its owner sits."""
    own = f"seat:{workshop}:{seat}" if table is None else f"table:{workshop}:{table}"
    return f"phone:{workshop}", own


def _watch_as_facilitator(session_key: str, slug: str, *, board: str) -> Watch | None:
    user = _user_of_session(session_key)
    if user is None:
        return None
    workshop = Workshop.objects.run_by(user).filter(slug=slug).only("pk").first()
    if workshop is None:
        return None
    boards = (f"{board}:{workshop.pk}",)
    return Watch(workshop.pk, boards, f"user:{user.pk}", session_key)


def _watch_themes(session_key: str, prompt_key: str) -> Watch | None:
    """Let who may see a workshop's console watch how a prompt's points are grouped."""
    user = _user_of_session(session_key)
    prompts = Prompt.objects.select_related("session__workshop")
    prompt = prompts.filter(pk=incoming.number(prompt_key)).first()
    if user is None or prompt is None:
        return None
    workshop_id = prompt.session.workshop_id
    if not Workshop.objects.run_by(user).filter(pk=workshop_id).exists():
        return None
    boards = (f"themes:{workshop_id}:{prompt.pk}",)
    return Watch(workshop_id, boards, f"user:{user.pk}", session_key)


def _user_of_session(session_key: str):
    """Return who is signed in, as pages would have it, None for nobody."""
    if not incoming.is_storable(session_key):
        return None
    session = SessionStore(session_key).load()
    user_id = session.get(SESSION_KEY)
    if user_id is None:
        return None
    user = get_user_model().objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return None
    # A new password ends the sessions of the old one.
    known = session.get(HASH_SESSION_KEY, "")
    if not constant_time_compare(known, user.get_session_auth_hash()):
        return None
    if settings.SECOND_FACTOR_REQUIRED and not is_mfa_enabled(user):
        return None
    return user


def _watch_as_screen(secret: str) -> Watch | None:
    workshop = Workshop.objects.filter(screen_secret=secret).only("pk").first()
    if workshop is None:
        return None
    boards = (f"screen:{workshop.pk}",)
    return Watch(workshop.pk, boards, f"screen:{workshop.pk}", secret)


def _watch_as_speaker(secret: str) -> Watch | None:
    session = identity.session_of_speaker(secret)
    if session is None:
        return None
    boards = (f"speaker:{session.workshop_id}:{session.pk}",)
    return Watch(session.workshop_id, boards, f"speaker:{session.pk}", secret)


def still_allowed(watches: Sequence[Watch]) -> list[bool]:
    """Tell for each watch whether its right and its boards are still the same.

    A person who was moved to another table or removed is told to load again.
    """
    seats = _ids(watches, "seat:")
    tables = dict(
        Participant.objects.present()
        .filter(pk__in=seats)
        .values_list("pk", "table__number")
    )
    return [_is_still_allowed(watch, tables) for watch in watches]


def _is_still_allowed(watch: Watch, tables: Mapping[int, int | None]) -> bool:
    kind, _, number = watch.viewer.partition(":")
    if kind == "seat":
        pk = int(number)
        if pk not in tables:
            return False
        if watch.boards == (f"questions:{watch.workshop_id}",):
            return True  # the same at every table
        return watch.boards == boards_of(watch.workshop_id, pk, tables[pk])
    if kind == "user":
        user = _user_of_session(watch.proof)
        return (
            user is not None
            and Workshop.objects.run_by(user).filter(pk=watch.workshop_id).exists()
        )
    if kind == "speaker":
        return Session.objects.filter(pk=number, speaker_secret=watch.proof).exists()
    return Workshop.objects.filter(
        pk=watch.workshop_id, screen_secret=watch.proof
    ).exists()


def _ids(watches: Iterable[Watch], prefix: str) -> list[int]:
    return [
        int(watch.viewer.removeprefix(prefix))
        for watch in watches
        if watch.viewer.startswith(prefix)
    ]


def workshop_of(board: str) -> int:
    """Return the workshop that a board belongs to."""
    return int(board.split(":")[1])


# Phone and screen show the same results; so does a console, with the screen in it.
together = computed_once


def can_wait(board: str) -> bool:
    """Tell whether no whole room waits for a board."""
    return board.partition(":")[0] in CAN_WAIT


def render(board: str) -> str:
    """Return a board's HTML as it should be now; "" once its workshop or table went."""
    audience, workshop_id, *rest = board.split(":")
    try:
        return RENDERERS[audience](int(workshop_id), *map(int, rest))
    except GONE:
        return ""  # its viewers are sent away with the next look at their rights


def marks(boards: Collection[str]) -> dict[str, Hashable]:
    """Say cheaply whether a phone's or a table's board can have changed.

    Most answers change neither: the stage only when results are revealed, a table's
    board when that table's own answer does. What is edited in a session or prompt
    while it is on stage is part of the mark; rarer edits come with the next backstop.
    """
    found: dict[str, Hashable] = {}
    by_workshop: dict[int, list[str]] = defaultdict(list)
    for board in boards:
        if board.startswith(("phone:", "table:", "seat:")):
            by_workshop[workshop_of(board)].append(board)
    for workshop in Workshop.objects.filter(pk__in=by_workshop):
        stage = find_stage(workshop)
        mark, its_boards = stage.mark, by_workshop[workshop.pk]
        has_tables = any(board.startswith("table:") for board in its_boards)
        tables = phone.marks_of_tables(stage) if has_tables else {}
        for board in its_boards:
            if board.startswith("table:"):
                number = int(board.rpartition(":")[2])
                found[board] = (mark, tables.get(number))
            elif board.startswith("seat:"):
                found[board] = tuple(calls.marks_of_people(workshop))
            elif not (stage.shows_results or _shows_results_to_others(stage)):
                found[board] = mark
    return found


def _shows_results_to_others(stage: Stage) -> bool:
    return stage.for_others is not None and stage.for_others.shows_results


def seen(viewers: Iterable[tuple[int, str]]) -> None:
    """Note that these viewers, (workshop, viewer), have a screen open: one write."""
    now = timezone.now()
    seats = {
        int(viewer.removeprefix("seat:")): workshop_id
        for workshop_id, viewer in viewers
        if viewer.startswith("seat:")
    }
    # Somebody may have been erased since the stream was opened.
    known = Participant.objects.filter(pk__in=seats).values_list("pk", flat=True)
    Presence.objects.bulk_create(
        [
            Presence(participant_id=pk, workshop_id=seats[pk], seen_at=now)
            for pk in sorted(known)
        ],
        update_conflicts=True,
        unique_fields=["participant"],
        update_fields=["seen_at"],
    )


def tick() -> None:
    """Close the rounds whose countdown has run out."""
    close_expired()
