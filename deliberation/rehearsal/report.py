"""What a rehearsal found: one object that is stored, and sentences for people."""

import platform
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deliberation.rehearsal.machine import Load, cores, family, memory_of
from deliberation.rehearsal.measure import Measurements, Stretch, Timed, nearest_rank
from deliberation.rehearsal.play import Plan
from deliberation.rehearsal.verdict import LONGEST, Stage, judge

FORMAT = 1
BINS = 48  # of the pictures, at most
SHORTEST_BIN = 1.0  # seconds
BUSY = 90  # the percentile of a second's load that a stage is described by
MUCH = 0.4  # of the processor, for anything but the server and its people
CALM = 6.0  # seconds between two answers of a person
HERE = ("127.0.0.1", "::1", "localhost")

type Report = dict[str, Any]


def make(log: Measurements, plan: Plan, *, at: datetime) -> Report:
    """Return everything that is kept of a rehearsal, as JSON can hold it.

    at: when it began. Times are in seconds since then, or milliseconds where the name
    says so; processors are counted in cores.
    """
    seconds = time.monotonic() - log.began
    stages = [stage_of(log, stretch) for stretch in log.stretches]
    return {
        "format": FORMAT,
        "at": at.isoformat(timespec="seconds"),
        "seconds": round(seconds, 1),
        "figures": log.summary(),
        "joined": log.joined,
        "changed": log.changed,
        "points": len(log.points),
        "interrupted": log.interrupted,
        "returned": log.returned,
        "times": {name: spread(times) for name, times in times_of(log).items()},
        "limits_ms": LONGEST,
        "stages": [
            asdict(stage) | {"began": round(stretch.began - log.began, 1)}
            for stage, stretch in zip(stages, log.stretches, strict=True)
        ],
        "course": course(log, seconds),
        "computer": computer(plan),
        "verdict": asdict(judge(stages)) if stages else None,
    }


def times_of(log: Measurements) -> dict[str, list[Timed]]:
    return {
        "join": log.joins,
        "question": log.openings.times,
        "answer": log.submits,
        "screen": log.wall.times,
    }


def read_stage(kept: Report) -> Stage:
    """Return a stage as it is kept in a report."""
    return Stage(**{name: value for name, value in kept.items() if name != "began"})


def spread(times: Sequence[Timed]) -> dict[str, float | None]:
    ordered = sorted(timed.ms for timed in times)
    found = {name: nearest_rank(ordered, p) for name, p in PERCENT.items()}
    return {"n": len(ordered), **found}


PERCENT = {"p50": 50, "p95": 95, "max": 100}


def stage_of(log: Measurements, stretch: Stretch) -> Stage:
    """Return what was measured in a part of the rehearsal."""

    def is_within(at: float) -> bool:
        return stretch.began <= at < stretch.ended

    def slowest(times: Iterable[Timed]) -> float | None:
        return nearest_rank(sorted(t.ms for t in times if is_within(t.at)), 95)

    load = [one for one in log.load if is_within(one.at)]
    in_time = sum(timed.at < stretch.ended for timed in log.joins)
    missing = max(0, stretch.people - in_time)
    return Stage(
        people=stretch.people,
        answer=slowest(log.submits),
        screen=slowest(log.wall.times),
        question=slowest(log.openings.times),
        server=busy((one.server for one in load), of=server_cores()),
        computer=busy((one.computer for one in load), of=cores()),
        crowd=busy((one.people for one in load), of=cores()),
        failed=sum(map(is_within, log.failures)) + missing,
        rate=round(sum(is_within(t.at) for t in log.submits) / stretch.asked, 1)
        if stretch.asked
        else 0.0,
    )


def busy(loads: Iterable[float | None], *, of: int) -> float | None:
    """Return the share of so many cores that is used in a busy second."""
    known = sorted(min(1.0, load / of) * 100 for load in loads if load is not None)
    rank = nearest_rank(known, BUSY)
    return None if rank is None else round(rank / 100, 3)


def server_cores() -> int:
    """Return how many cores the server can use: one for each of its processes."""
    return min(settings.WEB_PROCESSES, cores())


