# ruff: noqa: T201
"""How cost grows with the room: `python -m tests.bench.growth [--database postgres]`.

Workshops of 100, 1,000 and 10,000 people, ten at a table, all of whom have answered
ten items, in one database. In turns, so that every size meets the same moments: an
answer of ten items over HTTP, and each board's refresh in this process, while the
question is open and while its results are shown. Medians, and beside them what one
size costs of the one before it. --svg draws them.
"""

import argparse
import itertools
import math
import statistics
import time
from collections import defaultdict
from collections.abc import Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any

from tests.bench import common
from tests.bench.client import Connection, run
from tests.bench.common import Server

AT_A_TABLE = 10
BOARDS = ("phone", "table", "screen", "console")

type Figures = dict[str, list[float]]  # milliseconds, by what is timed, for each size


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.growth")
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1000, 10_000])
    parser.add_argument("--answers", type=int, default=300, help="of each size")
    parser.add_argument("--turns", type=int, default=7, help="of the boards")
    parser.add_argument(
        "--explain", type=int, default=0, help="as many of the slowest statements"
    )
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--svg", metavar="FILE")
    options = parser.parse_args()
    with common.installed(options.database):
        report = common.begin_report(options)
        rooms = [Room(people) for people in options.sizes]
        settle()
        with Server("config.asgi:application") as server:
            figures = run(answers(server, rooms, options.answers))
        figures |= refreshes(rooms, options.turns)
        show(figures, rooms)
        explain(rooms[-1], options.explain)
        report |= {"figures": figures, "tables": [room.tables for room in rooms]}
        if options.svg:
            picture = drawn(figures, options.sizes)
            Path(options.svg).write_text(picture)
        common.end_report(report, options.json)


