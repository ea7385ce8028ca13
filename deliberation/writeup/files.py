"""A document in the formats that people take away."""

import logging
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
_making = Lock()


def published_file(published: Publication, name: str) -> bytes:
    """Return a version as one of `FILES`. Raises CannotMake.

    It is made once and kept beside the version. A process makes one at a time: a room
    that asks for a PDF at once takes one thread for it, and the others are left to
    those who answer.
    """
    if (kept := _kept(published, name)) is not None:
        return kept
    if not _making.acquire(timeout=WAIT):
        raise CannotMake(_("It is being made. Please try again in a moment."))
    try:
        if (kept := _kept(published, name)) is None:
            kept = FILES[name].make(from_json(published.report))
            # Another process may have been first; what was kept first is kept.
            file, _made = PublishedFile.objects.get_or_create(
                publication=published, name=name, defaults={"content": kept}
            )
            kept = bytes(file.content)
        return kept
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
                published_file(published, name)
            except CannotMake as reason:
                logger.warning("%s of %s: %s", name, published, reason)
            except Exception:
                logger.exception("%s of %s was not made ahead.", name, published)
    finally:
        connections.close_all()
