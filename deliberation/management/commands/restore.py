import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandError

from deliberation import backups, checking
from deliberation.management import base
from workshops.models import Workshop


class Command(base.Command):
    help = (
        "Puts a copy that `backup` made into the database that DATABASE_URL names,"
        " which has to be empty; brings it up to this version, and counts every figure"
        " of every workshop again. Exits with 1 if one differs."
    )
    example = "restore /media/stick/rapporteur-20061107T170000000000Z.sqlite3"
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            backups.put_back(Path(options["file"]))
        except backups.CannotBackUp as reason:
            raise CommandError(str(reason)) from None
        call_command("migrate", verbosity=0)
        differences, checked = [], 0
        workshops = Workshop.objects.order_by("pk")
        for workshop in workshops:
            verdict = checking.verify(workshop)
            checked += verdict.checked
            differences += [f"{workshop.slug}: {one}" for one in verdict.differences]
        data = {
            "workshops": len(workshops),
            "checked": checked,
            "differences": differences,
        }
        text = f"{len(workshops)} workshops are back; {checked} figures counted again"
        text += f", {len(differences)} differ." if differences else ": all as shown."
        self.say(data, "\n".join([*differences, text]), as_json=options["json"])
        if differences:
            sys.exit(1)
