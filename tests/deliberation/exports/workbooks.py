"""Reads a workbook as a spreadsheet does, by the format's own rules."""

import io
import re
import zipfile
from xml.etree import ElementTree

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
ESCAPED = re.compile("_x([0-9A-F]{4})_")
CELL = re.compile(r"([A-Z]+)(\d+)")

type Sheet = list[dict[str, str | float]]


def sheets_of(book: bytes) -> dict[str, Sheet]:
    """Return each sheet's rows, by the names in its first row; empty cells left out."""
    with zipfile.ZipFile(io.BytesIO(book)) as file:
        texts = [
            "".join(piece.text or "" for piece in one.iter(f"{MAIN}t"))
            for one in _read(file, "xl/sharedStrings.xml").iter(f"{MAIN}si")
        ]
        names = [
            one.attrib["name"]
            for one in _read(file, "xl/workbook.xml").iter(f"{MAIN}sheet")
        ]
        return {
            name: _rows(_read(file, f"xl/worksheets/sheet{number}.xml"), texts)
            for number, name in enumerate(names, start=1)
        }


def parts_of(book: bytes) -> dict[str, str]:
    """Return the files that a workbook is made of."""
    with zipfile.ZipFile(io.BytesIO(book)) as file:
        return {name: file.read(name).decode() for name in file.namelist()}


def _read(file: zipfile.ZipFile, name: str) -> ElementTree.Element:
    return ElementTree.fromstring(file.read(name))  # noqa: S314 (our own)


def _rows(sheet: ElementTree.Element, texts: list[str]) -> Sheet:
    cells: dict[int, dict[str, str | float]] = {}
    for cell in sheet.iter(f"{MAIN}c"):
        column, row = CELL.fullmatch(cell.attrib["r"]).groups()
        value = cell.findtext(f"{MAIN}v")
        if value is not None:
            is_text = cell.get("t") == "s"
            cells.setdefault(int(row), {})[column] = (
                _unescaped(texts[int(value)]) if is_text else float(value)
            )
    head = cells.pop(1, {})
    return [
        {head[column]: value for column, value in cells[row].items()}
        for row in sorted(cells)
    ]


def _unescaped(text: str) -> str:
    return ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
