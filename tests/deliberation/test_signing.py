"""A table confirms, corrects and disputes what is recorded of it."""

from functools import partial

import pytest

from deliberation.actions import erasing, merging, points, rounds, signing
from deliberation.kinds import InvalidAnswer
from deliberation.models import Point, SignOff
from deliberation.results import round_results
from deliberation.table_records import record_of
from deliberation.writeup.signed import Signed, signed
from tests import builders
from tests.together import at_the_same_time
from workshops import codes
from workshops.actions import joining, scribes
from workshops.models import Participant

pytestmark = pytest.mark.django_db


class Room:
    """Table 1 has answered and has a point; the question is closed and revealed."""

    def __init__(self, *, people: int = 3) -> None:
        self.workshop = builders.make_workshop(tables=2)
        self.prompt = builders.make_prompt(self.workshop, asks_tables=True)
        self.round = builders.open_round(self.prompt)
        self.scribe = builders.scribe_of(self.workshop)
        self.table = self.scribe.table
        self.others = [builders.join(self.workshop) for _seat in range(people - 1)]
        self.answer(1)
        self.point = points.add_point(
            prompt=self.prompt,
            this_round=self.round,
            participant=self.scribe,
            table=self.table,
            kind="point",
            text="A point",
            items=[],
            key=codes.new_token(),
        )
        rounds.close_round(round_id=self.round.pk)
        rounds.reveal(round_id=self.round.pk)

    def answer(self, value: int) -> None:
        answers = {"p1": value, "p2": 2, "p3": "not-discussed"}
        builders.judge(
            self.round, self.scribe, answers, voice="tables", table=self.table
        )

    @property
    def session(self):
        return self.workshop.sessions.get()

    @property
    def digest(self) -> str:
        return record_of(self.session, self.table).digest

    def sign(self, who: Participant, digest: str | None = None) -> SignOff:
        return signing.sign_off(
            session=self.session, participant=who, digest=digest or self.digest
        )

    def dissent(self, who: Participant, **fields) -> Point:
        fields = {"item": None, "text": "Not so", "key": codes.new_token()} | fields
        return signing.add_dissent(prompt=self.prompt, participant=who, **fields)

    def rewrite(self, who: Participant, text: str, **fields) -> Point:
        fields = {"point": self.point, "key": codes.new_token()} | fields
        return signing.rewrite_point(participant=who, text=text, **fields)

    def state(self) -> tuple[str, int, int, bool]:
        (one,) = [one for one in signed(self.session) if one.table == 1]
        return one[1:5]


# ---- confirming ----


def test_a_person_confirms_what_was_read():
    room = Room()

    first = room.sign(room.others[0])

    assert (first.table, first.by_scribe, first.digest) == (
        room.table,
        False,
        room.digest,
    )
    again = room.sign(room.others[0])
    assert (again.pk, again.at) == (first.pk, first.at)
    assert room.state() == ("signed", 1, 3, False)
    assert room.sign(room.scribe).by_scribe
    assert room.state() == ("signed", 2, 3, False)


def test_a_record_that_changed_is_not_confirmed_unread():
    room = Room()
    read = room.digest
    room.dissent(room.others[0])

    with pytest.raises(signing.RecordChanged) as caught:
        room.sign(room.others[1], read)

    assert caught.value.record.digest == room.digest != read
    assert SignOff.objects.count() == 0


def test_a_confirmation_is_given_anew_after_a_change():
    room = Room()
    who = room.others[0]
    first = room.sign(who)
    room.dissent(room.others[1])
    assert room.state() == ("changed", 0, 3, False)

    second = room.sign(who)

    assert (second.pk, second.at > first.at) == (first.pk, True)
    assert room.state() == ("signed", 1, 3, False)


def test_the_same_words_read_at_another_table_confirm_nothing():
    room = Room()
    other_table = builders.join(room.workshop, table=2)

    with pytest.raises(signing.RecordChanged):
        room.sign(other_table)


