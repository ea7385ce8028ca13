"""Pieces of sentences in the reader's language, each figure with its records."""

import re
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deliberation.live.findings import all_tables, written
from deliberation.writeup.structure import Run, Sentence

MOST_NAMED = 6  # tables; more of them are only counted
PEOPLE, TABLES = "people", "tables"
_PLACE = re.compile(r"%\((\w+)\)s|%%")

type Runs = tuple[Run, ...]
type Piece = str | Run | Runs


def compose(template: str, /, **values: Piece) -> Runs:
    """Put pieces into a translated text; its places are `%(name)s` and no others.

    Raises KeyError for a place that has no piece.
    """
    runs: list[Run] = []
    end = 0
    for place in _PLACE.finditer(template):
        runs.append(Run(template[end : place.start()]))
        runs += _runs(values[place[1]]) if place[1] else (Run("%"),)
        end = place.end()
    return _joined([*runs, Run(template[end:])])


def _runs(piece: Piece) -> Runs:
    if isinstance(piece, Run):
        return (piece,)
    return (Run(piece),) if isinstance(piece, str) else piece


def _joined(runs: Iterable[Run]) -> Runs:
    """Put neighbours together that lead to the same records."""
    whole: list[Run] = []
    for run in runs:
        if whole and whole[-1].records == run.records:
            whole[-1] = Run(whole[-1].text + run.text, run.records)
        elif run.text:
            whole.append(run)
    return tuple(whole)


def sentence(text: str, about: Iterable[str], /, **values: Piece) -> Sentence:
    """Return a whole sentence, its first letter a capital."""
    runs = compose(text, **values)
    first, rest = runs[0], runs[1:]
    return Sentence((Run(capital(first.text), first.records), *rest), tuple(about))


def capital(text: str) -> str:
    """Begin a text with a capital letter."""
    return text[:1].upper() + text[1:]


def listed(pieces: Sequence[Piece]) -> Runs:
    """Put pieces in a row: `a`, `a and b`, `a, b and c`."""
    runs = _runs(pieces[0])
    for piece in pieces[1:-1]:
        runs = compose(_("%(one)s, %(other)s"), one=runs, other=piece)
    if len(pieces) > 1:
        runs = compose(_("%(one)s and %(other)s"), one=runs, other=pieces[-1])
    return runs


def clauses(pieces: Sequence[Piece]) -> Runs:
    """Put clauses after each other: `a; b; c`."""
    runs = _runs(pieces[0])
    for piece in pieces[1:]:
        runs = compose(_("%(one)s; %(other)s"), one=runs, other=piece)
    return runs


def number(n: int, *others: int) -> str:
    """Write a number as the greatest of its sentence asks: `three`, but `3 of 29`."""
    return written(n=n, **{f"other{place}": one for place, one in enumerate(others)})[
        "n"
    ]


def share(voice: str, n: int, total: int, records: str) -> Run:
    """Say how many of a voice, inside a sentence: `three of four tables`.

    All and none have their own words; `all` stands only where n is the total.
    """
    if voice == TABLES:
        text = _tables_share(n, total)
    elif n == 0:
        text = _("none of the %(total)s people") % {"total": number(total)}
    elif n == total:
        text = _("all %(total)s people") % {"total": number(total)}
        text = text if total > 1 else _("the only person")
    else:
        text = _("%(n)s of %(total)s people") % written(n=n, total=total)
    return Run(text, records)


def _tables_share(n: int, total: int) -> str:
    if total == 1:
        return _("the only table") if n else _("no table")
    if n == 0:
        return _("none of the %(total)s tables") % {"total": number(total)}
    if n == total:
        return all_tables(total)
    return _("%(n)s of %(total)s tables") % written(n=n, total=total)


def counted(voice: str, n: int, total: int, records: str) -> Run:
    """Say how many, in the style of the total: `nine people`; `2 people` of 29."""
    if voice == TABLES:
        text = ngettext("%(n)s table", "%(n)s tables", n)
    else:
        text = ngettext("%(n)s person", "%(n)s people", n)
    return Run(text % {"n": number(n, total)}, records)


def named(tables: Sequence[int], records: str = "") -> Run:
    """Name tables: `table 2`, `tables 1, 3 and 4`; more than six are counted."""
    if len(tables) > MOST_NAMED:
        return counted(TABLES, len(tables), len(tables), records)
    numbers = "".join(run.text for run in listed([str(one) for one in tables]))
    text = ngettext("table %(numbers)s", "tables %(numbers)s", len(tables))
    return Run(text % {"numbers": numbers}, records)


def quoted(text: str) -> str:
    """Put a text in quotation marks, without a full stop of its own."""
    return _("“%(text)s”") % {"text": text}
