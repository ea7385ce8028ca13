"""The theming board: the points of a prompt in one place, to be put under themes."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from config import incoming
from config.incoming import clean_text
from deliberation.actions import theming
from deliberation.live.console_day import clock_time, short_name
from deliberation.live.theming import shown_by, themes_html
from deliberation.models import Event, Item, Point, Prompt, Round, Theme
from deliberation.views import console_undo
from deliberation.views.console import signed_in
from deliberation.views.console_refusals import Refused, busy, gone, name_of
from deliberation.views.console_undo import undo_of
from workshops.identity import may_run, workshop_to_watch
from workshops.models import Workshop

FILTER = ("item", "table", "kind", "q")
MOST_AT_ONCE = 1000


@signed_in
def themes(request: HttpRequest, slug: str) -> HttpResponse:
    workshop = workshop_to_watch(request, slug)
    prompts = list(prompts_with_counts(workshop))
    prompt = chosen_prompt(prompts, request.GET.get("prompt", ""))
    context = {
        "workshop": workshop,
        "can_run": may_run(request, workshop),
        "prompts": prompts,
        "prompt": prompt,
    }
    if prompt is not None:
        chosen = {name: request.GET.get(name, "").strip() for name in FILTER}
        context |= {
            "chosen": chosen,
            "query": query_of(request, prompt),
            "title": request.GET.get("title", "")[: theming.TITLE_LENGTH],
            "kinds": Point.Kind.choices,
            "items": item_choices(prompt),
            "tables": workshop.tables.order_by("number"),
            "themes": prompt.themes.order_by("position", "pk"),
            "undo": undo_of(request, workshop, theming.THEMES),
            "board": themes_html(prompt, shows=shown_by(chosen)),
        }
    return render(request, "themes/page.html", context)


def prompts_with_counts(workshop: Workshop) -> QuerySet[Prompt]:
    """Return the prompts of the day with `points`, and `loose`: those in no theme."""
    alive = Q(points__withdrawn_at=None, points__duplicate_of=None)
    return (
        Prompt.objects.filter(session__workshop=workshop)
        .select_related("session")
        .annotate(
            there=Count("points", filter=alive),
            loose=Count("points", filter=alive & Q(points__theme=None)),
            asked=Exists(Round.objects.filter(prompt=OuterRef("pk"))),
        )
        .order_by("session__position", "position")
    )


def chosen_prompt(prompts: Sequence[Any], wanted: str) -> Any:
    """Return the prompt that is asked for; else the last asked one that has points."""
    for prompt in prompts:
        if prompt.pk == incoming.number(wanted):
            return prompt
    with_points = [prompt for prompt in prompts if prompt.there]
    asked = [prompt for prompt in with_points if prompt.asked]
    return next(reversed(asked or with_points or prompts[:1]), None)


def item_choices(prompt: Prompt) -> list[tuple[int, str]]:
    """Return a prompt's items, those no longer asked among them, with their names."""
    items = Item.objects.filter(prompt=prompt).prefetch_related("wordings")
    return [
        (item.pk, f"{item.position} {list(item.wordings.all())[-1].label}")
        for item in items.order_by("position")
        if item.wordings.all()
    ]


def query_of(request: HttpRequest, prompt: Prompt) -> str:
    """Return the page's filter as an address has it, whatever else stood there."""
    query = QueryDict(mutable=True)
    query["prompt"] = str(prompt.pk)
    for name in FILTER:
        if value := request.GET.get(name, "")[:100]:
            query[name] = value
    return query.urlencode()


# ---- steps ----


@signed_in
@require_POST
def do(request: HttpRequest, slug: str) -> HttpResponse:
    """Take one step: `do` is its name and what it is about, `point` the ticked ones."""
    workshop, prompt = prompt_to_change(request, slug)
    status, said = take(request, prompt)
    if request.htmx:
        context = {
            "board": themes_html(prompt),
            "undo": undo_of(request, workshop, theming.THEMES),
            "said": said,
            "status": status,
        }
        return render(request, "themes/done.html", context, status=status)
    level = messages.SUCCESS if status == 200 else messages.WARNING
    messages.add_message(request, level, said)
    query = QueryDict(request.POST.get("query", "")[:500], mutable=True)
    query["prompt"] = str(prompt.pk)
    if status != 200 and request.POST.get("title"):
        query["title"] = request.POST["title"][: theming.TITLE_LENGTH]
    address = reverse("console:themes", args=[slug])
    return redirect(f"{address}?{query.urlencode()}")


