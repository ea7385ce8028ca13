"""Tells whoever watches over this installation whether it works."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

RETRY_SECONDS = "5"


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        # A broken connection would fail again; the next request opens a new one.
        connection.close()
        return JsonResponse(
            {"status": "database unavailable"},
            status=503,
            headers={"Retry-After": RETRY_SECONDS},
        )
    return JsonResponse({"status": "ok"})
