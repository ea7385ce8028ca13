from itertools import pairwise

import pytest

from deliberation.actions import editing, points, rounds
from deliberation.live import board
from tests import builders
from workshops.actions import joining, scribes

pytestmark = pytest.mark.django_db


def make_round():
    workshop = builders.make_workshop(tables=2)
    prompt = builders.make_prompt(workshop, asks_tables=True)
    return workshop, builders.open_round(prompt)


def marks(workshop) -> dict[str, object]:
    boards = ["phone", "table:1", "table:2", "console", "screen"]
    named = {name.replace(":", f":{workshop.pk}:"): name for name in boards[1:3]}
    named |= {f"{name}:{workshop.pk}": name for name in boards if ":" not in name}
    return {named[one]: mark for one, mark in board.marks(named).items()}


def differing(before: dict[str, object], after: dict[str, object]) -> set[str]:
    """Return the boards that would be rendered again."""
    return {name for name in before | after if before.get(name) != after.get(name)}


def test_boards_of_what_was_deleted_are_empty():
    workshop, _round = make_round()
    workshop.tables.get(number=2).delete()
    table = board.render(f"table:{workshop.pk}:2")
    audiences = ("phone", "console", "screen", "table")
    names = [f"{name}:0:1" if name == "table" else f"{name}:0" for name in audiences]

    assert [table, *map(board.render, names)] == [""] * 5


def test_marks_leave_out_what_changes_with_every_answer():
    workshop, this_round = make_round()
    open_now = set(marks(workshop))
    rounds.reveal(round_id=this_round.pk)

    assert open_now == {"phone", "table:1", "table:2"}
    assert set(marks(workshop)) == {"table:1", "table:2"}


def test_marks_stay_while_people_answer():
    workshop, this_round = make_round()
    before = marks(workshop)

    builders.judge(this_round, builders.join(workshop), {"p1": 1})

    assert differing(before, marks(workshop)) == set()


def test_marks_of_a_table_change_with_its_own_answer_scribe_and_points():
    workshop, this_round = make_round()
    who = builders.join(workshop, table=2)
    before = marks(workshop)
    scribes.take_role(participant=who)
    with_scribe = marks(workshop)
    builders.judge(this_round, who, {"p1": 1}, voice="tables", table=who.table)
    answered = marks(workshop)
    builders.judge(this_round, who, {"p1": 2}, voice="tables", table=who.table)
    changed = marks(workshop)
    points.add_point(
        prompt=this_round.prompt,
        this_round=this_round,
        participant=who,
        table=who.table,
        kind="point",
        text="A point",
        items=[],
        key="once",
    )
    contributed = marks(workshop)
    joining.remove(participant=who)

    seen = [before, with_scribe, answered, changed, contributed, marks(workshop)]
    steps = [differing(*pair) for pair in pairwise(seen)]
    assert steps == [{"table:2"}] * 5


def test_marks_of_a_table_tell_a_role_taken_and_given_up_again():
    workshop, _round = make_round()
    who = builders.join(workshop, table=2)
    before = marks(workshop)

    scribes.take_role(participant=who)
    scribes.hand_over(table=who.table, to=None)

    assert differing(before, marks(workshop)) == {"table:2"}


def test_marks_of_all_change_with_every_step_and_edit():
    workshop, this_round = make_round()
    seen = [marks(workshop)]

    def note() -> None:
        seen.append(marks(workshop))

    rounds.add_time(round_id=this_round.pk, seconds=60)
    note()
    rounds.pause(round_id=this_round.pk)
    note()
    prompt = this_round.prompt
    prompt.guidance = "Take your time."
    editing.save_prompt(prompt)
    note()
    rounds.close_round(round_id=this_round.pk)
    note()
    rounds.go_to_session(session=builders.make_session(workshop, "next"))
    note()

    phones = {"phone", "table:1", "table:2"}
    steps = [differing(*pair) for pair in pairwise(seen)]
    assert steps == [phones] * 5


@pytest.mark.parametrize("tables", [2, 12])
def test_marks_cost_the_same_queries_for_any_number_of_tables(
    tables, django_assert_num_queries
):
    workshop = builders.make_workshop(tables=tables)
    builders.open_round(builders.make_prompt(workshop, asks_tables=True))
    boards = [f"table:{workshop.pk}:{number}" for number in range(1, tables + 1)]

    with django_assert_num_queries(9):
        board.marks([*boards, f"phone:{workshop.pk}"])


@pytest.mark.parametrize(
    "kind", ["assess", "rate", "choose", "approve", "rank", "allocate"]
)
def test_boards_made_together_are_those_made_alone(kind):
    workshop = builders.make_workshop(tables=2)
    prompt = builders.make_prompt(workshop, kind=kind, asks_tables=True)
    this_round = builders.open_round(prompt)
    for table in (1, 2, 2):
        who = builders.join(workshop, table=table)
        builders.judge(this_round, who, {"p1": 1, "p2": 0 if kind == "choose" else 1})
    rounds.reveal(round_id=this_round.pk)
    names = [f"{one}:{workshop.pk}" for one in ("phone", "screen", "console")]
    names.append(f"table:{workshop.pk}:2")

    alone = [board.render(name) for name in names]
    with board.together():
        made = [board.render(name) for name in names]
        again = [board.render(name) for name in reversed(names)]

    assert made == alone
    assert again == alone[::-1]
