"""A document in the formats that people take away."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from deliberation.models import Publication
from deliberation.writeup.apart import CannotMake
from deliberation.writeup.as_data import data
from deliberation.writeup.as_docx import document
from deliberation.writeup.as_markdown import markdown
from deliberation.writeup.as_pdf import pdf
from deliberation.writeup.structure import Report, from_json

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
WAIT = 2.0  # seconds
KEPT = 6  # files


class File(NamedTuple):
    """A format. label: its name, translated. make: may raise CannotMake."""

    label: object
    kind: str
    make: Callable[[Report], bytes]


def _markdown(report: Report) -> bytes:
    return markdown(report).encode()


FILES = {
    "report.pdf": File("PDF", "application/pdf", pdf),
    "report.docx": File("Word", DOCX, document),
    "report.md": File("Markdown", "text/markdown; charset=utf-8", _markdown),
    "data.zip": File(_("Data"), "application/zip", data),
}
_kept: OrderedDict[tuple[str, str], bytes] = OrderedDict()
_making = Lock()


def published_file(published: Publication, name: str) -> bytes:
    """Return a version as one of `FILES`. Raises CannotMake.

    A process makes one at a time and keeps the newest few: a room that asks for a PDF
    at once takes one thread for it, and the others are left to those who answer.
    """
    key = (published.sha256, name)
    if key in _kept:
        return _kept[key]
    if not _making.acquire(timeout=WAIT):
        raise CannotMake(_("It is being made. Please try again in a moment."))
    try:
        if key not in _kept:
            _kept[key] = FILES[name].make(from_json(published.report))
            while len(_kept) > KEPT:
                _kept.popitem(last=False)
        return _kept[key]
    finally:
        _making.release()
