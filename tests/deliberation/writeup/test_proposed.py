import pytest

from deliberation.actions import proposing, rounds
from deliberation.writeup.as_markdown import markdown
from deliberation.writeup.builder import draft
from tests import builders
from tests.deliberation.test_proposals import Room

pytestmark = pytest.mark.django_db


@pytest.fixture
def room() -> Room:
    return Room()


def text_of(room) -> str:
    return " ".join(markdown(draft(room.workshop)).replace("\\", "").split())


def support(room, proposal, *, people=0, against=0, table=None) -> None:
    for n in range(people + against):
        proposing.take_stance(
            proposal=proposal,
            participant=builders.join(room.workshop),
            table=None,
            supports=n < people,
        )
    if table is not None:
        proposing.take_stance(
            proposal=proposal, participant=room.scribe.who, table=table, supports=True
        )


def test_adopted_words_are_told_with_the_old_ones_and_who_supported_them(room):
    proposal = room.released(text="Principle number one")
    support(room, proposal, people=2, against=1, table=room.scribe.who.table)
    people = [builders.join(room.workshop) for _ in range(4)]
    for who in people:
        builders.judge(room.round, who, {"p1": 1})
    wording = proposing.adopt(
        proposal=proposal, text="Principle number one", version=1, reason="Clearer."
    )
    again = rounds.ask_again(prompt=room.prompt, items=[wording.item])
    for who in people[1:]:
        builders.judge(again, who, {"p1": 2})
    rounds.close_round(round_id=again.pk)

    told = text_of(room)

    for sentence in (
        "It was put in other words, as table 1 proposed.",
        "Of the tables, one supported this and none opposed it.",
        "Of the people, two supported this and one opposed it.",
        "The reason given: “Clearer”.",
        "It was asked in these words from round 2 on. "
        "In the words of round 1: unproblematic for all four people (record ",
        "Policy implications difficult to deliver for all three people (record ",
        "Principle number [out: 1] [in: one]",
        "Principle number 1",
    ):
        assert sentence in told


def test_what_was_not_asked_again_is_said_to_be_so(room):
    proposal = room.released(text="Principle number one")
    support(room, proposal, people=2)
    proposing.adopt(proposal=proposal, text="Principle number one", version=1)
    rounds.close_round(round_id=room.round.pk)

    told = text_of(room)

    assert "It has not been asked in these words." in told
    assert "Of the people" not in told  # two would be told of


def test_an_added_item_is_told_with_the_table_that_proposed_it(room):
    proposal = room.released(text="Be fair", kind="new-item", items="")
    wording = proposing.adopt(proposal=proposal, text="Be fair to all")
    again = rounds.ask_again(prompt=room.prompt, items=[wording.item])
    builders.judge(again, room.phone.who, {wording.item.key: 1})
    rounds.close_round(round_id=again.pk)

    told = text_of(room)

    assert "It was proposed during the session by table 1." in told
    assert "put in other words" not in told


def test_what_was_declined_is_told_with_the_reason(room):
    proposal = room.released(text="Principle number one")
    proposing.decline(proposal=proposal, reason="Says the same")
    rounds.close_round(round_id=room.round.pk)

    said = (
        "Table 1 proposed “Principle number [out: 1] [in: one]”; "
        "this was declined: “Says the same”."
    )
    assert said in text_of(room)


def test_what_was_put_aside_or_left_is_told_to_be_so(room):
    parked = room.released(text="Principle number one")
    proposing.park(proposal=parked, reason="After lunch.")
    room.released(text="Principle no. 2", items="p2")
    unseen = room.propose(text="Principle no. 3", items="p3")
    proposing.park(proposal=unseen)
    rounds.close_round(round_id=room.round.pk)

    told = text_of(room)

    assert (
        "Table 1 proposed “Principle number [out: 1] [in: one]”; this was put aside. "
        "The reason given: “After lunch”."
    ) in told
    assert (
        "Table 1 proposed “Principle [out: number] [in: no.] 2”; "
        "nothing was decided on it."
    ) in told
    assert "[in: no.] 3" not in told


@pytest.mark.parametrize("is_adopted", [True, False])
def test_a_new_item_that_was_never_asked_is_told_with_the_question(room, is_adopted):
    proposal = room.released(text="Be fair.", kind="new-item", items="")
    support(room, proposal, people=1, against=2)
    if is_adopted:
        proposing.adopt(proposal=proposal, text="Be fair to all.")
        became = "this was adopted, and has not been asked."
    else:
        proposing.decline(proposal=proposal, reason="Goes without saying.")
        became = "this was declined: “Goes without saying”."
    rounds.close_round(round_id=room.round.pk)

    assert (
        f"Table 1 proposed to add “Be fair”; {became} "
        "Of the people, one supported this and two opposed it."
    ) in text_of(room)


def test_a_person_is_named_no_more_than_the_rule_allows(room):
    type(room.workshop).objects.update(attribution="chatham-house")
    sent = {"text": "Principle number one", "kind": "rewording", "items": "p1"}
    room.phone.send(f"points/{room.prompt.pk}/", sent)
    proposal = room.workshop.points.get().proposal
    proposing.adopt(proposal=proposal, text="Principle number one", version=1)
    rounds.close_round(round_id=room.round.pk)

    assert "as was proposed in the room." in text_of(room)
