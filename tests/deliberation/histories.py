"""What a workshop should have counted: a model of plain values, without a database.

`test_histories` plays the same history to this model and to the application. Seats,
rounds, points and tokens go by the order in which they came, from 0.
"""

import copy
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

TABLES = (1, 2)
ITEMS = ("p1", "p2", "p3")
THREE_WAY = ("unproblematic", "difficult", "inconsistent")
SESSIONS = ("framework", "later")

type Form = dict[str, list[str]]
type Place = tuple[str, str]  # an item in one respect
type Judged = dict[Place, tuple[str, int | None, str]]
type Respondent = tuple[str, int]


@dataclass(frozen=True)
class Asked:
    """A prompt. values: what the words of its form are stored as; none for a pick."""

    kind: str
    session: str
    voices: tuple[str, ...]
    values: dict[str, int] = field(default_factory=dict)
    criteria: tuple[str, ...] = ("",)
    reveal: str = "by-hand"
    reasons: str = "none"
    most: int | None = None
    items: tuple[str, ...] = ITEMS

    @property
    def places(self) -> list[Place]:
        return [(item, criterion) for item in self.items for criterion in self.criteria]

    @property
    def names(self) -> dict[int, str]:
        """Return what values are called in the results."""
        if self.kind == "approve":
            return {1: "chosen"}
        words = self.values.items()
        return {v: f"agree-{v}" if self.kind == "rate" else word for word, v in words}

    @property
    def of(self) -> int:
        return 1 if self.kind == "approve" else len(self.items)

    def answered(self, judged: Judged) -> int:
        if self.kind == "approve":
            return int(bool(judged))
        whole = [all((i, c) in judged for c in self.criteria) for i in self.items]
        return sum(whole)


PROMPTS = {
    "judged": Asked(
        "assess",
        "framework",
        ("people", "tables"),
        {word: value for value, word in enumerate(THREE_WAY, start=1)},
        reasons="optional",
    ),
    "picked": Asked("approve", "framework", ("people",), reveal="live", most=2),
    "rated": Asked(
        "rate",
        "later",
        ("tables",),
        {str(value): value for value in range(1, 6)},
        criteria=("effective", "feasible"),
        reveal="on-close",
    ),
}


def field_name(place: Place) -> str:
    return ".".join(filter(None, ["answer", *place]))


def form_of(asked: Asked, numbers: Sequence[int], reason: int) -> Form:
    """Return what is filled in: a number for each place, 0 for left alone.

    4 stands for no view, 5 for not discussed, 6 for a word that is not offered;
    `reason` is the item to give a reason for, 0 for none.
    """
    if asked.kind == "approve":
        chosen = [item for item, n in zip(ITEMS, numbers, strict=False) if n in (1, 2)]
        states = {4: "abstain", 6: "nonsense"}
        return {"choice": chosen + [states[n] for n in states if n in numbers[:3]]}
    words = [*list(asked.values)[-3:], "abstain", "not-discussed", "nonsense"]
    filled = zip(asked.places, numbers, strict=False)
    form = {field_name(place): [words[n - 1]] for place, n in filled if n}
    return form | ({f"reason.p{reason}": ["Because."]} if reason else {})


def read(asked: Asked, form: Form, voice: str) -> Judged | None:
    """Return what a form says, None if it cannot be taken."""
    states = ["abstain"] + ["not-discussed"] * (voice == "tables")
    if asked.kind == "approve":
        chosen = form["choice"]
        if chosen == ["abstain"]:
            return dict.fromkeys(asked.places, ("abstain", None, ""))
        if not set(chosen) <= set(ITEMS) or len(chosen) > (asked.most or 0):
            return None
        return {(i, c): ("answered", int(i in chosen), "") for i, c in asked.places}
    judged: Judged = {}
    for item, criterion in asked.places:
        [word] = form.get(field_name((item, criterion)), [""])
        [reason] = form.get(f"reason.{item}", [""])
        reason = reason if asked.reasons != "none" else ""
        if word in asked.values:
            judged[item, criterion] = ("answered", asked.values[word], reason)
        elif word in states:
            judged[item, criterion] = (word, None, reason)
        elif word:
            return None
    with_reason = {f"reason.{item}" for item in asked.items} & {*form}
    with_reason = {name[7:] for name in with_reason}
    if not judged or not with_reason <= {item for item, _criterion in judged}:
        return None
    return judged


