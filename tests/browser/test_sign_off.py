"""A table reads its record on its phones: confirms it, changes it, confirms again."""

import pytest
from playwright.sync_api import Page, expect

from deliberation.models import SignOff
from deliberation.writeup.signed import signed
from tests.browser.ready import Ready
from tests.browser.windows import LAPTOP, PHONE, Windows

pytestmark = pytest.mark.browser

POINT = "Say first whom the principles bind."


def answered(ready: Ready) -> None:
    """Let the tables answer the ten principles, and table 1 write a point."""
    ready.start("framework")
    principles = ready.open("framework/principles")
    ready.answer(principles)
    ready.add_point("framework/principles", POINT, number=9, item="p1")
    ready.close(principles)


def read_record(page: Page) -> None:
    page.get_by_role("link", name="What is recorded for Table 1").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "What is recorded for Table 1"
    )


def confirm(page: Page) -> None:
    page.get_by_role("button", name="This is what we said").click()


def is_said(page: Page, text: str) -> None:
    expect(page.locator(".record-state .pill")).to_have_text(text)


def change_point(page: Page, text: str) -> None:
    page.get_by_text("Change or withdraw").click()
    page.get_by_label("What it should say").fill(text)
    page.get_by_role("button", name="Store the change").click()
    expect(page.locator(".messages")).to_contain_text("The point is changed.")


def states(ready: Ready) -> list[str]:
    session = ready.workshop.sessions.get(key="framework")
    return [one.state for one in signed(session)]


def test_two_phones_of_a_table_confirm_what_is_recorded(windows: Windows, ready: Ready):
    person, scribe = windows.open_phone("person"), windows.open_phone("scribe")
    console = windows.open("console", LAPTOP)
    ready.let_in(person, 1)
    ready.let_in(scribe, 9)
    ready.sign_in(console)
    console.goto(f"{ready.url}/console/{ready.workshop.slug}/")
    for page in (person, scribe):
        page.goto(f"{ready.url}/w/{ready.workshop.slug}/")
    answered(ready)
    card = console.locator("#tables .card").first
    expect(card).to_contain_text("Not signed")

    read_record(person)
    expect(person.get_by_text(POINT, exact=True)).to_be_visible()
    read_record(scribe)
    confirm(person)
    is_said(person, "Signed, 1 of 3 people")
    expect(card).to_contain_text("Signed, 1 of 3 people")

    change_point(scribe, "Say first whom they bind, and who pays.")
    is_said(scribe, "Changed since it was signed")
    expect(card).to_contain_text("Changed since it was signed")
    assert states(ready) == ["changed", "unsigned", "unsigned", "unsigned"]

    person.reload()
    is_said(person, "Changed since it was signed")
    person.get_by_text("I see it differently").click()
    person.get_by_label("What do you see differently?").fill("They bind nobody.")
    person.get_by_label("What is it about?").select_option("principles/p1")
    person.get_by_role("button", name="Record my dissent").click()
    expect(person.locator(".messages")).to_contain_text("Your dissent is recorded")
    confirm(person)
    is_said(person, "Signed, 1 of 3 people")

    # What is on the scribe's phone was read before the dissent.
    windows.conflicts_are_meant = True
    confirm(scribe)
    expect(scribe.locator("#errors")).to_contain_text("changed since you read it")
    expect(scribe.locator("li", has_text="They bind nobody.")).to_contain_text("new")
    confirm(scribe)
    is_said(scribe, "Signed, 2 of 3 people")
    expect(card).to_contain_text("Signed, 2 of 3 people")
    assert states(ready) == ["signed", "unsigned", "unsigned", "unsigned"]


def test_a_table_confirms_and_corrects_without_script(windows: Windows, ready: Ready):
    answered(ready)
    page = windows.open("scribe", PHONE, java_script_enabled=False)
    ready.let_in(page, 9)
    page.goto(f"{ready.url}/w/{ready.workshop.slug}/")
    read_record(page)

    page.get_by_text("Correct an answer").click()
    page.get_by_label("What should the answer be?").fill("Principle 1 is difficult.")
    page.locator("#correct").get_by_label("What is it about?").select_option(
        "principles/p1"
    )
    page.get_by_role("button", name="Record the correction").click()
    expect(page.locator(".messages")).to_contain_text("The correction is recorded")
    confirm(page)

    is_said(page, "Confirmed by its scribe only, 1 of 3 people")
    assert list(SignOff.objects.values_list("table__number", "by_scribe")) == [
        (1, True)
    ]
