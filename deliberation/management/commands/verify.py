import sys
from argparse import ArgumentParser
from typing import Any

from deliberation import checking
from deliberation.management import base


class Command(base.Command):
    help = "Counts every shown figure again from the stored answers, and compares."
    example = "verify migration-2006"

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("slug", help="The workshop, as its addresses name it.")

    def handle(self, *args: Any, **options: Any) -> None:
        workshop = base.find_workshop(options["slug"])
        verdict = checking.verify(workshop)
        data = {
            "workshop": workshop.slug,
            "checked": verdict.checked,
            "differences": verdict.differences,
        }
        text = f"{verdict.checked} figures counted again: all as shown."
        if verdict.differences:
            number = len(verdict.differences)
            text = "\n".join(
                [*verdict.differences, f"{number} of {verdict.checked} differ."]
            )
        self.say(data, text, as_json=options["json"])
        if verdict.differences:
            sys.exit(1)
