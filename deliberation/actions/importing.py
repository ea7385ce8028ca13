"""Answers and points from files: paper forms, or data collected earlier.

All or nothing: a file with a mistake changes nothing, and every mistake is reported.
Importing the same files again changes nothing either.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from typing import NamedTuple

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from config.incoming import clean_text
from deliberation import csv_files
from deliberation.actions.answers import ask_of, store_answers
from deliberation.actions.points import POINT_LENGTH
from deliberation.actions.rounds import database_now, put_items
from deliberation.csv_files import Mistake, Row
from deliberation.kinds import InvalidAnswer, Judgement, allocate, rank
from deliberation.kinds.base import (
    ABSTAIN,
    ANSWERED,
    NOT_DISCUSSED,
    REASON_LENGTH,
)
from deliberation.kinds.numbered import whole_number
from deliberation.kinds.picked import count_message
from deliberation.models import (
    Answer,
    Item,
    Point,
    Prompt,
    Response,
    Round,
    Submission,
    Theme,
)
from deliberation.models.response import Voice
from workshops.actions.joining import find_organisation
from workshops.models import Table, Workshop

ANSWER_COLUMNS = (
    "prompt", "round", "voice", "table", "respondent", "organisation", "item",
    "criterion", "answer", "reason",
)  # fmt: skip
POINT_COLUMNS = (
    "prompt", "round", "voice", "table", "respondent", "items", "kind", "text", "theme",
)  # fmt: skip
LABEL_LENGTH = 80
ORGANISATION_LENGTH = 160
THEME_LENGTH = 200
MOST_ROUNDS = 99
# What marks a submission that came from a file, which may be later than the close.
KEY_PREFIX = "file-"
PICKED = (Prompt.Kind.CHOOSE, Prompt.Kind.APPROVE)
NUMBERED = (Prompt.Kind.RANK, Prompt.Kind.ALLOCATE)


class FileMistakes(Exception):
    """Files that cannot be imported; `lines` says why, as `FILE:ROW: message`."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = list(lines)
        super().__init__("\n".join(self.lines))


class Imported(NamedTuple):
    """How many of each were new; nothing is 0 for files that had been imported."""

    rounds: int
    responses: int
    answers: int
    points: int


class _Where(NamedTuple):
    """The round that a row speaks of: a prompt's path and the number."""

    path: str
    number: int


class _Respondent(NamedTuple):
    """Who answers in a file: a table by its number, or a person by the label."""

    voice: str
    table: int | None
    label: str


@dataclass
class _Asked:
    """What a round asks, with the words that a file may answer in.

    least, most: of the numbers of a kind that takes those.
    """

    prompt: Prompt
    items: dict[str, int]
    criteria: dict[str, int]
    words: dict[str, int]
    least: int = 0
    most: int = 0


@dataclass
class _Sheet:
    """One respondent's answers in one round, as the file has them."""

    row: int
    table: int | None
    organisation: str
    judgements: dict[tuple[int, int], Judgement] = field(default_factory=dict)
    rows: dict[tuple[int, int], int] = field(default_factory=dict)


@transaction.atomic
def import_answers(
    *,
    workshop: Workshop,
    answers: bytes,
    answers_name: str,
    points: bytes | None = None,
    points_name: str = "",
) -> Imported:
    """Store a file of answers, and one of points, and return what was new.

    Rounds that do not exist are made, closed. A table that answered in the room keeps
    its answer; other answers are replaced by newer files. Organisations are kept only
    where the attribution rule asks for them. Raises FileMistakes with every mistake.
    """
    workshop = Workshop.objects.select_for_update(no_key=True).get(pk=workshop.pk)
    job = _Import(workshop)
    mistakes = _named(answers_name, job.read_answers(answers))
    if points is not None:
        mistakes += _named(points_name, job.read_points(points))
    if mistakes:
        raise FileMistakes(mistakes)
    return job.store()


