"""The page for what went wrong: a database that is down is not a mistake of ours."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader

from config.health import RETRY_SECONDS


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 503 while the database is away or too slow, 500 for anything else.

    Also called for errors in middleware. The templates need no database.
    """
    if isinstance(sys.exception(), OperationalError | InterfaceError):
        page = loader.render_to_string("503.html")
        return HttpResponse(page, status=503, headers={"Retry-After": RETRY_SECONDS})
    return HttpResponse(loader.render_to_string("500.html"), status=500)
