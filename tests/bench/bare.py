"""`tests.bench.bare:application`: a form of ten items in, one durable upsert, no more.

What uvicorn and a driver of the database do without a framework: the limit that the
whole application is compared with. It checks nothing of what it is sent.
"""

import asyncio
import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qsl

import psycopg

URL = os.environ["DATABASE_URL"]
CONNECTIONS = 8
COLUMNS = (
    "workshop_id",
    "round_id",
    "response_id",
    "item_id",
    "criterion_id",
    "state",
    "value",
    "reason",
)
TABLE = """
    CREATE TABLE bench_answer (
        workshop_id bigint NOT NULL, round_id bigint NOT NULL,
        response_id bigint NOT NULL, item_id bigint NOT NULL,
        criterion_id bigint NOT NULL, state varchar(13) NOT NULL, value integer,
        reason text NOT NULL, UNIQUE (response_id, item_id, criterion_id)
    )
"""


def upsert(mark: str, rows: int) -> str:
    values = f"({', '.join([mark] * len(COLUMNS))})"
    into = f"INSERT INTO bench_answer ({', '.join(COLUMNS)})"
    return (
        f"{into} VALUES {', '.join([values] * rows)}"
        " ON CONFLICT (response_id, item_id, criterion_id) DO UPDATE SET"
        " state = EXCLUDED.state, value = EXCLUDED.value, reason = EXCLUDED.reason"
    )


class Postgres:
    def __init__(self) -> None:
        self._idle: asyncio.LifoQueue[psycopg.AsyncConnection] = asyncio.LifoQueue()
        self._sql = upsert("%s", 10)

    async def open(self) -> None:
        for _number in range(CONNECTIONS):
            connection = await psycopg.AsyncConnection.connect(
                URL, autocommit=True, prepare_threshold=0
            )
            self._idle.put_nowait(connection)

    async def store(self, parameters: list[object]) -> None:
        connection = await self._idle.get()
        try:
            await connection.execute(self._sql, parameters)
        finally:
            self._idle.put_nowait(connection)


class Sqlite:
    """One thread, since SQLite has one writer at a time anyway."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._sql = upsert("?", 10)

    async def open(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._connect)

    def _connect(self) -> None:
        self._connection = sqlite3.connect(
            URL.removeprefix("sqlite:///"), timeout=20, isolation_level=None
        )
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")

    async def store(self, parameters: list[object]) -> None:
        await asyncio.get_running_loop().run_in_executor(
            self._thread, self._connection.execute, self._sql, parameters
        )


database = Sqlite() if URL.startswith("sqlite") else Postgres()


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await receive()
        await database.open()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    if scope["method"] == "POST":
        person = int(scope["path"].rpartition("/")[2])
        form = dict(parse_qsl((await read(receive)).decode()))
        parameters: list[object] = []
        for item in range(1, 11):
            value = int(form[f"answer.p{item}"])
            parameters += (1, 1, person, item, 1, "answered", value, "")
        await database.store(parameters)
    body = b'{"stored":true}'
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def read(receive: Any) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body
