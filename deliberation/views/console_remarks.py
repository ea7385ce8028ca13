"""Conclusions, observations and closing remarks: written down, put in order, mended."""

from collections import defaultdict
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from deliberation.actions import remarks as actions
from deliberation.markdown import as_html
from deliberation.models import Remark
from deliberation.remark_forms import (
    RemarkForm,
    initial_at,
    initial_of,
    place_of,
    places,
)
from deliberation.views.console import signed_in
from deliberation.views.console_undo import take_back_and_say, undo_of
from workshops.identity import may_run, workshop_to_watch
from workshops.models import Workshop


@signed_in
def remarks(request: HttpRequest, slug: str) -> HttpResponse:
    if request.method == "POST":
        workshop = workshop_to_change(request, slug)
        take_back_and_say(request, workshop, actions.WRITE_UP)
        return redirect("console:remarks", workshop.slug)
    workshop = workshop_to_watch(request, slug)
    context = {
        "workshop": workshop,
        "can_run": may_run(request, workshop),
        "groups": groups(workshop),
        "undo": undo_of(request, workshop, actions.WRITE_UP),
    }
    return render(request, "remarks/list.html", context)


def groups(workshop: Workshop) -> list[dict[str, Any]]:
    """Return the remarks by session and kind, each session's places in any case."""
    said: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for remark in workshop.remarks.order_by("position", "pk"):
        place = place_of(remark.kind, remark.session_id)
        said[place].append({"remark": remark, "html": as_html(remark.text, below=4)})
    return [
        {
            "title": title,
            "places": [
                {"place": place, "name": name.partition(":")[0], "said": said[place]}
                for place, name in named
            ],
        }
        for title, named in places(workshop)
    ]


def workshop_to_change(request: HttpRequest, slug: str) -> Workshop:
    """Return a workshop whose remarks this account may write; 403 for observers."""
    workshop = workshop_to_watch(request, slug)
    if not may_run(request, workshop):
        raise PermissionDenied
    return workshop


@signed_in
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, slug: str) -> HttpResponse:
    workshop = workshop_to_change(request, slug)
    initial = initial_at(workshop, request.GET.get("place", ""))
    form = RemarkForm(request.POST or None, workshop=workshop, initial=initial)
    if is_to_be_saved(request, form):
        remark = actions.add_remark(workshop=workshop, actor=request.user, **form.said)
        messages.success(request, _("Written down."))
        return redirect(list_at(workshop, remark))
    return _form(request, workshop, form)


@signed_in
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    workshop = workshop_to_change(request, slug)
    remark = get_object_or_404(workshop.remarks, pk=pk)
    form = RemarkForm(
        request.POST or None, workshop=workshop, initial=initial_of(remark)
    )
    if is_to_be_saved(request, form):
        try:
            actions.change_remark(remark, actor=request.user, **form.said)
        except Remark.DoesNotExist:
            form.add_error(None, _("Somebody deleted this meanwhile. Add it again."))
        else:
            messages.success(request, _("Saved."))
            return redirect(list_at(workshop, remark))
    return _form(request, workshop, form, remark=remark)


def is_to_be_saved(request: HttpRequest, form: RemarkForm) -> bool:
    """Tell whether a form was sent to be stored, and can be."""
    return (
        request.method == "POST" and form.is_valid() and "preview" not in request.POST
    )


def _form(
    request: HttpRequest,
    workshop: Workshop,
    form: RemarkForm,
    *,
    remark: Remark | None = None,
) -> HttpResponse:
    text = form["text"].value() or ""
    context = {
        "workshop": workshop,
        "can_run": True,
        "form": form,
        "remark": remark,
        "preview": as_html(text, below=2) if isinstance(text, str) else "",
    }
    status = 422 if form.is_bound and not form.is_valid() else 200
    return render(request, "remarks/form.html", context, status=status)


def list_at(workshop: Workshop, remark: Remark) -> str:
    """Return the address of the list where it shows a remark."""
    return f"{reverse('console:remarks', args=[workshop.slug])}#remark-{remark.pk}"


@signed_in
@require_POST
def move(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    workshop = workshop_to_change(request, slug)
    remark = get_object_or_404(workshop.remarks, pk=pk)
    by = -1 if request.POST.get("to") == "up" else 1
    actions.move_remark(remark, by=by, actor=request.user)
    return redirect(list_at(workshop, remark))


@signed_in
@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    workshop = workshop_to_change(request, slug)
    remark = get_object_or_404(workshop.remarks, pk=pk)
    if request.method == "GET":
        context = {"workshop": workshop, "can_run": True, "remark": remark}
        return render(request, "remarks/delete.html", context)
    actions.delete_remark(remark, actor=request.user)
    messages.success(request, _("Deleted."))
    return redirect("console:remarks", workshop.slug)
