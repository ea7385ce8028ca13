"""The draft in the console: written, kept, gone back on, and told what is missing."""

import pytest
from django.test import Client

from tests import builders

pytestmark = pytest.mark.django_db

JSON = {"Accept": "application/json"}
URL = "/console/day/write-up/"


@pytest.fixture
def workshop():
    workshop = builders.make_workshop()
    builders.make_prompt(workshop)
    return workshop


@pytest.fixture
def browser(workshop):
    browser = Client()
    browser.force_login(builders.make_facilitator(workshop))
    return browser


def text(answer) -> str:
    return answer.content.decode()


def test_the_draft_offers_every_text_to_be_written(browser):
    page = browser.get(URL)

    assert page.status_code == 200
    assert 'data-place="intro"' in text(page)
    assert 'data-place="framework/principles"' in text(page)


def test_what_is_written_stands_in_the_draft(browser, workshop):
    answer = browser.post(URL, {"place": "intro", "text": "A **day**.", "do": "save"})

    assert answer.status_code == 302
    assert answer["Location"] == f"{URL}#at-intro"
    assert "<p>A <strong>day</strong>.</p>" in text(browser.get(URL))


def test_a_script_is_told_what_was_saved(browser):
    sent = {"place": "intro", "text": "A day.", "version": "0"}
    answer = browser.post(URL, sent, headers=JSON)

    said = answer.json()
    assert (answer.status_code, said["version"], said["html"], said["who"]) == (
        200,
        1,
        "<p>A day.</p>\n",
        "facilitator",
    )
