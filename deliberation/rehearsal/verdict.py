"""How many people this carried, and what would give way first: arithmetic alone."""

from collections.abc import Sequence
from dataclasses import dataclass

# Milliseconds that 19 of 20 must stay within. A tap that takes longer than a second
# feels broken; a screen or a question that comes later makes a room wait.
LONGEST = {"answer": 1000.0, "screen": 3000.0, "question": 3000.0}
FULL = 0.9  # of a processor: above this nothing is left for a busy moment


@dataclass(frozen=True)
class Stage:
    """What was measured while so many people took part.

    answer, screen, question: milliseconds that 19 of 20 stayed within, None without
    any. server, computer, crowd: shares of what the server's processes may use, of the
    whole computer, and what the simulated people took of that; 0 to 1, None if unknown.
    failed: submissions that were neither stored nor refused for good reason. rate:
    answers a second, while a question was open.
    """

    people: int
    answer: float | None = None
    screen: float | None = None
    question: float | None = None
    server: float | None = None
    computer: float | None = None
    crowd: float | None = None
    failed: int = 0
    rate: float = 0.0

    @property
    def pace(self) -> float:
        """Seconds between two answers of one person; 0 if there were none."""
        return self.people / self.rate if self.rate else 0.0


@dataclass(frozen=True)
class Verdict:
    """What follows from the stages.

    carried: the most people with whom everything was in time, 0 for none. broke_at:
    with how many it was not, None if it always was. first: what gave way, or came
    nearest to its limit: a key of `strains`, or "failed", or "" if nothing is known.
    strain: how near, 1 at the limit. cause: "server", "computer" or "" when what gave
    way was a time, and a processor was full meanwhile.
    """

    carried: int
    broke_at: int | None
    first: str
    strain: float
    cause: str


def strains(stage: Stage) -> dict[str, float]:
    """Return how near each limit was: 1 is at it. What is not known is left out."""
    known = {
        "answer": over(stage.answer, LONGEST["answer"]),
        "screen": over(stage.screen, LONGEST["screen"]),
        "question": over(stage.question, LONGEST["question"]),
        "server": stage.server,
        "computer": stage.computer,
    }
    return {name: share for name, share in known.items() if share is not None}


def over(value: float | None, limit: float) -> float | None:
    return None if value is None else value / limit


def was_in_time(stage: Stage) -> bool:
    """Tell whether people would have noticed nothing; a busy processor is no fault."""
    found = strains(stage)
    return not stage.failed and all(found.get(name, 0) <= 1 for name in LONGEST)


def judge(stages: Sequence[Stage]) -> Verdict:
    """Say how many people were carried, given stages with ever more people.

    A stage that was in time after one that was not does not count: the most people
    are those up to whom every stage was. Raises ValueError without stages.
    """
    if not stages:
        raise ValueError("Nothing was measured.")
    carried = 0
    for stage in stages:
        if not was_in_time(stage):
            return _broken(stage, carried)
        carried = stage.people
    found = strains(stages[-1])
    first = max(found, key=lambda name: found[name], default="")
    return Verdict(carried, None, first, found.get(first, 0.0), "")


def _broken(stage: Stage, carried: int) -> Verdict:
    found = strains(stage)
    late = {name: found[name] for name in LONGEST if found.get(name, 0) > 1}
    first = max(late, key=lambda name: late[name], default="failed")
    cause = next((n for n in ("server", "computer") if found.get(n, 0) >= FULL), "")
    return Verdict(carried, stage.people, first, late.get(first, 1.0), cause)
