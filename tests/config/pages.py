"""Pages for comparing handlers: one for each kind of answer a view can give."""

import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import connection
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.csrf import csrf_exempt


def plain(request: HttpRequest) -> HttpResponse:
    return HttpResponse("Bürger", headers={"X-Two": "2"})


def cookies(request: HttpRequest) -> HttpResponse:
    answer = HttpResponse("two cookies")
    answer.set_cookie("one", "1", httponly=True)
    answer.set_cookie("two", "2", samesite="Lax")
    return answer


@csrf_exempt
def echo(request: HttpRequest) -> HttpResponse:
    files = {name: file.read().decode() for name, file in request.FILES.items()}
    return JsonResponse(
        {
            "method": request.method,
            "path": request.path,
            "query": dict(request.GET.lists()),
            "form": dict(request.POST.lists()),
            "files": {name: [len(text), text[:10]] for name, text in files.items()},
            "cookies": dict(request.COOKIES),
            "header": request.headers.get("X-Asked", ""),
            "secure": request.is_secure(),
            "uri": request.build_absolute_uri(),
        }
    )


def body_length(request: HttpRequest) -> HttpResponse:
    return HttpResponse(len(request.body))


def forbidden(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def suspicious(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("broken")


def moved(request: HttpRequest) -> HttpResponse:
    return redirect("/plain/")


def nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=204)


def parts(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(str(n) * 1000 for n in range(300))


def parts_that_break(request: HttpRequest) -> StreamingHttpResponse:
    def text() -> Iterator[str]:
        yield "begun"
        raise RuntimeError("broken in the middle")

    return StreamingHttpResponse(text())


def connected(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return HttpResponse(cursor.fetchone()[0])


BEGUN, GO_ON = threading.Event(), threading.Event()


def slow(request: HttpRequest) -> HttpResponse:
    BEGUN.set()
    GO_ON.wait(60)
    return HttpResponse("at last")


def file(request: HttpRequest) -> FileResponse:
    with tempfile.NamedTemporaryFile(delete=False, suffix=".txt") as made:
        made.write(b"0123456789" * 300_000)
    opened = Path(made.name).open("rb")
    Path(made.name).unlink()
    return FileResponse(opened, filename="figures.txt", as_attachment=True)


urlpatterns = [
    path("plain/", plain),
    path("cookies/", cookies),
    path("echo/", echo),
    path("echo/für/", echo),
    path("length/", csrf_exempt(body_length)),
    path("csrf/", plain),
    path("forbidden/", forbidden),
    path("suspicious/", suspicious),
    path("broken/", broken),
    path("moved/", moved),
    path("nothing/", nothing),
    path("parts/", parts),
    path("parts-that-break/", parts_that_break),
    path("file/", file),
    path("slow/", slow),
    path("connected/", connected),
]
handler500 = "config.errors.server_error"
