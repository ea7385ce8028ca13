from typing import Any

from deliberation.actions.purging import purge
from deliberation.management import base


class Command(base.Command):
    help = (
        "Deletes what nobody needs any more: links, admissions and sign-ins that are"
        " spent; a week after a workshop's end its phones' tokens, and workshops that"
        " were rehearsals; KEEP_NAMES_DAYS after it, if set, names, comments and"
        " guests. Run it every night."
    )
    example = "purge"

    def handle(self, *args: Any, **options: Any) -> None:
        gone = purge()
        text = (
            f"Deleted: {gone.secrets} links, admissions and sign-ins, {gone.devices}"
            f" phones' tokens, {gone.rehearsals} rehearsals, {gone.names} names."
        )
        self.say(gone._asdict(), text, as_json=options["json"])
