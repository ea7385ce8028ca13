import pytest

from deliberation.pictures.standalone import letters


def test_width_is_that_of_the_typeface():
    # Source Sans 3: A is 544 thousandths of the size wide, 558 in weight 600.
    assert letters.width("A", 1000) == pytest.approx(544, abs=1)
    assert letters.width("A", 1000, letters.STRONG) == pytest.approx(558, abs=1)
    assert letters.width("", 18) == 0


@pytest.mark.parametrize(
    ("char", "wide"), [("移", 1.0), ("\u0301", 0.0), ("\u200d", 0.0), ("ش", 0.72)]
)
def test_width_is_guessed_for_other_scripts(char, wide):
    assert char == "\u0301" or not letters.is_known(char)
    assert letters.width(char, 1) == wide


def test_wrap_breaks_between_words():
    lines = letters.wrap("Routes are open,\n known  and affordable", 130, 18)

    assert lines == ["Routes are open,", "known and", "affordable"]
    assert all(letters.width(line, 18) <= 130 for line in lines)


def test_wrap_breaks_words_that_are_too_wide():
    lines = letters.wrap("a" * 50, 120, 18)

    assert "".join(lines) == "a" * 50
    assert all(letters.width(line, 18) <= 120 for line in lines)


def test_wrap_keeps_accents_with_their_letters():
    lines = letters.wrap("e\u0301" * 30, 60, 18)

    assert all(line.startswith("e") for line in lines)


def test_wrap_ends_what_is_left_out_with_an_ellipsis():
    assert letters.wrap("Routes are open, known and affordable", 130, 18, most=2) == [
        "Routes are open,",
        "known and …",
    ]
    assert letters.wrap("Routes are open,", 130, 18, most=1) == ["Routes are open,"]


@pytest.mark.parametrize("text", ["", " \n", None or ""])
def test_wrap_gives_no_line_for_nothing(text):
    assert letters.wrap(text, 120, 18) == []
    assert letters.balanced(text, 120, 18) == []


def test_balanced_takes_as_few_lines_of_much_the_same_length():
    text = "Nine of ten principles find support; one is split"

    assert letters.wrap(text, 320, 18) == [
        "Nine of ten principles find support; one is",
        "split",
    ]
    assert letters.balanced(text, 320, 18) == [
        "Nine of ten principles",
        "find support; one is split",
    ]


def test_clean_replaces_what_xml_cannot_carry():
    assert letters.clean("a\x00b\ud800c\ufffe d\n\te") == "a\ufffdb\ufffdc\ufffd d e"