def course(log: Measurements, seconds: float) -> list[dict[str, Any]]:
    """Divide the rehearsal into equal parts and say what happened in each."""
    width = max(SHORTEST_BIN, seconds / BINS)
    joins = sorted(timed.at - log.began for timed in log.joins)
    parts = []
    for number in range(int(seconds // width) + 1):
        begin, end = number * width, (number + 1) * width
        loads = [one for one in log.load if begin <= one.at - log.began < end]
        parts.append(
            {
                "at": round(begin, 2),
                "until": round(end, 2),
                "people": sum(at < end for at in joins),
                "answer_ms": _between(log.submits, log.began, begin, end),
                "screen_ms": _between(log.wall.times, log.began, begin, end),
                **{name: _mean(loads, name) for name in ("computer", "server")},
                "crowd": _mean(loads, "people"),
            }
        )
    return parts


def _between(
    times: Sequence[Timed], began: float, begin: float, end: float
) -> dict[str, float | None]:
    return spread([timed for timed in times if begin <= timed.at - began < end])


def _mean(loads: Sequence[Load], name: str) -> float | None:
    known = [value for one in loads if (value := getattr(one, name)) is not None]
    return round(sum(known) / len(known), 3) if known else None


def computer(plan: Plan) -> dict[str, Any]:
    """Describe what was tried. memory_mb: of the server at the end, None if unknown."""
    with connection.cursor() as cursor:
        is_sqlite = connection.vendor == "sqlite"
        cursor.execute(
            "SELECT sqlite_version()" if is_sqlite else "SHOW server_version"
        )
        version = str(cursor.fetchone()[0]).split()[0]
    memory = memory_of(family(plan.server)) if plan.server else None
    return {
        "system": platform.system(),
        "cores": cores(),
        "server_cores": server_cores(),
        "database": f"{connection.display_name} {version}",
        "memory_mb": None if memory is None else round(memory),
        "is_here": bool(plan.server) or urlsplit(plan.url).hostname in HERE,
    }


# ---- for people ----


def headline(report: Report) -> str:
    """Say in one sentence what the rehearsal found."""
    figures, verdict = report["figures"], report["verdict"]
    if figures["lost"] or figures["double"]:
        return _("This installation must not be used: answers went missing.")
    if verdict is None:
        return _("Too little happened to say anything.")
    carried, broke_at = verdict["carried"], verdict["broke_at"]
    if broke_at is None and report["computer"]["is_here"]:
        text = ngettext(
            "This computer carried %(n)d person.",
            "This computer carried %(n)d people.",
            carried,
        )
    elif broke_at is None:
        text = ngettext(
            "This server and the network to it carried %(n)d person.",
            "This server and the network to it carried %(n)d people.",
            carried,
        )
    elif carried:
        text = ngettext(
            "With %(n)d person everything was in time; with %(more)d it was not.",
            "With %(n)d people everything was in time; with %(more)d it was not.",
            carried,
        )
    else:
        text = ngettext(
            "With %(more)d person not everything was in time.",
            "With %(more)d people not everything was in time.",
            broke_at,
        )
    return text % {"n": carried, "more": broke_at}


def findings(report: Report) -> list[str]:
    """Say what stands behind the headline, one sentence after the other."""
    figures, verdict = report["figures"], report["verdict"]
    found = []
    if figures["lost"]:
        found.append(
            ngettext(
                "%(n)d answer was confirmed to its phone and is not stored.",
                "%(n)d answers were confirmed to their phones and are not stored.",
                figures["lost"],
            )
            % {"n": figures["lost"]}
        )
    if figures["double"]:
        found.append(
            ngettext(
                "%(n)d answer is stored twice.",
                "%(n)d answers are stored twice.",
                figures["double"],
            )
            % {"n": figures["double"]}
        )
    missing = figures["people"] - report["joined"]
    if missing:
        found.append(
            ngettext(
                "%(n)d person could not join.", "%(n)d people could not join.", missing
            )
            % {"n": missing}
        )
    found += _in_time(report["times"])
    if verdict is not None:
        found += _first_to_give_way(report)
    if report["stages"]:
        found += _hurry(report["stages"][-1])
    if report["computer"]["is_here"]:
        found.append(
            _(
                "The simulated people ran on this computer, and took some of its "
                "processor. The Wi-Fi of the room was not part of this."
            )
        )
    return found


def _hurry(stage: Report) -> list[str]:
    """Say that everybody hurried, where they did."""
    last = read_stage(stage)
    if not 0 < last.pace < CALM:
        return []
    text = _(
        "Each of them answered every %(pace)s, all together %(rate)s times a second. "
        "Real people take about ten seconds for an answer: a real room asks less of "
        "this computer."
    )
    names = {"pace": lasted(last.pace * 1000), "rate": f"{last.rate:.0f}"}
    return [text % names]


def _in_time(times: Report) -> list[str]:
    answer, screen = times["answer"]["p95"], times["screen"]["p95"]
    if answer is None:
        return []
    text = _("19 of 20 answers were stored within %(time)s") % {"time": lasted(answer)}
    if screen is not None:
        seen = _("and counted on the screen within %(time)s") % {"time": lasted(screen)}
        text = f"{text}, {seen}"
    return [f"{text}."]


def _first_to_give_way(report: Report) -> list[str]:
    verdict, limits = report["verdict"], report["limits_ms"]
    first, cause = verdict["first"], verdict["cause"]
    if verdict["broke_at"] is None:
        if not first:
            return []
        text = _("Nearest to its limit: %(what)s, at %(share)s of it.")
        found = [text % {"what": called(first), "share": share(verdict["strain"])}]
        if first == "computer":
            found.append(_who_used_it(report["stages"][-1], report["computer"]))
        return found
    if first == "failed":
        found = [_("What gave way first: some were not served at all.")]
    else:
        took = verdict["strain"] * limits[first]
        text = _("What gave way first: %(what)s, %(time)s instead of %(limit)s.")
        names = {"time": lasted(took), "limit": lasted(limits[first])}
        found = [text % {"what": called(first), **names}]
    if cause == "server":
        found.append(_("The server’s own process had no processor time left by then."))
    elif cause == "computer":
        stages = {stage["people"]: stage for stage in report["stages"]}
        found.append(_("This computer’s processor was full by then."))
        found.append(_who_used_it(stages[verdict["broke_at"]], report["computer"]))
    return found


def _who_used_it(stage: Report, computer: Report) -> str:
    """Say who took the computer's processor, in shares of all its cores."""
    crowd = stage["crowd"] or 0.0
    if stage["server"] is None:
        text = _("The simulated people took %(crowd)s of it; real phones take nothing.")
        return text % {"crowd": share(crowd)}
    server = stage["server"] * computer["server_cores"] / computer["cores"]
    rest = max(0.0, (stage["computer"] or 0.0) - server - crowd)
    if computer["database"].startswith("SQLite"):
        text = _(
            "The server took %(server)s of it, the simulated people %(crowd)s, other "
            "programs %(rest)s."
        )
    else:
        text = _(
            "The server took %(server)s of it, the simulated people %(crowd)s, the "
            "database and other programs %(rest)s."
        )
    text %= {"server": share(server), "crowd": share(crowd), "rest": share(rest)}
    if rest > MUCH:
        advice = _("Close other programs and rehearse again for a fairer picture.")
        return f"{text} {advice}"
    return text


def called(name: str) -> str:
    """Name what can give way."""
    return {
        "answer": _("storing answers"),
        "screen": _("the screen’s counts"),
        "question": _("a new question’s way to the phones"),
        "server": _("the server’s process"),
        "computer": _("this computer’s processor"),
    }.get(name, name)


def lasted(ms: float | None) -> str:
    """Write a time as people say it: 85 ms, 0.64 s, 3.2 s, 41 s."""
    if ms is None:
        return "–"
    if ms < 99.5:
        return _("%(n)s ms") % {"n": round(ms)}
    if ms < 995:
        return _("%(n)s s") % {"n": f"{ms / 1000:.2f}"}
    return _("%(n)s s") % {"n": f"{ms / 1000:.{1 if ms < 9950 else 0}f}"}


def share(part: float | None) -> str:
    """Write a part of one in per cent."""
    return "–" if part is None else f"{part:.0%}"
