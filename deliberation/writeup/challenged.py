"""What a challenge to an item's answers brought: who was asked, answered, changed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count
from django.utils.translation import gettext as _

from deliberation.challenges import put_to
from deliberation.models import Answer, Challenge, Point, Prompt, Round
from deliberation.models.response import Voice
from deliberation.results import (
    LEAST_OF_A_GROUP,
    counted_answers,
    counted_responses,
    present,
)
from deliberation.writeup.phrases import named, quoted, sentence, share
from deliberation.writeup.structure import Sentence


@dataclass(frozen=True)
class Put:
    """A challenge to how an item was answered, as it was put.

    to: whom, by what they answered. reply: for each voice that was asked, how many
    were and how many of them answered. changed: of tables that were asked the same
    again, those with another answer on the item than before. people_changed: of people
    likewise how many, of how many who answered both times. question: under which the
    answers in words stand, "" where the same was asked again.
    """

    item: str
    text: str
    by_speaker: bool
    to: str
    reply: Mapping[str, tuple[int, int]]
    changed: tuple[int, ...]
    people_changed: tuple[int, int]
    question: str


def puts(prompt: Prompt) -> Iterable[Put]:
    """Yield the challenges to how a prompt was answered that were sent, in order."""
    sent = Challenge.objects.filter(about__prompt=prompt, round__isnull=False)
    for one in sent.select_related("round__prompt", "about__prompt__scale", "item"):
        one.about.workshop = one.round.workshop = prompt.session.workshop
        yield Put(
            item=one.item.key,
            text=" ".join(one.text.split()),
            by_speaker=one.by_speaker,
            to=put_to(one),
            reply=dict(_reply(one.round)),
            changed=_changed(one) if one.asks_again else (),
            people_changed=_people_changed(one) if one.asks_again else (0, 0),
            question="" if one.asks_again else one.round.prompt.question,
        )


def _reply(this_round: Round) -> Iterable[tuple[str, tuple[int, int]]]:
    for voice in this_round.prompt.voices:
        if asked := present(this_round, voice):
            yield voice, (asked, _answered(this_round, voice))


def _answered(this_round: Round, voice: str) -> int:
    if this_round.prompt.has_items:
        return counted_responses(this_round.pk, voice).count()
    who = "table" if voice == Voice.TABLES else "participant"
    points = Point.objects.filter(round=this_round, voice=voice, withdrawn_at=None)
    return points.aggregate(number=Count(who, distinct=True))["number"]


def _changed(challenge: Challenge) -> tuple[int, ...]:
    """Return the tables whose answer on the item is another one since."""
    before, after = (
        dict(
            Answer.objects.filter(
                round=this_round,
                response__voice=Voice.TABLES,
                item=challenge.item_id,
            )
            .order_by("response__table__number")
            .values_list("response__table__number", "value")
        )
        for this_round in (challenge.about, challenge.round)
    )
    return tuple(
        number
        for number, value in after.items()
        if number in before and before[number] != value
    )


def _people_changed(challenge: Challenge) -> tuple[int, int]:
    """Return how many people answered the item otherwise since, of how many twice."""
    before, after = (
        _said(this_round, challenge.item_id)
        for this_round in (challenge.about, challenge.round)
    )
    twice = before.keys() & after.keys()
    return sum(before[one] != after[one] for one in twice), len(twice)


def _said(this_round: Round, item: int) -> Mapping[str, frozenset[tuple]]:
    """Return what each person answered on an item, in all respects."""
    said: dict[str, set[tuple]] = defaultdict(set)
    answers = counted_answers(this_round.pk, Voice.PEOPLE).filter(item=item)
    for who, *answer in answers.values_list(
        "response__respondent", "criterion", "state", "value"
    ):
        said[who].add(tuple(answer))
    return {who: frozenset(answer) for who, answer in said.items()}


def of_challenges(given: Iterable[Put], *, about: str) -> Iterable[Sentence]:
    """Say of each challenge whom it was put to, and what came of it.

    about: the record of the item that was challenged.
    """
    for one in given:
        if one.by_speaker:
            text = _("The speaker put a challenge to %(to)s: %(text)s.")
        else:
            text = _("A challenge was put to %(to)s: %(text)s.")
        yield sentence(text, [about], to=one.to, text=quoted(one.text))
        for voice, (asked, answered) in one.reply.items():
            text = _("Of those asked, %(share)s answered.")
            how_many = share(voice, answered, asked, "")
            yield sentence(text, [about], share=how_many)
        if one.changed:
            text = _("Since then %(tables)s changed the answer.")
            yield sentence(text, [about], tables=named(one.changed))
        changed, twice = one.people_changed
        if twice >= LEAST_OF_A_GROUP:
            text = _("Since then %(share)s changed their answer.")
            yield sentence(text, [about], share=share("people", changed, twice, ""))
        elif twice:
            text = _("How many people changed theirs is withheld: too few answered.")
            yield sentence(text, [about])
        if one.question:
            text = _("What they said stands under %(question)s.")
            yield sentence(text, [about], question=quoted(one.question))
