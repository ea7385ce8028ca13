import pytest
from django.db import IntegrityError, transaction

from deliberation.actions import (
    editing,
    merging,
    points,
    proposing,
    recording,
    rounds,
)
from deliberation.kinds.base import InvalidAnswer
from deliberation.models import Item, Point, Proposal, Stance, Wording
from tests import builders
from workshops import codes
from workshops.actions import joining, scribes

pytestmark = pytest.mark.django_db
Status = Proposal.Status


@pytest.fixture
def this_round():
    """A prompt for people and tables that invites other words and more items."""
    workshop = builders.make_workshop()
    prompt = builders.make_prompt(
        workshop, asks_tables=True, invites_rewordings=True, invites_new_items=True
    )
    return builders.open_round(prompt)


def say(this_round, text, *items, kind="rewording", table=None):
    who = (
        builders.join(this_round.workshop)
        if table is None
        else builders.scribe_of(this_round.workshop, table=table)
    )
    return points.add_point(
        prompt=this_round.prompt,
        this_round=this_round,
        participant=who,
        table=who.table if table else None,
        kind=kind,
        items=this_round.prompt.items.filter(key__in=items),
        text=text,
        key=codes.new_token(),
    )


def propose(this_round, text="Principle the first", *, release=True, **fields):
    items = () if fields.get("kind") == "new-item" else ("p1",)
    proposal = say(this_round, text, *items, **fields).proposal
    if release:
        proposing.release(proposal=proposal)
    return now(proposal)


def now(proposal) -> Proposal:
    return Proposal.objects.get(pk=proposal.pk)


def stances(proposal) -> list:
    counted = Stance.objects.filter(proposal=proposal).counted()
    return list(counted.values_list("voice", "table__number", "supports"))


def stand(proposal, who, supports, *, table=None) -> None:
    proposing.take_stance(
        proposal=proposal, participant=who, table=table, supports=supports
    )


def test_a_rewording_of_one_item_waits_as_a_proposal(this_round):
    one = propose(this_round, release=False)
    more = propose(this_round, "Principle four", kind="new-item", release=False)

    assert (one.item.key, one.base.version, one.status) == ("p1", 1, "waiting")
    assert (more.item, more.base, more.status) == (None, None, "waiting")


@pytest.mark.parametrize(
    ("kind", "items"),
    [("rewording", ()), ("rewording", ("p1", "p2")), ("point", ("p1",))],
)
def test_what_does_not_say_which_item_it_changes_stays_a_point(this_round, kind, items):
    point = say(this_round, "Other words", *items, kind=kind)

    assert not Proposal.objects.filter(point=point).exists()


def test_the_same_words_are_no_proposal(this_round):
    with pytest.raises(InvalidAnswer) as refused:
        say(this_round, "Principle number 1", "p1")

    assert list(refused.value.errors) == ["text"]
    assert this_round.workshop.points.count() == 0


def test_what_is_before_the_room_cannot_be_withdrawn(this_round):
    waiting, released = propose(this_round, release=False), propose(this_round)

    assert points.withdraw(point=waiting.point) is True
    assert points.withdraw(point=released.point) is False


def test_what_is_compared_are_the_words_that_were_asked(this_round):
    item = this_round.prompt.items.get(key="p1")
    item.wordings.create(version=2, text="Written meanwhile in the set-up")

    assert propose(this_round).base.version == 1


def test_one_current_stance_for_each_person_and_table(this_round):
    proposal = propose(this_round, table=1)
    who, scribe = builders.join(this_round.workshop), scribe_at(this_round, 2)

    stand(proposal, who, False)
    stand(proposal, who, True)
    stand(proposal, scribe, True)
    stand(proposal, scribe, False, table=scribe.table)

    assert stances(proposal) == [
        ("people", None, True),
        ("people", None, True),
        ("tables", 2, False),
    ]
    stand(proposal, who, None)
    stand(proposal, scribe, None, table=scribe.table)
    assert stances(proposal) == [("people", None, True)]


def scribe_at(this_round, table):
    return builders.scribe_of(this_round.workshop, table=table)


