"""A file that says it holds a workshop is looked at, before anything is stored.

Nothing in it is believed: what it is, how large it gets, what its parts are and that
each is as it was written.
"""

import hashlib
import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from deliberation.archive.packing import DESCRIPTION, FORMAT
from deliberation.archive.sheets import sheets

MOST_BYTES = 4 * 1024**3  # of all that it holds
MOST_OF_A_DESCRIPTION = 1024**2
MOST_OF_A_LINE = 64 * 1024**2
MOST_TIMES = 200  # that a part is larger than it is packed; JSON lines are some 30
FROM_BYTES = 10 * 1024**2  # from here on that is looked at
CHUNK = 1024**2
TEMPLATE = re.compile(r"templates/[a-z0-9-]{1,64}@[0-9]{1,6}\.yaml")
PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

type Json = dict[str, Any]


class Refused(Exception):
    """A file that no workshop can be made of; the text says why, for people."""


class Package(NamedTuple):
    """A file that was looked at. resources: its parts' descriptions by path."""

    file: zipfile.ZipFile
    series: Json | None
    resources: dict[str, Json]

    @property
    def templates(self) -> list[bytes]:
        """Session templates, each after those that it takes sessions over from."""
        paths = [path for path in self.resources if TEMPLATE.fullmatch(path)]
        return [self.file.read(path) for path in paths]

    def lines(self, path: str) -> Iterator[tuple[int, Json]]:
        """Yield the rows of a part with their lines. Raises Refused."""
        if path not in self.resources:
            return
        with self.file.open(path) as lines:
            number = 0
            while text := lines.readline(MOST_OF_A_LINE):
                number += 1
                row = _json(text)
                if not isinstance(row, dict):
                    raise at(path, number, _("is no row"))
                yield number, row


def at(path: str, number: int, what: str) -> Refused:
    """Return the refusal of one line of a part."""
    return Refused(f"{path}:{number}: {what}.")


@contextmanager
def opened(path: Path) -> Iterator[Package]:
    """Open a file and look at it. Raises Refused, also for what comes up later."""
    try:
        with zipfile.ZipFile(path) as file:
            yield _looked_at(file)
    except OSError as error:
        reason = error.strerror or str(error)
        message = _("Cannot read %(path)s: %(reason)s.")
        raise Refused(message % {"path": path, "reason": reason}) from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        message = _("This is no ZIP file, or it is damaged (%(reason)s).")
        raise Refused(message % {"reason": error}) from None


def _looked_at(file: zipfile.ZipFile) -> Package:
    _check_parts(file)
    described = _description(file)
    ours = described.get("rapporteur")
    if not isinstance(ours, dict):
        raise Refused(
            _(
                "This package is no backup of a workshop: export_workshop writes one "
                "with --full."
            )
        )
    if ours.get("format") != FORMAT or isinstance(ours.get("format"), bool):
        message = _(
            "This backup has format %(theirs)s; this installation reads format "
            "%(ours)d. It was written by another version of Rapporteur."
        )
        theirs = ascii(ours.get("format"))[:20]
        raise Refused(message % {"theirs": theirs, "ours": FORMAT})
    resources = _resources(file, described)
    for path, one in resources.items():
        _check_sum(file, path, one)
    return Package(file, _series(ours.get("series")), resources)


def _check_parts(file: zipfile.ZipFile) -> None:
    entries = file.infolist()
    names = [entry.filename for entry in entries]
    if len(names) > 1000 or len(set(names)) < len(names):
        raise Refused(_("This file has parts that no backup has."))
    if sum(entry.file_size for entry in entries) > MOST_BYTES:
        raise Refused(_("What this file holds is too large."))
    for entry in entries:
        packed = max(entry.compress_size, 1)
        if entry.file_size > max(FROM_BYTES, packed * MOST_TIMES):
            raise Refused(_("What this file holds is far larger than it says."))
        if entry.flag_bits & 1 or entry.compress_type not in PACKED:
            raise Refused(_("This file is packed in a way that no backup is."))
    if DESCRIPTION not in names:
        message = _("This is no data package: there is no %(name)s in it.")
        raise Refused(message % {"name": DESCRIPTION})


def _description(file: zipfile.ZipFile) -> Json:
    if file.getinfo(DESCRIPTION).file_size > MOST_OF_A_DESCRIPTION:
        raise Refused(_("What this file holds is too large."))
    described = _json(file.read(DESCRIPTION))
    if not isinstance(described, dict):
        raise Refused(_("%(name)s cannot be read.") % {"name": DESCRIPTION})
    return described


def _resources(file: zipfile.ZipFile, described: Json) -> dict[str, Json]:
    """Return the parts that are described: all that there are, and all known."""
    listed = described.get("resources")
    listed = listed if isinstance(listed, list) else []
    resources = {str(one.get("path")): one for one in listed if isinstance(one, dict)}
    there = set(file.namelist()) - {DESCRIPTION}
    if missing := sorted(resources.keys() - there):
        message = _("There is no %(path)s in this file, which describes one.")
        raise Refused(message % {"path": missing[0][:80]})
    known = {sheet.file for sheet in sheets()}
    for path in sorted(there):
        if path not in resources:
            message = _("This file describes no %(path)s, but has one.")
            raise Refused(message % {"path": ascii(path)[:80]})
        if path not in known and not TEMPLATE.fullmatch(path):
            message = _(
                "This installation does not know %(path)s. The backup was written by "
                "a newer version of Rapporteur."
            )
            raise Refused(message % {"path": ascii(path)[:80]})
    return resources


def _check_sum(file: zipfile.ZipFile, path: str, described: Json) -> None:
    found = hashlib.sha256()
    with file.open(path) as part:
        while chunk := part.read(CHUNK):
            found.update(chunk)
    if described.get("hash") != f"sha256:{found.hexdigest()}":
        message = _("%(path)s is not as it was written: its checksum differs.")
        raise Refused(message % {"path": path})


def _series(series: Any) -> Json | None:
    if series is None:
        return None
    if isinstance(series, dict) and all(
        isinstance(series.get(name), str) for name in ("key", "title")
    ):
        return series
    raise Refused(_("%(name)s cannot be read.") % {"name": DESCRIPTION})


def _json(text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
