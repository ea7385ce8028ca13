"""Nobody reaches what is not theirs: every address, every role, every foreign object.

An address that is new must be put into `PLACES`, or a test fails.
"""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from http.cookies import SimpleCookie

import pytest
from django.apps import apps
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from deliberation.actions import publishing
from deliberation.live import board
from deliberation.models import Event, Point, Round
from deliberation.models.response import Submission
from deliberation.views import console_publishing
from deliberation.writeup import builder
from tests import world
from tests.world import OURS, THEIRS, Day, Written, proposal_of, question_of
from workshops import identity
from workshops.actions import speakers
from workshops.models import (
    Participant,
    Presence,
    ScribeLease,
    Workshop,
    WrongCodes,
)

pytestmark = pytest.mark.django_db

# What an address answers, in the order of ROLES, by who it is for.
ROLES = [
    "nobody",
    "their phone",
    "removed",
    "phone",
    "other scribe",
    "their facilitator",
    "staff",
    "observer",
    "facilitator",
    "owner",
    "admin",
]
GROUPS = {
    # --- by GET ---
    "open": "200 200 200 200 200 200 200 200 200 200 200",
    "seat": "404 404 410 200 200 404 404 404 404 404 404",
    "seated elsewhere": "302 302 302 302 302 302 302 302 302 302 302",
    "console": "302 302 302 302 302 404 404 200 200 200 200",
    "facilitator": "302 302 302 302 302 404 404 403 200 200 200",
    "set-up": "302 302 302 302 302 404 404 404 200 200 200",
    "account": "302 302 302 302 302 200 200 200 200 200 200",
    "admin": "302 302 302 302 302 302 403 302 302 302 200",
    "admin index": "302 302 302 302 302 302 200 302 302 302 200",
    "post only": "405 405 405 405 405 405 405 405 405 405 405",
    "post only, account": "302 302 302 302 302 405 405 405 405 405 405",
    "no picture": "302 302 302 302 302 404 404 404 404 404 404",
    "none": "404 404 404 404 404 404 404 404 404 404 404",
}
# By POST: what comes to those who may is told beside each address, as `done`.
MAY = {
    "seat": ["phone", "other scribe"],
    "console": ["facilitator", "owner", "admin"],
    "set-up": ["facilitator", "owner", "admin"],
    "account": ROLES[5:],
    "admin": ["admin"],
    "anybody": ROLES,
}
REFUSED = {
    "seat": "404 404 410 200 200 404 404 404 404 404 404",
    "console": "302 302 302 302 302 404 404 403 200 200 200",
    "set-up": "302 302 302 302 302 404 404 404 200 200 200",
    "account": "302 302 302 302 302 200 200 200 200 200 200",
    "admin": "302 302 302 302 302 302 403 302 302 302 200",
}


@dataclass(frozen=True)
class Place:
    """An address of a day: what it answers by GET, and how it is posted to."""

    get: str
    at: Callable[[Day], str]
    post: str = ""  # for whom
    data: Callable[[Day], dict] = lambda _day: {}
    done: int = 302

    def expected(self, role: str) -> int:
        return by_role(GROUPS[self.get], role)


def by_role(statuses: str, role: str) -> int:
    return int(statuses.split()[ROLES.index(role)])


def written(pattern: str, **named: Callable[[Day], object]) -> Callable[[Day], str]:
    """Return an address as it is written in the URLconf, filled in for a day."""

    def fill(day: Day) -> str:
        address = pattern.replace("<slug:slug>", day.slug)
        for name, value in named.items():
            address = address.replace(f"<int:{name}>", str(value(day)))
            address = address.replace(f"<str:{name}>", str(value(day)))
            address = address.replace(f"<slug:{name}>", str(value(day)))
        assert "<" not in address, address
        return f"/{address}"

    return fill


def judged(day: Day) -> dict:
    return {"answer.p1": "difficult", "key": f"{day.slug}-judged"}


def stance_fields(day: Day) -> dict:
    return {"stance": f"me:{proposal_of(day).pk}:support"}


def question_fields(day: Day) -> dict:
    return {"text": "Why so?", "key": f"{day.slug}-question"}


def prompt_fields(kind: str = "discuss") -> dict:
    return {
        "question": "What else?",
        "kind": kind,
        "voices": "people",
        "reveal": "by-hand",
        "reasons": "none",
        "invites": "points",
    }