def test_nobody_takes_a_stance_who_is_not_asked(this_round):
    waiting = propose(this_round, release=False)
    who = builders.join(this_round.workshop, table=3)
    with pytest.raises(proposing.NotBeforeTheRoom):
        stand(waiting, who, True)
    proposal = propose(this_round)
    with pytest.raises(scribes.NotScribe):
        stand(proposal, who, True, table=who.table)
    joining.remove(participant=who)
    with pytest.raises(joining.SeatGone):
        stand(proposal, who, True)
    type(this_round.prompt).objects.update(asks_people=False)
    with pytest.raises(proposing.NotAsked):
        stand(proposal, builders.join(this_round.workshop), True)
    assert stances(proposal) == []


def test_who_is_removed_does_not_count(this_round):
    proposal, who = propose(this_round), builders.join(this_round.workshop)
    stand(proposal, who, True)

    joining.remove(participant=who)

    assert stances(proposal) == []


def test_merged_seats_have_one_stance(this_round):
    proposal, other = propose(this_round), propose(this_round, "Words")
    keep, drop = (builders.join(this_round.workshop) for _ in range(2))
    stand(proposal, keep, True)
    stand(proposal, drop, False)
    stand(other, drop, False)

    merging.merge(keep=keep, drop=drop)

    assert stances(proposal) == [("people", None, True)]
    assert stances(other) == [("people", None, False)]


def test_adopted_words_are_the_next_version_and_asked_from_now_on(this_round):
    proposal = propose(this_round)

    wording = proposing.adopt(
        proposal=proposal, text="Principle one", short="One", version=1
    )

    proposal = now(proposal)
    assert (wording.version, wording.text, wording.short) == (2, "Principle one", "One")
    assert (proposal.status, proposal.made) == ("adopted", wording)
    assert proposal.point.status == "kept"
    again = rounds.ask_again(prompt=this_round.prompt, items=[wording.item])
    asked = [this_round.round_items.first(), again.round_items.get()]
    assert [one.wording.version for one in asked] == [1, 2]
    assert again.interrupts == this_round


def test_nobody_adopts_over_words_not_seen(this_round):
    first, second = propose(this_round), propose(this_round, "Principle A")
    proposing.adopt(proposal=first, text="Principle the first", version=1)

    with pytest.raises(proposing.Outdated):
        proposing.adopt(proposal=second, text="Principle A", version=1)
    with pytest.raises(proposing.SameWords):
        proposing.adopt(proposal=second, text="Principle the first", version=2)
    assert now(second).status == "open"
    proposing.adopt(proposal=second, text="Principle A", version=2)
    versions = Wording.objects.filter(item=first.item).values_list("text", flat=True)
    assert list(versions)[1:] == ["Principle the first", "Principle A"]


def test_a_new_item_keeps_the_table_that_proposed_it(this_round):
    proposal = propose(this_round, "Be fair", kind="new-item", table=3)

    wording = proposing.adopt(proposal=proposal, text="Be fair to all", short="Fair")

    item = wording.item
    assert (item.key, item.position, item.proposed_by.number) == ("fair", 4, 3)
    assert this_round.round_items.count() == 3
    again = rounds.ask_again(prompt=this_round.prompt, items=[item])
    assert [one.position for one in again.round_items.all()] == [4]


def test_what_a_person_proposes_is_not_the_tables(this_round):
    proposal = propose(this_round, "Be fair", kind="new-item")

    assert proposing.adopt(proposal=proposal, text="Be fair").item.proposed_by is None


def test_what_is_parked_can_be_released_again(this_round):
    proposal = propose(this_round)

    proposing.park(proposal=proposal, reason="After lunch")
    assert (now(proposal).status, now(proposal).point.status) == ("parked", "parked")
    proposing.release(proposal=proposal)

    proposal = now(proposal)
    assert (proposal.status, proposal.decided_at) == ("open", None)
    assert (proposal.reason, proposal.point.status) == ("After lunch", "incoming")


