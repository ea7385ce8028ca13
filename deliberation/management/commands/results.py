import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from deliberation.management import base
from deliberation.models import Prompt
from deliberation.results import workshop_results


class Command(base.Command):
    help = "Prints the results of a workshop as JSON, the same as screens show."
    example = "results migration-2006 --prompt framework/principles"

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("slug", help="The workshop, as its addresses name it.")
        parser.add_argument(
            "--prompt", metavar="SESSION/PROMPT", help="Only the rounds of one prompt."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        workshop = base.find_workshop(options["slug"])
        path = options["prompt"]
        if path is not None:
            prompts = Prompt.objects.filter(session__workshop=workshop)
            known = [prompt.path for prompt in prompts.select_related("session")]
            if path not in known:
                prompts_named = ", ".join(known) or "none"
                message = f"There is no prompt {path!r}; there are: {prompts_named}."
                raise CommandError(message)
        results = workshop_results(workshop, prompt=path)
        text = json.dumps(results, ensure_ascii=False, indent=2)
        self.say(results, text, as_json=options["json"])
