"""The pages for what went wrong, each saying whose turn it is now."""

import sys

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader

from config.health import RETRY_SECONDS

# PostgreSQL may be read and not written, as before a standby is promoted, or it gave a
# transaction up that idled. Python calls these errors inside the database, with others.
NOT_NOW = {"25006", "25P03"}


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 413 to a form that is too large, 400 to one that cannot be read."""
    if isinstance(exception, RequestDataTooBig):
        context = {"limit": settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024}
        return HttpResponse(loader.render_to_string("413.html", context), status=413)
    return HttpResponse(loader.render_to_string("400.html"), status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 503 while the database is away or too slow, 500 for anything else.

    Also called for errors in middleware. The templates need no database.
    """
    if is_for_now(sys.exception()):
        page = loader.render_to_string("503.html")
        return HttpResponse(page, status=503, headers={"Retry-After": RETRY_SECONDS})
    return HttpResponse(loader.render_to_string("500.html"), status=500)


def is_for_now(error: BaseException | None) -> bool:
    """Tell whether the same request may well succeed in a while."""
    if isinstance(error, InternalError):
        return getattr(error.__cause__, "sqlstate", None) in NOT_NOW
    return isinstance(error, OperationalError | InterfaceError)
