#!/usr/bin/env python
"""Run Rapporteur's management commands."""

import os
import sys


def main() -> None:
    if sys.version_info < (3, 12):  # noqa: UP036 (before anything else fails)
        sys.exit(
            "Rapporteur needs Python 3.12 or newer; this is "
            f"{sys.version_info.major}.{sys.version_info.minor}."
        )
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as refusal:
        sys.exit(f"Settings: {refusal}")


if __name__ == "__main__":
    main()