def places() -> dict[str, Place]:
    found: dict[str, Place] = {}

    def add(pattern: str, get: str, post: str = "", data=None, done=302, **named):
        found[pattern] = Place(
            get,
            written(pattern, **named),
            post,
            data or (lambda _day: {}),
            done,
        )

    # ---- coming in ----
    add("", "open")
    add("j/", "open")
    add("j/qr/", "post only")
    add("j/<str:code>/", "code", code=lambda _day: "ZZZZZZ")
    add("w/<slug:slug>/join/", "seated elsewhere")
    add(
        "w/<slug:slug>/seat/",
        "seat",
        "seat",
        lambda _day: {"table": "3"},
    )
    add("w/<slug:slug>/seat/listed/", "post only", "seat", lambda _day: {"listed": "0"})
    add("w/<slug:slug>/leave/", "post only", "seat", done=200)
    add("w/<slug:slug>/continue/", "seat", "seat", done=200)
    add("w/<slug:slug>/continue/<str:token>/", "open", token=lambda day: day.link)
    # ---- phones ----
    now = {"round_id": lambda day: day.now.pk}
    done_round = {"round_id": lambda day: day.done.pk}
    add("w/<slug:slug>/", "seat")
    add("w/<slug:slug>/answer/<int:round_id>/", "post only", "seat", judged, **now)
    add(
        "w/<slug:slug>/finished/<int:round_id>/",
        "post only",
        "seat",
        lambda _day: {"finished": "1"},
        **now,
    )
    add("w/<slug:slug>/mine/<int:round_id>/", "seat", **now)
    add("w/<slug:slug>/results/<int:round_id>/", "seat", **done_round)
    add("w/<slug:slug>/points/", "seat")
    add("w/<slug:slug>/forget/", "seat", "seat", done=200)
    add(
        "w/<slug:slug>/points/<int:prompt_id>/",
        "post only",
        "seat",
        lambda day: {"text": "One more", "key": f"{day.slug}-point"},
        prompt_id=lambda day: day.now.prompt_id,
    )
    add(
        "w/<slug:slug>/points/<int:point_id>/withdraw/",
        "post only",
        "own point",
        point_id=lambda day: day.point.pk,
    )
    add(
        "w/<slug:slug>/table-answer/<int:round_id>/",
        "post only",
        "scribe",
        judged,
        **now,
    )
    add("w/<slug:slug>/table/take/", "post only", "scribe")
    add(
        "w/<slug:slug>/table-record/<slug:session>/",
        "seat",
        "seat",
        lambda _day: {"do": "dissent", "about": "now", "text": "Not so"},
        done=422,  # its question has not closed yet
        session=lambda day: day.session.key,
    )
    add("w/<slug:slug>/questions/", "seat", "seat", question_fields)
    add(
        "w/<slug:slug>/questions/<int:question_id>/support/",
        "post only",
        "seat",
        lambda _day: {"on": "1"},
        question_id=lambda day: question_of(day).pk,
    )
    add(
        "w/<slug:slug>/questions/<int:question_id>/withdraw/",
        "post only",
        "own point",
        question_id=lambda day: question_of(day, by=day.phone).pk,
    )
    add("w/<slug:slug>/help/", "post only", "seat", lambda _day: {"words": "Which?"})
    add("w/<slug:slug>/help/withdraw/", "post only", "seat")
    add("w/<slug:slug>/table/arrive/", "post only", "seat")
    add("w/<slug:slug>/stance/", "post only", "seat", stance_fields)
    chosen = {"table": "2"}
    add("w/<slug:slug>/table/choose/", "post only", "seat", lambda _day: chosen)
    add("w/<slug:slug>/table/hand-over/", "seat", "scribe", lambda _day: {"to": ""})
    # ---- the wall ----
    add(
        "screen/<str:secret>/",
        "open",
        secret=lambda day: day.workshop.screen_secret,
    )
    # ---- speakers ----
    add(
        "speaker/<str:secret>/",
        "open",
        secret=lambda day: day.session.speaker_secret,
    )
    challenged = {
        "round_id": lambda day: day.done.pk,
        "item_id": lambda day: day.done.prompt.items.first().pk,
    }
    challenge = {"text": "Why?", "to": "room", "asks": "words"}
    link = {"secret": lambda day: day.session.speaker_secret}
    add("speaker/<str:secret>/challenge/", "open", **link)
    add(
        "speaker/<str:secret>/challenge/<int:round_id>/<int:item_id>/",
        "open",
        "anybody",
        lambda day: challenge | {"key": f"{day.slug}-challenge"},
        **link,
        **challenged,
    )
    # ---- what is published ----
    add("write-up/<slug:slug>/", "open")
    first = {"number": lambda _day: 1}
    add("write-up/<slug:slug>/<int:number>/", "open", **first)
    behind = {"record": lambda _day: 1}
    add(
        "write-up/<slug:slug>/<int:number>/records/<int:record>/",
        "open",
        **first,
        **behind,
    )
    taken = {"name": lambda _day: "report.md"}
    add("write-up/<slug:slug>/<int:number>/<str:name>", "open", **first, **taken)
    # ---- console ----
    add("console/", "account")
    add("console/new/", "account", "account", new_workshop)
    add("console/<slug:slug>/", "console")
    add(
        "console/<slug:slug>/do/",
        "post only, account",
        "console",
        lambda day: {"do": f"close:{day.now.pk}"},
    )
    add("console/<slug:slug>/questions/", "console")
    remark = {"pk": lambda day: day.remark.pk}
    said = {"text": "Said"}
    add(
        "console/<slug:slug>/remarks/new/",
        "facilitator",
        "console",
        lambda day: said | {"place": f"conclusion:{day.session.pk}"},
    )
    add(
        "console/<slug:slug>/remarks/<int:pk>/",
        "facilitator",
        "console",
        lambda day: said | {"place": f"observation:{day.session.pk}"},
        **remark,
    )
    add(
        "console/<slug:slug>/remarks/<int:pk>/move/",
        "post only, account",
        "console",
        lambda _day: {"to": "up"},
        **remark,
    )
    add(
        "console/<slug:slug>/remarks/<int:pk>/delete/",
        "facilitator",
        "console",
        **remark,
    )
    add(
        "console/<slug:slug>/challenges/",
        "console",
        "console",
        lambda _day: {"do": "decline:0"},
    )
    add(
        "console/<slug:slug>/challenges/<int:round_id>/<int:item_id>/",
        "facilitator",
        "console",
        lambda day: challenge | {"key": f"{day.slug}-challenge"},
        **challenged,
    )
    for page in ("end", "points", "join-sheet", "remarks", "results"):
        add(f"console/<slug:slug>/{page}/", "console")
    add(
        "console/<slug:slug>/people/",
        "console",
        "console",
        lambda day: {"do": "remove", "seat": day.phone.who.ref},
    )
    add(
        "console/<slug:slug>/people/merge/",
        "merging",
        "console",
        lambda day: {
            "seat": [day.phone.who.ref, day.scribe.who.ref],
            "keep": day.phone.who.ref,
        },
    )
    add(
        "console/<slug:slug>/attendees/",
        "console",
        "console",
        lambda _day: {"do": "guests", "lines": "Seat 9, Office 9"},
    )
    planned = {"do": "plan", "times": "2"}
    add("console/<slug:slug>/rotation/", "console", "console", lambda _day: planned)
    add(
        "console/<slug:slug>/tickets/",
        "facilitator",
        "console",
        lambda _day: {"count": 1},
    )
    add(
        "console/<slug:slug>/tickets/<int:pk>/renew/",
        "post only, account",
        "console",
        pk=lambda day: day.ticket.pk,
    )
    add("console/<slug:slug>/results.json", "console")
    add("console/<slug:slug>/results.xlsx", "console")
    add("console/<slug:slug>/answers.csv", "console")
    add("console/<slug:slug>/points.csv", "console")
    add("console/<slug:slug>/themes.csv", "console")
    add("console/<slug:slug>/themes/", "console")
    add(
        "console/<slug:slug>/themes/do/",
        "post only, account",
        "console",
        lambda day: {
            "prompt": day.now.prompt_id,
            "do": f"move:{day.point.pk}",
            "to": day.theme.pk,
        },
    )
    add(
        "console/<slug:slug>/themes/<int:pk>/",
        "facilitator",
        "console",
        lambda _day: {"title": "Changed"},
        pk=lambda day: day.theme.pk,
    )
    add("console/<slug:slug>/results/names/", "console")
    for tail in ("", "series.json", "series.csv"):
        add(f"console/series/<slug:key>/{tail}", "console", key=lambda day: day.slug)
    # Of one workshop alone there is none.
    drawn = {"key": lambda day: day.slug, "kind": lambda _day: "svg?figure=people-1"}
    add("console/series/<slug:key>/picture.<str:kind>", "no picture", **drawn)
    add(
        "console/<slug:slug>/proposals/<int:pk>/",
        "set-up",
        "set-up",
        lambda day: {"do": "park", "text": "Better"},
        pk=lambda day: proposal_of(day).pk,
    )
    add(
        "console/<slug:slug>/again/<int:pk>/",
        "set-up",
        "set-up",
        lambda day: {"items": day.now.prompt.items.first().pk},
        pk=lambda day: day.now.prompt_id,
    )
    asked = {
        "session": lambda day: day.session.key,
        "prompt": lambda day: day.done.prompt.key,
    }
    explore = "console/<slug:slug>/results/<slug:session>/<slug:prompt>/"
    add(explore, "console", **asked)
    add(f"{explore}tables/", "console", **asked)
    drawn = {"kind": lambda _day: "svg?figure=a-people"}
    add(f"{explore}picture.<str:kind>", "console", **drawn, **asked)
    # ---- write-up ----
    base = "console/<slug:slug>/write-up/"
    add(base, "console", "console", lambda _day: {"place": "intro", "text": "Said"})
    add(
        f"{base}missing/",
        "console",
        "console",
        lambda day: {"record": f"point:{day.point.pk}", "do": "put-in"},
    )
    add(f"{base}review/", "console", "console", lambda _day: {"do": "close"})
    add(f"{base}publish/", "console", "console", to_publish)
    add(
        "review/<str:secret>/",
        "open",
        "anybody",
        lambda day: {
            "place": "intro",
            "text": "Well said",
            "name": "Seat 9",
            "key": f"{day.slug}-comment",
        },
        secret=lambda day: day.workshop.write_up.review_secret,
    )
    # Before the first version there is none.
    changed = "write-up/<slug:slug>/<int:number>/changes/"
    add(changed, "none", number=lambda _day: 1)
    # ---- set-up ----
    base = "console/<slug:slug>/setup/"
    session = {"pk": lambda day: day.session.pk}
    add(
        base,
        "set-up",
        "set-up",
        lambda day: {
            "title": "Changed",
            "tables": "4",
            "attribution": day.workshop.attribution,
            "seating": "choose",
        },
    )
    add(f"{base}sessions/", "set-up", "set-up", lambda _day: {"title": "More"})
    add(
        f"{base}sessions/<int:pk>/",
        "set-up",
        "set-up",
        lambda _day: {"title": "Changed"},
        **session,
    )
    add(
        f"{base}sessions/<int:pk>/speaker/",
        "set-up",
        "set-up",
        lambda _day: {"do": "give"},
        **session,
    )
    add(
        f"{base}sessions/<int:pk>/move/",
        "post only, account",
        "set-up",
        lambda _day: {"to": "down"},
        **session,
    )
    add(
        f"{base}sessions/<int:pk>/delete/",
        "set-up",
        "set-up",
        pk=lambda day: day.later.pk,
    )
    add(
        f"{base}sessions/<int:pk>/prompts/",
        "set-up",
        "set-up",
        lambda _day: prompt_fields(),
        **session,
    )
    add(
        f"{base}prompts/<int:pk>/",
        "set-up",
        "set-up",
        lambda _day: prompt_fields(),
        pk=lambda day: day.talk.pk,
    )
    add(
        f"{base}prompts/<int:pk>/move/",
        "post only, account",
        "set-up",
        lambda _day: {"to": "up"},
        pk=lambda day: day.talk.pk,
    )
    add(
        f"{base}prompts/<int:pk>/delete/",
        "set-up",
        "set-up",
        pk=lambda day: day.talk.pk,
    )
    add(f"{base}challenge/", "set-up", "set-up", lambda _day: prompt_fields())
    add(
        f"{base}members/",
        "post only, account",
        "set-up",
        lambda _day: {"username": "staff", "role": "observer"},
    )
    add(
        f"{base}members/<int:pk>/remove/",
        "post only, account",
        "set-up",
        pk=lambda day: day.members["observer"].pk,
    )
    add(f"{base}duplicate/", "post only, account", "set-up")
    add(
        f"{base}template/",
        "post only, account",
        "set-up",
        lambda _day: {"template-title": "Ours", "template-key": "ours"},
    )
    add(f"{base}delete/", "set-up", "set-up")
    add(
        f"{base}rehearsal/",
        "set-up",
        "set-up",
        lambda _day: {"people": "5", "speed": "short"},
        done=422,  # people are answering
    )
    rehearsal = {"pk": lambda day: day.rehearsal.pk}
    add(f"{base}rehearsal/<int:pk>/", "set-up", **rehearsal)
    for step in ("stop", "remove"):
        add(
            f"{base}rehearsal/<int:pk>/{step}/",
            "post only, account",
            "set-up",
            **rehearsal,
        )
    # ---- session templates ----
    add("templates/", "account")
    add("templates/check/", "account", "account", template_text, done=200)
    add("templates/load/", "post only, account", "load", template_file)
    for tail in ("", "file/"):
        pattern = f"templates/<slug:key>/<int:version>/{tail}"
        found[pattern] = Place(
            "account", lambda _day, t=tail: f"/templates/tried/1/{t}"
        )
    return found


