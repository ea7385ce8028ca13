"""A workshop is made from a session template, described as one, and duplicated."""

import datetime
from collections.abc import Iterable, Mapping

from django.db import IntegrityError, transaction
from django.db.models import Prefetch
from django.utils.text import slugify
from django.utils.translation import gettext as _

from deliberation.actions.editing import Locked
from deliberation.models import (
    Answer,
    Criterion,
    Item,
    Point,
    Prompt,
    Round,
    Scale,
    ScalePoint,
    Screen,
    Submission,
    Wording,
)
from workshops import codes
from workshops.actions import templates
from workshops.models import (
    Membership,
    Series,
    Session,
    SessionTemplate,
    Speaker,
    Table,
    Workshop,
)
from workshops.session_templates import exporter, reader, schema
from workshops.session_templates.mistakes import TemplateErrors
from workshops.session_templates.schema import TemplateFile

SLUG_LENGTH = 60  # leaves room for a number at the end
# Stand where a slug does in the console's addresses.
RESERVED = frozenset({"new", "series"})
INVITED = ("points", "rewordings", "new-items")
TRIES = 5  # for a slug or a join code that somebody takes in the same moment


class SlugTaken(Exception):
    """Another workshop has the slug that was asked for."""


class NotATemplate(Exception):
    """A workshop that no template can hold; `reasons` say in words what to change."""

    def __init__(self, reasons: Iterable[str]) -> None:
        self.reasons = list(reasons)
        super().__init__(*self.reasons)


def make_workshop(
    *,
    template: SessionTemplate,
    title: str = "",
    date: datetime.date | None = None,
    place: str = "",
    tables: int | None = None,
    series: Series | None = None,
    slug: str = "",
    owner=None,
    is_rehearsal: bool = False,
) -> Workshop:
    """Make a workshop with the template's sessions, prompts, items and tables.

    title, tables: None or empty for the template's own. slug: empty for one made from
    the title. Raises SlugTaken, and TemplateErrors if the stored file cannot be read
    any more.
    """
    tree = templates.tree(template)
    workshop = Workshop(
        title=title or tree.title,
        date=date,
        place=place,
        series=series,
        template=template,
        language=tree.language,
        attribution=tree.attribution,
        is_rehearsal=is_rehearsal,
    )
    return make_from(
        tree, workshop, slug=slug, tables=tables or tree.tables, owner=owner
    )


def duplicate(workshop: Workshop, *, owner, is_rehearsal: bool = False) -> Workshop:
    """Make a new workshop that asks the same; nobody's answers, its own join code."""
    named = _("%(title)s (rehearsal)") if is_rehearsal else _("%(title)s (copy)")
    copy = Workshop(
        title=named % {"title": workshop.title[:180]},
        place=workshop.place,
        series=workshop.series,
        template=workshop.template,
        language=workshop.language,
        attribution=workshop.attribution,
        seating=workshop.seating,
        expected_people=workshop.expected_people,
        # Simulated people have no tickets, and nobody counts them.
        entry=Workshop.Entry.OPEN if is_rehearsal else workshop.entry,
        is_rehearsal=is_rehearsal,
    )
    tree = describe(workshop, key="copy", version=1, title=workshop.title)
    with transaction.atomic():
        make_from(tree, copy, tables=workshop.tables.count(), owner=owner)
        planned = dict(workshop.sessions.values_list("key", "starts_at"))
        sessions = list(copy.sessions.all())
        for session in sessions:
            session.starts_at = planned[session.key]
        Session.objects.bulk_update(sessions, ["starts_at"])
    return copy


def make_from(
    tree: TemplateFile, workshop: Workshop, *, tables: int, owner=None, slug: str = ""
) -> Workshop:
    """Store a new workshop with all that a tree of sessions holds. Raises SlugTaken."""
    if slug and is_taken(slug):
        raise SlugTaken(slug)
    for tries_left in reversed(range(TRIES)):
        workshop.slug = slug or _free_slug(workshop.title)
        workshop.join_code = codes.new_join_code()
        try:
            with transaction.atomic():
                workshop.save(force_insert=True)
                _fill(workshop, tree)
                Table.objects.bulk_create(
                    Table(workshop=workshop, number=number)
                    for number in range(1, tables + 1)
                )
                if owner is not None:
                    Membership.objects.create(
                        workshop=workshop, user=owner, role=Membership.Role.OWNER
                    )
            return workshop
        except IntegrityError:
            if slug and is_taken(slug):
                raise SlugTaken(slug) from None
            if not tries_left:
                raise
            workshop.pk = None
    raise AssertionError  # the last try returns or raises