def test_nothing_is_confirmed_before_a_round_closed_or_after_the_end():
    workshop = builders.make_workshop()
    who = builders.join(workshop)
    session = workshop.sessions.get()
    with pytest.raises(signing.NothingToConfirm):
        signing.sign_off(session=session, participant=who, digest="")
    nowhere = builders.join(workshop, table=None)
    with pytest.raises(scribes.NotAtTable):
        signing.sign_off(session=session, participant=nowhere, digest="")
    joining.remove(participant=nowhere)
    with pytest.raises(joining.SeatGone):
        signing.sign_off(session=session, participant=nowhere, digest="")
    workshop.ended_at = workshop.created_at
    workshop.save()
    with pytest.raises(signing.DayOver):
        signing.sign_off(session=session, participant=who, digest="")


@pytest.mark.django_db(transaction=True)
def test_one_person_who_presses_twice_at_once_confirms_once():
    room = Room()
    press = partial(room.sign, room.others[0], room.digest)

    stored = at_the_same_time(press, press, press)

    assert {one.pk for one in stored} == {SignOff.objects.get().pk}


# ---- what happens to people ----


def test_who_moves_leaves_the_confirmation_at_the_table_and_gives_no_other():
    room = Room()
    who = room.others[0]
    room.sign(who)
    joining.move(participant=who, table=room.workshop.tables.get(number=2))

    assert room.state() == ("signed", 1, 3, False)
    there = record_of(room.session, room.workshop.tables.get(number=2))
    with pytest.raises(signing.SignedElsewhere) as caught:
        room.sign(Participant.objects.get(pk=who.pk), there.digest)
    assert caught.value.table == room.table


def test_of_two_seats_that_are_one_the_newer_confirmation_counts():
    room = Room()
    keep, drop = room.others
    room.sign(keep)
    room.dissent(room.scribe)
    room.sign(drop)

    merging.merge(keep=keep, drop=drop)

    stored = SignOff.objects.get()
    assert (stored.participant, stored.digest) == (keep, room.digest)
    assert room.state() == ("signed", 1, 2, False)


def test_a_merged_seat_that_wrote_for_the_table_confirms_as_its_scribe():
    room = Room()
    keep = room.others[0]
    room.sign(keep)

    merging.merge(keep=keep, drop=room.scribe)

    assert SignOff.objects.get().by_scribe
    assert room.state() == ("signed", 1, 2, True)


def test_a_merged_seat_keeps_the_confirmation_of_the_one_that_left():
    room = Room()
    keep, drop = room.others
    room.sign(drop)

    merging.merge(keep=keep, drop=drop)

    assert room.state() == ("signed", 1, 2, False)


def test_who_is_removed_confirms_nothing_until_brought_back():
    room = Room()
    who = room.others[0]
    room.sign(who)
    joining.remove(participant=who)
    assert room.state() == ("unsigned", 0, 2, False)

    joining.bring_back(participant=who)

    assert room.state() == ("signed", 1, 3, False)


def test_who_is_erased_stays_counted_as_one_who_confirmed():
    room = Room()
    who, removed = room.others
    room.sign(who)
    room.sign(removed)
    joining.remove(participant=removed)

    erasing.erase_participant(participant=Participant.objects.get(pk=who.pk))
    erasing.erase_participant(participant=Participant.objects.get(pk=removed.pk))

    assert room.state() == ("signed", 1, 2, False)
    assert SignOff.objects.get().participant is None


# ---- dissent and corrections ----


def test_anybody_at_the_table_adds_dissent_once():
    room = Room()
    item = room.prompt.items.get(key="p2")

    sent = {"item": item, "text": " Not at all ", "key": "sent-once"}
    dissent = room.dissent(room.others[0], **sent)

    assert room.dissent(room.others[0], **sent) == dissent
    (state,) = signed(room.session)
    assert state == Signed(1, "unsigned", 0, 3, False, (dissent,))
    assert (dissent.voice, dissent.table, dissent.kind) == (
        "tables",
        room.table,
        "dissent",
    )
    assert (dissent.text, list(dissent.items.all())) == ("Not at all", [item])
    with pytest.raises(InvalidAnswer):
        room.dissent(room.others[0], text=" ")


