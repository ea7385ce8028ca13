"""What phones show now: the stage, the same for everybody, and each table's answer.

A board holds nothing personal and nothing that differs from one second to the next, or
every phone would get it again with every answer. The page shows the same boards with
one's own answers filled in; what people fill in stands in `[data-keep]`.
"""

import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Hashable
from typing import Any, NamedTuple

from django.db.models import Count, Max
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from config.prepared import Prepared
from deliberation import challenges, markdown, pictures, proposals
from deliberation.actions.answers import ask_of, respondent_of
from deliberation.actions.points import POINT_LENGTH, kinds_invited
from deliberation.kinds import Ask
from deliberation.kinds.base import REASON_LENGTH
from deliberation.live import numbered
from deliberation.live.asking import Fields, form_of, marks_of
from deliberation.live.calls import call_of_table
from deliberation.live.findings import in_a_sentence
from deliberation.live.own import Own, own_answers
from deliberation.live.stage import Stage, find_stage
from deliberation.models import Point, Prompt, Proposal, Response, Round
from deliberation.models.challenge import Audience
from deliberation.models.response import Voice
from deliberation.movement import earlier_round
from deliberation.own_and_table import own_and_table
from deliberation.results import once, round_results, tables_asked
from workshops import identity
from workshops.models import Table, Workshop

type Context = dict[str, Any]

SAME_FOR_SECONDS = 1  # while the mark of the stage is the same
MOST_KEPT = 500  # boards, of some 20 kB


def stage_html(workshop_id: int) -> SafeString:
    """Return the stage of a workshop, in its language, without anything personal.

    Where some are asked in the middle of a question, that is followed by the question
    for the others; a phone takes one of them.
    """
    workshop = Workshop.objects.get(pk=workshop_id)
    with translation.override(workshop.language):
        stage = find_stage(workshop)
        for_others = stage.for_others
        boards = [stage_board(stage), for_others and stage_board(for_others)]
        return format_html_join("", "{}", ((board,) for board in boards if board))


def table_html(workshop_id: int, number: int) -> SafeString:
    """Return a table's own answer, for the phones of the people who sit there."""
    workshop = Workshop.objects.get(pk=workshop_id)
    table = table_with_scribe(workshop, number)
    with translation.override(workshop.language):
        return table_board(find_stage(workshop).of(table=table.pk), table)


def marks_of_tables(stage: Stage) -> dict[int, tuple[Any, ...]]:
    """Return what differs when a table's board does, for each table's number.

    Six queries, whatever the number of tables; one more while people change tables.
    """
    workshop, this_round = stage.workshop, stage.this_round
    moving = stage.moving
    calls = {
        one.table.number: (one.pk, one.words, one.seen_at)
        for one in stage.calls
        if one.table is not None
    }
    to_confirm = stage.to_confirm and stage.to_confirm.pk
    marks: dict[int, tuple[Any, ...]] = {
        number: (*who, moving and moving.mark(number), calls.get(number), to_confirm)
        for number, *who in _seats(workshop=workshop.pk)
    }
    if this_round is None:
        return marks
    # Where that goes on for others, what is interrupted as well.
    other = (this_round.interrupts if stage.for_others else None) or this_round
    versions: dict[int | None, list[tuple[int, int]]] = defaultdict(list)
    for number, pk, version in _versions(this_round=this_round.pk, other=other.pk):
        versions[number].append((pk, version))
    points = _points(prompt=this_round.prompt_id, other=other.prompt_id)
    written = {number: tuple(found) for number, *found in points}
    return {
        number: (*who, tuple(versions[number]), written.get(number))
        for number, who in marks.items()
    }


_seats = Prepared(
    lambda workshop: Table.objects.filter(workshop_id=workshop).values_list(
        "number", "scribe_lease__participant", "handovers"
    ),
    workshop=int,
)
_versions = Prepared(
    lambda this_round, other: (
        Response.objects.filter(round__in=[this_round, other], voice=Voice.TABLES)
        .order_by("round")
        .values_list("table__number", "round", "version")
    ),
    this_round=int,
    other=int,
)
_points = Prepared(
    lambda prompt, other: (
        Point.objects.filter(
            prompt__in=[prompt, other], voice=Voice.TABLES, withdrawn_at=None
        )
        .order_by()
        .values_list("table__number")
        .annotate(
            points=Count("pk"),
            newest=Max("pk"),
            decided=Count("proposal__decided_at"),
            last_decided=Max("proposal__decided_at"),
        )
    ),
    prompt=int,
    other=int,
)


def table_with_scribe(workshop: Workshop, number: int) -> Table:
    """Return a table with who writes for it. Raises Table.DoesNotExist."""
    table = _table.first(workshop=workshop.pk, number=number)
    if table is None:
        raise Table.DoesNotExist
    table.workshop = workshop
    return table


