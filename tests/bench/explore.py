# ruff: noqa: T201
"""What a facilitator's look at results costs: `python -m tests.bench.explore`.

A workshop of 1,000 people at 100 tables, all of whom have answered ten items. Each page
is asked for in this process, in turns; the processor's time of this process is told,
which with SQLite is all there is, and what went by.
"""

import argparse
import statistics
import time
from collections import defaultdict
from typing import Any

from tests.bench import common

LOOKS = {
    "whole": "",
    "in order of support": "?order=support",
    "one table": "?table=7",
    "texts of an item": "?item=p1",
    "tables compared": "tables/",
    "one picture, SVG": "picture.svg?figure=a-people",
    "grid of all tables, SVG": "picture.svg?figure=a-people-by",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.explore")
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--tables", type=int, default=100)
    parser.add_argument("--turns", type=int, default=9)
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--profile", metavar="LOOK", choices=LOOKS)
    options = parser.parse_args()
    with common.installed(options.database):
        report = common.begin_report(options)
        address, browser = make_day(options.people, options.tables)
        if options.profile:
            profile(browser, address + LOOKS[options.profile])
        report["figures"] = looked_at(browser, address, options.turns)
        common.end_report(report, options.json)


def make_day(people: int, tables: int) -> tuple[str, Any]:
    """Return the address of a prompt's results, and the browser of a facilitator."""
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
    from django.test import Client
    from django.urls import reverse

    from deliberation.actions import rounds
    from tests import builders

    workshop, _people = common.make_room(people, tables=tables)
    prompt = workshop.sessions.get().prompts.get()
    this_round = builders.open_round(prompt)
    common.answer_in_bulk(this_round)
    rounds.close_round(round_id=this_round.pk)
    browser = Client(SERVER_NAME=common.HOST)
    facilitator = builders.make_facilitator(workshop)
    TOTP.activate(facilitator, generate_totp_secret())
    browser.force_login(facilitator)
    path = [workshop.slug, prompt.session.key, prompt.key]
    return reverse("console:explore", args=path), browser


def looked_at(browser: Any, address: str, turns: int) -> dict[str, Any]:
    """Time every look, one after the other; medians, least and greatest in ms."""
    used: dict[str, list[float]] = defaultdict(list)
    took: dict[str, list[float]] = defaultdict(list)
    for turn in range(turns + 1):  # the first warms up
        for name, query in LOOKS.items():
            began, cpu = time.perf_counter(), time.process_time()
            answer = browser.get(address + query, secure=True)
            cpu, passed = time.process_time() - cpu, time.perf_counter() - began
            assert answer.status_code == 200, answer.status_code
            if turn:
                used[name].append(1000 * cpu)
                took[name].append(1000 * passed)
    print(f"\n{'ms, median (least to greatest)':32}{'processor':>20}{'passed':>12}")
    for name, times in used.items():
        cpu_said = common.spread(times, 0)
        print(f"{name:32}{cpu_said:>20}{statistics.median(took[name]):12.0f}")
    return {name: {"cpu_ms": used[name], "ms": took[name]} for name in used}


def profile(browser: Any, address: str) -> None:
    import cProfile
    import pstats

    browser.get(address, secure=True)
    profiler = cProfile.Profile()
    profiler.runcall(browser.get, address, secure=True)
    pstats.Stats(profiler).sort_stats("cumulative").print_stats(60)


if __name__ == "__main__":
    main()