def fields_of(asked: Asked, judged: Judged) -> Form:
    """Return what is stored as the form would send it."""
    if asked.kind == "approve":
        states = {state for state, _value, _reason in judged.values()}
        if states == {"abstain"}:
            return {"choice": ["abstain"]}
        picked = [item for item in ITEMS if judged and judged[item, ""][1]]
        return {"choice": picked} if judged else {}
    words = {value: word for word, value in asked.values.items()}
    form = {}
    for place, (state, value, reason) in judged.items():
        form[field_name(place)] = [state if value is None else words[value]]
        if reason:
            form[f"reason.{place[0]}"] = [reason]
    return form


@dataclass
class Seat:
    table: int | None
    joined: int
    removed: bool = False
    merged_into: int | None = None


@dataclass
class Reply:
    """What a respondent has stored in a round, with what came in for it."""

    voice: str
    seat: int | None
    table: int | None
    version: int = 0
    finished: bool = False
    answers: Judged = field(default_factory=dict)
    history: list[tuple[str, int | None, Judged]] = field(default_factory=list)

    def knows(self, key: str) -> bool:
        return any(key == known for known, _by, _judged in self.history)


@dataclass
class Point:
    prompt: str
    round: int | None
    seat: int
    sender: int
    voice: str
    table: int | None
    key: str
    withdrawn: bool = False


@dataclass
class RoundNow:
    prompt: str
    number: int
    closed: int | None = None
    revealed: bool = False
    interrupts: int | None = None

    def close(self, at: int) -> None:
        self.closed = at
        self.revealed |= PROMPTS[self.prompt].reveal == "on-close"


@dataclass
class Day:
    """What facilitators' steps change: taking a step back puts all of it back."""

    locked: bool = False
    sessions: dict[str, str] = field(default_factory=dict)  # running, ended
    rounds: dict[int, RoundNow] = field(default_factory=dict)
    statuses: dict[int, str] = field(default_factory=dict)
    showing: str = "join"
    on_screen: int | None = None
    session: str | None = None
    blank: bool = False
    join_overlay: bool = False

    def turn_to(
        self, showing: str, this_round: int | None, session: str | None
    ) -> None:
        self.showing, self.on_screen, self.session = showing, this_round, session
        self.blank = self.join_overlay = False

    def go_back(self, this_round: int, to: int) -> None:
        """Turn the screen from a round to the one that it interrupted."""
        if (self.showing, self.on_screen) == ("prompt", this_round):
            self.on_screen = to
            self.session = PROMPTS[self.rounds[to].prompt].session

    def start(self, session: str) -> None:
        if self.sessions.get(session) != "running":
            ended = dict.fromkeys(self.sessions, "ended")
            self.sessions = ended | {session: "running"}

    @property
    def open(self) -> int | None:
        """Return the round on stage: of two, the one that interrupts the other."""
        still = [n for n, one in self.rounds.items() if one.closed is None]
        return (
            max(still, key=lambda n: self.rounds[n].interrupts is not None)
            if still
            else None
        )

    def rounds_of(self, prompt: str) -> list[int]:
        return [n for n, one in self.rounds.items() if one.prompt == prompt]


@dataclass(frozen=True)
class Told:
    """What somebody is told: the status for a script, and what stands in it."""

    status: int
    reply: dict[str, Any] = field(default_factory=dict)

    @property
    def on_page(self) -> int:
        return 302 if self.status == 200 else self.status


def refusal(error: str, **more: Any) -> Told:
    return Told(409, {"error": error, **more})


