"""Why answers are missing, in a sentence for each round and voice."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deliberation.results import CAUSES
from deliberation.writeup.phrases import PEOPLE, TABLES, clauses, number, sentence
from deliberation.writeup.stored import Asking
from deliberation.writeup.structure import Sentence


def absences(asking: Asking) -> list[Sentence]:
    """Say of each round why answers are missing, tables first.

    Causes of a whole round count people or tables, the others answers, which are as
    many as there are items and respects, or one where they are answered as a whole.
    Items of which too few people gave a view are not in it.
    """
    if not asking.prompt.has_items:
        return []
    return [
        said
        for found in asking.results
        for voice in (TABLES, PEOPLE)
        if found["voices"][voice]
        for said in _of_voice(asking, found, voice)
    ]


def _of_voice(asking: Asking, found: Mapping[str, Any], voice: str) -> list[Sentence]:
    items = [item for item in found["voices"][voice]["items"] if item["absent"]]
    if asking.ask.is_pick or asking.ask.is_numbered:
        items = items[:1]  # who answers, answers all items as one
    together = Counter[str]()
    for item in items:
        together.update({cause: item["absent"][cause] for cause in CAUSES})
    alike = {
        # The same for every item: nobody is asked, or comes, for one of them.
        cause: items[0]["absent"][cause] if items else 0
        for cause in ("not_asked", "joined_later")
    }
    parts = _of_answers(together, voice) + _of_respondents(alike, voice)
    if not parts:
        return []
    text = _("Missing in round %(round)s of “%(question)s”, of %(who)s: %(parts)s.")
    whole = sentence(
        text,
        (),
        round=str(found["round"]),
        question=" ".join(asking.prompt.question.split()),
        who=_("tables") if voice == TABLES else _("people"),
        parts=clauses(parts),
    )
    return [whole]


def _of_answers(counted: Mapping[str, int], voice: str) -> list[str]:
    """Say how many answers were not given, and why."""
    said = []
    if n := counted["declined"]:
        text = (
            ngettext(
                "%(n)s answer, because the table could not agree",
                "%(n)s answers, because the table could not agree",
                n,
            )
            if voice == TABLES
            else ngettext(
                "%(n)s answer, by who had no view",
                "%(n)s answers, by who had no view",
                n,
            )
        )
        said.append(text % {"n": number(n)})
    if n := counted["not_discussed"]:
        text = ngettext(
            "%(n)s answer, because the item was not discussed",
            "%(n)s answers, because the item was not discussed",
            n,
        )
        said.append(text % {"n": number(n)})
    if n := counted["out_of_time"]:
        text = ngettext(
            "%(n)s answer, by who said nothing before the close",
            "%(n)s answers, by who said nothing before the close",
            n,
        )
        said.append(text % {"n": number(n)})
    if n := counted["not_yet"]:
        text = ngettext(
            "%(n)s answer, which may still come",
            "%(n)s answers, which may still come",
            n,
        )
        said.append(text % {"n": number(n)})
    return said


def _of_respondents(counted: Mapping[str, int], voice: str) -> list[str]:
    """Say how many could not answer, and why."""
    said = []
    if n := counted["not_asked"]:
        text = (
            ngettext(
                "%(n)s table that was not asked", "%(n)s tables that were not asked", n
            )
            if voice == TABLES
            else ngettext(
                "%(n)s person who was not asked", "%(n)s people who were not asked", n
            )
        )
        said.append(text % {"n": number(n)})
    if n := counted["joined_later"]:
        text = ngettext(
            "%(n)s person who joined after the close",
            "%(n)s people who joined after the close",
            n,
        )
        said.append(text % {"n": number(n)})
    return said