def to_publish(day: Day) -> dict:
    return {
        "number": publishing.next_number(day.workshop),
        "seen": console_publishing.digest(builder.draft(day.workshop)),
        "note": "Published",
        "reason": "Not needed",
    }


def new_workshop(_day: Day) -> dict:
    return {"template": world.load_template().pk, "title": "New"}


SECOND = world.TEMPLATE.replace("version: 1", "version: 2")


def template_text(_day: Day) -> dict:
    return {"text": SECOND}


def template_file(_day: Day) -> dict:
    return {"source": base64.b64encode(SECOND.encode()).decode()}


PLACES = places()
# Django's and allauth's own addresses: who is let in is told by where they begin.
OTHERS = ("admin/", "accounts/")


@dataclass(frozen=True)
class Rooms:
    ours: Day
    theirs: Day
    browsers: dict[str, Client]


@pytest.fixture
def rooms(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    ours = world.make_day("ours", OURS)
    theirs = world.make_day("theirs", THEIRS)
    for day in (ours, theirs):
        proposal_of(day)
        question_of(day)
        question_of(day, by=day.phone)
    world.load_template()
    browsers = world.browsers(ours, theirs)
    for browser in browsers.values():
        browser.raise_request_exception = False
    return Rooms(ours, theirs, browsers)


def test_every_address_is_in_the_table():
    ours = {one for one in world.patterns() if not one.startswith(OTHERS)}

    assert ours == set(PLACES)


# ---- looking ----


def rows() -> dict[str, list]:
    """Return everything that is stored about workshops."""
    return {
        model.__name__: list(model.objects.order_by("pk").values_list())
        for app in ("workshops", "deliberation")
        for model in apps.get_app_config(app).get_models()
        if model not in (Presence, WrongCodes)
    }


SPECIAL = {
    # A wrong code; and who holds a seat is led to it by a right one only.
    "code": lambda role: 422,
    # Without two seats in the address there is nothing to merge.
    "merging": lambda role: {"observer": 403}.get(
        role, 404 if role in ("their facilitator", "staff") else 302
    ),
}


@pytest.mark.parametrize("role", ROLES)
def test_a_page_shows_itself_to_those_it_is_for(rooms, role):
    browser, wrong, wrote, told = rooms.browsers[role], {}, {}, {}
    before = rows()  # previews draw from rows that are taken back
    foreign = {
        "their phone": [OURS],
        "their facilitator": [OURS],
        "nobody": [OURS, THEIRS],
        "removed": [THEIRS],
        "staff": [OURS, THEIRS],
        "admin": [],
    }.get(role, [THEIRS])
    for pattern, place in PLACES.items():
        address = place.at(rooms.ours)
        special = SPECIAL.get(place.get)
        expected = special(role) if special else place.expected(role)
        with Written() as noted:
            answer = browser.get(address)
        if answer.status_code != expected:
            wrong[pattern] = (answer.status_code, expected)
        if noted.statements and rows() != before:
            wrote[pattern] = noted.statements
        seen = world.text_of(answer)
        # The wall, speakers' pages and a review are for whoever knows their secrets;
        # what is published is for everybody.
        told_to_others = pattern.startswith(("screen", "speaker", "review", "write-up"))
        if any(mark in seen for mark in foreign) and not told_to_others:
            told[pattern] = foreign

    assert (wrong, wrote, told) == ({}, {}, {})


@pytest.mark.parametrize("role", ROLES)
def test_looking_changes_nothing_in_the_admin_and_the_accounts(rooms, role):
    browser, wrong, wrote = rooms.browsers[role], {}, {}
    for pattern in world.patterns():
        if not pattern.startswith(OTHERS):
            continue
        address = sample(pattern)
        with Written() as noted:
            status = browser.get(f"/{address}").status_code
        if status >= 500:
            wrong[pattern] = status
        if pattern.startswith("admin/") and status == 200 and role != "admin":
            allowed = role == "staff" and address in (
                "admin/",
                "admin/jsi18n/",
                "admin/password_change/",
                "admin/password_change/done/",
            )
            if not allowed:
                wrong[pattern] = status
        if noted.statements and "logout" not in pattern:
            wrote[pattern] = noted.statements

    assert (wrong, wrote) == ({}, {})


def sample(pattern: str) -> str:
    """Return an address for a pattern of Django's or allauth's."""
    for written_as, value in {
        "<path:content_type_id>": "1",
        "<path:object_id>": "1",
        "<id>": "1",
        "^(?P<app_label>workshops|deliberation|auth|account|mfa)/$": "auth/",
        "(?P<url>.*)$": "nowhere/",
        "^confirm-email/(?P<key>[-:\\w]+)/$": "confirm-email/abc/",
        "^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": (
            "password/reset/key/1-abc/"
        ),
    }.items():
        pattern = pattern.replace(written_as, value)
    return pattern


# ---- changing ----


def who_may(place: Place) -> list[str]:
    special = {
        "own point": ["phone"],
        "scribe": ["other scribe"],
        "load": ["staff", "admin"],
    }
    return special.get(place.post) or MAY[place.post]


def refused(place: Place, role: str) -> set[int]:
    """Return what an address may answer to a role that may not post to it."""
    if place.post in ("own point", "scribe") and role in ("phone", "other scribe"):
        return {404, 409, 422}
    if place.post == "load":
        return {by_role("302 302 302 302 302 403 302 403 403 403 302", role)}
    kind = {"own point": "seat", "scribe": "seat"}.get(place.post, place.post)
    return {by_role(REFUSED[kind], role)}


@pytest.mark.parametrize("role", ROLES)
def test_only_those_it_is_for_change_something(rooms, role):
    browser, wrong, wrote = rooms.browsers[role], {}, {}
    for pattern, place in PLACES.items():
        if not place.post:
            continue
        may = role in who_may(place)
        kept = SimpleCookie(browser.cookies.output(header=""))
        with transaction.atomic(), Written() as noted:
            status = browser.post(place.at(rooms.ours), place.data(rooms.ours))
            status = status.status_code
            transaction.set_rollback(True)
        browser.cookies = kept
        expected = {place.done} if may else refused(place, role)
        if status not in expected:
            wrong[pattern] = (status, expected)
        if noted.statements and not may:
            wrote[pattern] = noted.statements

    assert (wrong, wrote) == ({}, {})


def everything(day: Day) -> dict[str, object]:
    """Return what the people and facilitators of a day have made."""
    workshop = Workshop.objects.get(pk=day.workshop.pk)
    return {
        "workshop": (workshop.title, workshop.joining_locked, workshop.ended_at),
        "people": sorted(
            Participant.objects.filter(workshop=workshop).values_list(
                "pk", "table", "removed_at", "merged_into"
            )
        ),
        "scribes": sorted(
            ScribeLease.objects.filter(table__workshop=workshop).values_list(
                "table", "participant"
            )
        ),
        "rounds": sorted(
            Round.objects.filter(workshop=workshop).values_list(
                "pk", "closed_at", "revealed_at", "ends_at"
            )
        ),
        "points": sorted(
            Point.objects.filter(workshop=workshop).values_list(
                "pk", "status", "withdrawn_at", "theme"
            )
        ),
        "sent": Submission.objects.filter(workshop=workshop).count(),
        "events": Event.objects.filter(workshop=workshop).count(),
        "sessions": list(workshop.sessions.values_list("pk", "position", "title")),
        "members": workshop.memberships.count(),
    }


def test_an_address_of_ones_own_reaches_no_object_of_others(rooms):
    ours, theirs = rooms.ours, rooms.theirs
    before = everything(theirs)
    wrong = {}
    for pattern, place in PLACES.items():
        if "<int:" not in pattern or "templates/" in pattern:
            continue
        # Our slug or link, their number.
        address = place.at(theirs).replace(f"/{theirs.slug}/", f"/{ours.slug}/")
        link = theirs.session.speaker_secret
        address = address.replace(link, ours.session.speaker_secret)
        role = "other scribe" if pattern.startswith("w/") else "owner"
        for method in ("get", "post"):
            if method == "get" and place.get.startswith("post only"):
                continue
            if method == "post" and not place.post:
                continue
            send = getattr(rooms.browsers[role], method)
            data = place.data(theirs) if method == "post" else {}
            answer = send(address, data)
            # Versions are numbered within a workshop: theirs may be one of ours.
            fits = {200, 404} if pattern.startswith("write-up/") else {404}
            if answer.status_code not in fits or THEIRS.encode() in answer.content:
                wrong[method, pattern] = answer.status_code

    assert wrong == {}
    assert everything(theirs) == before


def foreign_steps(theirs: Day) -> list[str]:
    event = theirs.workshop.events.first()
    item = theirs.now.prompt.items.first()
    return [
        f"start:{theirs.later.pk}",
        f"open:{theirs.next.pk}:0",
        f"close:{theirs.now.pk}",
        f"reveal:{theirs.now.pk}",
        f"hide:{theirs.done.pk}",
        f"time:{theirs.now.pk}:60",
        f"pause:{theirs.now.pk}",
        f"resume:{theirs.now.pk}",
        f"stop:{theirs.now.pk}",
        f"zero:{theirs.now.pk}:1",
        f"point:{theirs.point.pk}:incoming:shown",
        f"undo:{event.pk}",
        f"show:brief:{theirs.session.pk}",
        f"show:prompt:{theirs.now.pk}",
        f"show:points:{theirs.now.pk}",
        f"item:{theirs.now.pk}:0",
        f"item:{theirs.now.pk}:{item.pk}",
    ]


def test_a_step_of_the_console_reaches_no_object_of_others(rooms):
    before = everything(rooms.theirs), everything(rooms.ours)
    own_item = f"item:{rooms.ours.now.pk}:{rooms.theirs.now.prompt.items.first().pk}"
    statuses = {}
    for step in [*foreign_steps(rooms.theirs), own_item]:
        answer = rooms.browsers["owner"].post(
            "/console/ours/do/", {"do": step}, headers={"HX-Request": "true"}
        )
        if answer.status_code != 409 or THEIRS in answer.content.decode():
            statuses[step] = answer.status_code

    assert statuses == {}
    assert (everything(rooms.theirs), everything(rooms.ours)) == before


def test_people_of_others_are_not_moved_removed_or_merged(rooms):
    before = everything(rooms.theirs), everything(rooms.ours)
    owner, stranger = rooms.browsers["owner"], rooms.theirs.phone.who
    for do in ("move", "remove", "bring-back", "make-scribe", "free-scribe", "merge"):
        answer = owner.post(
            "/console/ours/people/", {"do": do, "seat": stranger.ref, "table": "2"}
        )
        assert answer.status_code == 302
    pair = {"seat": [rooms.ours.phone.who.ref, stranger.ref], "keep": stranger.ref}
    assert owner.get("/console/ours/people/merge/", pair).status_code == 302
    assert owner.post("/console/ours/people/merge/", pair).status_code == 302

    assert (everything(rooms.theirs), everything(rooms.ours)) == before


def test_a_scribe_hands_the_role_to_nobody_of_others(rooms):
    to = rooms.theirs.phone.who.ref
    answer = rooms.browsers["other scribe"].post("/w/ours/table/hand-over/", {"to": to})

    assert answer.status_code == 422
    assert ScribeLease.objects.filter(participant=rooms.theirs.phone.who).count() == 0


def test_choices_of_others_are_not_shown(rooms):
    owner = rooms.browsers["owner"]
    session = rooms.theirs.session.pk
    challenge = owner.get("/console/ours/setup/challenge/", {"session": session})
    listed = owner.get("/console/ours/points/", {"prompt": rooms.theirs.now.prompt_id})

    assert (challenge.status_code, THEIRS in challenge.content.decode()) == (200, False)
    assert (listed.status_code, THEIRS in listed.content.decode()) == (200, False)


def test_a_link_for_another_device_gives_no_seat_elsewhere(rooms):
    answer = Client().post(f"/w/ours/continue/{rooms.theirs.link}/")

    assert answer.status_code == 410
    assert not any(name.startswith("p-") for name in answer.cookies)


def test_a_cookie_of_one_workshop_opens_no_other(rooms):
    theirs = rooms.theirs
    token = theirs.phone.client.cookies[identity.cookie_name(theirs.workshop.pk)].value
    browser = Client()
    browser.cookies[identity.cookie_name(rooms.ours.workshop.pk)] = token

    assert browser.get("/w/ours/").status_code == 404


def test_a_key_that_another_one_used_hides_nothing(rooms):
    """What two phones send under one key is two points; neither sees the other's."""
    ours = rooms.ours
    address = f"points/{ours.now.prompt_id}/"
    for phone, text in ((ours.phone, "Mine alone"), (ours.other_scribe, "Another")):
        answer = phone.send(address, {"text": text, "key": "just-one-key"})
        assert json.loads(answer.content)["text"] == text

    texts = Point.objects.filter(text__in=["Mine alone", "Another"])
    assert texts.count() == 2


# ---- forged requests ----


def test_nothing_is_changed_without_a_token_against_forgery(rooms):
    wrong = {}
    for role in ("other scribe", "owner", "admin"):
        browser = Client(enforce_csrf_checks=True)
        browser.cookies = rooms.browsers[role].cookies
        for pattern in world.patterns():
            place = PLACES.get(pattern)
            address = place.at(rooms.ours) if place else f"/{sample(pattern)}"
            data = place.data(rooms.ours) if place else {}
            with Written() as noted:
                status = browser.post(address, data).status_code
            if status != 403 or noted.statements:
                wrong[role, pattern] = (status, noted.statements)

    assert wrong == {}


# ---- streams ----


@pytest.mark.parametrize("role", ROLES)
def test_a_stream_is_for_those_whose_page_it_is_on(rooms, role):
    browser = rooms.browsers[role]
    cookies = "; ".join(f"{m.key}={m.value}" for m in browser.cookies.values())
    headers = {b"cookie": cookies.encode()}
    day = rooms.ours

    def boards(*parts: str) -> tuple[str, ...]:
        watch = board.authorise(headers, parts)
        return watch.boards if watch else ()

    pk = day.workshop.pk
    table = {"phone": 1, "other scribe": 2}.get(role)
    runs = role in ("observer", "facilitator", "owner", "admin")
    assert boards("phone", "ours") == (
        (f"phone:{pk}", f"table:{pk}:{table}") if table else ()
    )
    assert boards("questions", "ours") == ((f"questions:{pk}",) if table else ())
    assert boards("console", "ours") == ((f"console:{pk}",) if runs else ())
    assert boards("asked", "ours") == ((f"asked:{pk}",) if runs else ())
    assert boards("screen", day.workshop.screen_secret) == (f"screen:{pk}",)
    for_speakers = (f"speaker:{pk}:{day.session.pk}",)
    assert boards("speaker", day.session.speaker_secret) == for_speakers
    assert boards("speaker", "wrong") == boards("speaker", "") == ()
    assert boards("screen", "wrong") == boards("screen", "ours") == ()
    for nowhere in ([], [""], ["phone"], ["phone", ""], ["console", "ours", "x"]):
        assert boards(*nowhere) == ()


def test_a_stream_ends_with_its_right(rooms):
    def watching(role: str, *parts: str) -> board.Watch:
        cookies = rooms.browsers[role].cookies.values()
        cookie = "; ".join(f"{m.key}={m.value}" for m in cookies)
        watch = board.authorise({b"cookie": cookie.encode()}, parts)
        assert watch is not None
        return watch

    ours = rooms.ours
    watches = [
        watching("phone", "phone", "ours"),
        watching("other scribe", "phone", "ours"),
        watching("phone", "questions", "ours"),
        watching("facilitator", "console", "ours"),
        watching("facilitator", "asked", "ours"),
        watching("observer", "console", "ours"),
        watching("owner", "console", "ours"),
        watching("nobody", "screen", ours.workshop.screen_secret),
        watching("nobody", "speaker", ours.session.speaker_secret),
    ]
    assert board.still_allowed(watches) == [True] * 9

    rooms.browsers["owner"].post(
        "/console/ours/people/", {"do": "remove", "seat": ours.phone.who.ref}
    )
    rooms.browsers["other scribe"].post("/w/ours/seat/", {"table": "3"})
    ours.members["facilitator"].delete()
    rooms.browsers["observer"].post("/accounts/logout/")
    user = ours.members["owner"].user
    user.set_password("another one, much longer")  # ends the sessions elsewhere
    user.save()
    Workshop.objects.filter(pk=ours.workshop.pk).update(screen_secret="another")
    speakers.end_link(session=ours.session)

    assert board.still_allowed(watches) == [False] * 9


def test_a_stream_asks_for_the_second_factor_as_pages_do(rooms, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    cookies = rooms.browsers["owner"].cookies.values()
    cookie = "; ".join(f"{m.key}={m.value}" for m in cookies)

    assert board.authorise({b"cookie": cookie.encode()}, ["console", "ours"]) is None


# ---- what every answer carries ----


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("broken")


urlpatterns = [path("broken/", broken), path("", include("config.urls"))]
handler400 = "config.errors.bad_request"
handler500 = "config.errors.server_error"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "form-action 'self'; font-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


@pytest.mark.urls(__name__)
def test_every_answer_is_protected_whatever_went_wrong(rooms):
    strict = Client(enforce_csrf_checks=True)
    browser = rooms.browsers["owner"]
    many = {f"field-{number}": "" for number in range(1001)}
    answers = {
        200: browser.get("/console/"),
        302: Client().get("/console/"),
        400: browser.post("/j/", many),
        403: strict.post("/j/", {"code": "K7Q4MX"}),
        404: browser.get("/nowhere/"),
        405: browser.get("/console/ours/do/"),
        409: browser.post(
            "/console/ours/do/", {"do": "no"}, headers={"HX-Request": "true"}
        ),
        410: rooms.browsers["removed"].get("/w/ours/"),
        413: browser.post("/j/", {"code": "K" * 600_000}),
        422: browser.post("/j/", {"code": ""}),
        500: browser.get("/broken/"),
    }
    for status, answer in answers.items():
        assert answer.status_code == status
        assert protection(answer) == (POLICY, "nosniff", "no-store", "DENY"), status


def protection(answer: HttpResponse) -> tuple[str | None, ...]:
    names = (
        "Content-Security-Policy",
        "X-Content-Type-Options",
        "Cache-Control",
        "X-Frame-Options",
    )
    return tuple(answer.headers.get(name) for name in names)
