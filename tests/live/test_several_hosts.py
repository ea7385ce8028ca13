"""Two application hosts, a database's, a proxy's and the phones': one is cut off.

    RELIABILITY=full DATABASE_URL=postgres://... python -m pytest -s tests/live

By hand only: it takes minutes, root, `ip` and nginx, which is set up as
docs/deploy.md says, but without TLS. DATABASE_URL only says which kind of database.
"""

import asyncio
import math
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from deliberation.actions import rounds
from deliberation.models import Prompt
from tests import builders
from tests.live.hosts import Network
from tests.reliability import cluster as clusters
from tests.reliability.cluster import Cluster
from tests.reliability.followers import Follower, following
from tests.reliability.phones import (
    FULL,
    Findings,
    Log,
    Room,
    find_faults,
    make_room,
    sending,
    until,
)
from tests.serving import ROOT, ServerProcess, wait_until_served

pytestmark = pytest.mark.skipif(not FULL, reason="long: RELIABILITY=full plays it")

PHONES = 24
TABLES = 4
PORT = 8000
APPLICATIONS = ("one", "two")
FROM_THE_PROXY = ("502", "504")  # it had asked the host that is gone


@pytest.fixture
def network() -> Iterator[Network]:
    with Network("database", *APPLICATIONS, "front", "phones") as network:
        yield network


@pytest.fixture
def cluster(network: Network, django_db_blocker) -> Iterator[Cluster]:
    """PostgreSQL on its host; this process reaches it through its socket."""
    with tempfile.TemporaryDirectory(prefix="rapporteur-postgres-") as name:
        yield from running(network, Path(name), django_db_blocker)


def running(network: Network, folder: Path, django_db_blocker) -> Iterator[Cluster]:
    cluster = Cluster(folder)
    with (cluster.data / "pg_hba.conf").open("a") as rules:
        rules.write("host all all 198.18.0.0/24 trust\n")
    options = f"-h {network.address('database')} -p {cluster.port} -k {folder}"
    control = ["pg_ctl", "-D", cluster.data]
    with network.on("database"):
        cluster.run(*control, "-w", "-l", folder / "log", "-o", options, "start")
    try:
        with clusters.used(cluster), django_db_blocker.unblock():
            connection.settings_dict["HOST"] = str(folder)
            call_command("migrate", verbosity=0)
            yield cluster
    finally:
        cluster.run(*control, "-w", "-m", "immediate", "stop")
        cluster.close()


@pytest.fixture
def servers(
    network: Network, cluster: Cluster, tmp_path: Path
) -> Iterator[dict[str, ServerProcess]]:
    at = f"{network.address('database')}:{cluster.port}"
    environment = {
        "DATABASE_URL": f"postgres://postgres@{at}/postgres",
        "DJANGO_SETTINGS_MODULE": "tests.reliability.settings",
        "TMPDIR": str(tmp_path),
    }
    with ExitStack() as stack:
        found = {}
        for host in APPLICATIONS:
            server = ServerProcess(host="0.0.0.0", port=PORT, env=environment)  # noqa: S104
            with network.on(host):
                found[host] = stack.enter_context(server)
        yield found


@contextmanager
def proxy(network: Network, folder: Path) -> Iterator[str]:
    """Run nginx as docs/deploy.md has it; yield its address."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin")
    assert program is not None, "install nginx (apt-get install nginx-light)"
    settings = documented()
    for number, host in enumerate(APPLICATIONS, start=1):
        address = f"{network.address(host)}:{PORT}"
        settings = settings.replace(f"127.0.0.1:800{number}", address)
    settings = re.sub(r"(?m)^\s*server 127\.0\.0\.1:.*\n", "", settings)
    whole = (
        f"daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log;\n"
        "events { worker_connections 1024; }\n"
        f"http {{ access_log off; client_body_temp_path {folder}/body;\n"
        f"proxy_temp_path {folder}/proxy;\n{settings}\n}}"
    )
    (folder / "nginx.conf").write_text(whole)
    with network.on("front"):
        process = subprocess.Popen([program, "-c", folder / "nginx.conf"])
        try:
            wait_until_served(80, alive=lambda: process.poll() is None)
            yield f"http://{network.address('front')}"
        finally:
            process.terminate()
            process.wait(10)


def documented() -> str:
    """Return nginx's settings from the document, with plain HTTP."""
    page = (ROOT / "docs/deploy.md").read_text()
    block = re.search(r"(?m)^    upstream rapporteur \{\n(?:    .*\n)+", page)
    assert block is not None
    settings = re.sub(r"(?m)^\s*ssl_certificate.*\n", "", block[0])
    return re.sub(r"listen 443 [^;]*;", "listen 80;", settings)


