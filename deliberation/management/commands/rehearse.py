import json
import os
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import CommandError
from django.utils import timezone

from deliberation.management import base
from deliberation.rehearsal import own_workshop, report
from deliberation.rehearsal.local_server import NoServer, served
from deliberation.rehearsal.measure import Measurements
from deliberation.rehearsal.play import Bar, Plan, rehearse
from workshops.models import Workshop


class Command(base.Command):
    help = (
        "Plays a workshop with simulated people against a running server, over real "
        "HTTP and event streams, and counts what was lost. Without SLUG it makes its "
        "own workshop and removes it afterwards; with SLUG, people and answers stay. "
        "It needs the database of that server."
    )
    example = "rehearse --people 200 --tables 25 --seconds 60"

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("slug", nargs="?", help="A workshop to rehearse.")
        parser.add_argument("--people", type=number(1, 2000), required=True)
        parser.add_argument("--tables", type=number(1, 200), required=True)
        parser.add_argument("--seconds", type=number(5, 86400), default=60)
        parser.add_argument(
            "--url", type=address, help="The server; else one on this machine."
        )
        parser.add_argument(
            "--report", help="Write everything that was measured to this file, as JSON."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        port = int(os.environ.get("PORT", "8000"))
        url = options["url"] or f"http://127.0.0.1:{port}"
        with workshop_to_rehearse(options["slug"], options["tables"]) as workshop:
            numbers = workshop.tables.order_by("number").values_list(
                "number", flat=True
            )
            plan = Plan(
                workshop=workshop,
                url=url,
                people=options["people"],
                tables=list(numbers)[: options["tables"]],
                seconds=options["seconds"],
                in_waves=options["slug"] is None,
            )
            at = timezone.now()
            try:
                with served(url, may_start=not options["url"], port=port) as server:
                    plan = replace(plan, server=server)
                    log = rehearse(plan, bar=Bar(sys.stderr, plan.seconds))
                    found = report.make(log, plan, at=at)
            except NoServer as error:
                raise CommandError(str(error)) from None
        for trouble in sorted(log.troubles):
            self.stderr.write(trouble)
        if not log.joined:
            raise CommandError(
                f"Nobody could join at {url}. Does it use the same database?"
            )
        if options["report"]:
            write(options["report"], found)
        self.say(log.summary(), in_words(log, found), as_json=options["json"])
        if log.lost or log.double:
            sys.exit(1)


@contextmanager
def workshop_to_rehearse(slug: str | None, tables: int) -> Iterator[Workshop]:
    if slug is None:
        workshop = own_workshop.make(tables=tables)
        try:
            yield workshop
        finally:
            own_workshop.remove(workshop)
        return
    workshop = base.find_workshop(slug)
    if not workshop.lets_people_in:
        raise CommandError(f"Nobody can join {slug} now: it is over, or locked.")
    if workshop.entry != Workshop.Entry.OPEN:
        raise CommandError(
            f"{slug} lets nobody in without a ticket or beyond a number: rehearse a "
            "copy of it, with Rehearse in its set-up."
        )
    if not workshop.tables.exists():
        raise CommandError(f"{slug} has no tables.")
    yield workshop


def in_words(log: Measurements, found: report.Report) -> str:
    lines = [
        report.headline(found),
        *report.findings(found),
        "",
        f"{log.joined} of {log.people} people joined, {log.tables} tables",
        f"sent          {log.sent}",
        f"acknowledged  {log.acknowledged}",
        f"refused       {log.refused} (closed meanwhile)",
        f"lost          {log.lost} (acknowledged but not stored)",
        f"double        {log.double}",
    ]
    if log.failed:
        lines.append(f"failed        {log.failed}")
    lines += [
        f"changed       {log.changed}",
        f"points        {len(log.points)}",
        f"offline       {log.interrupted} times, came back {log.returned} times",
    ]
    labels = {
        "join": "join",
        "question": "to phones",
        "answer": "submit",
        "screen": "to screen",
    }
    for name, label in labels.items():
        spread = found["times"][name]
        times = ", ".join(f"{p} {spread[p]} ms" for p in ("p50", "p95", "max"))
        lines.append(f"{label:13} {times}")
    return "\n".join(lines)


def write(path: str, found: report.Report) -> None:
    try:
        Path(path).write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n")
    except OSError as error:
        reason = error.strerror or str(error)
        raise CommandError(f"Cannot write {path}: {reason}.") from None


def number(least: int, most: int):
    def read(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and least <= int(text[:9]) <= most):
            raise ArgumentTypeError(f"{text!r} is not a number from {least} to {most}")
        return int(text)

    return read


def address(text: str) -> str:
    parts = urlsplit(text)
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or parts.path.strip("/")
    ):
        raise ArgumentTypeError(
            f"{text!r} is not an address like http://127.0.0.1:8000"
        )
    return text.rstrip("/")
