"""What the projector shows now: one board for all who watch the wall.

Nothing of what people said stands here before the facilitator reveals it; the board
holds no form and nothing personal beyond what the attribution rule allows.
"""

from collections.abc import Iterable
from functools import lru_cache
from io import BytesIO
from math import ceil
from typing import Any
from urllib.parse import urlsplit

import segno
from django.conf import settings
from django.db.models import Count
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from config.prepared import Prepared
from deliberation import pictures
from deliberation.actions.answers import ask_of
from deliberation.challenges import of_round, told_to_the_room
from deliberation.kinds import Ask
from deliberation.live import (
    findings,
    fitting,
    questions,
    screen_item,
    screen_movement,
    screen_results,
)
from deliberation.live.moving import find_moving, streams
from deliberation.live.progress import tables_in
from deliberation.models import (
    Event,
    Item,
    Point,
    Prompt,
    Publication,
    Response,
    Round,
    Screen,
)
from deliberation.models.challenge import Audience
from deliberation.models.response import Voice
from deliberation.proposals import line_of, stances, tally
from deliberation.results import once, people_asked, table_numbers, tables_asked
from workshops.models import Participant, Session, Workshop

type Context = dict[str, Any]
type Shown = tuple[str, Context]  # a template in screen/ and what it needs

MOST_STREAMS = 16  # tables that people leave, as far as they can be read
DENSE = 8  # tables in the list of who has joined or answered, beyond which it shrinks
ITEMS_AND_TABLES = 12  # lines for the items that are asked and for who has answered


def screen_html(workshop_id: int) -> SafeString:
    """Return the board of a workshop's screen, in the workshop's language.

    The console shows it too.
    """
    return once(("screen", workshop_id), lambda: _screen_html(workshop_id))


def _screen_html(workshop_id: int) -> SafeString:
    screen = _screen.first(workshop=workshop_id)
    if screen is None:
        screen = Screen(workshop=Workshop.objects.get(pk=workshop_id))
    workshop = screen.workshop
    if screen.frozen_html and workshop.ended_at is None:
        return mark_safe(screen.frozen_html)  # noqa: S308  # made by this function
    with translation.override(workshop.language):
        template, context = what_to_show(screen)
        context |= {
            "screen": screen,
            "workshop": workshop,
            "join": how_to_join(workshop),
        }
        return render_to_string(f"screen/{template}.html", context)


_screen = Prepared(
    lambda workshop: Screen.objects.filter(workshop_id=workshop).select_related(
        "workshop",
        "session",
        "item",
        "round__prompt__session",
        "round__prompt__scale",
    ),
    workshop=int,
)


def what_to_show(screen: Screen) -> Shown:
    """Choose the picture; what has gone missing falls back to what is still there."""
    if screen.workshop.ended_at is not None:
        return "ended", {"read": where_to_read(screen.workshop)}
    if screen.join_overlay:
        return joining(screen.workshop)
    if screen.blank:
        return "blank", {}
    if screen.showing == Screen.Showing.POINTS:
        return points_view(screen)
    if screen.showing == Screen.Showing.QUESTION and (
        question := questions.on_the_wall(screen)
    ):
        return "asked", question
    if screen.showing == Screen.Showing.WRITE_UP and (
        read := where_to_read(screen.workshop)
    ):
        return "write_up", {"read": read}
    if screen.showing == Screen.Showing.ROTATION and (
        found := rotation_view(screen.workshop)
    ):
        return found
    this_round = the_round(screen)
    asked = (Screen.Showing.PROMPT, Screen.Showing.ROTATION, Screen.Showing.QUESTION)
    if screen.showing in asked and this_round is not None:
        return prompt_view(screen, this_round)
    if screen.showing != Screen.Showing.JOIN and screen.session is not None:
        return brief_view(screen.session)
    return joining(screen.workshop)


def the_round(screen: Screen) -> Round | None:
    """Return the round on the screen, which knows the screen's workshop already."""
    if screen.round is not None:
        screen.round.workshop = screen.workshop
    return screen.round


