import io
import json
import logging
from logging.config import dictConfig

import pytest
from django.db import IntegrityError
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import include, path

from config.logging import JsonLines, configuration

CANARY = "canary-7b1f"


def broken(request, code):
    raise IntegrityError(f"DETAIL: Key (note)=({request.POST['note']}) exists")


def noted(request, code):
    return HttpResponse(f"Thank you for {code}")


urlpatterns = [
    path("j/<str:code>/", noted, name="noted"),
    path("broken/<str:code>/", broken, name="broken"),
    path("", include("config.urls")),
]


@pytest.fixture
def lines(settings):
    """The lines that a server would write, as they are written."""
    stream = io.StringIO()
    production = configuration(level="DEBUG", readable=False)
    production["handlers"]["console"]["stream"] = stream
    dictConfig(production)
    with override_settings(ROOT_URLCONF=__name__):
        yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    dictConfig(settings.LOGGING)


def test_a_request_is_one_line_with_its_route_and_no_address(lines, db):
    response = Client().get(f"/j/{CANARY}/?name={CANARY}")

    (line,) = lines()
    fields = "time level logger event request method route status ms"
    assert list(line) == fields.split()
    assert (line["route"], line["status"], line["method"]) == ("noted", 200, "GET")
    assert line["request"] == response["X-Request-ID"]
    assert line["time"].endswith("Z")
    assert len(line["time"]) == len("2026-11-21T09:30:00Z")


def test_nothing_that_people_send_is_logged(lines, db):
    client = Client(
        raise_request_exception=False,
        headers={"User-Agent": CANARY, "X-Forwarded-For": CANARY, "Referer": CANARY},
    )
    client.cookies["p-1"] = CANARY
    client.post(f"/broken/{CANARY}/?q={CANARY}", {"note": CANARY})
    client.get(f"/nowhere/{CANARY}/")
    client.get(f"/j/{CANARY}/", headers={"Host": f"{CANARY}_.example"})
    client.generic(CANARY.upper(), "/healthz")
    client.post("/accounts/login/", {"login": CANARY, "password": CANARY})

    written = lines()
    assert [line for line in written if CANARY in json.dumps(line).lower()] == []
    statuses = [line["status"] for line in written if line["event"] == "request"]
    assert statuses == [500, 404, 400, 405, 200]


def test_an_error_is_told_by_its_type_and_place(lines, db):
    client = Client(raise_request_exception=False)
    client.post("/broken/x/", {"note": CANARY})

    (line,) = [line for line in lines() if "error" in line]
    assert line["error"] == "IntegrityError"
    assert line["event"] == "%s: %s"
    assert line["where"][-1].startswith("tests/config/test_logging.py:")
    assert line["where"][-1].endswith(" broken")


def test_lines_of_one_request_share_its_id(lines, db):
    Client(raise_request_exception=False).post("/broken/x/", {"note": "x"})

    assert len({line["request"] for line in lines()}) == 1


def test_our_own_messages_and_fields_are_written():
    record = logging.LogRecord(
        "rapporteur.live", logging.INFO, "", 1, "%d screens", (3,), None
    )
    record.fields = {"workshop": 7}

    line = json.loads(JsonLines().format(record))

    assert (line["event"], line["workshop"], line["level"]) == ("3 screens", 7, "info")
