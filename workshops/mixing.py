"""Who sits where next, so that a room mixes: arithmetic without Django.

People and tables are numbers. A seating gives each person a table, or None. Hosts stay.
Tables get as many people as each other, or one more; whoever can leaves their table;
then people come to tables where they were not yet, and meet whom they have not met.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from random import Random

type Seating = Mapping[int, int | None]

STAYS = 1_000_000  # the cost of not leaving one's table ...
RETURNS = 100  # ... of each time that one was at a table before ...
MEETS = 10  # ... and of each time that two sat together before
LOOKS = 60_000  # exchanges that are looked at for a rotation, in all tries together
TRIES = 40


@dataclass(frozen=True)
class Room:
    """Who sits where now, who stays there, and who sat where before, oldest first."""

    now: Seating
    hosts: Collection[int] = ()
    before: Sequence[Seating] = ()

    def after(self, seating: Seating) -> "Room":
        """Return the room as it is once people sat down like this."""
        return Room(seating, self.hosts, [*self.before, self.now])


@dataclass(frozen=True)
class Mixed:
    """How well a seating mixes. meetings: pairs that sat together before, each time.

    returns: people at a table where they were before. stay: who did not leave theirs.
    """

    stay: int
    returns: int
    meetings: int


def plan(room: Room, *, times: int, seed: int) -> list[dict[int, int]]:
    """Return a seating for each of the next rotations, hosts at their own tables.

    Everybody is seated at one of the tables where people sit now, who has no table
    too. The same room and seed give the same plan. Raises ValueError for fewer than two
    tables.
    """
    people = max(1, len(room.now))
    tries = max(1, min(TRIES, LOOKS // (people * people)))
    random = Random(seed)  # noqa: S311 - seats, no secrets
    plans = [_plan_once(room, times, random, tries) for _try in range(tries)]
    return min(plans, key=lambda found: _cost_of(room, found))


def fit(room: Room, wanted: Mapping[int, int], *, seed: int) -> dict[int, int]:
    """Return the next seating as it was planned, with whom the plan did not know.

    wanted: where the plan sends people. It is kept but where tables would become
    uneven, or somebody would stay who need not. Raises ValueError as `plan` does.
    """
    random = Random(seed)  # noqa: S311 - seats, no secrets
    return _Search(room, random, wanted).seating(LOOKS)


def mixed(room: Room, seating: Seating) -> Mixed:
    """Count what a seating repeats; hosts are not counted as staying or returning."""
    met, visits = _met(room), _visits(room)
    movers = [who for who in seating if who not in room.hosts]
    return Mixed(
        stay=sum(seating[who] == room.now.get(who) for who in movers),
        returns=sum((who, seating[who]) in visits for who in movers),
        meetings=sum(met[pair] for pair in _pairs(seating)),
    )


def _plan_once(
    room: Room, times: int, random: Random, tries: int
) -> list[dict[int, int]]:
    found = []
    for _rotation in range(times):
        seating = _Search(room, random).seating(LOOKS // tries)
        found.append(seating)
        room = room.after(seating)
    return found


def _cost_of(room: Room, seatings: Iterable[Seating]) -> int:
    cost = 0
    for seating in seatings:
        one = mixed(room, seating)
        cost += STAYS * one.stay + RETURNS * one.returns + MEETS * one.meetings
        room = room.after(seating)
    return cost


def _met(room: Room) -> Counter[tuple[int, int]]:
    """Count how often each two people sat together, the lower number first."""
    return Counter(pair for one in (*room.before, room.now) for pair in _pairs(one))


def _visits(room: Room) -> Counter[tuple[int, int | None]]:
    """Count how often each person was at each table."""
    return Counter(
        (who, table) for one in (*room.before, room.now) for who, table in one.items()
    )


def _pairs(seating: Seating) -> Iterable[tuple[int, int]]:
    at: dict[int, list[int]] = defaultdict(list)
    for who, table in seating.items():
        if table is not None:
            at[table].append(who)
    for group in at.values():
        yield from combinations(sorted(group), 2)


@dataclass
class _Search:
    """Seats people one by one where it costs least, then lets two change places."""

    room: Room
    random: Random
    wanted: Mapping[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        now = self.room.now
        tables = {table for table in now.values() if table is not None}
        if len(tables) < 2:
            raise ValueError("People change tables where there are two or more.")
        self.met: dict[int, Counter[int]] = defaultdict(Counter)
        for (one, other), times in _met(self.room).items():
            self.met[one][other] = self.met[other][one] = times
        self.visits = _visits(self.room)
        hosts = {who for who in self.room.hosts if now.get(who) is not None}
        self.movers = sorted(set(now) - hosts)
        self.at: dict[int, set[int]] = {table: set() for table in sorted(tables)}
        self.seat: dict[int, int] = {}
        for who in sorted(hosts):
            table = now[who]
            assert table is not None
            self._sit(who, table)

    def seating(self, looks: int) -> dict[int, int]:
        """Return a seating; looks: how many exchanges to look at, at most."""
        most = self._most()
        order = list(self.movers)
        self.random.shuffle(order)
        left = []
        for who in order:
            table = self.wanted.get(who)
            is_wanted = table in self.at and table != self.room.now[who]
            if table is not None and is_wanted and len(self.at[table]) < most[table]:
                self._sit(who, table)
            else:
                left.append(who)
        for who in left:
            free = [table for table in self.at if len(self.at[table]) < most[table]]
            self._sit(who, min(free, key=lambda table: self._cost(who, table)))
        self._exchange(left if self.wanted else order, looks)
        return {who: self.seat[who] for who in sorted(self.seat)}

    def _most(self) -> dict[int, int]:
        """Return how many each table takes: those have one more where fewer sit now."""
        least, more = divmod(len(self.room.now), len(self.at))
        wanted = Counter(self.wanted.values())
        now = Counter(self.room.now.values())
        order = sorted(self.at, key=lambda table: (-wanted[table], now[table], table))
        return {table: least + (place < more) for place, table in enumerate(order)}

    def _sit(self, who: int, table: int) -> None:
        self.seat[who] = table
        self.at[table].add(who)

    def _cost(self, who: int, table: int, without: int | None = None) -> int:
        """Return what it costs that somebody sits at a table, `without` one there."""
        met = self.met[who]
        there = sum(met[other] for other in self.at[table] if other in met)
        if without is not None and without in met:
            there -= met[without]
        stays = STAYS * (table == self.room.now[who])
        return stays + RETURNS * self.visits[who, table] + MEETS * there

    def _exchange(self, order: Sequence[int], looks: int) -> None:
        """Let two change places as long as that costs less, those of `order` first."""
        better = True
        while better:
            better = False
            for who in order:
                cost = self._cost(who, self.seat[who])
                # Who must leave looks further than the rest: there is a way if any is.
                if not cost or (looks <= 0 and cost < STAYS):
                    continue
                looks -= len(self.movers)
                other = self._best(who, cost)
                if other is not None:
                    self._swap(who, other)
                    better = True

    def _best(self, who: int, cost: int) -> int | None:
        """Return whom to change places with, None if that never costs less."""
        here, best, least = self.seat[who], None, 0
        for other in self.movers:
            there = self.seat[other]
            if there == here:
                continue
            gain = self._cost(who, there, other) + self._cost(other, here, who)
            gain -= cost + self._cost(other, there)
            if gain < least:
                best, least = other, gain
        return best

    def _swap(self, who: int, other: int) -> None:
        here, there = self.seat[who], self.seat[other]
        self.at[here].remove(who)
        self.at[there].remove(other)
        self._sit(who, there)
        self._sit(other, here)
