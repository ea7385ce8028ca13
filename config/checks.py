"""Checks before serving: a stored answer survives a power cut, or nothing starts."""

import time
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.csp import CSP

CSP_MIDDLEWARE = "django.middleware.csp.ContentSecurityPolicyMiddleware"

# Names as in PRAGMA; synchronous answers with a number.
SAFE_IN_SQLITE = {"journal_mode": {"wal", "delete", "truncate", "persist"}}
SAFE_SYNCHRONOUS = {2: "FULL", 3: "EXTRA"}
UNSAFE_IN_POSTGRESQL = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
}
CLOCKS_APART = 2  # seconds; more can be seen on a countdown


@register(Tags.security)
def check_content_security_policy(**_kwargs: Any) -> list[CheckMessage]:
    policy = getattr(settings, "SECURE_CSP", {})
    sources = {source for directive in policy.values() for source in directive}
    in_force = (
        CSP_MIDDLEWARE in settings.MIDDLEWARE
        and policy.get("default-src") == [CSP.NONE]
        and not sources & {CSP.UNSAFE_INLINE, CSP.UNSAFE_EVAL, "*"}
    )
    if in_force:
        return []
    return [
        Error(
            "Pages are sent without a strict content security policy.",
            hint="Keep SECURE_CSP and its middleware as config/settings.py has them.",
            id="rapporteur.E001",
        )
    ]


@register(Tags.database)
def check_durability(
    *, databases: Sequence[str] | None = None, **_kwargs: Any
) -> list[CheckMessage]:
    """Read settings back from the database itself: what was asked may be ignored."""
    return [
        message
        for alias in databases or []
        for message in unsafe_settings(connections[alias])
    ]


@register(Tags.database)
def check_clocks(
    *, databases: Sequence[str] | None = None, **_kwargs: Any
) -> list[CheckMessage]:
    """Compare with the database's clock, which decides when a round is over."""
    asked = [connections[alias] for alias in databases or []]
    return [
        checks.Warning(
            f"The clocks of this machine and of the database are {apart:.0f} seconds "
            "apart, so countdowns show as much too long or too short.",
            hint="Have both set by NTP.",
            id="rapporteur.W003",
        )
        for connection in asked
        if connection.vendor == "postgresql"  # SQLite has no clock of its own
        and (apart := _apart(connection)) > CLOCKS_APART
    ]


def _apart(connection: BaseDatabaseWrapper) -> float:
    """Return how far this machine's clock is from the database's, in seconds, at least.

    What the question took is no difference: the database may have much to do.
    """
    with connection.cursor() as cursor:
        before = time.time()
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
        there = float(cursor.fetchone()[0])
        after = time.time()
    return max(0.0, before - there, there - after)


def unsafe_settings(connection: BaseDatabaseWrapper) -> list[CheckMessage]:
    """List what would let the database lose answers that it has acknowledged."""
    if connection.vendor == "sqlite":
        return _unsafe_in_sqlite(connection)
    return _unsafe_in_postgresql(connection)


def refuse_unsafe_database() -> None:
    """Raise ImproperlyConfigured if the database could lose acknowledged answers.

    A database that is down is not refused: pages say so until it is back.
    """
    try:
        problems = unsafe_settings(connections["default"])
    except OperationalError:
        return
    finally:
        connections["default"].close()
    if problems:
        raise ImproperlyConfigured(" ".join(f"{p.msg} {p.hint}" for p in problems))


def _unsafe_in_sqlite(connection: BaseDatabaseWrapper) -> list[CheckMessage]:
    with connection.cursor() as cursor:
        journal = cursor.execute("PRAGMA journal_mode").fetchone()[0]
        synchronous = cursor.execute("PRAGMA synchronous").fetchone()[0]
    problems = []
    if journal not in SAFE_IN_SQLITE["journal_mode"]:
        problems.append(
            _unsafe(
                "journal_mode", journal, "Use a file on a local disk: WAL needs one."
            )
        )
    if synchronous not in SAFE_SYNCHRONOUS:
        problems.append(
            _unsafe(
                "synchronous", synchronous, "Leave it at FULL in config/settings.py."
            )
        )
    return problems


def _unsafe_in_postgresql(connection: BaseDatabaseWrapper) -> list[CheckMessage]:
    names = list(UNSAFE_IN_POSTGRESQL)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, setting FROM pg_settings WHERE name = ANY(%s) ORDER BY name",
            [names],
        )
        found = cursor.fetchall()
    return [
        _unsafe(name, setting, f"Set {name} = on in postgresql.conf and reload it.")
        for name, setting in found
        if setting == UNSAFE_IN_POSTGRESQL[name]
    ]


def _unsafe(name: str, setting: Any, hint: str) -> CheckMessage:
    return Error(
        f"The database runs with {name}={setting}, so a power cut can lose answers "
        "that people were told are stored.",
        hint=hint,
        id="rapporteur.E002",
    )
