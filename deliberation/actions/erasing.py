"""A person asks to be forgotten: what was counted stays, who it was goes."""

import re
from collections.abc import Callable, Collection, Iterable
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.html import escape

from deliberation.markdown import escaped
from deliberation.models import (
    Answer,
    Comment,
    Event,
    Passage,
    Point,
    Proposal,
    Question,
    QuestionSupport,
    Response,
    Screen,
    SignOff,
    Stance,
    Submission,
)
from deliberation.writeup.proposed import marked
from workshops import codes
from workshops.actions import joining
from workshops.models import Badge, Participant, Workshop
from workshops.words import pieces

type Json = dict[str, Any]

LEAST_QUOTED = 4  # characters of a name or of somebody's words that are looked for
GONE = "[…]"  # stands where they were quoted

# What outlives its person, and why; all else that refers to one goes with the seat.
OUTLIVES = {
    "workshops.participant.merged_into": "the other seat is the same person's",
    "deliberation.point.participant": "a table's point; people's own are deleted",
    "deliberation.question.participant": "nothing: questions are deleted",
    "deliberation.questionsupport.participant": "stays counted, as nobody's",
    "deliberation.response.participant": "goes with the seat, or is nobody's",
    "deliberation.stance.participant": "stays counted, as nobody's",
    "deliberation.submission.entered_by": "a table's answer",
    "deliberation.signoff.participant": "the table has confirmed its record",
    "deliberation.comment.participant": "nothing: comments are deleted",
}


class Erased(NamedTuple):
    """How many responses stay counted without their person; how many points went."""

    responses: int
    points: int


@transaction.atomic
def erase_participant(*, participant: Participant) -> Erased:
    """Remove a person with the name, devices, and every text they wrote as themselves.

    Their answers stay counted, at their table, as of nobody; by organisation too where
    the attribution rule shows organisations, and small groups stay withheld. So does
    whether they supported a proposal or a question. A table's answers and points stay:
    they are the table's; a wording that was adopted is the workshop's. Who was removed
    before, or merged into this person, was not counted and goes wholly. Where the
    draft, the record of steps or a screen that stands still quotes them, it does no
    longer; versions that were published never change.
    """
    workshop = Workshop.objects.get(pk=participant.workshop_id)
    # Answers in flight are stored first; later ones find no seat.
    merged = Participant.objects.filter(merged_into=participant)
    participant, *merged = joining.hold(participant, *merged)
    seats = [participant, *merged]
    words = _words_of(seats)
    boards = _marks_of(seats)
    points = 0
    for seat in seats:
        points += _erase_points(workshop, seat)
    _erase_questions(workshop, seats)
    Comment.objects.filter(participant__in=seats).delete()
    removed = [seat for seat in seats if seat.removed_at is not None]
    SignOff.objects.filter(participant__in=removed).delete()
    Stance.objects.filter(participant__in=removed).delete()
    QuestionSupport.objects.filter(participant__in=removed).delete()
    kept = 0
    if participant.removed_at is None:
        kept = _keep_counted(workshop, participant)
    _stop_quoting(workshop, words)
    _stop_showing(workshop, [*map(escape, words), *boards])
    for seat in seats:
        seat.delete()
    return Erased(kept, points)


def _words_of(seats: Collection[Participant]) -> list[str]:
    """Return their names and what they wrote as themselves, the longest first."""
    answers = Answer.objects.filter(response__participant__in=seats)
    points = Point.objects.filter(participant__in=seats, voice="people")
    comments = Comment.objects.filter(participant__in=seats)
    found = set(
        Badge.objects.filter(participant__in=seats).values_list("name", flat=True)
    )
    found |= set(answers.values_list("reason", flat=True))
    found |= set(points.values_list("text", flat=True))
    found |= set(_rewordings_of(points))
    questions = Question.objects.filter(participant__in=seats)
    found |= set(questions.values_list("text", flat=True))
    found |= set(comments.values_list("text", flat=True))
    found |= set(comments.values_list("name", flat=True))
    found |= set(map(escaped, found))  # as an editor of the draft begins with them
    long_enough = (word.strip() for word in found if len(word.strip()) >= LEAST_QUOTED)
    return sorted(long_enough, key=lambda word: (-len(word), word))


def _rewordings_of(points: QuerySet[Point]) -> Iterable[str]:
    """Yield what they would have changed, as a draft tells it, with no full stop."""
    reworded = Proposal.objects.filter(point__in=points, base__isnull=False)
    for before, after in reworded.values_list("base__text", "point__text"):
        yield marked(pieces(before, after)).removesuffix(".")


