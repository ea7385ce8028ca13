"""Plans are fitted to who is there; people arrive, or choose where they go."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests import builders
from workshops.actions import joining, rotating, scribes
from workshops.models import Move, Participant, Rotation, Table, Workshop

pytestmark = pytest.mark.django_db


@pytest.fixture
def workshop() -> Workshop:
    """Two people and a scribe at each of four tables."""
    made = builders.make_workshop(tables=4)
    people = [builders.join(made, table=n % 4 + 1) for n in range(12)]
    for who in people[:4]:
        scribes.take_role(participant=who)
    return made


def started(workshop: Workshop, **fields) -> Rotation:
    rotation = workshop.rotations.planned().first() or Rotation(
        workshop=workshop, number=rotating.next_number(workshop)
    )
    for name, value in fields.items():
        setattr(rotation, name, value)
    rotation.started_at = timezone.now()
    rotation.save()
    return rotation


def seats_of(workshop: Workshop) -> dict[int, int | None]:
    people = workshop.participants.present().order_by("pk")
    return dict(people.values_list("pk", "table__number"))


def test_plan_replaces_what_was_planned(workshop):
    rotating.plan(workshop=workshop, times=3)
    made = rotating.plan(workshop=workshop, times=2)

    assert list(workshop.rotations.all()) == made
    assert [one.number for one in made] == [1, 2]
    assert [one.moves.count() for one in made] == [12, 12]


def test_plan_needs_people_at_two_tables():
    workshop = builders.make_workshop(tables=4)
    builders.join(workshop, table=1)

    with pytest.raises(rotating.TooFewTables):
        rotating.plan(workshop=workshop, times=1)


def test_nothing_is_planned_while_people_move(workshop):
    rotating.plan(workshop=workshop, times=1)
    started(workshop)

    with pytest.raises(rotating.UnderWay):
        rotating.plan(workshop=workshop, times=1)


def test_settle_fits_the_plan_to_who_is_there(workshop):
    (rotation,) = rotating.plan(workshop=workshop, times=1)
    leaves = workshop.participants.order_by("pk").last()
    joining.remove(participant=leaves)
    late, nowhere = (
        builders.join(workshop, table=4),
        builders.join(workshop, table=None),
    )
    new_scribe = workshop.participants.filter(scribe_lease=None).first()
    scribes.hand_over(table=new_scribe.table, to=new_scribe)
    before = seats_of(workshop)

    assert rotating.settle(rotation) == [nowhere]

    moves = {
        move.participant_id: (
            move.from_table and move.from_table.number,
            move.to_table.number,
        )
        for move in rotation.moves.select_related("from_table", "to_table")
    }
    assert {who: left for who, (left, _to) in moves.items()} == before
    assert moves[new_scribe.pk][0] == moves[new_scribe.pk][1]
    assert moves[late.pk][1] != 4
    assert leaves.pk not in moves
    people = [to for _from, to in moves.values()]
    assert sorted(people.count(number) for number in (1, 2, 3, 4)) == [3, 3, 3, 4]


def mover(rotation: Rotation) -> Move:
    moves = rotation.moves.awaited().select_related("participant", "to_table")
    return moves.order_by("pk")[0]


def test_arrive_seats_a_person_where_they_are_sent(workshop):
    rotating.plan(workshop=workshop, times=1)
    rotation = started(workshop)
    move = mover(rotation)

    assert rotating.arrive(participant=move.participant) == move.to_table

    who = Participant.objects.get(pk=move.participant_id)
    move.refresh_from_db()
    assert (who.table, move.arrived_at is not None) == (move.to_table, True)
    with pytest.raises(rotating.NotMoving):
        rotating.arrive(participant=who)


def test_arrive_frees_the_role_of_who_took_it_meanwhile(workshop):
    rotating.plan(workshop=workshop, times=1)
    move = mover(started(workshop))
    scribes.hand_over(table=move.participant.table, to=move.participant)

    rotating.arrive(participant=move.participant)

    assert not Table.objects.get(pk=move.participant.table_id).participants.filter(
        scribe_lease__participant=move.participant
    )


def test_nobody_arrives_before_a_rotation_or_after_it(workshop):
    rotating.plan(workshop=workshop, times=1)
    who = workshop.participants.last()
    with pytest.raises(rotating.NotMoving):
        rotating.arrive(participant=who)
    rotation = started(workshop)
    rotation.ended_at = timezone.now()
    rotation.save()

    with pytest.raises(rotating.NotMoving):
        rotating.arrive(participant=who)


def test_choose_takes_a_free_seat_and_notes_where_from(workshop):
    rotation = started(workshop, way="free", seats=4)
    who = workshop.participants.filter(table__number=1).last()

    rotating.choose(participant=who, number=2)
    rotating.choose(participant=who, number=3)

    move = rotation.moves.get()
    assert (move.from_table.number, move.to_table.number) == (1, 3)
    assert seats_of(workshop)[who.pk] == 3


def test_choose_refuses_a_full_table_and_one_that_is_not_there(workshop):
    started(workshop, way="free", seats=3)
    who = workshop.participants.filter(table__number=1).last()

    with pytest.raises(rotating.TableFull):
        rotating.choose(participant=who, number=2)
    with pytest.raises(Table.DoesNotExist):
        rotating.choose(participant=who, number=9)
    assert seats_of(workshop)[who.pk] == 1


def test_choose_is_refused_while_people_move_by_plan(workshop):
    rotating.plan(workshop=workshop, times=1)
    started(workshop)

    with pytest.raises(rotating.NotMoving):
        rotating.choose(participant=workshop.participants.last(), number=2)


def test_who_comes_in_meanwhile_is_seated_by_where_people_go():
    workshop = builders.make_workshop(tables=2, seating="balanced")
    people = [builders.join(workshop, table=1) for _n in range(3)]
    builders.join(workshop, table=2)
    rotation = started(workshop)
    second = workshop.tables.get(number=2)
    for who in people[:2]:
        rotation.moves.create(participant=who, from_table=who.table, to_table=second)

    assert joining.emptiest_table(workshop).number == 1


def test_the_database_keeps_one_rotation_under_way(workshop):
    started(workshop, number=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        started(workshop, number=2)


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"ended_at": timezone.now()}, id="ended before it started"),
        pytest.param({"way": "free"}, id="free without seats"),
        pytest.param({"seats": 3}, id="planned with seats"),
    ],
)
def test_the_database_refuses_what_cannot_be(workshop, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        Rotation.objects.create(workshop=workshop, number=1, **fields)
