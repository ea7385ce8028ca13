import pytest

from deliberation.actions import answers, rounds
from deliberation.live.own_moves import Move, moves_of
from tests import builders
from tests.deliberation.phones import Phone

pytestmark = pytest.mark.django_db
PLACES = {"p1": "Principle number 1", "p2": "Principle number 2"}


@pytest.fixture
def workshop():
    return builders.make_workshop(attribution="anonymous")


def ask(prompt):
    """Open the next round of a prompt; the one before is closed."""
    for before in prompt.rounds.filter(closed_at=None):
        rounds.close_round(round_id=before.pk)
    return builders.open_round(prompt)


def told(who, this_round):
    return moves_of(who, this_round, answers.ask_of(this_round))


def test_each_sees_what_changed_item_by_item(workshop):
    prompt = builders.make_prompt(workshop, items=4)
    who, other = builders.join(workshop), builders.join(workshop)
    first = ask(prompt)
    builders.judge(first, who, {"p1": 1, "p2": 2, "p3": 3})
    again = ask(prompt)
    builders.judge(again, who, {"p1": 2, "p2": 2, "p4": "abstain"})

    [own] = told(who, again)

    assert [(move.before, move.now, move.has_changed) for move in own.moves] == [
        ("Unproblematic", "Difficult to deliver", True),
        ("Difficult to deliver", "Difficult to deliver", False),
        ("Inconsistent", "", False),
        ("", "No view", False),
    ]
    assert own.summary == "1 of 2 answers given both times are others now."
    assert (told(other, again), told(who, first)) == ([], [])


@pytest.mark.parametrize(
    ("kind", "before", "after", "words"),
    [
        (
            "choose",
            {"p1": 1, "p2": 0},
            {"p1": 0, "p2": 1},
            (PLACES["p1"], PLACES["p2"]),
        ),
        (
            "approve",
            {"p1": 1, "p2": 0},
            {"p1": 0, "p2": 0},
            (PLACES["p1"], "None of them"),
        ),
        (
            "rank",
            {"p1": 1, "p2": 2},
            {"p1": 2, "p2": 1},
            (
                f"1. {PLACES['p1']}, 2. {PLACES['p2']}",
                f"1. {PLACES['p2']}, 2. {PLACES['p1']}",
            ),
        ),
        (
            "allocate",
            {"p1": 100, "p2": 0},
            {"p1": 0, "p2": 9},
            (f"{PLACES['p1']}: 100", f"{PLACES['p2']}: 9"),
        ),
    ],
)
def test_a_whole_answer_is_compared_as_one(workshop, kind, before, after, words):
    prompt = builders.make_prompt(workshop, kind=kind, items=2, question="Which?")
    who = builders.join(workshop)
    builders.judge(ask(prompt), who, before)
    again = ask(prompt)
    builders.judge(again, who, after)

    [own] = told(who, again)

    assert own.moves == [Move(None, "Which?", *words)]
    assert own.summary == "1 of 1 answer given both times is another one now."


def test_an_item_is_compared_with_its_last_answer_in_whatever_round(workshop):
    prompt = builders.make_prompt(workshop, items=2)
    who = builders.join(workshop)
    builders.judge(ask(prompt), who, {"p1": 1, "p2": 1})
    builders.judge(ask(prompt), who, {"p2": 3})
    again = ask(prompt)
    builders.judge(again, who, {"p1": 2, "p2": 3})

    [own] = told(who, again)

    assert [move.before for move in own.moves] == ["Unproblematic", "Inconsistent"]


def test_a_table_sees_its_own_and_no_other_one(workshop):
    prompt = builders.make_prompt(
        workshop, asks_people=False, asks_tables=True, items=1
    )
    phone, neighbour = Phone(workshop, table=1), Phone(workshop, table=2)
    for value in (1, 3):
        this_round = ask(prompt)
        builders.judge(
            this_round, phone.who, {"p1": value}, voice="tables", table=phone.who.table
        )
    rounds.reveal(round_id=rounds.close_round(round_id=this_round.pk).pk)

    ours, theirs = (
        each.get(f"results/{this_round.pk}/").content.decode()
        for each in (phone, neighbour)
    )

    assert "What changed in the answers of Table 1" in ours
    assert "1 of 1 answer given both times is another one now." in ours
    assert "given both times" not in theirs


def test_phones_lead_to_it_once_the_results_are_revealed_and_boards_do_not_have_it(
    workshop,
):
    prompt = builders.make_prompt(workshop)
    phone = Phone(workshop)
    for value in (1, 2):
        this_round = ask(prompt)
        builders.judge(this_round, phone.who, {"p1": value})
    address = f"results/{this_round.pk}/"
    rounds.close_round(round_id=this_round.pk)
    hidden = phone.get(address).status_code
    rounds.reveal(round_id=this_round.pk)

    stage, page = phone.get().content.decode(), phone.get(address).content.decode()

    assert hidden == 404
    assert f'href="/w/day/{address}"' in stage
    assert "given both times" not in stage
    assert "1 of 1 answer given both times is another one now." in page
