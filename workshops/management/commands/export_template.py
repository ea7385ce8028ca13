import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from workshops.models import SessionTemplate


class Command(BaseCommand):
    help = "Gives a loaded session template back, byte for byte."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.epilog = (
            "Example: manage.py export_template icebreaker@1 --out icebreaker.yaml"
        )
        parser.add_argument(
            "template", metavar="KEY[@VERSION]", help="without version the newest one"
        )
        parser.add_argument("--out", metavar="FILE", help="default: standard output")
        parser.add_argument(
            "--json", action="store_true", help="print one JSON object and nothing else"
        )

    def handle(self, *args, **options) -> None:
        try:
            template = SessionTemplate.objects.find(options["template"])
        except SessionTemplate.DoesNotExist:
            raise CommandError(
                _("There is no template %(name)s.") % {"name": options["template"]}
            ) from None
        source = bytes(template.source)
        if options["out"]:
            try:
                Path(options["out"]).write_bytes(source)
            except OSError as error:
                raise CommandError(
                    _("%(file)s cannot be written: %(reason)s")
                    % {"file": options["out"], "reason": error.strerror}
                ) from error
        if options["json"]:
            told = {
                "key": template.key,
                "version": template.version,
                "title": template.title,
                "sha256": template.sha256,
                "out": options["out"],
            }
            if not options["out"]:
                told["source"] = source.decode()
            self.stdout.write(json.dumps(told, ensure_ascii=False))
        elif not options["out"]:
            self._write(source)

    def _write(self, source: bytes) -> None:
        """Write to standard output what no change of encoding or line ends touches."""
        binary = getattr(self.stdout, "buffer", None)
        if binary is None:  # a text stream that a caller gave
            self.stdout.write(source.decode(), ending="")
        else:
            binary.write(source)
            binary.flush()
