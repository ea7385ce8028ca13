import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest

from deliberation.actions import rounds
from deliberation.models import Prompt, Round
from deliberation.rehearsal import demonstration, endless_day
from deliberation.rehearsal.endless_day import Facilitator, Moment, Step, next_step
from deliberation.rehearsal.measure import Measurements
from deliberation.rehearsal.opinions import OPINIONS_2006
from deliberation.rehearsal.seats import Room
from tests import builders
from tests.reliability.phones import FULL
from tests.serving import PATIENCE, ROOT, hold_port, port_of
from workshops.models import Session, SessionTemplate, Workshop
from workshops.session_templates.loader import library_files

NOW = datetime(2006, 11, 7, 11, 0, tzinfo=UTC)
SESSION = Session(pk=2, position=2)
PROMPT = Prompt(pk=5, session=SESSION, position=1, kind="assess", asks_tables=True)
FOLLOWING = Prompt(pk=6, session=SESSION, position=2, kind="rate")


def ago(seconds):
    return NOW - timedelta(seconds=seconds)


def moment(**fields):
    given = {"now": NOW, "last": None, "following": FOLLOWING, "running": 2}
    return Moment(**given | {"brief_at": ago(999)} | fields)


def a_round(**fields):
    times = {name: ago(seconds) for name, seconds in fields.items()}
    return Round(prompt=PROMPT, **{"opened_at": ago(900)} | times)


@pytest.mark.parametrize(
    ("situation", "step"),
    [
        (moment(is_first=True), Step.OPEN),
        (moment(last=a_round(opened_at=239)), Step.WAIT),
        (moment(last=a_round(opened_at=241)), Step.CLOSE),
        (moment(last=a_round(closed_at=2)), Step.WAIT),
        (moment(last=a_round(closed_at=7)), Step.REVEAL),
        (moment(last=a_round(closed_at=40, revealed_at=30), view="people"), Step.WAIT),
        (
            moment(last=a_round(closed_at=50, revealed_at=40), view="people"),
            Step.BY_TABLES,
        ),
        (moment(last=a_round(closed_at=50, revealed_at=40), view="tables"), Step.WAIT),
        (moment(last=a_round(closed_at=99, revealed_at=91)), Step.OPEN),
        (moment(last=a_round(closed_at=99, revealed_at=91), running=1), Step.BRIEF),
        (
            moment(last=a_round(closed_at=99, revealed_at=91), brief_at=ago(11)),
            Step.WAIT,
        ),
        (moment(last=a_round(opened_at=999), person_at=ago(179)), Step.STEP_BACK),
        (moment(last=a_round(opened_at=999), person_at=ago(181)), Step.CLOSE),
        (moment(is_first=True, ended=True), Step.STEP_BACK),
    ],
)
def test_next_step(situation, step):
    assert next_step(situation) == step


def test_next_day_begins_after_a_longer_rest():
    first = Prompt(pk=1, session=Session(pk=1, position=1), position=1, kind="discuss")
    last = a_round(closed_at=149, revealed_at=149)

    assert next_step(moment(last=last, following=first)) == Step.WAIT
    last = a_round(closed_at=151, revealed_at=151)
    assert next_step(moment(last=last, following=first)) == Step.BRIEF


@pytest.fixture
def prepared(tmp_path, monkeypatch):
    """The day as `demo` sets it up, with a facilitator for whom no time passes."""
    for name in ("OPEN_FOR", "SHOWN_FOR"):
        kinds = dict.fromkeys(getattr(endless_day, name), 0)
        monkeypatch.setattr(endless_day, name, kinds)
    for name in ("FIRST_OPEN_FOR", "BRIEF_FOR", "BEFORE_REVEAL", "BEFORE_TABLES"):
        monkeypatch.setattr(endless_day, name, 0)
    monkeypatch.setattr(endless_day, "BETWEEN_DAYS", 0)
    workshop, _password = demonstration.prepare(tmp_path / "demo-password")
    said = []
    room = Room("http://host", workshop.join_code, OPINIONS_2006, Measurements())
    facilitator = Facilitator(workshop, room, said.append)
    yield facilitator, said
    facilitator.clerk.end()


@pytest.mark.django_db
def test_facilitator_lives_through_the_day_and_starts_again(prepared):
    facilitator, said = prepared

    for _look in range(60):
        facilitator.look_and_act()

    day = [line.split()[-1] for line in said if line.startswith("Open")]
    assert day[:10] == [
        "coherence/framework-of-coherence",
        "framework/principles",
        "options/scenarios",
        "options/pick",
        "options/challenge",
        "diasporas/outcomes",
        "skilled-migration/approaches",
        "closing/next-steps",
        "coherence/framework-of-coherence",
        "framework/principles",
    ]
    assert said[2:6] == [
        "Open:    framework/principles",
        "Closed:  framework/principles",
        "Results: framework/principles",
        "Session: Managing migration for whose benefit?",
    ]
    assert Round.objects.filter(number=2).exists()
    assert not Round.objects.filter(prompt__kind="rate", revealed_at=None).exists()


