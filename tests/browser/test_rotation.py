"""Four tables change once, on the real server: eight phones, the wall, a console."""

import re

import pytest
from playwright.sync_api import Page, expect

from deliberation.actions import rounds
from deliberation.models import Response
from tests.browser.ready import Ready
from tests.browser.windows import WALL, Windows
from workshops.models import Participant

pytestmark = pytest.mark.browser

PHONES = range(1, 9)  # of those who write for no table
FOLLOWS = re.compile("live|polling")


@pytest.fixture
def phones(windows: Windows, ready: Ready) -> list[Page]:
    """Phones whose streams have brought their boards."""
    ready.start("framework")
    pages = []
    for number in PHONES:
        page = windows.open_phone(f"phone {number}")
        ready.let_in(page, number)
        page.goto(f"{ready.url}/w/{ready.workshop.slug}/")
        expect(page.locator("html")).to_have_attribute("data-live", FOLLOWS)
        pages.append(page)
    return pages


@pytest.fixture
def console(windows: Windows, ready: Ready) -> Page:
    page = windows.open("console")
    ready.sign_in(page)
    return page


@pytest.fixture
def wall(windows: Windows, ready: Ready) -> Page:
    page = windows.open("wall", WALL)
    page.goto(f"{ready.url}/screen/{ready.workshop.screen_secret}/")
    return page


def goes(ready: Ready, number: int) -> int:
    move = ready.people[number - 1].moves.select_related("to_table").last()
    return move.to_table.number


def comes(page: Page, number: int) -> None:
    """Say that one has come, and see the table."""
    page.get_by_role("button", name="I’m here").click()
    expect(page.locator("body > header b")).to_have_text(f"Table {number}")
    expect(page.locator("#go")).to_be_hidden()


def plan_and_start(console: Page, ready: Ready) -> None:
    console.goto(f"{ready.url}/console/{ready.workshop.slug}/rotation/")
    console.get_by_role("button", name="Make a plan").click()
    expect(console.get_by_role("heading", name="Move 1")).to_be_visible()
    console.get_by_role("button", name="Start this move").click()
    expect(console.get_by_role("heading", name="Under way")).to_be_visible()


def test_everybody_changes_tables_once(phones, console, wall, ready):
    this_round = ready.open("framework/principles")
    for page in phones:
        expect(page.locator("#a-form")).to_be_visible()
    ready.answer(this_round)
    plan_and_start(console, ready)

    expect(wall.get_by_role("heading", name="Please change tables")).to_be_visible()
    expect(wall.locator(".streams li")).to_have_count(4)
    expect(wall.locator("#wall-left")).to_have_text("8 people on the way")
    for number, page in zip(PHONES, phones, strict=True):
        expect(page.locator("#go-number")).to_have_text(str(goes(ready, number)))
        expect(page.locator("#go")).to_be_visible()
    *coming, late = zip(PHONES, phones, strict=True)
    for number, page in coming:
        comes(page, goes(ready, number))
        expect(page.locator("#greeting")).to_be_visible()
    expect(wall.locator("#wall-left")).to_have_text("1 person on the way")

    console.goto(f"{ready.url}/console/{ready.workshop.slug}/")
    expect(console.locator("#rotation")).to_contain_text("1 is on the way")
    console.get_by_role("button", name="End the move").click()
    number, page = late
    expect(page.locator("body > header b")).to_have_text(f"Table {goes(ready, number)}")
    expect(page.locator("#go")).to_be_hidden()
    expect(wall.get_by_text("Please change tables")).to_have_count(0)
    # Nobody answered anew: every answer keeps the table where it was given.
    tables = Response.objects.filter(round=this_round, participant__isnull=False)
    kept = tables.order_by("participant").values_list("table__number", flat=True)
    assert list(kept) == [1, 2, 3, 4] * 3


def test_a_start_that_is_undone_leaves_everybody_where_they_were(
    phones, console, ready
):
    plan_and_start(console, ready)
    first = phones[0]
    comes(first, goes(ready, 1))
    expect(phones[1].locator("#go")).to_be_visible()

    console.goto(f"{ready.url}/console/{ready.workshop.slug}/")
    console.get_by_role("button", name=re.compile("Undo: start the move")).click()

    expect(phones[1].locator("#go")).to_be_hidden()
    expect(first.locator("body > header b")).to_have_text("Table 1")
    at = Participant.objects.order_by("pk").values_list("table__number", flat=True)
    assert list(at) == [1, 2, 3, 4] * 3


def test_what_a_table_said_greets_who_comes_to_it(phones, console, ready):
    this_round = ready.open("framework/principles")
    ready.answer(this_round)
    ready.add_point("framework/principles", "Said at the first table", number=9)
    rounds.close_round(round_id=this_round.pk)
    plan_and_start(console, ready)

    for number, page in zip(PHONES, phones, strict=True):
        table = goes(ready, number)
        expect(page.locator("#go-number")).to_have_text(str(table))
        comes(page, table)
        greeting = page.locator("#greeting")
        expect(greeting).to_contain_text("How do you judge each of the ten principles?")
        said = greeting.get_by_text("Said at the first table")
        expect(said).to_have_count(1 if table == 1 else 0)


def test_people_choose_their_tables_while_they_may(phones, console, wall, ready):
    console.goto(f"{ready.url}/console/{ready.workshop.slug}/rotation/")
    console.get_by_role("button", name="Let people choose now").click()
    expect(wall.get_by_role("heading", name="You may move")).to_be_visible()
    phone, other = phones[0], phones[1]

    phone.get_by_role("button", name="Table 3").click()
    expect(phone.locator("body > header b")).to_have_text("Table 3")
    full = other.get_by_text("Table 3 is full")
    expect(other.locator(".offers")).to_be_visible()
    expect(full).to_be_visible()

    console.get_by_role("button", name="End the move").click()
    expect(other.locator(".offers")).to_have_count(0)
    at = Participant.objects.order_by("pk").values_list("table__number", flat=True)
    assert list(at)[:2] == [3, 2]
