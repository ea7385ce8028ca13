"""A workshop's content is changed in the browser.

What has been answered is never silently changed: a judged item gets a new wording,
asked from the next round on; a prompt that was opened keeps what its answers mean.
"""

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_

from django.db import transaction
from django.db.models import Exists, Max, OuterRef
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from deliberation.models import (
    Answer,
    Criterion,
    Item,
    Point,
    Prompt,
    Question,
    Response,
    Round,
    Stance,
    Wording,
)
from workshops.models import Participant, Session, Table, Workshop

# Fields that say what an answer means: fixed once a prompt has been opened.
MEANING = frozenset(
    {
        "kind", "question", "scale", "asks_people", "asks_tables", "least", "most",
        "total", "ties", "rule", "word_agreed", "word_opposed", "word_split",
        "word_lukewarm",
    }
)  # fmt: skip
MOST_TABLES = 200
# Where people say something, with the way from there to the workshop.
SAID_IN = {Answer: "workshop", Point: "workshop", Question: "session__workshop"}


class Locked(Exception):
    """The change would alter what people have answered; `reason` says so in words."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def was_opened(prompt: Prompt) -> bool:
    """Tell whether a prompt has been put to the room at least once."""
    return prompt.rounds.exists()


def free_key(wanted: str, taken: Iterable[str], *, fallback: str) -> str:
    """Return a key made from a title that is not taken, at most 64 characters."""
    taken = set(taken)
    base = slugify(wanted)[:60].strip("-_").replace("_", "-") or fallback
    if base not in taken:
        return base
    number = next(n for n in range(2, len(taken) + 3) if f"{base}-{n}" not in taken)
    return f"{base}-{number}"


@transaction.atomic
def add_session(session: Session) -> Session:
    """Store a new session at the end of its workshop, with a key from its title."""
    workshop = Workshop.objects.select_for_update(no_key=True).get(
        pk=session.workshop_id
    )
    keys = list(workshop.sessions.values_list("key", flat=True))
    session.key = free_key(session.title, keys, fallback="session")
    last = workshop.sessions.aggregate(last=Max("position"))["last"] or 0
    session.position = last + 1
    session.save()
    return session


@transaction.atomic
def save_prompt(prompt: Prompt, *, criteria: Sequence[str] | None = None) -> Prompt:
    """Store a new or edited prompt with the labels of its criteria.

    `criteria` None leaves them; an empty list means one unnamed criterion. A new
    prompt goes to the end of its session. Raises Locked for a change of meaning after
    the prompt was opened.
    """
    # Two who save at once do so one after the other.
    Session.objects.select_for_update(no_key=True).get(pk=prompt.session_id)
    if prompt.pk is None:
        siblings = prompt.session.prompts
        prompt.key = free_key(
            prompt.question,
            siblings.values_list("key", flat=True),
            fallback=prompt.kind,
        )
        last = siblings.aggregate(last=Max("position"))["last"] or 0
        prompt.position = last + 1
    elif was_opened(prompt):
        before = Prompt.objects.get(pk=prompt.pk)
        changed = {
            name
            for name in MEANING
            if getattr(before, _attname(name)) != getattr(prompt, _attname(name))
        }
        labels = [one.label for one in prompt.criteria.all() if one.key]
        if changed or (criteria is not None and list(criteria) != labels):
            raise Locked(
                _(
                    "This prompt has been opened, so what it asks stays as it is. "
                    "Add a new prompt instead."
                )
            )
        criteria = None
    prompt.save()
    if criteria is not None or not prompt.criteria.exists():
        _set_criteria(prompt, criteria or [])
    return prompt


def _attname(name: str) -> str:
    return Prompt._meta.get_field(name).attname


def _set_criteria(prompt: Prompt, labels: Sequence[str]) -> None:
    prompt.criteria.all().delete()
    keys: list[str] = []
    for position, label in enumerate(labels, start=1):
        keys.append(free_key(label, keys, fallback=f"criterion-{position}"))
        Criterion.objects.create(
            prompt=prompt, key=keys[-1], label=label, position=position
        )
    if not labels:
        Criterion.objects.create(prompt=prompt)


@transaction.atomic
def delete_prompt(prompt: Prompt) -> None:
    """Remove a prompt that was never opened. Raises Locked."""
    # Whoever opens it at the same moment comes before or finds nothing to open.
    Prompt.objects.select_for_update().filter(pk=prompt.pk).first()
    if was_opened(prompt) or prompt.points.exists():
        raise Locked(_("This prompt has been opened; it belongs to the day's record."))
    if Prompt.objects.filter(items_from=prompt).exists():
        raise Locked(_("Another prompt uses the items of this one."))
    prompt.delete()


@transaction.atomic
def add_item(
    prompt: Prompt,
    *,
    text: str,
    short: str = "",
    gloss: str = "",
    proposed_by: Table | None = None,
) -> Item:
    """Add an item at the end; a round that is open does not ask it."""
    Prompt.objects.select_for_update(no_key=True).get(pk=prompt.pk)
    keys = list(prompt.items.values_list("key", flat=True))
    last = prompt.items.aggregate(last=Max("position"))["last"] or 0
    item = Item.objects.create(
        prompt=prompt,
        key=free_key(short or text[:40], keys, fallback=f"item-{last + 1}"),
        position=last + 1,
        proposed_by=proposed_by,
    )
    Wording.objects.create(item=item, text=text, short=short, gloss=gloss)
    return item


@transaction.atomic
def reword_item(item: Item, *, text: str, short: str = "", gloss: str = "") -> Wording:
    """Change how an item is put, and return its newest wording.

    A wording that a round has asked, or that a proposal may be compared with, stays;
    the change becomes a new version, asked from the next round on. Otherwise the
    wording itself is changed.
    """
    Item.objects.select_for_update(no_key=True).get(pk=item.pk)
    newest = item.wordings.order_by("version").last()
    if newest is None:
        return Wording.objects.create(item=item, text=text, short=short, gloss=gloss)
    if (newest.text, newest.short, newest.gloss) == (text, short, gloss):
        return newest
    was_asked = Round.objects.filter(round_items__wording=newest).exists()
    if was_asked or item.proposals.exists():
        return Wording.objects.create(
            item=item, version=newest.version + 1, text=text, short=short, gloss=gloss
        )
    newest.text, newest.short, newest.gloss = text, short, gloss
    newest.save()
    return newest


@transaction.atomic
def drop_item(item: Item) -> None:
    """Remove an item, or keep it for the record and ask it no more."""
    if Round.objects.filter(round_items__item=item).exists():
        item.retired_at = timezone.now()
        item.save(update_fields=["retired_at"])
    else:
        item.delete()


@transaction.atomic
def reorder(rows: Iterable[Session | Prompt | Item], *, moved, by: int) -> None:
    """Move one of the rows, given in order, up (-1) or down (+1) and number all."""
    order = list(rows)
    place = order.index(moved)
    target = min(max(place + by, 0), len(order) - 1)
    order.insert(target, order.pop(place))
    for position, row in enumerate(order, start=1):
        if row.position != position:
            row.position = position
            row.save(update_fields=["position"])


@transaction.atomic
def delete_session(session: Session) -> None:
    """Remove a session none of whose prompts was opened. Raises Locked."""
    prompts = Prompt.objects.filter(session=session)
    list(prompts.select_for_update().order_by("pk").values_list("pk", flat=True))
    told = (
        Round.objects.filter(prompt__in=prompts),
        Point.objects.filter(prompt__in=prompts),
    )
    if session.started_at or any(rows.exists() for rows in told):
        raise Locked(_("This session has begun; it belongs to the day's record."))
    prompts.filter(items_from__isnull=False).delete()
    session.delete()


@transaction.atomic
def set_number_of_tables(workshop: Workshop, number: int) -> None:
    """Add tables, or take away empty ones from the end.

    Raises Locked when somebody sits at one of them or it has answered, ValueError
    outside 1 to 200.
    """
    if not 1 <= number <= MOST_TABLES:
        raise ValueError(number)
    Workshop.objects.select_for_update(no_key=True).get(pk=workshop.pk)
    there = set(workshop.tables.values_list("number", flat=True))
    Table.objects.bulk_create(
        Table(workshop=workshop, number=one)
        for one in range(1, number + 1)
        if one not in there
    )
    surplus = workshop.tables.filter(number__gt=number)
    # Whoever sits down there at the same moment is seen, or finds no table.
    list(surplus.select_for_update().values_list("pk", flat=True))
    taken = Participant.objects.present().filter(table__in=surplus)
    if (
        taken.exists()
        or Response.objects.filter(table__in=surplus).exists()
        or workshop.points.filter(table__in=surplus).exists()
        or Stance.objects.filter(table__in=surplus).exists()
    ):
        raise Locked(_("Somebody sits at one of these tables, or it has answered."))
    surplus.delete()


def has_answers(workshop: Workshop) -> bool:
    """Tell whether anybody has said anything: it fixes the attribution rule.

    They said it, in answers, points or questions, under the rule that they were shown.
    """
    said = [
        Exists(model.objects.filter(**{path: OuterRef("pk")}))
        for model, path in SAID_IN.items()
    ]
    there = Workshop.objects.filter(pk=workshop.pk)
    return there.filter(reduce(or_, said)).exists()
