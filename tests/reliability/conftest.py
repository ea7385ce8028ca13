"""`cluster`: PostgreSQL to be killed. `environment`: for servers to be killed."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection

from tests.conftest import IN_CI
from tests.reliability import cluster as clusters


@pytest.fixture(scope="session")
def own_cluster(django_db_setup, django_db_blocker) -> Iterator[clusters.Cluster]:
    with clusters.Cluster.running() as cluster:
        with clusters.used(cluster), django_db_blocker.unblock():
            call_command("migrate", verbosity=0)
        yield cluster


@pytest.fixture
def cluster(request, django_db_blocker) -> Iterator[clusters.Cluster]:
    """A PostgreSQL server of the tests' own, which this process's Django uses too.

    Each test makes a workshop of its own there; nothing is taken away between them.
    """
    if connection.vendor != "postgresql":
        pytest.skip("it is PostgreSQL that is killed here")
    if not IN_CI and clusters.programs() is None:
        pytest.skip("install PostgreSQL (apt-get install postgresql)")
    own = request.getfixturevalue("own_cluster")
    with clusters.used(own), django_db_blocker.unblock():
        yield own


@pytest.fixture
def environment(tmp_path) -> dict[str, str]:
    """Settings as on a real day, and a place for what killed servers leave behind."""
    return {
        "DJANGO_SETTINGS_MODULE": "tests.reliability.settings",
        "TMPDIR": str(tmp_path),
    }
