"""Questions to the speaker: asked and supported on phones, shown by a facilitator."""

from playwright.sync_api import Page, expect

from deliberation.actions import asking, rounds
from deliberation.models import Question, QuestionSupport
from tests import builders
from tests.browser.ready import Ready
from tests.browser.windows import LAPTOP, PHONE, WALL, Windows
from workshops.actions import speakers
from workshops.models import Session


def taking(ready: Ready) -> Session:
    """Start a session that takes questions; its speakers have a link."""
    ready.start("framework")
    session = ready.workshop.sessions.get(key="framework")
    asking.take_questions(session=session, on=True)
    speakers.give_link(session=session)
    return session


def open_phone(ready: Ready, windows: Windows, number: int) -> Page:
    page = windows.open(f"person {number}", PHONE)
    ready.let_in(page, number)
    page.goto(f"{ready.url}/w/{ready.workshop.slug}/questions/")
    return page


def test_a_question_goes_from_a_phone_to_the_wall(ready: Ready, windows: Windows):
    ready.start("framework")
    session = ready.workshop.sessions.get(key="framework")
    speakers.give_link(session=session)
    one = windows.open("person 1", PHONE)
    ready.let_in(one, 1)
    one.goto(f"{ready.url}/w/{ready.workshop.slug}/")
    speaker = windows.open("speaker", PHONE)
    speaker.goto(f"{ready.url}/speaker/{session.speaker_secret}/")
    wall = windows.open("wall", WALL)
    wall.goto(f"{ready.url}/screen/{ready.workshop.screen_secret}/")
    console = windows.open("console", LAPTOP)
    ready.sign_in(console)
    console.goto(f"{ready.url}/console/{ready.workshop.slug}/questions/")

    console.get_by_role("button", name="Take questions").click()
    expect(console.get_by_text("Questions are taken")).to_be_visible()
    one.get_by_role("link", name="Questions to the speaker").click()
    two = open_phone(ready, windows, 2)
    one.get_by_label("Your question").fill("Who pays for it?")
    one.get_by_role("button", name="Ask").click()
    expect(one.locator("#asked")).to_have_text(
        "Your question is with the speaker and the others."
    )
    expect(one.get_by_label("Your question")).to_have_value("")
    mine = one.locator(".question")
    expect(mine.get_by_text("Yours")).to_be_visible()
    expect(mine.get_by_role("button", name="Support")).to_be_hidden()

    support = two.locator(".question").get_by_role("button", name="Support")
    support.click()
    expect(support).to_have_attribute("aria-pressed", "true")
    for page in (one, two):
        expect(page.locator(".question .supports")).to_have_text("1 supports it")
    expect(support).to_have_attribute("aria-pressed", "true")
    expect(speaker.locator(".questions > li")).to_contain_text("1 supports it")
    expect(wall.get_by_text("Who pays for it?")).to_have_count(0)

    console.get_by_role("button", name="Show on the wall").click()
    expect(wall.locator("blockquote")).to_have_text("Who pays for it?")
    expect(two.locator(".question").get_by_text("On the wall")).to_be_visible()
    console.get_by_role("button", name="Answered", exact=True).click()
    expect(wall.locator("blockquote")).to_have_count(0)
    expect(two.get_by_role("heading", name="Answered")).to_be_visible()
    expect(two.get_by_role("button", name="Support")).to_have_count(0)
    assert QuestionSupport.objects.count() == 1


def test_a_mark_is_taken_back(ready: Ready, windows: Windows):
    session = taking(ready)
    asking.ask(
        session=session, participant=ready.people[1], text="Why?", key="one-of-a-kind"
    )
    page = open_phone(ready, windows, 1)
    support = page.get_by_role("button", name="Support")
    support.click()
    expect(page.locator(".question .supports")).to_have_text("1 supports it")
    page.reload()
    expect(support).to_have_attribute("aria-pressed", "true")

    support.click()

    expect(page.locator(".question .supports")).to_have_text("No support yet")
    expect(support).to_have_attribute("aria-pressed", "false")


def test_a_question_typed_without_a_network_is_sent_once(
    ready: Ready, windows: Windows
):
    taking(ready)
    page = open_phone(ready, windows, 1)
    expect(page.locator("html")).to_have_attribute("data-live", "live")
    page.context.set_offline(True)
    page.get_by_label("Your question").fill("Who pays for it?")
    page.get_by_role("button", name="Ask").click()
    expect(page.locator("#asked")).to_contain_text("Not sent yet")
    windows.problems.clear()  # that it was away

    page.context.set_offline(False)

    expect(page.locator(".question")).to_contain_text("Who pays for it?")
    expect(page.get_by_label("Your question")).to_have_value("")
    page.reload()
    expect(page.locator(".question")).to_have_count(1)
    assert Question.objects.count() == 1
    windows.problems.clear()


def test_a_question_for_a_session_that_ended_is_not_put_to_the_next(
    ready: Ready, windows: Windows
):
    windows.refusals_are_meant = True
    taking(ready)
    later = builders.make_session(ready.workshop, "later")
    page = open_phone(ready, windows, 1)
    expect(page.locator("html")).to_have_attribute("data-live", "live")
    page.context.set_offline(True)
    page.get_by_label("Your question").fill("Who pays for it?")
    page.get_by_role("button", name="Ask").click()
    expect(page.locator("#asked")).to_contain_text("Not sent yet")
    rounds.go_to_session(session=later)
    asking.take_questions(session=later, on=True)

    page.context.set_offline(False)

    expect(page.locator("#text-error")).to_contain_text("Another session runs now.")
    expect(page.get_by_label("Your question")).to_have_value("Who pays for it?")
    assert not Question.objects.exists()
    here = page.locator(f'[data-session="{later.pk}"]')
    expect(here).to_be_visible()
    page.get_by_role("button", name="Ask").click()
    expect(page.locator(".question")).to_contain_text("Who pays for it?")
    assert Question.objects.get().session == later
    windows.problems.clear()


def test_what_is_not_stored_is_said_and_kept(ready: Ready, windows: Windows):
    windows.refusals_are_meant = True
    taking(ready)
    page = open_phone(ready, windows, 1)
    text = page.get_by_label("Your question")
    text.fill("x" * 301)
    page.get_by_role("button", name="Ask").click()
    error = "This is 301 characters long; please keep it to 300."
    expect(page.locator("#text-error")).to_have_text(error)
    expect(text).to_have_attribute("aria-invalid", "true")

    text.fill("Why so?")
    page.reload()

    expect(text).to_have_value("Why so?")
    page.get_by_role("button", name="Ask").click()
    expect(page.locator(".question")).to_contain_text("Why so?")
