import json

import pytest

from deliberation.writeup.structure import (
    Contribution,
    Contributions,
    Facts,
    Picture,
    Records,
    Report,
    Run,
    Section,
    Sentence,
    Spoken,
    Table,
    Text,
    as_json,
    from_json,
    sha256,
    without_keys,
)

TABLE = Table("Table 1 to 4", ("Table", "Answer"), (("1", "Unproblematic"),), ("*",))
SENTENCE = Sentence(
    (Run("Unproblematic for "), Run("all four tables", "p2-tables"), Run(".")),
    about=("answers:framework/principles#1/tables/p2",),
)
INNER = Section(
    "framework/principles",
    "How do you judge each principle?",
    (
        Text("framework/principles", (SENTENCE, SENTENCE)),
        Text("framework/intro", written="*So* it was."),
        TABLE,
        Picture("<svg/>", "Judgements", "Bars", TABLE),
        Contributions("Rights", (Contribution("Link", "point", "Table 3", ("3",), 2),)),
    ),
)
REPORT = Report(
    title="Migration",
    language="en-GB",
    attribution="named",
    version=2,
    sections=(
        Section("facts", "The day", (Facts((("Place", "London"),)),)),
        Section("framework", "Framework", (Spoken("conclusion", "Agree."),), (INNER,)),
    ),
    records=(Records("p2-tables", TABLE),),
)


def test_report_comes_back_from_json_as_it_was():
    stored = json.loads(json.dumps(as_json(REPORT)))

    assert from_json(stored) == REPORT
    assert sha256(stored) == sha256(as_json(REPORT))


@pytest.mark.parametrize(
    "stored",
    [
        {},
        {"format": 2, "report": {}},
        {"format": 1, "report": {"is": "Section", "place": "a", "title": "b"}},
        {"format": 1, "report": {"is": "Nothing"}},
        {"format": 1, "report": {"is": "Report", "title": "Half of it"}},
    ],
)
def test_what_is_no_report_is_refused(stored):
    with pytest.raises(ValueError, match="This"):
        from_json(stored)


def test_sections_come_in_order_with_their_depth():
    assert [(depth, section.place) for depth, section in REPORT.walk()] == [
        (1, "facts"),
        (1, "framework"),
        (2, "framework/principles"),
    ]


def test_keys_of_points_and_remarks_are_taken_out():
    def made(about: tuple[str, ...], point: str, remark: str) -> Report:
        sentence = Sentence((Run("Two said so."),), about)
        line = Contribution("So", "point", record=point)
        blocks = (
            Text("a", (sentence,)),
            Contributions("", (line,)),
            Spoken("closing", "Thanks.", record=remark),
        )
        return Report("T", "en", "named", sections=(Section("a", "A", blocks),))

    with_keys = made(("item:a/b/c", "point:7"), "point:7", "remark:1")
    assert without_keys(with_keys) == made(("item:a/b/c",), "", "")


def test_digest_is_of_what_is_computed():
    computed, written = INNER.blocks[:2]

    assert computed.computed == (
        "Unproblematic for all four tables. Unproblematic for all four tables."
    )
    assert (len(computed.digest), written.digest) == (64, "")