_table = Prepared(
    lambda workshop, number: Table.objects.filter(
        workshop_id=workshop, number=number
    ).select_related("scribe_lease__participant__badge__organisation"),
    workshop=int,
    number=int,
)


class Kept(NamedTuple):
    mark: Hashable
    at: float
    html: SafeString


_kept: dict[Hashable, Kept] = {}
_making_room = threading.Lock()


def kept(key: Hashable, mark: Hashable, make: Callable[[], SafeString]) -> SafeString:
    """Return what was made a moment ago for this key, if the mark is still the same.

    When a question opens, or Wi-Fi returns, a whole room loads its page at once.
    """
    now = time.monotonic()
    known = _kept.get(key)
    if known is not None and known.mark == mark and now - known.at < SAME_FOR_SECONDS:
        return known.html
    html = make()
    with _making_room:
        while len(_kept) >= MOST_KEPT:
            del _kept[next(iter(_kept))]
        _kept[key] = Kept(mark, now, html)
    return html


def stage_for_newcomer(stage: Stage) -> SafeString:
    """Return the stage for who has stored nothing: the same for all of them."""
    if stage.this_round is None or stage.shows_results:
        return stage_board(stage)
    key = ("stage", stage.workshop.pk, stage.this_round.pk)
    return kept(key, stage.mark, lambda: stage_board(stage))


def table_for_page(stage: Stage, table: Table) -> SafeString:
    """Return a table's answer: the same for all who sit there."""
    lease = getattr(table, "scribe_lease", None)
    scribe = (lease.participant_id, lease.since) if lease else None
    this_round = stage.this_round
    stored: tuple[Hashable, ...] = ()
    if this_round is not None:
        own = own_answers(this_round, stage.ask, respondent_of(table))
        points = _points_of_table(prompt=this_round.prompt_id, table=table.pk)
        stored = own.version, tuple((point.pk, point.text) for point in points)
    moving = stage.moving and stage.moving.mark(table.number)
    call = call_of_table(stage.calls, table.pk)
    called = call and tuple(call.values())
    to_confirm = stage.to_confirm and stage.to_confirm.pk
    mark = (stage.mark, table.handovers, scribe, stored, moving, called, to_confirm)
    return kept(("table", table.pk), mark, lambda: table_board(stage, table))


def stage_board(
    stage: Stage,
    *,
    own: Own | None = None,
    fields: Fields | None = None,
    errors: dict[str, str] | None = None,
    point: Context | None = None,
    is_asked: bool = False,
) -> SafeString:
    """Return the stage; for a page, with what its reader has stored or just sent.

    own: what is stored. fields, errors: what was sent and refused, instead. point: the
    text, kind, items and errors of a point that was refused. is_asked: whether its
    reader is one of those asked, where not everybody is.
    """
    context: Context = {"stage": stage, "workshop": stage.workshop}
    this_round = stage.this_round
    if this_round is None:
        session = stage.session
        if session is not None:
            context["brief"] = markdown.as_html(session.brief) if session.brief else ""
            context["speakers"] = session.speakers.all()
        return render_to_string("phone/waiting.html", {**context, "session": session})
    prompt, ask = this_round.prompt, stage.ask
    stored = own.fields if own else {}
    context |= {
        "this_round": this_round,
        "prompt": prompt,
        "ask": ask,
        "of": ask.number_asked,
        "own": own,
        "timer": countdown(this_round) if stage.status == "open" else None,
        "guidance": markdown.as_html(prompt.guidance) if prompt.guidance else "",
        "stated_most": REASON_LENGTH,
        "challenge": challenge_on(this_round),
        "beside": stage.beside and challenge_on(stage.beside),
        "is_asked": is_asked,
    }
    if prompt.asks_people:
        context["form"] = form_of(
            prompt,
            ask,
            Voice.PEOPLE,
            fields=stored if fields is None else fields,
            errors=errors,
            earlier=own.earlier if own and fields is None else None,
        )
        context["earlier_from"] = earlier_from(this_round, ask)
        context["said"] = form_of(prompt, ask, Voice.PEOPLE, fields=stored)
    if kinds_invited(prompt):
        context["point_form"] = point_form(prompt, ask, voice="me", sent=point)
    if stage.proposed:
        context |= proposed(prompt, ask)
    if this_round.revealed_at is not None and prompt.has_items:
        context["results"] = results_of(this_round, ask)
        if prompt.asks_people and "rows" in context["results"]:
            asked = context["said"].questions
            for row, question in zip(context["results"]["rows"], asked, strict=True):
                row["question"] = question
    return render_to_string("phone/stage.html", context)


