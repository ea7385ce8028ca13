import pytest

from deliberation import csv_files
from deliberation.actions.importing import FileMistakes, Imported, import_answers
from deliberation.models import Answer, Point, Response, Round, Submission, Theme
from deliberation.results import workshop_results
from tests import builders
from workshops.models import Organisation

pytestmark = pytest.mark.django_db

HEADER = (
    "prompt,round,voice,table,respondent,organisation,item,criterion,answer,reason\n"
)
POINTS_HEADER = "prompt,round,voice,table,respondent,items,kind,text,theme\n"
PAPER = (
    "framework/principles,1,people,1,A,DFID,p1,,unproblematic,\n"
    'framework/principles,1,people,1,A,DFID,p2,,difficult,"Costly, and slow"\n'
    "framework/principles,1,people,2,B,FCO,p1,,difficult,\n"
    "framework/principles,1,people,,C,,p1,,abstain,\n"
    "framework/principles,1,tables,2,,,p1,,not-discussed,\n"
)


def make_day(**fields):
    workshop = builders.make_workshop(**fields)
    builders.make_prompt(workshop, asks_tables=True)
    builders.make_prompt(
        workshop, kind="rate", key="scenarios", criteria=("effective", "feasible")
    )
    builders.make_prompt(workshop, kind="approve", key="pick", least=1, most=2)
    builders.make_prompt(workshop, kind="rank", key="order", most=2, ties=True)
    builders.make_prompt(workshop, kind="allocate", key="share")
    builders.make_prompt(workshop, kind="discuss", key="talk", items=1)
    return workshop


def bring_in(workshop, rows, points=None):
    return import_answers(
        workshop=workshop,
        answers=(HEADER + rows).encode(),
        answers_name="paper.csv",
        points=None if points is None else (POINTS_HEADER + points).encode(),
        points_name="points.csv",
    )


def mistakes(workshop, rows, points=None):
    with pytest.raises(FileMistakes) as caught:
        bring_in(workshop, rows, points)
    assert not Response.objects.exists()
    assert not Point.objects.exists()
    return caught.value.lines


def test_import_stores_answers_in_a_closed_round():
    workshop = make_day()

    assert bring_in(workshop, PAPER) == Imported(1, 4, 5, 0)

    this_round = Round.objects.get()
    assert this_round.closed_at == this_round.opened_at
    voices = workshop_results(workshop, resamples=0)["prompts"][0]["voices"]
    people = voices["people"]
    assert (people["present"], people["responded"]) == (3, 3)
    assert people["items"][0]["counts"] == {
        "unproblematic": 1,
        "difficult": 1,
        "inconsistent": 0,
    }
    assert people["items"][0]["abstained"] == 1
    assert voices["tables"]["items"][0]["not_discussed"] == 1
    assert Answer.objects.get(item__key="p2").reason == "Costly, and slow"


def test_import_again_changes_nothing():
    workshop = make_day()
    points = "framework/principles,1,people,1,A,p1 p2,point,Say it plainly,Wording\n"
    bring_in(workshop, PAPER, points)
    before = [list(model.objects.values()) for model in (Response, Answer, Submission)]

    assert bring_in(workshop, PAPER, points) == Imported(0, 0, 0, 0)

    after = [list(model.objects.values()) for model in (Response, Answer, Submission)]
    assert after == before
    assert Point.objects.count() == 1


def test_import_of_a_corrected_file_replaces_and_keeps_the_history():
    workshop = make_day()
    bring_in(workshop, "framework/principles,1,people,1,A,,p1,,difficult,\n")

    bring_in(workshop, "framework/principles,1,people,1,A,,p1,,inconsistent,\n")
    bring_in(workshop, "framework/principles,1,people,1,A,,p1,,difficult,\n")

    assert Answer.objects.get().value == 2
    assert Response.objects.get().version == Submission.objects.count() == 3