@pytest.mark.django_db
def test_facilitator_steps_back_for_a_person(prepared):
    facilitator, said = prepared
    facilitator.look_and_act()
    person = builders.make_facilitator()
    this_round = Round.objects.get()
    rounds.add_time(round_id=this_round.pk, seconds=60, actor=person)

    assert facilitator.look_and_act() == facilitator.look_and_act() == Step.STEP_BACK
    assert Round.objects.get().closed_at is None
    assert said[1:] == ["A person is at the console: the simulated one steps back."]


@pytest.mark.django_db
def test_prepare_starts_the_day_anew_and_keeps_the_rest(tmp_path):
    other = builders.make_workshop(slug="other")
    password_file = tmp_path / "var" / "demo-password"
    first, password = demonstration.prepare(password_file)
    owner = first.memberships.get().user
    rounds.open_round(prompt=Prompt.objects.get(key="principles"))

    again, same_password = demonstration.prepare(password_file)

    assert password == same_password
    assert re.fullmatch(r"([a-z2-9]{5}-){3}[a-z2-9]{5}", password)
    assert password_file.stat().st_mode & 0o777 == 0o600
    owner.refresh_from_db()
    assert owner.check_password(password)
    assert not owner.is_superuser
    assert set(Workshop.objects.all()) == {other, again}
    assert not Round.objects.exists()
    minutes = Prompt.objects.values_list("session__minutes", "minutes")
    assert minutes.get(key="principles") == (6, 4)
    assert (again.slug, str(again.date), again.attribution, again.tables.count()) == (
        "migration-2006",
        "2006-11-07",
        "chatham-house",
        4,
    )


@pytest.mark.django_db
def test_load_library_leaves_what_was_loaded_before():
    demonstration.load_library()
    changed = SessionTemplate.objects.get(key="icebreaker")
    changed.source, changed.sha256 = b"other", "other"
    changed.save()

    demonstration.load_library()

    assert bytes(SessionTemplate.objects.get(key="icebreaker").source) == b"other"
    assert SessionTemplate.objects.count() == len(library_files())


@pytest.mark.parametrize(
    ("host", "address"),
    [("127.0.0.1", "127.0.0.1"), ("::1", "[::1]"), ("laptop.local", "laptop.local")],
)
def test_reachable_is_the_host_itself(host, address):
    assert demonstration.reachable(host) == address


def test_reachable_for_phones_is_an_address_of_this_machine():
    assert re.fullmatch(r"\d+(\.\d+){3}", demonstration.reachable("0.0.0.0"))  # noqa: S104


def test_environment_leaves_what_somebody_has_set(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://elsewhere/db")
    monkeypatch.setenv("PUBLIC_URL", "")
    monkeypatch.delenv("PUBLIC_URL")
    monkeypatch.delenv("LOG_LEVEL", raising=False)

    assert demonstration.environment("127.0.0.1", 8010) == {
        "PUBLIC_URL": "http://127.0.0.1:8010",
        "LOG_LEVEL": "WARNING",
        "RAPPORTEUR_SIMULATED": "migration-2006",
    }


@pytest.mark.slow
def test_demo_fills_the_room_and_ends_at_once(tmp_path):
    with hold_port() as held:
        said, seen, took = watch_demo(port_of(held), tmp_path)

    assert said[0] == "37 people have joined."
    assert "How do you judge each of the ten principles?" in seen
    assert took < (3 if FULL else PATIENCE)


def watch_demo(port, folder):
    """Return its lines, its wall with an answer, and the seconds it took to end."""
    environment = os.environ | {
        "PORT": str(port),
        "DATABASE_URL": f"sqlite:///{folder / 'demo.sqlite3'}",
        "DEBUG": "true",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    command = [sys.executable, "manage.py", "demo"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    ) as demo:  # fmt: skip
        said, seen = [], ""
        try:
            for line in demo.stderr:
                said.append(line[10:].rstrip())
                if "framework/principles" in line:
                    break
            screen = re.search(r"Screen +(\S+)", printed_so_far(demo))[1]
            patience = time.monotonic() + 2 * PATIENCE
            while not re.search(r"\b[1-9]\d* of 10\b", seen):
                assert time.monotonic() < patience, seen
                seen = page(screen)
                time.sleep(0.2)
        finally:
            began = time.monotonic()
            os.killpg(demo.pid, signal.SIGINT)  # as Ctrl-C does
            demo.wait(PATIENCE)
            took = time.monotonic() - began
    return said, seen, took


def printed_so_far(demo) -> str:
    lines = []
    while not lines or "Ctrl-C" not in lines[-1]:
        lines.append(demo.stdout.readline())
    return "".join(lines)


def page(url: str) -> str:
    with urllib.request.urlopen(url, timeout=PATIENCE) as reply:  # noqa: S310
        return reply.read().decode()
