import argparse
import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connections

from config.server import bind, serve
from deliberation.management import base
from deliberation.management.commands.create_workshop import addresses
from deliberation.rehearsal import demonstration
from deliberation.rehearsal.endless_day import live_through
from deliberation.rehearsal.local_server import problem_with
from workshops.models import Workshop

IS_SET_UP = "RAPPORTEUR_DEMO"  # tells the second start from the first
CHILD_ENDS_WITHIN = 1.0


class Command(base.Command):
    help = (
        "Serves the 2006 workshop with simulated people who talk in real time. Takes "
        "HOST, PORT and DATABASE_URL from the environment; without the last it keeps "
        "its own database, var/demo.sqlite3. The day starts anew at every start."
    )
    example = "demo   (on another port: PORT=8080 python manage.py demo)"
    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--play", help=argparse.SUPPRESS)
        parser.add_argument("--url", help=argparse.SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["play"]:
            play(options["play"], options["url"], say=self.tell)
            return
        host = os.environ.get("HOST", "127.0.0.1")
        port = read_port(os.environ.get("PORT", "8000"))
        if IS_SET_UP not in os.environ:
            start_again_with(demonstration.environment(host, port))
        try:
            bind(host, port).close()
        except OSError as error:
            reason = error.strerror or str(error)
            raise CommandError(
                f"Cannot listen on {host}, port {port}: {reason}. "
                "Another one: PORT=8080 make demo"
            ) from None
        if not options["json"]:
            self.stdout.write("Getting the demonstration ready ...")
        password_file = settings.BASE_DIR / "var" / "demo-password"
        try:
            workshop, password = demonstration.prepare(password_file)
        except KeyboardInterrupt:
            sys.exit(130)
        self.say_where(workshop, password, as_json=options["json"])
        connections.close_all()
        here = demonstration.reachable("127.0.0.1" if host == "0.0.0.0" else host)  # noqa: S104
        run(host, port, f"http://{here}:{port}")

    def say_where(self, workshop: Workshop, password: str, *, as_json: bool) -> None:
        data = addresses(workshop)
        data |= {"username": demonstration.USERNAME, "password": password}
        text = (
            f"\n{workshop.title}, 7 November 2006, with simulated people\n\n"
            f"  Console   {data['console']}\n"
            f"            sign in as {data['username']}, password {password}\n"
            f"  Screen    {data['screen']}\n"
            f"  Join      {settings.PUBLIC_URL}/  code {workshop.spoken_join_code}\n\n"
            "The day passes in minutes instead of hours, over and over. Press anything"
            "\nin the console and the simulated facilitator steps back for 3 minutes."
            "\nCtrl-C ends everything.\n"
        )
        self.say(data, text, as_json=as_json)
        self.stdout.flush()

    def tell(self, text: str) -> None:
        self.stderr.write(f"{time.strftime('%H:%M:%S')}  {text}", ending="\n")


def read_port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= 65535):
        raise CommandError(f"PORT={text}: write a number from 1 to 65535.")
    return int(text)


def start_again_with(environment: dict[str, str]) -> None:
    """Run the same command again, in this process, with other settings."""
    os.environ.update(environment, **{IS_SET_UP: "true"})
    (settings.BASE_DIR / "var").mkdir(exist_ok=True)
    os.execv(sys.executable, [sys.executable, *sys.argv])  # noqa: S606


def run(host: str, port: int, url: str) -> None:
    """Serve until told to stop, with the people in a process of their own."""
    command = [sys.executable, sys.argv[0], "demo"]
    command += ["--play", demonstration.SLUG, "--url", url]
    # Ctrl-C reaches both; and the people end when the pipe closes, however the server
    # went.
    people = subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603
    signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(0))
    try:
        serve(host, port)
    finally:
        people.terminate()
        with suppress(subprocess.TimeoutExpired):
            people.wait(CHILD_ENDS_WITHIN)
        people.kill()


def play(slug: str, url: str, *, say: Any) -> None:
    """Be the people, until the process that started this one is gone."""
    threading.Thread(target=end_with_parent, daemon=True).start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_signal: os._exit(0))
    while problem_with(url):
        time.sleep(0.1)
    asyncio.run(live_through(base.find_workshop(slug), url, say=say))


def end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)