def test_import_reports_every_mistake_by_row():
    assert mistakes(
        make_day(),
        "framework/principels,1,people,1,A,,p1,,difficult,\n"
        "framework/principles,zwei,people,1,A,,p1,,difficult,\n"
        "framework/principles,1,person,1,A,,p1,,difficult,\n"
        "framework/principles,1,people,9,A,,p1,,difficult,\n"
        "framework/principles,1,people,1,,,p1,,difficult,\n"
        "framework/principles,1,people,1,B,,p11,,dificult,\n"
        "framework/principles,1,people,1,B,,p1,x,difficult,\n"
        "framework/principles,1,tables,1,B,,p1,,difficult,\n"
        "framework/principles,1,tables,,,,p1,,difficult,\n"
        "framework/scenarios,1,people,1,B,,p1,,3,\n"
        "framework/scenarios,1,people,1,B,,p1,feasible,6,\n"
        "framework/talk,1,people,1,B,,p1,,1,\n"
        "framework/principles,3,people,1,B,,p1,,difficult,\n"
        "framework/scenarios,1,tables,1,,,p1,feasible,3,\n"
        "framework/principles,1,people,1,A\n",
    ) == [
        "paper.csv:2: unknown prompt 'framework/principels';"
        " did you mean 'framework/principles'?",
        "paper.csv:3: the round must be a number: 1, 2, ...",
        "paper.csv:4: the voice must be people or tables, not 'person'",
        "paper.csv:5: there is no table 9; the workshop has 1, 2, 3, 4",
        "paper.csv:6: the respondent is missing",
        "paper.csv:7: the answer 'dificult' is none of: unproblematic, difficult,"
        " inconsistent, abstain, not-discussed",
        "paper.csv:7: unknown item 'p11'; did you mean 'p1'?",
        "paper.csv:8: this prompt has no criteria; please leave the field empty",
        "paper.csv:9: a table's answer has no respondent; please leave it empty",
        "paper.csv:10: the table's number is missing",
        "paper.csv:11: the criterion is missing; the prompt has: effective, feasible",
        "paper.csv:12: the answer '6' is none of:"
        " 1, 2, 3, 4, 5, abstain, not-discussed",
        "paper.csv:13: framework/talk is answered by points;"
        " they have a file of their own",
        "paper.csv:14: round 3, but there is no round 2",
        "paper.csv:15: framework/scenarios does not ask tables",
        "paper.csv:16: 5 fields, but the header names 10",
    ]


def test_import_refuses_the_same_answer_twice_and_two_seats():
    assert mistakes(
        make_day(),
        "framework/principles,1,people,1,A,,p1,,difficult,\n"
        "framework/principles,1,people,1,A,,p1,,unproblematic,\n"
        "framework/principles,1,people,2,A,,p2,,unproblematic,\n"
        "framework/principles,1,people,1,A,FCO,p3,,unproblematic,\n",
    ) == [
        "paper.csv:3: this is already answered in row 2",
        "paper.csv:4: this respondent has another table in row 2",
        "paper.csv:5: this respondent has another organisation in row 2",
    ]


def test_import_completes_picks_and_keeps_their_bounds():
    workshop = make_day()
    bring_in(
        workshop,
        "framework/pick,1,people,1,A,,p2,,1,\nframework/pick,1,people,1,B,,p1,,abstain,\n",
    )

    rows = Answer.objects.order_by("response", "item").values_list("state", "value")
    assert list(rows) == [
        ("answered", 0),
        ("answered", 1),
        ("answered", 0),
        *[("abstain", None)] * 3,
    ]


def test_import_refuses_too_many_picks():
    rows = [f"framework/pick,1,people,1,A,,p{number},,1,\n" for number in (1, 2, 3)]

    assert mistakes(make_day(), "".join(rows)) == [
        "paper.csv:4: 3 picked: Please choose at least 1 and at most 2."
    ]


def test_import_completes_orders_and_shares():
    workshop = make_day()
    bring_in(
        workshop,
        "framework/order,1,people,1,A,,p3,,1,Cheap\n"
        "framework/order,1,people,1,A,,p1,,1,\n"
        "framework/order,1,people,1,B,,p1,,abstain,\n"
        "framework/share,1,people,1,A,,p2,,70,\n",
    )

    rows = Answer.objects.order_by("response", "item").values_list("state", "value")
    assert list(rows) == [
        ("answered", 1),
        ("answered", 0),
        ("answered", 1),
        *[("abstain", None)] * 3,
        ("answered", 0),
        ("answered", 70),
        ("answered", 0),
    ]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            [("order", "p1", "1"), ("order", "p2", "3.5")],
            "3: the answer '3.5' is neither a whole number from 1 to 2 nor one of: "
            "abstain, not-discussed",
        ),
        (
            [("order", "p1", "2")],
            "2: Place 1 is missing before this one.",
        ),
        (
            [("order", f"p{n}", "1") for n in (1, 2, 3)],
            "4: Please rank at most 2.",
        ),
        (
            [("order", "p1", "1"), ("order", "p2", "abstain")],
            "3: this respondent answers and abstains at once",
        ),
        (
            [("share", "p1", "-1")],
            "2: the answer '-1' is neither a whole number from 0 to 100 nor one of: "
            "abstain, not-discussed",
        ),
        (
            [("share", "p1", "60"), ("share", "p2", "50")],
            "3: These are 110 points of 100. Please take 10 away.",
        ),
    ],
)
def test_import_refuses_numbers_that_a_form_refuses(rows, expected):
    lines = [f"framework/{p},1,people,1,A,,{item},,{n},\n" for p, item, n in rows]

    assert mistakes(make_day(), "".join(lines)) == [f"paper.csv:{expected}"]


