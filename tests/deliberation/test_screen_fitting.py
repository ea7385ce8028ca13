import pytest

from deliberation.live import fitting


def test_a_short_brief_stands_whole_and_large():
    assert fitting.brief("One *short* line.") == {
        "html": "<p>One <em>short</em> line.</p>\n",
        "size": "size-4",
        "is_cut": False,
    }


def test_no_brief_is_nothing():
    assert fitting.brief("") == {"html": "", "size": "size-4", "is_cut": False}


def test_a_long_brief_is_cut_after_a_whole_paragraph():
    paragraph = "Twelve words of a paragraph that goes on about the same thing. " * 5

    shown = fitting.brief(f"Short.\n\n{paragraph}\n\n{paragraph}\n\n{paragraph}")

    assert shown["html"] == f"<p>Short.</p>\n<p>{paragraph.strip()}</p>\n"
    assert (shown["size"], shown["is_cut"]) == ("size-2", True)


def test_a_long_list_is_cut_after_a_whole_item():
    items = [f"- Item {number}: {'word ' * 20}" for number in range(1, 12)]

    html = fitting.brief("Think of:\n\n" + "\n".join(items))["html"]

    assert html.startswith("<p>Think of:</p>\n<ul>\n<li>Item 1:")
    assert html.endswith("</li>\n</ul>\n")
    assert 1 < html.count("<li>") == html.count("</li>") < 11


def test_a_line_that_announces_a_list_goes_with_the_list():
    paragraph = "Twelve words of a paragraph that goes on about the same thing. " * 5
    item = "- " + "word " * 300

    html = fitting.brief(f"{paragraph}\n\nThree subjects return:\n\n{item}")["html"]

    assert html == f"<p>{paragraph.strip()}</p>\n"


def test_a_single_endless_paragraph_is_cut_at_a_word():
    html = fitting.brief("word " * 2000)["html"]

    assert html.endswith("word …</p>\n")
    assert len(html) < 900


def test_a_heading_is_not_left_alone_at_the_end():
    brief = "Short.\n\n# Then\n\n" + "A paragraph too long for the wall. " * 40

    assert fitting.brief(brief)["html"] == "<p>Short.</p>\n"


@pytest.mark.parametrize(
    "brief",
    [
        "<script>alert(1)</script>",
        "a <img src=x onerror=alert(1)>",
        "[x](javascript:a)",
    ],
)
def test_a_brief_brings_no_html_of_its_own(brief):
    html = fitting.brief(brief)["html"]

    assert "<script" not in html
    assert "<img" not in html
    assert "href" not in html


def test_what_is_too_long_to_be_marked_says_what_it_proposes():
    line = [("removed", "one "), ("added", "two "), ("same", "three")]
    point = {"text": "two three", "line": line}

    assert fitting.marked(point, 13) == {"text": "one two three", "line": line}
    assert fitting.marked(point, 12) == {"text": "two three", "line": None}
    assert fitting.marked({"text": "two"}, 1) == {"text": "two"}


def test_points_are_taken_as_long_as_they_fit():
    points = [{"text": "x" * 60}, {"text": "y" * 120}, {"text": "z"}]

    assert fitting.fit(points, lines=6, per_line=60) == points[:2]
    assert fitting.fit(points, lines=0, per_line=60) == points[:1]
    assert fitting.fit(points, lines=0, per_line=60, least=0) == []


def test_wordings_shrink_with_their_length_and_are_cut_at_a_word():
    sizes = [
        fitting.wording("a" * length, with_answers=True)["size"]
        for length in (60, 100, 160, 300)
    ]
    cut = fitting.wording("word " * 100, with_answers=True)

    assert sizes == ["size-6", "size-5", "size-4", "size-3"]
    assert cut["is_cut"] is True
    assert cut["text"].endswith("word …")
    assert len(cut["text"]) <= 320
