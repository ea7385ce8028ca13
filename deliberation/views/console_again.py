"""Some items of a prompt are asked again at once, in the middle of what is open."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from deliberation.actions import rounds
from deliberation.models import Prompt
from deliberation.proposal_forms import AgainForm
from deliberation.views.console_steps import still_open
from workshops.identity import workshop_to_run


@login_required
@require_http_methods(["GET", "POST"])
def again(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    workshop = workshop_to_run(request, slug)
    prompts = Prompt.objects.filter(session__workshop=workshop)
    prompt = get_object_or_404(prompts.select_related("session__workshop"), pk=pk)
    if not (prompt.judges_one_by_one and prompt.rounds.exists()):
        raise Http404
    first = {"items": request.GET.getlist("item")}
    data = request.POST if request.method == "POST" else None
    form = AgainForm(data, prompt=prompt, initial=first)
    if form.is_valid():
        try:
            rounds.ask_again(
                prompt=prompt, items=form.cleaned_data["items"], actor=request.user
            )
        except rounds.AnotherRoundIsOpen as other:
            form.add_error(None, still_open(other.open_round.prompt))
        except rounds.WorkshopEnded:
            form.add_error(None, _("The workshop has ended. Take it up again first."))
        except (rounds.NothingToOpen, Prompt.DoesNotExist):
            form.add_error(None, _("These items are no longer there."))
        else:
            messages.success(request, _("The room is asked this again now."))
            return redirect("console:run", slug)
    open_now = workshop.rounds.open().on_stage().select_related("prompt").first()
    context = {
        "workshop": workshop,
        "can_run": True,
        "prompt": prompt,
        "form": form,
        "open_now": open_now,
    }
    status = 422 if form.errors else 200
    return render(request, "console/again.html", context, status=status)
