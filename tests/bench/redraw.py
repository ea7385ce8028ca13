# ruff: noqa: T201
"""What a redraw costs: `python -m tests.bench.redraw [--database postgres]`.

A thousand people at a hundred tables, some of whom have answered ten items; a few more
answer, and the board is drawn again in this process, as its watcher does it: drawn,
compared with the one before, made into an event. Milliseconds of processor, of this
thread and of the database's backends, and the bytes that go out.
"""

import argparse
import itertools
import signal
import time
from collections import Counter
from types import FrameType
from typing import Any

from tests.bench import common


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.redraw")
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--board", default="console", help="or screen, phone")
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--tables", type=int, default=100)
    parser.add_argument("--answered", type=int, default=700, help="before")
    parser.add_argument("--answers", type=int, default=50, help="between two drawings")
    parser.add_argument("--turns", type=int, default=40)
    parser.add_argument("--revealed", action="store_true")
    parser.add_argument("--profile", type=int, default=0, help="lines of where it goes")
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()
    with common.installed(options.database):
        report = common.begin_report(options)
        report |= Bench(options).measure()
        common.end_report(report, options.json)


class Bench:
    def __init__(self, options: argparse.Namespace) -> None:
        from deliberation.actions import rounds
        from tests import builders

        self.options = options
        self.workshop, _people = common.make_room(options.people, tables=options.tables)
        self.round = builders.open_round(self.workshop.sessions.get().prompts.get())
        self.seats = list(self.workshop.participants.order_by("pk"))
        common.answer_in_bulk(self.round, self.seats[: options.answered])
        if options.revealed:
            rounds.reveal(round_id=self.round.pk)
        self.turn = itertools.count(1)

    def measure(self) -> dict[str, Any]:
        from deliberation.live import board
        from deliberation.live.hub import Frame

        name = f"{self.options.board}:{self.workshop.pk}"
        known, html = None, ""
        took: dict[str, list[float]] = {"drawn": [], "framed": [], "database": []}
        sizes: list[int] = []
        profile = Profile()
        for turn in range(-3, self.options.turns):  # the first warm up
            self.answer()
            database = common.database_cpu()
            profile.sample(turn >= 0 and self.options.profile)
            times = [time.thread_time()]
            with board.together():
                html = board.render(name)
            times.append(time.thread_time())
            frame = Frame.of(name, html, at=0, before=known)
            times.append(time.thread_time())
            profile.sample(False)
            if turn >= 0:
                took["drawn"].append(1000 * (times[1] - times[0]))
                took["framed"].append(1000 * (times[2] - times[1]))
                took["database"].append(1000 * (common.database_cpu() - database))
                sizes.append(len(frame.news or frame.event))
            known = frame
        profile.show(self.options.profile)
        for what, values in took.items():
            print(f"{what:10}{common.spread(values, 1)} ms of processor, a drawing")
        print(f"sent      {common.spread(sizes, 0)} bytes of {len(html)}")
        return took | {"bytes": sizes}

    def answer(self) -> None:
        """Have some more people answer, and some of those change what they said."""
        from django.utils import timezone

        from deliberation.models import Answer, Response

        turn, number = next(self.turn), self.options.answers
        answered = Response.objects.filter(round=self.round)
        known = set(answered.values_list("participant", flat=True))
        fresh = [seat for seat in self.seats if seat.pk not in known]
        common.answer_in_bulk(self.round, fresh[: number // 10])
        some = list(answered.order_by("pk").values_list("pk", flat=True))
        chosen = [some[(turn * 37 + place * 13) % len(some)] for place in range(number)]
        for place, pk in enumerate(chosen):
            answers = Answer.objects.filter(response=pk)
            answers.update(value=(turn + place) % common.POINTS + 1)
        answered.filter(pk__in=chosen).update(stored_at=timezone.now())


class Profile:
    """Which functions were under way, a thousand times a second of processor."""

    def __init__(self) -> None:
        self.samples = 0
        self.within: Counter[str] = Counter()
        self.itself: Counter[str] = Counter()
        signal.signal(signal.SIGPROF, self._note)

    def sample(self, is_wanted: bool) -> None:
        signal.setitimer(signal.ITIMER_PROF, *([0.001, 0.001] if is_wanted else [0]))

    def show(self, lines: int) -> None:
        for name, found in (("within", self.within), ("itself", self.itself)):
            for function, number in found.most_common(lines):
                print(f"{name} {number / self.samples:7.1%} {function}")

    def _note(self, _signal: int, frame: FrameType | None) -> None:
        self.samples += 1
        names: list[str] = []
        while frame is not None:
            code = frame.f_code
            path = "/".join(code.co_filename.rsplit("/", 2)[1:])
            names.append(f"{path} {code.co_qualname}")
            frame = frame.f_back
        self.within.update(set(names))
        self.itself[names[0]] += 1


if __name__ == "__main__":
    main()
