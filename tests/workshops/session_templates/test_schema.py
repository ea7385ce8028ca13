import pytest

from workshops.session_templates.schema import Item, short_form


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("Short enough", "Short enough"),
        ("x" * 32, "x" * 32),
        ("x" * 33, "x" * 31 + "…"),
        (
            "Migration policy should be tied to goals",
            "Migration policy should be tied…",
        ),
        ("One, two, three, four, five, six, seven", "One, two, three, four, five…"),
        ("Two\nlines", "Two lines"),
    ],
)
def test_short_form_is_cut_at_a_word(text, short):
    assert short_form(text) == short
    assert len(short) <= 32


def test_item_shows_its_short_text_on_screen_if_it_has_one():
    assert Item(key="a", text="Long", short="L").on_screen == "L"
    assert Item(key="a", text="Long").on_screen == "Long"