def _marks_of(seats: Collection[Participant]) -> list[str]:
    """Return what tells a board that their points stand on, cut short or in pieces."""
    points = Point.objects.filter(participant__in=seats, voice="people")
    return [f'"wall-point-{pk}"' for pk in points.values_list("pk", flat=True)]


def _stop_quoting(workshop: Workshop, words: Collection[str]) -> None:
    """Take words out of what others wrote or did, wherever they stand as they were."""
    if not words:
        return
    quoted = re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in words))
    for passage in Passage.objects.filter(write_up__workshop=workshop):
        text = quoted.sub(GONE, passage.text)
        computed = quoted.sub(GONE, passage.computed_text)
        if (text, computed) != (passage.text, passage.computed_text):
            passage.text, passage.computed_text = text, computed
            passage.version += 1  # who writes at it now is told
            passage.save(update_fields=["text", "computed_text", "version"])
    for event in Event.objects.filter(workshop=workshop):
        subject = quoted.sub(GONE, event.subject)
        changes = _without(quoted, event.changes)
        if (subject, changes) != (event.subject, event.changes):
            event.subject, event.changes = subject, changes
            event.save(update_fields=["subject", "changes"])


def _stop_showing(workshop: Workshop, traces: Collection[str]) -> None:
    """Drop boards that stand still, or did at a step, and have one of the traces."""

    def shows(html: str) -> bool:
        return any(trace in html for trace in traces)

    for screen in Screen.objects.filter(workshop=workshop).exclude(frozen_html=""):
        if shows(screen.frozen_html):
            # What it shows instead is for a facilitator to say.
            screen.frozen_html, screen.blank = "", True
            screen.save(update_fields=["frozen_html", "blank"])
    for event in Event.objects.filter(workshop=workshop, verb__in=("freeze", "thaw")):
        sides = [c[side] for c in event.changes for side in ("before", "after")]
        stale = [one for one in sides if shows(one["frozen_html"])]
        for one in stale:
            one["frozen_html"] = ""
        if stale:
            event.save(update_fields=["changes"])


def _without(quoted: re.Pattern[str], value: Any) -> Any:
    if isinstance(value, str):
        return quoted.sub(GONE, value)
    if isinstance(value, list):
        return [_without(quoted, one) for one in value]
    if isinstance(value, dict):
        return {name: _without(quoted, one) for name, one in value.items()}
    return value


def _erase_points(workshop: Workshop, participant: Participant) -> int:
    points = Point.objects.filter(participant=participant, voice="people")
    gone = set(points.values_list("pk", flat=True))
    rows = {
        Point._meta.label_lower: gone,
        Proposal._meta.label_lower: set(
            Proposal.objects.filter(point__in=gone).values_list("pk", flat=True)
        ),
    }
    quoting = Q(verb__startswith="point-") | Q(verb__startswith="proposal-")
    _quote_no_more(
        workshop,
        quoting,
        lambda change: change["pk"] in rows.get(change["model"], ()),
    )
    points.delete()
    return len(gone)


def _erase_questions(workshop: Workshop, seats: Collection[Participant]) -> None:
    """Delete what they asked the speakers; that they supported others stays counted."""
    questions = Question.objects.filter(participant__in=seats)
    gone = set(questions.values_list("pk", flat=True))
    label = Question._meta.label_lower

    def is_of(change: Json) -> bool:
        shown = {
            (change[side] or {}).get("question_id") for side in ("before", "after")
        }
        return change["pk"] in gone if change["model"] == label else bool(shown & gone)

    _quote_no_more(workshop, Q(verb__startswith="question-"), is_of)
    questions.delete()


def _quote_no_more(
    workshop: Workshop, quoting: Q, is_of: Callable[[Json], bool]
) -> None:
    """Drop what the record of the day quotes, in steps with a change that `is_of`."""
    for event in Event.objects.filter(quoting, workshop=workshop):
        if any(is_of(change) for change in event.changes):
            event.subject = ""
            event.save(update_fields=["subject"])


def _keep_counted(workshop: Workshop, participant: Participant) -> int:
    """Cut the responses off from their person; the same nobody in every round."""
    badge = getattr(participant, "badge", None)
    organisation = badge and badge.organisation
    responses = Response.objects.filter(participant=participant)
    pks = list(responses.values_list("pk", flat=True))
    Answer.objects.filter(response__in=pks).exclude(reason="").update(reason="")
    for submission in Submission.objects.filter(response__in=pks):
        submission.content = [[*judged[:4], ""] for judged in submission.content]
        submission.save(update_fields=["content"])
    Response.objects.filter(pk__in=pks).update(
        participant=None,
        respondent=f"file:erased-{codes.new_ref()}",
        organisation=organisation if workshop.asks_organisation else None,
    )
    return len(pks)
