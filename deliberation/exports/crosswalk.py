"""How many points each table has under each theme: question by theme by table."""

from collections import Counter
from collections.abc import Iterator

from django.utils.translation import gettext as _

from deliberation import csv_files
from deliberation.models import Point, Prompt
from workshops.models import Workshop

NOWHERE = 0  # no table has this number
type Row = dict[str, str | int]


def crosswalk_csv(workshop: Workshop) -> bytes:
    """Return the crosswalk as a CSV file."""
    columns = [*_words(), *_places(workshop).values()]
    rows = (row.values() for row in crosswalk_rows(workshop))
    return csv_files.write(columns, rows)


def crosswalk_rows(workshop: Workshop) -> list[Row]:
    """Return a row for each theme of each prompt that has points or themes.

    First those of the whole prompt, where each point counts once, then those of its
    items: a point about several counts with each. A point that repeats another counts
    under the same theme as that one, at its own table.
    """
    prompts = (
        Prompt.objects.filter(session__workshop=workshop)
        .select_related("session")
        .prefetch_related("themes", "items")
        .order_by("session__position", "position")
    )
    places = _places(workshop)
    counts = _counts(workshop)
    return [row for prompt in prompts for row in _rows(prompt, counts, places)]


def _words() -> list[str]:
    return ["prompt", "item", "theme", "all"]


def _places(workshop: Workshop) -> dict[int, str]:
    """Return the columns by the tables' numbers; the last is for no table."""
    numbers = workshop.tables.order_by("number").values_list("number", flat=True)
    found = {number: _("table %(number)d") % {"number": number} for number in numbers}
    return found | {NOWHERE: _("no table")}


def _counts(workshop: Workshop) -> Counter[tuple[int, str, int | None, int]]:
    """Count points by prompt, item ("" for all), theme and table."""
    counts: Counter[tuple[int, str, int | None, int]] = Counter()
    points = Point.objects.filter(workshop=workshop, withdrawn_at=None)
    found = points.select_related("workshop", "table").prefetch_related("items")
    for point in found:
        place = point.table_told.number if point.table_told else NOWHERE
        for item in ("", *(item.key for item in point.items.all())):
            counts[point.prompt_id, item, point.theme_id, place] += 1
    return counts


def _rows(
    prompt: Prompt,
    counts: Counter[tuple[int, str, int | None, int]],
    places: dict[int, str],
) -> Iterator[Row]:
    themes = {theme.pk: theme.title for theme in prompt.themes.all()}
    for item in ("", *(item.key for item in prompt.items.all())):
        for theme, title in [*themes.items(), (None, "")]:
            cells = {
                name: counts[prompt.pk, item, theme, place]
                for place, name in places.items()
            }
            everything = sum(cells.values())
            if everything or (theme and not item):
                words = [prompt.path, item, title, everything]
                yield dict(zip(_words(), words, strict=True)) | cells
