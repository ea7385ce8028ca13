"""A day in browsers, against the real server and database."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from deliberation.live import stream
from tests.browser.day import Day
from tests.browser.ready import Ready
from tests.browser.windows import Windows
from tests.serving import PATIENCE, Served, serving


@pytest.fixture
def server(transactional_db: None, settings, monkeypatch) -> Iterator[Served]:
    # That a machine is slow is none of the problems that windows may have.
    monkeypatch.setattr(stream, "POLL_PATIENCE_SECONDS", PATIENCE)
    with serving() as served:
        settings.PUBLIC_URL = served.url
        yield served


@pytest.fixture
def windows(server: Served, browser: Browser) -> Iterator[Windows]:
    """Windows that are closed before the server ends; nothing may go wrong in them."""
    opened = Windows(browser)
    yield opened
    opened.close()
    assert opened.problems == []


@pytest.fixture
def day(windows: Windows, server: Served) -> Day:
    return Day(windows, server.url)


@pytest.fixture
def ready(server: Served) -> Ready:
    return Ready(server.url)
