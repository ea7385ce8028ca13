"""What is written down: JSON lines that tell what happened, never what people said.

A line has the second (UTC), a request id, the name of the route, status and duration.
Never in a line: texts, names, codes, cookies, addresses, paths, SQL.
"""

import json
import logging
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

request_id: ContextVar[str] = ContextVar("request_id", default="")

# These say in their arguments where they listen and why they ended, and nothing more.
TELL_ALL = ("rapporteur", "uvicorn.error")


class JsonLines(logging.Formatter):
    """One JSON object a line.

    Other people's messages are written without their arguments, for these hold paths
    ("Not Found: %s"), and one without arguments may hold anything, so only its place
    is. Of an exception, too, only type and place: its text can quote what somebody
    wrote. Fields of our own come in `extra={"fields": {...}}`.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).strftime(
                "%Y-%m-%dT%H:%M:%SZ"
            ),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _event(record),
        }
        if request_id.get():
            line["request"] = request_id.get()
        line |= getattr(record, "fields", {})
        if record.exc_info and record.exc_info[1]:
            line |= describe(record.exc_info[1])
        return json.dumps(line, ensure_ascii=True)


def describe(error: BaseException) -> dict[str, Any]:
    """Tell an exception's type and the places it came through, but not its text."""
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "error": type(error).__name__,
        "where": [f"{_short(f.filename)}:{f.lineno} {f.name}" for f in frames][-12:],
    }


def configuration(*, level: str, readable: bool) -> dict[str, Any]:
    """Django's LOGGING. `readable` is for development: whole messages, tracebacks."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {"()": JsonLines},
            "readable": {"format": "%(levelname)s %(name)s %(message)s"},
        },
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": "readable" if readable else "json",
            },
        },
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": {
            "rapporteur": {"level": level},
            "uvicorn": {"level": level, "handlers": [], "propagate": True},
            "uvicorn.access": {"level": "CRITICAL"},  # addresses and paths
            # Its own handlers would mail whole requests to administrators.
            "django": {"level": "INFO", "handlers": [], "propagate": True},
            # A line of each request is ours; this one repeats it, with the path.
            "django.request": {"level": "ERROR"},
            "django.db.backends": {"level": "WARNING"},  # SQL with its values
        },
    }


def _event(record: logging.LogRecord) -> str:
    if record.name.startswith(TELL_ALL):
        return record.getMessage()
    if record.args:
        return str(record.msg)
    return f"{_short(record.pathname)}:{record.lineno} {record.funcName}"


def _short(filename: str) -> str:
    """A file's place within its package, without where that is installed."""
    return "/".join(filename.replace("\\", "/").split("/")[-3:])
