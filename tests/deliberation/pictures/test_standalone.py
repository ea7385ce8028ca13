"""Pictures as files: whole, readable and apart, whatever people write."""

import re
import struct
from copy import deepcopy
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from deliberation import pictures
from deliberation.actions.answers import ask_of
from deliberation.live.console_figures import figures
from deliberation.pictures import standalone
from deliberation.pictures.signs import state_mark
from deliberation.pictures.standalone import letters, raster
from deliberation.pictures.standalone.sheet import symbol_of
from deliberation.pictures.standalone.symbols import SYMBOLS
from deliberation.results import round_results
from tests import builders

ROOT = Path(__file__).resolve().parent.parent.parent.parent
SVG = "{http://www.w3.org/2000/svg}"
FRAME = {
    "heading": "Nine of ten principles find support; the room is split on the last, "
    "and nobody has said yet how it could be delivered",
    "basis": "29 of 31 people answered, round 2",
    "source": "Coherence of policies, 14 March 2026",
}
WORDINGS = [
    "Legal routes for labour migration are open, known and affordable",
    "Short",
    "Organisations of migrants are consulted before strategies are adopted, not "
    "afterwards, and their advice is answered in public and in full, by a named person",
]
THREE = pictures.marks(
    [
        {"key": "unproblematic", "label": "Unproblematic"},
        {"key": "difficult", "label": "Difficult to deliver", "short": "Difficult"},
        {"key": "inconsistent", "label": "Worthy but inconsistent"},
    ]
)
FIVE = pictures.marks(
    [
        {"key": f"k{value}", "label": label, "value": value}
        for value, label in enumerate(
            ["Strongly disagree", "Disagree", "Neither", "Agree", "Strongly agree"], 1
        )
    ]
)


# ---- things to draw ----


def items(size, wordings=WORDINGS):
    return [
        {
            "key": f"p{place}",
            "number": place + 1,
            "short": "",
            "text": wordings[place % len(wordings)],
        }
        for place in range(size)
    ]


def result(place, scale, tables=0, criterion=""):
    """Answers that differ from item to item, the same each time."""
    sizes = [(place * 3 + step * 5) % 11 for step in range(len(scale))]
    counts = dict(zip([mark["key"] for mark in scale], sizes, strict=True))
    return {
        "item": f"p{place}",
        "criterion": criterion,
        "n": sum(sizes),
        "counts": counts,
        "abstained": 1,
        "not_discussed": 0,
        "by_table": [at_table(n, place, scale) for n in range(1, tables + 1)],
        "measures": {"median": 3, "mean": 1 + place % 5, "word": "split"},
    }


def at_table(number, place, scale):
    kind = (number + place) % 7
    if kind == 6:
        return {"table": number, "counts": {}, "suppressed": True}
    if kind == 5:
        return {"table": number, "counts": {}, "not_discussed": 1}
    sizes = [(number * 2 + place + step * 3) % 5 for step in range(len(scale))]
    keys = [mark["key"] for mark in scale]
    return {"table": number, "counts": dict(zip(keys, sizes, strict=True))}


def dots(size=10, scale=FIVE, **more):
    found = [result(place, scale) for place in range(size)]
    chart = pictures.diverging(items(size, **more), found, scale, ident="c")
    return figure("dots", chart, title="People", caption="Importance")


def bars(size=10, **more):
    found = [
        {"item": f"p{place}", "n": 29, "counts": {"chosen": (place * 7) % 30}}
        for place in range(size)
    ]
    counts = pictures.bars(items(size, **more), found, ident="b", order="items")
    return figure("bars", counts, title="People")


def grid(size=10, tables=4, scale=THREE, **more):
    found = [result(place, scale, tables) for place in range(size)]
    numbers = range(1, tables + 1)
    made = pictures.grid(
        items(size, **more), found, scale, numbers, ident="g", voice="people"
    )
    return figure("grid", made, title="People, table by table")


def multiples(size=10, tables=6, scale=FIVE, **more):
    found = [result(place, scale, tables) for place in range(size)]
    for row in found:
        for table in row["by_table"]:
            table["n"] = sum(table["counts"].values())
    made = pictures.multiples(
        items(size, **more),
        found,
        lambda ident, table: pictures.stacked_bar(table["counts"], scale, ident=ident),
        range(1, tables + 1),
        ident="m",
        legend=scale,
    )
    return figure("multiples", made, title="Spread at each table")


