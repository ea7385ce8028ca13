"""Reads settings from the environment; nonsense is refused in plain words."""

import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import environ
from django.core.exceptions import ImproperlyConfigured

SECRET_KEY_LENGTH = 50
DATABASE_SCHEMES = {"sqlite", "postgres", "postgresql", "psql", "pgsql"}
EMAIL_SCHEMES = {"smtp", "smtps", "smtp+tls", "smtp+ssl"}
HOST = re.compile(r"\.?[a-z0-9-]+(\.[a-z0-9-]+)*|\[[0-9a-f:.]+\]", re.IGNORECASE)

# NAME_FILE names a file that holds the value, as container platforms hand out secrets.
env = environ.FileAwareEnv()


def read_file(path: Path) -> None:
    """Take settings from a file, unless the environment was set up by somebody."""
    if not {"SECRET_KEY", "SECRET_KEY_FILE", "DEBUG"} & os.environ.keys():
        env.read_env(path)


def text(name: str, default: str) -> str:
    return env.str(name, default="").strip() or default


def flag(name: str, default: bool) -> bool:
    value = text(name, "true" if default else "false")
    if value not in ("true", "false"):
        refuse(name, value, "write true or false")
    return value == "true"


def number(name: str, default: int, *, least: int, most: int) -> int:
    value = text(name, str(default))
    if not re.fullmatch(r"[0-9]{1,9}", value) or not least <= int(value) <= most:
        refuse(name, value, f"write a whole number from {least} to {most}")
    return int(value)


def choice(name: str, default: str, choices: list[str]) -> str:
    value = text(name, default)
    if value not in choices:
        refuse(name, value, f"write one of {', '.join(choices)}")
    return value


def time_zone(name: str, default: str) -> str:
    value = text(name, default)
    if value not in available_timezones():
        refuse(name, value, "write a time zone such as Europe/London")
    return value


def secret_key(name: str, *, default: str | None) -> str:
    value = text(name, default or "")
    how = (
        "python3 -c 'import secrets; print(secrets.token_urlsafe(50))' makes one. "
        "For a look on this machine run `make demo`, which needs no settings"
    )
    if not value:
        raise ImproperlyConfigured(
            f"{name} is missing: set it to a secret text of {SECRET_KEY_LENGTH} or "
            f"more characters that stays the same. {how}."
        )
    if value != default and (len(value) < SECRET_KEY_LENGTH or len(set(value)) < 5):
        raise ImproperlyConfigured(
            f"{name} is too easy to guess: use {SECRET_KEY_LENGTH} or more random "
            f"characters. {how}."
        )
    return value


def public_url(name: str, *, default: str | None, https: bool) -> str:
    """The address people type, without a path; it goes into QR codes and mails."""
    value = text(name, default or "").rstrip("/")
    what = f"the address of this service, such as {'https' if https else 'http'}://"
    if not value:
        raise ImproperlyConfigured(f"{name} is missing: set it to {what}vote.example.")
    try:
        parts = urlsplit(value)
        whole = f"{parts.scheme}://{parts.netloc}"
        good = HOST.fullmatch(_host(value)) and parts.username is None
        good = good and (parts.port is None or parts.port > 0) and whole == value
    except ValueError:
        good = False
    if not good or parts.scheme not in ("http", "https"):
        refuse(name, value, f"write {what}vote.example, without a path")
    if https and parts.scheme != "https":
        refuse(name, value, "write https://; without TLS set LOCAL_NETWORK=true")
    return value


def allowed_hosts(name: str, *, default: list[str], any_host: bool) -> list[str]:
    """The names this service answers to. `any_host` says whether "*" will do."""
    hosts = [host.strip() for host in text(name, "").split(",") if host.strip()]
    for host in hosts:
        if host == "*" and not any_host:
            refuse(name, host, "name the hosts; everybody could pose as this service")
        if host != "*" and not HOST.fullmatch(host):
            refuse(name, host, "write names such as vote.example, without http or port")
    return hosts or default


def database(name: str, *, default: Path) -> dict[str, Any]:
    """Read Django's database settings. A refusal never repeats the password."""
    url = text(name, f"sqlite:///{default}")
    scheme = url.partition(":")[0]
    if scheme not in DATABASE_SCHEMES or "://" not in url:
        raise ImproperlyConfigured(
            f"{name} starts with {scheme!r}: write postgres://USER:PASSWORD@HOST/NAME "
            "or sqlite:///FILE."
        )
    try:
        config = env.db_url_config(url)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} cannot be read: check its port.") from error
    if config["NAME"] in ("", ":memory:"):
        raise ImproperlyConfigured(
            f"{name} names no {'file' if scheme == 'sqlite' else 'database'}: put it "
            "at the end, after the last slash."
        )
    return config


def mailer(name: str) -> dict[str, Any] | None:
    """Read a mail server's address; None when there is none."""
    url = text(name, "")
    if not url:
        return None
    scheme = url.partition(":")[0]
    if scheme not in EMAIL_SCHEMES or "://" not in url:
        raise ImproperlyConfigured(
            f"{name} starts with {scheme!r}: write smtps://USER:PASSWORD@HOST:587, or "
            "smtp:// for a server without TLS."
        )
    try:
        config = env.email_url_config(url)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} cannot be read: check its port.") from error
    options = {
        "host": config["EMAIL_HOST"],
        "port": config["EMAIL_PORT"] or 25,
        "username": config["EMAIL_HOST_USER"] or "",
        "password": config["EMAIL_HOST_PASSWORD"] or "",
        "use_tls": config.get("EMAIL_USE_TLS", False),
        "use_ssl": config.get("EMAIL_USE_SSL", False),
        "timeout": 10,
    }
    return {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": options,
    }


def refuse(name: str, value: str, what_to_do: str) -> None:
    raise ImproperlyConfigured(f"{name}={value!r}: {what_to_do}.")


def _host(url: str) -> str:
    """The host as it stands in an address, brackets of IPv6 included."""
    return re.sub(r":[0-9]*$", "", url.partition("://")[2])
