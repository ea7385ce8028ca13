import pytest
from django.db import connection


@pytest.fixture
def database_down(transactional_db):
    """Cuts this process off from its database: nobody listens, or no such file."""
    connection.close()
    kept = dict(connection.settings_dict)
    if connection.vendor == "sqlite":
        connection.settings_dict["NAME"] = "/nowhere/db.sqlite3"
    else:
        connection.settings_dict["HOST"] = "127.0.0.1"
        connection.settings_dict["PORT"] = "1"
    yield
    connection.close()
    connection.settings_dict.update(kept)


@pytest.fixture
def read_only(transactional_db):
    """Lets this process's connection read and not write, as on a standby."""
    on, off = "PRAGMA query_only = on", "PRAGMA query_only = off"
    if connection.vendor == "postgresql":
        on = "SET default_transaction_read_only = on"
        off = "RESET default_transaction_read_only"
    with connection.cursor() as cursor:
        cursor.execute(on)
    yield
    with connection.cursor() as cursor:
        cursor.execute(off)
