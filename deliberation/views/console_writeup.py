"""The write-up in the console: its draft to be written, and what is missing in it."""

import re
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from config import incoming
from config.incoming import clean_text
from deliberation.actions import publishing, writing
from deliberation.live.console_day import clock_time
from deliberation.markdown import as_html
from deliberation.models import Comment, Passage, WriteUp
from deliberation.views.console import signed_in
from deliberation.views.console_refusals import name_of
from deliberation.writeup import builder, coverage, shown
from deliberation.writeup.named import named
from deliberation.writeup.structure import Report, Text
from workshops.identity import may_run, workshop_to_watch
from workshops.models import Workshop
from workshops.views.seat import wants_json

DIGEST = re.compile(r"[0-9a-f]{64}|")
RECORD = re.compile(r"[\w:/#.~-]{1,200}", re.ASCII)
LONGEST_REASON = 500


def may_write(request: HttpRequest, workshop: Workshop) -> bool:
    """Tell whether this account may change the document.

    Raises PermissionDenied for who only looks on and posts all the same.
    """
    can_run = may_run(request, workshop)
    if request.method == "POST" and not can_run:
        raise PermissionDenied
    return can_run


def frame(request: HttpRequest, workshop: Workshop, report: Report) -> dict[str, Any]:
    """Return what the head of each of these pages shows."""
    write_up = WriteUp.objects.filter(workshop=workshop).first()
    waiting = Comment.objects.filter(write_up=write_up, settled_at=None)
    return {
        "workshop": workshop,
        "can_run": may_write(request, workshop),
        "report": report,
        "write_up": write_up or WriteUp(workshop=workshop),
        "gaps": coverage.gaps(workshop, report),
        "open_comments": waiting.count() if write_up else 0,
        "last": publishing.last_published(workshop),
    }


# ---- writing ----


@signed_in
def write_up(request: HttpRequest, slug: str) -> HttpResponse:
    workshop = workshop_to_watch(request, slug)
    may_write(request, workshop)
    if request.method == "POST":
        return _write(request, workshop)
    if wants_json(request):
        return JsonResponse({"csrf": get_token(request)})
    return _draft(request, workshop)


def _draft(
    request: HttpRequest,
    workshop: Workshop,
    *,
    unsaved: dict[str, shown.Shown] | None = None,
    status: int = 200,
) -> HttpResponse:
    report = builder.draft(workshop)
    context = frame(request, workshop, report)
    stored, comments = [], []
    if context["write_up"].pk:
        stored = list(context["write_up"].passages.select_related("edited_by"))
        comments = open_comments(context["write_up"])
    passages = {one.place: one for one in stored}
    said = shown.by_place(comments)
    known = set(shown.places(report))
    context |= {
        "sections": shown.sections(
            report, passages=passages, comments=said, unsaved=unsaved
        ),
        "places": [section for _depth, section in report.walk() if _depth == 1],
        "orphans": shown.orphans(report, stored),
        "stray": [one for one in comments if one.place not in known],
        "moved": [one.place for one in texts(report) if one.moved],
        "has_records": bool(report.records),
    }
    return render(request, "writeup/draft.html", context, status=status)


def texts(report: Report) -> list[Text]:
    """Return every text of a document, in order."""
    return [
        block
        for _depth, section in report.walk()
        for block in section.blocks
        if isinstance(block, Text)
    ]


def open_comments(of: WriteUp) -> list[Comment]:
    """Return what was said about a document and is not settled, with who said it."""
    found = of.comments.filter(settled_at=None)
    return shown.with_names(found)


def _write(request: HttpRequest, workshop: Workshop) -> HttpResponse:
    """Save, preview, go back to what is computed, or take a text up again."""
    place = request.POST.get("place", "")
    do = request.POST.get("do", "save")
    if not shown.PLACE.fullmatch(place) or not DIGEST.fullmatch(
        request.POST.get("digest", "")
    ):
        return _refused(request, workshop, place, _("This page is out of date."))
    text = clean_text(request.POST.get("text", ""))
    if len(text) > writing.LONGEST:
        message = _("This is %(n)d characters too long. Nothing was saved.")
        too_many = len(text) - writing.LONGEST
        return _refused(request, workshop, place, message % {"n": too_many})
    if do == "preview":
        unsaved = {place: sent(request) | {"preview": as_html(text, below=3)}}
        return _draft(request, workshop, unsaved=unsaved)
    try:
        passage = _step(request, workshop, place, text, do)
    except writing.WrittenMeanwhile as meanwhile:
        return _clash(request, workshop, meanwhile.passage)
    if wants_json(request):
        return JsonResponse(saved(passage))
    messages.success(
        request,
        {
            "computed": _("The computed sentences stand again. Your text is kept."),
            "again": _("Your text stands again."),
            "seen": _("Your text stands."),
        }.get(do, _("Saved.")),
    )
    return redirect(f"{reverse('console:write_up', args=[workshop.slug])}#at-{place}")


