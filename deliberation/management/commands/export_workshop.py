from argparse import ArgumentParser
from typing import Any

from deliberation.management import base
from deliberation.writeup.as_data import package


class Command(base.Command):
    help = (
        "Writes a workshop as an open data package (Frictionless): answers, points,"
        " results, the document and a data dictionary, as far as its attribution rule"
        " lets them go out. It is no backup: that is the database's (docs/deploy.md)."
    )
    example = "export_workshop migration-2006 --out migration-2006.zip"

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("slug", help="The workshop, as its addresses name it.")
        parser.add_argument("--out", required=True, metavar="FILE.zip")

    def handle(self, *args: Any, **options: Any) -> None:
        workshop = base.find_workshop(options["slug"])
        report = base.newest_report(workshop)
        content = package(workshop, report)
        base.write_file(options["out"], content)
        data = {
            "file": options["out"],
            "attribution": workshop.attribution,
            "version": report.version,
            "bytes": len(content),
        }
        text = f"{workshop.title}: {options['out']}, {len(content)} bytes."
        self.say(data, text, as_json=options["json"])