def plane(size=10, **more):
    found = [
        result(place, FIVE, criterion=criterion)
        for criterion in ("x", "y")
        for place in range(size)
    ]
    found[0]["n"] = 2
    made = pictures.plane(
        items(size, **more),
        found,
        FIVE,
        x={"key": "x", "label": "Importance for coherence"},
        y={"key": "y", "label": "Feasibility within five years"},
        ident="p",
    )
    return figure("plane", made, title="Plane", caption="By people")


def slopes(size=10, **more):
    shifts = [
        pictures.Shift(f"p{place}", (place * 5) % 24, (place * 11) % 24, 24)
        for place in range(size)
    ]
    made = pictures.slopes(
        items(size, **more),
        shifts,
        ident="s",
        before="Before the discussion at tables",
        after="Round 2",
    )
    return figure("slopes", made)


def pairwise(size):
    return {
        f"p{one}": {f"p{two}": (one * 5 + two * 3) % 19 for two in range(size)}
        for one in range(size)
    }


def duels(size=8, **more):
    made = pictures.duels(items(size, **more), pairwise(size), ident="d")
    return figure("duels", made, title="Head to head")


def places(size=8, **more):
    found = [
        {
            "item": f"p{one}",
            "n": 29,
            "counts": {str(1 + (one + two) % size): 3 for two in range(min(size, 5))},
        }
        for one in range(size)
    ]
    means = {f"p{one}": 1 + (one * 3) % size for one in range(size)}
    made = pictures.places(items(size, **more), found, means, ident="o")
    return figure("places", made, title="Mean place")


def figure(part, picture, **more):
    return {"part": part, "picture": picture, **more}


DRAWN = {
    "assess": lambda **more: dots(scale=THREE, **more),
    "rate": dots,
    "choose": bars,
    "choose-many": lambda **more: bars(24, **more),
    "grid": grid,
    "grid-of-ratings": lambda **more: grid(scale=FIVE, **more),
    "grid-of-20-tables": lambda **more: grid(tables=20, scale=FIVE, **more),
    "grid-of-100-tables": lambda **more: grid(tables=100, **more),
    "multiples": multiples,
    "multiples-of-12-tables": lambda **more: multiples(tables=12, **more),
    "multiples-of-2-tables": lambda **more: multiples(tables=2, scale=THREE, **more),
    "plane": plane,
    "plane-of-few": lambda **more: plane(2, **more),
    "places": places,
    "places-of-many": lambda **more: places(60, **more),
    "duels": duels,
    "duels-of-many": lambda **more: duels(60, **more),
    "slopes": slopes,
    "slopes-of-few": lambda **more: slopes(2, **more),
}
all_kinds = pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN.keys())


# ---- what a drawing holds ----


def read(document):
    return ElementTree.fromstring(document)  # noqa: S314


def texts(document):
    return [element.text for element in read(document).iter(f"{SVG}text")]


def box(element):
    """Where a line of text stands, as left, top, right and bottom, in px."""
    x, y, size = (float(element.get(name)) for name in ("x", "y", "font-size"))
    wide = letters.width(element.text, size, int(element.get("font-weight", 400)))
    left = (
        x
        - {"start": 0, "middle": wide / 2, "end": wide}[
            element.get("text-anchor", "start")
        ]
    )
    edges = (left, y - 0.72 * size, left + wide, y + 0.2 * size)
    if "transform" not in element.attrib:
        return edges
    (turned,) = re.findall(r"^rotate\(-90 (\S+) (\S+)\)$", element.get("transform"))
    assert turned == (element.get("x"), element.get("y"))
    return x - 0.72 * size, y - wide / 2, x + 0.2 * size, y + wide / 2


def overlap(one, other):
    slack = 0.5  # coordinates are rounded
    return (
        min(one[2], other[2]) - max(one[0], other[0]) > slack
        and min(one[3], other[3]) - max(one[1], other[1]) > slack
    )


def problems(document):
    """Lines of text outside the drawing, too small, or over one another."""
    root = read(document)
    _x, _y, width, height = map(float, root.get("viewBox").split())
    lines = [
        (e.text, box(e), float(e.get("font-size"))) for e in root.iter(f"{SVG}text")
    ]
    outside = [
        (text, edges)
        for text, edges, _size in lines
        if edges[0] < 0 or edges[1] < 0 or edges[2] > width or edges[3] > height
    ]
    small = [text for text, _edges, size in lines if size < 16]
    crossing = [
        (one[0], other[0])
        for one, other in combinations(lines, 2)
        if overlap(one[1], other[1])
    ]
    return outside + small + crossing


# ---- each picture ----


