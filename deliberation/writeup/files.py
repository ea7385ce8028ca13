"""A document in the formats that people take away."""

import logging
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock, Thread
from typing import NamedTuple

from django.db import connections
from django.utils.translation import gettext_lazy as _

from deliberation.models import Publication, PublishedFile
from deliberation.writeup.apart import CannotMake
from deliberation.writeup.as_data import data
from deliberation.writeup.as_docx import document
from deliberation.writeup.as_markdown import markdown
from deliberation.writeup.as_pdf import pdf
from deliberation.writeup.structure import Report, from_json

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
WAIT = 2.0  # seconds


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
AHEAD = ["report.md", "data.zip", "report.pdf", "report.docx"]  # the quick ones first
THREAD = "files-ahead"
logger = logging.getLogger(__name__)
KEPT = 6  # files
_recent: OrderedDict[tuple[str, str], bytes] = OrderedDict()
_making = Lock()


def published_file(published: Publication, name: str) -> bytes:
    """Return a version as one of `FILES`. Raises CannotMake. Stores nothing.

    What was not made ahead is made: by a process one at a time, which keeps the newest
    few. A room that asks for a PDF at once takes one thread for it, and the others are
    left to those who answer.
    """
    key = (published.sha256, name)
    if (kept := _kept(published, name) or _recent.get(key)) is not None:
        return kept
    if not _making.acquire(timeout=WAIT):
        raise CannotMake(_("It is being made. Please try again in a moment."))
    try:
        if (made := _recent.get(key)) is None:
            made = _recent[key] = FILES[name].make(from_json(published.report))
            while len(_recent) > KEPT:
                _recent.popitem(last=False)
        return made
    finally:
        _making.release()


def _kept(published: Publication, name: str) -> bytes | None:
    found = PublishedFile.objects.filter(publication=published, name=name)
    content = found.values_list("content", flat=True).first()
    return None if content is None else bytes(content)


def make_ahead(published: Publication) -> None:
    """Start to make a version's files, in a thread, before anybody asks for them."""
    Thread(target=_make_all, args=[published], name=THREAD, daemon=True).start()


def _make_all(published: Publication) -> None:
    try:
        for name in AHEAD:
            try:
                content = published_file(published, name)
                PublishedFile.objects.get_or_create(
                    publication=published, name=name, defaults={"content": content}
                )
            except CannotMake as reason:
                logger.warning("%s of %s: %s", name, published, reason)
            except Exception:
                logger.exception("%s of %s was not made ahead.", name, published)
    finally:
        connections.close_all()
