"""The whole database is copied to a file while it is in use, and put back from one.

SQLite by its own backup, which writers do not wait for, and checked; PostgreSQL by
`pg_dump` and `pg_restore`, which have to be on the machine.
"""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from django.contrib.auth import get_user_model
from django.db import DatabaseError, connection
from django.db.models import Count, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from deliberation.models import Round
from workshops.models import Workshop

SUFFIXES = {"sqlite": ".sqlite3", "postgresql": ".dump"}
START = "rapporteur-"
BUSY_SECONDS = 60


class CannotBackUp(Exception):
    """A copy cannot be made or put back; the text says why, for people."""


def make_backup(folder: Path, *, keep: int, now: datetime | None = None) -> Path:
    """Copy the database to a new file in a folder, and delete the oldest copies.

    keep: how many remain, at least 1. The copy is there wholly or not at all, and only
    its owner can read it. Raises CannotBackUp.
    """
    name = f"{START}{now or timezone.now():%Y%m%dT%H%M%S%f}Z"
    copy = folder / f"{name}{SUFFIXES[connection.vendor]}"
    part = copy.with_suffix(".part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        if connection.vendor == "sqlite":
            _copy_sqlite(Path(connection.settings_dict["NAME"]), part)
        else:
            _run("pg_dump", "--format=custom", "--no-owner", "--file", str(part))
        part.replace(copy)
        _prune(folder, keep)
    except (OSError, sqlite3.Error) as error:
        message = _("There is no backup: %(reason)s.")
        raise CannotBackUp(message % {"reason": error}) from None
    finally:
        with suppress(OSError):
            part.unlink()
    return copy


def put_back(copy: Path) -> None:
    """Fill the database, which has to be empty, from a copy. Raises CannotBackUp."""
    if not copy.is_file():
        raise CannotBackUp(_("There is no file %(file)s.") % {"file": copy})
    if not _is_empty():
        raise CannotBackUp(
            _(
                "This database is in use: it has workshops or accounts. Restore into"
                " an empty one, and let DATABASE_URL name that one then."
            )
        )
    if connection.vendor == "sqlite":
        target = Path(connection.settings_dict["NAME"])
        connection.close()
        try:
            _copy_sqlite(copy, target)
        except sqlite3.Error as error:
            message = _("%(file)s is no backup of a SQLite database: %(reason)s.")
            values = {"file": copy, "reason": error}
            raise CannotBackUp(message % values) from None
    else:
        name = str(connection.settings_dict["NAME"])
        connection.close()
        options = ["--exit-on-error", "--single-transaction", "--no-owner"]
        options += ["--clean", "--if-exists", "--dbname", name]
        _run("pg_restore", *options, str(copy))


def closes() -> tuple[int, datetime | None]:
    """Return what changes whenever a round closes, or is taken up again."""
    found = Round.objects.filter(closed_at__isnull=False).aggregate(
        closed=Count("pk"), last=Max("closed_at")
    )
    return found["closed"], found["last"]


def _copy_sqlite(source: Path, target: Path) -> None:
    """Copy a database as it is at one moment, and check the copy."""
    with (
        closing(_open(source, read_only=True)) as database,
        closing(_open(target)) as copy,
    ):
        database.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
        found = copy.execute("PRAGMA integrity_check").fetchone()[0]
    if found != "ok":
        raise sqlite3.DatabaseError(found)


def _open(file: Path, *, read_only: bool = False) -> sqlite3.Connection:
    address = f"{file.resolve().as_uri()}?mode={'ro' if read_only else 'rwc'}"
    return sqlite3.connect(
        address, uri=True, timeout=BUSY_SECONDS, isolation_level=None
    )


def _run(program: str, *options: str) -> None:
    """Run one of PostgreSQL's programs against the database. Raises CannotBackUp."""
    if shutil.which(program) is None:
        message = _(
            "There is no %(program)s on this machine: install PostgreSQL’s client."
        )
        raise CannotBackUp(message % {"program": program})
    database = connection.settings_dict
    given = {
        "PGHOST": database["HOST"],
        "PGPORT": str(database["PORT"] or ""),
        "PGUSER": database["USER"],
        "PGPASSWORD": database["PASSWORD"],  # not where every process can read it
        "PGDATABASE": str(database["NAME"]),
    }
    env = os.environ | {name: value for name, value in given.items() if value}
    done = subprocess.run(  # noqa: S603
        [program, *options], env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise CannotBackUp(f"{program}: {done.stderr.strip()[:500]}")


def _prune(folder: Path, keep: int) -> None:
    """Delete the oldest of the copies in a folder, until `keep` are left."""
    copies = sorted(folder.glob(f"{START}*{SUFFIXES[connection.vendor]}"))
    for old in copies[: -max(keep, 1)]:
        old.unlink()


def _is_empty() -> bool:
    try:
        return not (Workshop.objects.exists() or get_user_model().objects.exists())
    except DatabaseError:
        return True  # there is not even a table
