"""A workshop's records become its document, section by section, in a fixed order."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deliberation.live.console_points import a_person
from deliberation.models import Decision, Passage, Question, Remark
from deliberation.results import computed_once
from deliberation.writeup import places
from deliberation.writeup.asked import Around, records_of, section_of
from deliberation.writeup.attendees import attendees
from deliberation.writeup.coverage import put_back
from deliberation.writeup.method import method
from deliberation.writeup.phrases import capital, named, number, sentence
from deliberation.writeup.signed import signed
from deliberation.writeup.stored import Part, Stored, read
from deliberation.writeup.structure import (
    Block,
    Facts,
    Records,
    Report,
    Section,
    Sentence,
    Spoken,
    Table,
    Text,
)
from workshops.models import Session, Workshop


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
    with translation.override(language_of(workshop)), computed_once():
        stored = read(workshop)
        decisions = list(Decision.objects.filter(write_up__workshop=workshop))
        report = Report(
            title=workshop.title,
            language=workshop.language,
            attribution=workshop.attribution,
            dated=_dated(workshop),
            place=workshop.place,
            series=workshop.series.title if workshop.series else "",
            version=version,
            published=date_format(timezone.localtime(published)) if published else "",
            note=note,
        )
        around = Around(
            tables=stored.tables,
            source=", ".join(filter(None, (workshop.title, _dated(workshop)))),
            put_in=frozenset(one.record for one in decisions if one.put_in),
        )
        computed = _sections(stored, around, decisions, gaps_reason)
        written = with_passages(computed, _passages(workshop))
        sections = put_back(written, computed, around.put_in)
        report = replace(report, sections=sections)
        return replace(report, records=_records(report, stored, around))


def language_of(workshop: Workshop) -> str:
    """Return the interface's language that is nearest to the workshop's."""
    try:
        return translation.get_supported_language_variant(workshop.language)
    except LookupError:
        return settings.LANGUAGE_CODE


def _dated(workshop: Workshop) -> str:
    return date_format(workshop.date) if workshop.date else ""


def _sections(
    stored: Stored,
    around: Around,
    decisions: Iterable[Decision],
    gaps_reason: str,
) -> tuple[Section, ...]:
    found = [Section(places.INTRO, _("Introduction"), (_intro(stored),))]
    found += [_session(part, around) for part in stored.parts]
    none = [] if stored.remarks else [_("No closing remark is recorded.")]
    said = tuple(sentence(text, ()) for text in none)
    closing: tuple[Block, ...] = (
        Text(places.CLOSING, said),
        *map(_spoken, stored.remarks),
    )
    found.append(Section(places.CLOSING, _("Closing remarks"), closing))
    attended = _attendees(stored.workshop)
    if attended:
        found.append(Section(places.ATTENDEES, _("Attendees"), tuple(attended)))
    found.append(method(stored, decisions=decisions, gaps_reason=gaps_reason))
    return tuple(found)


def _intro(stored: Stored) -> Text:
    workshop = stored.workshop
    if workshop.date and workshop.place:
        text = _("The workshop was held on %(date)s in %(place)s.")
    elif workshop.date:
        text = _("The workshop was held on %(date)s.")
    elif workshop.place:
        text = _("The workshop was held in %(place)s.")
    else:
        text = ""
    said = []
    if text:
        date = _dated(workshop)
        said.append(sentence(text, (), date=date, place=workshop.place))
    said += _room(stored)
    return Text(places.INTRO, tuple(said))


def _room(stored: Stored) -> Iterable[Sentence]:
    """Say how many people took part, at how many tables."""
    people, tables = stored.people, len(stored.tables)
    one = ngettext("%(n)s person took part", "%(n)s people took part", people)
    at = ngettext("at %(n)s table", "at %(n)s tables", tables)
    many = {"people": number(people), "tables": number(tables)}
    if people and tables:
        text = _("%(people)s %(tables)s.")
        people_ = one % {"n": many["people"]}
        tables_ = at % {"n": many["tables"]}
        yield sentence(text, (), people=people_, tables=tables_)
    elif people:
        yield sentence("%(people)s.", (), people=one % {"n": many["people"]})
    elif tables:
        text = ngettext("There was %(n)s table.", "There were %(n)s tables.", tables)
        yield sentence(text, (), n=many["tables"])


# ---- a session ----


def _session(part: Part, around: Around) -> Section:
    session, key = part.session, part.session.key
    speakers = [
        (_("Speaker"), ", ".join(filter(None, (one.name, one.organisation))))
        for one in session.speakers.all()
    ]
    blocks: list[Block] = [Facts(tuple(speakers))] if speakers else []
    if session.brief:
        place = places.within_session(key, places.BRIEF)
        blocks.append(Text(place, written=session.brief))
    blocks.append(Text(places.within_session(key, places.SUMMARY)))
    inner = [section_of(asking, around) for asking in part.askings]
    if part.questions:
        place = places.within_session(key, places.QUESTIONS)
        table = _questions(part.questions)
        inner.append(Section(place, _("Questions to the speaker"), (table,)))
    if rows := _signed(session):
        table = Table(_("What tables confirmed"), _signed_head(), tuple(rows))
        place = places.within_session(key, places.SIGNED)
        inner.append(Section(place, _("Confirmed by the tables"), (table,)))
    if part.remarks:
        place = places.within_session(key, places.CONCLUSION)
        inner.append(Section(place, _("Conclusion"), tuple(map(_spoken, part.remarks))))
    return Section(places.of_session(key), session.title, tuple(blocks), tuple(inner))


def _questions(questions: Iterable[Question]) -> Table:
    """Return what speakers were asked, from whom as far as the rule lets it be told."""
    questions = list(questions)
    tells = any(one.table_told for one in questions)
    head = [_("Question"), _("Asked by"), _("Support"), _("State")]
    rows = [
        [
            one.text,
            a_person(one.table_told),
            str(one.supports),  # type: ignore[attr-defined]
            one.get_status_display(),
        ]
        for one in questions
    ]
    if not tells:
        for cells in (head, *rows):
            del cells[1]
    caption = _("What was asked, and how many people supported it")
    return Table(caption, tuple(head), tuple(map(tuple, rows)))


def _signed_head() -> tuple[str, ...]:
    return (_("Table"), _("State"), _("Confirmed by"), _("Dissents"))


def _signed(session: Session) -> list[tuple[str, ...]]:
    return [
        (
            capital(named([one.table]).text),
            capital(one.words),
            _("%(n)d of %(total)d") % {"n": one.confirmed, "total": one.of}
            if one.of
            else "–",
            str(len(one.dissents)),
        )
        for one in signed(session)
    ]


def _spoken(remark: Remark) -> Spoken:
    return Spoken(
        kind=remark.kind,
        text=remark.text,
        name=remark.name,
        organisation=remark.organisation,
        record=f"remark:{remark.pk}",
    )


def _attendees(workshop: Workshop) -> list[Block]:
    """Return who attended as a table: names, or under "by organisation" numbers."""
    found = attendees(workshop)
    if not found:
        return []
    last = _("People") if not workshop.asks_name else _("Names")
    rows: list[tuple[str, ...]] = [
        (
            one.organisation or _("No organisation"),
            one.parent,
            ", ".join(one.names) if workshop.asks_name else str(one.people),
        )
        for one in found
        if one.people
    ]
    unnamed = sum(one.unnamed for one in found)
    text = ngettext(
        "%(n)s more person did not wish to be named.",
        "%(n)s more people did not wish to be named.",
        unnamed,
    )
    notes = (capital(text % {"n": number(unnamed)}),) if unnamed else ()
    head: tuple[str, ...] = (_("Organisation"), _("Part of"), last)
    if not any(row[1] for row in rows):
        head, rows = (head[0], head[2]), [(row[0], row[2]) for row in rows]
    return [Table(_("Who attended"), head, tuple(rows), notes)]


# ---- what was written ----


def _passages(workshop: Workshop) -> Mapping[str, Passage]:
    found = Passage.objects.filter(write_up__workshop=workshop, is_aside=False)
    return {one.place: one for one in found}


def with_passages(
    sections: Iterable[Section], passages: Mapping[str, Passage]
) -> tuple[Section, ...]:
    """Put what was written in its places, and note where the records have moved."""

    def applied(block: Block) -> Block:
        passage = passages.get(block.place) if isinstance(block, Text) else None
        if passage is None or not isinstance(block, Text):
            return block
        moved = passage.computed != block.digest
        return replace(block, written=passage.text, moved=moved)

    return tuple(
        replace(
            section,
            blocks=tuple(applied(block) for block in section.blocks),
            sections=with_passages(section.sections, passages),
        )
        for section in sections
    )


def _records(report: Report, stored: Stored, around: Around) -> tuple[Records, ...]:
    """Return what stands behind the figures that the document has."""
    used = {
        run.records
        for _depth, section in report.walk()
        for block in section.blocks
        if isinstance(block, Text)
        for one in block.sentences
        for run in one.runs
    }
    return tuple(
        records
        for asking in stored.askings
        for records in records_of(asking, around)
        if records.key in used
    )