@all_kinds
def test_svg_keeps_its_text_inside_apart_and_large_enough(draw):
    assert problems(standalone.svg(draw(), **FRAME)) == []


@all_kinds
def test_svg_keeps_its_marks_inside(draw):
    root = read(standalone.svg(draw(), **FRAME))
    width, height = float(root.get("width")), float(root.get("height"))

    outside = []
    for rect in root.iter(f"{SVG}rect"):
        x, y = float(rect.get("x", 0)), float(rect.get("y", 0))
        right, bottom = x + float(rect.get("width")), y + float(rect.get("height"))
        if x < 0 or y < 0 or right > width or bottom > height:
            outside.append(rect.attrib)

    assert (width, outside) == (1200, [])


@all_kinds
def test_svg_is_plain_and_needs_nothing_else(draw):
    document = standalone.svg(draw(), **FRAME)
    root = read(document)

    names = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert names <= {
        *("svg", "title", "desc", "rect", "line", "circle", "path", "text", "g"),
    }
    assert {name for element in root.iter() for name in element.attrib} & {
        *("style", "class", "id", "href", "onload", "filter", "mask", "clip-path")
    } == set()
    assert "url(" not in document
    assert "currentColor" not in document
    assert [root[0].tag, root[1].tag] == [f"{SVG}title", f"{SVG}desc"]
    assert (root.get("role"), root[0].text) == ("img", FRAME["heading"])


@all_kinds
def test_svg_says_what_it_shows_and_whose_it_is(draw):
    made = draw()
    document = standalone.svg(made, **FRAME)
    written = " ".join(texts(document))

    for text in [FRAME["heading"], FRAME["basis"], FRAME["source"]]:
        assert text in written
    assert made.get("title", "") in written
    assert FRAME["basis"] in read(document)[1].text


@all_kinds
@settings(max_examples=4, deadline=None)
@given(text=st.text(min_size=1, max_size=120))
@example(text="<script>alert(1)</script> & \" ' ]]> &amp; {{ x }}")
@example(text="\x00\x0b\ud800\ufffe\x9f\u2028\u202e")
@example(text="Rechtsschutzversicherungsgesellschaften" * 5)
@example(text="移民の法的な経路は、すべての人に開かれるべきである" * 3)
@example(text="يجب أن تكون طرق الهجرة القانونية مفتوحة للجميع " * 3)
@example(text="👩‍👩‍👧‍👦" * 30)
@example(text="e" + "\u0301" * 100)
def test_svg_holds_any_text(draw, text):
    made = draw(wordings=[text]) | {"title": text, "caption": text}

    assert problems(standalone.svg(made, heading=text, basis=text, source=text)) == []


@settings(max_examples=8, deadline=None)
@given(text=st.text(max_size=60))
@example(text="\x00\x0b\ud800\ufffe\x9f\u2028\u202e")
@example(text="移民の法的な経路 يجب أن तक ไทย 👩‍👩‍👧‍👦")
def test_png_is_made_of_any_text(text):
    document = standalone.svg(
        bars(1, wordings=[text]), heading=text, basis="", source=""
    )

    assert standalone.png(document).startswith(b"\x89PNG\r\n\x1a\n")


@all_kinds
def test_names_that_are_long_stay_apart(draw):
    long = "Incomprehensibilities of intergovernmental interdepartmental coordination"
    made = deepcopy(draw(wordings=[long * 4]))
    for name in ("legend", "columns"):
        for entry in made["picture"].get(name, []):
            entry["label"] = long * 3
    made["picture"] |= {
        name: long * 2
        for name in ("left", "right", "unit", "before", "after", "x_label", "y_label")
        if name in made["picture"]
    }

    assert problems(standalone.svg(made, **FRAME)) == []


def test_an_empty_heading_leaves_no_gap():
    document = standalone.svg(bars(2), heading="", basis="", source="")

    assert texts(document)[0] == "People"
    assert read(document)[0].text == "People"


def test_notes_stand_above_the_source():
    made = bars(2)
    document = standalone.svg(made, **FRAME, notes=["Too few to show: item 2."])

    assert texts(document)[-2:] == ["Too few to show: item 2.", FRAME["source"]]
    assert read(document)[1].text.endswith(" Too few to show: item 2.")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "criteria", "parts"),
    [
        ("assess", (), ["grid", "dots", "grid"]),
        (
            *("rate", ("effect", "cost")),
            ["plane", *["grid"] * 2, "plane", *["dots", "grid"] * 2],
        ),
        ("choose", (), ["bars", "grid", "bars"]),
    ],
)
def test_each_figure_of_a_round_can_be_drawn(kind, criteria, parts):
    workshop = builders.make_workshop()
    prompt = builders.make_prompt(
        workshop, kind=kind, criteria=criteria, asks_tables=True
    )
    this_round = builders.open_round(prompt)
    made = figures(this_round, ask_of(this_round), round_results(this_round), ident="f")

    assert [one["part"] for one in made] == parts
    for one in made:
        assert problems(standalone.svg(one, **FRAME)) == []


