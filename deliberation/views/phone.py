"""A participant's phone: the stage, one's own answers, points."""

import json
import re
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from config.prepared import Prepared
from deliberation.actions import answers, at_once
from deliberation.kinds import KINDS, Ask, InvalidAnswer
from deliberation.live.asking import form_of
from deliberation.live.calls import seat_board
from deliberation.live.greeting import greeting
from deliberation.live.own import Own, own_answers
from deliberation.live.own_moves import moves_of
from deliberation.live.phone import (
    results_of,
    stage_board,
    stage_for_newcomer,
    table_board,
    table_for_page,
    table_with_scribe,
)
from deliberation.live.stage import Stage, find_stage, is_open, round_of_workshop
from deliberation.models import Point, Prompt, Response, Round
from deliberation.models.response import Voice
from deliberation.proposals import own_stances
from workshops import codes, identity
from workshops.models import Participant, Table
from workshops.views.seat import seated, wants_json

KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")


@require_GET
@seated
def stage(request: HttpRequest, who: Participant) -> HttpResponse:
    return page(request, who)


def page(
    request: HttpRequest,
    who: Participant,
    *,
    prompt: Prompt | None = None,
    sent: dict[str, Any] | None = None,
    table_sent: dict[str, Any] | None = None,
    mistakes: list[tuple[str, str]] | None = None,
    refused: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render the page of a phone, with what was sent and refused, if anything was.

    sent, table_sent: more arguments for the boards, if `prompt` is still on stage.
    mistakes: the id of a field and what is wrong with it. refused: what was sent, for
    reading, where no form takes it any more.
    """
    stage = find_stage(who.workshop)
    now = stage.of(seat=who.pk)
    at_table = now if who.table is None else stage.of(table=who.table.pk)
    sent_for = sent or table_sent
    if sent_for is not None:
        sent_at = now if sent else at_table
        has_form = sent_at.status == "open" or "point" in sent_for
        if prompt == sent_at.prompt and has_form:
            refused = None  # it stands in its form
        else:
            sent = table_sent = None
    own, of = Own(), 0
    tables_judge = False
    if at_table.prompt is not None:
        tables_judge = at_table.prompt.asks_tables and at_table.prompt.has_items
    if now.this_round is not None and now.this_round.prompt.asks_people:
        own = own_answers(now.this_round, now.ask, answers.respondent_of(who))
        of = now.ask.number_asked
    is_asked = now.this_round is None or now.this_round.asks(seat=who.pk)
    table = who.table and table_with_scribe(who.workshop, who.table.number)
    is_scribe = hasattr(who, "scribe_lease")
    moving = now.moving
    context = {
        "who": who,
        "going": moving and moving.of(who),
        "offers": moving.offers(None) if moving and not table else (),
        "seat_board": "" if table else seat_board(who),
        "greeting": greeting(who, table, moving) if moving and table else None,
        "workshop": who.workshop,
        "seat_mark": identity.seat_mark(who),
        "is_scribe": is_scribe,
        "both_forms": is_scribe and tables_judge and at_table == now,
        "stage": now,
        "board": stage_board(now, own=own, is_asked=is_asked, **(sent or {}))
        if sent or own.version or own.earlier or (now.is_for_some and is_asked)
        else stage_for_newcomer(now),
        "table_board": table
        and (
            table_board(at_table, table, **table_sent)
            if table_sent
            else table_for_page(at_table, table)
        ),
        "table_version": table_version(at_table, table)
        if table and tables_judge
        else "",
        "own": own,
        "own_of": of,
        "is_asked": is_asked,
        "own_stances": json.dumps(own_stances(who)),
        "own_fields": json.dumps(own.fields),
        "own_earlier": json.dumps(own.earlier),
        "my_points": _own_points_to(who=who.pk, prompt=now.prompt.pk)
        if now.prompt
        else (),
        "keys": [codes.new_token() for _form in range(6)],
        "mistakes": mistakes,
        "refused": refused,
    }
    return render(request, "phone/page.html", context, status=status)


def table_version(now: Stage, table: Table) -> int:
    """Return the version of a table's answer that this page goes on from."""
    assert now.this_round is not None
    stored = _version.first(
        this_round=now.this_round.pk, respondent=answers.respondent_of(table)
    )
    return stored or 0


_version = Prepared(
    lambda this_round, respondent: Response.objects.filter(
        round_id=this_round, respondent=respondent
    ).values_list("version", flat=True),
    this_round=int,
    respondent=str,
)


def own_points(who: int) -> QuerySet[Point]:
    """Return what a participant wrote and has not taken back, the newest first."""
    mine = Point.objects.filter(
        participant_id=who, voice=Voice.PEOPLE, withdrawn_at=None
    )
    return mine.select_related("proposal").order_by("-created_at")


_own_points_to = Prepared(
    lambda who, prompt: own_points(who).filter(prompt_id=prompt), who=int, prompt=int
)


@require_POST
def answer(request: HttpRequest, slug: str, round_id: int) -> HttpResponse:
    if wants_json(request):
        stored = at_once.answer_at_once(
            slug=slug,
            round_id=round_id,
            token_for=lambda pk: request.COOKIES.get(identity.cookie_name(pk)),
            key=key_of(request.POST),
            data=request.POST,
        )
        if stored is not None:
            return acknowledged(stored.receipt, stored.answered, stored.of)
    return answer_by_steps(request, slug=slug, round_id=round_id)


@seated
def answer_by_steps(
    request: HttpRequest, who: Participant, round_id: int
) -> HttpResponse:
    """Store an answer, or say why it is not."""
    this_round = find_round(who, round_id)
    ask = answers.ask_of(this_round)
    at_once.remember(who.workshop.slug, this_round, ask)
    try:
        judgements = KINDS[ask.kind].parse(ask, request.POST, Voice.PEOPLE)
        receipt = answers.record(
            this_round=this_round,
            voice=Voice.PEOPLE,
            judgements=judgements,
            key=key_of(request.POST),
            participant=who,
        )
    except InvalidAnswer as invalid:
        return invalid_answer(request, who, this_round, ask, invalid)
    except answers.RoundClosed:
        return came_too_late(request, who, this_round, ask, Voice.PEOPLE)
    except answers.NotAsked:
        message = _("This question is answered by each table’s scribe.")
        return conflict(request, who, "not-asked", message)
    except answers.NotPutTo:
        return conflict(request, who, "not-asked", not_put_to())
    own = own_answers(this_round, ask, answers.respondent_of(who))
    return acknowledge(request, who, receipt, own, ask)


def not_put_to() -> str:
    return _("This question is put to others. You are not asked this time.")


def find_round(who: Participant, round_id: int) -> Round:
    """Return a round of the participant's workshop. Raises Http404."""
    this_round = round_of_workshop.first(workshop=who.workshop_id, pk=round_id)
    if this_round is None:
        raise Http404
    this_round.workshop = who.workshop
    return this_round


def key_of(form: QueryDict) -> str:
    """Return the sender's idempotency key; without a usable one, each send is new."""
    key = form.get("key", "")
    return key if KEY.fullmatch(key) else codes.new_token()


def acknowledge(
    request: HttpRequest,
    who: Participant,
    receipt: answers.Receipt,
    own: Own,
    ask: Ask,
) -> HttpResponse:
    if wants_json(request):
        return acknowledged(receipt, own.answered, ask.number_asked)
    stored = timezone.localtime(receipt.stored_at)
    messages.success(request, _("Stored at %(time)s.") % {"time": f"{stored:%H:%M}"})
    return redirect("phone:stage", who.workshop.slug)


def acknowledged(receipt: answers.Receipt, answered: int, of: int) -> JsonResponse:
    stored = timezone.localtime(receipt.stored_at)
    return JsonResponse(
        {
            "stored_at": stored.isoformat(),
            "clock": f"{stored:%H:%M}",
            "version": receipt.version,
            "repeated": receipt.repeated,
            "answered": answered,
            "of": of,
        }
    )


def invalid_answer(
    request: HttpRequest,
    who: Participant,
    this_round: Round,
    ask: Ask,
    invalid: InvalidAnswer,
    *,
    voice: str = Voice.PEOPLE,
) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"errors": invalid.errors}, status=422)
    sent: dict[str, Any] = {"fields": fields_sent(request), "errors": invalid.errors}
    form = form_of(this_round.prompt, ask, voice, **sent)
    by_table = voice == Voice.TABLES
    return page(
        request,
        who,
        prompt=this_round.prompt,
        sent=None if by_table else sent,
        table_sent=sent if by_table else None,
        mistakes=form.labelled_errors(),
        refused=in_words(request, this_round, ask, voice),
        status=422,
    )


