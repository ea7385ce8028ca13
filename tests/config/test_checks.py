import time
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, connections

from config import checks


@pytest.fixture
def unsafe_database(db, tmp_path):
    """The test's connection, asked to hurry at the price of losing answers."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit = off")
        yield {"synchronous_commit=off"}
        return
    copy = connection.copy()
    copy.settings_dict["NAME"] = str(tmp_path / "hasty.sqlite3")
    hasty = "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF"
    copy.settings_dict["OPTIONS"] = {"init_command": hasty}
    mine, connections["default"] = connections["default"], copy
    yield {"journal_mode=off", "synchronous=0"}
    copy.close()
    connections["default"] = mine


def settings_named_in(messages):
    return {str(message.msg).split(" with ")[1].split(",")[0] for message in messages}


@pytest.mark.django_db
def test_the_database_that_tests_run_on_is_durable():
    assert checks.check_durability(databases=["default"]) == []


def test_durability_is_read_back_from_the_database(unsafe_database):
    messages = checks.check_durability(databases=["default"])

    assert settings_named_in(messages) == unsafe_database
    assert {message.id for message in messages} == {"rapporteur.E002"}


def test_an_unsafe_database_is_not_served(unsafe_database):
    with pytest.raises(ImproperlyConfigured, match="a power cut can lose answers"):
        checks.refuse_unsafe_database()


def test_a_database_that_is_down_is_waited_for(database_down):
    checks.refuse_unsafe_database()


def test_nothing_is_read_from_databases_that_were_not_asked_for():
    assert checks.check_durability(databases=None) == []


@pytest.mark.django_db
@pytest.mark.parametrize("apart", [0, 90, -90])
def test_clocks_that_are_apart_are_told(apart, monkeypatch):
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + apart)

    told = [message.id for message in checks.check_clocks(databases=["default"])]

    is_wrong = apart and connection.vendor == "postgresql"
    assert told == (["rapporteur.W003"] if is_wrong else [])


@pytest.mark.parametrize(
    "policy",
    [
        {},
        {"default-src": ["'self'"]},
        {"default-src": ["'none'"], "script-src": ["'self'", "'unsafe-inline'"]},
        {"default-src": ["'none'"], "script-src": ["*"]},
    ],
)
def test_a_weak_content_security_policy_is_an_error(settings, policy):
    settings.SECURE_CSP = policy

    ids = [message.id for message in checks.check_content_security_policy()]

    assert ids == ["rapporteur.E001"]


def test_a_policy_without_its_middleware_is_an_error(settings):
    settings.MIDDLEWARE = [
        name for name in settings.MIDDLEWARE if name != checks.CSP_MIDDLEWARE
    ]

    ids = [message.id for message in checks.check_content_security_policy()]

    assert ids == ["rapporteur.E001"]


@pytest.mark.django_db  # the first check of a run asks what the database can do
def test_the_settings_as_they_stand_pass():
    assert [message.msg for message in run_checks()] == []


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="a file is SQLite's")
@pytest.mark.django_db
def test_a_sqlite_file_is_written_ahead(tmp_path: Path):
    with connection.cursor() as cursor:
        modes = [
            cursor.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]

    assert modes == ["wal", 2, 1]