def _named(name: str, mistakes: Iterable[Mistake]) -> list[str]:
    return [
        f"{name}:{mistake.row}: {mistake.message}" if mistake.row
        else f"{name}: {mistake.message}"
        for mistake in sorted(mistakes)
    ]  # fmt: skip


class _Import:
    """One import under way: what the workshop asks, and what the files hold."""

    def __init__(self, workshop: Workshop) -> None:
        self.workshop = workshop
        prompts = (
            Prompt.objects.filter(session__workshop=workshop)
            .select_related("session", "scale")
            .prefetch_related("criteria", "items__wordings", "scale__points")
        )
        self.prompts = {prompt.path: prompt for prompt in prompts}
        self.tables = {table.number: table for table in workshop.tables.all()}
        self.rounds = {
            _Where(this_round.prompt.path, this_round.number): this_round
            for this_round in workshop.rounds.select_related("prompt__session")
        }
        self.asked: dict[_Where, _Asked] = {}
        self.sheets: dict[_Where, dict[_Respondent, _Sheet]] = defaultdict(dict)
        self.points: list[tuple[Row, _Where | None, _Respondent, list[Item]]] = []
        self.first_row: dict[_Where, int] = {}
        self.mistakes: list[Mistake] = []
        self.row = 0

    # ---- reading: every mistake is noted, nothing is written ----

    def read_answers(self, source: bytes) -> list[Mistake]:
        rows, self.mistakes = csv_files.read(source, columns=ANSWER_COLUMNS)
        for row in rows:
            self.row = row.number
            self._read_answer(row.fields)
        self._check_round_numbers()
        for where, sheets in self.sheets.items():
            prompt = self.prompts[where.path]
            if prompt.kind in (*PICKED, *NUMBERED):
                for sheet in sheets.values():
                    self._complete(self._ask(where), sheet)
            for respondent, sheet in sheets.items():
                if respondent.voice == Voice.TABLES:
                    self._check_against_the_room(where, respondent, sheet)
        return self.mistakes

    def read_points(self, source: bytes) -> list[Mistake]:
        rows, self.mistakes = csv_files.read(source, columns=POINT_COLUMNS)
        for row in rows:
            self.row = row.number
            self._read_point(row)
        self._check_round_numbers()
        return self.mistakes

    def _wrong(self, message: str, at: int = 0, **values: object) -> None:
        self.mistakes.append(Mistake(at or self.row, message % values))

    def _read_answer(self, fields: dict[str, str]) -> None:
        where = self._where(fields, round_needed=True)
        respondent = self._respondent(fields, where, name_needed=True)
        if where is None or respondent is None:
            return
        if not self.prompts[where.path].has_items:
            message = _("%(path)s is answered by points; they have a file of their own")
            self._wrong(message, path=where.path)
            return
        asked = self._ask(where)
        item = self._one_of(fields["item"], asked.items, _("item"))
        criterion = self._criterion(fields["criterion"], asked)
        judged = self._judged(fields["answer"], asked)
        reason = self._text(fields["reason"], _("reason"), REASON_LENGTH)
        sheet = self._sheet(where, respondent, fields)
        if item is None or criterion is None or judged is None:
            return
        place = (item, criterion)
        if place in sheet.rows:
            message = _("this is already answered in row %(earlier)d")
            self._wrong(message, earlier=sheet.rows[place])
            return
        sheet.rows[place] = self.row
        sheet.judgements[place] = Judgement(item, criterion, *judged, reason)

    def _read_point(self, row: Row) -> None:
        fields = row.fields
        where = self._where(fields, round_needed=False)
        respondent = self._respondent(fields, where, name_needed=False)
        text = self._text(fields["text"], _("text"), POINT_LENGTH)
        if not text:
            self._wrong(_("the text is missing"))
        self._text(fields["theme"], _("theme"), THEME_LENGTH)
        kind = fields["kind"] or Point.Kind.POINT
        self._one_of(kind, dict.fromkeys(Point.Kind.values, 0), _("kind of point"))
        prompt = self.prompts.get(fields["prompt"])
        if prompt is None or respondent is None:
            return
        by_key = {item.key: item for item in prompt.items.all()}
        keys = list(dict.fromkeys(fields["items"].split()))
        known = [self._one_of(key, by_key, _("item")) for key in keys]
        items = [item for item in known if item is not None]
        self.points.append((row, where, respondent, items))

    def _where(self, fields: dict[str, str], *, round_needed: bool) -> _Where | None:
        path = fields["prompt"]
        known = self._one_of(path, self.prompts, _("prompt"))
        number = fields["round"]
        if not number and not round_needed:
            return None
        if not number.isascii() or not number.isdecimal() or len(number) > 6:
            self._wrong(_("the round must be a number: 1, 2, ..."))
            return None
        if not 1 <= int(number) <= MOST_ROUNDS:
            message = _("the round must be between 1 and %(most)d")
            self._wrong(message, most=MOST_ROUNDS)
            return None
        return None if known is None else self._note_round(_Where(path, int(number)))

    def _note_round(self, where: _Where) -> _Where:
        self.first_row.setdefault(where, self.row)
        return where

    def _respondent(
        self, fields: dict[str, str], where: _Where | None, *, name_needed: bool
    ) -> _Respondent | None:
        voice, label = fields["voice"], fields["respondent"]
        table, is_table = self._table(fields["table"])
        if voice not in Voice.values:
            message = _("the voice must be people or tables, not %(voice)s")
            self._wrong(message, voice=repr(voice))
            return None
        prompt = self.prompts[where.path] if where else None
        if name_needed and prompt and voice not in prompt.voices:
            message = _("%(path)s does not ask %(voice)s")
            self._wrong(message, path=prompt.path, voice=voice)
            return None
        if voice == Voice.TABLES:
            if label:
                message = _("a table's answer has no respondent; please leave it empty")
                self._wrong(message)
            if is_table and table is None:
                self._wrong(_("the table's number is missing"))
            return _Respondent(voice, table, "") if table and not label else None
        if not label and name_needed:
            self._wrong(_("the respondent is missing"))
            return None
        if len(label) > LABEL_LENGTH:
            message = _("the respondent's label is longer than %(limit)d characters")
            self._wrong(message, limit=LABEL_LENGTH)
            return None
        return _Respondent(voice, None if name_needed else table, clean_text(label))

    def _table(self, number: str) -> tuple[int | None, bool]:
        """Return a table's number, and whether the field is right as far as it goes."""
        if not number:
            return None, True
        if found := self._table_of(number):
            return found.number, True
        message = _("there is no table %(number)s; the workshop has %(tables)s")
        numbers = ", ".join(map(str, sorted(self.tables))) or _("none")
        self._wrong(message, number=number, tables=numbers)
        return None, False

    def _one_of[Thing](
        self, word: str, known: dict[str, Thing], what: str
    ) -> Thing | None:
        if word in known:
            return known[word]
        if not word:
            self._wrong(_("the %(what)s is missing"), what=what)
            return None
        near = get_close_matches(word, known, n=1)
        message = _("unknown %(what)s %(word)s")
        if near:
            message = _("unknown %(what)s %(word)s; did you mean %(near)s?")
        self._wrong(message, what=what, word=repr(word), near=repr("".join(near)))
        return None

    def _criterion(self, key: str, asked: _Asked) -> int | None:
        if key and list(asked.criteria) == [""]:
            self._wrong(_("this prompt has no criteria; please leave the field empty"))
            return None
        if key or "" in asked.criteria:
            return self._one_of(key, asked.criteria, _("criterion"))
        message = _("the criterion is missing; the prompt has: %(criteria)s")
        self._wrong(message, criteria=", ".join(asked.criteria))
        return None

    def _judged(self, word: str, asked: _Asked) -> tuple[str, int | None] | None:
        """Return the state and value that an answer's word stands for."""
        if word in (ABSTAIN, NOT_DISCUSSED):
            return word, None
        if word in asked.words:
            return ANSWERED, asked.words[word]
        if not word:
            self._wrong(_("the answer is missing"))
            return None
        if asked.prompt.kind in NUMBERED:
            number = whole_number(word)
            if number is not None and asked.least <= number <= asked.most:
                return ANSWERED, number
            message = _(
                "the answer %(word)s is neither a whole number from %(least)d to "
                "%(most)d nor one of: %(words)s"
            )
            words = ", ".join([ABSTAIN, NOT_DISCUSSED])
            told = {"least": asked.least, "most": asked.most, "words": words}
            self._wrong(message, word=repr(word), **told)
            return None
        message = _("the answer %(word)s is none of: %(words)s")
        words = ", ".join([*asked.words, ABSTAIN, NOT_DISCUSSED])
        self._wrong(message, word=repr(word), words=words)
        return None

    def _text(self, text: str, what: str, limit: int) -> str:
        text = clean_text(text)
        if len(text) > limit:
            message = _("the %(what)s is longer than %(limit)d characters")
            self._wrong(message, what=what, limit=limit)
        return text

    def _sheet(
        self, where: _Where, respondent: _Respondent, fields: dict[str, str]
    ) -> _Sheet:
        """Return the respondent's answers so far; they sit at one table throughout."""
        found = self._table_of(fields["table"])
        table = found.number if found else None
        named = fields["organisation"]
        organisation = self._text(named, _("organisation"), ORGANISATION_LENGTH)
        sheet = self.sheets[where].setdefault(
            respondent, _Sheet(self.row, table, organisation)
        )
        if sheet.table != table:
            message = _("this respondent has another table in row %(earlier)d")
            self._wrong(message, earlier=sheet.row)
        if sheet.organisation != organisation:
            message = _("this respondent has another organisation in row %(earlier)d")
            self._wrong(message, earlier=sheet.row)
        return sheet

    def _table_of(self, number: str) -> Table | None:
        is_number = number.isascii() and number.isdecimal() and len(number) < 9
        return self.tables.get(int(number)) if is_number else None

    def _ask(self, where: _Where) -> _Asked:
        """Return what a round asks; one to be made asks what the prompt asks now."""
        if where not in self.asked:
            prompt, this_round = self.prompts[where.path], self.rounds.get(where)
            if this_round is not None:
                items = {item.key: item.id for item in ask_of(this_round).items}
            else:
                items = {item.key: item.pk for item in _current_items(prompt)}
            is_rank = prompt.kind == Prompt.Kind.RANK
            self.asked[where] = _Asked(
                prompt=prompt,
                items=items,
                criteria={row.key: row.pk for row in prompt.criteria.all()},
                words=_words(prompt),
                least=1 if is_rank else 0,
                most=(prompt.most or len(items)) if is_rank else prompt.total or 0,
            )
        return self.asked[where]

    def _check_round_numbers(self) -> None:
        """Refuse a second round of what has had no first one: a slip of the pen."""
        known = self.rounds.keys() | self.first_row.keys()
        for where, row in self.first_row.items():
            if where.number > 1 and _Where(where.path, where.number - 1) not in known:
                message = _("round %(number)d, but there is no round %(earlier)d")
                self._wrong(
                    message, at=row, number=where.number, earlier=where.number - 1
                )
                known |= {where}

    def _complete(self, asked: _Asked, sheet: _Sheet) -> None:
        """Make an answer whole, as a form does: what it leaves out was not chosen."""
        if not sheet.judgements:
            return None
        states = {judgement.state for judgement in sheet.judgements.values()}
        last = max(sheet.rows.values())
        if len(states) > 1:
            message = _("this respondent answers and abstains at once")
            return self._wrong(message, at=last)
        if states == {ANSWERED} and not self._check_whole(asked, sheet, last):
            return None
        state = states.pop()
        value = 0 if state == ANSWERED else None
        criterion = next(iter(asked.criteria.values()))
        for item in asked.items.values():
            sheet.judgements.setdefault(
                (item, criterion), Judgement(item, criterion, state, value, "")
            )
        return None

    def _check_whole(self, asked: _Asked, sheet: _Sheet, last: int) -> bool:
        """Tell whether a pick, an order or shares hold together; note why if not."""
        judgements = sheet.judgements
        if asked.prompt.kind in PICKED:
            picked = sum(judgement.value or 0 for judgement in judgements.values())
            least, most = _bounds(asked)
            if least <= picked <= most:
                return True
            rule = count_message(least, most)
            message = _("%(picked)d picked: %(rule)s")
            self._wrong(message, at=last, picked=picked, rule=rule)
            return False
        numbers = {place: one.value or 0 for place, one in judgements.items()}
        try:
            if asked.prompt.kind == Prompt.Kind.RANK:
                numbers = rank.settle(numbers, most=asked.most, ties=asked.prompt.ties)
            else:
                allocate.settle(numbers, total=asked.most)
        except InvalidAnswer as invalid:
            for text in dict.fromkeys(invalid.errors.values()):
                self._wrong("%(text)s", at=last, text=text)
            return False
        for place, number in numbers.items():
            judgements[place] = judgements[place]._replace(value=number)
        return True

    def _check_against_the_room(
        self, where: _Where, respondent: _Respondent, sheet: _Sheet
    ) -> None:
        """Refuse to replace what a table's scribe has entered in the room."""
        current = self._stored(where, respondent)
        if current is None or current.submissions.filter(key__startswith=KEY_PREFIX):
            return
        if _new_to(current, sheet):
            message = _("table %(number)s has answered in the room, and differently")
            self._wrong(message, at=sheet.row, number=respondent.table)

    def _stored(self, where: _Where, respondent: _Respondent) -> Response | None:
        this_round = self.rounds.get(where)
        if this_round is None:
            return None
        name = self._name(respondent)
        return Response.objects.filter(round=this_round, respondent=name).first()

    def _name(self, respondent: _Respondent) -> str:
        if respondent.table is not None and respondent.voice == Voice.TABLES:
            return f"table:{self.tables[respondent.table].pk}"
        return f"file:{respondent.label}"

    # ---- storing: only files without a mistake come so far ----

    def store(self) -> Imported:
        now = database_now()
        made = [self._make_round(where, now) for where in self._missing_rounds()]
        responses = answers = 0
        for where, sheets in self.sheets.items():
            for respondent, sheet in sheets.items():
                new, changed = self._store_sheet(where, respondent, sheet, now)
                responses += new
                answers += changed
        points = sum(self._store_points(now))
        return Imported(len(made), responses, answers, points)

    def _missing_rounds(self) -> list[_Where]:
        return sorted(self.first_row.keys() - self.rounds.keys())

    def _make_round(self, where: _Where, now: datetime) -> Round:
        prompt = self.prompts[where.path]
        this_round = Round.objects.create(
            workshop=self.workshop,
            prompt=prompt,
            number=where.number,
            opened_at=now,
            closed_at=now,
        )
        put_items(this_round, enumerate(_current_items(prompt), start=1))
        self.rounds[where] = this_round
        return this_round

    def _store_sheet(
        self, where: _Where, respondent: _Respondent, sheet: _Sheet, now: datetime
    ) -> tuple[bool, int]:
        """Store a respondent's answers; return whether they are new, and how many."""
        if not sheet.judgements:
            return False, 0
        this_round = self.rounds[where]
        current, is_new = Response.objects.get_or_create(
            round=this_round,
            respondent=self._name(respondent),
            defaults={
                "workshop": self.workshop,
                "voice": respondent.voice,
                "version": 0,
                "finished": True,
                "first_at": now,
                "stored_at": now,
            },
        )
        table = self.tables[sheet.table] if sheet.table else None
        organisation = None
        if self.workshop.asks_organisation and respondent.voice == Voice.PEOPLE:
            organisation = find_organisation(self.workshop, sheet.organisation)
        seat = (table and table.pk, organisation and organisation.pk)
        changed = _new_to(current, sheet)
        if not changed and seat == (current.table_id, current.organisation_id):
            return False, 0
        current.table, current.organisation = table, organisation
        current.version += bool(changed)
        current.stored_at = now
        current.save(update_fields=["table", "organisation", "version", "stored_at"])
        if changed:
            store_answers(this_round, current.pk, changed)
            content = [list(judgement) for judgement in changed]
            Submission.objects.create(
                workshop=self.workshop,
                response=current,
                key=f"{KEY_PREFIX}{_digest(current.version, content)}",
                at=now,
                content=content,
            )
        return is_new, len(changed)

    def _store_points(self, now: datetime) -> Iterator[bool]:
        """Store points; yield for each whether it is new."""
        seen: Counter[str] = Counter()
        for row, where, respondent, items in self.points:
            # Two people may say the same words; the same file says them as often.
            said = _digest(row.fields | {"theme": ""})
            seen[said] += 1
            point, is_new = Point.objects.get_or_create(
                workshop=self.workshop,
                key=f"{KEY_PREFIX}{said}-{seen[said]}",
                defaults=self._point(row.fields, where, respondent, now),
            )
            if is_new:
                point.items.set(items)
            yield is_new

    def _point(
        self,
        fields: dict[str, str],
        where: _Where | None,
        respondent: _Respondent,
        now: datetime,
    ) -> dict[str, object]:
        prompt = self.prompts[fields["prompt"]]
        return {
            "prompt": prompt,
            "round": self.rounds[where] if where else None,
            "voice": respondent.voice,
            "table": self.tables[respondent.table] if respondent.table else None,
            # A label may be a name, which is kept only where names are asked for.
            "label": respondent.label if self.workshop.asks_name else "",
            "kind": fields["kind"] or Point.Kind.POINT,
            "text": clean_text(fields["text"]),
            "theme": _theme(prompt, clean_text(fields["theme"])),
            "status": Point.Status.KEPT,
            "created_at": now,
        }


