"""Everything that the day needs works by forms and links, with JavaScript off."""

import pytest
from playwright.sync_api import Page, expect

from deliberation.results import round_results
from tests.browser.day import PRINCIPLES
from tests.browser.ready import Ready
from tests.browser.windows import PHONE, WALL, Windows

pytestmark = pytest.mark.browser

QUESTION = "How do you judge each of the ten principles?"


@pytest.fixture
def plain(windows: Windows):
    """Opens windows without JavaScript."""

    def open_window(who: str, size=PHONE) -> Page:
        page = windows.open(who, size, java_script_enabled=False)
        assert page.context.pages == [page]
        return page

    return open_window


def test_participant_needs_no_script(ready: Ready, plain):
    page = plain("phone")
    page.goto(ready.url)
    page.get_by_label("Code from the screen").fill(ready.workshop.spoken_join_code)
    page.get_by_role("button", name="Join").click()
    page.get_by_role("radio", name="Table 2").check()
    page.get_by_role("button", name="Take my seat").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(ready.workshop.title)

    this_round = ready.open("framework/principles")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text(QUESTION)
    for place, item in enumerate(PRINCIPLES):
        answer = ["unproblematic", "difficult", "abstain"][place % 3]
        page.locator(f'#a-form input[name="answer.{item}"][value="{answer}"]').check()
    page.get_by_role("button", name="Send", exact=True).click()
    stored = page.locator('#a-form [data-ack][data-state="stored"]')
    expect(stored).to_have_text(["Stored"] * len(PRINCIPLES))

    text = "Whoever pays for the training should have a say."
    page.get_by_text("Add a point of your own").click()
    page.get_by_role("radio", name="A question").check()
    page.locator("#me-point").get_by_label("In your words").fill(text)
    page.get_by_role("button", name="Send the point").click()
    expect(page.locator("#my-points")).to_contain_text(text)

    people = round_results(this_round)["voices"]["people"]
    assert people["responded"] == 1
    assert [(row["n"], row["abstained"]) for row in people["items"]] == [
        (0, 1) if place % 3 == 2 else (1, 0) for place in range(len(PRINCIPLES))
    ]
    assert list(ready.workshop.points.values_list("kind", "text")) == [
        ("question", text)
    ]


def test_scribe_needs_no_script(ready: Ready, plain):
    page = plain("scribe")
    ready.let_in(page, 9)
    this_round = ready.open("options/pick")
    page.goto(f"{ready.url}/w/{ready.workshop.slug}/")
    page.locator('#t-form input[name="choice"][value="c"]').check()
    page.get_by_role("button", name="Send the table’s answer").click()
    expect(page.locator('#t-form [data-ack][data-state="stored"]')).to_have_text(
        "Stored"
    )

    tables = round_results(this_round)["voices"]["tables"]
    assert [row["counts"]["chosen"] for row in tables["items"]] == [0, 0, 1, 0]


def test_facilitator_needs_no_script(ready: Ready, plain):
    page, phone = plain("console", WALL), plain("phone")
    ready.sign_in(page)
    ready.let_in(phone)
    ready.start("framework")
    page.goto(f"{ready.url}/console/{ready.workshop.slug}/")

    page.get_by_role("button", name="Open How do you judge").first.click()
    expect(page.locator("#controls .pill")).to_have_text("Open")
    this_round = ready.workshop.rounds.get()
    ready.answer(this_round)
    page.locator("#next").click()
    expect(page.locator("#controls .pill")).to_contain_text("Closed")
    expect(page.get_by_role("status")).to_contain_text(["Closed"])
    page.locator("#next").click()
    expect(page.locator("#controls .pill")).to_contain_text("Revealed")
    expect(page.locator("#answered")).to_have_text("12")

    phone.goto(f"{ready.url}/w/{ready.workshop.slug}/")
    expect(phone.locator(".results .line.by-people").first).to_be_visible()
    this_round.refresh_from_db()
    assert this_round.closed_at
    assert this_round.revealed_at


def test_screen_follows_without_script(ready: Ready, plain):
    wall = plain("screen", WALL)
    wall.goto(f"{ready.url}/screen/{ready.workshop.screen_secret}/")
    board = wall.locator("main > .board")
    expect(board).to_contain_text("12 people have joined")
    ready.open("framework/principles")
    expect(board).to_contain_text("0 of 12")
