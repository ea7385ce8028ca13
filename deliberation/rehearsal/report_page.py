"""A rehearsal as its pages show it: how far it is, what it found, what came before."""

from collections.abc import Iterable
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deliberation import pictures
from deliberation.live.miniature import miniature
from deliberation.live.screen import screen_html
from deliberation.models import Prompt, Rehearsal
from deliberation.pictures import Course, Layer, Moment
from deliberation.rehearsal.report import (
    Report,
    findings,
    headline,
    lasted,
    read_stage,
    share,
)
from deliberation.rehearsal.verdict import was_in_time

ROOM_ABOVE = 1.15  # of a limit, so that its line is seen


def progress(rehearsal: Rehearsal) -> dict[str, Any]:
    """Describe how far a rehearsal is that is under way."""
    left = max(0, rehearsal.seconds - rehearsal.seconds_done)
    copy = rehearsal.copy
    return {
        "screen": miniature(screen_html(copy.pk)) if copy else "",
        "clock": pictures.clock(left),
        "what": _what(rehearsal),
    }


def _what(rehearsal: Rehearsal) -> str:
    if rehearsal.state == Rehearsal.State.STARTED:
        return _("The simulated people are getting ready.")
    if rehearsal.stop_asked:
        return _("Stopping …")
    if rehearsal.seconds_done >= rehearsal.seconds:
        return _("The last answers come in and are counted again.")
    session, _slash, key = rehearsal.playing.partition("/")
    asked = Prompt.objects.filter(
        session__workshop=rehearsal.copy, session__key=session, key=key
    )
    question = asked.values_list("question", flat=True).first()
    if question is None:
        return _("People come in.")
    return _("They answer: %(question)s") % {"question": question}


def lines(rehearsals: Iterable[Rehearsal]) -> list[dict[str, Any]]:
    """Describe rehearsals that have ended, each in a line."""
    return [
        {
            "rehearsal": one,
            "said": headline(one.report) if one.report else one.get_reason_display(),
        }
        for one in rehearsals
    ]


def page(report: Report) -> dict[str, Any]:
    """Return everything that the page of the report shows, as text and pictures."""
    verdict, figures = report["verdict"], report["figures"]
    is_safe = not (figures["lost"] or figures["double"])
    is_fine = is_safe and verdict is not None and verdict["broke_at"] is None
    return {
        "at": parse_datetime(report["at"]),
        "minutes": pictures.clock(report["seconds"]),
        "headline": headline(report),
        "findings": findings(report),
        "look": "fine" if is_fine else "late" if is_safe else "lost",
        "figures": figures,
        "report": report,
        "missing": figures["people"] - report["joined"],
        "times": [_times(report, name) for name in ("join", "question")]
        + [_times(report, name) for name in ("answer", "screen")],
        "stages": [_stage(stage) for stage in report["stages"]],
        "pictures": [
            _course_of_times(report, "answer", _("Until an answer is stored")),
            _course_of_times(report, "screen", _("Until the screen counts it")),
            _course_of_load(report),
        ],
    }


def _times(report: Report, name: str) -> dict[str, Any]:
    names = {
        "join": _("Joining, from the code to the seat"),
        "question": _("A new question reaches the phones"),
        "answer": _("An answer is stored and confirmed"),
        "screen": _("The screen counts it"),
    }
    times, limit = report["times"][name], report["limits_ms"].get(name)
    return {
        "name": names[name],
        "n": times["n"],
        "half": lasted(times["p50"]),
        "most": lasted(times["p95"]),
        "slowest": lasted(times["max"]),
        "limit": lasted(limit) if limit else "",
    }


def _stage(stage: Report) -> dict[str, Any]:
    return {
        "people": stage["people"],
        "rate": f"{stage['rate']:.0f}",
        "answer": lasted(stage["answer"]),
        "screen": lasted(stage["screen"]),
        "question": lasted(stage["question"]),
        "server": share(stage["server"]),
        "computer": share(stage["computer"]),
        "in_time": was_in_time(read_stage(stage)),
    }


def _course_of_times(report: Report, name: str, caption: str) -> Course:
    limit = report["limits_ms"][name]
    parts = report["course"]
    longest = max((part[f"{name}_ms"]["max"] or 0 for part in parts), default=0)
    most = max(limit * ROOM_ABOVE, pictures.rounded_up(longest))
    times = report["times"][name]
    label = _("%(caption)s: half within %(half)s, 19 of 20 within %(most)s.") % {
        "caption": caption,
        "half": lasted(times["p50"]),
        "most": lasted(times["p95"]),
    }
    return pictures.course(
        [
            Moment(part["at"], part["until"], _steps(part[f"{name}_ms"]))
            for part in parts
        ],
        [
            Layer(key="half", cls="o5", fill="#164f96", label=_("half within")),
            Layer(key="most", cls="o4", fill="#83b5ea", label=_("19 of 20 within")),
            Layer(key="all", cls="o3", fill="#e4e7ec", label=_("the slowest")),
        ],
        ident=name,
        caption=caption,
        label=label,
        most=most,
        written={most / 2: lasted(most / 2)} if most > 3 * limit else {},
        limit=(limit, _("too slow: %(time)s") % {"time": lasted(limit)}),
        marks=_marks(report),
    )


def _steps(times: Report) -> dict[str, float]:
    half, most, slowest = (times[name] or 0.0 for name in ("p50", "p95", "max"))
    return {"half": half, "most": most - half, "all": slowest - most}


def _course_of_load(report: Report) -> Course:
    parts, cores = report["course"], report["computer"]["cores"]
    text = ngettext("%(n)d core", "%(n)d cores", cores) % {"n": cores}
    return pictures.course(
        [Moment(part["at"], part["until"], _who(part)) for part in parts],
        [
            Layer(key="server", cls="o5", fill="#164f96", label=_("the server")),
            Layer(key="crowd", cls="o2", fill="#e6a04d", label=_("simulated people")),
            Layer(
                key="rest",
                cls="o3",
                fill="#e4e7ec",
                label=_("everything else"),
            ),
        ],
        ident="load",
        caption=_("Processor in use"),
        label=_("Processor in use, of %(cores)s.") % {"cores": text},
        most=cores * 1.08,
        written={cores / 2: share(0.5)},
        limit=(cores, _("all of it: %(cores)s") % {"cores": text}),
        marks=_marks(report),
    )


def _who(part: Report) -> dict[str, float]:
    server, crowd = part["server"] or 0.0, part["crowd"] or 0.0
    rest = max(0.0, (part["computer"] or 0.0) - server - crowd)
    return {"server": server, "crowd": crowd, "rest": rest}


def _marks(report: Report) -> list[tuple[float, str]]:
    """Say where more people came in: 15, 30, 45, 60 people."""
    found = [(stage["began"], str(stage["people"])) for stage in report["stages"]]
    if len(found) < 2:
        return []
    at, _number = found.pop()
    n = report["stages"][-1]["people"]
    text = ngettext("%(n)d person", "%(n)d people", n) % {"n": n}
    return [*found, (at, text)]
