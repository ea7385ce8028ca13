"""What pages and answers ask of the database, and of whom.

Counts: the second time a page is asked for, so with what is kept in memory; bounds of
transactions are not counted. Whom: `tests.statements` has the rule by which a
statement names a workshop, so that workshops could live in databases of their own.
"""

import math
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client

from deliberation.actions import rounds
from deliberation.live import board
from deliberation.live import phone as live_phone
from tests import builders
from tests.deliberation.phones import Phone
from tests.statements import Reading, Statements, read, rows_across_workshops
from tests.world import Day, account, make_day
from workshops import codes
from workshops.actions import scribes
from workshops.models import Workshop

pytestmark = pytest.mark.django_db

WHOLE = {"answer.p1": "difficult", "answer.p2": "difficult", "answer.p3": "difficult"}

type Act = Callable[[], object]


# ---- the same acts for both questions ----


def form(fields: dict[str, str]) -> dict[str, str]:
    return fields | {"key": codes.new_token()}


def join(workshop: Workshop) -> object:
    browser = Client()
    browser.post("/j/", {"code": workshop.join_code})
    details = {"name": "Seat", "organisation": "Office", "table": "1"}
    return browser.post(f"/w/{workshop.slug}/join/", details)


def authorised(browser: Client, *path: str) -> Act:
    pairs = "; ".join(f"{name}={one.value}" for name, one in browser.cookies.items())
    headers = {b"cookie": pairs.encode()}
    assert board.authorise(headers, path)
    return lambda: board.authorise(headers, path)


def pages(
    workshop: Workshop, phone: Phone, scribe: Phone, facilitator: Client
) -> dict[str, Act]:
    boards = ["phone", "table", "screen", "console"]
    names = [f"{one}:{workshop.pk}" + ":1" * (one == "table") for one in boards]
    return {
        "phone": phone.get,
        "scribe's phone": scribe.get,
        "console": lambda: facilitator.get(f"/console/{workshop.slug}/"),
        "screen": lambda: facilitator.get(f"/screen/{workshop.screen_secret}/"),
        "asking for the phone's boards": authorised(
            phone.client, "phone", workshop.slug
        ),
        "asking for the console's board": authorised(
            facilitator, "console", workshop.slug
        ),
        "asking for the screen's board": authorised(
            Client(), "screen", workshop.screen_secret
        ),
        "marks": lambda: board.marks(names),
    } | {
        f"board of the {audience}": lambda name=name: board.render(name)
        for audience, name in zip(boards, names, strict=True)
    }


def writing(this_round, phone: Phone, scribe: Phone) -> dict[str, Act]:
    one = {"answer.p1": "difficult"}
    point = {"kind": "point", "text": "A point"}
    pk, prompt = this_round.pk, this_round.prompt_id
    return {
        "answer to one item": lambda: phone.send(f"answer/{pk}/", form(one)),
        "answer to all items": lambda: phone.send(f"answer/{pk}/", form(WHOLE)),
        "answer without script": lambda: phone.post(f"answer/{pk}/", form(one)),
        "table's answer": lambda: scribe.send(f"table-answer/{pk}/", form(WHOLE)),
        "point": lambda: phone.send(f"points/{prompt}/", form(point)),
        "table's point": lambda: scribe.send(
            f"points/{prompt}/", form(point | {"as": "table"})
        ),
        "finished": lambda: phone.send(f"finished/{pk}/", {"finished": "1"}),
        "one's own answers": lambda: phone.get(f"mine/{pk}/"),
    }


# ---- how many ----

# At most so many: waiting, while the question is open, when its results are shown.
PAGES = {
    "phone": (10, 17, 25),
    "scribe's phone": (10, 17, 25),
    "console": (23, 37, 45),
    "screen": (5, 6, 7),
    "asking for the phone's boards": (2, 2, 2),
    "asking for the console's board": (3, 3, 3),
    "asking for the screen's board": (1, 1, 1),
    "marks": (8, 10, 11),
    "board of the phone": (4, 4, 13),
    "board of the table": (8, 10, 11),
    "board of the screen": (4, 5, 6),
    "board of the console": (19, 33, 40),
}
OTHERS = {
    "join": 12,
    "answer to one item": 2,  # one of them counts; on SQLite four more store
    "answer to all items": 1,
    "answer without script": 9,
    "table's answer": 10,
    "point": 11,
    "table's point": 12,
    "finished": 4,
    "one's own answers": 5,
    "results": 14,
}
ON_SQLITE = {"answer to one item": 5, "answer to all items": 4}


@pytest.fixture(autouse=True)
def kept_for_long(monkeypatch):
    """Or a slow machine would make again what a room shares for a second."""
    monkeypatch.setattr(live_phone, "SAME_FOR_SECONDS", math.inf)


def make_room(people: int, tables: int):
    """Make a room whose tables all have a scribe."""
    workshop = builders.make_workshop(slug=f"room-{people}", tables=tables)
    prompt = builders.make_prompt(workshop, asks_tables=True, invites_rewordings=True)
    phones = [Phone(workshop, table=n % tables + 1) for n in range(people)]
    for phone in phones[:tables]:
        scribes.take_role(participant=phone.who)
    return workshop, prompt, phones


