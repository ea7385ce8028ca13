from django.template import Context, Template
from django.template.loader import render_to_string

from deliberation.templatetags.cells import cells

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
