"""The results of a workshop for its facilitators, on one page and as files."""

import json
from collections import defaultdict
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import slugify

from deliberation.actions.answers import ask_of
from deliberation.exports import records
from deliberation.exports.crosswalk import crosswalk_csv
from deliberation.exports.dictionary import dictionary
from deliberation.exports.workbook import workbook
from deliberation.live.console_figures import figures, is_wide, item_names, turnout
from deliberation.live.console_movement import moves_since
from deliberation.live.console_points import point_card, said_by, with_items
from deliberation.models import Point, Proposal, Round
from deliberation.proposals import line_of, with_support
from deliberation.results import published_results, round_results
from deliberation.views.console import signed_in
from workshops.identity import may_run, workshop_to_watch
from workshops.models import Workshop

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@signed_in
def results(request: HttpRequest, slug: str) -> HttpResponse:
    workshop = workshop_to_watch(request, slug)
    context = {
        "workshop": workshop,
        "can_run": may_run(request, workshop),
        "people": workshop.participants.present().count(),
        "sessions": by_session(workshop),
    }
    return render(request, "console/results.html", context)


def by_session(workshop: Workshop) -> list[dict[str, Any]]:
    """Return the sessions in which something was asked, with rounds and points."""
    points = points_by_prompt(workshop)
    changes = changes_by_round(workshop)
    sessions: dict[int, dict[str, Any]] = {}
    prompts: dict[int, dict[str, Any]] = {}
    for this_round in workshop.rounds.in_order_of_the_day():
        prompt = this_round.prompt
        session = sessions.setdefault(
            prompt.session_id, {"session": prompt.session, "prompts": []}
        )
        if prompt.pk not in prompts:
            prompts[prompt.pk] = {
                "prompt": prompt,
                "rounds": [],
                "points": points.get(prompt.pk, []),
            }
            session["prompts"].append(prompts[prompt.pk])
        prompts[prompt.pk]["rounds"].append(
            round_entry(this_round) | {"changes": changes[this_round.pk]}
        )
    return list(sessions.values())


def round_entry(this_round: Round) -> dict[str, Any]:
    """Return a round with its pictures and how many answered."""
    ask = ask_of(this_round)
    found = round_results(this_round, ask=ask)
    drawn = figures(this_round, ask, found, ident=f"r{this_round.pk}", closely=True)
    shown = [figure for figure in drawn if not is_wide(figure)]
    return {
        "round": this_round,
        "items": item_names(ask),
        "figures": shown,
        "left_out": len(drawn) - len(shown),
        "moves": moves_since(this_round, ident=f"r{this_round.pk}"),
        "turnout": [
            turnout(voice, found["voices"][voice])
            for voice in this_round.prompt.voices
            if this_round.prompt.has_items
        ],
    }


def changes_by_round(workshop: Workshop) -> dict[int, list[dict[str, Any]]]:
    """Return the proposed items and wordings that each round asked, by its key."""
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    adopted = Proposal.objects.filter(point__workshop=workshop, made__isnull=False)
    for one in with_support(adopted).prefetch_related("made__rounditem_set"):
        assert one.made is not None
        change = {
            "label": one.made.label,
            "who": said_by(one.point),
            "line": line_of(one),
            "is_rewording": one.is_rewording,
        }
        for asked in one.made.rounditem_set.all():
            found[asked.round_id].append({"number": asked.position, **change})
    return found


def points_by_prompt(workshop: Workshop) -> dict[int, list[dict[str, Any]]]:
    """Return the points that are not parked, by prompt, in the order they came."""
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    points = workshop.points.filter(withdrawn_at=None).exclude(
        status=Point.Status.PARKED
    )
    for point in with_items(points).order_by("created_at", "pk"):
        found[point.prompt_id].append(point_card(point))
    return found


@signed_in
def data(request: HttpRequest, slug: str) -> HttpResponse:
    """Answer with the results JSON as a file."""
    workshop = workshop_to_watch(request, slug)
    found = published_results(workshop)
    text = json.dumps(found, ensure_ascii=False, indent=2)
    return as_file(workshop.slug, "results.json", "application/json", text.encode())


@signed_in
def book(request: HttpRequest, slug: str) -> HttpResponse:
    workshop = workshop_to_watch(request, slug)
    return as_file(workshop.slug, "results.xlsx", XLSX, workbook(workshop))


@signed_in
def answers(request: HttpRequest, slug: str) -> HttpResponse:
    workshop = workshop_to_watch(request, slug)
    return as_file(workshop.slug, "answers.csv", CSV, records.answers_csv(workshop))


@signed_in
def points(request: HttpRequest, slug: str) -> HttpResponse:
    workshop = workshop_to_watch(request, slug)
    return as_file(workshop.slug, "points.csv", CSV, records.points_csv(workshop))


@signed_in
def crosswalk(request: HttpRequest, slug: str) -> HttpResponse:
    workshop = workshop_to_watch(request, slug)
    return as_file(workshop.slug, "themes.csv", CSV, crosswalk_csv(workshop))


def as_file(slug: str, name: str, kind: str, content: bytes) -> HttpResponse:
    """Answer with a file that is named after its workshop, or after a series."""
    whole = f"{slugify(slug)}-{name}"
    disposition = f'attachment; filename="{whole}"'
    return HttpResponse(
        content, content_type=kind, headers={"Content-Disposition": disposition}
    )


@signed_in
def names(request: HttpRequest, slug: str) -> HttpResponse:
    """Say what every name in the files stands for."""
    workshop = workshop_to_watch(request, slug)
    context = {"workshop": workshop, "parts": dictionary()}
    return render(request, "console/names.html", context)
