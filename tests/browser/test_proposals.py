"""A table puts an item in other words, the room weighs them, and is asked again."""

import re

from playwright.sync_api import Page, expect

from deliberation.models import Prompt, Proposal
from tests.browser.ready import Ready
from tests.browser.windows import LAPTOP, WALL, Windows
from workshops.actions import joining

WAY = "framework/principles"


def phone_of(ready: Ready, windows: Windows, number: int) -> Page:
    page = windows.open_phone(f"seat {number}")
    ready.let_in(page, number)
    page.goto(f"{ready.url}/w/{ready.workshop.slug}/")
    return page


def test_a_table_s_words_are_weighed_adopted_and_asked(ready: Ready, windows: Windows):
    Prompt.objects.filter(key="principles").update(
        invites_rewordings=True, invites_new_items=True
    )
    principles = ready.open(WAY)
    ready.answer(principles)
    first = ready.prompt(WAY).items.get(key="p1")
    before = first.wordings.get().text
    after = re.sub(r"^(\S+)", r"\1 really", before, count=1)
    scribe, other, person = (phone_of(ready, windows, n) for n in (9, 10, 1))
    wall = windows.open("wall", WALL)
    wall.goto(f"{ready.url}/screen/{ready.workshop.screen_secret}/")
    console = windows.open("console", LAPTOP)
    ready.sign_in(console)
    console.goto(f"{ready.url}/console/{ready.workshop.slug}/")

    # Table 1 changes a word of the first principle.
    scribe.locator("#tabs a[data-tab=ours]").tap()
    item = scribe.locator('#ours li[data-item="p1"]')
    item.get_by_text("Suggest other words").tap()
    words = item.get_by_label("Change what you would change")
    expect(words).to_have_value(before)
    words.fill(after)
    item.get_by_role("button", name="Suggest it for").tap()
    expect(item.locator(".reword [data-ack]")).to_have_attribute("data-state", "stored")
    expect(words).to_be_hidden()

    # The facilitator puts it to the room, which sees what is new.
    card = console.locator("#incoming > li").first
    expect(card.locator("ins")).to_contain_text("really")
    expect(person.locator(".proposals")).to_have_count(0)
    card.get_by_role("button", name="Put to the room").click()
    for page in (other, person):
        expect(page.locator(".proposal ins")).to_contain_text("really")

    # Another table and a person say what they think of it.
    person.get_by_role("button", name="I oppose it").tap()
    expect(person.get_by_text("Stored: you oppose the change.")).to_be_visible()
    expect(person.get_by_role("button", name="I oppose it")).to_have_attribute(
        "aria-pressed", "true"
    )
    other.get_by_role("button", name="Our table supports it").tap()
    expect(other.get_by_text("Stored: your table supports")).to_be_visible()
    expect(card).to_contain_text("People: 0 for, 1 against")
    expect(card).to_contain_text("Tables for: 2; against: none")
    expect(person.locator(".proposals .tally")).to_contain_text(
        "Tables: 1 for, 0 against"
    )
    card.get_by_role("button", name="Show").click()
    expect(wall.locator(".board ins")).to_contain_text("really")

    # It is adopted, and the principle is asked again in between.
    console.get_by_role("link", name="Decide …").click()
    console.get_by_label("Why it is decided so").fill("Nobody minds.")
    console.get_by_role("button", name="Adopt").click()
    expect(
        console.get_by_text("It is asked in these words from now on.")
    ).to_be_visible()
    again = ready.workshop.rounds.get(interrupts=principles)
    for page in (person, other):
        stage = page.locator("#own .stage")
        expect(stage).to_have_attribute("data-round", str(again.pk))
        expect(stage.locator("li.item h2")).to_have_text([after])
        became = page.locator(".proposals .proposal")
        expect(became).to_contain_text("Adopted")
        expect(became).to_contain_text("Why: Nobody minds.")
    assert Proposal.objects.get().made == again.round_items.get().wording
    ready.close(again)
    for page in (person, other):
        expect(page.locator("#own .stage")).to_have_attribute(
            "data-round", str(principles.pk)
        )


