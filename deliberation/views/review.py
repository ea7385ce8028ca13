"""Whoever has the link of a review reads the draft and comments on it."""

import re

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from config.incoming import clean_text
from deliberation.actions import reviewing
from deliberation.live.console_day import clock_time
from deliberation.models import Comment, WriteUp
from deliberation.writeup import builder, shown, structure
from workshops import codes
from workshops.identity import find_participant, shown_as
from workshops.models import Workshop
from workshops.views.seat import wants_json

KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")
LONGEST_NAME = 120
WHOLE = "document"  # the place of what is said of all of it
OWN = "own-comments"
MOST_OWN = 200  # a browser keeps 4 kB of it
DAYS = 90


def review(request: HttpRequest, secret: str) -> HttpResponse:
    found = WriteUp.objects.filter(review_secret=secret).select_related("workshop")
    write_up = found.first()
    if write_up is None:
        raise Http404
    with translation.override(write_up.workshop.language):
        if request.method == "POST":
            return _comment(request, write_up)
        if wants_json(request):
            return JsonResponse({"csrf": get_token(request)})
        if write_up.state != WriteUp.State.IN_REVIEW:
            return _closed(request, write_up.workshop, status=200)
        return _page(request, write_up)


def _page(
    request: HttpRequest,
    write_up: WriteUp,
    *,
    unsaved: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    workshop = write_up.workshop
    report = structure.without_keys(builder.draft(workshop))
    who = find_participant(request, workshop)
    own = shown.by_place(write_up.comments.filter(pk__in=own_comments(request)))
    context = {
        "workshop": workshop,
        "report": report,
        "sections": shown.sections(report, comments=own),
        "own_of_whole": own[WHOLE],
        "unsaved": unsaved or {},
        "places": [section for depth, section in report.walk() if depth == 1],
        "key": codes.new_token(),
        "asks_name": workshop.asks_organisation and who is None,
        "who": who if workshop.asks_organisation else None,
        "called": shown_as(who) if who else "",
        "longest": reviewing.LONGEST,
        "name": request.POST.get("name", ""),
        "has_records": bool(report.records),
        "sent_at": request.GET.get("sent", "")[:200],
    }
    return render(request, "review/page.html", context, status=status)


def _comment(request: HttpRequest, write_up: WriteUp) -> HttpResponse:
    place = request.POST.get("place", "")
    key = request.POST.get("key", "")
    text = clean_text(request.POST.get("text", ""))
    quote = " ".join(clean_text(request.POST.get("quote", "")).split())
    name = " ".join(clean_text(request.POST.get("name", "")).split())
    workshop = write_up.workshop
    who = find_participant(request, workshop)
    mistake = ""
    if not KEY.fullmatch(key) or not shown.PLACE.fullmatch(place):
        mistake = _("This page is out of date. Load it again.")
    elif not text:
        mistake = _("Write something first.")
    elif len(text) > reviewing.LONGEST:
        mistake = _("Please keep a comment to %(n)d characters.")
        mistake %= {"n": reviewing.LONGEST}
    elif workshop.asks_organisation and who is None and not name:
        mistake = _("Please say who you are.")
    elif len(quote) > shown.LONGEST_QUOTE:
        mistake = _("This page is out of date. Load it again.")
    elif len(name) > LONGEST_NAME:
        mistake = _("Please keep the name to %(n)d characters.")
        mistake %= {"n": LONGEST_NAME}
    if mistake:
        return _mistaken(request, write_up, place, mistake)
    try:
        comment = reviewing.add_comment(
            secret=write_up.review_secret,
            place=place,
            text=text,
            # Another text, sent with the same page's key, is another comment.
            key=codes.digest(f"{key} {place} {quote} {text}"),
            quote=quote,
            participant=who,
            name=name,
        )
    except reviewing.ReviewClosed:
        return _closed(request, workshop, text=text, status=409)
    except reviewing.TooManyComments:
        message = _("No more comments can be taken.")
        return _mistaken(request, write_up, place, message)
    here = reverse("review:page", args=[write_up.review_secret])
    answer: HttpResponse
    if wants_json(request):
        said = {"text": comment.text, "clock": clock_time(timezone.now())}
        answer = JsonResponse(said)
    else:
        answer = redirect(f"{here}?sent={place}#at-{place}")
    _remember(request, answer, comment, path=here)
    return answer


def own_comments(request: HttpRequest) -> list[int]:
    """Return the keys of the comments that this browser sent.

    Only the browser knows: under some rules nobody may.
    """
    kept = request.get_signed_cookie(OWN, "", salt=OWN)
    return [int(key) for key in kept.split(".") if key.isdecimal()]


def _remember(
    request: HttpRequest, answer: HttpResponse, comment: Comment, *, path: str
) -> None:
    keys = dict.fromkeys([*own_comments(request), comment.pk])
    answer.set_signed_cookie(
        OWN,
        ".".join(map(str, list(keys)[-MOST_OWN:])),
        salt=OWN,
        path=path,
        max_age=DAYS * 24 * 60 * 60,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _mistaken(
    request: HttpRequest, write_up: WriteUp, place: str, mistake: str
) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"error": "invalid", "message": mistake}, status=422)
    text = request.POST.get("text", "")
    if write_up.state != WriteUp.State.IN_REVIEW:
        return _closed(request, write_up.workshop, text=text, status=409)
    quote = request.POST.get("quote", "")
    unsaved = {"place": place, "text": text, "quote": quote, "mistake": mistake}
    return _page(request, write_up, unsaved=unsaved, status=422)


def _closed(
    request: HttpRequest, workshop: Workshop, *, text: str = "", status: int
) -> HttpResponse:
    """Say that no comments are taken; what was typed is shown, to be copied."""
    if wants_json(request):
        message = _("The review is closed. Your text was not sent; copy it from here.")
        return JsonResponse({"error": "closed", "message": message}, status=status)
    last = workshop.publications.order_by("number").last()
    context = {"workshop": workshop, "text": text, "last": last}
    return render(request, "review/closed.html", context, status=status)
