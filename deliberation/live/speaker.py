"""What the speakers of a session see on their own phone, the same for all of them.

Nobody's name stands here, and of what people answered what the room sees; earlier than
the room only where the facilitators let them, and from a number of people up.
"""

from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString

from deliberation import markdown
from deliberation.actions.answers import ask_of
from deliberation.kinds import Ask
from deliberation.live import questions
from deliberation.live.phone import countdown, results_of
from deliberation.live.progress import tables_in
from deliberation.live.screen import put_to, seated, shown_points
from deliberation.live.stage import WITH_ROUND, Stage, find_stage
from deliberation.models import Round, Screen
from deliberation.models.response import Voice
from deliberation.models.round import RoundQuerySet
from deliberation.results import LEAST_OF_A_GROUP
from workshops.models import Session

type Context = dict[str, Any]


def speaker_html(workshop_id: int, session_id: int) -> SafeString:
    """Return the board of a session's speakers, in the workshop's language.

    Raises Session.DoesNotExist.
    """
    sessions = Session.objects.select_related("workshop")
    session = sessions.get(pk=session_id, workshop=workshop_id)
    with translation.override(session.workshop.language):
        return speaker_board(session)


def speaker_board(session: Session) -> SafeString:
    """Return what is asked in a session, how it is answered, and its points."""
    workshop = session.workshop
    rounds = newest_rounds(session)
    on_stage = find_stage(workshop).this_round
    if on_stage in rounds:
        rounds.remove(on_stage)
        rounds.insert(0, on_stage)
    is_over = bool(session.ended_at or workshop.ended_at)
    context: Context = {
        "workshop": workshop,
        "session": session,
        "is_over": is_over,
        "is_on": session.is_running,
        "brief": markdown.as_html(session.brief) if session.brief else "",
        "asked": [about_round(this_round, session) for this_round in rounds],
        "questions": questions.by_support(session),
        "points": shown_points(
            Screen(workshop=workshop, session=session), prompt=None, ask=None
        ),
    }
    return render_to_string("speaker/board.html", context)


def newest_rounds(session: Session) -> list[Round]:
    """Return the newest round of each prompt that was asked, the newest first."""
    newest: dict[int, Round] = {}
    for this_round in reversed(rounds_of(session)):
        this_round.workshop = session.workshop
        newest.setdefault(this_round.prompt_id, this_round)
    return list(newest.values())


def rounds_of(session: Session) -> RoundQuerySet:
    """Return the rounds that were opened in a session, in that order."""
    rounds = Round.objects.filter(prompt__session=session)
    return rounds.select_related("workshop", *WITH_ROUND).order_by("opened_at", "pk")


def about_round(this_round: Round, session: Session) -> Context:
    """Return what is asked, who has answered, and the answers, if they may be seen."""
    ask, prompt = ask_of(this_round), this_round.prompt
    stage = Stage(session.workshop, session, this_round)
    seats = seated(session.workshop, this_round)
    present = sum(seat["present"] for seat in seats)
    answered = sum(seat["answered"] for seat in seats)
    may_see = may_see_answers(this_round, session, people=answered)
    tables = [seat for seat in seats if seat["table"] is not None]
    return {
        "stage": stage,
        "this_round": this_round,
        "prompt": prompt,
        "put_to": put_to(this_round),
        "ask": ask,
        "guidance": markdown.as_html(prompt.guidance) if prompt.guidance else "",
        "timer": countdown(this_round) if stage.status == "open" else None,
        "present": present,
        "answered": answered,
        "tables": len(tables),
        "tables_in": _tables_in(this_round, ask),
        "ident": f"r{this_round.pk}-",
        "results": results_of(this_round, ask, ident=f"r{this_round.pk}")
        if may_see and prompt.has_items
        else None,
    }


def _tables_in(this_round: Round, ask: Ask) -> int:
    if not this_round.prompt.asks_tables or not this_round.prompt.has_items:
        return 0
    return len(tables_in(this_round, ask))


def may_see_answers(this_round: Round, session: Session, *, people: int) -> bool:
    """Tell whether speakers see how a round is answered; `people` have answered it.

    Before the room does, the answers of a few people would tell who gave them.
    """
    if this_round.revealed_at is not None:
        return True
    if session.speaker_sees != Session.SpeakerSees.AT_ONCE:
        return False
    return Voice.PEOPLE not in this_round.prompt.voices or people >= LEAST_OF_A_GROUP
