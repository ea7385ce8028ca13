"""The theming board of a prompt: its points under its themes, alike for all who look.

What is filtered out is hidden by the page, so that one board serves everybody. The
number of queries depends on nothing that is on it.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from deliberation.actions.recording import steps_taken
from deliberation.live.console_day import short_name
from deliberation.live.console_points import point_card, with_items
from deliberation.live.parts import without_marks
from deliberation.models import Event, Point, Prompt, Theme
from workshops.models import Workshop

type Card = dict[str, Any]


def themes_board(workshop_id: int, prompt_id: int) -> str:
    """Return the board of a prompt with the marks of its sections and parts.

    Raises Workshop.DoesNotExist, Prompt.DoesNotExist.
    """
    return _rendered(workshop_id, prompt_id, lambda _card: True)


def themes_html(
    prompt: Prompt, *, shows: Callable[[Card], bool] = lambda _card: True
) -> SafeString:
    """Return the board for a page; a card that `shows` says no of is hidden."""
    board = _rendered(prompt.session.workshop_id, prompt.pk, shows)
    return mark_safe(without_marks(board))  # noqa: S308


def _rendered(workshop_id: int, prompt_id: int, shows: Callable[[Card], bool]) -> str:
    workshop = Workshop.objects.get(pk=workshop_id)
    prompt = Prompt.objects.get(pk=prompt_id, session__workshop=workshop)
    steps = steps_taken(workshop, desk=Event.Desk.THEMES)  # first: older than the rest
    themes = list(prompt.themes.order_by("position", "pk"))
    columns = columns_of(themes, cards_of(prompt), shows)
    context = {
        "workshop": workshop,
        "columns": columns,
        "steps": steps,
        "all": sum(column["count"] for column in columns),
        "loose": columns[0]["count"],
    }
    return render_to_string("themes/board.html", context)


def cards_of(prompt: Prompt) -> list[Card]:
    """Return a prompt's points as cards, in the order they came.

    What repeats another stands in that one's `repeats`; `theme` is a key or None.
    """
    alive = prompt.points.filter(withdrawn_at=None).order_by("created_at", "pk")
    points = list(with_items(alive))
    there = {point.pk for point in points}
    repeats: dict[int, list[Card]] = defaultdict(list)
    cards = []
    for point in points:
        card = _card(point)
        if point.duplicate_of_id in there:
            repeats[point.duplicate_of_id].append(card)
        else:
            cards.append(card)
    for card in cards:
        card["repeats"] = repeats[card["id"]]
    return cards


def _card(point: Point) -> Card:
    table = point.table_told
    return point_card(point) | {
        "key": str(point.pk),  # texts, which templates write as they are
        "theme": point.theme_id,
        "type": point.kind,
        "place": str(table.number) if table else "",
        "about": " ".join(str(item.pk) for item in point.items.all()),
        "short": short_name(point.text),
    }


def columns_of(
    themes: Sequence[Theme], cards: Sequence[Card], shows: Callable[[Card], bool]
) -> list[dict[str, Any]]:
    """Return what is under no theme, then each theme, with its cards."""
    under: dict[int, list[Card]] = defaultdict(list)
    there = {theme.pk for theme in themes}
    for card in cards:
        card["hidden"] = not shows(card)
        # One under a theme made since the themes were read is not left out.
        under[card["theme"] if card["theme"] in there else 0].append(card)
    last = len(themes) - 1
    loose = {"id": 0, "title": _("In no theme yet"), "theme": None}
    columns = [loose] + [
        {
            "id": theme.pk,
            "title": theme.title,
            "theme": theme,
            "first": place == 0,
            "last": place == last,
        }
        for place, theme in enumerate(themes)
    ]
    for column in columns:
        column["key"] = str(column["id"])
        column["cards"] = under[column["id"]]
        column["count"] = len(column["cards"])
    return columns


def shown_by(chosen: Mapping[str, str]) -> Callable[[Card], bool]:
    """Return what tells whether a filter shows a card, itself or one of its repeats.

    chosen: `item`, `table`, `kind` and `q`, each empty for all.
    """

    def one(card: Card) -> bool:
        return (
            _is(chosen["item"], card["about"].split())
            and _is(chosen["table"], [card["place"]])
            and _is(chosen["kind"], [card["type"]])
            and chosen["q"].casefold() in card["text"].casefold()
        )

    return lambda card: any(one(each) for each in (card, *card["repeats"]))


def _is(wanted: str, there: Collection[str]) -> bool:
    return not wanted or wanted in there
