"""What is stored of one respondent, and what a round asked again starts from."""

import pytest

from deliberation.actions import answers, rounds
from deliberation.live.own import Own, own_answers
from deliberation.live.phone import stage_html
from deliberation.results import round_results
from tests import builders
from tests.deliberation.phones import Phone
from workshops.actions import scribes

pytestmark = pytest.mark.django_db
NOT_COUNTED = "Your earlier answer; not counted yet"


@pytest.fixture
def workshop():
    return builders.make_workshop(attribution="anonymous")


def ask(prompt, **options):
    """Open the next round of a prompt, and close the one before."""
    for before in prompt.rounds.filter(closed_at=None):
        rounds.close_round(round_id=before.pk)
    return rounds.open_round(prompt=prompt, **options)


def own(this_round, who) -> Own:
    asked = answers.ask_of(this_round)
    return own_answers(this_round, asked, answers.respondent_of(who))


@pytest.mark.parametrize(
    ("kind", "first", "fields"),
    [
        ("assess", {"p1": 2}, {"answer.p1": ["difficult"]}),
        (
            "rate",
            {"p1": 4, "p2": "abstain"},
            {"answer.p1": ["4"], "answer.p2": ["abstain"]},
        ),
        ("choose", {"p1": 0, "p2": 1}, {"choice": ["p2"]}),
        ("approve", {"p1": 1, "p2": 1}, {"choice": ["p1", "p2"]}),
        ("rank", {"p1": 2, "p2": 1}, {"answer.p1": ["2"], "answer.p2": ["1"]}),
        ("allocate", {"p1": 60, "p2": 0}, {"answer.p1": ["60"], "answer.p2": ["0"]}),
    ],
)
def test_a_round_starts_from_the_earlier_answer_of_each(workshop, kind, first, fields):
    prompt = builders.make_prompt(workshop, kind=kind, items=2)
    who, other = builders.join(workshop), builders.join(workshop)
    builders.judge(ask(prompt), who, first)

    again = ask(prompt, from_own=True)

    assert own(again, who) == Own(earlier=fields)
    assert own(again, other) == Own()
    assert round_results(again)["voices"]["people"]["responded"] == 0


def test_what_is_answered_anew_starts_from_nothing_else(workshop):
    prompt = builders.make_prompt(workshop)
    who = builders.join(workshop)
    builders.judge(ask(prompt), who, {"p1": 2, "p2": 1}, reason="Because")
    again = ask(prompt, from_own=True)

    builders.judge(again, who, {"p1": 3})

    found = own(again, who)
    assert (found.fields, found.earlier, found.answered) == (
        {"answer.p1": ["inconsistent"]},
        {"answer.p2": ["unproblematic"], "reason.p2": ["Because"]},
        1,
    )


def test_the_newest_earlier_answer_counts_item_by_item(workshop):
    prompt = builders.make_prompt(workshop)
    who = builders.join(workshop)
    builders.judge(ask(prompt), who, {"p1": 1, "p2": 1})
    builders.judge(ask(prompt), who, {"p2": 2})

    again = ask(prompt, from_own=True)

    assert own(again, who).earlier == {
        "answer.p1": ["unproblematic"],
        "answer.p2": ["difficult"],
    }


def test_an_order_of_other_items_is_not_started_from(workshop):
    prompt = builders.make_prompt(workshop, kind="rank", items=2)
    who = builders.join(workshop)
    builders.judge(ask(prompt), who, {"p1": 1, "p2": 2})
    new = prompt.items.create(key="p3", position=3)
    new.wordings.create(text="Another")

    assert own(ask(prompt, from_own=True), who) == Own()


def test_the_prompt_says_how_it_is_asked_again_and_the_facilitator_may_differ(workshop):
    prompt = builders.make_prompt(workshop, again="mine")
    talk = builders.make_prompt(workshop, key="talk", kind="discuss", again="mine")

    first, second, blank = ask(prompt), ask(prompt), ask(prompt, from_own=False)
    rounds.close_round(round_id=blank.pk)

    found = [
        one.starts_from_own for one in (first, second, blank, ask(talk), ask(talk))
    ]
    assert found == [False, True, False, False, False]


def test_a_closed_round_and_the_rooms_board_show_no_earlier_answers(workshop):
    prompt = builders.make_prompt(workshop)
    phone = Phone(workshop)
    builders.judge(ask(prompt), phone.who, {"p1": 2})
    again = ask(prompt, from_own=True)
    board = stage_html(workshop.pk)

    page = phone.get().content.decode()
    rounds.close_round(round_id=again.pk)
    again.refresh_from_db()

    assert NOT_COUNTED not in board
    assert 'value="difficult" checked' not in board
    assert page.count(f">{NOT_COUNTED}<") == 1
    assert 'value="difficult" checked' in page
    assert own(again, phone.who) == Own()
    assert "Difficult to deliver" not in phone.get().content.decode()


def test_keeping_them_by_the_form_counts_them(workshop):
    prompt = builders.make_prompt(workshop)
    phone = Phone(workshop)
    builders.judge(ask(prompt), phone.who, {"p1": 2, "p2": 1})
    again = ask(prompt, from_own=True)
    told = phone.get(f"mine/{again.pk}/").json()

    sent = {name: one for name, [one] in told["earlier"].items()}
    phone.post(f"answer/{again.pk}/", sent)

    assert (told["fields"], told["answered"]) == ({}, 0)
    found = own(again, phone.who)
    assert (found.fields, found.earlier) == (
        {"answer.p1": ["difficult"], "answer.p2": ["unproblematic"]},
        {},
    )


def test_a_tables_earlier_answer_is_filled_in_for_its_scribe(workshop):
    prompt = builders.make_prompt(workshop, asks_tables=True)
    phone, stranger = Phone(workshop), Phone(workshop, table=2)
    scribes.take_role(participant=phone.who)
    table = phone.who.table
    first = ask(prompt)
    builders.judge(first, phone.who, {"p1": 3}, voice="tables", table=table)
    again = ask(prompt, from_own=True)

    page, other = phone.get().content.decode(), stranger.get().content.decode()

    ours = page.partition('id="ours"')[2]
    assert "The table’s earlier answers are filled in." in ours
    assert 'name="answer.p1" value="inconsistent" checked' in ours
    assert 'value="inconsistent" checked' not in other
    assert round_results(again)["voices"]["tables"]["responded"] == 0
