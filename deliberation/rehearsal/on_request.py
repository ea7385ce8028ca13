"""A rehearsal that somebody asked for in the browser, in a process of its own."""

import logging
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connections
from django.http import HttpRequest

from deliberation.actions import rehearsing
from deliberation.models import Rehearsal
from deliberation.rehearsal import report
from deliberation.rehearsal.local_server import problem_with
from deliberation.rehearsal.machine import parent_of
from deliberation.rehearsal.measure import Measurements
from deliberation.rehearsal.play import Plan, rehearse
from deliberation.rehearsal.seats import Habits

logger = logging.getLogger("rapporteur.rehearsal")


# ---- in the server ----


def own_url(request: HttpRequest) -> str:
    """Return the address at which this server can be reached from its own computer.

    Never what the request calls it: that could be any other server's name. Behind a
    proxy it is what phones use; without one it is where this request came in.
    """
    if settings.ON_A_SERVER:
        return settings.PUBLIC_URL
    host, port = request.META["SERVER_NAME"], request.META["SERVER_PORT"]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def start(rehearsal: Rehearsal, url: str) -> subprocess.Popen[bytes] | None:
    """Play a rehearsal in a process of its own, which ends with this one.

    None if there is no room for one; the rehearsal has failed then.
    """
    command = [sys.executable, "-m", "deliberation.rehearsal", str(rehearsal.pk), url]
    try:
        process = subprocess.Popen(  # noqa: S603
            command,
            cwd=settings.BASE_DIR,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the server
        )
    except OSError:
        logger.exception("The rehearsal's process could not be started.")
        rehearsing.end(rehearsal, reason=Rehearsal.Reason.ERROR)
        return None
    threading.Thread(target=see_off, args=[process], daemon=True).start()
    return process


def see_off(process: subprocess.Popen[bytes]) -> None:
    """Hold the pipe to a process open, and take leave of it when it ends."""
    with process:
        process.wait()


# ---- in a process of its own ----


def end_with_parent() -> None:
    """End this process, from a thread, when the one that started it has ended."""

    def watch() -> None:
        # Not sys.stdin: its lock would be held while this process ends by itself.
        while os.read(0, 1):
            pass
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def play(rehearsal_id: int, url: str) -> None:
    """Be the people of a rehearsal, and store what came of it."""
    rehearsal = (
        Rehearsal.objects.under_way()
        .filter(pk=rehearsal_id)
        .select_related("copy", "workshop")
        .first()
    )
    if rehearsal is None:
        return
    try:
        found = _play(rehearsal, url)
    except rehearsing.Over as over:
        rehearsing.end(rehearsal, reason=over.reason)
    except Exception:
        logger.exception("The rehearsal broke off.")
        connections.close_all()
        rehearsing.end(rehearsal, reason=Rehearsal.Reason.ERROR)
    else:
        rehearsing.end(rehearsal, report=found)


def _play(rehearsal: Rehearsal, url: str) -> report.Report:
    for earlier in rehearsal.workshop.rehearsals.exclude(pk=rehearsal.pk):
        rehearsing.remove_copy(earlier)
    if problem_with(url):
        raise rehearsing.Over(Rehearsal.Reason.UNREACHABLE)
    if rehearsal.copy is None:
        raise rehearsing.Over(Rehearsal.Reason.NOBODY)
    tables = rehearsal.copy.tables.order_by("number")
    plan = Plan(
        workshop=rehearsal.copy,
        url=url,
        people=rehearsal.people,
        tables=list(tables.values_list("number", flat=True)),
        seconds=rehearsal.seconds,
        in_waves=True,
        habits=Habits(takes=rehearsal.takes),
        server=_server(),
    )
    log = rehearse(plan, beat=Progress(rehearsal.pk, plan.seconds))
    for trouble in sorted(log.troubles):
        logger.warning("Rehearsal: %s", trouble)
    if not log.joined:
        raise rehearsing.Over(Rehearsal.Reason.NOBODY)
    return report.make(log, plan, at=rehearsal.asked_at)


def _server() -> int | None:
    """Return the process that serves: the parent, or above it who shares the port."""
    parent = os.getppid()
    try:
        return parent_of(parent) if settings.WEB_PROCESSES > 1 else parent
    except OSError:
        return None


@dataclass(frozen=True)
class Progress:
    """Stores every second how far a rehearsal is. Raises Over when it is to end."""

    rehearsal_id: int
    seconds: float

    def __call__(self, log: Measurements, label: str, share: float) -> None:
        fields: dict[str, Any] = {
            "seconds_done": round(share * self.seconds),
            "joined": log.joined,
            "stored": log.acknowledged,
            "playing": label[:200],
        }
        rehearsing.note_progress(self.rehearsal_id, **fields)
