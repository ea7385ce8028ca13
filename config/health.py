"""Tells whoever watches over this installation whether it works."""

import os

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

RETRY_SECONDS = "5"


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    try:
        problem = "" if takes_answers() else "database is read-only"
    except DatabaseError:
        # A broken connection would fail again; the next request opens a new one.
        connection.close()
        problem = "database unavailable"
    if problem:
        return JsonResponse(
            {"status": problem}, status=503, headers={"Retry-After": RETRY_SECONDS}
        )
    return JsonResponse({"status": "ok"})


def takes_answers() -> bool:
    """Tell, without writing, whether the database may be written to.

    Raises DatabaseError where it cannot be asked.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # On for a standby, too.
            cursor.execute("SELECT current_setting('transaction_read_only')")
            return cursor.fetchone()[0] == "off"
        cursor.execute("PRAGMA query_only")
        return cursor.fetchone()[0] == 0 and _may_write(
            connection.settings_dict["NAME"]
        )


def _may_write(file: str | os.PathLike[str]) -> bool:
    """Tell whether this process may write a file of SQLite and its journal beside it.

    Not where it was moved away: what is stored then is under no name.
    """
    folder = os.path.dirname(os.path.abspath(file))
    return os.access(file, os.W_OK) and os.access(folder, os.W_OK)