def _current_items(prompt: Prompt) -> list[Item]:
    return [item for item in prompt.items.all() if item.retired_at is None]


def _words(prompt: Prompt) -> dict[str, int]:
    """Return the words for answers in a file and what is stored for them."""
    if prompt.kind in PICKED:
        return {"1": 1, "0": 0}
    if prompt.scale is None:
        return {}
    points = prompt.scale.points.all()
    if prompt.kind == Prompt.Kind.RATE:
        return {str(point.value): point.value for point in points}
    return {point.key: point.value for point in points}


def _bounds(asked: _Asked) -> tuple[int, int]:
    prompt = asked.prompt
    if prompt.kind == Prompt.Kind.CHOOSE:
        return 1, 1
    most = len(asked.items) if prompt.most is None else prompt.most
    return prompt.least or 0, most


def _new_to(current: Response, sheet: _Sheet) -> list[Judgement]:
    """Return the judgements of a file that are not stored just so already."""
    stored = {
        Judgement(*row)
        for row in Answer.objects.filter(response=current).values_list(
            "item_id", "criterion_id", "state", "value", "reason"
        )
    }
    return [judged for judged in sheet.judgements.values() if judged not in stored]


def _theme(prompt: Prompt, title: str) -> Theme | None:
    if not title:
        return None
    theme = prompt.themes.filter(title=title).first()
    if theme is None:
        last = prompt.themes.aggregate(last=Max("position"))["last"] or 0
        theme = prompt.themes.create(title=title, position=last + 1)
    return theme


def _digest(*parts: object) -> str:
    text = json.dumps(parts, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:40]
