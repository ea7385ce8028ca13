"""CSV files as people's spreadsheets write and read them: bytes to rows and mistakes.

Rows are numbered as a spreadsheet numbers them: the header is row 1.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

MOST_BYTES = 10 * 1024 * 1024
MOST_ROWS = 200_000
# A spreadsheet takes a cell that begins like this for a formula, or drops the mark.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'")


class Mistake(NamedTuple):
    """What is wrong, and in which row; 0 is the file as a whole."""

    row: int
    message: str


class Row(NamedTuple):
    """One row below the header: its number and its fields by column."""

    number: int
    fields: dict[str, str]


def guard(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: a `'` goes before it."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def unguard(text: str) -> str:
    """Return what `guard` was given."""
    guarded = text.startswith("'") and text[1:].startswith(FORMULA_STARTS)
    return text[1:] if guarded else text


def write(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return a CSV file (UTF-8, RFC 4180) that `read` reads and no cell of which runs.

    None is an empty field.
    """
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(columns)
    for row in rows:
        writer.writerow(["" if cell is None else guard(str(cell)) for cell in row])
    return file.getvalue().encode()


def read(source: bytes, *, columns: Sequence[str]) -> tuple[list[Row], list[Mistake]]:
    """Return the rows of a CSV file (UTF-8, RFC 4180) and every mistake in its shape.

    The header must name each of `columns` once, in any order. Rows with another
    number of fields than the header are mistakes and are left out; empty lines are
    skipped.
    """
    text, mistakes = _decode(source)
    if mistakes:
        return [], mistakes
    lines = _numbered(text, mistakes)
    header = [name.strip() for name in next(lines, (0, []))[1]]
    mistakes += _check_header(header, columns)
    if mistakes:
        return [], mistakes
    rows = []
    for number, fields in lines:
        if not fields:
            continue
        if number > MOST_ROWS:
            message = _("there are more than %(most)d rows; please divide the file")
            mistakes.append(Mistake(number, message % {"most": MOST_ROWS}))
            break
        if len(fields) != len(header):
            message = _("%(found)d fields, but the header names %(expected)d")
            counts = {"found": len(fields), "expected": len(header)}
            mistakes.append(Mistake(number, message % counts))
            continue
        values = (unguard(field).strip() for field in fields)
        rows.append(Row(number, dict(zip(header, values, strict=True))))
    return rows, mistakes


def _decode(source: bytes) -> tuple[str, list[Mistake]]:
    if len(source) > MOST_BYTES:
        message = _("the file is larger than %(most)d MB; please divide it")
        return "", [Mistake(0, message % {"most": MOST_BYTES // 1024**2})]
    if source.startswith(b"PK\x03\x04"):
        message = _("this is a workbook; please save its sheet as CSV (UTF-8)")
        return "", [Mistake(0, message)]
    if source.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in source:
        message = _("this file is not UTF-8; please save it as CSV (UTF-8)")
        return "", [Mistake(0, message)]
    try:
        return source.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        row = source[: error.start].count(b"\n") + 1
        message = _(
            "a character that is not UTF-8 (byte %(byte)s);"
            " please save the file as CSV (UTF-8)"
        )
        return "", [Mistake(row, message % {"byte": f"{source[error.start]:02X}"})]


def _numbered(text: str, mistakes: list[Mistake]) -> Iterator[tuple[int, list[str]]]:
    """Yield rows with their numbers; a quotation mark out of place ends the reading."""
    number = 0
    try:
        for fields in csv.reader(io.StringIO(text, newline=""), strict=True):
            number += 1
            yield number, fields
    except csv.Error:
        message = _('a quotation mark (") is out of place from here on')
        mistakes.append(Mistake(number + 1, message))


def _check_header(header: Sequence[str], columns: Sequence[str]) -> list[Mistake]:
    if not any(header):
        message = _("the file is empty; the first row must be: %(columns)s")
        return [Mistake(1, message % {"columns": ",".join(columns)})]
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        return [Mistake(1, _("the columns must be separated by commas"))]
    mistakes = []
    for name in columns:
        if header.count(name) == 0:
            mistakes.append(
                Mistake(1, _("the column %(name)s is missing") % {"name": name})
            )
        elif header.count(name) > 1:
            message = _("the column %(name)s is there more than once")
            mistakes.append(Mistake(1, message % {"name": name}))
    for name in header:
        if name not in columns:
            message = _("unknown column %(name)s; expected are: %(columns)s")
            values = {"name": repr(name), "columns": ",".join(columns)}
            mistakes.append(Mistake(1, message % values))
    return mistakes
