"""The draft in browsers: saved while it is typed, by two, offline, and published."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Locator, Page, Route, expect

from deliberation.actions import recording, reviewing, rounds
from deliberation.models import Comment, Passage, Publication
from tests import builders
from tests.browser.windows import PATIENCE
from tests.serving import serving
from workshops.models import Workshop

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PLACE = "intro"


@pytest.fixture
def url(transactional_db, settings) -> Iterator[str]:
    with serving() as server:
        settings.PUBLIC_URL = server.url
        yield server.url


@pytest.fixture
def workshop(transactional_db) -> Workshop:
    """A workshop two of whose three tables found everything unproblematic."""
    workshop = builders.make_workshop(tables=3)
    prompt = builders.make_prompt(workshop, asks_tables=True)
    this_round = builders.open_round(prompt)
    for number in (1, 2, 3):
        judge(workshop, this_round, number, 1 if number < 3 else 2)
    rounds.close_round(round_id=this_round.pk)
    return workshop


def judge(workshop: Workshop, this_round, number: int, value: int) -> None:
    scribe = builders.scribe_of(workshop, table=number)
    answered = {"p1": value, "p2": value, "p3": value}
    builders.judge(this_round, scribe, answered, voice="tables", table=scribe.table)


@pytest.fixture
def open_draft(browser: Browser, url, workshop) -> Iterator:
    """Open the draft in a browser of somebody's own."""
    contexts = []

    def opened(name: str) -> Page:
        client = Client()
        client.force_login(builders.make_facilitator(workshop, name=name))
        session = client.cookies[settings.SESSION_COOKIE_NAME]
        context = browser.new_context(locale="en-GB")
        context.set_default_timeout(PATIENCE)
        context.add_cookies([{"name": session.key, "value": session.value, "url": url}])
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{url}/console/day/write-up/")
        return page

    yield opened
    for context in contexts:
        context.close()


def place_of(page: Page, place: str = PLACE) -> Locator:
    form = page.locator(f'form[data-place="{place}"]')
    return page.locator(".place").filter(has=form)


def write(page: Page, text: str, place: str = PLACE) -> None:
    box = place_of(page, place)
    if not box.locator("textarea").is_visible():
        box.locator("summary").click()
        # The page puts the cursor at the end, a moment after it has opened the field.
        expect(box.locator("textarea")).to_be_focused()
    box.locator("textarea").fill(text)


def expect_saved(page: Page, place: str = PLACE) -> None:
    line = place_of(page, place).locator("[data-ack]")
    expect(line).to_have_attribute("data-state", "stored")


def stored() -> str:
    return Passage.objects.get(place=PLACE).text


def test_what_is_typed_is_saved_and_shown(open_draft):
    page = open_draft("anna")

    write(page, "A **day** in London.")
    expect_saved(page)

    expect(place_of(page).locator(".reads strong")).to_have_text("day")
    assert stored() == "A **day** in London."
    page.reload()
    expect(place_of(page).locator(".reads")).to_have_text("A day in London.")


def test_one_goes_back_to_what_is_computed_and_forth(open_draft, workshop):
    page = open_draft("anna")
    place = page.locator(".place").filter(has=page.locator(".finding")).first
    key = place.locator("form[data-place]").get_attribute("data-place")
    sentences = place.locator(".finding").inner_text()
    write(page, "In my words.", key)
    expect_saved(page, key)

    box = place_of(page, key)
    box.get_by_role("button", name="Go back to the computed sentences").click()
    expect(box.locator(".finding")).to_have_text(sentences)
    box.locator("summary").click()
    box.get_by_role("button", name="Take up this text again").click()
    expect(box.locator(".reads")).to_have_text("In my words.")


def test_two_who_write_at_one_place_see_both_texts(open_draft):
    anna, ben = open_draft("anna"), open_draft("ben")
    write(anna, "By anna")
    expect_saved(anna)

    write(ben, "By ben")
    clash = place_of(ben).locator(".clash")
    expect(clash).to_contain_text("anna saved another text here")
    expect(clash.locator("pre")).to_have_text("By anna")
    assert stored() == "By anna"
    clash.get_by_role("button", name="Keep mine").click()
    expect_saved(ben)
    assert stored() == "By ben"

    write(anna, "By anna, longer")
    clash = place_of(anna).locator(".clash")
    expect(clash.locator("pre")).to_have_text("By ben")
    clash.get_by_role("button", name="Take theirs").click()
    expect(place_of(anna).locator("textarea")).to_have_value("By ben")
    expect(clash.locator("pre")).to_have_text("By anna, longer")
    clash.get_by_role("button", name="Put mine back").click()
    expect_saved(anna)
    assert stored() == "By anna, longer"