def test_a_part_that_is_not_known_is_refused():
    with pytest.raises(KeyError):
        standalone.svg(figure("pie", {}), **FRAME)


# ---- what stands in them ----


def test_a_chart_stands_as_it_is_read():
    assert texts(
        standalone.svg(dots(2, THREE), heading="H", basis="B", source="S")
    ) == [
        *("H", "People: Importance", "B"),
        *("Unproblematic", "Difficult to deliver", "Worthy but inconsistent"),
        *("Answered", "← Reservations", "Unproblematic →"),
        *("1", "Legal routes for labour migration are open, known", "and affordable"),
        *("10", "5", "15 people"),
        *("2", "Short", "2", "8", "3", "13 people"),
        "S",
    ]


def test_few_people_are_a_dot_each_with_a_sign_and_no_figure():
    sizes = [{"k1": 2, "k3": 1, "k5": 4}, {"k2": 2}]
    found = [
        {"item": f"p{place}", "counts": counts} for place, counts in enumerate(sizes)
    ]
    chart = pictures.diverging(items(2), found, FIVE, ident="c")
    document = standalone.svg(figure("dots", chart, title="People"), **FRAME)
    root = read(document)

    circles = list(root.iter(f"{SVG}circle"))
    fills = ["#8a4200"] * 2 + ["#e4e7ec"] + ["#164f96"] * 4
    assert [circle.get("fill") for circle in circles] == fills
    places = [float(circle.get("cx")) for circle in circles]
    apart = min(places[n + 1] - places[n] for n in range(len(places) - 1))
    assert apart > 2 * float(circles[0].get("r"))
    # A sign on each and one in the legend; none for two who answered the second.
    assert document.count("M5 5l7 6.5L19 5M5") == 2 + 1
    assert document.count("M5 9l7 6.5L19 9") == 0 + 1
    assert {"2 people", "7 people"} <= set(texts(document))
    assert "Too few answers to show" in root[1].text


def test_rows_are_put_in_words():
    made = dots(2)

    assert read(standalone.svg(made, heading="H", basis="B", source="S"))[1].text == (
        "People: Importance B"
        " 1 Legal routes for labour migration are open, known and affordable:"
        " 5 Disagree, 10 Neither, 4 Agree, 9 Strongly agree,"
        " Median 3 Split, 28 people."
        " 2 Short: 3 Strongly disagree, 8 Disagree, 2 Neither, 7 Agree,"
        " 1 Strongly agree, Median 3 Split, 21 people."
    )


@pytest.mark.parametrize("part", ["assess", "rate", "grid", "grid-of-100-tables"])
def test_counts_stand_on_their_marks(part):
    root = read(standalone.svg(DRAWN[part](), **FRAME))
    bars = [
        (x, float(r.get("y")), x + float(r.get("width")), float(r.get("y")) + 30)
        for r in root.iter(f"{SVG}rect")
        if 28 <= float(r.get("height")) <= 30 and r.get("rx") is None
        for x in [float(r.get("x", 0))]
    ]
    counts = [
        element
        for element in root.iter(f"{SVG}text")
        if element.get("text-anchor") == "middle" and element.text.isdigit()
    ]

    off = [
        element.text
        for element in counts
        if not any(
            bar[0] - 1 <= edges[0] and edges[2] <= bar[2] + 1 and bar[1] <= edges[1]
            for bar in bars
            for edges in [box(element)]
        )
    ]
    assert (bool(counts), off) == (True, [])


@pytest.mark.parametrize("tables", [4, 20])
def test_no_two_signs_of_a_legend_look_alike_without_colour(tables):
    for scale in (THREE, FIVE):
        legend = grid(tables=tables, scale=scale)["picture"]["legend"]
        signs = [symbol_of(mark["cls"], mark["sym"]) for mark in legend]

        assert len(set(signs)) == len(signs) > 4