def prompt_view(screen: Screen, this_round: Round) -> Shown:
    prompt = this_round.prompt
    common = {
        "round": this_round,
        "prompt": prompt,
        "session": prompt.session,
        "timer": countdown(this_round),
        "is_open": this_round.closed_at is None,
        "put_to": put_to(this_round),
    }
    if prompt.kind == Prompt.Kind.DISCUSS:
        template, context = discussing(screen, this_round)
    elif screen.item is not None and screen.item.prompt_id == prompt.pk:
        template, context = one_item(screen, this_round, screen.item)
    elif this_round.revealed_at is not None and (
        moved := screen_movement.voice_that_moved(this_round, screen.view)
    ):
        template, context = "moved", screen_movement.shown(this_round, moved)
    elif this_round.revealed_at is not None:
        template, context = screen_results.shown(this_round, view=screen.view)
    else:
        template, context = answering(this_round)
    head = context.get("finding") or prompt.question
    return template, common | {"head": fitting.heading(head)} | context


def put_to(this_round: Round) -> str:
    """Say whom a round asks, "" for everybody."""
    if this_round.asks_everybody:
        return ""
    return told_to_the_room(of_round(this_round), tables_asked(this_round))


# ---- coming in ----


def joining(workshop: Workshop) -> Shown:
    """How to join, and who has, table by table."""
    seats = seated(workshop)
    at_tables = [seat for seat in seats if seat["table"] is not None]
    return "join", {
        "seats": at_tables,
        "is_dense": len(at_tables) > DENSE,
        "people": sum(seat["present"] for seat in seats),
    }


def how_to_join(workshop: Workshop) -> Context | None:
    """Return address, code and QR code, or None while nobody can join by them."""
    if not workshop.lets_people_in or workshop.asks_ticket:
        return None
    return {
        "host": host(),
        "code": workshop.spoken_join_code,
        "qr": qr_code(f"{settings.PUBLIC_URL}/j/#{workshop.join_secret}"),
    }


def host() -> str:
    """Return what people type of this installation's address."""
    parts = urlsplit(settings.PUBLIC_URL)
    # May be broken before a dot, where a narrow box asks for it.
    return (parts.netloc + parts.path.rstrip("/")).replace(".", "\u200b.")


def where_to_read(workshop: Workshop) -> Context | None:
    """Return address and QR code of what was published, or None before that."""
    if _published.first(workshop=workshop.pk) is None:
        return None
    return {
        "host": host(),
        "slug": workshop.slug.replace("-", "-\u200b"),
        "qr": qr_code(f"{settings.PUBLIC_URL}/write-up/{workshop.slug}/"),
    }


_published = Prepared(
    lambda workshop: (
        Publication.objects.filter(workshop=workshop)
        .order_by("number")
        .values_list("number", flat=True)
    ),
    workshop=int,
)


@lru_cache(maxsize=64)
def qr_code(content: str) -> SafeString:
    """Draw a QR code as inline SVG that fills its box, without any style in it."""
    svg = BytesIO()
    segno.make(content, error="m", micro=False).save(
        svg, kind="svg", xmldecl=False, svgns=False, omitsize=True, border=2
    )
    return mark_safe(svg.getvalue().decode())  # noqa: S308  # drawn by segno


def seated(workshop: Workshop, this_round: Round | None = None) -> list[Context]:
    """Return `{table, present, answered}` for each table and for people at none.

    present: people who joined; answered: those of them with an answer in the round.
    Of a round that asks some people only all of them together: where they sit would
    say who answered what.
    """
    if this_round is not None and this_round.audience == Audience.PEOPLE:
        answered_ = sum(dict(_answered(this_round=this_round.pk)).values())
        asked = people_asked(this_round).count()
        return [{"table": None, "present": asked, "answered": answered_}]
    present = dict(_present(workshop=workshop.pk))
    answered: dict[int | None, int] = {}
    if this_round is not None:
        answered = dict(_answered(this_round=this_round.pk))
    numbers: Iterable[int] = table_numbers(workshop.pk)
    no_table = [None] if None in present else []
    if this_round is not None and not this_round.asks_everybody:
        numbers, no_table = tables_asked(this_round), []
    return [
        {
            "table": number,
            "present": present.get(number, 0),
            "answered": answered.get(number, 0),
        }
        for number in [*numbers, *no_table]
    ]