def is_taken(slug: str) -> bool:
    """Tell whether no new workshop can have this slug."""
    return slug in RESERVED or Workshop.objects.filter(slug=slug).exists()


def _free_slug(title: str) -> str:
    base = slugify(title)[:SLUG_LENGTH].strip("-_") or "workshop"
    similar = Workshop.objects.filter(slug__startswith=base)
    taken = RESERVED | set(similar.values_list("slug", flat=True))
    if base not in taken:
        return base
    numbered = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return next(slug for slug in numbered if slug not in taken)


def is_unused(workshop: Workshop) -> bool:
    """Tell whether a workshop can be deleted without losing anybody's words.

    What simulated people said in a rehearsal is nobody's.
    """
    return workshop.is_rehearsal or not (
        workshop.rounds.exists()
        or workshop.participants.exists()
        or workshop.points.exists()
    )


@transaction.atomic
def unmake(workshop: Workshop) -> None:
    """Delete a workshop that nobody joined and where nothing was opened.

    Raises Locked; also while it is being rehearsed.
    """
    Workshop.objects.select_for_update().filter(pk=workshop.pk).first()
    if not is_unused(workshop):
        raise Locked(
            _("Somebody has joined, or a prompt was opened; it stays on record.")
        )
    if workshop.rehearsals.at_work().exists():
        raise Locked(_("A rehearsal of this workshop is running. Stop it first."))
    remove(workshop)


@transaction.atomic
def remove(workshop: Workshop) -> None:
    """Delete a workshop with everything in it, in an order that no rule forbids.

    The copies that were made to rehearse it go with it.
    """
    for copy in Workshop.objects.filter(rehearsal__workshop=workshop):
        remove(copy)
    inside = {"workshop": workshop}
    for model in (Screen, Point, Submission, Answer, Round):
        model.objects.filter(**inside).delete()
    prompts = Prompt.objects.filter(session__workshop=workshop)
    prompts.filter(items_from__isnull=False).update(items_from=None)
    prompts.delete()
    workshop.delete()


# ---- from a tree to rows ----


def _fill(workshop: Workshop, tree: TemplateFile) -> None:
    """Store what the tree holds, with a number of queries that does not grow."""
    scales = _make_scales(workshop, tree.scales)
    sessions = Session.objects.bulk_create(
        Session(
            workshop=workshop,
            key=part.key,
            position=position,
            title=part.title,
            minutes=part.minutes,
            brief=part.brief or "",
        )
        for position, part in enumerate(tree.sessions, start=1)
    )
    Speaker.objects.bulk_create(
        Speaker(
            session=session,
            position=position,
            name=speaker.name,
            organisation=speaker.organisation or "",
        )
        for session, part in zip(sessions, tree.sessions, strict=True)
        for position, speaker in enumerate(part.speakers, start=1)
    )
    _make_prompts(
        [
            (_prompt(session, position, asked, scales), part, asked)
            for session, part in zip(sessions, tree.sessions, strict=True)
            for position, asked in enumerate(part.prompts, start=1)
        ]
    )


def _make_scales(
    workshop: Workshop, parts: Mapping[str, schema.Scale]
) -> dict[str, Scale]:
    scales = Scale.objects.bulk_create(
        Scale(workshop=workshop, key=key, kind=part.kind) for key, part in parts.items()
    )
    ScalePoint.objects.bulk_create(
        ScalePoint(
            scale=scale,
            key=point.key,
            value=position if point.value is None else point.value,
            label=point.label,
            short=point.short or "",
            gloss=point.gloss or "",
        )
        for scale in scales
        for position, point in enumerate(parts[scale.key].points, start=1)
    )
    return {scale.key: scale for scale in scales}


