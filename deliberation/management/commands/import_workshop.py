from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from deliberation.archive.reading import Refused
from deliberation.archive.unpacking import Restored, unpack
from deliberation.management import base


class Command(base.Command):
    help = (
        "Restores a workshop from a file that export_workshop wrote with --full, as it"
        " was: its answers, history, document, people and codes. All or nothing."
    )
    example = "import_workshop migration-2006.zip"

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", metavar="FILE.zip")
        parser.add_argument(
            "--slug", default="", help="Another slug, where its own is taken."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            restored = unpack(Path(options["file"]), slug=options["slug"])
        except Refused as reason:
            raise CommandError(str(reason)) from None
        workshop = restored.workshop
        data = {
            "workshop": workshop.slug,
            "rows": restored.rows,
            "accounts": restored.accounts,
            "secrets": restored.secrets,
        }
        self.say(data, _in_words(restored), as_json=options["json"])


def _in_words(restored: Restored) -> str:
    slug = restored.workshop.slug
    lines = [
        f"{restored.workshop.title}: {restored.rows} rows restored as {slug}."
        f" Check it with: manage.py verify {slug}"
    ]
    if restored.accounts:
        lines.append(
            "Accounts that nobody had here were made, and cannot sign in until an"
            f" admin lets them: {', '.join(restored.accounts)}."
        )
    if restored.secrets:
        lines.append(
            f"{restored.secrets} codes, links and phones are in use by another"
            " workshop here: codes and links are new, those phones join again."
        )
    return "\n".join(lines)
