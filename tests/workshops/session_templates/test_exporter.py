import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workshops.session_templates.exporter import to_yaml
from workshops.session_templates.loader import library_files, parse
from workshops.session_templates.reader import FORBIDDEN, is_twisted
from workshops.session_templates.schema import (
    Criterion,
    Item,
    Prompt,
    Scale,
    ScalePoint,
    Session,
    Speaker,
    TemplateFile,
    Words,
)

# Words that YAML reads as something else, or that end a value, beside any others.
AWKWARD = "no Yes 12:30 010 1_000 ~ null 2006-11-07 1e3 - ? : # & * ! | > ' \" % @ `"
AWKWARD += " [ ] { } , <<  a: b a #b --- ... -1 \\ {{x}} =1+1 a,b"
CHARS = st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"]).filter(
    lambda char: not FORBIDDEN.search(char)
)
LINES = st.one_of(
    st.sampled_from(AWKWARD.split()),
    st.text(CHARS, min_size=1, max_size=28).map("x{}".format),
    st.text("ab -:#'\"\\,[]{}&*!|>%@`?", max_size=20).map("{}x".format),
)
TEXTS = st.one_of(LINES, st.lists(LINES, min_size=2, max_size=4).map("\n".join))
BRIEFS = TEXTS.filter(lambda text: "<" not in text)
KEYS = st.from_regex(r"[a-z0-9-]{1,12}", fullmatch=True)


def some(strategy):
    return st.none() | strategy


def keyed(part, size, **fields):
    """Build lists of parts whose keys differ."""
    parts = st.builds(part, key=KEYS, **fields)
    low, high = size
    return st.lists(
        parts, min_size=low, max_size=high, unique_by=lambda built: built.key
    ).map(tuple)


ITEMS = keyed(Item, (2, 4), text=TEXTS, short=some(LINES), gloss=some(TEXTS))
PROMPT = {
    "question": TEXTS,
    "guidance": some(TEXTS),
    "voices": st.sampled_from([("people",), ("tables",), ("tables", "people")]),
    "abstain": st.booleans(),
    "reveal": st.sampled_from(["by-hand", "live", "on-close", "after-own-answer"]),
    "minutes": some(st.integers(1, 1440)),
    "reasons": st.sampled_from(["none", "optional", "required"]),
    "again": st.sampled_from(["blank", "mine"]),
    "invite": st.sampled_from([(), ("points",), ("rewordings", "new-items")]),
}
CRITERIA = keyed(Criterion, (1, 3), label=LINES)
NOMINAL = keyed(ScalePoint, (2, 4), label=LINES, gloss=some(TEXTS))


@st.composite
def sessions(draw):
    """Draw a session with one prompt of each kind that can be run."""
    keys = draw(st.lists(KEYS, min_size=7, max_size=7, unique=True))
    of_kind = {
        "assess": {"scale": st.just("names"), "items": ITEMS},
        "rate": {
            "scale": st.just("grades"),
            "items": ITEMS,
            "criteria": CRITERIA,
            "words": st.builds(Words, agreed=st.integers(51, 100)),
        },
        "choose": {"items_from": st.just(keys[0])},
        "approve": {"items_from": st.just(keys[1]), "most": some(st.just(2))},
        "rank": {
            "items": ITEMS,
            "most": some(st.just(2)),
            "ties": st.booleans(),
            "rule": some(st.sampled_from(["plurality", "borda", "schulze", "irv"])),
        },
        "allocate": {"items": ITEMS, "points": st.integers(1, 10_000)},
        "discuss": {"parts": st.just(()) | ITEMS, "after": some(st.just(keys[0]))},
    }
    prompts = tuple(
        draw(st.builds(Prompt, key=st.just(key), kind=st.just(kind), **PROMPT, **own))
        for key, (kind, own) in zip(keys, of_kind.items(), strict=True)
    )
    speakers = st.lists(
        st.builds(Speaker, name=LINES, organisation=some(LINES)), max_size=2
    )
    return Session(
        key="s",
        title=draw(LINES),
        brief=draw(some(BRIEFS)),
        minutes=draw(some(st.integers(1, 1440))),
        speakers=tuple(draw(speakers)),
        prompts=prompts,
    )