def fields_sent(request: HttpRequest) -> dict[str, list[str]]:
    """Return the answers and reasons in a form that was sent."""
    return {
        name: request.POST.getlist(name)
        for name in request.POST
        if name == "choice" or name.startswith(("answer.", "reason."))
    }


def came_too_late(
    request: HttpRequest,
    who: Participant,
    this_round: Round,
    ask: Ask,
    voice: str,
) -> HttpResponse:
    message = _("The question was closed before this came in, so it is not counted.")
    refused = in_words(request, this_round, ask, voice)
    return conflict(request, who, "closed", message, refused=refused)


def in_words(
    request: HttpRequest, this_round: Round, ask: Ask, voice: str
) -> list[str]:
    """Return what was sent as people can read it, to show it back to them."""
    form = form_of(this_round.prompt, ask, voice, fields=fields_sent(request))
    lines = form.said
    for question in form.questions:
        said = [option.label for part in question.parts for option in part.chosen]
        if question.reason and question.reason.text:
            said.append(question.reason.text)
        if said:
            lines.append(
                f"{question.item.number} {question.item.short}: {'; '.join(said)}"
            )
    return lines


def conflict(
    request: HttpRequest,
    who: Participant,
    error: str,
    message: str,
    *,
    refused: list[str] | None = None,
    **more: Any,
) -> HttpResponse:
    if wants_json(request):
        answer = {"error": error, "message": message, **more}
        return JsonResponse(answer, status=409)
    mistakes = [("main", message)]
    return page(request, who, mistakes=mistakes, refused=refused, status=409)


