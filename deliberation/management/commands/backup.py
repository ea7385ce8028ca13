import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import DatabaseError

from deliberation import backups
from deliberation.management import base

ASK_SECONDS = 2  # whether a round has closed


class Command(base.Command):
    help = (
        "Copies the whole database to a file in a folder, while it is in use, and"
        " deletes the oldest copies there. With --every it goes on until it is stopped:"
        " every so many minutes, and whenever a question closes."
    )
    example = "backup /media/stick --every 5"

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("folder")
        parser.add_argument(
            "--keep", type=int, default=30, help="How many copies stay (30)."
        )
        parser.add_argument("--every", type=int, default=0, metavar="MINUTES")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["keep"] < 1 or options["every"] < 0:
            raise CommandError("--keep and --every are whole numbers from 1 on.")
        try:
            self.back_up(options)
        except backups.CannotBackUp as reason:
            if not options["every"]:
                raise CommandError(str(reason)) from None
            self.stderr.write(str(reason))
        if options["every"]:
            self.go_on(options)

    def back_up(self, options: dict[str, Any]) -> None:
        copy = backups.make_backup(Path(options["folder"]), keep=options["keep"])
        size = copy.stat().st_size
        data = {"file": str(copy), "bytes": size}
        self.say(data, f"{copy}, {size} bytes.", as_json=options["json"])

    def go_on(self, options: dict[str, Any]) -> None:
        """Make copies until stopped; one that fails is told, and tried again."""
        seconds = options["every"] * 60
        due, seen = time.monotonic() + seconds, None
        while True:
            time.sleep(ASK_SECONDS)
            try:
                closed = backups.closes()
                if time.monotonic() < due and closed == (seen or closed):
                    seen = closed
                    continue
                self.back_up(options)
                seen = closed
            except (backups.CannotBackUp, DatabaseError) as reason:
                self.stderr.write(str(reason))
            due = time.monotonic() + seconds
