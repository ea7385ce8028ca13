from dataclasses import replace

from django.template.loader import render_to_string

from deliberation.writeup import shown
from deliberation.writeup.structure import Report, Section
from tests.deliberation.writeup import sample

HOSTILE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 20">'
    "<script>alert(1)</script>"
    '<image href="http://127.0.0.1:9/"/>'
    '<rect width="3" onload="alert(1)"/></svg>'
)


def page_of(svg: str) -> str:
    """Return a picture of that drawing as a draft shows it."""
    picture = replace(sample.picture(), svg=svg)
    section = Section("day", "Day", (picture,))
    report = Report("Day", "en-GB", "none", sections=(section,))
    one = shown.sections(report)[0]["blocks"][0]
    return render_to_string("writeup/picture.html", {"one": one})


def test_picture_has_nothing_but_what_draws():
    page = page_of(HOSTILE)

    assert '<rect width="3"></rect></svg>' in page
    found = [word for word in ("script", "127.0.0.1", "onload") if word in page]
    assert found == []


def test_picture_that_is_none_leaves_its_figures():
    page = page_of("no picture")

    assert "<svg" not in page
    assert "<details open>" in page


def test_picture_says_what_is_to_be_seen():
    picture = sample.picture()

    page = page_of(picture.svg)
    assert f'role="img" aria-label="{picture.description}"' in page