def count(act: Act) -> int:
    act()
    with Statements() as statements:
        act()
    return len(statements.all)


def counts(people: int, tables: int) -> tuple[dict, dict]:
    """Return the counts of each page in its three states, and of all else."""
    workshop, prompt, phones = make_room(people, tables)
    scribe, phone = phones[0], phones[-1]
    facilitator = account(builders.make_facilitator(workshop, name=workshop.slug))
    asked = pages(workshop, phone, scribe, facilitator)
    others = {"join": count(lambda: join(workshop))}
    waiting = [count(act) for act in asked.values()]
    this_round = builders.open_round(prompt)
    for one in phones:
        one.send(f"points/{prompt.pk}/", form({"kind": "point", "text": "A point"}))
        builders.judge(this_round, one.who, {"p1": 1, "p2": 2, "p3": 3})
    for one in phones[:tables]:
        one.send(f"table-answer/{this_round.pk}/", form(WHOLE))
    now_open = [count(act) for act in asked.values()]
    acts = writing(this_round, phone, scribe)
    others |= {name: count(act) for name, act in acts.items()}
    rounds.close_round(round_id=this_round.pk)
    rounds.reveal(round_id=this_round.pk)
    revealed = [count(act) for act in asked.values()]
    others["results"] = count(lambda: phone.get(f"results/{this_round.pk}/"))
    of_pages = zip(waiting, now_open, revealed, strict=True)
    return dict(zip(asked, of_pages, strict=True)), others


def test_counts_grow_neither_with_people_nor_with_tables():
    assert counts(30, 8) == counts(3, 2)


def test_counts_keep_to_their_limits():
    of_pages, of_others = counts(3, 2)
    most = OTHERS | (ON_SQLITE if connection.vendor == "sqlite" else {})

    assert of_pages.keys() == PAGES.keys()
    assert of_others.keys() == most.keys()
    above = {name: n for name, n in of_others.items() if n > most[name]}
    above |= {
        name: found
        for name, found in of_pages.items()
        if any(n > limit for n, limit in zip(found, PAGES[name], strict=True))
    }
    assert above == {}


# ---- of whom ----


def across(acts: dict[str, Act], workshop: Workshop) -> dict[str, list[str]]:
    """Return the statements of each act that do not name this workshop alone."""
    found = {}
    for name, act in acts.items():
        with Statements() as statements:
            act()
        asked = [one for one in statements.all if one.belongs]
        assert asked, name
        if crossing := [one.sql for one in asked if not is_of(workshop, read(one))]:
            found[name] = crossing
    return found


def is_of(workshop: Workshop, reading: Reading) -> bool:
    return reading == Reading(frozenset({workshop.pk}), frozenset())


@pytest.fixture
def ours() -> Day:
    return make_day("ours", "Ostrava")


@pytest.fixture
def theirs() -> Day:
    return make_day("theirs", "Zanzibar")


def test_no_hot_path_crosses_workshops(ours: Day, theirs: Day):
    workshop, this_round = ours.workshop, ours.now
    facilitator = account(ours.members["owner"].user)
    asked = pages(workshop, ours.phone, ours.scribe, facilitator)
    hot = {"join": lambda: join(workshop)}
    hot |= asked | writing(this_round, ours.phone, ours.scribe)
    crossing = [across(hot, workshop), across(hot, workshop)]  # also what is kept
    rounds.close_round(round_id=this_round.pk)
    rounds.reveal(round_id=this_round.pk)
    asked["results"] = lambda: ours.phone.get(f"results/{this_round.pk}/")
    crossing.append(across(asked, workshop))

    assert crossing == [{}, {}, {}]
    assert rows_across_workshops() == []


def test_what_is_done_for_all_workshops_at_once_is_known(ours: Day, theirs: Day):
    """The exceptions: a process does these for all who watch there, in one statement.

    With workshops in databases of their own, each would be one statement for each.
    """
    days = (ours, theirs)
    boards = [f"phone:{day.workshop.pk}" for day in days]
    watches = [
        board.Watch(day.workshop.pk, (name,), f"seat:{day.phone.who.pk}")
        for day, name in zip(days, boards, strict=True)
    ]
    viewers = [(one.workshop_id, one.viewer) for one in watches]
    acts = {
        "close what has run out": board.tick,
        "rights that still hold": lambda: board.still_allowed(watches),
        "who is here": lambda: board.seen(viewers),
        "marks of boards": lambda: board.marks(boards),
    }

    crossing = {name: touched(act) for name, act in acts.items()}
    both = {day.workshop.pk for day in days}
    assert crossing == {
        "close what has run out": [({"deliberation_round"}, set())],
        "rights that still hold": [(set(), both)],
        "who is here": [(set(), both), (set(), both)],
        "marks of boards": [(set(), both)],
    }


def touched(act: Act) -> list[tuple[set[str], set[int]]]:
    """Return, of the statements that name no one workshop, what they hold to none."""
    with Statements() as statements:
        act()
    readings = [read(one) for one in statements.all if one.belongs]
    return [
        (set(one.loose), set(one.workshops))
        for one in readings
        if one.loose or len(one.workshops) != 1
    ]
