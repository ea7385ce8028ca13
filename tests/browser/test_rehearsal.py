"""A facilitator rehearses: presses, watches, stops; with and without scripts."""

import re
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from deliberation.models import Rehearsal, rehearsal
from tests.browser.ready import Ready
from tests.browser.windows import LAPTOP, PATIENCE, PHONE, Windows
from tests.serving import test_database_url

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def own_database(monkeypatch, ready: Ready) -> Iterator[None]:
    """Let the rehearsal's process find the test's database; wait for its end."""
    monkeypatch.setenv("DATABASE_URL", test_database_url())
    # Its process may take long to start where others have the processor.
    monkeypatch.setattr(rehearsal, "SILENT_FOR", timedelta(minutes=10))
    yield
    patience = time.monotonic() + PATIENCE / 1000
    while Rehearsal.objects.under_way().update(stop_asked=True):
        assert time.monotonic() < patience, "The rehearsal did not end."
        time.sleep(0.1)


def ask(page: Page, ready: Ready, people: int) -> None:
    ready.sign_in(page)
    page.goto(f"{ready.url}/console/{ready.workshop.slug}/setup/")
    page.get_by_role("link", name="Rehearse", exact=True).click()
    page.get_by_label("Simulated people").fill(str(people))
    page.get_by_role("button", name="Start the rehearsal").click()
    heading = f"Rehearsal with {people} simulated people"
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)


def test_a_rehearsal_is_watched_and_stopped(
    windows: Windows, ready: Ready, own_database
):
    page = windows.open("facilitator", LAPTOP)
    ask(page, ready, 8)

    joined = page.locator("#under-way dd").first
    expect(joined).to_have_text("8 of 8")
    wall = page.locator(".thumb .board")
    question = "How do you judge each of the ten principles?"
    expect(wall).to_contain_text(question)
    expect(page.locator("#under-way h2")).to_contain_text(question)
    stored = page.locator("#under-way dd").nth(1)
    expect(stored).to_have_text(re.compile(r"[1-9]"))

    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "The rehearsal was stopped"
    )
    expect(page.locator("main")).to_contain_text("Somebody pressed Stop.")
    assert windows.problems == []


def test_a_rehearsal_needs_no_script(windows: Windows, ready: Ready, own_database):
    page = windows.open("facilitator", PHONE, java_script_enabled=False)
    ask(page, ready, 2)

    under_way = page.url
    page.get_by_role("link", name="Look again").click()
    with page.expect_request_finished(lambda request: request.method == "POST"):
        page.get_by_role("button", name="Stop").click()
    assert Rehearsal.objects.get().stop_asked
    expect(page).to_have_url(under_way)
