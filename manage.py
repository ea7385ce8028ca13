#!/usr/bin/env python
"""Run Rapporteur's management commands."""

import os
import sys


def main() -> None:
    if sys.version_info < (3, 12):
        sys.exit(
            "Rapporteur needs Python 3.12 or newer; this is "
            f"{sys.version_info.major}.{sys.version_info.minor}."
        )
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
