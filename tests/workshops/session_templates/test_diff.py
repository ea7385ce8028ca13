from workshops.session_templates.diff import Change, changes
from workshops.session_templates.loader import library_files, parse
from workshops.session_templates.schema import (
    Item,
    Prompt,
    Scale,
    ScalePoint,
    Session,
    Speaker,
    TemplateFile,
    Words,
)


def template(*sessions, **fields):
    told = {"format": 1, "key": "trial", "version": 1, "title": "A trial"} | fields
    return TemplateFile(sessions=sessions, **told)


def session(key="day", *prompts, **fields):
    return Session(**{"key": key, "title": f"The {key}", "prompts": prompts} | fields)


def choice(key="pick", **fields):
    told = {"key": key, "kind": "choose", "question": "Which?", "items": items("ab")}
    return Prompt(**told | fields)


def items(keys, **texts):
    return tuple(Item(key=key, text=texts.get(key, f"Item {key}")) for key in keys)


def found(old, new):
    return [str(change) for change in changes(old, new)]


def test_changes_of_equal_templates_are_none():
    for file in library_files():
        assert changes(parse(file.read_bytes()), parse(file.read_bytes())) == []


def test_version_alone_is_no_change():
    assert changes(template(session()), template(session(), version=2)) == []


def test_change_carries_place_and_values():
    old = template(session("day", choice(minutes=20)))
    new = template(session("day", choice(minutes=25)))

    assert changes(old, new) == [
        Change(path="day/pick", what="minutes changed", before="20", after="25")
    ]


def test_reworded_text_is_shown_word_by_word():
    before, after = "Two ways\nto pay for care.", "Two ways to pay."
    change = Change("", "brief reworded", before, after)

    assert change.pieces == [
        ("same", "Two ways to "),
        ("removed", "pay for care."),
        ("added", "pay."),
    ]


def test_text_that_is_new_or_quite_another_is_shown_whole():
    assert [
        Change("", "minutes changed", "20", "25").pieces,
        Change("day", "session added", after="Closing words").pieces,
        Change("day", "title reworded", "Where next?", "Who pays for it").pieces,
    ] == [
        [("removed", "20"), ("added", "25")],
        [("added", "Closing words")],
        [("removed", "Where next?"), ("added", "Who pays for it")],
    ]


def test_long_texts_of_few_words_are_not_compared_for_seconds():
    before, after = "so " * 5000, "so " * 4999 + "far"

    assert Change("", "brief reworded", before, after).pieces == [
        ("removed", before),
        ("added", after),
    ]


def test_changes_of_settings():
    old = template(session(), tables=4)
    new = template(
        session(speakers=(Speaker(name="A speaker", organisation="AFFORD"),)),
        tables=6,
        attribution="anonymous",
    )

    assert found(old, new) == [
        "attribution changed (named → anonymous)",
        "tables changed (4 → 6)",
        "day: speakers changed (A speaker, AFFORD)",
    ]


def test_changes_of_the_rules_that_are_announced():
    ranked, rated = choice("order", kind="rank"), choice("grade", kind="rate")
    old = template(session("day", ranked, rated))
    new = template(
        session(
            "day",
            ranked.model_copy(update={"rule": "irv"}),
            rated.model_copy(update={"words": Words(agreed=80)}),
        )
    )

    assert found(old, new) == [
        "day/order: rule changed (irv)",
        "day/grade: words changed (agreed 75, opposed 15, split 30, lukewarm 50 →"
        " agreed 80, opposed 15, split 30, lukewarm 50)",
    ]


def test_changes_of_sessions_and_prompts():
    old = template(session("one"), session("two", choice()), session("three"))
    new = template(
        session("three"),
        session("two", choice("other", question="And which?"), title="Second"),
        session("four"),
    )

    assert found(old, new) == [
        "one: session removed (The one)",
        "two: title reworded (The two → Second)",
        "two/pick: prompt removed (Which?)",
        "two/other: prompt added (And which?)",
        "four: session added (The four)",
        "order of sessions changed (two, three → three, two)",
    ]


def test_changes_of_items():
    old = template(session("day", choice(items=items("abc"), abstain=True)))
    new = template(
        session(
            "day",
            choice(
                items=items("cbd", b="Another b"),
                abstain=False,
                voices=("people", "tables"),
            ),
        )
    )

    assert found(old, new) == [
        "day/pick: voices changed (people → people; tables)",
        "day/pick: abstain changed (yes → no)",
        "day/pick/a: item removed (Item a)",
        "day/pick/b: text reworded (Item b → Another b)",
        "day/pick/d: item added (Item d)",
        "day/pick: order of items changed (b, c → c, b)",
    ]


def test_items_taken_over_instead_of_own_are_a_change():
    old = template(session("day", choice("first"), choice()))
    new = template(
        session("day", choice("first"), choice(items=(), items_from="first"))
    )

    assert found(old, new) == [
        "day/pick: items from changed (first)",
        "day/pick/a: item removed (Item a)",
        "day/pick/b: item removed (Item b)",
    ]


def test_changes_of_scales():
    def scale(*labels):
        return Scale(
            kind="nominal",
            points=tuple(
                ScalePoint(key=label.lower(), label=label) for label in labels
            ),
        )

    old = template(session(), scales={"a": scale("Yes", "No"), "b": scale("X", "Z")})
    new = template(
        session(), scales={"b": scale("X", "Q", "Z"), "c": scale("Low", "High")}
    )

    assert found(old, new) == [
        "scale a: scale removed (Yes; No)",
        "scale b/q: point added (Q)",
        "scale c: scale added (Low; High)",
    ]
