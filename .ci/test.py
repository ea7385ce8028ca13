"""Run the tests on SQLite, and on PostgreSQL where there is one to be had.

DATABASE_URL names a PostgreSQL server to use. Without it, a server is started for
the length of the run if its programs are installed; with CI=true they must be.
Arguments go on to pytest.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IN_CI = os.environ.get("CI") == "true"
HOW_TO_GET_POSTGRESQL = "install PostgreSQL 15 or newer (apt-get install postgresql)"
MEMORY = Path("/dev/shm")  # noqa: S108  # nosec
ROOM = 4 * 2**30  # bytes: several times what the tests' databases take


def main() -> int:
    given = os.environ.get("DATABASE_URL", "")
    status = run_pytest("SQLite", "")
    if given.startswith(("postgres://", "postgresql://", "psql://", "pgsql://")):
        return run_pytest("PostgreSQL", given) or status

    programs = find_programs()
    if programs is None:
        if IN_CI:
            print(f"CI=true, so nothing may be left out: {HOW_TO_GET_POSTGRESQL}.")
            return 1
        return status
    with throw_away_cluster(programs, within=memory()) as url:
        return run_pytest("PostgreSQL", url) or status


def run_pytest(database: str, url: str) -> int:
    print(f"\n== The tests on {database} ==", flush=True)
    environment = os.environ | {"DATABASE_URL": url}
    if not url and find_programs() is None:
        environment["LEFT_OUT"] = f"the tests on PostgreSQL: {HOW_TO_GET_POSTGRESQL}"
    command = [sys.executable, "-m", "pytest", "-n", "2", "-q", *sys.argv[1:]]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def find_programs() -> Path | None:
    """The folder of the newest PostgreSQL server installed here, if any."""
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if on_path := shutil.which("initdb"):
        folders.append(Path(on_path).resolve().parent)
    return max(folders, key=version, default=None)


def version(programs: Path) -> int:
    output = subprocess.run(
        [programs / "postgres", "--version"], capture_output=True, text=True, check=True
    ).stdout
    return int(re.search(r"[0-9]+", output).group())


def memory() -> Path | None:
    """A folder in memory with room for a cluster, if there is one.

    Its server is set up as on a disk, but hundreds of tests each end by emptying all
    tables: a thousand files made anew, a second of a disk.
    """
    has_room = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM
    return MEMORY if has_room and os.access(MEMORY, os.W_OK) else None


@contextmanager
def throw_away_cluster(programs: Path, *, within: Path | None = None) -> Iterator[str]:
    """A PostgreSQL server on a free port of this machine; yields its address.

    within: the folder to keep it in, otherwise where temporary files are.
    """
    # PostgreSQL refuses to run as root; Debian's package brings this account.
    account = {"user": "postgres", "group": "postgres"} if os.getuid() == 0 else {}

    folder = Path(tempfile.mkdtemp(prefix="rapporteur-postgres-", dir=within))
    if account:
        shutil.chown(folder, **account)

    def run(program: str, *arguments: str) -> None:
        command = [programs / program, *arguments]
        subprocess.run(
            command,
            check=True,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            extra_groups=[] if account else None,
            **account,
        )

    data, port = str(folder / "data"), free_port()
    options = f"-p {port} -h 127.0.0.1 -k {folder} -c max_connections=200"
    if within is not None:
        options += " -c max_wal_size=256MB"  # or its log alone takes a gigabyte
    try:
        run(
            "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
            "--locale=C.UTF-8",
        )  # fmt: skip
        run(
            "pg_ctl",
            "-D",
            data,
            "-w",
            "-l",
            str(folder / "log"),
            "-o",
            options,
            "start",
        )
        try:
            yield f"postgres://postgres@127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


if __name__ == "__main__":
    sys.exit(main())