def test_cells_say_their_word_where_there_is_room():
    few, many = (texts(standalone.svg(grid(tables=t), **FRAME)) for t in (4, 20))

    assert few.count("Inconsistent") == many.count("Inconsistent") == 0
    assert few.count("Difficult") > 3
    assert many.count("Difficult") == 0
    assert [text for text in many if text in ("T1", "T20", "Table 1")] == ["T1", "T20"]


def test_a_split_table_is_hatched():
    plain = standalone.svg(grid(1, tables=1), **FRAME)
    made = grid(1, tables=1)
    made["picture"]["rows"][0]["cells"][0]["split"] = True
    made["picture"]["legend"].append(state_mark("split", "", "Table is split"))
    split = standalone.svg(made, **FRAME)

    assert plain.count("stroke-opacity") == 0
    assert split.count("stroke-opacity") == 2  # the cell, and the legend
    assert "Table is split" in texts(split)


# ---- too much to draw ----


def test_more_tables_than_can_be_told_apart_are_added_up():
    written = texts(standalone.svg(grid(tables=100), **FRAME))

    assert "100 tables are too many to draw one by one; bars add them up." in written
    assert [text for text in written if re.fullmatch(r"T\d+|Table \d+", text)] == []


def test_the_most_chosen_of_too_many_items_are_drawn_in_their_order():
    made = bars(200)
    rows = made["picture"]["rows"]
    highest = sorted(rows, key=lambda row: -row["n"])[:40]
    document = standalone.svg(made, **FRAME)

    numbers = [int(text) for text in texts(document) if text.isdigit()]
    assert numbers == sorted(int(row["number"]) for row in highest)
    assert "Drawn are the 40 highest of 200 items." in texts(document)


@pytest.mark.parametrize("draw", [dots, grid, plane, slopes, places])
def test_of_too_many_items_the_first_are_drawn(draw):
    document = standalone.svg(draw(200), **FRAME)

    assert "Drawn are the first 40 of 200 items." in texts(document)
    assert len(read(document)[1].text) < 40_000


def test_as_many_duels_are_drawn_as_there_is_room_for():
    written = texts(standalone.svg(duels(60), **FRAME))

    (note,) = [text for text in written if text.startswith("Drawn are the first")]
    drawn = int(note.split()[4])
    assert 8 < drawn < 60
    assert written.count("Short") == len(range(1, drawn, 3))


def test_who_wins_is_said_by_a_sign():
    made = pictures.duels(items(2), {"p0": {"p1": 9}, "p1": {"p0": 4}}, ident="d")
    document = standalone.svg(figure("duels", made), **FRAME)

    assert [text for text in texts(document) if ":" in text] == ["9:4", "4:9"]
    assert document.count("<g ") == 1
    assert "affordable: 2 wins 9 to 4. 2 Short: 1 loses 4 to 9." in document


# ---- PNG ----


def size_of(png):
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", png[16:24])


@pytest.mark.parametrize("kind", ["rate", "choose-many", "grid-of-20-tables", "plane"])
def test_png_has_two_pixels_for_each_px(kind):
    document = standalone.svg(DRAWN[kind](), **FRAME)

    wide, tall = size_of(standalone.png(document))

    height = int(read(document).get("height"))
    if 4 * 1200 * height <= raster.MOST_PIXELS:
        assert (wide, tall) == (2400, 2 * height)
    else:
        assert wide * tall <= raster.MOST_PIXELS * 1.01


def test_png_of_the_longest_picture_is_bounded():
    wide, tall = size_of(standalone.png(standalone.svg(plane(200), **FRAME)))

    assert wide * tall <= raster.MOST_PIXELS * 1.01


def test_png_is_set_in_the_typeface():
    # With no typeface found, drawing leaves text out and says nothing.
    document = standalone.svg(bars(2), **FRAME)
    bare = re.sub(r"<text.*?</text>", "", document)

    assert letters.is_known(document)
    assert len(standalone.png(document)) > 1.5 * len(standalone.png(bare))


def test_png_is_made_of_our_pictures_only():
    with pytest.raises(ValueError, match="not a picture"):
        standalone.png("<svg/>")


# ---- what they share with pages ----


def test_signs_are_those_of_pages():
    icons = (ROOT / "templates" / "icons.html").read_text()
    found = re.findall(
        r'<symbol id="([\w-]+)" viewBox="0 0 24 24">(.*?)</symbol>', icons
    )

    assert SYMBOLS.items() <= dict(found).items()


def test_signs_of_all_answers_can_be_drawn():
    many = pictures.marks([{"key": str(n), "label": ""} for n in range(6)])

    assert {mark["sym"] for mark in [*THREE, *FIVE, *many]} <= SYMBOLS.keys()