_present = Prepared(
    lambda workshop: (
        Participant.objects.present()
        .filter(workshop_id=workshop)
        .order_by()
        .values_list("table__number")
        .annotate(seats=Count("pk"))
    ),
    workshop=int,
)
_answered = Prepared(
    lambda this_round: (
        Response.objects.counted()
        .filter(round=this_round, voice=Voice.PEOPLE, participant__isnull=False)
        .order_by()
        .values_list("participant__table__number")
        .annotate(done=Count("pk"))
    ),
    this_round=int,
)


# ---- people change tables ----


def rotation_view(workshop: Workshop) -> Shown | None:
    """Where people go from each table, None when no rotation is under way."""
    moving = find_moving(workshop)
    if moving is None or moving.is_over:
        return None
    rows = streams(moving)
    return "rotation", {
        "moving": moving,
        "offers": moving.offers(None),
        "rows": rows if len(rows) <= MOST_STREAMS else (),
        "is_dense": max(len(rows), len(moving.people)) > DENSE,
        "left": len(moving.awaited),
    }


# ---- a session's brief ----


def brief_view(session: Session) -> Shown:
    return "brief", {
        "session": session,
        "speakers": list(session.speakers.all()),
        "brief": fitting.brief(session.brief),
    }


# ---- a prompt that is being answered ----


def answering(this_round: Round) -> Shown:
    """The question and who is in: nothing of what anybody said."""
    prompt = this_round.prompt
    seats = seated(this_round.workshop, this_round)
    ask = ask_of(this_round)
    complete = tables_in(this_round, ask) if prompt.asks_tables else set()
    at_tables = [
        seat | {"is_in": seat["table"] in complete}
        for seat in seats
        if seat["table"] is not None and (prompt.asks_tables or seat["present"])
    ]
    lines = len(ask.items) + 1.6 * ceil(len(at_tables) / 4) + 2 * bool(ask.rule)
    fits = lines <= ITEMS_AND_TABLES
    return "progress", {
        "items": ask.items if fits else (),
        "announced": findings.announced(ask.rule),
        "size": fitting.size(prompt.question, fitting.QUESTION),
        "seats": at_tables,
        "is_dense": len(at_tables) > DENSE,
        "present": sum(seat["present"] for seat in seats),
        "answered": sum(seat["answered"] for seat in seats),
        "tables": sum(1 for seat in seats if seat["table"] is not None),
        "tables_in": len(complete),
    }


def countdown(this_round: Round) -> Context | None:
    """Return the countdown of an open round, None if it has none."""
    if this_round.closed_at is not None:
        return None
    if this_round.paused_seconds is not None:
        return pictures.timer(
            this_round.paused_seconds, ident="wall-timer", paused=True
        )
    if this_round.ends_at is None:
        return None
    left = (this_round.ends_at - timezone.now()).total_seconds()
    ends_at = this_round.ends_at.isoformat(timespec="milliseconds")
    return pictures.timer(left, ident="wall-timer", ends_at=ends_at)


# ---- one item, points, discussion ----


def one_item(screen: Screen, this_round: Round, chosen: Item) -> Shown:
    """One item as large as it goes; its answers once they are revealed."""
    ask = ask_of(this_round)
    item = ask.item(chosen.key)
    if item is None:  # added after this round was opened
        return answering(this_round)
    is_revealed = this_round.revealed_at is not None
    wording = fitting.wording(item.text, with_answers=is_revealed)
    context: Context = {"item": item, "wording": wording}
    moved = screen_movement.voice_that_moved(this_round, screen.view)
    if is_revealed and moved:
        context |= screen_movement.one(this_round, item, moved)
        wording["size"] = min(wording["size"], context["wording_size"])
        return "moved_one", context
    if is_revealed:
        context |= screen_item.one(this_round, ask, item)
        if context["is_stacked"] or context.get("is_crowded"):
            wording["size"] = min(wording["size"], "size-4")  # room for what is below
    about_it = [
        point | {"about": ""}
        for point in shown_points(screen, this_round.prompt, ask)
        if item.key in point["items"]
    ]
    context["points"] = fitting.fit(
        about_it, lines=wording["lines"], per_line=fitting.SMALL_LINE, least=0
    )
    return "one", context


