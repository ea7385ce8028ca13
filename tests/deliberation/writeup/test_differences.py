from dataclasses import replace

from deliberation.writeup.differences import Difference, differences, paragraphs
from deliberation.writeup.structure import (
    Contribution,
    Contributions,
    Facts,
    Picture,
    Report,
    Run,
    Section,
    Sentence,
    Spoken,
    Table,
    Text,
)


def text(said: str, place: str = "one") -> Text:
    return Text(place, (Sentence((Run(said),)),))


def report(*sections: Section) -> Report:
    return Report("A day", "en", "named", place="London", sections=sections)


ONE = Section("one", "First", (text("Three of four tables agreed."),))
TWO = Section("two", "Second", (text("Nobody spoke.", "two"),))


def test_the_same_document_differs_in_nothing():
    assert differences(report(ONE, TWO), report(ONE, TWO)) == []


def test_a_sentence_is_compared_word_by_word():
    said = replace(ONE, blocks=(text("Two of four tables agreed."),))

    assert differences(report(ONE), report(said)) == [
        Difference(
            "one",
            "First",
            "changed",
            (
                (
                    ("removed", "Three"),
                    ("added", "Two"),
                    ("same", "of four tables agreed."),
                ),
            ),
        )
    ]


def test_a_section_that_came_or_went_is_told_whole():
    whole = ("Second", "Nobody spoke.")

    came = differences(report(ONE), report(ONE, TWO))
    went = differences(report(ONE, TWO), report(ONE))

    lines = {
        what: tuple(((what, one),) for one in whole) for what in ("added", "removed")
    }
    assert came == [Difference("two", "Second", "added", lines["added"])]
    assert went == [Difference("two", "Second", "removed", lines["removed"])]


def test_a_section_that_moved_says_the_same():
    assert differences(report(ONE, TWO), report(TWO, ONE)) == []


def test_a_section_is_compared_by_itself_wherever_it_stands():
    inner = replace(TWO, blocks=(text("Somebody spoke.", "two"),))
    old, new = replace(ONE, sections=(TWO,)), replace(ONE, sections=(inner,))

    assert [one.place for one in differences(report(old), report(new))] == ["two"]


def test_the_head_of_the_document_is_compared_too():
    found = differences(report(ONE), replace(report(ONE), place="Leeds"))

    assert [(one.place, one.title, one.what) for one in found] == [
        ("", "A day", "changed")
    ]


def test_every_part_of_a_document_says_something():
    table = Table("Answers", ("Item", "Agree"), (("Rights", "3"),), ("One is held.",))
    said = Contribution("Who pays?", "question", "Table 2", times=2)

    assert paragraphs(table) == ["Answers", "Item: Rights; Agree: 3", "One is held."]
    assert paragraphs(Picture("<svg/>", "A bar", "", table)) == [
        "A bar",
        "Item: Rights; Agree: 3",
    ]
    assert paragraphs(Contributions("Costs", (said,))) == [
        "Costs",
        "Who pays? (Table 2), said 2 times",
    ]
    assert paragraphs(Spoken("closing", "Thanks.", "Seat 3")) == ["Seat 3: Thanks."]
    assert paragraphs(Facts((("Place", "London"),))) == ["Place: London"]
    assert paragraphs(Text("one", written="One.\n\nTwo.")) == ["One.", "Two."]