def test_words_that_are_not_sent_yet_stay_on_the_phone(ready: Ready, windows: Windows):
    Prompt.objects.filter(key="principles").update(invites_rewordings=True)
    ready.open(WAY)
    phone = phone_of(ready, windows, 1)
    item = phone.locator('#own li[data-item="p2"]')
    item.get_by_text("Suggest other words").tap()
    words = item.get_by_label("Change what you would change")
    before = words.input_value()
    words.fill(f"{before} Always.")

    # What is typed beside is no part of an answer, and stays when one is stored.
    item.locator("label.choice").first.tap()
    own = item.locator("> [data-ack]")
    expect(own).to_have_attribute("data-state", "stored")
    expect(words).to_have_value(f"{before} Always.")
    phone.reload()
    expect(words).to_be_visible()
    expect(words).to_have_value(f"{before} Always.")

    # The same words again are refused, and what is said of it goes with the next word.
    words.fill(before)
    windows.refusals_are_meant = True
    item.get_by_role("button", name="Suggest it").tap()
    said = item.get_by_text("This is what the item says already.")
    expect(said).to_be_visible()
    words.fill(f"{before} Never.")
    expect(said).to_be_hidden()
    assert not Proposal.objects.exists()
    item.get_by_role("button", name="Suggest it").tap()
    told = item.locator(".reword [data-ack]")
    expect(told).to_have_attribute("data-state", "stored")
    assert Proposal.objects.get().point.text == f"{before} Never."


def test_an_item_that_a_table_adds_is_judged_by_who_is_there(
    ready: Ready, windows: Windows
):
    Prompt.objects.filter(key="principles").update(invites_new_items=True)
    principles = ready.open(WAY)
    ready.answer(principles)
    joining.remove(participant=ready.people[7])
    scribe, person = (phone_of(ready, windows, n) for n in (11, 1))
    wall = windows.open("wall", WALL)
    wall.goto(f"{ready.url}/screen/{ready.workshop.screen_secret}/")
    console = windows.open("console", LAPTOP)
    ready.sign_in(console)
    console.goto(f"{ready.url}/console/{ready.workshop.slug}/")

    # Table 3 adds a principle.
    scribe.locator("#tabs a[data-tab=ours]").tap()
    scribe.get_by_text("Add a point for the table").tap()
    form = scribe.locator("#table-point")
    form.get_by_text("Something to add to the list").tap()
    form.get_by_label("In your words").fill("Rules should be reviewed in public.")
    form.get_by_role("button", name="Send for").tap()
    expect(form.locator("[data-ack]")).to_have_attribute("data-state", "stored")

    # Once it is released, everybody sees it; adopted, it is judged.
    console.get_by_role("button", name="Put to the room").click()
    expect(person.locator(".proposal")).to_contain_text("Something to add to the list")
    console.get_by_role("link", name="Decide …").click()
    console.get_by_label("Short, for the screen").fill("Review in public")
    console.get_by_role("button", name="Adopt").click()
    again = ready.workshop.rounds.get(interrupts=principles)
    stage = person.locator(f'#own .stage[data-round="{again.pk}"]')
    expect(stage.locator("li.item")).to_have_count(1)
    expect(stage.locator("li.item .num")).to_have_text("11")
    expect(wall.locator(".board")).to_contain_text("Review in public")
    expect(wall.locator(".board")).to_contain_text("0 of 11")
    stage.locator("label.choice").first.tap()
    expect(wall.locator(".board")).to_contain_text("1 of 11")

    # It keeps its table, and who is counted with it.
    ready.close(again)
    console.goto(f"{ready.url}/console/{ready.workshop.slug}/results/")
    asked = console.locator(f"#round-{again.pk}")
    expect(asked).to_contain_text("Table 3 proposed to add it")
    expect(asked).to_contain_text("1 of 11 people")
    expect(asked).to_contain_text("0 of 4 tables")
    for text in ("12 people", "10 Evaluate"):
        expect(asked).not_to_contain_text(text)
