"""A proposal is compared with what is asked now, and adopted, declined or parked."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from deliberation import proposals
from deliberation.actions import proposing, rounds
from deliberation.live.console_points import proposal_card, said_by
from deliberation.models import Proposal, Wording
from deliberation.proposal_forms import DecideForm
from deliberation.views.console_steps import still_open
from workshops.identity import workshop_to_run
from workshops.words import pieces


@login_required
@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    workshop = workshop_to_run(request, slug)
    ours = Proposal.objects.filter(point__workshop=workshop, point__withdrawn_at=None)
    proposal = get_object_or_404(proposals.with_support(ours), pk=pk)
    data = request.POST if request.method == "POST" else None
    form = DecideForm(data, proposal=proposal)
    if form.is_valid() and _decided(request, proposal, form):
        return redirect("console:run", slug)
    old = form.compared.text if form.compared else ""
    new = form["text"].value() or ""
    context = {
        "workshop": workshop,
        "can_run": True,
        "point": proposal.point,
        "proposal": proposal,
        "found": proposal_card(proposal.point),
        "is_outdated": proposals.is_outdated(proposal),
        "who": said_by(proposal.point),
        "form": form,
        "line": pieces(old, new) if old else [("added", new)],
        "open_now": workshop.rounds.open().on_stage().select_related("prompt").first(),
    }
    status = 422 if form.errors else 200
    return render(request, "console/proposal.html", context, status=status)


def _decided(request: HttpRequest, proposal: Proposal, form: DecideForm) -> bool:
    """Do what was pressed and say so; False where the page is to be looked at again."""
    data, step = form.cleaned_data, request.POST.get("do")
    done: dict[str, Any] = {
        "proposal": proposal, "reason": data["reason"], "actor": request.user
    }  # fmt: skip
    try:
        if step == "decline":
            proposing.decline(**done)
            messages.success(request, _("Declined."))
        elif step == "park":
            proposing.park(**done)
            messages.success(request, _("Parked."))
        else:
            _adopt(request, data, done)
    except proposing.Decided as already:
        said = _("Decided already: %(word)s.")
        word = already.proposal.get_status_display()
        messages.warning(request, said % {"word": word})
    except proposing.Withdrawn:
        messages.warning(request, _("Its author has taken it back."))
    except proposing.Outdated:
        form.look_again()
        return False
    except proposing.SameWords:
        form.add_error("text", _("This is what the item says already."))
        return False
    return True


def _adopt(request: HttpRequest, data: dict[str, Any], done: dict[str, Any]) -> None:
    about = {"text": data["text"], "short": data["short"], "version": data["version"]}
    wording = proposing.adopt(**done, **about)
    messages.success(request, _("Adopted. It is asked in these words from now on."))
    if data.get("again"):
        _ask_again(request, wording)


def _ask_again(request: HttpRequest, wording: Wording) -> None:
    item = wording.item
    try:
        rounds.ask_again(prompt=item.prompt, items=[item], actor=request.user)
    except rounds.AnotherRoundIsOpen as other:
        messages.warning(request, still_open(other.open_round.prompt))
    except rounds.WorkshopEnded:
        messages.warning(request, _("The workshop has ended: nothing is asked again."))
