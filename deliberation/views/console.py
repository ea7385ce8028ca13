"""The facilitator's console: the list of workshops, the page of the day, its steps."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from deliberation.live.console import console_html
from deliberation.live.console_points import point_queue
from deliberation.views.console_refusals import Refused, busy
from deliberation.views.console_steps import STEPS
from workshops.identity import may_run, runs, workshop_to_watch
from workshops.models import Workshop

PAGES = ("run", "points", "rotation", "questions")  # where a step may lead back to

type View = Callable[..., HttpResponse]


def signed_in(view: View) -> View:
    """Send who is not signed in to the sign-in page, the whole page of htmx too."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if request.htmx and not request.user.is_authenticated:
            return HttpResponseClientRedirect(reverse("account_login"))
        return login_required(view)(request, *args, **kwargs)

    return wrapped


@signed_in
def workshops(request: HttpRequest) -> HttpResponse:
    mine = (
        Workshop.objects.run_by(request.user)
        .select_related("series")
        .annotate(
            people=Count(
                "participants",
                filter=Q(participants__removed_at=None),
                distinct=True,
            ),
            running=Count(
                "sessions", filter=Q(sessions__started_at__isnull=False), distinct=True
            ),
        )
        .order_by("date", "created_at")
    )
    context = {"groups": by_state(mine), "runs": runs(request.user, mine)}
    return render(request, "console/list.html", context)


def by_state(found: QuerySet[Workshop]) -> list[dict]:
    """Group workshops: running now, still to come, ended (the latest first)."""
    today = timezone.localdate()
    running, coming, ended = [], [], []
    for workshop in found:
        if workshop.ended_at is not None:
            ended.insert(0, workshop)
        elif workshop.running or workshop.date == today:
            running.append(workshop)
        else:
            coming.append(workshop)
    groups = [
        {"key": "running", "title": _("Today and running"), "workshops": running},
        {"key": "coming", "title": _("Coming"), "workshops": coming},
        {"key": "ended", "title": _("Ended"), "workshops": ended},
    ]
    return [group for group in groups if group["workshops"]]


@signed_in
def run(request: HttpRequest, slug: str) -> HttpResponse:
    workshop = workshop_to_watch(request, slug)
    context = {
        "workshop": workshop,
        "can_run": may_run(request, workshop),
        "board": console_html(workshop.pk),
    }
    return render(request, "console/run.html", context)


@signed_in
@require_POST
def do(request: HttpRequest, slug: str) -> HttpResponse:
    """Take one step of the day: `do` is its name and what the page expects of it."""
    workshop = workshop_to_watch(request, slug)
    if not may_run(request, workshop):
        raise PermissionDenied
    status, said = take(request, workshop)
    if request.htmx:
        context = {"board": console_html(workshop.pk), "said": said, "status": status}
        return render(request, "console/done.html", context, status=status)
    if said:
        level = messages.SUCCESS if status == 200 else messages.WARNING
        messages.add_message(request, level, said)
    return redirect(way_back(request, slug))


def way_back(request: HttpRequest, slug: str) -> str:
    """Return the page that the button stood on, with its filter."""
    page = request.POST.get("page")
    address = reverse(f"console:{page if page in PAGES else 'run'}", args=[slug])
    query = QueryDict(request.POST.get("query", "")[:500]).urlencode()
    return f"{address}?{query}" if query else address


def take(request: HttpRequest, workshop: Workshop) -> tuple[int, str]:
    """Return the status and the sentence that answer a step."""
    verb, *arguments = request.POST.get("do", "")[:100].split(":")
    try:
        if verb not in STEPS:
            raise Refused(_("This button is out of date. Please press it again."))
        return 200, STEPS[verb](workshop, request.user, arguments)
    except Refused as refusal:
        return 409, str(refusal)
    except OperationalError:
        return 409, busy()


@signed_in
def end(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask before the day ends: what is still open, what has not been looked at."""
    workshop = workshop_to_watch(request, slug)
    context = {
        "workshop": workshop,
        "can_run": may_run(request, workshop),
        "open_round": workshop.rounds.on_stage().select_related("prompt").first(),
        "points": point_queue(workshop),
        "not_started": workshop.sessions.filter(started_at=None),
    }
    return render(request, "console/end.html", context)
