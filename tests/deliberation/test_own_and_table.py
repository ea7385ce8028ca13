import pytest

from deliberation.actions import answers, rounds
from deliberation.live.phone import gaps_of_table
from deliberation.own_and_table import own_and_table
from deliberation.results import computed_once, round_results
from deliberation.writeup.builder import draft
from tests import builders
from tests.deliberation.phones import Phone
from tests.deliberation.writeup.shown import texts
from workshops.actions import joining, scribes

pytestmark = pytest.mark.django_db


@pytest.fixture
def workshop():
    return builders.make_workshop(tables=3)


def answered(workshop, own, agreed, **fields):
    """Open a prompt to both voices; own: values by table, agreed: the table's own."""
    prompt = builders.make_prompt(
        workshop, asks_tables=True, items=1, **{"kind": "assess", **fields}
    )
    this_round = builders.open_round(prompt)
    for table, values in own.items():
        for value in values:
            who = builders.join(workshop, table=table)
            builders.judge(this_round, who, {"p1": value})
    for table, value in agreed.items():
        writer = builders.scribe_of(workshop, table=table)
        seat = workshop.tables.get(number=table)
        builders.judge(this_round, writer, {"p1": value}, voice="tables", table=seat)
    return rounds.close_round(round_id=this_round.pk)


def gaps(this_round):
    found = own_and_table(this_round, answers.ask_of(this_round))
    return {
        table: gap and (gap["as_table"], gap["of"], gap["difference_mean"])
        for table, gap in found.get(("p1", ""), {}).items()
    }


def test_each_table_is_set_beside_its_own_people(workshop):
    own = {1: [2, 2, 2, 1, 3], 2: [1, 1, 1, 1, 1, 1, 2], 3: [1] * 4}
    this_round = answered(workshop, own, {1: 2, 2: 2, 3: 1})

    assert gaps(this_round) == {1: (3, 5, None), 2: (1, 7, None), 3: None}


def test_of_ratings_the_difference_is_told(workshop):
    this_round = answered(workshop, {1: [1, 2, 2, 2, 3]}, {1: 4}, kind="rate")

    assert gaps(this_round) == {1: (0, 5, 2)}


def test_who_had_no_view_or_was_removed_is_not_counted(workshop):
    this_round = answered(workshop, {1: [2] * 6 + ["abstain"]}, {1: 2, 2: "abstain"})
    first = workshop.participants.order_by("pk").first()

    joining.remove(participant=first)

    assert gaps(this_round) == {1: (5, 5, None)}


def test_a_person_counts_at_the_table_of_the_answer(workshop):
    this_round = answered(workshop, {1: [2] * 5}, {1: 2})

    workshop.participants.update(table=workshop.tables.get(number=3))

    assert gaps(this_round) == {1: (5, 5, None)}


def test_a_prompt_to_people_alone_has_none(workshop):
    this_round = builders.open_round(builders.make_prompt(workshop))

    assert own_and_table(this_round, answers.ask_of(this_round)) == {}
    row = round_results(this_round, resamples=0)["voices"]["people"]["items"][0]
    assert "own_and_table" not in row["by_table"][0]


def test_results_have_it_beside_each_tables_people(workshop):
    this_round = answered(workshop, {1: [2] * 4 + [1], 2: [1]}, {1: 1, 2: 1})

    [row] = round_results(this_round, resamples=0)["voices"]["people"]["items"]

    assert [one["own_and_table"] for one in row["by_table"]] == [
        {
            "as_table": 1,
            "of": 5,
            "difference_mean": None,
            "difference_median": None,
        },
        None,
        None,
    ]


def test_the_write_up_tells_where_the_table_was_not_its_people(workshop):
    this_round = answered(
        workshop, {1: [2] * 3 + [1] * 2, 2: [1, 2, 3, 3, 3, 3]}, {1: 2, 2: 1}
    )
    place = f"{this_round.prompt.path}/p1"

    told = texts(draft(workshop), place)

    assert "At table 2 the table’s answer was that of one of its six people." in told
    assert "At table 1" not in told


@pytest.mark.parametrize("shows", [True, False])
def test_a_table_sees_its_own_after_closing_if_the_prompt_says_so(workshop, shows):
    phone, neighbour = Phone(workshop, table=1), Phone(workshop, table=2)
    scribes.take_role(participant=phone.who)
    this_round = answered(
        workshop, {1: [2] * 5, 2: [1]}, {1: 2, 2: 1}, shows_own_and_table=shows
    )
    words = "of you answered as the table did"

    ours = phone.get().content.decode()
    theirs = neighbour.get().content.decode()

    assert (f"5 of 5 {words}" in ours) == shows
    assert words not in theirs  # too few
    rounds.open_round(prompt=this_round.prompt)
    assert words not in phone.get().content.decode()


def test_all_tables_together_take_one_query(workshop, django_assert_num_queries):
    this_round = answered(
        workshop, {1: [2] * 5, 2: [1] * 5}, {1: 2, 2: 1}, shows_own_and_table=True
    )
    ask, seats = answers.ask_of(this_round), list(workshop.tables.all())
    this_round.prompt  # noqa: B018  # fetched before

    with computed_once(), django_assert_num_queries(1):
        told = [gaps_of_table(this_round, ask, table) for table in seats]

    assert [[gap["of"] for gap in of_table] for of_table in told] == [[5], [5], []]
