"""Prompts and their items are written, changed and put in order; also on the day."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from config import incoming
from deliberation import preview
from deliberation.actions import editing, rounds
from deliberation.actions.answers import words_of
from deliberation.forms import ChallengeForm, ItemForm, PromptForm
from deliberation.live import findings
from deliberation.models import Item, Prompt
from deliberation.views.setup import direction, one_by_one, overview_at
from workshops.identity import workshop_to_run
from workshops.models import Session, Workshop


def _prompt_or_404(workshop: Workshop, pk: int) -> Prompt:
    prompts = Prompt.objects.select_related("session__workshop", "scale", "after")
    return get_object_or_404(prompts, pk=pk, session__workshop=workshop)


def _save(form: PromptForm) -> Prompt | None:
    """Store the prompt with new items; None when answers stand against it."""
    try:
        with transaction.atomic():
            data = form.cleaned_data
            prompt = editing.save_prompt(form.fill(), criteria=data["criteria"])
            for text in data["new_items"]:
                editing.add_item(prompt, text=text)
    except editing.Locked as locked:
        form.add_error(None, locked.reason)
        return None
    return prompt


@login_required
@one_by_one
def add_prompt(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    workshop = workshop_to_run(request, slug)
    session = get_object_or_404(workshop.sessions.select_related("workshop"), pk=pk)
    first = {"kind": Prompt.Kind.ASSESS}
    form = PromptForm(request.POST or None, session=session, initial=first)
    if request.method == "POST" and form.is_valid():
        prompt = _save(form)
        if prompt is not None:
            messages.success(request, _("Saved."))
            return redirect("setup:prompt", workshop.slug, prompt.pk)
    context = {
        "workshop": workshop,
        "session": session,
        "form": form,
        "wrong": form.errors,
        "word_rule": findings.word_rule(words_of(form.instance)),
    }
    status = 422 if form.errors else 200
    return render(request, "setup/prompt.html", context, status=status)


@login_required
@one_by_one
def edit_prompt(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    workshop = workshop_to_run(request, slug)
    prompt = _prompt_or_404(workshop, pk)
    form = PromptForm(request.POST or None, instance=prompt, session=prompt.session)
    items = list(prompt.items.filter(retired_at=None).prefetch_related("wordings"))
    rows = _item_rows(request, items)
    if request.method == "POST":
        _name_what_is_gone(form, items)
        # All of them, so that every mistake is shown at once.
        on_page = [row for _item, row in rows if row.is_bound]
        valid = all([form.is_valid(), *(row.is_valid() for row in on_page)])
        if valid and _save_with_items(form, rows):
            _move_or_drop(request, items)
            messages.success(request, _("Saved."))
            return redirect("setup:prompt", workshop.slug, prompt.pk)
    stored = _prompt_or_404(workshop, pk)  # a refused form has changed the other one
    context = {
        "workshop": workshop,
        "session": stored.session,
        "prompt": stored,
        "form": form,
        "rows": rows,
        "opened": editing.was_opened(stored),
        "retired": stored.items.exclude(retired_at=None).count(),
        "preview": preview.of_prompt(stored),
        "word_rule": findings.word_rule(words_of(stored)),
    }
    context["wrong"] = wrong = form.errors or any(row.errors for _item, row in rows)
    return render(request, "setup/prompt.html", context, status=422 if wrong else 200)


def _item_rows(request: HttpRequest, items: list[Item]) -> list[tuple[Item, ItemForm]]:
    data = request.POST or None
    rows = []
    for item in items:
        wording = list(item.wordings.all())[-1]
        row = ItemForm.of(item, wording, data)
        if "shown" in request.POST and row.add_prefix("shown") not in request.POST:
            # Somebody added it while the page was open: it is not on it, and stays.
            row = ItemForm.of(item, wording)
        rows.append((item, row))
    return rows


def _name_what_is_gone(form: PromptForm, items: list[Item]) -> None:
    """Keep from being lost what was written for items that are dropped by now."""
    for text in ItemForm.written_for_gone(form.data, items):
        message = _(
            "Somebody else dropped an item that you changed. Yours is not stored; "
            "add it as a new item to keep it: “%(text)s”."
        )
        form.add_error(None, message % {"text": text})


def _save_with_items(form: PromptForm, rows: list[tuple[Item, ItemForm]]) -> bool:
    with transaction.atomic():
        prompt = _save(form)
        if prompt is None:
            transaction.set_rollback(True)
            return False
        for item, row in rows:
            if row.is_bound:
                editing.reword_item(item, **row.cleaned_data)
    return True


def _move_or_drop(request: HttpRequest, items: list[Item]) -> None:
    """Do what the pressed button of an item asks, after everything was saved."""
    by_pk = {str(item.pk): item for item in items}
    if item := by_pk.get(request.POST.get("up", "")):
        editing.reorder(items, moved=item, by=-1)
    elif item := by_pk.get(request.POST.get("down", "")):
        editing.reorder(items, moved=item, by=1)
    elif item := by_pk.get(request.POST.get("drop", "")):
        editing.drop_item(item)


@login_required
@require_POST
@one_by_one
def move_prompt(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    workshop = workshop_to_run(request, slug)
    prompt = _prompt_or_404(workshop, pk)
    editing.reorder(prompt.session.prompts.all(), moved=prompt, by=direction(request))
    return redirect(overview_at(workshop, prompt))


@login_required
@require_http_methods(["GET", "POST"])
@one_by_one
def delete_prompt(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    workshop = workshop_to_run(request, slug)
    prompt = _prompt_or_404(workshop, pk)
    if request.method == "GET":
        context = {"workshop": workshop, "what": prompt.question}
        return render(request, "setup/delete.html", context)
    try:
        editing.delete_prompt(prompt)
    except editing.Locked as locked:
        messages.error(request, locked.reason)
    else:
        messages.success(request, _("The prompt has been deleted."))
    return redirect("setup:overview", workshop.slug)


@login_required
@one_by_one
def challenge(request: HttpRequest, slug: str) -> HttpResponse:
    """A question in the middle of a session: written and opened in seconds."""
    workshop = workshop_to_run(request, slug)
    session = _session_now(workshop, request.GET.get("session"))
    if session is None:
        messages.error(request, _("Please add a session first."))
        return redirect("setup:overview", workshop.slug)
    first = {"kind": Prompt.Kind.DISCUSS, "minutes": 5}
    form = ChallengeForm(
        request.POST or None,
        session=session,
        initial=first,
        opens="open" in request.POST,
    )
    if request.method == "POST" and form.is_valid():
        form.instance.is_challenge = True
        prompt = _save(form)
        if prompt is not None:
            if "open" in request.POST:
                _open(request, prompt)
            return redirect("console:run", workshop.slug)
    context = {"workshop": workshop, "session": session, "form": form}
    status = 422 if form.errors else 200
    return render(request, "setup/challenge.html", context, status=status)


def _session_now(workshop: Workshop, wanted: str | None) -> Session | None:
    sessions = workshop.sessions.select_related("workshop")
    if wanted and (found := sessions.filter(pk=incoming.number(wanted)).first()):
        return found
    running = sessions.filter(started_at__isnull=False, ended_at=None).first()
    return running or sessions.filter(ended_at=None).first() or sessions.last()


def _open(request: HttpRequest, prompt: Prompt) -> None:
    try:
        rounds.open_round(prompt=prompt, actor=request.user)
    except rounds.AnotherRoundIsOpen as refusal:
        messages.error(
            request,
            _("Saved, but not opened: “%(question)s” is still open.")
            % {"question": refusal.open_round.prompt.question},
        )
    except rounds.WorkshopEnded:
        messages.error(request, _("Saved, but not opened: the workshop has ended."))
    except rounds.NothingToOpen:
        messages.error(request, _("Saved, but not opened: it has no items yet."))
    except rounds.OpensAfter as order:
        messages.error(
            request,
            _("Saved, but not opened: it opens after “%(question)s”.")
            % {"question": order.first.question},
        )