def points_view(screen: Screen) -> Shown:
    """The points that the facilitator chose, the one chosen last on top."""
    this_round = the_round(screen)
    prompt = this_round.prompt if this_round else None
    ask = ask_of(this_round) if this_round else None
    points = shown_points(screen, prompt, ask)
    session = prompt.session if prompt else screen.session
    if len(points) == 1:
        point = fitting.marked(points[0], fitting.QUOTE_LENGTH)
        quoted = fitting.quote(point["text"])
        return "quote", {"point": point, "session": session, **quoted}
    return "points", {
        "prompt": prompt,
        "session": session,
        "head": fitting.heading(prompt.question) if prompt else None,
        "points": fitting.fit(
            points, lines=fitting.POINT_LINES, per_line=fitting.POINT_LINE
        ),
        "timer": countdown(this_round) if this_round else None,
    }


def discussing(screen: Screen, this_round: Round) -> Shown:
    """The question with its parts, and under each the points that are shown."""
    prompt = this_round.prompt
    ask = ask_of(this_round)
    parts = ask.items
    points = shown_points(screen, prompt, ask)
    room = fitting.discussion_lines([part.text for part in parts])
    chosen = fitting.fit(points, lines=room, per_line=fitting.SMALL_LINE)
    under = [
        {
            "part": part,
            "points": [p | {"about": ""} for p in chosen if part.key in p["items"]],
        }
        for part in parts
    ]
    keys = {part.key for part in parts}
    return "discuss", {
        "size": fitting.size(prompt.question, fitting.QUESTION),
        "parts": under,
        "other_points": [point for point in chosen if not keys & set(point["items"])],
        "has_points": bool(chosen),
        "count": prompt.points.filter(withdrawn_at=None).count(),
    }


def shown_points(
    screen: Screen, prompt: Prompt | None, ask: Ask | None
) -> list[Context]:
    """Return the points on the screen, last chosen first, as far as the rule allows.

    Without a prompt: of the whole session, or of the workshop. `ask` numbers the
    items that they are about.
    """
    workshop = screen.workshop
    points = Point.objects.filter(
        workshop=workshop, status=Point.Status.SHOWN, withdrawn_at=None
    )
    if prompt is not None:
        points = points.filter(prompt=prompt)
    elif screen.session_id:
        points = points.filter(prompt__session=screen.session_id)
    about_it = ("table", "proposal__base", "proposal__made", "proposal__point__prompt")
    points = points.select_related(*about_it)
    chosen = list(points.prefetch_related("items", stances("proposal__"))[:100])
    last_chosen = order_of_choosing(workshop)
    chosen.sort(
        key=lambda point: (last_chosen.get(point.pk, 0), point.created_at, point.pk),
        reverse=True,
    )
    names_tables = workshop.asks_organisation  # the two other rules hide who spoke
    return [
        {
            "id": f"wall-point-{point.pk}",
            "text": point.text,
            **in_words(point),
            "items": [item.key for item in point.items.all()],
            "about": about(point, ask),
            "kind": point.get_kind_display() if point.kind != Point.Kind.POINT else "",
            "table": point.table if names_tables else None,
        }
        for point in chosen
    ]


def in_words(point: Point) -> Context:
    """Return what goes and what comes if a point is other words for an item.

    And who is for it, once the room was asked.
    """
    proposal = getattr(point, "proposal", None)
    return {
        "line": line_of(proposal) if proposal and proposal.is_rewording else [],
        "tally": tally(proposal) if proposal and proposal.released_at else None,
    }


def about(point: Point, ask: Ask | None) -> str:
    """Name the items a point is about: `7 Rights and services`, or `items 1, 4, 7`."""
    keys = {item.key for item in point.items.all()}
    items = [item for item in ask.items if item.key in keys] if ask else []
    if len(items) == 1:
        return f"{items[0].number} {items[0].short}"
    if not items:
        return ""
    numbers = ", ".join(str(item.number) for item in items)
    return _("items %(numbers)s") % {"numbers": numbers}


def order_of_choosing(workshop: Workshop) -> dict[int, int]:
    """Return, by point, how late it was put on the screen (larger is later)."""
    steps = (
        Event.objects.filter(workshop=workshop, verb="point-shown", undone_at=None)
        .order_by("-pk")
        .values_list("pk", "changes")[:100]
    )
    order: dict[int, int] = {}
    for step, changes in steps:
        for change in changes:
            if change["model"] == Point._meta.label_lower:
                order.setdefault(change["pk"], step)
    return order
