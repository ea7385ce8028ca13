import pytest
from django.http import QueryDict

from deliberation.kinds import (
    Ask,
    AskedCriterion,
    AskedItem,
    InvalidAnswer,
    Judgement,
    rank,
)


def ask(*, most=3, ties=False, reasons="none", abstain=True):
    items = [
        AskedItem(n, f"p{n}", n, f"Item {n}", f"Item {n}", "", 1) for n in (1, 2, 3)
    ]
    return Ask(
        kind="rank",
        items=tuple(items),
        criteria=(AskedCriterion(9, "", ""),),
        points=(),
        abstain=abstain,
        reasons=reasons,
        least=0,
        most=most,
        ties=ties,
    )


def form(*places, **more):
    data = QueryDict(mutable=True)
    for number, place in enumerate(places, start=1):
        data[f"answer.p{number}"] = place
    for name, value in more.items():
        data[name.replace("_", ".")] = value
    return data


def places(data, voice="people", **rules):
    return [
        (one.state, one.value, one.reason)
        for one in rank.parse(ask(**rules), data, voice)
    ]


def errors(data, voice="people", **rules):
    with pytest.raises(InvalidAnswer) as caught:
        rank.parse(ask(**rules), data, voice)
    return caught.value.errors


def test_a_ranking_judges_every_item():
    assert rank.parse(ask(), form("2", "", " 1 "), "people") == [
        Judgement(1, 9, "answered", 2, ""),
        Judgement(2, 9, "answered", 0, ""),
        Judgement(3, 9, "answered", 1, ""),
    ]


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        (("1", "1", "2"), [1, 1, 2]),
        (("1", "1", "3"), [1, 1, 2]),  # as sports count
        (("1", "2", "2"), [1, 2, 2]),
        (("1", "1", ""), [1, 1, 0]),
    ],
)
def test_level_items_close_up(written, stored):
    found = places(form(*written), ties=True)

    assert found == [("answered", place, "") for place in stored]


DIGITS = "Please write a whole number in the digits 0 to 9."
RANGE = "Please write a number from 1 to 3."


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (
            ("1", "1", "2"),
            dict.fromkeys(["p1", "p2"], "Place 1 is given more than once."),
        ),
        (("1", "3", ""), {"p2": "Place 2 is missing before this one."}),
        (("2", "", ""), {"p1": "Place 1 is missing before this one."}),
        (("1", "4", ""), {"p2": RANGE}),
        (("0", "", ""), {"p1": RANGE}),
        (("-1", "", ""), {"p1": RANGE}),
        (("1" + "0" * 30, "", ""), {"p1": RANGE}),
        (("1.5", "x", "1e0"), dict.fromkeys(["p1", "p2", "p3"], DIGITS)),
        (("١", "２", "1st"), dict.fromkeys(["p1", "p2", "p3"], DIGITS)),
    ],
)
def test_wrong_places_are_said_at_their_items(written, expected):
    assert errors(form(*written)) == {
        f"answer.{item}": message for item, message in expected.items()
    }


def test_a_gap_behind_level_items_is_wrong_too():
    assert errors(form("1", "1", "4"), most=4, ties=True) == {
        "answer.p3": "Place 3 is missing before this one."
    }


def test_nothing_and_too_much_are_said_of_the_whole():
    assert errors(form("", "", "")) == {
        "choice": "Please give at least one item a place."
    }
    assert errors(form("1", "1", "1"), most=2, ties=True) == {
        "choice": "Please rank at most 2."
    }


def test_no_view_stands_alone():
    assert places(form(choice="abstain")) == [("abstain", None, "")] * 3
    assert (
        places(form(choice="not-discussed"), "tables")
        == [("not-discussed", None, "")] * 3
    )
    assert errors(form("1", choice="abstain")) == {
        "choice": "Please give either numbers or the answer that has none."
    }
    for wrong in (form(choice="abstain"), form(choice="not-discussed")):
        assert errors(wrong, abstain=False) == {
            "choice": "Please choose one of the answers offered."
        }


def test_reasons_go_with_what_has_a_place():
    given = form("1", reason_p1="Cheap")

    assert places(given, reasons="optional")[0] == ("answered", 1, "Cheap")
    assert errors(form("1", reason_p2="Dear"), reasons="optional") == {
        "reason.p2": "Please give this item a number as well."
    }
    assert errors(form("1"), "tables", reasons="required") == {
        "reason.p1": "Please give the table's reason as well."
    }
