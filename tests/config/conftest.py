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