def test_what_is_decided_stays_so(this_round):
    proposal = propose(this_round)
    with pytest.raises(ValueError, match="says why"):
        proposing.decline(proposal=proposal, reason="")
    proposing.decline(proposal=proposal, reason="Says the same")

    for step in (proposing.release, proposing.park):
        with pytest.raises(proposing.Decided):
            step(proposal=proposal)
    with pytest.raises(proposing.Decided):
        proposing.adopt(proposal=proposal, text="Principle one", version=1)
    with pytest.raises(proposing.NotBeforeTheRoom):
        stand(proposal, builders.join(this_round.workshop), True)


def test_undo_takes_back_each_step(this_round):
    workshop = this_round.workshop
    proposal = propose(this_round)
    other = propose(this_round, "Be fair", kind="new-item", table=3)
    before = [[], ["open", "open"], Wording.objects.count(), Item.objects.count()]

    def found():
        status = [now(one).status for one in (proposal, other)]
        return [[], status, Wording.objects.count(), Item.objects.count()]

    proposing.decline(proposal=proposal, reason="Long")
    recording.undo(workshop=workshop)
    proposing.park(proposal=proposal)
    recording.undo(workshop=workshop)
    proposing.adopt(proposal=proposal, text="Principle one", version=1)
    recording.undo(workshop=workshop)
    proposing.adopt(proposal=other, text="Be fair")
    recording.undo(workshop=workshop)
    assert found() == before
    recording.undo(workshop=workshop)
    assert found()[1] == ["open", "waiting"]


def test_undo_leaves_words_that_were_asked_meanwhile(this_round):
    proposal = propose(this_round)
    wording = proposing.adopt(proposal=proposal, text="Principle one", version=1)
    rounds.ask_again(prompt=this_round.prompt, items=[wording.item])
    workshop = this_round.workshop
    workshop.events.filter(verb="again").delete()

    with pytest.raises(recording.ChangedSince):
        recording.undo(workshop=workshop)
    assert (now(proposal).status, now(proposal).made) == ("adopted", wording)


@pytest.mark.parametrize(
    "broken",
    [
        {"item": None},
        {"status": Status.DECLINED, "reason": ""},
        {"decided_at": None, "status": Status.PARKED},
        {"status": Status.OPEN, "decided_at": "2026-01-01T00:00Z"},
    ],
)
def test_database_keeps_what_a_proposal_is(this_round, broken):
    proposal = propose(this_round)

    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.filter(pk=proposal.pk).update(**broken)


def test_a_stance_is_a_persons_or_a_tables(this_round):
    proposal, who = propose(this_round), builders.join(this_round.workshop)
    stand(proposal, who, True)

    with pytest.raises(IntegrityError), transaction.atomic():
        Stance.objects.update(voice="tables")
    with pytest.raises(IntegrityError), transaction.atomic():
        Stance.objects.update(table=who.table)


def test_a_table_that_took_a_stance_is_not_taken_away(this_round):
    proposal, scribe = propose(this_round), scribe_at(this_round, 4)
    stand(proposal, scribe, False, table=scribe.table)
    joining.move(participant=scribe, table=this_round.workshop.tables.get(number=1))

    with pytest.raises(editing.Locked):
        editing.set_number_of_tables(this_round.workshop, 3)

    assert stances(proposal) == [("tables", 4, False)]


def test_words_that_a_proposal_is_compared_with_stay(this_round):
    proposal = propose(this_round)
    editing.reword_item(proposal.item, text="Principle seen")
    editing.reword_item(proposal.item, text="Principle unseen")

    with pytest.raises(proposing.Outdated):
        proposing.adopt(proposal=proposal, text="Principle the first", version=2)

    versions = Wording.objects.filter(item=proposal.item).order_by("version")
    assert list(versions.values_list("version", "text"))[1:] == [
        (2, "Principle seen"),
        (3, "Principle unseen"),
    ]


def test_nothing_is_decided_on_what_was_withdrawn(this_round):
    proposal = propose(this_round, release=False)
    assert points.withdraw(point=Point.objects.get(pk=proposal.point_id))

    for step, said in (
        (proposing.release, {}),
        (proposing.park, {}),
        (proposing.decline, {"reason": "Long"}),
        (proposing.adopt, {"text": "Principle one", "version": 1}),
    ):
        with pytest.raises(proposing.Withdrawn):
            step(proposal=proposal, **said)
    assert now(proposal).status == "waiting"
