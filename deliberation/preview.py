"""How a prompt will look on a phone and on the wall, before anybody is asked.

The boards of the day are drawn from rows that are written in a transaction and taken
back: nothing stays stored, nobody is told, and what is shown is what will be.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Max
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.safestring import SafeString

from deliberation.actions import making, rounds
from deliberation.actions.answers import ask_of
from deliberation.kinds import Ask
from deliberation.live import findings, phone, screen
from deliberation.live.miniature import miniature
from deliberation.live.stage import Stage
from deliberation.models import Prompt, Round, Screen
from workshops.models import Session, Workshop
from workshops.session_templates.schema import TemplateFile

# What is drawn of one template; few days have a dozen prompts with ten items each.
MOST_PROMPTS = 60
MOST_ITEMS = 600
MOST_TABLES = 8  # that are drawn on the wall


@dataclass(frozen=True)
class Preview:
    """A session's brief, where `kind` is empty, or one prompt as it will be shown.

    `rule` says how its answers will be summed up, where there is a rule to be read.
    """

    session: str
    title: str
    kind: str
    items: int
    phone: SafeString
    wall: SafeString
    rule: str = ""


def of_tree(tree: TemplateFile) -> list[Preview]:
    """Return briefs and prompts of a template in the order of the day.

    Of a very long template the last ones are left out, so that it takes a second.
    """
    with _taken_back():
        workshop = making.make_from(
            tree,
            Workshop(
                title=tree.title, language=tree.language, attribution=tree.attribution
            ),
            tables=min(tree.tables, MOST_TABLES),
        )
        prompts = Prompt.objects.select_related("scale", "items_from")
        found: list[Preview] = []
        for session in workshop.sessions.all():
            session.workshop = workshop
            if brief := of_session(session):
                found.append(brief)
            for prompt in prompts.filter(session=session):
                prompt.session = session
                items = sum(one.items for one in found)
                if len(found) < MOST_PROMPTS and items < MOST_ITEMS:
                    found.append(_prompt(prompt))
        return found


def of_prompt(prompt: Prompt) -> Preview | None:
    """Return a stored prompt as its next round will show it; None without items."""
    if prompt.has_items and not prompt.items.filter(retired_at=None).exists():
        return None
    with _taken_back():
        return _prompt(prompt)


def of_session(session: Session) -> Preview | None:
    """Return a stored session's brief; None without one."""
    return _brief(session) if session.brief else None


@contextmanager
def _taken_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _brief(session: Session) -> Preview:
    stage = Stage(session.workshop, session, None)
    return Preview(
        session=session.title,
        title=session.title,
        kind="",
        items=0,
        phone=_on_phone(stage),
        wall=_on_wall(session.workshop, *screen.brief_view(session)),
    )


def _prompt(prompt: Prompt) -> Preview:
    workshop = prompt.session.workshop
    this_round = _round(prompt, workshop)
    shown = Screen(
        workshop=workshop,
        round=this_round,
        session=prompt.session,
        showing=Screen.Showing.PROMPT,
    )
    with translation.override(workshop.language):
        template, context = screen.prompt_view(shown, this_round)
    return Preview(
        session=prompt.session.title,
        title=prompt.question,
        kind=prompt.kind,
        items=this_round.round_items.count(),
        phone=_on_phone(Stage(workshop, prompt.session, this_round)),
        wall=_on_wall(workshop, template, context),
        rule=_rule(ask_of(this_round)),
    )


def _rule(ask: Ask) -> str:
    if ask.kind == Prompt.Kind.RATE:
        return findings.word_rule(ask.words)
    return findings.announced(ask.rule)


def _round(prompt: Prompt, workshop: Workshop) -> Round:
    """Return a round that is open in what is drawn, and closed where it is stored.

    Only one round of a workshop can be open, and another one may be, in the room.
    """
    now = timezone.now()
    last = prompt.rounds.aggregate(last=Max("number"))["last"] or 0
    this_round = Round.objects.create(
        workshop=workshop,
        prompt=prompt,
        number=last + 1,
        opened_at=now,
        closed_at=now,
        ends_at=now + timedelta(minutes=prompt.minutes) if prompt.minutes else None,
    )
    items = prompt.items.filter(retired_at=None).prefetch_related("wordings")
    rounds.put_items(this_round, enumerate(items, start=1))
    this_round.closed_at = None
    return this_round


def _on_phone(stage: Stage) -> SafeString:
    with translation.override(stage.workshop.language):
        return miniature(phone.stage_board(stage))


def _on_wall(
    workshop: Workshop, template: str, context: dict[str, object]
) -> SafeString:
    context = {**context, "screen": Screen(workshop=workshop), "workshop": workshop}
    with translation.override(workshop.language):
        return miniature(render_to_string(f"screen/{template}.html", context))
