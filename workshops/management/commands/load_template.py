import json
import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.utils.translation import gettext as _

from workshops.actions import templates
from workshops.session_templates.mistakes import TemplateErrors


class Command(BaseCommand):
    help = (
        "Loads session templates. All or nothing: a mistake in one file keeps all "
        "files from being loaded, and every mistake is reported."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.epilog = (
            "Example: manage.py load_template --check my-workshop.yaml (exit status 0 "
            "if it could be loaded, 1 if it has mistakes)"
        )
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument(
            "--check", action="store_true", help="only check, load nothing"
        )
        parser.add_argument(
            "--json", action="store_true", help="print one JSON object and nothing else"
        )

    def handle(self, *args, **options) -> None:
        found: list[dict[str, object]] = []
        mistakes: list[str] = []
        with transaction.atomic():
            for name in options["files"]:
                try:
                    found.append(self._load(name))
                except TemplateErrors as errors:
                    mistakes += errors.lines(name)
                except OSError as error:
                    reason = error.strerror or error
                    mistakes.append(
                        _("%(file)s:1:1: cannot be read: %(reason)s")
                        % {"file": name, "reason": reason}
                    )
            # A file may extend one before it, so all of them are loaded even to check.
            transaction.set_rollback(bool(mistakes) or options["check"])
        if options["json"]:
            told = {"templates": [] if mistakes else found, "mistakes": mistakes}
            self.stdout.write(json.dumps(told, ensure_ascii=False))
        else:
            self._tell(found, mistakes, only_checked=options["check"])
        if mistakes:
            sys.exit(1)

    def _load(self, name: str) -> dict[str, object]:
        template, made = templates.load(Path(name).read_bytes(), name=name)
        return {
            "file": name,
            "key": template.key,
            "version": template.version,
            "title": template.title,
            "already_loaded": not made,
        }

    def _tell(
        self, found: list[dict[str, object]], mistakes: list[str], *, only_checked: bool
    ) -> None:
        for line in mistakes:
            self.stderr.write(line, style_func=str)
        if mistakes:
            return
        for one in found:
            if one["already_loaded"]:
                pattern = _("%(key)s@%(version)d is already loaded")
            elif only_checked:
                pattern = _("%(key)s@%(version)d can be loaded: no mistakes")
            else:
                pattern = _("%(key)s@%(version)d loaded: %(title)s")
            self.stdout.write(pattern % one)
