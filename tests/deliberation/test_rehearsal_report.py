import os
import time

import pytest

from deliberation.pictures import Layer, Moment, course, rounded_up
from deliberation.rehearsal import machine
from deliberation.rehearsal.measure import Openings
from deliberation.rehearsal.play import Plan
from deliberation.rehearsal.report import findings, headline, lasted, share
from deliberation.rehearsal.verdict import Stage, Verdict, judge, strains

# ---- what is concluded ----


def stage(people: int, **measured) -> Stage:
    quick = {"answer": 100, "screen": 300, "question": 300, "server": 0.2}
    return Stage(people, **(quick | measured))


@pytest.mark.parametrize(
    ("stages", "verdict"),
    [
        (
            [stage(10), stage(20, server=0.62)],
            Verdict(20, None, "server", 0.62, ""),
        ),
        # A full processor is no fault as long as nobody has to wait.
        (
            [stage(10), stage(20, computer=1.0)],
            Verdict(20, None, "computer", 1.0, ""),
        ),
        (
            [stage(10), stage(20, answer=1500, screen=3600, server=0.95)],
            Verdict(10, 20, "answer", 1.5, "server"),
        ),
        (
            [stage(10), stage(20, question=6000, computer=0.99)],
            Verdict(10, 20, "question", 2.0, "computer"),
        ),
        # What comes after the first that was late does not count.
        (
            [stage(10, screen=3300), stage(20)],
            Verdict(0, 10, "screen", 1.1, ""),
        ),
        ([stage(10), stage(20, failed=1)], Verdict(10, 20, "failed", 1.0, "")),
        ([Stage(5)], Verdict(5, None, "", 0.0, "")),
    ],
)
def test_judge_says_who_was_carried_and_what_gives_way_first(stages, verdict):
    found = judge(stages)

    assert found == verdict


def test_judge_needs_something_to_judge():
    with pytest.raises(ValueError, match="Nothing was measured"):
        judge([])


def test_strains_leave_out_what_is_not_known():
    assert strains(Stage(5, answer=250, computer=0.5)) == {
        "answer": 0.25,
        "computer": 0.5,
    }


# ---- what is measured ----


def test_openings_count_from_the_press_and_never_below_zero():
    openings = Openings()
    openings.seen("1")  # before the press was answered
    openings.opened("1")
    openings.seen("1")

    early, late = openings.times
    assert early.ms == 0.0
    assert late.ms > 0


@pytest.mark.skipif(machine.seconds_of_all() is None, reason="needs /proc")
def test_processors_tell_what_was_used_between_two_looks():
    processors = machine.Processors(server=os.getppid())
    until = time.process_time() + 0.05
    while time.process_time() < until:
        pass
    load = processors.look()

    assert load.people > 0
    assert load.computer > 0
    assert load.server >= 0
    assert machine.parent_of(os.getpid()) == os.getppid()
    assert os.getpid() in machine.family(os.getppid())


def test_processors_that_cannot_be_seen_are_not_known(monkeypatch, tmp_path):
    monkeypatch.setattr(machine, "PROC", tmp_path)
    load = machine.Processors(server=1).look()

    assert (load.computer, load.server) == (None, None)
    assert machine.memory_of([1]) is None


@pytest.mark.parametrize(
    ("people", "seconds", "in_waves", "waves"),
    [
        (60, 60, True, [15, 30, 45, 60]),
        (1000, 600, True, [250, 500, 750, 1000]),
        (60, 60, False, [60]),
        (19, 600, True, [19]),
        (60, 39, True, [60]),
    ],
)
def test_a_plan_lets_people_in_by_quarters(people, seconds, in_waves, waves):
    plan = Plan(None, "http://host", people, [1], seconds, in_waves=in_waves)

    assert plan.waves == waves


# ---- words ----


def found(**changes) -> dict:
    """Return a report of a rehearsal in which all went well."""
    spread = {"n": 100, "p50": 40.0, "p95": 120.0, "max": 300.0}
    names = ("join", "question", "answer", "screen")
    stages = [
        {
            "people": 60, "answer": 120.0, "screen": 120.0, "question": 120.0,
            "server": 0.62, "computer": 0.6, "crowd": 0.1, "failed": 0, "rate": 6.0,
            "began": 0.0,
        }
    ]  # fmt: skip
    return {
        "at": "2026-05-04T10:00:00+00:00",
        "seconds": 65.0,
        "figures": {
            "people": 60, "tables": 6, "sent": 105, "acknowledged": 100, "refused": 5,
            "failed": 0, "lost": 0, "double": 0,
        },
        "joined": 60, "changed": 4, "points": 7, "interrupted": 3, "returned": 3,
        "times": dict.fromkeys(names, spread),
        "limits_ms": {"answer": 1000.0, "screen": 3000.0, "question": 3000.0},
        "stages": stages,
        "course": [
            {
                "at": 0.0, "until": 65.0, "people": 60, "answer_ms": spread,
                "screen_ms": spread, "computer": 1.2, "server": 0.6, "crowd": 0.2,
            }
        ],
        "computer": {
            "system": "Linux", "cores": 2, "server_cores": 1, "is_here": True,
            "database": "SQLite 3.40.1", "memory_mb": 110,
        },
        "verdict": {
            "carried": 60, "broke_at": None, "first": "server", "strain": 0.62,
            "cause": "",
        },
    } | changes  # fmt: skip


