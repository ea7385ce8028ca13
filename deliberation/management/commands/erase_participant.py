from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from deliberation.actions.erasing import erase_participant
from deliberation.management import base


class Command(base.Command):
    help = (
        "Removes a person for good: name, devices, points and reasons. Their answers "
        "stay counted without them. What was published or saved stays as it is."
    )
    example = "erase_participant migration-2006 K7Q4MX2P"

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("slug", help="The workshop, as its addresses name it.")
        parser.add_argument(
            "ref", help="The person's eight-character reference, from phone or console."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        workshop = base.find_workshop(options["slug"])
        ref = options["ref"].strip().upper()
        participant = workshop.participants.filter(ref=ref).first()
        if participant is None:
            raise CommandError(f"Nobody in {workshop.slug} has the reference {ref}.")
        erased = erase_participant(participant=participant)
        text = (
            f"{ref} is erased. {erased.responses} responses stay counted without"
            f" a name; {erased.points} points are gone."
        )
        data = {"workshop": workshop.slug, "ref": ref, **erased._asdict()}
        self.say(data, text, as_json=options["json"])