class Room:
    """A workshop whose people have all answered; one more round is open."""

    def __init__(self, size: int) -> None:
        from tests import builders

        self.size, self.tables = size, max(1, size // AT_A_TABLE)
        self.workshop, self.people = common.make_room(
            size, tables=self.tables, slug=f"room-{size}"
        )
        prompt = self.workshop.sessions.get().prompts.get()
        self.round = builders.open_round(prompt)
        common.answer_in_bulk(self.round)

    def board(self, audience: str) -> str:
        return f"{audience}:{self.workshop.pk}" + ":1" * (audience == "table")


def settle() -> None:
    """Have the database know its tables, as it does some minutes into a day."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


async def answers(server: Server, rooms: Sequence[Room], number: int) -> Figures:
    """Time answers, one room after the other, one at a time."""
    from django.urls import reverse

    connection = await Connection.open(server.port)
    took: list[list[float]] = [[] for _room in rooms]
    paths = []
    for room in rooms:
        slug = room.workshop.slug
        paths.append(reverse("phone:answer", args=[slug, room.round.pk]))
        for person in room.people[:50]:
            await connection.exchange(person.get(reverse("phone:stage", args=[slug])))
            person.take_page(connection.headers, connection.body)
    for turn in range(-10, number):  # the first ten warm up
        for room, path, times in zip(rooms, paths, took, strict=True):
            person = room.people[turn % 50]
            request = person.post(path, person.answers())
            began = time.perf_counter()
            status = await connection.exchange(request)
            assert status == 200, connection.body[:300]
            if turn >= 0:
                times.append((time.perf_counter() - began) * 1000)
    connection.close()
    return {"answer": [statistics.median(times) for times in took]}


def refreshes(rooms: Sequence[Room], turns: int) -> Figures:
    """Time every board in both states, one room after the other."""
    from deliberation.actions import rounds
    from deliberation.live import board

    found: Figures = {}
    asked = Asked()
    for state in ("open", "revealed"):
        times: dict[tuple[str, int], list[float]] = defaultdict(list)
        for turn in range(turns + 1):  # the first warms up
            for room in rooms:
                for audience in BOARDS:
                    with asked:
                        board.render(room.board(audience))
                    if turn:
                        times[audience, room.size].append(asked.took)
                        times[f"{audience} database", room.size].append(asked.database)
        for audience in BOARDS:
            for what in (audience, f"{audience} database"):
                found[f"{what}, {state}"] = [
                    statistics.median(times[what, room.size]) for room in rooms
                ]
        if state == "open":
            for room in rooms:
                rounds.reveal(round_id=room.round.pk)
    return found


def explain(room: Room, number: int) -> None:
    """Print the plans of the slowest statements behind a room's boards, now."""
    from django.db import connection

    from deliberation.live import board

    asked = Asked()
    statements: dict[str, tuple[float, Any]] = {}
    for audience in BOARDS if number else ():
        with asked:
            board.render(room.board(audience))
        for took, sql, parameters in asked.statements:
            statements[sql] = max(
                (took, parameters), statements.get(sql, (0.0, None)), key=itemgetter(0)
            )
    by_time = sorted(statements, key=lambda sql: -statements[sql][0])
    for sql in by_time[:number]:
        took, parameters = statements[sql]
        print(f"\n{took:.0f} ms: {sql}")
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {sql}", parameters)
            print("\n".join(line for (line,) in cursor.fetchall()))


class Asked:
    """Times what is done while it is entered, and the queries within, milliseconds."""

    def __enter__(self) -> None:
        from django.db import connection

        self.database = 0.0
        self.statements: list[tuple[float, str, Any]] = []
        self._wrapper = connection.execute_wrapper(self._query)
        self._wrapper.__enter__()
        self._began = time.perf_counter()

    def __exit__(self, *error: object) -> None:
        self.took = (time.perf_counter() - self._began) * 1000
        self._wrapper.__exit__(*error)

    def _query(self, execute: Any, sql: str, parameters: Any, *more: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, parameters, *more)
        finally:
            took = (time.perf_counter() - began) * 1000
            self.database += took
            self.statements.append((took, sql, parameters))


def show(figures: Figures, rooms: Sequence[Room]) -> None:
    heads = "".join(f"{room.size:>10,}" for room in rooms)
    print(f"\n{'ms, median':28}{heads}   times the one before")
    for name, values in figures.items():
        cells = "".join(f"{value:10.1f}" for value in values)
        steps = [after / before for before, after in itertools.pairwise(values)]
        print(f"{name:28}{cells}   {', '.join(f'{step:.2f}' for step in steps)}")


# ---- the picture ----

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 420, 76, 150, 20, 50
COLOURS = ["#0b6e4f", "#4a6fa5", "#7a8ca8", "#b0413e", "#8f6a00", "#5b3a8e"]


def drawn(figures: Figures, sizes: Sequence[int]) -> str:
    """Draw milliseconds over people, both by their logarithms."""
    chosen = {
        name: values
        for name, values in figures.items()
        if "database" not in name
        and (name == "answer" or name.endswith("revealed") or name == "console, open")
    }
    most = max(max(values) for values in chosen.values())
    decades = range(math.ceil(math.log10(most)) + 1)

    def across(size: float) -> float:
        share = math.log10(size / sizes[0]) / math.log10(sizes[-1] / sizes[0])
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def up(value: float) -> float:
        share = math.log10(max(value, 1)) / decades[-1]
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="13" role="img">',
        "<title>Milliseconds of an answer and of each board, by people</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
    ]
    for decade in decades:
        y = up(10**decade)
        parts.append(
            f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>'
            f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">'
            f"{10**decade:,} ms</text>"
        )
    for size in sizes:
        parts.append(
            f'<text x="{across(size):.1f}" y="{HEIGHT - BOTTOM + 20}" '
            f'text-anchor="middle">{size:,} people</text>'
        )
    last_y = math.inf
    ordered = sorted(chosen.items(), key=lambda one: one[1][-1])
    for number, (name, values) in enumerate(ordered):
        points = " ".join(
            f"{across(size):.1f},{up(value):.1f}"
            for size, value in zip(sizes, values, strict=True)
        )
        colour = COLOURS[number % len(COLOURS)]
        last_y = min(up(values[-1]) + 4, last_y - 16)  # labels keep apart
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" '
            'stroke-width="2.5"/>'
            f'<text x="{WIDTH - RIGHT + 8}" y="{last_y:.1f}" fill="{colour}">'
            f"{name}</text>"
        )
    return "\n".join([*parts, "</svg>", ""])


if __name__ == "__main__":
    main()