@require_POST
@seated
def finished(request: HttpRequest, who: Participant, round_id: int) -> HttpResponse:
    this_round = find_round(who, round_id)
    on = request.POST.get("finished") == "1"
    if not is_open(this_round):
        return conflict(request, who, "closed", _("The question is closed."))
    noted = answers.set_finished(
        this_round=this_round, respondent=answers.respondent_of(who), finished=on
    )
    if not noted:
        message = _("Please answer something first.")
        return conflict(request, who, "no-answer", message)
    if wants_json(request):
        return JsonResponse({"finished": on})
    return redirect("phone:stage", who.workshop.slug)


@require_GET
@seated
def mine(request: HttpRequest, who: Participant, round_id: int) -> HttpResponse:
    # Round 0 is none: the phone only asks for a new token for its forms.
    reply: dict[str, Any] = {"csrf": get_token(request), "round": round_id}
    if round_id:
        this_round = find_round(who, round_id)
        ask = answers.ask_of(this_round)
        own = own_answers(this_round, ask, answers.respondent_of(who))
        reply |= {
            "open": is_open(this_round),
            "asked": this_round.asks(seat=who.pk),
            "fields": own.fields,
            "earlier": own.earlier,
            "version": own.version,
            "finished": own.finished,
            "answered": own.answered,
            "of": ask.number_asked,
            "words": words_of(this_round, ask, own),
        }
    return JsonResponse(reply)


def words_of(this_round: Round, ask: Ask, own: Own) -> dict[str, list[dict[str, str]]]:
    """Return the chosen answers of each item, as a script shows them again."""
    form = form_of(this_round.prompt, ask, Voice.PEOPLE, fields=own.fields)
    if form.pick:
        return {
            "": [
                {"label": text, "cls": "", "sym": "", "number": ""}
                for text in form.said
            ]
        }
    parts = {question.item.key: question.parts for question in form.questions}
    return {
        item: [
            {
                "label": ": ".join(filter(None, [part.label, option.label])),
                "cls": option.mark["cls"] if option.mark else "",
                "sym": option.mark["sym"] if option.mark and not option.number else "",
                "number": option.number,
            }
            for part in asked
            for option in part.chosen
        ]
        for item, asked in parts.items()
    }


@require_GET
@seated
def results(request: HttpRequest, who: Participant, round_id: int) -> HttpResponse:
    """The room's answers, for who may see them now: page, or fragment for a script."""
    this_round = find_round(who, round_id)
    ask = answers.ask_of(this_round)
    own = own_answers(this_round, ask, answers.respondent_of(who))
    after_own = this_round.prompt.reveal == Prompt.Reveal.AFTER_OWN_ANSWER
    answered = own.version and own.answered >= ask.number_asked
    if this_round.revealed_at is None and not (after_own and answered):
        raise Http404
    context = {
        "moves": moves_of(who, this_round, ask) if this_round.closed_at else [],
        "workshop": who.workshop,
        "stage": Stage(who.workshop, this_round.prompt.session, this_round),
        "this_round": this_round,
        "prompt": this_round.prompt,
        "ask": ask,
        "results": results_of(this_round, ask),
        "said": form_of(this_round.prompt, ask, Voice.PEOPLE, fields=own.fields),
    }
    fragment = request.headers.get("X-Requested-With") == "fetch"
    template = "phone/results.html" if fragment else "phone/results_page.html"
    return render(request, template, context)