class Model:
    """A workshop. What people and facilitators do returns what they are told."""

    def __init__(self) -> None:
        self.clock = 0
        self.seats: list[Seat] = []
        self.tokens: list[int | None] = []  # whose seat; None once left
        self.scribes: dict[int, int] = {}
        self.links: list[tuple[int, bool]] = []  # whose seat, and whether used
        self.asked: list[Asked] = []  # by every round there ever was
        self.replies: dict[tuple[int, Respondent], Reply] = {}
        self.points: list[Point] = []
        self.day = Day()
        self.steps: list[tuple[str, Day]] = []  # with the day as it was before

    def tick(self) -> int:
        self.clock += 1
        return self.clock

    # ---- who is in ----

    def present(self) -> list[int]:
        return [n for n, seat in enumerate(self.seats) if not seat.removed]

    def seat_of(self, token: int | None) -> int | Told:
        """Return the seat that a browser holds, or what it is told without one."""
        held = None if token is None else self.tokens[token]
        if held is None:
            return Told(404)
        return Told(410) if self.seats[held].removed else held

    def give_token(self, seat: int) -> int:
        self.tokens.append(seat)
        return len(self.tokens) - 1

    def join(self, table: int) -> Told:
        if self.day.locked:
            return Told(409)
        self.seats.append(Seat(table, self.tick()))
        return Told(200)

    def leave(self, token: int) -> None:
        seat, self.tokens[token] = self.tokens[token], None
        if seat not in self.tokens:
            self.free_role(seat)

    def free_role(self, seat: int | None) -> None:
        self.scribes = {t: who for t, who in self.scribes.items() if who != seat}

    def move(self, seat: int, table: int | None) -> None:
        if self.seats[seat].table != table:
            self.free_role(seat)
            self.seats[seat].table = table

    def remove(self, seat: int) -> None:
        self.free_role(seat)
        self.seats[seat].removed = True

    def bring_back(self, seat: int) -> None:
        if self.seats[seat].merged_into is None:
            self.seats[seat].removed = False

    def merge(self, keep: int, drop: int) -> None:
        if keep == drop or {keep, drop} - set(self.present()):
            return
        for this_round in range(len(self.asked)):
            mine, theirs = [(this_round, ("seat", seat)) for seat in (keep, drop)]
            if theirs in self.replies and mine not in self.replies:
                self.replies[mine] = self.replies.pop(theirs)
                self.replies[mine].seat = keep
        for point in self.points:
            point.seat = keep if point.seat == drop else point.seat
        self.tokens = [keep if seat == drop else seat for seat in self.tokens]
        if self.seats[keep].table is None:
            self.move(keep, self.seats[drop].table)
        self.remove(drop)
        self.seats[drop].merged_into = keep

    def use_link(self, link: int) -> Told:
        seat, used = self.links[link]
        if used or self.seats[seat].removed:
            return Told(410)
        self.links[link] = (seat, True)
        return Told(200)

    # ---- who writes for a table ----

    def take_role(self, seat: int) -> Told:
        table = self.seats[seat].table
        if table is None:
            return Told(302)
        if self.scribes.setdefault(table, seat) != seat:
            return refusal("taken")
        return Told(200)

    def hand_over(self, seat: int, to: int | None) -> Told:
        table = self.seats[seat].table
        if table is None:
            return Told(302)
        if self.scribes.get(table) != seat:
            return Told(409)
        if to is not None and (to == seat or not self.sits_at(to, table)):
            return Told(422)
        self.set_scribe(table, to)
        return Told(302)

    def sits_at(self, seat: int, table: int) -> bool:
        return self.seats[seat].table == table and not self.seats[seat].removed

    def set_scribe(self, table: int, to: int | None) -> None:
        self.scribes.pop(table, None)
        if to is not None:
            self.scribes[table] = to

    # ---- answers ----

    def answer(self, seat: int, this_round: int, form: Form, key: str) -> Told:
        """Take a person's answer."""
        asked = self.asked[this_round]
        if this_round not in self.day.rounds:
            return Told(404)
        judged = read(asked, form, "people")
        if judged is None:
            return Told(422)
        if "people" not in asked.voices:
            return refusal("not-asked")
        new = Reply("people", seat, self.seats[seat].table)
        return self.store(this_round, ("seat", seat), new, key, judged)

    def answer_for_table(
        self, seat: int, this_round: int, form: Form, key: str, version: int | None
    ) -> Told:
        """Take the answer of the table where a seat is, by its scribe."""
        asked = self.asked[this_round]
        if this_round not in self.day.rounds:
            return Told(404)
        table = self.seats[seat].table
        if table is None:
            return refusal("not-scribe")
        judged = read(asked, form, "tables")
        if judged is None:
            return Told(422)
        stored = self.replies.get((this_round, ("table", table)))
        if self.scribes.get(table) != seat:
            if stored and stored.knows(key):
                return self.receipt(asked, stored, repeated=True)
            return refusal("not-scribe")
        if "tables" not in asked.voices:
            return refusal("not-asked")
        new = Reply("tables", None, table)
        return self.store(
            this_round, ("table", table), new, key, judged, by=seat, version=version
        )

    def store(
        self,
        this_round: int,
        respondent: Respondent,
        new: Reply,
        key: str,
        judged: Judged,
        *,
        by: int | None = None,
        version: int | None = None,
    ) -> Told:
        asked = self.asked[this_round]
        stored = self.replies.get((this_round, respondent), new)
        if stored.knows(key):
            return self.receipt(asked, stored, repeated=True)
        if self.day.rounds[this_round].closed is not None:
            return refusal("closed")
        if version not in (None, stored.version):
            return refusal("stale", version=stored.version)
        self.replies[this_round, respondent] = stored
        stored.version += 1
        stored.table = new.table
        stored.answers |= judged
        stored.history.append((key, by, judged))
        return self.receipt(asked, stored, repeated=False)

    def receipt(self, asked: Asked, stored: Reply, *, repeated: bool) -> Told:
        return Told(
            200,
            {
                "version": stored.version,
                "repeated": repeated,
                "answered": asked.answered(stored.answers),
                "of": asked.of,
            },
        )

    def finish(self, seat: int, this_round: int, on: bool) -> Told:
        if this_round not in self.day.rounds:
            return Told(404)
        if self.day.rounds[this_round].closed is not None:
            return refusal("closed")
        stored = self.replies.get((this_round, ("seat", seat)))
        if stored is None:
            return refusal("no-answer")
        stored.finished = on
        return Told(200, {"finished": on})

    # ---- points ----

    def add_point(
        self, seat: int, prompt: str, text: str, key: str, *, by_table: bool
    ) -> Told:
        rounds, table = self.day.rounds_of(prompt), self.seats[seat].table
        if not rounds:
            return Told(404)
        if by_table and table is None:
            return refusal("not-scribe")
        for point in self.points:
            sent = (point.prompt, point.key) == (prompt, key)
            if sent and self.became(point.sender) == seat:
                return Told(200, {"repeated": True})
        if by_table and self.scribes.get(table or 0) != seat:
            return refusal("not-scribe")
        if not text:
            return Told(422)
        voice = "tables" if by_table else "people"
        sent_by = {"seat": seat, "sender": seat, "voice": voice, "table": table}
        self.points.append(Point(prompt, rounds[-1], key=key, **sent_by))
        return Told(200, {"repeated": False})

    def became(self, seat: int) -> int:
        """Return the seat that a seat was merged into, in the end."""
        into = self.seats[seat].merged_into
        return seat if into is None else self.became(into)

    def remains(self, seat: int) -> int | None:
        """Return the seat that a merged one leads to, None for one that is not."""
        merged = self.seats[seat].merged_into is not None
        return self.became(seat) if merged else None

    def withdraw(self, seat: int, point: int) -> Told:
        mine = self.points[point]
        if mine.seat != seat:
            return Told(404)
        if not mine.withdrawn and self.status(point) != "incoming":
            return refusal("taken-up")
        mine.withdrawn = True
        return Told(200)

    def status(self, point: int) -> str:
        return self.day.statuses.get(point, "incoming")

    # ---- facilitators ----

    def step(self, name: str, change: Day) -> Told:
        """Take a step that leads to this day; what changes nothing is no step."""
        if change != self.day:
            self.steps.append((name, self.day))
            self.day = change
        return Told(200)

    def changed(self, **fields: Any) -> Day:
        day = copy.deepcopy(self.day)
        for name, value in fields.items():
            setattr(day, name, value)
        return day

    def open(self, prompt: str, known: int) -> Told:
        earlier = self.day.rounds_of(prompt)
        if (earlier and known != len(earlier)) or self.day.open is not None:
            return Told(409)
        day = self.changed()
        day.start(PROMPTS[prompt].session)
        self.add_round(day, prompt, PROMPTS[prompt])
        return self.step("open", day)

    def add_round(self, day: Day, prompt: str, asked: Asked) -> None:
        earlier = [self.day.rounds[n].number for n in self.day.rounds_of(prompt)]
        new = len(self.asked)
        self.asked.append(asked)
        day.rounds[new] = RoundNow(
            prompt,
            1 + max(earlier, default=0),
            revealed=asked.reveal == "live",
            interrupts=self.day.open,
        )
        day.turn_to("prompt", new, asked.session)

    def ask_again(self, prompt: str, items: tuple[str, ...]) -> Told:
        """Ask some items, in the middle of what is open, if anything is."""
        if not self.day.rounds_of(prompt) or PROMPTS[prompt].kind == "approve":
            return Told(404)
        now = self.day.open
        if not items or (
            now is not None and self.day.rounds[now].interrupts is not None
        ):
            return Told(422)
        day = self.changed()
        if now is None:
            day.start(PROMPTS[prompt].session)
        self.add_round(day, prompt, replace(PROMPTS[prompt], items=items))
        return self.step("again", day)

    def start(self, session: str) -> Told:
        if self.day.sessions.get(session) == "running" or self.day.open is not None:
            return Told(409)
        day = self.changed()
        day.start(session)
        day.turn_to("brief", None, session)
        return self.step("start", day)

    def close(self, this_round: int) -> Told:
        day = self.changed()
        now = day.rounds.get(this_round)
        if now is None or now.closed is not None:
            return Told(409)
        at = self.tick()
        now.close(at)
        for number, one in day.rounds.items():
            if one.interrupts == this_round and one.closed is None:
                one.close(at)
                day.go_back(number, this_round)
        if now.interrupts is not None and day.rounds[now.interrupts].closed is None:
            day.go_back(this_round, now.interrupts)
        return self.step("close", day)

    def reveal(self, this_round: int, on: bool) -> Told:
        day = self.changed()
        now = day.rounds.get(this_round)
        if now is None or now.revealed == on:
            return Told(409)
        now.revealed = on
        if on:
            day.turn_to("prompt", this_round, PROMPTS[now.prompt].session)
        return self.step("reveal", day)

    def show(self, showing: str, place: int) -> Told:
        """Turn the screen to something; place: the session, else the round."""
        day = self.changed()
        if showing == "join":
            day.turn_to(showing, day.on_screen, day.session)
        elif showing == "brief":
            day.turn_to(showing, day.on_screen, SESSIONS[place])
        elif showing in ("write-up", "rotation", "question"):
            return Told(409)  # none is published, nobody moves by plan, none is asked
        elif place not in day.rounds:
            return Told(409)
        else:
            session = PROMPTS[day.rounds[place].prompt].session
            day.turn_to(showing, place, session)
        return self.step("show", day)

    def set_status(self, point: int, seen: str, status: str) -> Told:
        chosen = self.points[point]
        if chosen.withdrawn or self.status(point) != seen:
            return Told(409)
        day = self.changed()
        day.statuses[point] = status
        if status == "incoming":
            del day.statuses[point]
        if status == "shown" and not self.shows_points_of(chosen.prompt):
            last = [None, *day.rounds_of(chosen.prompt)][-1]
            shown = last if chosen.round is None else chosen.round
            day.turn_to("points", shown, PROMPTS[chosen.prompt].session)
        return self.step("point", day)

    def shows_points_of(self, prompt: str) -> bool:
        day = self.day
        if day.blank or day.join_overlay or day.on_screen is None:
            return False
        shown = day.rounds[day.on_screen].prompt
        return day.showing == "points" and shown == prompt

    def undo(self) -> Told:
        if not self.steps:
            return Told(409)
        _name, before = self.steps[-1]
        [*gone] = set(self.day.rounds) - set(before.rounds)
        if any(this_round in gone for this_round, _who in self.replies):
            return Told(409)  # answers have come in
        self.steps.pop()
        self.day = before
        for point in self.points:
            point.round = None if point.round in gone else point.round
        return Told(200)

    # ---- what is counted ----

    def stage(self) -> tuple[str, int | None]:
        """Return what phones are at: a status and a round."""
        day, this_round = self.day, self.day.open
        if this_round is not None:
            return "open", this_round
        if day.on_screen is None or day.showing not in ("prompt", "points"):
            return "waiting", None
        revealed = day.rounds[day.on_screen].revealed
        return "revealed" if revealed else "closed", day.on_screen

    def counted(self, this_round: int, voice: str) -> dict[str, Any]:
        """Return what the results of a round say of a voice."""
        now = self.day.rounds[this_round]
        asked = self.asked[this_round]
        if voice not in asked.voices:
            return {}
        gone = {n for n, seat in enumerate(self.seats) if seat.removed}
        replies = [
            reply
            for (number, _who), reply in self.replies.items()
            if number == this_round and reply.voice == voice and reply.seat not in gone
        ]
        return {
            "present": self.could_answer(now, voice),
            "responded": len(replies),
            "items": {
                place: count(asked, place, replies)
                | {
                    "by_table": {
                        table: count(asked, place, at_table)
                        for table, at_table in by_table(place, replies, voice).items()
                    }
                }
                for place in asked.places
            },
        }

    def could_answer(self, now: RoundNow, voice: str) -> int:
        if voice == "tables":
            return len(TABLES)
        joined = [self.seats[n].joined for n in self.present()]
        return sum(now.closed is None or at <= now.closed for at in joined)


def by_table(
    place: Place, replies: Sequence[Reply], voice: str
) -> dict[int, list[Reply]]:
    listed = {r.table for r in replies if r.table and place in r.answers}
    if voice == "people":
        listed |= set(TABLES)
    return {n: [r for r in replies if r.table == n] for n in sorted(listed)}


def count(asked: Asked, place: Place, replies: Sequence[Reply]) -> dict[str, Any]:
    said = [reply.answers[place][:2] for reply in replies if place in reply.answers]
    states = Counter(state for state, _value in said)
    values = Counter(value for state, value in said)
    return {
        "n": states["answered"],
        "abstained": states["abstain"],
        "not_discussed": states["not-discussed"],
        "counts": {name: values[value] for value, name in asked.names.items()},
    }
