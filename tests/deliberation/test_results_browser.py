"""The results page in a browser: what is chosen shows at once, tables are copied."""

import json
import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect

from deliberation.actions import rounds
from tests import builders
from tests.serving import serving

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# A window hears of it after the document, whose listener says what is copied.
PASTED = (
    "() => window.addEventListener('copy', (event) => {"
    " document.body.dataset.pasted = event.clipboardData.getData('text/plain'); })"
)


@pytest.fixture
def address(page: Page, transactional_db) -> Iterator[str]:
    """Sign in; give the address of a prompt's results, two tables having answered."""
    workshop = builders.make_workshop(tables=2)
    prompt = builders.make_prompt(workshop, items=2)
    this_round = builders.open_round(prompt)
    for table, value in ((1, 1), (1, 1), (1, 2), (2, 3), (2, 3), (2, 3)):
        who = builders.join(workshop, table=table)
        builders.judge(this_round, who, {"p1": value, "p2": 1})
    rounds.close_round(round_id=this_round.pk)
    client = Client()
    client.force_login(builders.make_facilitator(workshop))
    session = client.cookies[settings.SESSION_COOKIE_NAME]
    with serving() as server:
        page.context.add_cookies(
            [{"name": session.key, "value": session.value, "url": server.url}]
        )
        yield f"{server.url}/console/{workshop.slug}/results/framework/principles/"


def test_a_choice_shows_at_once_and_stands_in_the_address(page: Page, address):
    page.goto(address)
    heading = page.get_by_role("heading", level=1)
    heading.evaluate("(element) => { element.dataset.stays = 'yes'; }")

    page.get_by_label("Table", exact=True).focus()
    page.get_by_label("Table", exact=True).select_option("2")

    expect(page.get_by_text("Table 2: 3 people answered")).to_be_visible()
    expect(heading).to_have_attribute("data-stays", "yes")
    expect(page.get_by_label("Table", exact=True)).to_be_focused()
    expect(page).to_have_url(re.compile("table=2"))
    page.go_back()
    expect(page.get_by_text("6 of 6 people answered")).to_be_visible()


def test_a_link_leads_back_to_what_was_chosen_without_script(page: Page, address):
    page.route("**/*.js", lambda route: route.abort())
    page.goto(address)

    page.get_by_label("Order").select_option("divided")
    page.get_by_role("button", name="Show", exact=True).click()

    expect(page.get_by_label("Order")).to_have_value("divided")
    expect(page.get_by_role("button", name="Copy as a table")).to_have_count(0)


def test_a_table_is_copied_cell_by_cell(page: Page, address):
    # Over plain http there is no other clipboard; localhost is the exception.
    page.add_init_script("delete window.ClipboardItem")
    page.goto(address)
    page.evaluate(PASTED)

    page.get_by_role("button", name="Copy as a table").first.click()

    expect(page.get_by_role("status").filter(has_text="Copied.")).to_be_visible()
    pasted = page.locator("body[data-pasted]")
    expect(pasted).to_have_count(1)
    rows = [
        line.split("\t") for line in pasted.get_attribute("data-pasted").split("\n")
    ]
    assert rows[1:] == [
        ["1 Principle number 1", "2", "1", "3", "0", "6"],
        ["2 Principle number 2", "6", "0", "0", "0", "6"],
    ]


def test_a_table_goes_to_the_clipboard(page: Page, address):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(address)

    page.get_by_role("button", name="Copy as a table").first.click()

    expect(page.get_by_role("status").filter(has_text="Copied.")).to_be_visible()
    text = page.evaluate("navigator.clipboard.readText()")
    assert json.dumps(text).count("\\t") == 3 * 5


def test_a_picture_goes_to_the_clipboard(page: Page, address):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(address)

    page.get_by_role("button", name="Copy the picture").first.click()

    expect(page.get_by_role("status").filter(has_text="Copied.")).to_be_visible()
    types = page.evaluate(
        "navigator.clipboard.read().then((items) => items.flatMap((one) => one.types))"
    )
    assert types == ["image/png"]