def _prompt(
    session: Session, position: int, asked: schema.Prompt, scales: Mapping[str, Scale]
) -> Prompt:
    return Prompt(
        session=session,
        key=asked.key,
        position=position,
        kind=asked.kind,
        question=asked.question,
        guidance=asked.guidance or "",
        asks_people="people" in asked.voices,
        asks_tables="tables" in asked.voices,
        scale=scales[asked.scale] if asked.scale else None,
        abstain=asked.abstain,
        reveal=asked.reveal,
        minutes=asked.minutes,
        reasons=asked.reasons,
        invites_points="points" in asked.invite,
        invites_rewordings="rewordings" in asked.invite,
        invites_new_items="new-items" in asked.invite,
        least=asked.least,
        most=asked.most,
        total=asked.points,
        ties=asked.ties,
        rule=asked.rule or "",
        again=asked.again,
        shows_own_and_table=asked.own_and_table,
        **{f"word_{name}": percent for name, percent in asked.words},
    )


def _make_prompts(
    found: list[tuple[Prompt, schema.Session, schema.Prompt]],
) -> None:
    prompts = Prompt.objects.bulk_create(prompt for prompt, _part, _asked in found)
    by_path: dict[tuple[int, str | None], Prompt] = {
        (prompt.session_id, prompt.key): prompt for prompt in prompts
    }
    referring = [
        (prompt, asked)
        for prompt, _part, asked in found
        if asked.items_from or asked.after
    ]
    for prompt, asked in referring:
        prompt.items_from = by_path.get((prompt.session_id, asked.items_from))
        prompt.after = by_path.get((prompt.session_id, asked.after))
    Prompt.objects.bulk_update(
        [prompt for prompt, _asked in referring], ["items_from", "after"]
    )
    Criterion.objects.bulk_create(
        Criterion(prompt=prompt, key=key, label=label, position=position)
        for prompt, _part, asked in found
        for position, (key, label) in enumerate(_criteria(asked), start=1)
    )
    worded = [
        (Item(prompt=prompt, key=item.key, position=position), item)
        for prompt, part, asked in found
        for position, item in enumerate(asked.parts or part.items_of(asked), start=1)
    ]
    Item.objects.bulk_create(row for row, _item in worded)
    Wording.objects.bulk_create(
        Wording(
            item=row,
            text=item.text,
            short=item.short or "",
            gloss=item.gloss or "",
        )
        for row, item in worded
    )


def _criteria(asked: schema.Prompt) -> list[tuple[str, str]]:
    """Return (key, label) of each criterion; one without name where none is given."""
    return [(one.key, one.label) for one in asked.criteria] or [("", "")]


# ---- from rows to a tree ----


def describe(workshop: Workshop, *, key: str, version: int, title: str) -> TemplateFile:
    """Return a workshop as a template: its prompts and challenges in today's words.

    What the day brought (answers, points, conclusions, dates) is not in it. The tree
    is not checked: prompts without items, for one, are in it as they are.
    """
    scales = workshop.scales.order_by("pk").prefetch_related("points")
    prompts = Prompt.objects.select_related("scale", "items_from").prefetch_related(
        "criteria",
        Prefetch(
            "items",
            queryset=Item.objects.filter(retired_at=None).prefetch_related("wordings"),
        ),
    )
    sessions = workshop.sessions.prefetch_related(
        "speakers", Prefetch("prompts", queryset=prompts)
    )
    return TemplateFile.model_construct(
        format=schema.FORMAT,
        key=key,
        version=version,
        title=_line(title),
        language=workshop.language,
        attribution=str(workshop.attribution),
        tables=max(workshop.tables.count(), 1),
        scales={scale.key: _described_scale(scale) for scale in scales},
        sessions=tuple(_described_session(session) for session in sessions),
    )


def _described_scale(scale: Scale) -> schema.Scale:
    is_ordinal = scale.kind == Scale.Kind.ORDINAL
    return schema.Scale.model_construct(
        kind=str(scale.kind),
        points=tuple(
            schema.ScalePoint.model_construct(
                key=point.key,
                value=point.value if is_ordinal else None,
                label=_line(point.label),
                short=_line(point.short) or None,
                gloss=_text(point.gloss) or None,
            )
            for point in scale.points.all()
        ),
    )


