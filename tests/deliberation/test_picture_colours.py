"""No meaning by colour alone: what style sheets and the marks of pictures promise."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

from deliberation import pictures
from deliberation.pictures.signs import COLOURS, SHAPES

CSS = (Path(__file__).resolve().parents[2] / "static/css/app.css").read_text()
THEMES = ["light", "dark"]
CATEGORIES = [f"c{n}" for n in range(1, 7)]
STEPS = [f"o{n}" for n in range(1, 6)]
# As the style sheet puts a line around the palest, neighbours need not differ more.
LEAST_BETWEEN_NEIGHBOURS = 1.25
LEAST_OF_TEXT = 4.5


def value(name, theme):
    """Return a colour of the style sheet in one of its themes, as `#rrggbb`."""
    found = re.search(rf"^\s*--{name}: ([^;]+);", CSS, re.MULTILINE)[1]
    both = re.fullmatch(r"light-dark\((#\w{6}), (#\w{6})\)", found)
    return both[1 + THEMES.index(theme)] if both else found


def luminance(colour):
    """Return what is left of a colour without any hue, 0 to 1 (WCAG 2)."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [
        p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
    ]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def scale(size, *, ordinal):
    return pictures.marks(
        [
            {"key": f"k{n}", "label": f"Answer {n}", "value": n if ordinal else None}
            for n in range(1, size + 1)
        ]
    )


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", CATEGORIES + STEPS)
def test_what_stands_on_an_answer_can_be_read(name, theme):
    assert contrast(value(name, theme), value(f"on-{name}", theme)) >= LEAST_OF_TEXT


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("row", [CATEGORIES, STEPS], ids=["categories", "steps"])
def test_neighbours_differ_without_their_hues(row, theme):
    found = {
        (one, other): round(contrast(value(one, theme), value(other, theme)), 2)
        for one, other in pairwise(row)
    }

    assert {pair: n for pair, n in found.items() if n < LEAST_BETWEEN_NEIGHBOURS} == {}


@pytest.mark.parametrize("name", CATEGORIES + STEPS)
def test_paper_has_the_colours_of_the_light_theme(name):
    assert COLOURS[name] == (value(name, "light"), value(f"on-{name}", "light"))


@pytest.mark.parametrize(("size", "ordinal"), [(5, True), (6, False), (2, True)])
def test_every_answer_of_a_scale_has_a_sign_of_its_own(size, ordinal):
    signs = [mark["sym"] for mark in scale(size, ordinal=ordinal)]

    assert "" not in signs
    assert len(set(signs)) == len(signs)


def test_a_seventh_category_is_told_by_its_words_only():
    marks = scale(7, ordinal=False)

    assert marks[6]["sym"] == marks[0]["sym"] == SHAPES[0]
    assert marks[6]["label"] != marks[0]["label"]


@pytest.mark.parametrize("size", range(2, 8))
def test_parts_of_a_bar_carry_their_sign_or_their_figure_where_it_fits(size):
    marks = scale(size, ordinal=True)
    counts = {mark["key"]: n for n, mark in enumerate(marks, start=1)}

    bar = pictures.stacked_bar(counts, marks, ident="b")

    for segment, mark in zip(bar["segments"], marks, strict=True):
        width = float(segment["width"].rstrip("%"))
        # A dash beside a figure would be read as a minus.
        is_signed = width >= 14 and mark["sym"] != "i-scale-3"
        assert segment["sym"] == (mark["sym"] if is_signed else "")
        assert segment["shown"] == (width >= 4.5)
        assert segment["label"] == f"{segment['n']} {mark['short']}"
    assert bar["label"] == ", ".join(segment["label"] for segment in bar["segments"])


def test_ways_of_a_slope_differ_by_their_dashes():
    after = {"a": 7, "b": 3, "c": 5}
    shifts = [pictures.Shift(key, 5, n, 10) for key, n in after.items()]
    made = pictures.slopes(
        [{"key": key, "text": key, "number": n} for n, key in enumerate("abc", 1)],
        shifts,
        ident="s",
        before="1",
        after="2",
    )
    ways = {line["cls"] for line in made["lines"]}

    assert ways == {"up", "down", "same"}
    for part in ("templates/parts/slopes.html", "static/css/screen.css"):
        text = (Path(__file__).resolve().parents[2] / part).read_text()
        dashed = text.count("stroke-dasharray")
        assert dashed >= 2, part  # solid, dashed, dotted
