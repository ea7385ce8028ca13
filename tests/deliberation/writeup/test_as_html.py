import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from deliberation.writeup import as_html
from deliberation.writeup.structure import Contribution, Contributions, Section, Text
from tests.deliberation.writeup import sample


class Outline(HTMLParser):
    """Reads the headings, the ids and the links within a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.levels: list[int] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if re.fullmatch(r"h[1-6]", tag):
            self.levels.append(int(tag[1]))
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "a" and given.get("href", "").startswith("#"):
            self.links.append(given["href"][1:])


def test_headings_leave_no_level_out_and_links_lead_somewhere():
    outline = Outline(as_html.html(sample.report()))

    assert outline.levels[0] == 1
    steps = pairwise(outline.levels)
    assert all(later <= earlier + 1 for earlier, later in steps)
    assert len(outline.ids) == len(set(outline.ids))
    assert set(outline.links) <= {*outline.ids, "main"}
    assert {"record-1", "record-2", "record-3"} <= set(outline.links)


def test_figure_leads_to_its_records():
    html = as_html.html(sample.report())

    assert '<a href="#record-1">unproblematic for all four tables</a>.' in html
    assert '<div class="record" id="record-1">' in html


def test_empty_places_are_not_shown():
    report = sample.report(
        sections=(
            Section("empty", "Nothing here", (Text("a"), Contributions("", ()))),
            Section("full", "Something here", (Text("b", (), "Words."),)),
        )
    )

    html = as_html.html(report)

    assert "Nothing here" not in html
    assert "Something here" in html


def test_nobody_writes_markup_into_the_page():
    attack = '<script>alert(1)</script><img src=x onerror="alert(1)">'
    written = f"{attack} [a](javascript:alert(1)) [b](//evil.example) ![c](http://d.e)"
    lines = (Contribution(attack, attack, attack, (attack,)),)
    blocks = (Text("a", (), written), Contributions(attack, lines))
    report = sample.report(
        title=attack, place=attack, sections=(Section("s", attack, blocks),)
    )

    html = as_html.html(report)

    assert "<script" not in html
    assert "<img" not in html
    assert "href=&quot;" not in html
    assert not re.search(r'href="(javascript|//)', html)


def test_links_to_elsewhere_tell_nothing_of_the_reader():
    (link,) = re.findall(
        r'<a [^>]*href="https://www.un.org/"[^>]*>', as_html.html(sample.report())
    )

    assert 'rel="nofollow noopener noreferrer"' in link


def test_places_that_are_no_anchors_get_another():
    words = (Text("a", (), "Words."),)
    sections = tuple(Section(place, "T", words) for place in ("a b", "same", "same"))
    html = as_html.html(sample.report(sections=sections, records=()))

    assert [i for i in Outline(html).ids if i not in ("contents", "main")] == [
        "part-1",
        "same",
        "part-3",
    ]


@pytest.mark.parametrize(
    ("language", "direction"), [("en-GB", "ltr"), ("ar", "rtl"), ("so it is", "ltr")]
)
def test_page_says_its_language(language, direction):
    html = as_html.html(sample.report(language=language))

    lang = "en-gb" if " " in language else language
    assert f'<html lang="{lang}" dir="{direction}">' in html


def test_many_records_have_pages_of_their_own():
    report = sample.big(prompts=1, items=5, tables=1000)

    here = as_html.context(report, records_at="/there/")
    whole = as_html.context(report)

    assert (len(here["records"]), len(whole["records"])) == (0, 5)
    text = here["parts"][1]["blocks"][0]["html"]
    assert '<a href="/there/1/">501 of 1,000 people</a>' in text


def test_wide_table_comes_in_parts_on_paper():
    table = sample.picture(2, 2).table
    wide = replace(
        table, head=tuple("abcdefghijkl"), rows=(tuple("abcdefghijkl"),), notes=("n",)
    )

    parts = as_html.tables(wide, paper=True)

    assert [part["caption"] for part in parts] == [
        "People, table by table (part 1 of 2)",
        "People, table by table (part 2 of 2)",
    ]
    assert [part["notes"] for part in parts] == [(), ("n",)]
    assert len(as_html.tables(wide)) == 1