def _described_session(session: Session) -> schema.Session:
    prompts: dict[int, schema.Prompt] = {}
    items: dict[int, tuple[schema.Item, ...]] = {}
    for prompt in session.prompts.all():
        items[prompt.pk] = tuple(_described_item(item) for item in prompt.items.all())
        source_id = prompt.items_from_id or 0
        source = prompts.get(source_id)
        if source and items[source_id] != items[prompt.pk]:
            source = None  # they went different ways since the workshop was made
        after = prompts.get(prompt.after_id or 0)  # none if it was moved behind
        prompts[prompt.pk] = _described_prompt(prompt, items[prompt.pk], source, after)
    return schema.Session.model_construct(
        key=session.key,
        title=_line(session.title),
        speakers=tuple(
            schema.Speaker.model_construct(
                name=_line(speaker.name),
                organisation=_line(speaker.organisation) or None,
            )
            for speaker in session.speakers.all()
        ),
        minutes=session.minutes,
        brief=_text(session.brief) or None,
        prompts=tuple(prompts.values()),
    )


def _described_prompt(
    prompt: Prompt,
    items: tuple[schema.Item, ...],
    source: schema.Prompt | None,
    after: schema.Prompt | None,
) -> schema.Prompt:
    """Return a prompt; `source` is the earlier one that still has the same items.

    after: the earlier one after which it opens.
    """
    invites = (
        prompt.invites_points,
        prompt.invites_rewordings,
        prompt.invites_new_items,
    )
    return schema.Prompt.model_construct(
        key=prompt.key,
        kind=str(prompt.kind),
        question=_text(prompt.question),
        guidance=_text(prompt.guidance) or None,
        voices=tuple(prompt.voices),
        scale=prompt.scale.key if prompt.scale else None,
        abstain=prompt.abstain,
        reveal=str(prompt.reveal),
        minutes=prompt.minutes,
        reasons=str(prompt.reasons),
        invite=tuple(
            word
            for word, is_invited in zip(INVITED, invites, strict=True)
            if is_invited
        ),
        after=after.key if after else None,
        again=str(prompt.again),
        own_and_table=prompt.shows_own_and_table and len(prompt.voices) > 1,
        criteria=tuple(
            schema.Criterion.model_construct(key=one.key, label=_line(one.label))
            for one in prompt.criteria.all()
            if one.key
        ),
        least=prompt.least,
        most=prompt.most,
        points=prompt.total,
        ties=prompt.ties,
        rule=str(prompt.rule) or None,
        words=schema.Words.model_construct(
            agreed=prompt.word_agreed,
            opposed=prompt.word_opposed,
            split=prompt.word_split,
            lukewarm=prompt.word_lukewarm,
        ),
        items=items if prompt.has_items and source is None else (),
        items_from=source.key if source else None,
        parts=() if prompt.has_items else items,
    )


def _described_item(item: Item) -> schema.Item:
    wording = max(item.wordings.all(), key=lambda wording: wording.version)
    return schema.Item.model_construct(
        key=item.key,
        text=_text(wording.text),
        short=_line(wording.short) or None,
        gloss=_text(wording.gloss) or None,
    )


def _text(text: str) -> str:
    """Return text without what a template file may not hold."""
    return str(schema.tidy(reader.FORBIDDEN.sub("", text.replace("\t", " "))))


def _line(text: str) -> str:
    return " ".join(_text(text).split())


# ---- from a workshop to a file ----


def save_as_template(
    workshop: Workshop, *, key: str, title: str, user
) -> SessionTemplate:
    """Load what the workshop asks as the next version of the template `key`.

    Raises NotATemplate.
    """
    for tries_left in reversed(range(TRIES)):
        version = templates.next_version(key)
        described = describe(workshop, key=key, version=version, title=title)
        if reasons := _not_ready(described):
            raise NotATemplate(reasons)
        source = exporter.to_yaml(described)
        try:
            template, made = templates.load(source, name=key, user=user)
        except TemplateErrors as errors:
            if templates.next_version(key) > version and tries_left:
                continue  # somebody loaded this version in the meantime
            raise NotATemplate(one.message for one in errors.mistakes) from None
        if made or not tries_left:
            return template
    raise AssertionError  # the last try returns or raises


def _not_ready(described: TemplateFile) -> list[str]:
    if not described.sessions:
        return [_("There is no session yet.")]
    return [
        _("“%(question)s” has no items yet.") % {"question": prompt.question}
        for session in described.sessions
        for prompt in session.prompts
        if prompt.kind in schema.JUDGING_KINDS and not session.items_of(prompt)
    ]
