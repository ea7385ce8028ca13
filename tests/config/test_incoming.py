import pytest

from config import incoming


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  two words ", "two words"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("a\x00b\x0bc\x1bd\x85e\ufffff", "a b c d e f"),
        ("a\ud800b", "a b"),
        ("\u202eturned\u202c \u2066round\u2069", "turned round"),
        ("\ufeffmark", "mark"),
        ("e\u0301", "é"),
        ("نص\u200cعربی \u200f", "نص\u200cعربی \u200f"),
        ("👩\u200d👧", "👩\u200d👧"),
        ("\u200b\u2060\u200d", ""),
        ("\u3164\u115f", ""),
        ("\x00", ""),
        ("", ""),
    ],
)
def test_text_is_kept_as_far_as_it_can_be_stored_and_seen(typed, kept):
    assert incoming.clean_text(typed) == kept
    assert incoming.clean_text(kept) == kept


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12),
        ("9" * 18, int("9" * 18)),
        ("9" * 19, 0),
        ("-1", 0),
        ("1_000", 0),
        ("٣", 0),
        ("²", 0),
        ("1e3", 0),
        ("NaN", 0),
        ("", 0),
        (None, 0),
    ],
)
def test_a_number_that_no_row_has_is_none(text, number):
    assert incoming.number(text) == number


def test_what_a_database_cannot_be_asked_for():
    assert [incoming.is_storable(text) for text in ("a", "", "a\0")] == [
        True,
        False,
        False,
    ]
