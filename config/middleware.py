"""What happens to every request, whatever its view: first in the list is outermost."""

import logging
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from config.health import healthz
from config.logging import request_id

logger = logging.getLogger("rapporteur.request")

GetResponse = Callable[[HttpRequest], HttpResponse]

# A projector keeps its screen awake; nothing else that a browser offers is used.
PERMISSIONS_POLICY = (
    "screen-wake-lock=(self), camera=(), microphone=(), geolocation=(), usb=(), "
    "payment=(), display-capture=()"
)


def log_request(get_response: GetResponse) -> GetResponse:
    """Write a line for each request, under an id that its other lines carry too."""

    def middleware(request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        with named_request() as name:
            response = get_response(request)
            response[REQUEST_ID] = name
            if (route := route_name(request)) != "static":
                method = request.method if request.method in METHODS else "other"
                write_line(method, route, response.status_code, began)
            return response

    return middleware


@contextmanager
def named_request() -> Iterator[str]:
    """Give what is written down meanwhile the id of a new request; yield the id."""
    token = request_id.set(secrets.token_hex(8))
    try:
        yield request_id.get()
    finally:
        request_id.reset(token)


def write_line(method: str | None, route: str, status: int, began: float) -> None:
    """Write the line of a request that began at `began` of the performance counter."""
    took = time.perf_counter() - began
    fields = {"method": method, "route": route, "status": status}
    fields["ms"] = round(took * 1000)
    logger.info("request", extra={"fields": fields})


REQUEST_ID = "X-Request-ID"
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def route_name(request: HttpRequest) -> str:
    """The name of the address, such as "phone:answer"; never the address itself."""
    if match := request.resolver_match:
        return match.view_name or "unnamed"
    if request.path_info.startswith(settings.STATIC_URL):
        return "static"
    return "none"


def add_security_headers(get_response: GetResponse) -> GetResponse:
    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response

    return middleware


def answer_health(get_response: GetResponse) -> GetResponse:
    """Answer whoever watches over this process, under whatever name they ask for it.

    A load balancer asks each process at its own address, which ALLOWED_HOSTS refuses.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path_info == "/healthz":
            return healthz(request)
        return get_response(request)

    return middleware


def forbid_storing(get_response: GetResponse) -> GetResponse:
    """Keep every page out of every cache: answers, names and results are private.

    Stands inside the middleware that serves static files, which may be kept.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response["Cache-Control"] = "no-store"
        return response

    return middleware


def refuse_unreadable(get_response: GetResponse) -> GetResponse:
    """Answer 400 to what no browser of ours sends and no database can be asked for.

    That is NUL in an address or a cookie, and forms in another encoding than UTF-8.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        encoding = request.content_params.get("charset", "utf-8")  # type: ignore[union-attr]
        if encoding.lower() not in ("utf-8", "utf8", "us-ascii"):
            raise BadRequest("Another encoding than UTF-8.")
        texts = [request.path_info, *request.COOKIES, *request.COOKIES.values()]
        if "%00" in request.META.get("QUERY_STRING", "") or "\0" in "".join(texts):
            raise BadRequest("NUL in an address or a cookie.")
        return get_response(request)

    return middleware


def require_second_factor(get_response: GetResponse) -> GetResponse:
    """On a server, send accounts without a second factor to where they set one up."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_view(request: HttpRequest, *_view: object) -> HttpResponse | None:
        if not settings.SECOND_FACTOR_REQUIRED:
            return None
        # Participants have no account and no session: nothing is looked up for them.
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None
        if route_name(request).startswith(WITHOUT_SECOND_FACTOR):
            return None
        if not request.user.is_authenticated or is_mfa_enabled(request.user):
            return None
        text = _(
            "This service asks every account for a second factor: set one up first."
        )
        messages.info(request, text)
        if request.headers.get("HX-Request"):
            return HttpResponse(headers={"HX-Redirect": reverse("mfa_index")})
        return HttpResponseRedirect(reverse("mfa_index"))

    middleware.process_view = process_view  # type: ignore[attr-defined]
    return middleware


WITHOUT_SECOND_FACTOR = ("mfa_", "account_")
