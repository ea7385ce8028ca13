import pytest
from django.http import QueryDict

from deliberation.kinds import Ask, AskedCriterion, AskedItem, InvalidAnswer, allocate


def parse(*points, total=100, voice="people", **more):
    items = [
        AskedItem(n, f"p{n}", n, f"Item {n}", f"Item {n}", "", 1) for n in (1, 2, 3)
    ]
    ask = Ask(
        kind="allocate",
        items=tuple(items),
        criteria=(AskedCriterion(9, "", ""),),
        points=(),
        abstain=True,
        reasons="optional",
        least=0,
        most=3,
        total=total,
    )
    data = QueryDict(mutable=True)
    for number, given in enumerate(points, start=1):
        data[f"answer.p{number}"] = given
    for name, value in more.items():
        data[name.replace("_", ".")] = value
    return [
        (one.state, one.value, one.reason) for one in allocate.parse(ask, data, voice)
    ]


def errors(*points, **more):
    with pytest.raises(InvalidAnswer) as caught:
        parse(*points, **more)
    return caught.value.errors


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        (("60", "", "40"), [60, 0, 40]),
        (("1", "2", "3"), [1, 2, 3]),  # the rest stays unspent
        (("0", "", ""), [0, 0, 0]),
    ],
)
def test_points_are_stored_for_every_item(written, stored):
    assert parse(*written) == [("answered", points, "") for points in stored]


DIGITS = "Please write a whole number in the digits 0 to 9."
RANGE = "Please write a number from 0 to 100."


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (("60", "41"), {"choice": (
            "These are 101 points of 100. Please take 1 away."
        )}),
        (("-1", "5"), {"answer.p1": RANGE}),
        (("101",), {"answer.p1": RANGE}),
        (("1" + "0" * 30,), {"answer.p1": RANGE}),
        (("3.5", "3,5"), {"answer.p1": DIGITS, "answer.p2": DIGITS}),
        (("٣٠", "½", "ten"), dict.fromkeys(
            ["answer.p1", "answer.p2", "answer.p3"], DIGITS
        )),
        (("", "", ""), {"choice": "Please give at least one item points."}),
    ],
)  # fmt: skip
def test_wrong_points_are_said_where_they_are(written, expected):
    assert errors(*written) == expected


def test_no_view_stands_alone():
    assert parse(choice="abstain") == [("abstain", None, "")] * 3
    assert errors("1", choice="abstain") == {
        "choice": "Please give either numbers or the answer that has none."
    }


def test_reasons_go_with_what_has_points():
    assert parse("1", reason_p1="Cheap")[0] == ("answered", 1, "Cheap")
    assert errors("1", "0", reason_p2="Dear") == {
        "reason.p2": "Please give this item a number as well."
    }
