"""`python -m deliberation.rehearsal ID URL`: the server starts it, and nobody else."""

import os
import sys

import django


def main(rehearsal_id: str, url: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()

    from deliberation.rehearsal import on_request

    on_request.end_with_parent()
    on_request.play(int(rehearsal_id), url)


if __name__ == "__main__":
    main(*sys.argv[1:])