def prompt_to_change(request: HttpRequest, slug: str) -> tuple[Workshop, Prompt]:
    """Return the prompt whose points are grouped; 403 for observers, 404 for others."""
    workshop = workshop_to_watch(request, slug)
    if not may_run(request, workshop):
        raise PermissionDenied
    prompts = Prompt.objects.filter(session__workshop=workshop)
    pk = incoming.number(request.POST.get("prompt", ""))
    return workshop, get_object_or_404(prompts.select_related("session"), pk=pk)


def take(request: HttpRequest, prompt: Prompt) -> tuple[int, str]:
    """Return the status and the sentence that answer a step."""
    verb, *arguments = request.POST.get("do", "")[:100].split(":")
    try:
        if verb not in STEPS:
            raise Refused(_("This button is out of date. Please press it again."))
        return 200, STEPS[verb](
            request, prompt, [incoming.number(a) for a in arguments]
        )
    except Refused as refusal:
        return 409, str(refusal)
    except theming.ThemeGone as error:
        return 409, gone_words(error.event)
    except theming.PointsGone:
        return 409, _("These points were taken back by those who wrote them.")
    except theming.TitleTaken as taken:
        return 409, taken_words(taken.theme)
    except OperationalError:
        return 409, busy()


def gone_words(event: Event | None) -> str:
    """Say what became of a theme, and that the points are where they were."""
    if event is None or event.actor is None:
        return _("This theme is no longer there. The points are where they were.")
    words = {"title": event.subject, "who": name_of(event.actor)}
    words["at"] = clock_time(event.at)
    if event.verb == "theme-merge":
        said = _(
            "“%(title)s” was merged into another theme by %(who)s at %(at)s."
            " The points are where they were."
        )
    else:
        said = _(
            "“%(title)s” was deleted by %(who)s at %(at)s. The points are where they"
            " were."
        )
    return said % words


def taken_words(theme: Theme) -> str:
    return _(
        "There is a theme “%(title)s” already. Move the points there, or choose"
        " another title."
    ) % {"title": theme.title}


def ticked(request: HttpRequest) -> list[int]:
    """Return the keys of the points that are ticked; a field may hold several."""
    words = ",".join(request.POST.getlist("point")).split(",")
    return [pk for pk in map(incoming.number, words[:MOST_AT_ONCE]) if pk]


def first(arguments: Sequence[int], place: int = 0) -> int:
    """Return the key that a button carries. Raises Refused without one."""
    if len(arguments) <= place or not arguments[place]:
        raise gone()
    return arguments[place]


def move(request: HttpRequest, prompt: Prompt, arguments: Sequence[int]) -> str:
    """Move the point that the button is of, or all that are ticked."""
    points = [first(arguments)] if arguments else ticked(request)
    if not points:
        raise Refused(_("Tick the points to be moved first."))
    to = request.POST.get("to", "")
    if to == "":
        raise Refused(_("Choose where to move them first."))
    theme = None if to == "0" else incoming.number(to)
    moved = theming.move_points(
        prompt=prompt, points=points, theme=theme, actor=request.user
    )
    if theme is None:
        return ngettext(
            "%(n)d point is in no theme now.",
            "%(n)d points are in no theme now.",
            moved,
        ) % {"n": moved}
    title = prompt.themes.filter(pk=theme).values_list("title", flat=True).first()
    return ngettext(
        "%(n)d point moved to “%(title)s”.", "%(n)d points moved to “%(title)s”.", moved
    ) % {"n": moved, "title": short_name(title or "")}


def typed_title(request: HttpRequest) -> str:
    """Return the title that was typed. Raises Refused for none or one too long."""
    title = " ".join(clean_text(request.POST.get("title", "")).split())
    if not title:
        raise Refused(_("Type the title of the theme first."))
    if len(title) > theming.TITLE_LENGTH:
        raise Refused(
            _("A title can be %(limit)d characters long.")
            % {"limit": theming.TITLE_LENGTH}
        )
    return title


