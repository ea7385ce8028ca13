"""Before the day: the workshop itself, its sessions, who may run it."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Prefetch, QuerySet
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from deliberation import preview
from deliberation.actions import editing, making
from deliberation.forms import (
    MemberForm,
    NewWorkshopForm,
    SaveAsTemplateForm,
    SessionForm,
    WorkshopForm,
)
from deliberation.models import Item, Prompt, Round
from workshops.identity import workshop_to_run
from workshops.models import Membership, Session, Workshop
from workshops.session_templates.mistakes import TemplateErrors

__all__ = [
    "add_member",
    "add_session",
    "delete_session",
    "delete_workshop",
    "duplicate",
    "edit_session",
    "move_session",
    "new",
    "overview",
    "remove_member",
    "save_as_template",
]


type View = Callable[..., HttpResponse]


def one_by_one(view: View) -> View:
    """Take what is posted to a workshop's set-up one after the other.

    Each finds the sessions, prompts and items as the last one left them.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, slug: str, **arguments: int) -> HttpResponse:
        if request.method != "POST":
            return view(request, slug, **arguments)
        workshop = workshop_to_run(request, slug)
        with transaction.atomic():
            same = Workshop.objects.select_for_update(no_key=True)
            same.filter(pk=workshop.pk).first()
            return view(request, slug, **arguments)

    return wrapped


@login_required
def new(request: HttpRequest) -> HttpResponse:
    data = request.POST or None
    wanted = (data or request.GET).get("template", "")
    form = NewWorkshopForm(data, wanted=wanted)
    if request.method == "POST" and form.is_valid():
        try:
            workshop = making.make_workshop(owner=request.user, **form.cleaned_data)
        except TemplateErrors as errors:
            form.add_error("template", str(errors))
        else:
            messages.success(request, _("The workshop is ready. Nobody sees it yet."))
            return redirect("setup:overview", workshop.slug)
    return render(request, "setup/new.html", {"form": form}, status=_status(form))


@login_required
@one_by_one
def overview(request: HttpRequest, slug: str) -> HttpResponse:
    workshop = workshop_to_run(request, slug)
    form = WorkshopForm(
        request.POST or None, instance=workshop, locked=editing.has_answers(workshop)
    )
    if request.method == "POST" and form.is_valid() and _save_workshop(form):
        messages.success(request, _("Saved."))
        return redirect("setup:overview", workshop.slug)
    return _overview(request, workshop, form=form)


def _overview(
    request: HttpRequest, workshop: Workshop, **forms: BaseForm
) -> HttpResponse:
    """Show the page with one of its forms as it was sent, the others as stored."""
    stored = Workshop.objects.get(pk=workshop.pk)  # a refused form has changed ours
    first = {"title": stored.title, "key": _template_key(stored)}
    shown: dict[str, BaseForm] = {
        "form": WorkshopForm(instance=stored, locked=editing.has_answers(stored)),
        "member_form": MemberForm(),
        "template_form": SaveAsTemplateForm(initial=first, prefix="template"),
    } | forms
    context = {
        "workshop": stored,
        "sessions": sessions_with_prompts(stored),
        "members": stored.memberships.select_related("user").order_by("pk"),
        "can_delete": making.is_unused(stored),
        "keep_names_days": settings.KEEP_NAMES_DAYS,
        **shown,
    }
    wrong = any(form.errors for form in forms.values())
    return render(request, "setup/overview.html", context, status=422 if wrong else 200)


def _save_workshop(form: WorkshopForm) -> bool:
    """Store the form; tables that somebody uses keep it from being stored."""
    try:
        with transaction.atomic():
            workshop = form.save()
            editing.set_number_of_tables(workshop, form.cleaned_data["tables"])
    except editing.Locked as locked:
        form.add_error("tables", locked.reason)
        return False
    return True


def _template_key(workshop: Workshop) -> str:
    return workshop.template.key if workshop.template else workshop.slug[:64]


def _status(form) -> int:
    return 422 if form.errors else 200


def sessions_with_prompts(workshop: Workshop) -> QuerySet[Session]:
    """Return the programme; each prompt knows how often it was opened (`times`)."""
    open_rounds = Round.objects.open().filter(prompt=OuterRef("pk"))
    prompts = (
        Prompt.objects.select_related("after")
        .annotate(times=Count("rounds"), is_open=Exists(open_rounds))
        .prefetch_related(
            Prefetch("items", queryset=Item.objects.filter(retired_at=None))
        )
    )
    return workshop.sessions.prefetch_related(
        "speakers", Prefetch("prompts", queryset=prompts)
    )


