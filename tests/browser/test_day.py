"""The workshop of 2006 from the first file to the last thank-you, in real browsers."""

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.day import POINTS, PRINCIPLES, Day

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_day_of_2006(day: Day):
    day.make_accounts()
    day.load_template()
    day.make_workshop()
    day.everybody_joins()

    day.start("coherence")
    points_of_the_first_session(day)
    day.start("framework")
    ten_principles(day)


def points_of_the_first_session(day: Day) -> None:
    """Points come in from a person and a table; one goes on the wall."""
    day.open("coherence/framework-of-coherence")
    person, table = POINTS["coherence/framework-of-coherence"]
    day.phones[2].write_point(person, about="promote")
    day.scribes[1].write_point(table, about="problematic", voice="tables")
    expect(day.console.point(person)).to_contain_text("A person")
    expect(day.console.point(table)).to_contain_text("Table 2")
    expect(day.phones[1].ours).to_contain_text(table)
    day.screen.shows("discuss", "2 points so far")
    day.screen.shows_nothing_of([person, table])

    day.show_point(person)
    day.screen.shows("with-points", person)
    day.screen.shows_nothing_of([table])
    day.close()


def ten_principles(day: Day) -> None:
    """Everything that can happen to a prompt while people answer it."""
    console, screen, phones = day.console, day.screen, day.phones
    this_round = day.open("framework/principles")

    first = phones[0]
    first.tap("answer.p1", "inconsistent")
    day.assess(phones)  # the first person thinks again about the first principle
    assert first.chosen() == {
        (f"answer.{item}", day.opinion(first, "people", item)) for item in PRINCIPLES
    }
    screen.shows("progress", "7 of 11")
    console.says("answered", "7")

    # Somebody comes late, straight to the question.
    late = day.add_phone(8)
    late.sees("open", day.prompt.question)
    screen.shows("progress", "7 of 12")
    console.says("joined", "12")

    # The picture on the wall stays while it is frozen, whatever comes in.
    console.press("freeze")
    expect(console.page.locator("#freeze")).to_have_text(re.compile("Unfreeze"))
    day.assess([late])
    console.says("answered", "8")
    screen.shows("progress", "7 of 12")
    console.press("freeze")
    screen.shows("progress", "8 of 12")

    # Blank by a single key, and back by undo.
    console.page.keyboard.press("b")
    screen.shows("blank")
    console.press("undo")
    screen.shows("progress", "8 of 12")

    # Scribes answer for themselves and for their tables.
    day.assess(day.scribes)
    console.says("tables-in", "0 of 4")
    day.assess(day.scribes, "tables")
    console.says("answered", "12")
    console.says("tables-in", "4 of 4")
    screen.shows("progress", "12 of 12")
    screen.shows("progress", "4 of 4")
    neighbour = phones[0].ours.locator(".others-only .answer")
    expect(neighbour).to_have_count(len(PRINCIPLES))

    # A page that is loaded again has its answers; so has a table's.
    for phone, voice in [(phones[3], "people"), (day.scribes[3], "tables")]:
        before = phone.chosen(voice)
        phone.page.reload()
        assert phone.chosen(voice) == before
        assert len(before) == len(PRINCIPLES)

    # One minute more, on every clock.
    ends = datetime.fromisoformat(console.timer.get_attribute("data-ends-at"))
    console.press("plus")
    later = (ends + timedelta(minutes=1)).isoformat()[:19]
    for page in [console.page, screen.page, phones[5].page]:
        timer = page.locator(".now .timer, body > main .timer").first
        expect(timer).to_have_attribute("data-ends-at", re.compile(f"^{later}"))

    # A point about a principle is shown large, alone.
    person, table = POINTS["framework/principles"]
    phones[4].write_point(person, kind="I disagree", about="p5")
    day.scribes[0].write_point(table, voice="tables")
    day.show_point(person)
    screen.shows("progress")
    screen.shows_nothing_of([person, table, *labels(day)])
    console.press("show-points")
    screen.shows("quote", person)
    console.press("show-prompt")
    screen.shows("progress", "12 of 12")

    day.close()
    screen.shows("progress")
    screen.shows_nothing_of([person, table, *labels(day)])
    for phone in phones:
        assert phone.own_answers() == day.own_words(phone)
    day.reveal()
    day.everybody_sees_the_results(this_round)


def labels(day: Day) -> list[str]:
    """Return the words of the answers to the prompt that is asked now."""
    points = day.template.scales[day.prompt.scale].points
    return [point.short or point.label for point in points]
