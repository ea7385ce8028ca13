import re

from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from deliberation.writeup import as_markdown
from deliberation.writeup.plan import legible_text, one_line
from deliberation.writeup.structure import Contribution, Contributions, Section, Text
from tests.deliberation.writeup import sample

READER = MarkdownIt("commonmark").enable("table").enable("strikethrough")


def read(document: str) -> str:
    return READER.render(document)


def plain(tokens) -> str:
    return "".join(
        token.content if token.children is None else plain(token.children)
        for token in tokens
        if token.type in ("inline", "text")
    )


marks = st.text(
    st.sampled_from(list("\\`*_[]<>|~&!#-+=.:/()12 ab\n\t@w;")), max_size=14
)


@given(marks | st.text(max_size=30))
@example("1. a")
@example("- a")
@example("+")
@example("===")
@example("&amp; &#35;")
@example("a\n===\n\n# b")
@example("[a]: http://b.c")
@example("    code")
@example("https://www.example.org a@b.example")
def test_escaped_text_reads_as_it_is(text):
    wanted = one_line(legible_text(text))

    tokens = READER.parse(as_markdown.escaped(legible_text(text)))

    kinds = [token.type for token in tokens]
    assert kinds == (["paragraph_open", "inline", "paragraph_close"] if wanted else [])
    assert {piece.type for t in tokens for piece in t.children or ()} <= {"text"}
    assert plain(tokens) == wanted


def test_document_has_headings_lists_and_tables():
    html = read(as_markdown.markdown(sample.report()))

    assert html.count("<h1>") == 1
    assert re.findall(r"<h2>(.*?)</h2>", html) == [
        "Contents",
        "Introduction",
        "Towards a progressive framework for migration",
        "Managing migration: four scenarios",
        "Who was there",
        "How this was made",
        "The records behind the figures",
    ]
    assert html.count("<table>") == 8
    assert "<li>Four tables, and five sessions;</li>" in html
    assert '<a href="https://www.un.org/">High-Level Dialogue</a>' in html


def test_nobody_writes_markup_into_the_document():
    attack = "<b>x</b> [a](http://b.c) ![d](http://e.f)\n# g\n| h | i |"
    lines = (Contribution(attack, "point", attack, (attack,)),)
    written = Text("a", (), "<script>alert(1)</script>\n\n<div>")
    blocks = (written, Contributions(attack, lines))
    report = sample.report(
        title=attack, sections=(Section("s", attack, blocks),), records=()
    )

    html = read(as_markdown.markdown(report))

    assert not re.search(r"<(script|div|b|a|img)\b", html)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_written_markdown_stays_what_it_says():
    text = (
        "A **b** *c* ~~d~~ `e`\\\nf\n\n3. g\n4. h\n   - i\n\n> j\n\n"
        "```\n``k``\n```\n\n---\n\n| l | m |\n|---|---|\n| n | o |"
    )
    again = "\n\n".join(as_markdown.written(text, below=2))

    def essence(source):
        return re.sub(r"\s+|</?p>", "", read(source))

    assert essence(again) == essence(text)