@login_required
@one_by_one
def add_session(request: HttpRequest, slug: str) -> HttpResponse:
    workshop = workshop_to_run(request, slug)
    session = Session(workshop=workshop)
    form = SessionForm(request.POST or None, instance=session)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            form.save_speakers(editing.add_session(form.save(commit=False)))
        messages.success(request, _("Saved."))
        return redirect(overview_at(workshop, session))
    context = {"workshop": workshop, "form": form}
    return render(request, "setup/session.html", context, status=_status(form))


@login_required
@one_by_one
def edit_session(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    workshop = workshop_to_run(request, slug)
    session = get_object_or_404(workshop.sessions, pk=pk)
    form = SessionForm(request.POST or None, instance=session)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            form.save_speakers(form.save())
        messages.success(request, _("Saved."))
        return redirect(overview_at(workshop, session))
    stored = workshop.sessions.get(pk=pk)  # a refused form has changed the other one
    context = {
        "workshop": workshop,
        "session": stored,
        "form": form,
        "preview": preview.of_session(stored),
    }
    return render(request, "setup/session.html", context, status=_status(form))


@login_required
@require_POST
@one_by_one
def move_session(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    workshop = workshop_to_run(request, slug)
    session = get_object_or_404(workshop.sessions, pk=pk)
    editing.reorder(workshop.sessions.all(), moved=session, by=direction(request))
    return redirect(overview_at(workshop, session))


def overview_at(workshop: Workshop, row: Session | Prompt) -> str:
    """Return the address of the overview where it shows a session or a prompt."""
    address = reverse("setup:overview", args=[workshop.slug])
    return f"{address}#{row._meta.model_name}-{row.pk}"


def direction(request: HttpRequest) -> int:
    return -1 if request.POST.get("to") == "up" else 1


@login_required
@require_http_methods(["GET", "POST"])
@one_by_one
def delete_session(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    workshop = workshop_to_run(request, slug)
    session = get_object_or_404(workshop.sessions, pk=pk)
    if request.method == "GET":
        context = {"workshop": workshop, "what": session.title}
        return render(request, "setup/delete.html", context)
    try:
        editing.delete_session(session)
    except editing.Locked as locked:
        messages.error(request, locked.reason)
    else:
        messages.success(
            request, _("“%(title)s” has been deleted.") % {"title": session.title}
        )
    return redirect("setup:overview", workshop.slug)


@login_required
@require_POST
@one_by_one
def add_member(request: HttpRequest, slug: str) -> HttpResponse:
    workshop = workshop_to_run(request, slug)
    form = MemberForm(request.POST)
    if not form.is_valid():
        return _overview(request, workshop, member_form=form)
    Membership.objects.get_or_create(
        workshop=workshop,
        user=form.user,
        defaults={"role": form.cleaned_data["role"]},
    )
    messages.success(
        request, _("%(name)s can open the console now.") % {"name": form.user}
    )
    return redirect("setup:overview", workshop.slug)


@login_required
@require_POST
@one_by_one
def remove_member(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    workshop = workshop_to_run(request, slug)
    member = get_object_or_404(workshop.memberships, pk=pk)
    if member.role == Membership.Role.OWNER:
        messages.error(request, _("The owner of a workshop stays."))
    else:
        member.delete()
        messages.success(request, _("Removed."))
    return redirect("setup:overview", workshop.slug)


@login_required
@require_POST
@one_by_one
def duplicate(request: HttpRequest, slug: str) -> HttpResponse:
    workshop = workshop_to_run(request, slug)
    copy = making.duplicate(workshop, owner=request.user)
    messages.success(
        request, _("This is the copy. It has nobody's answers, and its own join code.")
    )
    return redirect("setup:overview", copy.slug)


@login_required
@require_POST
@one_by_one
def save_as_template(request: HttpRequest, slug: str) -> HttpResponse:
    workshop = workshop_to_run(request, slug)
    form = SaveAsTemplateForm(request.POST, prefix="template")
    if form.is_valid():
        try:
            template = making.save_as_template(
                workshop, user=request.user, **form.cleaned_data
            )
        except making.NotATemplate as refusal:
            for reason in refusal.reasons:
                form.add_error(None, reason)
        else:
            messages.success(
                request, _("Saved as template %(name)s.") % {"name": template}
            )
            return redirect("setup:overview", workshop.slug)
    return _overview(request, workshop, template_form=form)


@login_required
@require_http_methods(["GET", "POST"])
@one_by_one
def delete_workshop(request: HttpRequest, slug: str) -> HttpResponse:
    workshop = workshop_to_run(request, slug)
    if request.method == "GET":
        context = {"workshop": workshop, "what": workshop.title}
        return render(request, "setup/delete.html", context)
    try:
        making.unmake(workshop)
    except editing.Locked as locked:
        messages.error(request, locked.reason)
        return redirect("setup:overview", workshop.slug)
    messages.success(
        request, _("“%(title)s” has been deleted.") % {"title": workshop.title}
    )
    return redirect("console:list")
