"""A table calls the facilitator: console and remote show it, the table hears of it."""

import pytest
from playwright.sync_api import expect

from tests.browser.ready import Ready
from tests.browser.windows import PHONE, Windows

pytestmark = pytest.mark.browser


def test_a_table_calls_and_the_facilitator_comes(windows: Windows, ready: Ready):
    one, other = windows.open_phone("one"), windows.open_phone("other")
    console, remote = windows.open("console"), windows.open("remote", PHONE)
    for page, number in ((one, 1), (other, 5)):  # both at table 1
        ready.let_in(page, number)
        page.goto(f"{ready.url}/w/{ready.workshop.slug}/")
    for page in (console, remote):
        ready.sign_in(page)
        page.goto(f"{ready.url}/console/{ready.workshop.slug}/")
        expect(page.locator("#calls")).to_be_hidden()

    one.get_by_role("button", name="Help").click()
    expect(one.locator(".messages")).to_contain_text("The facilitator is called.")
    expect(other.locator(".call")).to_contain_text("The facilitator is called.")
    other.get_by_label("What is it about?").fill("Which of the two?")
    other.get_by_role("button", name="Add it").click()
    for page in (console, remote):
        call = page.get_by_role("alert")
        expect(call).to_contain_text("Table 1 asks for help. “Which of the two?”")
        expect(call).to_be_in_viewport()
    card = console.locator("#tables .card").first
    expect(card).to_contain_text("Asks for help")

    remote.get_by_role("button", name="Coming").click()
    for page in (one, other):
        expect(page.locator(".call")).to_contain_text("has seen it and is coming")
    expect(console.get_by_role("alert")).to_contain_text("You are going to Table 1.")
    expect(one.locator("#announce")).to_contain_text("has seen your call")

    console.get_by_role("button", name="Done").click()
    for page in (one, other):
        expect(page.locator(".call")).to_have_count(0)
    expect(remote.locator("#calls")).to_be_hidden()


def test_who_has_no_table_calls_and_withdraws(windows: Windows, ready: Ready):
    phone, console = windows.open_phone("phone"), windows.open("console")
    ready.sign_in(console)
    console.goto(f"{ready.url}/console/{ready.workshop.slug}/")
    ready.let_in(phone, 1)
    who = ready.people[0]
    who.table = None
    who.save(update_fields=["table"])
    phone.goto(f"{ready.url}/w/{ready.workshop.slug}/")

    phone.get_by_role("button", name="Help").click()
    expect(console.get_by_role("alert")).to_contain_text("without a table asks for")
    console.get_by_role("button", name="Coming").click()
    expect(phone.locator(".call")).to_contain_text("has seen it and is coming")

    phone.get_by_role("button", name="No help is needed any more").click()
    expect(phone.locator(".call")).to_have_count(0)
    expect(console.locator("#calls")).to_be_hidden()