@st.composite
def templates(draw):
    grades = tuple(
        ScalePoint(key=f"g{value}", value=value, label=draw(LINES))
        for value in sorted(draw(st.sets(st.integers(-9, 99), min_size=2, max_size=5)))
    )
    return TemplateFile(
        format=1,
        key=draw(KEYS),
        version=draw(st.integers(1, 999_999)),
        title=draw(LINES),
        tables=draw(st.integers(1, 200)),
        attribution=draw(st.sampled_from(["named", "chatham-house"])),
        language=draw(st.sampled_from(["en", "no", "pt-BR"])),
        scales={
            "names": Scale(kind="nominal", points=draw(NOMINAL)),
            "grades": Scale(kind="ordinal", points=grades),
        },
        sessions=(draw(sessions()),),
    )


@settings(max_examples=40, deadline=None)
@given(templates())
def test_what_is_written_is_read_back_the_same(template):
    assert parse(to_yaml(template)) == template


@pytest.mark.parametrize("file", library_files(), ids=lambda file: file.stem)
def test_library_is_read_back_the_same(file):
    template = parse(file.read_bytes())

    assert parse(to_yaml(template)) == template
    assert to_yaml(parse(to_yaml(template))) == to_yaml(template)


def test_to_yaml_reads_like_the_format():
    template = TemplateFile(
        format=1,
        key="small",
        version=2,
        title="Small: a trial",
        scales={
            "two": Scale(
                kind="nominal",
                points=(
                    ScalePoint(key="no", label="No", short="-"),
                    ScalePoint(key="fine", label="Fine"),
                ),
            )
        },
        sessions=(
            Session(
                key="only",
                title="Only",
                speakers=(Speaker(name="A speaker", organisation="Here, there"),),
                brief="Two\n\n  - lines",
                prompts=(
                    Prompt(
                        key="judged",
                        kind="assess",
                        question="Is it?",
                        voices=("people", "tables"),
                        abstain=False,
                        scale="two",
                        invite=(),
                        items=(Item(key="1", text="12:30"),),
                    ),
                    Prompt(
                        key="graded",
                        kind="rate",
                        question="How?",
                        scale="two",
                        words=Words(agreed=80, opposed=10),
                        items_from="judged",
                    ),
                    Prompt(
                        key="ranked",
                        kind="rank",
                        question="Which?",
                        rule="schulze",
                        items_from="judged",
                    ),
                ),
            ),
        ),
    )

    assert (
        to_yaml(template).decode()
        == """\
format: 1
key: small
version: 2
title: "Small: a trial"
language: en
attribution: named
tables: 1
scales:
  two:
    kind: nominal
    points:
      - {key: "no", label: "No", short: "-"}
      - {key: fine, label: Fine}
sessions:
  - key: only
    title: Only
    speakers:
      - {name: A speaker, organisation: "Here, there"}
    brief: |
      Two

        - lines
    prompts:
      - key: judged
        kind: assess
        question: Is it?
        voices: [people, tables]
        scale: two
        abstain: false
        invite: []
        items:
          - key: "1"
            text: "12:30"
      - key: graded
        kind: rate
        question: How?
        scale: two
        words: {agreed: 80, opposed: 10, split: 30, lukewarm: 50}
        items_from: judged
      - key: ranked
        kind: rank
        question: Which?
        rule: schulze
        items_from: judged
"""
    )


def test_awkward_words_of_this_test_are_awkward():
    assert [word for word in ("no", "12:30", "010", "1_000") if is_twisted(word)] == [
        "no",
        "12:30",
        "010",
        "1_000",
    ]
