"""A way round Django's stack for what a whole room sends in the same second.

Most of what a request costs are checks and headers that come out the same for every
phone: host, origin, language, address, policies. Django makes them for the first of
its kind. Later ones that are equal in all that these look at get the same headers, and
only what differs is checked: the token of the form, by Django's own function, and what
the deed itself asks of the database. Anything else is Django's to answer
(`docs/adr/0013-answer-alike-requests-without-the-stack.md`).
"""

import asyncio
import re
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPMethod
from io import BytesIO
from typing import Any, NamedTuple, Protocol

from django.conf import settings
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponseBase, QueryDict, parse_cookie
from django.middleware.csrf import CsrfViewMiddleware
from django.urls import Resolver404, resolve

from config.bridge import THREADS, Bridge, Headers, Reply, Scope
from config.middleware import REQUEST_ID, named_request, write_line

MOST_KINDS = 512  # of requests whose headers are kept in memory
LARGEST_KIND = 4096  # bytes of headers
LARGEST_FORM = 16 * 1024
FORM = b"application/x-www-form-urlencoded"
# What differs from phone to phone; no check but those made here reads any of it.
OWN = {
    b"content-length",
    b"cookie",
    b"x-csrftoken",
    b"x-forwarded-for",
    b"x-real-ip",
    b"forwarded",
    b"traceparent",
    b"x-request-id",
    # What large proxies number and name each request by.
    b"cf-connecting-ip",
    b"cf-ray",
    b"fastly-client-ip",
    b"tracestate",
    b"true-client-ip",
    b"x-amzn-trace-id",
    b"x-azure-ref",
    b"x-client-ip",
    b"x-cloud-trace-context",
}
EACH = {REQUEST_ID.lower().encode(), b"content-length"}  # of a reply, made anew
ODD_IN_COOKIES = re.compile(rb'["\\\0]')
FAILED = "rapporteur.failed"


class Deed(Protocol):
    """What is done for such a request, such as storing an answer."""

    view_name: str
    cookies: re.Pattern[str]  # names of those that `read` decides about

    def read(
        self,
        arguments: Mapping[str, Any],
        cookies: Mapping[str, str],
        form: QueryDict,
        /,
    ) -> Any | None:
        """Read what was sent, without the database; None leaves it to Django."""

    def most_together(self) -> int:
        """Say how many may be done at a time; 1 if they are done side by side."""

    def do(self, read: Sequence[Any], /) -> list[bytes | Exception | None]:
        """Do what was read, in a thread; return bodies, None for what is Django's."""


class Kind(NamedTuple):
    """Requests that Django answers alike: with these headers, if all goes well."""

    headers: Headers
    arguments: Mapping[str, Any]


class Asked(NamedTuple):
    """A request as Django's check of the token in a form looks at it."""

    COOKIES: dict[str, str]
    META: dict[str, str]
    POST: QueryDict
    method: str = "POST"


@dataclass(slots=True, eq=False)
class Job:
    """A request whose turn is to come."""

    read: Any
    kind: Kind
    began: float
    answered: asyncio.Future[Reply | Exception | None]


