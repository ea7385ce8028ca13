"""The facilitator of a rehearsal: opens, closes and reveals as the console would.

Works on the database, by the same actions, in a thread of its own.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.db.models import Count

from deliberation.actions import rounds
from deliberation.models import Point, Prompt, Response, Round, Submission
from deliberation.rehearsal.measure import Measurements
from workshops.models import Workshop

# How much of a day a kind takes, compared with the others.
WEIGHTS = {
    "assess": 4, "rate": 4, "choose": 1, "approve": 1, "rank": 2, "allocate": 2,
    "discuss": 1,
}  # fmt: skip
REVEALED_FOR = 0.1  # of a prompt's time


class Clerk:
    """Runs functions that need the database one after the other, beside the loop."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="clerk")

    async def do(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._thread, lambda: function(*args, **kwargs)
        )

    def end(self) -> None:
        """Close the thread's connection and end it."""
        self._thread.submit(connections.close_all).result()
        self._thread.shutdown()


@dataclass(frozen=True)
class Slot:
    """A prompt of the day and the seconds it gets."""

    prompt: Prompt
    seconds: float


def timetable(workshop: Workshop, seconds: float) -> list[Slot]:
    """Divide the time among the prompts of a workshop, in the order of the day.

    When it is short, the ones that people answer come before those they discuss.
    """
    prompts = list(
        Prompt.objects.filter(session__workshop=workshop)
        .select_related("session")
        .annotate(size=Count("items"))
        .order_by("session__position", "position")
    )
    prompts = [prompt for prompt in prompts if prompt.size or not prompt.has_items]
    if seconds < 10 * len(prompts):
        prompts = [prompt for prompt in prompts if prompt.has_items] or prompts
    whole = sum(WEIGHTS[prompt.kind] for prompt in prompts)
    return [Slot(prompt, seconds * WEIGHTS[prompt.kind] / whole) for prompt in prompts]


def prompt_paths(workshop: Workshop) -> dict[str, str]:
    """Return session/prompt by the id that pages carry."""
    prompts = Prompt.objects.filter(session__workshop=workshop)
    return {str(prompt.pk): prompt.path for prompt in prompts.select_related("session")}


def open_or_join(prompt: Prompt) -> Round:
    """Open a prompt; whatever else is open is closed first."""
    try:
        return rounds.open_round(prompt=prompt)
    except rounds.AnotherRoundIsOpen as error:
        if error.open_round.prompt_id == prompt.pk:
            return error.open_round
        rounds.close_round(round_id=error.open_round.pk)
        return rounds.open_round(prompt=prompt)


def close_and_reveal(this_round: Round) -> None:
    rounds.close_round(round_id=this_round.pk)
    rounds.reveal(round_id=this_round.pk)


def count_losses(workshop: Workshop, log: Measurements, since: Any) -> None:
    """Note what was acknowledged and is not stored, and who answered twice.

    since: responses before this time are not looked at (aware datetime).
    """
    submissions = Submission.objects.filter(workshop=workshop)
    stored = set(submissions.values_list("key", flat=True))
    written = Point.objects.filter(workshop=workshop)
    kept = set(written.values_list("pk", flat=True))
    log.lost = len(log.answers - stored) + len(log.points - kept)
    responses = Response.objects.filter(workshop=workshop, first_at__gte=since)
    seats = (
        responses.order_by()
        .values("round", "voice", "respondent")
        .annotate(times=Count("pk"))
        .values_list("times", flat=True)
    )
    log.double = sum(times - 1 for times in seats)
