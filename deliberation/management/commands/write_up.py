from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.core.management.base import CommandError

from deliberation.management import base
from deliberation.writeup.apart import CannotMake
from deliberation.writeup.as_docx import document
from deliberation.writeup.as_html import html
from deliberation.writeup.as_markdown import markdown
from deliberation.writeup.as_pdf import pdf
from deliberation.writeup.structure import Report

FORMATS: dict[str, Callable[[Report], str | bytes]] = {
    "html": html,
    "md": markdown,
    "pdf": pdf,
    "docx": document,
}


class Command(base.Command):
    help = (
        "Writes a workshop's write-up to a file: the newest published version, or the"
        " draft where none is published yet."
    )
    example = "write_up migration-2006 --format pdf --out migration-2006.pdf"

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("slug", help="The workshop, as its addresses name it.")
        parser.add_argument("--format", required=True, choices=FORMATS)
        parser.add_argument("--out", required=True, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        report = base.newest_report(base.find_workshop(options["slug"]))
        try:
            made = FORMATS[options["format"]](report)
        except CannotMake as reason:
            raise CommandError(str(reason)) from None
        content = made.encode() if isinstance(made, str) else made
        base.write_file(options["out"], content)
        data = {
            "file": options["out"],
            "format": options["format"],
            "version": report.version,
            "bytes": len(content),
        }
        what = f"Version {report.version}" if report.version else "The draft"
        text = f"{what} of {report.title}: {options['out']}, {len(content)} bytes."
        self.say(data, text, as_json=options["json"])