class Shortcut(Bridge):
    """The bridge to Django, with a shorter way for one deed."""

    def __init__(self, deed: Deed, *, threads: int = THREADS, **options: Any) -> None:
        super().__init__(threads=threads, **options)
        self._deed = deed
        self._kinds: dict[object, Kind] = {}
        self._csrf = CsrfViewMiddleware(_unused)
        self._jobs: deque[Job] = deque()
        self._most_together = deed.most_together()
        self._side_by_side = threads if self._most_together == 1 else 1
        self._at_work = 0

    async def reply(self, scope: Scope, body: BytesIO) -> Reply:
        began = time.perf_counter()
        mark = mark_of(scope)
        if mark is None or body.getbuffer().nbytes > LARGEST_FORM:
            return await super().reply(scope, body)
        kind = self._kinds.get(mark)
        if kind is None:
            reply = await super().reply(scope, body)
            self._learn(mark, scope, reply)
            return reply
        read = self._read(kind, scope, body.getvalue())
        answered = read and await self._in_turn(read, kind, began)
        if isinstance(answered, Exception):
            scope = {**scope, FAILED: answered}
        return (
            answered
            if isinstance(answered, Reply)
            else await super().reply(scope, body)
        )

    def _learn(self, mark: object, scope: Scope, reply: Reply) -> None:
        """Keep what Django said to a request that it took, for those that are alike."""
        headers = {name.decode().lower() for name, _value in reply.headers}
        size = sum(len(name) + len(value) for name, value in scope["headers"])
        size += len(scope["query_string"])
        if reply.status != 200 or "set-cookie" in headers or size > LARGEST_KIND:
            return
        with suppress(Resolver404):
            match = resolve(scope["path"])
            if match.view_name == self._deed.view_name and is_form(scope):
                kept = [one for one in reply.headers if one[0].lower() not in EACH]
                while len(self._kinds) >= MOST_KINDS:
                    self._kinds.pop(next(iter(self._kinds)), None)
                self._kinds[mark] = Kind(kept, match.kwargs)

    def _read(self, kind: Kind, scope: Scope, body: bytes) -> Any | None:
        own = {name: value for name, value in scope["headers"] if name in OWN}
        cookies = parse_cookie(own[b"cookie"].decode("latin-1").rstrip("; "))
        if not all(map(self._is_known, cookies)):
            return None
        meta = {}
        if b"x-csrftoken" in own:
            meta[settings.CSRF_HEADER_NAME] = own[b"x-csrftoken"].decode("latin-1")
        try:
            form = QueryDict(body, encoding="utf-8")
            self._csrf._check_token(Asked(cookies, meta, form))
            return self._deed.read(kind.arguments, cookies, form)
        except Exception:  # refused or broken: Django finds it again, and says so
            return None

    def _is_known(self, cookie: str) -> bool:
        return cookie == settings.CSRF_COOKIE_NAME or bool(
            self._deed.cookies.fullmatch(cookie)
        )

    # ---- in turn, and together ----

    def _in_turn(
        self, read: Any, kind: Kind, began: float
    ) -> asyncio.Future[Reply | Exception | None]:
        loop = asyncio.get_running_loop()
        job = Job(read, kind, began, loop.create_future())
        self._jobs.append(job)
        self._rouse(loop)
        return job.answered

    def _rouse(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._jobs and self._at_work < self._side_by_side:
            self._at_work += 1
            self.threads.submit(self._work, loop)

    def _work(self, loop: asyncio.AbstractEventLoop) -> None:
        """Do what waits, in a thread. Only then is anybody answered."""
        jobs: list[Job] = []
        with suppress(IndexError):  # no more, or taken by another thread
            while len(jobs) < self._most_together:
                job = self._jobs.popleft()
                if not job.answered.cancelled():
                    jobs.append(job)
        answers = self._answers(jobs)
        with suppress(RuntimeError):  # the loop is gone, the process is ending
            loop.call_soon_threadsafe(self._tell, loop, jobs, answers)

    def _answers(self, jobs: list[Job]) -> list[Reply | Exception | None]:
        close_old_connections()
        self.trust_what_just_worked()
        try:
            done = self._deed.do([job.read for job in jobs])
            return [self._answer(job, one) for job, one in zip(jobs, done, strict=True)]
        except Exception as error:
            return [error] * len(jobs)
        finally:
            close_old_connections()

    def _answer(
        self, job: Job, done: bytes | Exception | None
    ) -> Reply | Exception | None:
        if not isinstance(done, bytes):
            return done
        with named_request() as name:
            headers = [
                *job.kind.headers,
                (REQUEST_ID.encode(), name.encode()),
                (b"Content-Length", b"%d" % len(done)),
            ]
            write_line("POST", self._deed.view_name, 200, job.began)
        return Reply(200, headers, BytesIO(done), len(done))

    def _tell(
        self,
        loop: asyncio.AbstractEventLoop,
        jobs: list[Job],
        answers: list[Reply | Exception | None],
    ) -> None:
        self._at_work -= 1
        for job, answer in zip(jobs, answers, strict=True):
            if not job.answered.done():
                job.answered.set_result(answer)
        self._rouse(loop)

    def _get_response(self, request: HttpRequest) -> HttpResponseBase:
        """Also say as Django does what has already failed on the shorter way."""
        failed = request.scope.get(FAILED)  # type: ignore[attr-defined]
        if failed is None:
            return super()._get_response(request)
        self.resolve_request(request)
        raise failed


def mark_of(scope: Scope) -> object | None:
    """Return all that Django looks at but for what is checked here, None if unsure."""
    if scope["method"] != HTTPMethod.POST or scope.get("root_path"):
        return None
    shared, own = [], []
    for header in scope["headers"]:
        if header[0] in OWN:
            own.append(header[0])
            if header[0] == b"cookie" and ODD_IN_COOKIES.search(header[1]):
                return None
        else:
            shared.append(tuple(header))
    if own.count(b"cookie") != 1 or own.count(b"x-csrftoken") > 1:
        return None
    place = (scope["scheme"], scope["path"], scope["query_string"])
    return (*place, tuple(scope.get("server") or ()), tuple(shared))


def is_form(scope: Scope) -> bool:
    """Tell whether a request says once what it carries, and that this is a form."""
    types = [value for name, value in scope["headers"] if name == b"content-type"]
    return len(types) == 1 and types[0].partition(b";")[0].strip() == FORM


def _unused(request: HttpRequest) -> HttpResponseBase:
    raise NotImplementedError
