import datetime
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.core.validators import validate_slug
from django.urls import reverse

from deliberation.actions.making import make_workshop
from deliberation.management import base
from workshops.models import Series, SessionTemplate, Workshop


class Command(base.Command):
    help = "Makes a workshop from a session template and prints how to reach it."
    example = (
        'create_workshop migration-development-2006 --title "Migration and development"'
        " --date 2006-11-07 --tables 4"
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "template", metavar="KEY[@VERSION]", help="The newest version unless named."
        )
        parser.add_argument("--title", required=True, type=title)
        parser.add_argument("--date", type=date, help="As 2006-11-07.")
        parser.add_argument(
            "--tables", type=tables, help="1 to 200; else as the template says."
        )
        parser.add_argument(
            "--series", metavar="KEY", type=slug, help="Made if there is none yet."
        )
        parser.add_argument("--slug", type=slug, help="For its addresses.")
        parser.add_argument(
            "--facilitator", metavar="USERNAME", help="The account that will own it."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        workshop = make_workshop(
            template=find_template(options["template"]),
            title=options["title"],
            date=options["date"],
            tables=options["tables"],
            series=find_series(options["series"]),
            slug=free_slug(options["slug"] or ""),
            owner=find_account(options["facilitator"]),
        )
        data = addresses(workshop)
        text = (
            f"{workshop.title} ({workshop.slug})\n"
            f"Join code: {workshop.spoken_join_code}\n"
            f"Console:   {data['console']}\n"
            f"Join:      {data['join']}\n"
            f"Screen:    {data['screen']}"
        )
        self.say(data, text, as_json=options["json"])


def addresses(workshop: Workshop) -> dict[str, str]:
    """Return slug, join code and where console, phones and screen are reached."""
    paths = {
        "console": reverse("console:run", args=[workshop.slug]),
        "join": reverse("join:typed_link", args=[workshop.join_code]),
        "screen": reverse("screen:show", args=[workshop.screen_secret]),
    }
    return {
        "slug": workshop.slug,
        "join_code": workshop.join_code,
        **{name: settings.PUBLIC_URL + path for name, path in paths.items()},
    }


def title(text: str) -> str:
    if not 1 <= len(text.strip()) <= 200:
        raise ArgumentTypeError("a title has 1 to 200 characters")
    return text.strip()


def date(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a date like 2006-11-07") from None


def tables(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= 200):
        raise ArgumentTypeError(f"{text!r} is not a number from 1 to 200")
    return int(text)


def slug(text: str) -> str:
    try:
        validate_slug(text)
    except ValidationError:
        raise ArgumentTypeError(
            f"{text!r}: only letters, figures, hyphens and underscores"
        ) from None
    if len(text) > 64:
        raise ArgumentTypeError(f"{text!r} is longer than 64 characters")
    return text


def find_template(reference: str) -> SessionTemplate:
    try:
        return SessionTemplate.objects.find(reference)
    except SessionTemplate.DoesNotExist:
        raise CommandError(
            f"There is no session template {reference!r}; load_template loads one."
        ) from None


def find_series(key: str | None) -> Series | None:
    if key is None:
        return None
    title = key.replace("-", " ").capitalize()
    return Series.objects.get_or_create(key=key, defaults={"title": title})[0]


def free_slug(slug: str) -> str:
    if slug and Workshop.objects.filter(slug=slug).exists():
        raise CommandError(f"There is a workshop {slug!r} already.")
    return slug


def find_account(username: str | None):
    if username is None:
        return None
    account = get_user_model().objects.filter(username=username).first()
    if account is None:
        raise CommandError(f"There is no account {username!r}.")
    return account
