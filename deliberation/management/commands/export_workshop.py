import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from deliberation.archive.packing import Astray, pack
from deliberation.management import base
from deliberation.writeup.as_data import package
from workshops.models import Workshop


class Command(base.Command):
    help = (
        "Writes a workshop as an open data package (Frictionless): answers, points,"
        " results, the document and a data dictionary, as far as its attribution rule"
        " lets them go out. With --full: every row of it, for import_workshop; that"
        " file holds all names and secrets, and is to be kept like the database."
    )
    example = "export_workshop migration-2006 --out migration-2006.zip"

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("slug", help="The workshop, as its addresses name it.")
        parser.add_argument("--out", required=True, metavar="FILE.zip")
        parser.add_argument(
            "--full",
            action="store_true",
            help="The complete backup, which import_workshop restores exactly.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        workshop = base.find_workshop(options["slug"])
        write = _backup if options["full"] else _for_others
        told = write(workshop, options["out"])
        size = os.path.getsize(options["out"])
        data = {"file": options["out"], **told, "bytes": size}
        text = f"{workshop.title}: {options['out']}, {size} bytes."
        self.say(data, text, as_json=options["json"])


def _for_others(workshop: Workshop, out: str) -> dict[str, Any]:
    report = base.newest_report(workshop)
    base.write_file(out, package(workshop, report))
    return {"attribution": workshop.attribution, "version": report.version}


def _backup(workshop: Workshop, out: str) -> dict[str, Any]:
    with base.whole_file(out) as file:
        try:
            return {"full": True, "rows": pack(workshop, file)}
        except Astray as error:
            raise CommandError(
                f"{workshop.slug} refers to {error}, which is not its own. Please run"
                " verify, and report this."
            ) from None
