"""The write-up in the console: who reviews it, and how a version is published."""

from collections import defaultdict
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config import incoming
from config.incoming import clean_text
from deliberation.actions import publishing, reviewing
from deliberation.checking import one_snapshot
from deliberation.live.console_day import clock_time
from deliberation.models import Comment, WriteUp
from deliberation.views.console import signed_in
from deliberation.views.console_refusals import name_of
from deliberation.views.console_writeup import frame, may_write, texts
from deliberation.writeup import builder, coverage, files, shown, structure
from deliberation.writeup.differences import Difference, differences
from deliberation.writeup.signed import signed
from deliberation.writeup.structure import Report
from workshops.identity import workshop_to_watch
from workshops.models import Workshop

LONGEST_NOTE = 500

# ---- review ----


@signed_in
def review(request: HttpRequest, slug: str) -> HttpResponse:
    workshop = workshop_to_watch(request, slug)
    may_write(request, workshop)
    if request.method == "POST":
        return _review_step(request, workshop)
    report = builder.draft(workshop)
    context = frame(request, workshop, report)
    write_up = context["write_up"]
    said: list[Comment] = []
    if write_up.pk:
        said = shown.with_names(write_up.comments.order_by("-settled_at", "at", "pk"))
    titles = shown.titles(report)
    context |= {
        "is_open": write_up.state == WriteUp.State.IN_REVIEW,
        "link": settings.PUBLIC_URL
        + reverse("review:page", args=[write_up.review_secret]),
        "waiting": [(one, titles.get(one.place)) for one in said if not one.settled_at],
        "settled": [(one, titles.get(one.place)) for one in said if one.settled_at],
    }
    return render(request, "writeup/review.html", context)


def _review_step(request: HttpRequest, workshop: Workshop) -> HttpResponse:
    do = request.POST.get("do", "")
    if do in ("settle", "reopen", "reply"):
        comments = Comment.objects.filter(write_up__workshop=workshop)
        number = incoming.number(request.POST.get("comment"))
        comment = get_object_or_404(comments, pk=number)
        if do == "reply":
            _reply(request, comment)
        else:
            reviewing.settle(comment=comment, on=do == "settle")
        if request.POST.get("page") == "draft":
            draft = reverse("console:write_up", args=[workshop.slug])
            return redirect(f"{draft}#at-{comment.place}")
    elif do == "open":
        reviewing.open_review(workshop=workshop)
    elif do == "close":
        reviewing.close_review(workshop=workshop)
    elif do == "renew":
        reviewing.renew_link(workshop=workshop)
        messages.success(request, _("There is a new link. The one before has ended."))
    return redirect("console:write_up_review", workshop.slug)


def _reply(request: HttpRequest, comment: Comment) -> None:
    text = clean_text(request.POST.get("reply", ""))
    if len(text) > reviewing.LONGEST:
        said = _("Please keep a reply to %(n)d characters. It was not sent.")
        messages.warning(request, said % {"n": reviewing.LONGEST})
        return
    reviewing.reply(comment=comment, text=text)
    messages.success(request, _("Replied.") if text else _("There is no reply now."))


# ---- publishing ----


@signed_in
def publish(request: HttpRequest, slug: str) -> HttpResponse:
    workshop = workshop_to_watch(request, slug)
    may_write(request, workshop)
    if request.method == "POST":
        return _publish(request, workshop)
    return _ask(request, workshop, builder.draft(workshop))


def _ask(
    request: HttpRequest,
    workshop: Workshop,
    report: Report,
    *,
    mistakes: dict[str, str] | None = None,
) -> HttpResponse:
    """Show what would be published, and what speaks against it."""
    context = frame(request, workshop, report)
    last = context["last"]
    context |= {
        "number": publishing.next_number(workshop),
        "seen": digest(report),
        "unsigned": unsigned(workshop),
        "moved": moved(report),
        "contents": [(depth, one) for depth, one in report.walk() if depth <= 2],
        "changes": since(last, report) if last else [],
        "mistakes": mistakes or {},
        "note": request.POST.get("note", ""),
        "reason": request.POST.get("reason", ""),
        "address": address(workshop),
    }
    status = 422 if mistakes else 200
    return render(request, "writeup/publish.html", context, status=status)


