from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from tests import builders
from tests.together import at_the_same_time
from workshops.actions import joining, scribes
from workshops.models import ScribeLease

pytestmark = pytest.mark.django_db


def test_take_role_is_for_one_at_the_table():
    workshop = builders.make_workshop()
    first, second = builders.join(workshop), builders.join(workshop)
    scribes.take_role(participant=first)

    with pytest.raises(scribes.RoleTaken) as refusal:
        scribes.take_role(participant=second)

    assert refusal.value.holder == first


def test_take_role_again_keeps_it():
    who = builders.join(builders.make_workshop())

    assert scribes.take_role(participant=who) == scribes.take_role(participant=who)


def test_take_role_needs_a_table():
    who = builders.join(builders.make_workshop(), table=None)

    with pytest.raises(scribes.NotAtTable):
        scribes.take_role(participant=who)


def test_hand_over_changes_the_holder():
    workshop = builders.make_workshop()
    first, second = builders.join(workshop), builders.join(workshop)
    scribes.take_role(participant=first)

    scribes.hand_over(table=first.table, to=second)

    assert ScribeLease.objects.get().participant == second


def test_hand_over_stays_at_the_table():
    workshop = builders.make_workshop()
    first, elsewhere = builders.join(workshop), builders.join(workshop, table=2)
    scribes.take_role(participant=first)

    with pytest.raises(scribes.NotAtTable):
        scribes.hand_over(table=first.table, to=elsewhere)

    assert ScribeLease.objects.get().participant == first


@pytest.mark.django_db(transaction=True)
def test_two_who_take_the_role_at_once_leave_one_scribe():
    workshop = builders.make_workshop()
    people = [builders.join(workshop) for _seat in range(6)]
    ready = Barrier(6)

    def take(who) -> str:
        try:
            ready.wait()
            scribes.take_role(participant=who)
        except scribes.RoleTaken:
            return "taken"
        finally:
            connection.close()
        return "mine"

    with ThreadPoolExecutor(6) as pool:
        outcomes = sorted(pool.map(take, people))

    assert outcomes == ["mine"] + ["taken"] * 5
    assert ScribeLease.objects.count() == 1


def test_each_handover_is_counted_once():
    """Phones tell a newer board from an older one by it."""
    workshop = builders.make_workshop()
    first, second = builders.join(workshop), builders.join(workshop)
    elsewhere = builders.join(workshop, table=2)
    table, counted = first.table, []
    steps = [
        lambda: scribes.take_role(participant=first),
        lambda: scribes.take_role(participant=first),  # has it already
        lambda: joining.move(participant=first, table=elsewhere.table),
        lambda: scribes.take_role(participant=second),
        lambda: joining.remove(participant=second),
        lambda: scribes.hand_over(table=table, to=None),  # nobody has it
    ]

    for step in steps:
        step()
        table.refresh_from_db()
        counted.append(table.handovers)

    assert counted == [1, 1, 2, 3, 4, 4]


@pytest.mark.django_db(transaction=True)
def test_scribes_who_change_places_do_not_wait_for_each_other():
    workshop = builders.make_workshop()
    one, two = workshop.tables.order_by("number")[:2]
    for _turn in range(10):
        first = builders.join(workshop, table=one.number)
        second = builders.join(workshop, table=two.number)
        scribes.take_role(participant=first)
        scribes.take_role(participant=second)

        at_the_same_time(
            lambda who=first: joining.move(participant=who, table=two),
            lambda who=second: joining.move(participant=who, table=one),
        )

        assert not ScribeLease.objects.exists()
