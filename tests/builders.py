"""Plain functions that make test data; each sets only what it is told."""

from django.contrib.auth import get_user_model
from django.utils import timezone

from deliberation.actions import answers, rounds
from deliberation.kinds import Judgement
from deliberation.models import (
    Criterion,
    Item,
    Prompt,
    Publication,
    Round,
    Scale,
    ScalePoint,
    Wording,
)
from deliberation.writeup.structure import Report, as_json, sha256
from workshops import codes
from workshops.actions import scribes
from workshops.models import (
    Device,
    Membership,
    Participant,
    Session,
    Table,
    Workshop,
)

THREE_WAY = [
    ("unproblematic", "Unproblematic", "Unproblematic"),
    ("difficult", "Policy implications difficult to deliver", "Difficult to deliver"),
    ("inconsistent", "Worthy but inconsistent with priorities", "Inconsistent"),
]


def make_workshop(*, slug: str = "day", tables: int = 4, **fields) -> Workshop:
    """Make a workshop with tables and one session, `framework`."""
    workshop = Workshop.objects.create(
        slug=slug, title=fields.pop("title", "Migration and development"), **fields
    )
    Table.objects.bulk_create(
        Table(workshop=workshop, number=number) for number in range(1, tables + 1)
    )
    Session.objects.create(
        workshop=workshop, key="framework", position=1, title="A framework", minutes=60
    )
    return workshop


def make_session(workshop: Workshop, key: str, **fields) -> Session:
    return Session.objects.create(
        workshop=workshop,
        key=key,
        position=workshop.sessions.count() + 1,
        title=fields.pop("title", key.capitalize()),
        **fields,
    )


def three_way_scale(workshop: Workshop) -> Scale:
    scale, made = Scale.objects.get_or_create(
        workshop=workshop, key="three-way", kind="nominal"
    )
    if made:
        for value, (key, label, short) in enumerate(THREE_WAY, start=1):
            ScalePoint.objects.create(
                scale=scale, key=key, value=value, label=label, short=short
            )
    return scale


def agree_scale(workshop: Workshop) -> Scale:
    scale, made = Scale.objects.get_or_create(
        workshop=workshop, key="agree-5", kind="ordinal"
    )
    if made:
        for value in range(1, 6):
            ScalePoint.objects.create(
                scale=scale, key=f"agree-{value}", value=value, label=f"Agree {value}"
            )
    return scale


def make_prompt(
    workshop: Workshop,
    *,
    kind: str = "assess",
    key: str = "principles",
    items: int = 3,
    criteria: tuple[str, ...] = (),
    session: Session | None = None,
    **fields,
) -> Prompt:
    """Make a prompt with items `p1` to `p<items>` in the workshop's first session."""
    session = session or workshop.sessions.first()
    scale = None
    if kind == "assess":
        scale = three_way_scale(workshop)
    elif kind == "rate":
        scale = agree_scale(workshop)
    elif kind == "allocate":
        fields.setdefault("total", 100)
    prompt = Prompt.objects.create(
        session=session,
        key=key,
        position=session.prompts.count() + 1,
        kind=kind,
        question=fields.pop("question", "How do you judge each principle?"),
        scale=scale,
        **fields,
    )
    for position, criterion in enumerate(criteria or ("",), start=1):
        Criterion.objects.create(
            prompt=prompt,
            key=criterion,
            label=criterion.capitalize(),
            position=position,
        )
    for position in range(1, items + 1):
        item = Item.objects.create(prompt=prompt, key=f"p{position}", position=position)
        Wording.objects.create(item=item, text=f"Principle number {position}")
    return prompt


def join(
    workshop: Workshop, *, table: int | None = 1, token: str | None = None
) -> Participant:
    """Seat a participant; `token` is what the browser's cookie holds."""
    seat = workshop.tables.get(number=table) if table else None
    who = Participant.objects.create(workshop=workshop, table=seat)
    if token is not None:
        Device.objects.create(participant=who, token_hash=codes.digest(token))
    return who


def scribe_of(workshop: Workshop, *, table: int = 1) -> Participant:
    """Return who writes for a table: where nobody does, somebody who comes in."""
    writes = workshop.participants.filter(scribe_lease__table__number=table)
    who = writes.first() or join(workshop, table=table)
    scribes.take_role(participant=who)
    return who


def make_facilitator(
    workshop: Workshop | None = None, *, name: str = "facilitator", role="owner"
):
    user, _ = get_user_model().objects.get_or_create(username=name)
    if workshop is not None:
        Membership.objects.create(workshop=workshop, user=user, role=role)
    return user


def open_round(prompt: Prompt) -> Round:
    return rounds.open_round(prompt=prompt)


def judge(
    this_round: Round,
    who: Participant,
    values: dict[str, int | str],
    *,
    key: str | None = None,
    voice: str = "people",
    table: Table | None = None,
    reason: str = "",
) -> answers.Receipt:
    """Store answers: item key (or `item.criterion`) to value or state."""
    ask = answers.ask_of(this_round)
    criteria = {criterion.key: criterion.id for criterion in ask.criteria}
    judgements = []
    for name, value in values.items():
        item_key, _, criterion = name.partition(".")
        item = ask.item(item_key)
        stated = isinstance(value, str)
        judgements.append(
            Judgement(
                item.id,
                criteria[criterion],
                value if stated else "answered",
                None if stated else value,
                reason,
            )
        )
    return answers.record(
        this_round=this_round,
        voice=voice,
        judgements=judgements,
        key=key or codes.new_token(),
        participant=who,
        table=table,
    )


def publish(workshop: Workshop, report: Report) -> Publication:
    """Store a version of a document as it is, by the report's own number."""
    stored = as_json(report)
    return Publication.objects.create(
        workshop=workshop,
        number=report.version,
        at=timezone.now(),
        note=report.note,
        report=stored,
        sha256=sha256(stored),
    )
