from deliberation.live.parts import changed, part, without_marks
from tests.live.listening import with_parts


def section(ident: str, *inside: str) -> str:
    element = f'<div class="s" id="{ident}">{"".join(inside)}</div>'
    return f"<!--section-->{element}<!--/section-->"


def item(ident: str, text: str) -> str:
    return part(f'<li class="i" id="{ident}">{text}</li>')


BOARD = "<h1>Day</h1>" + section("a", item("a1", "one"), "<hr>", item("a2", "two"))


def test_a_board_that_is_the_same_has_no_changed_parts():
    assert changed(BOARD, BOARD) == []


def test_only_the_part_that_differs_is_sent():
    after = BOARD.replace("two", "2")

    assert changed(BOARD, after) == ['<li class="i" id="a2">2</li>']


def test_a_section_is_sent_whole_where_it_differs_between_its_parts():
    after = BOARD.replace("<hr>", "<br>").replace("two", "2")

    assert changed(BOARD, after) == [
        '<div class="s" id="a"><li class="i" id="a1">one</li><br>'
        '<li class="i" id="a2">2</li></div>'
    ]


def test_a_section_is_sent_whole_where_its_parts_are_others():
    more = section("a", item("a1", "one"), "<hr>", item("a2", "two"), item("a3", ""))
    other = section("a", item("a1", "one"), "<hr>", item("b2", "two"))

    for now in (more, other):
        after = "<h1>Day</h1>" + now
        assert changed(BOARD, after) == [without_marks(now)]


def test_a_board_is_sent_whole_where_it_differs_between_its_sections():
    others = (
        BOARD.replace("Day", "Night"),
        BOARD + section("b"),
        "",
        BOARD.replace('id="a"', 'id="b"'),
        BOARD.replace(' id="a"', ""),
        BOARD.replace('<!--section--><div class="s" id="a">', "<!--section-->text"),
    )

    assert [changed(BOARD, after) for after in others] == [None] * len(others)
    assert [changed(after, BOARD) for after in others] == [None] * len(others)


def test_boards_without_sections_are_sent_whole():
    assert changed("<p>one</p>", "<p>two</p>") is None


def test_parts_make_the_one_board_of_the_other():
    after = BOARD.replace("one", "<b>1</b>").replace("two", "2")

    assert with_parts(without_marks(BOARD), changed(BOARD, after)) == without_marks(
        after
    )