def test_a_correction_stands_beside_a_figure_that_was_shown():
    room = Room()
    before = round_results(room.round)
    sent = {
        "prompt": room.prompt,
        "item": room.prompt.items.get(key="p1"),
        "text": "We said difficult",
        "key": "once",
    }
    with pytest.raises(scribes.NotScribe):
        signing.add_correction(participant=room.others[0], **sent)

    correction = signing.add_correction(participant=room.scribe, **sent)

    assert (correction.kind, correction.table) == ("correction", room.table)
    assert round_results(room.round) == before
    assert room.state() == ("unsigned", 0, 3, False)


def test_a_scribe_puts_a_point_in_other_words():
    room = Room()
    room.sign(room.others[0])

    better = room.rewrite(room.scribe, "A better point", key="once")

    assert room.rewrite(room.scribe, "A better point", key="once") == better
    assert (better.kind, better.text) == ("point", "A better point")
    room.point.refresh_from_db()
    assert room.point.withdrawn_at is not None
    assert room.state() == ("changed", 0, 3, False)
    with pytest.raises(InvalidAnswer):
        room.rewrite(room.scribe, "Once more")  # what is withdrawn
    assert room.rewrite(room.scribe, better.text, point=better) == better


def test_a_point_that_was_taken_up_is_corrected_beside_it():
    room = Room()
    points.set_status(point=room.point, status="shown")

    correction = room.rewrite(room.scribe, "Another")

    assert (correction.kind, correction.text) == (
        "correction",
        "Instead of “A point”: Another",
    )
    room.point.refresh_from_db()
    assert room.point.withdrawn_at is None
    assert not signing.withdraw_point(point=room.point, participant=room.scribe)
    assert signing.withdraw_point(point=correction, participant=room.scribe)
    assert signing.withdraw_point(point=correction, participant=room.scribe)


def test_dissent_is_changed_by_nobody_but_who_wrote_it():
    room = Room()
    writer, other = room.others
    dissent = room.dissent(writer)
    for who in (room.scribe, other):
        with pytest.raises(scribes.NotScribe):
            signing.withdraw_point(point=dissent, participant=who)
        with pytest.raises(scribes.NotScribe):
            room.rewrite(who, "Never mind", point=dissent)

    milder = room.rewrite(writer, "Not quite", point=dissent)

    assert (milder.kind, milder.text) == ("dissent", "Not quite")
    points.set_status(point=milder, status="kept")
    assert room.rewrite(writer, "Hardly", point=milder).kind == "dissent"


def test_a_point_is_changed_by_its_own_table_only():
    room = Room()
    elsewhere = builders.scribe_of(room.workshop, table=2)

    for who in (room.others[0], elsewhere):
        with pytest.raises(scribes.NotScribe):
            room.rewrite(who, "Ours now")
    room.point.refresh_from_db()
    assert room.point.withdrawn_at is None


@pytest.mark.django_db(transaction=True)
def test_a_point_changed_twice_at_once_is_one_new_point():
    room = Room()
    change = partial(room.rewrite, room.scribe, "In other words", key="once")

    at_the_same_time(change, change)

    standing = Point.objects.filter(withdrawn_at=None)
    assert [point.text for point in standing] == ["In other words"]


@pytest.mark.django_db(transaction=True)
def test_a_point_shown_while_it_is_changed_stays_or_was_changed_before():
    room = Room()

    at_the_same_time(
        partial(room.rewrite, room.scribe, "In other words"),
        partial(points.set_status, point=room.point, status="shown"),
    )

    room.point.refresh_from_db()
    (new,) = Point.objects.exclude(pk=room.point.pk)
    taken_up = new.kind == "correction"
    assert (room.point.withdrawn_at is None) == taken_up