def digest(report: Report) -> str:
    """Return what tells one state of a draft from another."""
    return structure.sha256(structure.as_json(report))


def address(workshop: Workshop) -> str:
    """Return where readers find the newest version."""
    return f"{settings.PUBLIC_URL}/write-up/{workshop.slug}/"


def since(last: Any, report: Report) -> list[Difference]:
    """Return what a draft says otherwise than a published version."""
    before = structure.from_json(last.report)
    return differences(before, structure.without_keys(report))


def moved(report: Report) -> list[tuple[str, str]]:
    """Return places and titles where records moved since somebody wrote."""
    titles = shown.titles(report)
    return [(one.place, titles[one.place]) for one in texts(report) if one.moved]


def unsigned(workshop: Workshop) -> list[tuple[str, list[str]]]:
    """Return by session which tables have not confirmed their record as it is."""
    found = []
    for session in workshop.sessions.all():
        by_state: dict[str, list[int]] = defaultdict(list)
        for one in signed(session):
            if one.state != "signed":
                by_state[one.words].append(one.table)
        said = [
            ngettext("table %(tables)s %(state)s", "tables %(tables)s %(state)s", n)
            % {"tables": ", ".join(map(str, tables)), "state": state}
            for state, tables in by_state.items()
            if (n := len(tables))
        ]
        if said:
            found.append((session.title, said))
    return found


def _publish(request: HttpRequest, workshop: Workshop) -> HttpResponse:
    number = incoming.number(request.POST.get("number"))
    note = clean_text(request.POST.get("note", ""))
    reason = clean_text(request.POST.get("reason", ""))
    # What was looked at is what is published: both are read in one moment.
    with one_snapshot():
        draft = builder.draft(workshop)
        mistakes = _mistakes(request, workshop, draft, number, note, reason)
        report = draft
        if not mistakes:
            report = builder.build(
                workshop,
                version=number,
                published=timezone.now(),
                note=note,
                gaps_reason=reason,
            )
    if mistakes:
        before = workshop.publications.filter(number=number).select_related("by")
        if published := before.first():
            return _was_published(request, workshop, published)
        return _ask(request, workshop, draft, mistakes=mistakes)
    try:
        published = publishing.publish(
            workshop=workshop,
            report=report,
            number=number,
            note=note,
            gaps_reason=reason,
            actor=request.user,
        )
    except publishing.AlreadyPublished as already:
        return _was_published(request, workshop, already.publication)
    if settings.MAKE_FILES_AHEAD:
        transaction.on_commit(lambda: files.make_ahead(published))
    messages.success(request, _("Version %(n)d is published.") % {"n": number})
    return redirect("console:publish", workshop.slug)


def _was_published(
    request: HttpRequest, workshop: Workshop, publication: Any
) -> HttpResponse:
    """Tell the second of two who press at once what the first has done."""
    values = {
        "n": publication.number,
        "who": name_of(publication.by) if publication.by else "–",
        "at": clock_time(publication.at),
    }
    said = _("Version %(n)d was published by %(who)s at %(at)s.") % values
    messages.warning(request, said)
    return redirect("console:publish", workshop.slug)


def _mistakes(
    request: HttpRequest,
    workshop: Workshop,
    draft: Report,
    number: int,
    note: str,
    reason: str,
) -> dict[str, str]:
    """Return what keeps a version from being published, by field."""
    found = {}
    if number != publishing.next_number(workshop):
        found["seen"] = _("This page is out of date. Look at it again, then publish.")
    elif request.POST.get("seen") != digest(draft):
        found["seen"] = _(
            "The draft has changed since this page was shown. Look at it again, "
            "then publish."
        )
    if number > 1 and not note:
        found["note"] = _("Say what changed since the last version.")
    if coverage.gaps(workshop, draft) and not reason:
        found["reason"] = _("Say why something is missing.")
    for name, text in (("note", note), ("reason", reason)):
        if len(text) > LONGEST_NOTE:
            found[name] = _("Please say it in 500 characters.")
    return found
