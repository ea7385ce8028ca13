"""A process over a streaming replica: screens follow there, and nothing is written."""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from deliberation.rehearsal.browser import Browser
from deliberation.rehearsal.seats import WALL_COUNT
from tests.conftest import IN_CI
from tests.reliability import cluster as clusters
from tests.reliability.cluster import Cluster
from tests.reliability.followers import Follower, following
from tests.reliability.phones import Room, make_room, until
from tests.serving import ROOT, ServerProcess, hold_port, port_of

ASKED = "tests.live.asked_server:application"


@pytest.fixture
def primary(django_db_setup, django_db_blocker) -> Iterator[Cluster]:
    if connection.vendor != "postgresql":
        pytest.skip("it is PostgreSQL that has replicas")
    if not IN_CI and clusters.programs() is None:
        pytest.skip("install PostgreSQL (apt-get install postgresql)")
    with (
        Cluster.running() as primary,
        clusters.used(primary),
        django_db_blocker.unblock(),
    ):
        call_command("migrate", verbosity=0)
        yield primary


@pytest.fixture
def replica(primary: Cluster) -> Iterator[str]:
    """Yield the address of a database that follows the primary."""
    folder = Path(tempfile.mkdtemp(prefix="rapporteur-replica-"))
    if os.getuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    held = hold_port()
    data, port = folder / "data", port_of(held)
    control = ["pg_ctl", "-D", data, "-w"]
    primary.run("pg_basebackup", "-d", primary.url, "-D", data, "-R", "-c", "fast")
    options = f"-h 127.0.0.1 -p {port} -k {folder}"
    primary.run(*control, "-l", folder / "log", "-o", options, "start")
    try:
        yield f"postgres://postgres@127.0.0.1:{port}/postgres"
    finally:
        primary.run(*control, "-m", "immediate", "stop")
        held.close()
        shutil.rmtree(folder)


def test_screen_over_a_replica_follows_what_the_primary_stores(
    primary: Cluster, replica: str, tmp_path: Path
):
    room = make_room(1, tables=1)
    connection.close()
    environment = {
        "DJANGO_SETTINGS_MODULE": "tests.reliability.settings",
        "TMPDIR": str(tmp_path),
    }
    reads = environment | {"DATABASE_URL": replica}
    with (
        ServerProcess(env=environment) as writer,
        ServerProcess(ASKED, env=reads) as reader,
    ):
        asyncio.run(answer_and_see(room, writer.url, reader.url))
    command = [sys.executable, "manage.py", "verify", room.workshop.slug]
    verified = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | reads,
        capture_output=True,
        text=True,
        check=False,
    )
    assert verified.returncode == 0, verified.stderr
    assert "all as shown" in verified.stdout


async def answer_and_see(room: Room, writer: str, reader: str) -> None:
    address = f"screen/{room.workshop.screen_secret}/"
    wall = Follower(Browser(reader), f"/live/{address}")

    def counted() -> list[tuple[str, str]]:
        return WALL_COUNT.findall(wall.shown.get(f"screen:{room.workshop.pk}", ""))

    fields = [(f"answer.p{n}", "1") for n in range(1, 11)]
    path = f"/w/{room.workshop.slug}/answer/{room.round.pk}/"
    phone, lost = room.seats[0].browser(writer), room.seats[0].browser(reader)
    async with following([wall]):
        await until(lambda: counted() == [("1", "0")])
        assert (await wall.browser.get(f"/{address}")).status == 200
        await phone.get(room.stage)
        assert (await phone.submit(path, fields, as_json=True)).status == 200
        await until(lambda: counted() == [("1", "1")])
        assert (await lost.get(room.stage)).status == 200
        refused = await lost.submit(path, fields, as_json=True)
        assert refused.status == 503
        assert "retry-after" in refused.headers
    for browser in (phone, lost):
        browser.drop()
    await asyncio.sleep(0)  # until they are closed
