import pytest
from django.template import Context, Template
from django.template.loader import render_to_string

from deliberation import pictures
from deliberation.templatetags.cells import (
    cells,
    column_heads,
    in_line,
    stacked,
    table_card,
)

PLAIN = {"cls": "c1", "split": False, "sym": "i-circle", "word": "Agreed", "detail": ""}


def test_cells_are_those_of_the_template_with_their_own_ids():
    row = [
        PLAIN | {"id": "g-p1-t1"},
        PLAIN | {"id": "g-p1-t2"},
        PLAIN | {"id": "x", "split": True, "detail": "3 of 8"},
        PLAIN | {"id": '"><i>', "word": '<b> id="cell" &', "sym": ""},
    ]

    made = cells(row)

    each = [render_to_string("parts/cell.html", {"cell": cell}) for cell in row]
    assert made == "".join(f"<td>{one.strip()}</td>" for one in each)


def test_a_row_of_cells_is_not_escaped_again():
    page = Template("{% load cells %}{% cells row %}")

    assert page.render(Context({"row": [PLAIN | {"id": "a"}]})).startswith("<td><span ")


def test_a_card_is_that_of_the_template_whatever_was_made_before():
    card = {
        "ident": 7,
        "name": "Table 1",
        "is_open": True,
        "people": 3,
        "people_text": "3 people",
        "asks_people": True,
        "in_people": 1,
        "complete": None,
        "asks_table": False,
        "own_items": 0,
        "items": 1,
        "share": 1,
        "whole": 3,
        "scribe": "<no scribe>",
        "needs_scribe": True,
        "done": False,
        "late": False,
        "news": "Last answer 10:15",
    }
    changes = [{}, {"in_people": 2, "share": 2}, {"late": True}, {"ident": 8}, {}]
    cards = [card | change for change in changes]

    made = [table_card(one) for one in cards]

    template = "console/card.html"
    assert made == [render_to_string(template, {"card": one}) for one in cards]
    assert len(set(made)) == 4


def test_a_line_of_the_wall_is_that_of_the_template_whatever_was_made_before():
    seat = {"table": 1, "present": 4, "answered": 2, "is_in": False}
    asked = [
        (seat, True, False, False),
        (seat | {"answered": 3}, True, False, False),
        (seat, False, True, False),
        (seat | {"is_in": True}, False, True, False),
        (seat, True, False, True),
        (seat, True, False, False),
    ]

    made = [in_line(*one) for one in asked]

    names = ("seat", "asks_people", "asks_tables", "is_dense")
    assert made == [
        render_to_string("screen/in_line.html", dict(zip(names, one, strict=True)))
        for one in asked
    ]
    assert len(set(made)) == 5


LABELS = ["<A>", 'B "quoted"', "C & D", "Don\u2019t & won't", "E"]


@pytest.mark.parametrize("ordinal", [True, False])
@pytest.mark.parametrize("total", [None, 40])
@pytest.mark.parametrize(
    "counts", [{}, {"p1": 1}, {"p1": 1, "p3": 7, "p5": 1}, {"p2": 30, "p4": 1200}]
)
@pytest.mark.parametrize("more", [{}, {"axis": "50.00%", "median": "12.50%"}])
def test_a_bar_is_that_of_the_template(ordinal, total, counts, more):
    points = [
        {"key": f"p{value}", "label": label} | ({"value": value} if ordinal else {})
        for value, label in enumerate(LABELS, start=1)
    ]
    marks = pictures.marks(points)
    bar = pictures.stacked_bar(counts, marks, ident='a"b', total=total) | more

    assert stacked(bar) == render_to_string("parts/bar.html", {"bar": bar})


@pytest.mark.parametrize("counts", [{}, {"p1": 1}, {"p1": 2, "p3": 9, "p5": 1}])
@pytest.mark.parametrize("ordinal", [True, False])
def test_dots_are_those_of_the_template(ordinal, counts):
    points = [
        {"key": f"p{value}", "label": label} | ({"value": value} if ordinal else {})
        for value, label in enumerate(LABELS, start=1)
    ]
    chart = pictures.diverging(
        [{"key": "a", "text": "A"}],
        [{"item": "a", "counts": counts, "measures": {"median": 3}}],
        pictures.marks(points),
        ident='a"b',
    )
    bar = chart["rows"][0]["bar"]

    drawn = stacked(bar)

    assert drawn == render_to_string("parts/bar.html", {"bar": bar})
    assert drawn.count("<circle") == (12 if len(counts) == 3 else 0)


def test_heads_of_columns_are_said_in_full_and_in_short():
    heads = column_heads(
        [{"label": "Table 1", "short": "T1"}, {"label": "<", "short": "&"}]
    )

    assert heads == (
        '<th scope="col"><span class="in-full">Table 1</span>'
        '<span class="in-short" aria-hidden="true">T1</span></th>'
        '<th scope="col"><span class="in-full">&lt;</span>'
        '<span class="in-short" aria-hidden="true">&amp;</span></th>'
    )
