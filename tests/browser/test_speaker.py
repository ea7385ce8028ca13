"""Speakers watch on a phone of their own what is asked and answered."""

from playwright.sync_api import expect

from tests.browser.ready import Ready
from tests.browser.windows import LAPTOP, PHONE, Windows
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


def test_a_challenge_reaches_the_tables_that_chose_so(ready: Ready, windows: Windows):
    session = ready.workshop.sessions.get(key="options")
    speakers.give_link(session=session)
    pick = ready.open("options/pick")
    ready.answer(pick)
    ready.close(pick)
    ready.reveal(pick)
    chose = {
        response.table.number: response.participant_id
        for response in pick.responses.filter(
            voice="tables", answers__item__key="d", answers__value=1
        )
    }
    (asked, *_more), (other, *_others) = chose, {1, 2, 3, 4} - chose.keys()
    phones = {}
    for table in (asked, other):
        phones[table] = windows.open_phone(f"table {table}")
        ready.let_in(phones[table], 8 + table)
        phones[table].goto(f"{ready.url}/w/{ready.workshop.slug}/")
        expect(phones[table].locator("#own .stage")).to_have_attribute(
            "data-status", "revealed"
        )
    speaker = windows.open("speaker", PHONE)
    speaker.goto(f"{ready.url}/speaker/{session.speaker_secret}/")
    speaker.get_by_role("link", name="Challenge an answer").click()
    speaker.locator(".to-challenge").nth(3).click()
    speaker.get_by_label("What you say to them").fill("And who pays for it?")
    speaker.get_by_role("radio", name="The tables that chose").check()
    speaker.get_by_role("button", name="Give it to the facilitators").click()
    expect(speaker.get_by_text("will put it to the room")).to_be_visible()

    console = windows.open("console", LAPTOP)
    ready.sign_in(console)
    console.goto(f"{ready.url}/console/{ready.workshop.slug}/")
    console.get_by_role("link", name="Read and send").click()
    console.get_by_role("button", name="Send it now").click()
    expect(console.get_by_text("The challenge is out.")).to_be_visible()

    for table, page in phones.items():
        expect(page.locator("#own .stage h1")).to_have_text("And who pays for it?")
        expect(page.locator(".challenged")).to_contain_text("from the speaker")
        form = page.locator("#me-point")
        told = page.locator(".not-asked-part")
        if table == asked:
            expect(form).to_be_visible()
            expect(told).to_be_hidden()
        else:
            expect(told).to_contain_text("You are not asked this time")
            expect(form).to_be_hidden()
    page = phones[asked]
    page.locator("#table-point").get_by_label("In your words").fill("We would.")
    page.locator("#table-point").get_by_role("button", name="Send for").tap()
    expect(page.locator("#table-point [data-ack]")).to_have_attribute(
        "data-state", "stored"
    )
    (point,) = ready.workshop.points.all()
    assert (point.table.number, point.text) == (asked, "We would.")