def make(request: HttpRequest, prompt: Prompt, _arguments: Sequence[int]) -> str:
    title, points = typed_title(request), ticked(request)
    theming.make_theme(prompt=prompt, title=title, points=points, actor=request.user)
    if not points:
        return _("New theme: “%(title)s”.") % {"title": short_name(title)}
    return ngettext(
        "New theme: “%(title)s”, with %(n)d point.",
        "New theme: “%(title)s”, with %(n)d points.",
        len(points),
    ) % {"title": short_name(title), "n": len(points)}


def order(by: int) -> Callable[[HttpRequest, Prompt, Sequence[int]], str]:
    def step(request: HttpRequest, prompt: Prompt, arguments: Sequence[int]) -> str:
        theme = first(arguments)
        theming.order_theme(prompt=prompt, theme=theme, by=by, actor=request.user)
        return _("The order is changed.")

    return step


def merge(request: HttpRequest, prompt: Prompt, arguments: Sequence[int]) -> str:
    into = first(arguments, 1) if len(arguments) > 1 else 0
    into = into or incoming.number(request.POST.get("to", ""))
    if not into:
        raise Refused(_("Choose the theme to merge it into first."))
    stays = theming.merge_themes(
        prompt=prompt, theme=first(arguments), into=into, actor=request.user
    )
    return _("Merged into “%(title)s”.") % {"title": short_name(stays.title)}


def delete(request: HttpRequest, prompt: Prompt, arguments: Sequence[int]) -> str:
    theming.delete_theme(prompt=prompt, theme=first(arguments), actor=request.user)
    return _("The theme is deleted; its points are in no theme now.")


def same(request: HttpRequest, prompt: Prompt, arguments: Sequence[int]) -> str:
    of = first(arguments)
    points = [pk for pk in ticked(request) if pk != of]
    if not points:
        raise Refused(_("Tick the points that repeat this one first."))
    marked = theming.mark_repeats(
        prompt=prompt, points=points, of=of, actor=request.user
    )
    return ngettext(
        "%(n)d point stands with the one it repeats.",
        "%(n)d points stand with the one they repeat.",
        marked,
    ) % {"n": marked}


def apart(request: HttpRequest, prompt: Prompt, arguments: Sequence[int]) -> str:
    theming.mark_apart(prompt=prompt, point=first(arguments), actor=request.user)
    return _("It stands for itself again.")


def take_back(request: HttpRequest, prompt: Prompt, arguments: Sequence[int]) -> str:
    workshop = prompt.session.workshop
    return console_undo.take_back(request, workshop, theming.THEMES, first(arguments))


STEPS: dict[str, Callable[[HttpRequest, Prompt, Sequence[int]], str]] = {
    "move": move,
    "make": make,
    "up": order(-1),
    "down": order(+1),
    "merge": merge,
    "delete": delete,
    "same": same,
    "apart": apart,
    "undo": take_back,
}


# ---- one theme ----


@signed_in
@require_http_methods(["GET", "POST"])
def theme(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Rename a theme; merge or delete it. A title that is taken offers to merge."""
    workshop = workshop_to_watch(request, slug)
    if not may_run(request, workshop):
        raise PermissionDenied
    rows = Theme.objects.filter(prompt__session__workshop=workshop)
    row = get_object_or_404(rows.select_related("prompt__session"), pk=pk)
    context = {
        "workshop": workshop,
        "can_run": True,
        "theme": row,
        "prompt": row.prompt,
        "others": row.prompt.themes.exclude(pk=row.pk).order_by("position", "pk"),
        "title": row.title,
    }
    if request.method == "GET":
        return render(request, "themes/theme.html", context)
    context["title"] = request.POST.get("title", "")
    try:
        title = typed_title(request)
        theming.rename_theme(
            prompt=row.prompt, theme=row.pk, title=title, actor=request.user
        )
    except Refused as refusal:
        context["wrong"] = str(refusal)
    except theming.TitleTaken as taken:
        context["taken"] = taken.theme
    except theming.ThemeGone as error:
        context["wrong"] = gone_words(error.event)
    else:
        messages.success(request, _("Saved."))
        address = reverse("console:themes", args=[slug])
        return redirect(f"{address}?prompt={row.prompt_id}#theme-{row.pk}")
    return render(request, "themes/theme.html", context, status=422)