def proposed(prompt: Prompt, ask: Ask) -> Context:
    """Return what is before the room, and what became of what was.

    Of each the words that would change and who is for it. Tables are counted, not
    named: who sees it may not know how they stand.
    """
    numbers = {item.key: item.number for item in ask.items}
    found = [
        {
            "id": one.pk,
            "number": numbers.get(one.item.key, one.item.position) if one.item else "",
            "line": proposals.line_of(one),
            "tally": proposals.tally(one),
            "is_open": one.status == Proposal.Status.OPEN,
            "is_outdated": proposals.is_outdated(one),
            "word": one.get_status_display(),
            "reason": one.reason,
        }
        for one in proposals.put_to_the_room(prompt)
    ]
    return {
        "proposals": [one for one in found if one["is_open"]],
        "decided": [one for one in found if not one["is_open"]],
    }


def earlier_from(this_round: Round, ask: Ask) -> str:
    """Say where a phone finds the answers that a round starts from.

    The key of the round before, if it asked everybody all of these items: a phone that
    was there knows its own answers. `server` where it has to ask; empty for a round
    that starts blank.
    """
    if not this_round.starts_from_own:
        return ""
    before = earlier_round(this_round)
    asked = {item.key for item in ask_of(before).items} if before else set()
    if before is None or before.audience != Audience.ROOM:
        return "server"
    return str(before.pk) if asked >= {item.key for item in ask.items} else "server"


def challenge_on(this_round: Round) -> Context | None:
    """Return what a round is opened for and whom it asks, None for a plain one."""
    if this_round.challenge_id is None:
        return None
    challenge = challenges.of_round(this_round)
    tables = tables_asked(this_round)
    return {
        "text": challenge.text if challenge.asks_again else "",
        "by_speaker": challenge.by_speaker,
        "about": challenges.item_of(challenge),
        "audience": this_round.audience,
        "tables": " ".join(map(str, tables)),
        "to": challenges.told_to_the_room(challenge, tables),
    }


def table_board(
    stage: Stage,
    table: Table,
    *,
    fields: Fields | None = None,
    errors: dict[str, str] | None = None,
    stored_beside: bool = False,
    point: Context | None = None,
) -> SafeString:
    """Return a table's answer with its scribe's form; fields and errors as above.

    stored_beside: show what is stored beside what was sent, because they differ.
    """
    lease = getattr(table, "scribe_lease", None)
    scribe = lease and lease.participant
    if scribe is not None:
        scribe.workshop = stage.workshop
    context: Context = {
        "stage": stage,
        "table": table,
        "workshop": stage.workshop,
        "scribe_mark": identity.seat_mark(scribe) if scribe else "",
        "scribe_name": identity.shown_as(scribe) if scribe else "",
        "to_confirm": stage.to_confirm,
        "call": call_of_table(stage.calls, table.pk),
        "leaving": stage.moving.leaving(table.number) if stage.moving else (),
        "offers": stage.moving.offers(table.number) if stage.moving else (),
    }
    this_round = stage.this_round
    if this_round is not None and this_round.asks(table=table.pk):
        prompt, ask = this_round.prompt, stage.ask
        context |= {
            "this_round": this_round,
            "prompt": prompt,
            "ask": ask,
            "of": ask.number_asked,
            "points": _points_of_table(prompt=prompt.pk, table=table.pk),
        }
        if prompt.asks_tables and prompt.has_items:
            own = own_answers(this_round, ask, respondent_of(table))
            context |= {
                "own": own,
                "stored_fields": json.dumps(own.fields, sort_keys=True),
                "earlier_fields": json.dumps(own.earlier, sort_keys=True),
                "stored_clock": clock_of(own),
                "said": form_of(prompt, ask, Voice.TABLES, fields=own.fields),
                "form": form_of(
                    prompt,
                    ask,
                    Voice.TABLES,
                    fields=own.fields if fields is None else fields,
                    errors=errors,
                    earlier=own.earlier if fields is None else None,
                ),
                "stored_beside": stored_beside,
            }
            if stage.status != "open":
                context["gaps"] = gaps_of_table(this_round, ask, table)
        if kinds_invited(prompt):
            context["point_form"] = point_form(prompt, ask, voice="table", sent=point)
    return render_to_string("scribe/table.html", context)


def gaps_of_table(this_round: Round, ask: Ask, table: Table) -> list[Context]:
    """Say of each item how many of a table's people answered as the table did.

    Where the prompt says that tables see it; nothing of what too few answered.
    """
    if not this_round.prompt.shows_own_and_table:
        return []
    found = once(
        ("own and table", this_round.pk), lambda: own_and_table(this_round, ask)
    )
    several = len(ask.criteria) > 1
    return [
        {
            "number": item.number,
            "text": item.short,
            "respect": respect.label if several else "",
            "as_table": gap["as_table"],
            "of": gap["of"],
        }
        for item in ask.items
        for respect in ask.criteria
        if (gap := found.get((item.key, respect.key), {}).get(table.number))
    ]


