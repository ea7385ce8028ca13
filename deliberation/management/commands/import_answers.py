from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from deliberation.actions.importing import FileMistakes, import_answers
from deliberation.management import base


class Command(base.Command):
    help = "Brings in answers from paper or earlier data: all of a file, or nothing."
    example = "import_answers migration-2006 answers.csv --points points.csv"

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("slug", help="The workshop, as its addresses name it.")
        parser.add_argument("file", help="Answers, as CSV in UTF-8.")
        parser.add_argument("--points", metavar="FILE", help="Points, as CSV in UTF-8.")

    def handle(self, *args: Any, **options: Any) -> None:
        workshop = base.find_workshop(options["slug"])
        points = options["points"]
        try:
            new = import_answers(
                workshop=workshop,
                answers=base.read_file(options["file"]),
                answers_name=options["file"],
                points=base.read_file(points) if points else None,
                points_name=points or "",
            )
        except FileMistakes as error:
            if options["json"]:
                data = {"workshop": workshop.slug, "mistakes": error.lines}
                self.say(data, "", as_json=True)
            for line in error.lines:
                self.stderr.write(line)
            raise CommandError("Nothing was imported.") from None
        text = (
            f"New: {new.answers} answers in {new.responses} responses,"
            f" {new.points} points, {new.rounds} rounds."
        )
        if not any(new):
            text = "Nothing new: all of this had been imported."
        data = {"workshop": workshop.slug, **new._asdict()}
        self.say(data, text, as_json=options["json"])
