import pytest

from deliberation.pictures.standalone import png
from deliberation.writeup.drawing import drawing
from tests.deliberation.writeup import sample

START = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 20">'


def test_what_draws_is_kept():
    inside = '<g fill="#fff"><text x="1">a &amp; <tspan>b</tspan> c</text></g>'

    found = drawing(f"{START}{inside}</svg>")

    assert (found.inside, found.width, found.height) == (inside, 10, 20)


def test_picture_of_ours_is_drawn_as_before():
    svg = sample.picture().svg

    assert png(drawing(svg).document) == png(svg)


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        '<image href="file:///etc/passwd"/>',
        '<use href="http://127.0.0.1:9/#a"/>',
        "<foreignObject><p>a</p></foreignObject>",
        "<style>@import url(http://127.0.0.1:9/)</style>",
        "<title>a</title>",
        '<a href="javascript:alert(1)"></a>',
    ],
)
def test_what_does_not_draw_is_left_out(inside):
    assert drawing(f"{START}{inside}</svg>").inside == ""


@pytest.mark.parametrize(
    "attribute",
    [
        'onload="alert(1)"',
        'style="fill:red"',
        'href="http://127.0.0.1:9/"',
        'fill="url(http://127.0.0.1:9/)"',
        'fill="&quot;&gt;&lt;script&gt;"',
        'id="main"',
    ],
)
def test_attributes_that_do_not_draw_are_left_out(attribute):
    assert drawing(f"{START}<rect {attribute}/></svg>").inside == "<rect></rect>"


@pytest.mark.parametrize(
    "svg",
    [
        "",
        "<svg/>",
        "no picture",
        START,
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 0 1"/>',
        '<!DOCTYPE svg [<!ENTITY a "b">]>' + START + "<text>&a;</text></svg>",
    ],
)
def test_what_is_no_picture_is_none(svg):
    assert drawing(svg) is None


def test_high_picture_fits_on_a_page():
    found = drawing(START.replace("10 20", "10 100") + "</svg>")

    assert (found.paper_width, found.paper_height) == (20.5, 205)
