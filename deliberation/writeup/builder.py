"""A workshop's records become its document, section by section, in a fixed order."""

from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from deliberation.models import WriteUp
from deliberation.writeup import places
from deliberation.writeup.sentences import turnout
from deliberation.writeup.stored import Asking, Part, Said, Stored, read
from deliberation.writeup.structure import (
    Block,
    Contribution,
    Contributions,
    Facts,
    Report,
    Section,
    Spoken,
    Text,
)
from workshops.models import Workshop


def draft(workshop: Workshop) -> Report:
    """Return the document as it is now, with what was written and decided on."""
    return build(workshop)


def build(
    workshop: Workshop,
    *,
    version: int = 0,
    published: datetime | None = None,
    note: str = "",
    gaps_reason: str = "",
) -> Report:
    """Return the document in the workshop's language.

    version, published, note: of a version that is about to be published. gaps_reason:
    why it is published although records are missing from it.
    """
    with translation.override(language_of(workshop)):
        stored = read(workshop)
        report = Report(
            title=workshop.title,
            language=workshop.language,
            attribution=workshop.attribution,
            dated=date_format(workshop.date) if workshop.date else "",
            place=workshop.place,
            series=workshop.series.title if workshop.series else "",
            version=version,
            published=date_format(timezone.localtime(published)) if published else "",
            note=note,
            sections=_sections(stored, gaps_reason),
        )
        return _with_passages(report, workshop)


def language_of(workshop: Workshop) -> str:
    """Return the interface's language that is nearest to the workshop's."""
    try:
        return translation.get_supported_language_variant(workshop.language)
    except LookupError:
        return settings.LANGUAGE_CODE


def _sections(stored: Stored, gaps_reason: str) -> tuple[Section, ...]:
    sections = [_session(part) for part in stored.parts]
    return (
        Section(places.INTRO, _("Introduction"), (Text(places.INTRO),)),
        *sections,
        Section(
            places.CLOSING,
            _("Closing remarks"),
            (Text(places.CLOSING), *map(_spoken, stored.remarks)),
        ),
        Section(places.METHOD, _("How this was made"), (Text(places.METHOD),)),
    )


def _spoken(remark) -> Spoken:
    return Spoken(
        kind=remark.kind,
        text=remark.text,
        name=remark.name,
        organisation=remark.organisation,
        record=f"remark:{remark.pk}",
    )


def _session(part: Part) -> Section:
    session = part.session
    speakers = [
        (_("Speaker"), ", ".join(filter(None, (one.name, one.organisation))))
        for one in session.speakers.all()
    ]
    blocks: list[Block] = [Facts(tuple(speakers))] if speakers else []
    if session.brief:
        blocks.append(
            Text(f"{places.of_session(session.key)}/brief~", written=session.brief)
        )
    blocks.append(Text(places.of_summary(session.key)))
    blocks += map(_spoken, part.remarks)
    return Section(
        places.of_session(session.key),
        session.title,
        tuple(blocks),
        tuple(_prompt(asking) for asking in part.askings),
    )


def _prompt(asking: Asking) -> Section:
    blocks: list[Block] = [
        Text(places.of_prompt(asking.path), turnout(asking.path, asking.results))
    ]
    lines = tuple(_line(one) for one in asking.points if one.is_printed)
    if lines:
        blocks.append(Contributions("", lines))
    return Section(places.of_prompt(asking.path), asking.prompt.question, tuple(blocks))


def _line(one: Said) -> Contribution:
    return Contribution(
        text=one.text, kind=one.kind, times=one.times, record=one.record
    )


def _with_passages(report: Report, workshop: Workshop) -> Report:
    write_up = WriteUp.objects.filter(workshop=workshop).first()
    passages = (
        {one.place: one for one in write_up.passages.filter(is_aside=False)}
        if write_up
        else {}
    )

    def applied(block: Block) -> Block:
        passage = passages.get(block.place) if isinstance(block, Text) else None
        if passage is None:
            return block
        moved = bool(passage.computed) and passage.computed != block.digest
        return replace(block, written=passage.text, moved=moved)

    def through(section: Section) -> Section:
        return replace(
            section,
            blocks=tuple(applied(block) for block in section.blocks),
            sections=tuple(through(inner) for inner in section.sections),
        )

    return replace(report, sections=tuple(through(one) for one in report.sections))
