from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workshops.mixing import Mixed, Room, fit, mixed, plan


@st.composite
def rooms(draw) -> Room:
    """Rooms of two to six tables, some people at none, at most one host a table."""
    tables = draw(st.integers(2, 6))
    seats = draw(st.lists(st.integers(0, tables), min_size=0, max_size=18))
    # Somebody sits at each table, or it would be none of those people change.
    seats = [*range(1, tables + 1), *seats]
    now = {who: table or None for who, table in enumerate(seats, start=1)}
    hosts = draw(st.sets(st.integers(1, tables)))
    return Room(now, hosts)


def evenly(room: Room, seating) -> bool:
    people = Counter(seating.values())
    tables = {table for table in room.now.values() if table is not None}
    sizes = [people[table] for table in tables]
    return max(sizes) - min(sizes) <= 1 and people.keys() <= tables


def stays_for_a_reason(room: Room, seating) -> bool:
    """Nobody stays but where all others' seats are taken by people of that table."""
    movers = {who for who in room.now if who not in room.hosts}
    staying = {room.now[who] for who in movers if seating[who] == room.now[who]}
    return all(
        room.now[who] == table
        for table in staying
        for who in movers
        if seating[who] != table
    )


@given(rooms(), st.integers(1, 3), st.integers(0, 99))
def test_plan_is_even_moves_everybody_and_leaves_hosts(room, times, seed):
    seatings = plan(room, times=times, seed=seed)

    assert len(seatings) == times
    for seating in seatings:
        assert seating.keys() == room.now.keys()
        assert evenly(room, seating)
        assert all(seating[host] == room.now[host] for host in room.hosts)
        assert stays_for_a_reason(room, seating)
        room = room.after(seating)


@given(rooms(), st.integers(0, 99))
def test_plan_is_the_same_for_the_same_room(room, seed):
    assert plan(room, times=2, seed=seed) == plan(room, times=2, seed=seed)


@given(rooms(), st.integers(0, 99), st.data())
def test_fit_seats_who_came_later_and_keeps_tables_even(room, seed, data):
    (wanted,) = plan(room, times=1, seed=seed)
    gone = data.draw(st.sets(st.sampled_from(sorted(room.now))))
    left = {who: table for who, table in room.now.items() if who not in gone}
    if len({table for table in left.values() if table}) < 2:
        return
    late = {1000 + n: None for n in range(data.draw(st.integers(0, 4)))}
    now = Room(left | late, room.hosts)

    seating = fit(now, wanted, seed=seed)

    assert seating.keys() == now.now.keys()
    assert evenly(now, seating)
    assert stays_for_a_reason(now, seating)


def test_fit_keeps_a_plan_that_still_holds():
    room = Room({who: who % 4 for who in range(16)}, hosts=range(4))
    (wanted,) = plan(room, times=1, seed=7)

    assert fit(room, wanted, seed=1) == wanted


@pytest.mark.parametrize(
    ("people", "tables", "times"),
    [
        pytest.param(12, 4, 3, id="two and a host at four tables"),
        pytest.param(16, 4, 3, id="three and a host at four tables"),
        pytest.param(25, 5, 4, id="four and a host at five tables"),
        pytest.param(200, 25, 4, id="seven and a host at 25 tables"),
    ],
)
def test_plan_lets_nobody_meet_twice_where_that_is_possible(people, tables, times):
    room = Room({who: who % tables for who in range(people)}, hosts=range(tables))

    found = []
    for seating in plan(room, times=times, seed=1):
        found.append(mixed(room, seating))
        room = room.after(seating)

    assert found == [Mixed(stay=0, returns=0, meetings=0)] * times


def test_mixed_counts_what_is_repeated():
    # 1 and 2 sat at table 1 before, apart now; 4 is a host.
    room = Room({1: 1, 2: 2, 3: 2, 4: 1}, {4}, [{1: 1, 2: 1, 3: 2, 4: 2}])

    # 1 and 3 stay, 2 comes back; 1 meets 2 again, and 4.
    assert mixed(room, {1: 1, 2: 1, 4: 1, 3: 2}) == Mixed(2, 3, 2)


def test_plan_needs_two_tables():
    with pytest.raises(ValueError, match="two or more"):
        plan(Room({1: 1, 2: 1, 3: None}), times=1, seed=0)
