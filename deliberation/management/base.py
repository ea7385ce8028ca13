"""What the commands share: an example in --help, --json, plain refusals."""

import json
import os
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError

from deliberation.writeup.builder import draft
from deliberation.writeup.structure import Report, from_json
from workshops.models import Workshop


class Command(BaseCommand):
    """A command that people and scripts use: words for the one, JSON for the other."""

    example = ""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        kwargs.setdefault("epilog", f"Example: python manage.py {self.example}")
        return super().create_parser(prog_name, subcommand, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--json", action="store_true", help="Print one JSON object, nothing else."
        )

    def say(self, data: dict[str, Any], text: str, *, as_json: bool) -> None:
        """Print the JSON object or the words for people."""
        if as_json:
            text = json.dumps(data, ensure_ascii=False)
        self.stdout.write(text)


def find_workshop(slug: str) -> Workshop:
    """Return the workshop of that slug. Raises CommandError."""
    workshop = Workshop.objects.filter(slug=slug).first()
    if workshop is None:
        raise CommandError(f"There is no workshop {slug!r}.")
    return workshop


def read_file(path: str) -> bytes:
    """Return what a file holds. Raises CommandError."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        reason = error.strerror or str(error)
        raise CommandError(f"Cannot read {path}: {reason}.") from None


def write_file(path: str, content: bytes) -> None:
    """Write a file. Raises CommandError."""
    try:
        with open(path, "wb") as file:
            file.write(content)
    except OSError as error:
        reason = error.strerror or str(error)
        raise CommandError(f"Cannot write {path}: {reason}.") from None


@contextmanager
def whole_file(path: str) -> Iterator[IO[bytes]]:
    """Write a file that is there wholly or not at all, and only its owner can read.

    Raises CommandError.
    """
    part = f"{path}.part"
    try:
        with open(part, "wb", opener=_for_its_owner) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise CommandError(f"Cannot write {path}: {reason}.") from None
    finally:
        with suppress(OSError):
            os.remove(part)


def _for_its_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def newest_report(workshop: Workshop) -> Report:
    """Return the newest published version of a workshop's document, or its draft."""
    published = workshop.publications.last()
    return from_json(published.report) if published else draft(workshop)
