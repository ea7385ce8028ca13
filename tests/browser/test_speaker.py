"""Speakers watch on a phone of their own what is asked and answered."""

from playwright.sync_api import expect

from tests.browser.ready import Ready
from tests.browser.windows import PHONE, Windows
from workshops.actions import speakers
from workshops.models import Session


def test_a_speaker_s_phone_follows_and_ends_with_the_link(
    ready: Ready, windows: Windows
):
    session = ready.workshop.sessions.get(key="framework")
    speakers.give_link(session=session)
    page = windows.open("speaker", PHONE)
    page.goto(f"{ready.url}/speaker/{session.speaker_secret}/")
    expect(page.get_by_text("This session has not begun.")).to_be_visible()

    principles = ready.open("framework/principles")
    card = page.locator(".asked").first
    expect(card.locator("h2").first).to_contain_text("How do you judge")
    expect(card.locator(".pill")).to_have_text("Open")
    ready.answer(principles)
    expect(card).to_contain_text("12 of 12 people have answered")
    expect(card.locator(".results")).to_have_count(0)
    ready.close(principles)
    ready.reveal(principles)
    expect(card.locator(".pill")).to_have_text("Revealed")
    expect(card.locator(".results .line.by-people")).to_have_count(10)

    speakers.end_link(session=Session.objects.get(pk=session.pk))
    expect(page.locator("#banner")).to_have_text(
        "This page is out of date. Please load it again."
    )