@pytest.mark.parametrize(
    ("attribution", "kept"),
    [("named", 2), ("organisation", 2), ("chatham-house", 0), ("anonymous", 0)],
)
def test_import_keeps_organisations_where_the_rule_asks(attribution, kept):
    workshop = make_day(attribution=attribution)

    bring_in(workshop, PAPER)

    assert Organisation.objects.count() == kept
    assert Response.objects.exclude(organisation=None).count() == kept


def test_import_leaves_what_a_table_entered_in_the_room():
    workshop = make_day()
    prompt = workshop.sessions.get().prompts.first()
    scribe = builders.join(workshop)
    builders.judge(
        builders.open_round(prompt), scribe, {"p1": 1}, voice="tables",
        table=scribe.table,
    )  # fmt: skip

    same = "framework/principles,1,tables,1,,,p1,,unproblematic,\n"
    assert bring_in(workshop, same) == Imported(0, 0, 0, 0)
    with pytest.raises(FileMistakes) as caught:
        bring_in(workshop, "framework/principles,1,tables,1,,,p1,,difficult,\n")
    assert caught.value.lines == [
        "paper.csv:2: table 1 has answered in the room, and differently"
    ]


def test_import_stores_points_with_themes():
    workshop = make_day()
    points = (
        "framework/talk,1,tables,3,,p1,dissent,Our table is of two minds,Doubts\n"
        "framework/talk,,people,,X,,,Count first,Doubts\n"
        "framework/talk,,people,,Y,,question,Who pays?,\n"
    )

    assert bring_in(workshop, "", points) == Imported(1, 0, 0, 3)

    theme = Theme.objects.get(title="Doubts")
    fields = ("voice", "table__number", "label", "kind", "text", "theme", "status")
    assert list(Point.objects.values_list(*fields)) == [
        ("tables", 3, "", "dissent", "Our table is of two minds", theme.pk, "kept"),
        ("people", None, "X", "point", "Count first", theme.pk, "kept"),
        ("people", None, "Y", "question", "Who pays?", None, "kept"),
    ]
    assert list(Point.objects.first().items.values_list("key", flat=True)) == ["p1"]


def test_import_reports_mistakes_of_both_files():
    assert mistakes(
        make_day(),
        "framework/principles,1,people,1,A,,p1,,maybe,\n",
        "framework/talk,1,people,,X,p1 p9,remark,,\n",
    ) == [
        "paper.csv:2: the answer 'maybe' is none of: unproblematic, difficult,"
        " inconsistent, abstain, not-discussed",
        "points.csv:2: the text is missing",
        "points.csv:2: unknown item 'p9'",
        "points.csv:2: unknown kind of point 'remark'",
    ]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (b"", [(1, "the file is empty; the first row must be: a,b")]),
        (b"a;b\n1;2\n", [(1, "the columns must be separated by commas")]),
        (
            b"a,c\n",
            [
                (1, "the column b is missing"),
                (1, "unknown column 'c'; expected are: a,b"),
            ],
        ),
        (
            b"PK\x03\x04",
            [(0, "this is a workbook; please save its sheet as CSV (UTF-8)")],
        ),
        (
            "a,b\n".encode("utf-16"),
            [(0, "this file is not UTF-8; please save it as CSV (UTF-8)")],
        ),
        (
            b"a,b\n1,caf\xe9\n",
            [
                (
                    2,
                    "a character that is not UTF-8 (byte E9);"
                    " please save the file as CSV (UTF-8)",
                )
            ],
        ),
        (b'a,b\n"x"y,2\n', [(2, 'a quotation mark (") is out of place from here on')]),
    ],
)
def test_read_explains_files_it_cannot_read(source, expected):
    assert csv_files.read(source, columns=["a", "b"]) == ([], expected)


def test_read_takes_what_spreadsheets_write():
    source = '\ufeffb,a\r\n"two\r\nlines", 1\r\n\r\n\'=x,2\r\n'.encode()

    assert csv_files.read(source, columns=["a", "b"]) == (
        [(2, {"b": "two\r\nlines", "a": "1"}), (4, {"b": "=x", "a": "2"})],
        [],
    )


@pytest.mark.parametrize("text", ["=1+1", "'=x", "＝x", "plain", "'tis", "", "''"])
def test_unguard_gives_back_what_guard_was_given(text):
    assert csv_files.unguard(csv_files.guard(text)) == text