_points_of_table = Prepared(
    lambda prompt, table: Point.objects.filter(
        prompt_id=prompt, table_id=table, voice=Voice.TABLES, withdrawn_at=None
    ).select_related("proposal"),
    prompt=int,
    table=int,
)


def point_form(
    prompt: Prompt, ask: Ask, *, voice: str, sent: Context | None
) -> Context:
    """Return the form for points to a prompt, with what was sent and refused."""
    labels = {
        "point": _("A point"),
        "reason": _("A reason"),
        "question": _("A question"),
        "dissent": _("We see it differently") if voice == "table" else _("I disagree"),
        "rewording": _("A better wording"),
        "new-item": _("Something to add to the list"),
    }
    sent = sent or {}
    return {
        "id": f"{voice}-point",
        "as": voice,
        "kinds": [(kind, labels[kind]) for kind in kinds_invited(prompt)],
        "kind": sent.get("kind") or kinds_invited(prompt)[0],
        "items": ask.items,
        "about": sent.get("items", ()),
        "text": sent.get("text", ""),
        "errors": sent.get("errors", {}),
        "most": POINT_LENGTH,
    }


def clock_of(own: Own) -> str:
    """Return when an answer was stored, as people at the workshop read it."""
    return f"{timezone.localtime(own.stored_at):%H:%M}" if own.stored_at else ""


def countdown(this_round: Round) -> Context | None:
    """Return the time left as its end: a board must not change with every second."""
    if this_round.ends_at is not None:
        ends = timezone.localtime(this_round.ends_at)
        until = _("until %(time)s") % {"time": f"{ends:%H:%M}"}
        return {"ends_at": ends.isoformat(), "paused": "false", "clock": until}
    if this_round.paused_seconds is not None:
        left = pictures.clock(this_round.paused_seconds)
        return {"ends_at": "", "paused": "true", "clock": left}
    return None


def results_of(this_round: Round, ask: Ask, *, ident: str = "phone") -> Context:
    """Return how the room answered, item by item, people and tables apart.

    ident: begins the ids of its pictures, which are unique on a page.
    """
    found = round_results(this_round, by_table=False, ask=ask)["voices"]
    voices: list[Any] = this_round.prompt.voices
    marks = marks_of(this_round.prompt, ask)
    context: Context = {
        "voices": [
            {
                "voice": voice,
                "name": _("People") if voice == Voice.PEOPLE else _("Tables"),
                "responded": found[voice]["responded"],
                "present": found[voice]["present"],
            }
            for voice in voices
        ],
        "marks": marks,
    }
    if ask.is_numbered:
        for shown in context["voices"]:
            result = found[shown["voice"]]
            counts = numbered.bars(
                ask,
                result,
                ident=f"{ident}-{shown['voice']}",
                voice=shown["voice"],
                order="items",
            )
            words = numbered.words(ask, result, shown["voice"])
            shown["counts"] = {**counts, "words": words}
        return context
    if ask.is_pick:
        items = [item._asdict() for item in ask.items]
        for shown in context["voices"]:
            shown["counts"] = pictures.bars(
                items,
                found[shown["voice"]]["items"],
                ident=f"{ident}-{shown['voice']}",
                voice=shown["voice"],
                order="items",
            )
        return context
    rows = {
        (voice, row["item"], row["criterion"]): row
        for voice in voices
        for row in found[voice]["items"]
    }
    context["rows"] = [
        {
            "item": item,
            "lines": [
                result_line(
                    rows[voice, item.key, criterion.key],
                    marks,
                    voice=voice,
                    criterion=criterion.label if len(ask.criteria) > 1 else "",
                    ident=ident,
                )
                for criterion in ask.criteria
                for voice in voices
            ],
        }
        for item in ask.items
    ]
    return context


def result_line(
    row: Context,
    marks: list[pictures.Mark],
    *,
    voice: pictures.Voice,
    criterion: str,
    ident: str,
) -> Context:
    """Return one voice's answers to an item in one respect: a bar and its words."""
    ident = "-".join(filter(None, [ident, voice, row["item"], row["criterion"]]))
    without = [
        (row["abstained"], in_a_sentence(pictures.abstained(voice))),
        (row["not_discussed"], _("not discussed")),
    ]
    return {
        "voice": voice,
        "name": _("People") if voice == Voice.PEOPLE else _("Tables"),
        "criterion": criterion,
        "n": pictures.how_many(row["n"], voice),
        "bar": pictures.stacked_bar(row["counts"], marks, ident=ident),
        "counts": [
            (mark["short"], row["counts"][mark["key"]])
            for mark in marks
            if row["counts"][mark["key"]]
        ],
        "without": [f"{n} {word}" for n, word in without if n],
    }