def _step(
    request: HttpRequest, workshop: Workshop, place: str, text: str, do: str
) -> Passage | None:
    where: dict[str, Any] = {
        "workshop": workshop,
        "place": place,
        "version": version_in(request),
        "actor": request.user,
    }
    stands_for: dict[str, Any] = {
        "computed": clean_text(request.POST.get("computed", "")),
        "digest": request.POST.get("digest", ""),
    }
    if do == "computed":
        if "text" in request.POST:  # what was typed last is kept too
            where["version"] = writing.write(**where, text=text, **stands_for).version
        return writing.put_aside(**where)
    if do in ("again", "seen"):
        return writing.stand_by(**where, **stands_for)
    return writing.write(**where, text=text, **stands_for)


def version_in(request: HttpRequest) -> int:
    """Return the version of a passage that a form goes on from."""
    return incoming.number(request.POST.get("version"))


def saved(passage: Passage | None) -> dict[str, Any]:
    """Return what a page is told of a text that is stored."""
    if passage is None:
        return {"version": 0, "text": "", "html": "", "clock": ""}
    return {
        "version": passage.version,
        "text": passage.text,
        "html": as_html(passage.text, below=3),
        "is_aside": passage.is_aside,
        "clock": clock_time(passage.edited_at),
        "who": name_of(passage.edited_by) if passage.edited_by else "",
    }


def sent(request: HttpRequest) -> shown.Shown:
    """Return what was written and is not stored, for its place on the page."""
    return {
        "is_open": True,
        "markdown": request.POST.get("text", ""),
        "version": version_in(request),
    }


def _clash(request: HttpRequest, workshop: Workshop, passage: Passage) -> HttpResponse:
    """Show both texts; saving again is then knowing what it replaces."""
    if wants_json(request):
        values = saved(passage) | {"error": "meanwhile"}
        return JsonResponse(values, status=409)
    theirs = saved(passage)
    unsaved = sent(request) | {"version": passage.version, "theirs": theirs}
    return _draft(request, workshop, unsaved={passage.place: unsaved}, status=409)


def _refused(
    request: HttpRequest, workshop: Workshop, place: str, message: str
) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"error": "invalid", "message": message}, status=422)
    unsaved = {place: sent(request) | {"mistake": message}}
    return _draft(request, workshop, unsaved=unsaved, status=422)


# ---- what appears nowhere ----


@signed_in
def missing(request: HttpRequest, slug: str) -> HttpResponse:
    workshop = workshop_to_watch(request, slug)
    may_write(request, workshop)
    mistakes: dict[str, str] = {}
    if request.method == "POST":
        mistakes = _decide(request, workshop)
        if not mistakes:
            return redirect("console:missing", workshop.slug)
    report = builder.draft(workshop)
    context = frame(request, workshop, report)
    decided = []
    if context["write_up"].pk:
        decisions = context["write_up"].decisions.select_related("by")
        decided = list(decisions.order_by("-at", "-pk"))
    said = named(workshop, [one.record for one in decided])
    names = shown.titles(report)
    context |= {
        "rows": [
            {
                "gap": gap,
                "mistake": mistakes.get(gap.record, ""),
                "section": names.get(gap.place, ""),
            }
            for gap in context["gaps"]
        ],
        "mistake": next(iter(mistakes.values()), ""),
        "decided": [(one, said[one.record]) for one in decided],
    }
    status = 422 if mistakes else 200
    return render(request, "writeup/missing.html", context, status=status)


def _decide(request: HttpRequest, workshop: Workshop) -> dict[str, str]:
    """Take one decision; return what is wrong with it by record."""
    record = request.POST.get("record", "")
    do = request.POST.get("do", "")
    reason = clean_text(request.POST.get("reason", ""))
    if not RECORD.fullmatch(record):
        return {record: _("This page is out of date.")}
    if do == "undo":
        writing.decide_nothing(workshop=workshop, record=record)
    elif do == "put-in":
        writing.put_in(workshop=workshop, record=record, actor=request.user)
    elif not reason:
        return {record: _("Say why it is left out.")}
    elif len(reason) > LONGEST_REASON:
        return {record: _("Please say it in 500 characters.")}
    else:
        writing.leave_out(
            workshop=workshop, record=record, reason=reason, actor=request.user
        )
    return {}
