"""The method note: how the records were made, and how the document was made of them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deliberation.live.console_day import clock_time
from deliberation.live.findings import word_rule
from deliberation.models import Decision, Prompt
from deliberation.results import LEAST_PUBLISHED, LEAST_SHOWN
from deliberation.writeup import places
from deliberation.writeup.missing import absences
from deliberation.writeup.phrases import PEOPLE, TABLES, listed, number, sentence
from deliberation.writeup.stored import Asking, Stored
from deliberation.writeup.structure import Block, Section, Sentence, Table, Text


def method(
    stored: Stored, *, decisions: Iterable[Decision], gaps_reason: str
) -> Section:
    """Return the section. gaps_reason: why it is published although records miss."""
    blocks: list[Block] = [
        Text(
            places.METHOD,
            (*_attribution(stored), *_asked(stored), *_rotations(stored)),
        )
    ]
    rows = [row for asking in stored.askings for row in _turnouts(asking)]
    if rows:
        head = (_("Question"), _("Round"), _("Who"), _("Asked"), _("Answered"))
        blocks.append(Table(_("Who answered"), head, tuple(rows)))
    missing = [one for asking in stored.askings for one in absences(asking)]
    if missing:
        blocks.append(Text(f"{places.METHOD}/missing", tuple(missing)))
    inner = [
        Section(
            f"{places.METHOD}/sentences",
            _("How sentences are made"),
            (Text(f"{places.METHOD}/sentences", tuple(_rules(stored))),),
        )
    ]
    left_out = _left_out(stored, decisions, gaps_reason)
    if left_out:
        title = _("What is left out")
        inner.append(Section(f"{places.METHOD}/left-out", title, tuple(left_out)))
    return Section(places.METHOD, _("How this was made"), tuple(blocks), tuple(inner))


def _attribution(stored: Stored) -> list[Sentence]:
    rules = {
        "named": _(
            "The workshop was held under the rule “named”: who took part is listed by"
            " name and organisation."
        ),
        "organisation": _(
            "The workshop was held under the rule “by organisation”: organisations are"
            " named, and people are not."
        ),
        "chatham-house": _(
            "The workshop was held under the Chatham House Rule: neither people nor"
            " organisations that took part are named."
        ),
        "anonymous": _(
            "The workshop was anonymous: no names and no organisations were asked for."
        ),
    }
    said = [rules[stored.workshop.attribution]]
    said.append(_("What a table recorded is told with the table’s number."))
    return [sentence("%(text)s", (), text=text) for text in said]


def _asked(stored: Stored) -> list[Sentence]:
    asked = [asking for asking in stored.askings if asking.rounds]
    said = []
    if stored.askings:
        text = ngettext(
            "%(n)s of %(total)s question was asked.",
            "%(n)s of %(total)s questions were asked.",
            len(stored.askings),
        )
        total = len(stored.askings)
        n = number(len(asked), total) if asked else _("none")
        said.append(sentence(text, (), n=n, total=number(total, len(asked) or 1)))
    said += [_out_of_turn(prompt) for prompt in stored.out_of_turn]
    said += [
        _from_earlier(asking, one.number)
        for asking in asked
        for one in asking.rounds
        if one.starts_from_own
    ]
    text = _(
        "Of people, nothing is told of an item on which fewer than %(least)s gave a"
        " view, nor of a table where fewer than %(least)s did; where one table is"
        " withheld for that, so is the next smallest, because the total would tell it."
    )
    said.append(sentence(text, (), least=number(LEAST_SHOWN)))
    if any(_has_organisations(asking) for asking in asked):
        text = _(
            "Answers are told by organisation from %(least)s people of it on, unless"
            " all answered alike, or another that is withheld could be worked out."
        )
        said.append(sentence(text, (), least=number(LEAST_PUBLISHED)))
    held = sum(_held(asking) for asking in asked)
    if held:
        text = ngettext(
            "%(n)s figure is withheld for this reason.",
            "%(n)s figures are withheld for this reason.",
            held,
        )
        said.append(sentence(text, (), n=number(held)))
    return said


def _has_organisations(asking: Asking) -> bool:
    return any(
        row["by_organisation"]
        for found in asking.results
        for row in (found["voices"][PEOPLE] or {}).get("items", ())
    )


def _out_of_turn(prompt: Prompt) -> Sentence:
    """Say that the order in which questions were to be asked was not kept."""
    question = " ".join(prompt.question.split())
    if prompt.after is None:
        text = _("“%(question)s” was opened before its turn, by the facilitators.")
        return sentence(text, (), question=question)
    text = _(
        "“%(question)s” was to be asked after “%(first)s”; the facilitators opened it"
        " before."
    )
    first = " ".join(prompt.after.question.split())
    return sentence(text, (), question=question, first=first)


def _from_earlier(asking: Asking, round_number: int) -> Sentence:
    text = _(
        "In round %(n)s of “%(question)s” each earlier answer was filled in; it is"
        " counted where it was kept or changed."
    )
    question = " ".join(asking.prompt.question.split())
    return sentence(text, (), n=str(round_number), question=question)


def _rotations(stored: Stored) -> list[Sentence]:
    """Say how often people changed tables, and when."""
    started = [one.started_at for one in stored.rotations]
    if not started:
        return []
    text = ngettext(
        "People changed tables once, at %(times)s.",
        "People changed tables %(n)s times, at %(times)s.",
        len(started),
    )
    times = listed([clock_time(at) for at in started])
    kept = _("An answer counts at the table where it was given or last changed.")
    return [
        sentence(text, (), n=number(len(started)), times=times),
        sentence("%(text)s", (), text=kept),
    ]


def _held(asking: Asking) -> int:
    """Count the items, and the tables beside items, of which nothing is told."""
    rows = [
        row
        for found in asking.results
        if found["voices"][PEOPLE]
        for row in found["voices"][PEOPLE]["items"]
    ]
    return sum(
        bool(row.get("suppressed"))
        + sum(bool(one.get("suppressed")) for one in row["by_table"])
        for row in rows
    )


def _turnouts(asking: Asking) -> list[tuple[str, ...]]:
    words = {PEOPLE: _("People"), TABLES: _("Tables")}
    question = " ".join(asking.prompt.question.split())
    if not asking.prompt.has_items:
        return []
    return [
        (
            question,
            str(found["round"]),
            words[voice],
            str(result["present"]),
            str(result["responded"]),
        )
        for found in asking.results
        for voice in (TABLES, PEOPLE)
        if (result := found["voices"][voice])
    ]


def _rules(stored: Stored) -> list[Sentence]:
    """Say by which rules the sentences of this document were made."""
    said = [
        _("Sentences on answers are computed from the stored answers by fixed rules."),
        _("People and tables are two voices and are never added up."),
        _("That all tables agree is said only where every table gave the same view."),
        _(
            "A table that could not agree, did not discuss an item, or recorded"
            " nothing is said to have done so."
        ),
        _("What most said comes first; where answers are level, that is said."),
        _(
            "People and tables stand in one sentence where more than half of the one"
            " say what more than half of the other say, or what fewer than half of"
            " the other say; from five people on."
        ),
        _("Reasons of tables in the same words are told once, with the tables."),
        _("Points that say the same are printed once, with how many said it."),
        _(
            "Every point that a table recorded is printed, every dissent, and what"
            " the facilitators kept; each stands once, and other headings refer to it."
        ),
    ]
    rated = [asking.ask.words for asking in stored.askings if asking.ask.kind == "rate"]
    said += [word_rule(rule) for rule in dict.fromkeys(rated)]
    return [sentence("%(text)s", (), text=text) for text in said]


# ---- what is left out ----


def _left_out(
    stored: Stored, decisions: Iterable[Decision], gaps_reason: str
) -> list[Block]:
    questions = _questions(stored)
    by_reason: dict[tuple[str, str, str], int] = Counter()
    for one in decisions:
        if not one.put_in:
            what, where = _named(one.record, questions)
            by_reason[what, where, one.reason] += 1
    rows = [
        (what, where, str(n), reason)
        for (what, where, reason), n in sorted(by_reason.items())
    ]
    blocks: list[Block] = []
    if gaps_reason:
        text = _("This was published with records missing from it, because: %(reason)s")
        said = sentence(text, (), reason=gaps_reason)
        blocks.append(Text(f"{places.METHOD}/left-out", (said,)))
    if rows:
        head = (_("What"), _("Question"), _("Number"), _("Because"))
        blocks.append(Table(_("Left out"), head, tuple(rows)))
    return blocks


def _questions(stored: Stored) -> Mapping[str, str]:
    """Return the question that each record belongs to."""
    found: dict[str, str] = defaultdict(str)
    for asking in stored.askings:
        question = " ".join(asking.prompt.question.split())
        found[f"prompt:{asking.path}"] = question
        for item in asking.items:
            found[f"item:{asking.path}/{item.key}"] = question
        for point in asking.points:
            found[point.record] = question
    return found


def _named(record: str, questions: Mapping[str, str]) -> tuple[str, str]:
    what = {"prompt": _("Question"), "item": _("Item"), "point": _("Point")}
    return what.get(record.split(":")[0], record), questions[record]
