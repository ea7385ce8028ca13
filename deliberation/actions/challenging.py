"""A challenge is written, and sent to those it is meant for or declined."""

from django.db import transaction
from django.utils import timezone

from deliberation import challenges
from deliberation.actions import editing, rounds
from deliberation.actions.points import check_text
from deliberation.actions.recording import Recorder
from deliberation.models import Challenge, Item, Prompt, Round
from deliberation.models.challenge import Audience


class NotWaiting(Exception):
    """It was sent or declined already."""


class NobodyToAsk(Exception):
    """Nobody who answered so is there any more."""


class TooFew(Exception):
    """So few answered so that asking them would give them away."""


@transaction.atomic
def write(
    *,
    about: Round,
    item: Item,
    text: str,
    key: str,
    audience: str = Audience.ROOM,
    value: int | None = None,
    asks_again: bool = False,
    by_speaker: bool = False,
) -> Challenge:
    """Store a challenge, which waits to be sent; the same `key` again is the same one.

    value: what those who are asked have answered, None for the whole room. Raises
    InvalidAnswer with field `text`.
    """
    text = check_text(text)
    written, _is_new = Challenge.objects.get_or_create(
        workshop_id=about.workshop_id,
        key=key,
        defaults={
            "about": about,
            "item": item,
            "audience": audience,
            "value": value,
            "asks_again": asks_again,
            "text": text,
            "by_speaker": by_speaker,
            "created_at": timezone.now(),
        },
    )
    return written


@transaction.atomic
def send(*, challenge: Challenge, actor=None) -> Round:
    """Open a challenge for those who answered so by now, in the middle of what is open.

    The same again is asked of its item alone, where items are judged one by one.

    Raises NotWaiting, NobodyToAsk, TooFew, and what `rounds.open_round` raises.
    """
    challenge = _waiting(challenge)
    asked = []
    if challenge.audience != Audience.ROOM:
        asked = list(challenges.who_answered(challenge))
        if not asked:
            raise NobodyToAsk
        if not challenges.is_told(challenge.about, challenge.audience, len(asked)):
            raise TooFew
    if challenge.asks_again:
        return rounds.ask_again(
            prompt=challenge.about.prompt,
            items=[challenge.item],
            actor=actor,
            from_own=None,
            challenge=challenge,
            asked=asked,
        )
    return rounds.open_round(
        prompt=_prompt_of(challenge),
        actor=actor,
        anyway=True,
        interrupting=True,
        challenge=challenge,
        asked=asked,
    )


@transaction.atomic
def decline(*, challenge: Challenge, actor=None) -> None:
    """Leave a challenge unsent. Raises NotWaiting."""
    challenge = _waiting(challenge)
    record = Recorder(challenge.workshop, actor, "decline-challenge", challenge.text)
    record.change(challenge, declined_at=timezone.now())
    record.save()


def _waiting(challenge: Challenge) -> Challenge:
    """Return it as it is stored, locked."""
    locked = Challenge.objects.select_for_update(of=("self",), no_key=True)
    row = locked.select_related(
        "workshop",
        "item",
        "about__workshop",
        "about__prompt__session",
        "about__prompt__scale",
    ).get(pk=challenge.pk)
    if row.declined_at is not None or Round.objects.filter(challenge=row).exists():
        raise NotWaiting
    return row


def _prompt_of(challenge: Challenge) -> Prompt:
    """Return the prompt under which a challenge is discussed; it is made once."""
    if challenge.prompt is not None:
        return challenge.prompt
    prompt = editing.save_prompt(
        Prompt(
            session=challenge.about.prompt.session,
            kind=Prompt.Kind.DISCUSS,
            question=challenge.text,
            is_challenge=True,
            asks_people=challenge.audience != Audience.TABLES,
            asks_tables=challenge.audience != Audience.PEOPLE,
        )
    )
    challenge.prompt = prompt
    challenge.save(update_fields=["prompt"])
    return prompt