def test_a_reply_that_is_lost_is_no_text_of_somebody_else(open_draft):
    page = open_draft("anna")
    lost = []

    def lose(route: Route) -> None:
        if not lost:
            lost.append(route.fetch())  # it was stored
        route.abort()

    page.route("**/write-up/", lose)
    write(page, "One")
    line = place_of(page).locator("[data-ack]")
    expect(line).to_have_attribute("data-state", "kept")
    place_of(page).locator("textarea").press("End")
    place_of(page).locator("textarea").press_sequentially(" and two")
    page.unroute_all(behavior="wait")

    # What was typed meanwhile goes on from what was stored.
    expect_saved(page)
    expect(place_of(page).locator(".clash")).to_have_count(0)
    assert stored() == "One and two"


def test_what_is_typed_offline_is_kept_and_saved_later(open_draft):
    page = open_draft("anna")

    def cut_off(route: Route) -> None:
        route.abort() if route.request.method == "POST" else route.fallback()

    page.route("**/write-up/", cut_off)
    write(page, "Said on the train")
    line = place_of(page).locator("[data-ack]")
    expect(line).to_have_attribute("data-state", "kept")

    # The page is left and opened again, and only then there is a connection.
    page.reload()
    expect(place_of(page).locator("textarea")).to_have_value("Said on the train")
    expect(line).to_have_attribute("data-state", "kept")
    assert Passage.objects.count() == 0
    page.unroute_all(behavior="wait")

    expect_saved(page)
    assert stored() == "Said on the train"


def test_a_comment_that_comes_too_late_stays_in_its_field(page: Page, url, workshop):
    write_up = reviewing.open_review(workshop=workshop)
    page.goto(f"{url}/review/{write_up.review_secret}/")
    form = page.locator('form[data-place="intro"]')
    page.locator("details.comment").filter(has=form).locator("summary").click()
    form.get_by_label("Your name").fill("Seat 3, Table 2")
    form.get_by_label("Your comment").fill("Well said")
    form.get_by_role("button", name="Send").click()
    expect(form.locator("[data-ack]")).to_have_attribute("data-state", "stored")
    assert Comment.objects.get().text == "Well said"

    reviewing.close_review(workshop=workshop)
    form.get_by_label("Your comment").fill("And one thing more")
    form.get_by_role("button", name="Send").click()

    expect(form.locator("[data-ack]")).to_contain_text("The review is closed.")
    expect(form.get_by_label("Your comment")).to_have_value("And one thing more")
    assert Comment.objects.count() == 1


def publish(page: Page, note: str = "") -> None:
    page.get_by_role("link", name="Publish").click()
    expect(page.get_by_role("heading", name="Publish", level=1)).to_be_visible()
    for label, said in (("Why is something", "Said elsewhere"), ("What changed", note)):
        field = page.get_by_label(label)
        if field.count():
            field.fill(said)
    page.get_by_role("button", name="Publish version").click()
    expect(page.locator(".messages")).to_contain_text("is published.")


def test_a_second_version_shows_what_changed_and_leaves_the_first(
    open_draft, url, workshop
):
    page = open_draft("anna")
    write(page, "Three tables met.")
    expect_saved(page)
    publish(page)
    first = Publication.objects.get()
    page.goto(f"{url}/write-up/day/1/")
    expect(page.get_by_text("Three tables met.")).to_be_visible()
    as_read = page.locator("article").inner_text()
    recording.undo(workshop=workshop)  # the question is open again
    judge(workshop, workshop.rounds.get(), 3, 1)
    rounds.close_round(round_id=workshop.rounds.get().pk)
    page.goto(f"{url}/console/day/write-up/")
    publish(page, note="Table 3 changed its mind")

    page.goto(f"{url}/write-up/day/")
    page.get_by_role("link", name="What changed").click()
    expect(page.locator("main")).to_contain_text("Table 3 changed its mind")
    expect(page.locator("del").first).to_be_visible()
    expect(page.locator("ins").first).to_be_visible()
    page.goto(f"{url}/write-up/day/1/")
    assert page.locator("article").inner_text() == as_read
    kept = Publication.objects.get(number=1)
    assert (kept.report, kept.sha256) == (first.report, first.sha256)