HERE = (
    "The simulated people ran on this computer, and took some of its processor. The "
    "Wi-Fi of the room was not part of this."
)


def test_a_report_says_how_many_were_carried():
    assert [headline(found()), *findings(found())] == [
        "This computer carried 60 people.",
        "19 of 20 answers were stored within 0.12 s, and counted on the screen within "
        "0.12 s.",
        "Nearest to its limit: the server’s process, at 62% of it.",
        HERE,
    ]


def test_a_report_says_what_gave_way():
    verdict = {"carried": 45, "broke_at": 60, "first": "answer", "strain": 1.8}
    report = found(verdict=verdict | {"cause": "computer"})
    report["computer"] |= {"is_here": False, "database": "PostgreSQL 15.3"}

    assert [headline(report), *findings(report)[1:]] == [
        "With 45 people everything was in time; with 60 it was not.",
        "What gave way first: storing answers, 1.8 s instead of 1.0 s.",
        "This computer’s processor was full by then.",
        "The server took 31% of it, the simulated people 10%, the database and other "
        "programs 19%.",
    ]


def test_a_report_says_when_everybody_hurried():
    report = found()
    report["stages"][0] |= {"rate": 48.0}

    assert findings(report)[2] == (
        "Each of them answered every 1.2 s, all together 48 times a second. Real "
        "people take about ten seconds for an answer: a real room asks less of this "
        "computer."
    )


def test_a_report_begins_with_what_is_worst():
    report = found(joined=58)
    report["figures"] |= {"lost": 1}

    assert headline(report) == (
        "This installation must not be used: answers went missing."
    )
    assert findings(report)[:2] == [
        "1 answer was confirmed to its phone and is not stored.",
        "2 people could not join.",
    ]


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (None, "–"), (0.0, "0 ms"), (84.6, "85 ms"), (99.6, "0.10 s"), (640, "0.64 s"),
        (996, "1.0 s"), (3210, "3.2 s"), (9951, "10 s"), (41000, "41 s"),
    ],
)  # fmt: skip
def test_lasted_writes_times_as_people_say_them(ms, text):
    assert lasted(ms) == text


def test_share_writes_per_cent():
    assert [share(None), share(0.0), share(0.624)] == ["–", "0%", "62%"]


# ---- the picture ----


def test_course_stacks_layers_and_cuts_off_above():
    layers = [
        Layer(key="half", cls="o5", fill="#1", label="half"),
        Layer(key="rest", cls="o4", fill="#2", label="rest"),
    ]
    moments = [
        Moment(10, 15, {"half": 50, "rest": 100}),
        Moment(15, 20, {"half": None}),
    ]

    drawn = course(
        moments, layers, ident="x", caption="C", label="L", most=100,
        written={50: "fifty"}, limit=(100, "all"), marks=[(15, "more")],
    )  # fmt: skip

    bars = [
        (piece["cls"], piece["x"], piece["width"], piece["y"], piece["height"])
        for piece in drawn["pieces"]
    ]
    assert bars == [
        ("o5", "4.50%", "41.00%", "50.00%", "37.00%"),
        ("o4", "4.50%", "41.00%", "13.00%", "37.00%"),
    ]
    assert [one["text"] for one in drawn["clocks"]] == ["0:00", "0:05", "0:10"]
    assert drawn["levels"] == [
        {"x": "0%", "y": "50.00%", "text": "fifty", "anchor": "start"}
    ]
    assert drawn["limit"] == {
        "x": "100%",
        "y": "13.00%",
        "text": "all",
        "anchor": "end",
    }
    assert drawn["marks"][0]["x"] == "50.00%"


@pytest.mark.parametrize(
    ("amount", "rounded"), [(0, 1), (0.7, 0.8), (1, 1), (1100, 2000), (2400, 2500)]
)
def test_rounded_up_gives_the_next_round_number(amount, rounded):
    assert rounded_up(amount) == pytest.approx(rounded)
