"""Items placed on two criteria."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from django.utils.translation import gettext as _

from deliberation.aggregation.least import least_for_index

from .shapes import Item, Result, Voice, by_item_key, how_many, join_id, names_of
from .signs import Mark

FURTHEST = 8  # halves of a point, that one may be moved so that it hides no other


def plane(
    items: Sequence[Item],
    results: Sequence[Result],
    scale: Sequence[Mark],
    *,
    x: Mapping[str, str],
    y: Mapping[str, str],
    ident: str,
    caption: str = "",
    voice: Voice = "people",
    large: bool = False,
) -> dict[str, Any]:
    """Place each item by its mean on two criteria (`parts/plane.html`).

    x, y: the criteria, `{key, label}`. The mean decides the place; the table beside
    says the median, which is what may be quoted. Items that fewer than five people
    rated are listed and not placed. `large` draws the same for the wall.
    """
    values = [mark["value"] for mark in scale if mark["value"] is not None]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    unit = 1.9 if large else 1.0
    box = {"left": 44 * unit, "top": 12.0, "right": 468.0, "bottom": 448 - 44 * unit}
    span_x, span_y = box["right"] - box["left"], box["bottom"] - box["top"]
    radius = 22.0 if large else 15.0

    def at_x(value: float) -> float:
        inner = span_x - 2.6 * radius
        return box["left"] + 1.3 * radius + inner * (value - low) / ((high - low) or 1)

    def at_y(value: float) -> float:
        inner = span_y - 2.6 * radius
        return (
            box["bottom"] - 1.3 * radius - inner * (value - low) / ((high - low) or 1)
        )

    across, up = by_item_key(results, x["key"]), by_item_key(results, y["key"])
    least = least_for_index(voice)
    placed: list[tuple[float, float]] = []
    points, rows = [], []
    for item in items:
        one, other = across.get(item["key"], {}), up.get(item["key"], {})
        names = names_of(item)
        shown = min(one.get("n", 0), other.get("n", 0)) >= least
        means = [r.get("measures", {}).get("mean") for r in (one, other)]
        if shown and None not in means:
            cx, cy = _free_place(
                at_x(means[0]), at_y(means[1]), 2 * radius, placed, box, radius
            )
            placed.append((cx, cy))
            points.append(
                {
                    "id": join_id(ident, item["key"]),
                    **names,
                    "cx": f"{cx:.1f}",
                    "cy": f"{cy:.1f}",
                    "title": f"{names['number']} {names['label']}".strip(),
                }
            )
        rows.append(
            {
                **names,
                "placed": shown and None not in means,
                "x": _median_text(one, least),
                "y": _median_text(other, least),
                "n_text": how_many(min(one.get("n", 0), other.get("n", 0)), voice),
            }
        )
    ends = [mark["label"] for mark in scale] or [""]
    return {
        "id": ident,
        "caption": caption,
        "large": large,
        "x_label": x["label"],
        "y_label": y["label"],
        "scale_text": _("From %(low)g, %(low_label)s, to %(high)g, %(high_label)s")
        % {"low": low, "low_label": ends[0], "high": high, "high_label": ends[-1]},
        "box": {key: f"{value:.1f}" for key, value in box.items()}
        | {"width": f"{span_x:.1f}", "height": f"{span_y:.1f}"},
        "best": {
            "width": f"{box['right'] - at_x((low + high) / 2):.1f}",
            "height": f"{at_y((low + high) / 2) - box['top']:.1f}",
        },
        "radius": f"{radius:.1f}",
        "font": f"{15 * unit:.0f}",
        "middle_x": f"{at_x((low + high) / 2):.1f}",
        "middle_y": f"{at_y((low + high) / 2):.1f}",
        "label_x": f"{(box['left'] + box['right']) / 2:.1f}",
        "label_y": f"{(box['top'] + box['bottom']) / 2:.1f}",
        "below": f"{box['bottom'] + 19 * unit:.1f}",
        "lowest": f"{box['bottom'] + 38 * unit:.1f}",
        "beside": f"{box['left'] - 8 * unit:.1f}",
        "outermost": f"{13 * unit:.1f}",
        "ticks": [
            {"text": f"{v:g}", "x": f"{at_x(v):.1f}", "y": f"{at_y(v):.1f}"}
            for v in values
        ],
        "points": points,
        "rows": rows,
    }


def _median_text(result: Result, least: int) -> str:
    median = result.get("measures", {}).get("median")
    if median is None or result.get("n", 0) < least:
        return _("too few answers")
    return f"{median:g}"


# Half a point each, the nearest first.
STEPS = sorted(
    product(range(-FURTHEST, FURTHEST + 1), repeat=2),
    key=lambda step: (step[0] ** 2 + step[1] ** 2, step),
)


def _free_place(
    cx: float,
    cy: float,
    apart: float,
    placed: Sequence[tuple[float, float]],
    box: Mapping[str, float],
    radius: float,
) -> tuple[float, float]:
    """The nearest place where a point hides no other; the same for the same data."""
    for dx, dy in STEPS:
        x, y = cx + dx * apart / 2, cy + dy * apart / 2
        inside = (
            box["left"] + radius <= x <= box["right"] - radius
            and box["top"] + radius <= y <= box["bottom"] - radius
        )
        free = all(
            (x - a) ** 2 + (y - b) ** 2 >= (apart * 0.99) ** 2 for a, b in placed
        )
        if inside and free:
            return x, y
    return cx, cy
