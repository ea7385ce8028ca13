"""Everything for a first look: database, templates, an account, the 2006 workshop."""

import datetime
import math
import os
import secrets
import socket
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import transaction

from deliberation.actions.making import make_workshop
from deliberation.actions.rehearsing import SIMULATED
from deliberation.rehearsal import own_workshop
from deliberation.rehearsal.endless_day import (
    OPEN_FOR,
    PEOPLE_AT_TABLES,
    SHOWN_FOR,
)
from workshops import codes
from workshops.models import SessionTemplate, Workshop
from workshops.session_templates.loader import library_files

SLUG = "migration-2006"
TITLE = "Migration and development: policy and practice"
DATE = datetime.date(2006, 11, 7)
PLACE = "76 Portland Place, London"
USERNAME = "facilitator"
# In the documentation block: no packet is sent to find the way to it.
SOMEWHERE = ("192.0.2.1", 9)


def environment(host: str, port: int) -> dict[str, str]:
    """Return the settings of a demonstration that nobody has made otherwise."""
    ours = {
        "DATABASE_URL": f"sqlite:///{settings.BASE_DIR / 'var' / 'demo.sqlite3'}",
        "PUBLIC_URL": f"http://{reachable(host)}:{port}",
        "LOG_LEVEL": "WARNING",
        SIMULATED: SLUG,
    }
    if settings.ON_A_SERVER:
        ours["LOCAL_NETWORK"] = "true"
    return {name: value for name, value in ours.items() if name not in os.environ}


def reachable(host: str) -> str:
    """Return the address that phones can use: this machine's, if it listens to all."""
    if host in ("0.0.0.0", "::"):  # noqa: S104
        return own_address()
    return f"[{host}]" if ":" in host else host


def own_address() -> str:
    """Return this machine's address in its network, without any traffic."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(SOMEWHERE)
        except OSError:
            return "127.0.0.1"
        return probe.getsockname()[0]


def prepare(password_file: Path) -> tuple[Workshop, str]:
    """Set everything up, the day from its beginning; return it and the password.

    What else stands in the database stays as it is.
    """
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if not settings.DEBUG and not manifest.exists():
        call_command("collectstatic", interactive=False, verbosity=0)
    load_library()
    owner, password = make_account(password_file)
    with transaction.atomic():
        for earlier in Workshop.objects.filter(slug=SLUG):
            own_workshop.remove(earlier)
        workshop = make_workshop(
            template=SessionTemplate.objects.find(own_workshop.TEMPLATE),
            title=TITLE,
            date=DATE,
            place=PLACE,
            tables=len(PEOPLE_AT_TABLES),
            slug=SLUG,
            owner=owner,
        )
        workshop.expected_people = sum(PEOPLE_AT_TABLES)
        workshop.save(update_fields=["expected_people"])
        shorten(workshop)
    return workshop, password


def load_library() -> None:
    """Load the session templates that come with the software.

    A version that an earlier start has loaded with other content stays as it is.
    """
    with open(os.devnull, "w") as nowhere:
        for file in library_files():
            with suppress(SystemExit):
                call_command("load_template", str(file), stdout=nowhere, stderr=nowhere)


def shorten(workshop: Workshop) -> None:
    """Give prompts and sessions the minutes that the simulated people take."""
    for session in workshop.sessions.prefetch_related("prompts"):
        seconds = 0
        for prompt in session.prompts.all():
            prompt.minutes = OPEN_FOR[prompt.kind] // 60
            prompt.save(update_fields=["minutes"])
            seconds += OPEN_FOR[prompt.kind] + SHOWN_FOR[prompt.kind]
        session.minutes = math.ceil(seconds / 60)
        session.save(update_fields=["minutes"])


def make_account(password_file: Path):
    """Return the facilitator's account and its password, the same at every start."""
    owner, _made = get_user_model().objects.get_or_create(username=USERNAME)
    password = password_file.read_text().strip() if password_file.exists() else ""
    if not password:
        symbols = [secrets.choice(codes.ALPHABET).lower() for _n in range(20)]
        groups = ["".join(symbols[start : start + 5]) for start in range(0, 20, 5)]
        password = "-".join(groups)
        password_file.parent.mkdir(parents=True, exist_ok=True)
        password_file.touch(mode=0o600)
        password_file.write_text(password + "\n")
    if not owner.check_password(password):
        owner.set_password(password)
        owner.save(update_fields=["password"])
    return owner, password
