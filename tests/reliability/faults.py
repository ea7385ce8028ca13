"""What goes wrong with a database: each is a context in which it is so.

Made to happen by the database itself, so that the errors are its own.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from typing import Any

import psycopg
from django.db import connection
from django.db.backends.signals import connection_created
from psycopg import sql

from tests.reliability.phones import COMES_WITHIN
from tests.serving import test_database_url

type Fault = Callable[[], AbstractContextManager[None]]

# ---- PostgreSQL ----

# What it says when it cannot store something just now: the disk is full or fails, no
# memory, a deadlock, a transaction to be tried again, one that idled, a statement that
# took too long, one that an administrator ended.
REASONS = ("53100", "58030", "53200", "40P01", "40001", "25P03", "57014", "57P01")

REFUSE = """
CREATE SEQUENCE refusals;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  RAISE EXCEPTION 'refused' USING ERRCODE = (%s::text[])[1 + nextval('refusals') %% %s];
END $$;
CREATE TRIGGER refuse BEFORE INSERT ON deliberation_submission
  FOR EACH ROW EXECUTE FUNCTION refuse();
"""
ACCEPT = """
DROP TRIGGER refuse ON deliberation_submission;
DROP FUNCTION refuse;
DROP SEQUENCE refusals;
"""


def elsewhere(**options: Any) -> psycopg.Connection[Any]:
    """Connect to the test database beside the application, for what writes as well."""
    options |= {"options": "-c default_transaction_read_only=off"}
    return psycopg.connect(test_database_url(), autocommit=True, **options)


def end_sessions(database: psycopg.Connection[Any]) -> int:
    """End the application's sessions, as a failover does; return how many."""
    ended = database.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE"
        " datname = current_database() AND application_name = 'rapporteur'"
    )
    return len(ended.fetchall())


@contextmanager
def storing_refused() -> Iterator[None]:
    """Each answer meets the next of REASONS as it is stored."""
    with elsewhere() as database:
        reasons = psycopg.ClientCursor(database).mogrify(
            REFUSE, [list(REASONS), len(REASONS)]
        )
        database.execute(reasons)
        try:
            yield
        finally:
            database.execute(ACCEPT)


@contextmanager
def read_only() -> Iterator[None]:
    """May be read and not written, as a standby that nobody has promoted."""
    with elsewhere() as database:
        change = sql.SQL("ALTER DATABASE {} {} default_transaction_read_only")
        name = sql.Identifier(connection.settings_dict["NAME"])
        database.execute(change.format(name, sql.SQL("SET")) + sql.SQL(" = on"))
        try:
            end_sessions(database)
            yield
        finally:
            database.execute(change.format(name, sql.SQL("RESET")))
            end_sessions(database)


@contextmanager
def sessions_ended() -> Iterator[None]:
    """Ends every session of the application again and again."""
    over = threading.Event()

    def end() -> None:
        with elsewhere() as database:
            while not over.wait(0.02):
                end_sessions(database)

    thread = threading.Thread(target=end)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def round_held() -> Iterator[None]:
    """Somebody's long transaction holds the round."""
    with elsewhere() as database, database.transaction():
        database.execute("SELECT FROM deliberation_round FOR UPDATE")
        yield


@contextmanager
def table_locked() -> Iterator[None]:
    """A change of the schema holds a table, as a migration does during the day."""
    with elsewhere() as database, database.transaction():
        database.execute("LOCK TABLE deliberation_response IN ACCESS EXCLUSIVE MODE")
        yield


@contextmanager
def no_connection_left() -> Iterator[None]:
    """Others have taken every connection that the server gives."""
    with ExitStack() as taken:
        first = taken.enter_context(elsewhere())
        while True:
            try:
                taken.enter_context(elsewhere())
            except psycopg.OperationalError:
                if not end_sessions(first):
                    break
        yield


# ---- SQLite ----


class Pragmas:
    """Sets what the connections of a SQLite server that runs in this process do."""

    def __init__(self) -> None:
        self._raw: list[sqlite3.Connection] = []
        self._now = ""

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Hear of every connection that is opened meanwhile."""
        connection_created.connect(self._opened)
        try:
            yield
        finally:
            connection_created.disconnect(self._opened)

    @contextmanager
    def set(self, during: str, after: str) -> Iterator[None]:
        self._set(during)
        try:
            yield
        finally:
            self._set(after)

    def _set(self, pragma: str) -> None:
        self._now = pragma
        for raw in self._raw:
            raw.execute(pragma)

    def _opened(self, connection: Any, **_signal: Any) -> None:
        if threading.current_thread() is not threading.main_thread():
            self._raw.append(connection.connection)
            if self._now:
                connection.connection.execute(self._now)


@contextmanager
def file_locked() -> Iterator[None]:
    """Somebody else writes to the file for longer than anybody waits."""
    path = connection.settings_dict["NAME"]
    # Among phones that write all the time it may not be its turn for long.
    other = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, timeout=COMES_WITHIN
    )
    with closing(other):
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
