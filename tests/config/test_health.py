import pytest
from django.db import connection


@pytest.mark.django_db
def test_healthz_answers_ok_while_the_database_works(client):
    response = client.get("/healthz")

    assert response.status_code == 200
    assert response.json() == {"status": "ok"}
    assert response["Cache-Control"] == "no-store"


def test_healthz_says_so_when_the_database_is_down(client, database_down):
    response = client.get("/healthz")

    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert response.json() == {"status": "database unavailable"}


def test_healthz_says_so_when_the_database_may_only_be_read(client, read_only):
    response = client.get("/healthz")

    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert response.json() == {"status": "database is read-only"}


def test_healthz_says_so_when_the_file_was_moved_away(client, transactional_db):
    if connection.vendor != "sqlite":
        pytest.skip("a fault of SQLite")
    assert client.get("/healthz").status_code == 200
    file = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = f"{file} that was moved away"
    try:
        # The connection that is open goes on writing, under no name.
        response = client.get("/healthz")
    finally:
        connection.settings_dict["NAME"] = file

    assert response.status_code == 503
    assert response.json() == {"status": "database is read-only"}


def test_healthz_sends_one_query_that_writes_nothing(
    client, transactional_db, django_assert_num_queries
):
    with django_assert_num_queries(1) as asked:
        client.get("/healthz")

    assert asked[0]["sql"].split()[0] in ("SELECT", "PRAGMA")


def test_healthz_recovers_with_the_database(client, transactional_db):
    connection.ensure_connection()
    # As when the server was restarted: the connection looks open and is not.
    connection.connection.close()

    answers = [client.get("/healthz").status_code for _ in range(2)]

    assert answers[-1] == 200


@pytest.mark.django_db
def test_healthz_changes_nothing(client):
    assert client.post("/healthz").status_code == 405


@pytest.mark.django_db
def test_healthz_answers_under_any_name(client, settings):
    settings.ALLOWED_HOSTS = ["workshops.example.org"]

    assert client.get("/healthz", headers={"host": "10.0.0.7"}).status_code == 200
    assert client.get("/", headers={"host": "10.0.0.7"}).status_code == 400