@dataclass
class Times:
    """Seconds after the cut: each phone's third acknowledgement; all pages follow."""

    answered: list[float]
    followed: float


def test_host_that_is_cut_off_leaves_its_phones_to_the_other(
    network: Network, servers: dict[str, ServerProcess], tmp_path: Path
):
    room = make_room(PHONES, tables=TABLES)
    later = builders.make_prompt(room.workshop, key="later")
    connection.close()
    with proxy(network, tmp_path) as front, network.on("phones"):
        pages = [Follower(one.browser(front), room.stream) for one in room.seats]
        log, times = asyncio.run(play(network, room, front, pages, later))
        there = f"http://{network.address('one')}:{PORT}"
        one = Follower(room.seats[0].browser(there), room.stream)
        current = partial(showing, one, room, later)
        returned = asyncio.run(come_back(network, current, one))

    faults = find_faults(room, log)
    came_back = sum("reconnecting" in page.states for page in pages)
    slow = sorted(times.answered)
    print(  # noqa: T201
        f"\na host cut off under {PHONES} phones: {log.acknowledged} acknowledged, "
        f"{len(faults.lost)} lost, {len(faults.double)} double, {log.repeated} stored "
        f"and only acknowledged when sent again, {dict(log.outcomes)}; the phones' "
        f"third acknowledgement after {slow[len(slow) // 2]:.1f} s (median), "
        f"{slow[-1]:.1f} s (last); {came_back} pages came back, all after "
        f"{times.followed:.1f} s; the host serves {returned:.1f} s after its return"
    )
    assert 0 < came_back < PHONES
    assert faults == Findings()
    assert [one for one in log.odd if not one.startswith(FROM_THE_PROXY)] == []


async def play(
    network: Network, room: Room, front: str, pages: list[Follower], later: Prompt
) -> tuple[Log, Times]:
    def go_on() -> None:
        rounds.close_round(round_id=room.round.pk)
        rounds.open_round(prompt=later)
        connection.close()

    async with following(pages):
        await until(lambda: all(len(page.shown) == 2 for page in pages), within=60)
        async with sending(room, front) as log:
            await log.reach(500)
            network.cut("one")
            cut_at = time.monotonic()
            await until(lambda: max(third_after(log, cut_at)) < math.inf, within=180)
            answered = third_after(log, cut_at)
        await asyncio.to_thread(go_on)
        await until(
            lambda: all(showing(page, room, later) for page in pages), within=180
        )
    return log, Times(answered, time.monotonic() - cut_at)


def third_after(log: Log, moment: float) -> list[float]:
    """Return each phone's wait for its third acknowledgement after a moment, seconds.

    The first may have been on its way.
    """
    waits = []
    for sent in log.sent.values():
        later = [one.acknowledged_at for one in sent if one.acknowledged_at > moment]
        waits.append(later[2] - moment if len(later) > 2 else math.inf)
    return waits


def showing(page: Follower, room: Room, prompt: Prompt) -> bool:
    """Tell whether a page shows that a prompt is asked now."""
    html = page.shown.get(f"phone:{room.workshop.pk}", "")
    return f'data-prompt="{prompt.pk}" data-status="open"' in html


async def come_back(
    network: Network, shows: Callable[[], bool], one: Follower
) -> float:
    """Mend the cable; return when the host shows what is true, in seconds."""
    network.mend("one")
    began = time.monotonic()
    async with following([one]):
        await until(shows, within=60)
    return time.monotonic() - began
