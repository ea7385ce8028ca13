import io

import pytest
from PIL import Image, ImageChops

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

    ours, rebuilt = (
        Image.open(io.BytesIO(png(one))).convert("RGB")
        for one in (svg, drawing(svg).document)
    )
    differing = ImageChops.difference(ours, rebuilt).getextrema()
    assert max(most for _least, most in differing) <= 16  # of 255: edges of letters


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


@pytest.mark.parametrize(
    ("anchor", "start"), [("middle", "10.0000"), ("end", "-10.0000")]
)
def test_line_of_known_width_is_placed_by_its_start(anchor, start):
    line = f'<text x="30" textLength="40" text-anchor="{anchor}">a</text>'

    inside = drawing(f"{START}{line}</svg>").inside
    assert inside == f'<text x="{start}" textLength="40">a</text>'


def test_line_of_unknown_width_is_left_as_it_is():
    line = '<text x="30" text-anchor="middle">a</text>'

    assert drawing(f"{START}{line}</svg>").inside == line


def test_high_picture_fits_on_a_page():
    found = drawing(START.replace("10 20", "10 100") + "</svg>")

    assert (found.paper_width, found.paper_height) == (20.5, 205)
