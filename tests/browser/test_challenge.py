"""A challenge in the middle of a question: some answer it, the others go on."""

import pytest
from playwright.sync_api import Page, expect

from deliberation.actions import challenging
from deliberation.models import Round
from tests.browser.ready import Ready
from tests.browser.windows import Windows

CHOSEN = {"tables": "d", "people": "c"}


def send(about: Round, *, audience: str) -> Round:
    """Put a challenge to those who chose a scenario; five people at least."""
    item = about.prompt.items.get(key=CHOSEN[audience])
    challenge = challenging.write(
        about=about,
        item=item,
        text="And who pays for it?",
        key=audience,
        audience=audience,
        value=1,
    )
    return challenging.send(challenge=challenge)


def is_at(page: Page, this_round: Round) -> None:
    stage = page.locator("#own .stage")
    expect(stage).to_have_count(1)
    expect(stage).to_have_attribute("data-round", str(this_round.pk))


@pytest.mark.parametrize("audience", ["tables", "people"])
def test_the_others_go_on_with_their_question(
    ready: Ready, windows: Windows, audience: str
):
    pick = ready.open("options/pick")
    ready.answer(pick)
    ready.close(pick)
    voice = pick.responses.filter(
        voice=audience, answers__item__key=CHOSEN[audience], answers__value=1
    )
    of = "table__number" if audience == "tables" else "participant"
    chose = set(voice.values_list(of, flat=True))
    people = dict(enumerate(ready.people[:8], start=1))
    said = {
        number: (who.table.number if audience == "tables" else who.pk) in chose
        for number, who in people.items()
    }
    asked, other = (
        next(number for number, is_asked in said.items() if is_asked == wanted)
        for wanted in (True, False)
    )
    principles = ready.open("framework/principles")
    pages = {}
    for number in (asked, other):
        pages[number] = page = windows.open_phone(f"person {number}")
        ready.let_in(page, number)
        page.goto(f"{ready.url}/w/{ready.workshop.slug}/")
        page.locator("#a-form input[value='difficult']").first.check(force=True)
        expect(page.locator("#a-form [data-ack]").first).to_have_attribute(
            "data-state", "stored"
        )
    page = pages[other]
    page.locator("#a-form details summary").first.click()
    text = page.locator("#a-form textarea").first
    text.fill("It costs")
    text.evaluate("text => { text.stays = true; }")

    challenge = send(pick, audience=audience)

    is_at(pages[asked], challenge)
    expect(pages[asked].locator("#own h1")).to_have_text("And who pays for it?")
    expect(page.locator("#own .beside")).to_contain_text("go on here")
    is_at(page, principles)
    expect(text).to_have_value("It costs")
    assert text.evaluate("text => text.stays")
    page.locator("#a-form input[value='inconsistent']").nth(1).check(force=True)
    expect(page.locator("#a-form [data-item] > [data-ack]").nth(1)).to_have_attribute(
        "data-state", "stored"
    )
    expect(page.locator("#footer")).to_be_visible()
    for one in pages.values():  # as somebody finds it who comes now
        one.reload()
    is_at(pages[asked], challenge)
    is_at(page, principles)
    expect(text).to_have_value("It costs")

    ready.close(challenge)

    for one in pages.values():
        is_at(one, principles)
        expect(one.locator("#own .beside")).to_have_count(0)
        expect(one.locator("#a-form input[value='difficult']").first).to_be_checked()


def test_a_scribe_who_is_asked_alone_writes_for_the_table_meanwhile(
    ready: Ready, windows: Windows
):
    pick = ready.open("options/pick")
    ready.answer(pick)
    ready.close(pick)
    chose = pick.responses.filter(
        voice="people", answers__item__key="c", answers__value=1
    )
    scribe = ready.people[8]
    first = chose.order_by("pk").first()
    first.participant = scribe
    first.respondent = f"seat:{scribe.pk}"
    first.save()
    principles = ready.open("framework/principles")
    page = windows.open_phone("scribe")
    ready.let_in(page, 9)
    page.goto(f"{ready.url}/w/{ready.workshop.slug}/")
    is_at(page, principles)

    challenge = send(pick, audience="people")

    is_at(page, challenge)
    form = page.locator("#t-form")
    expect(form).to_have_attribute("data-round", str(principles.pk))
    form.locator("input[value='difficult']").first.check(force=True)
    expect(form.locator("[data-ack]").first).to_have_attribute("data-state", "stored")
