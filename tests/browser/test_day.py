"""The workshop of 2006 from the first file to the last thank-you, in real browsers."""

import re
from datetime import datetime, timedelta
from functools import partial
from itertools import chain

import pytest
from playwright.sync_api import Locator, expect

from deliberation.checking import verify
from deliberation.results import published, workshop_results
from tests.browser.day import POINTS, PRINCIPLES, TABLES, TITLE, Day, picked
from tests.browser.pages import counts_in, reads, rows_of
from tests.browser.said import expected_results, without_measures
from tests.browser.shown import Shown
from tests.browser.windows import PATIENCE

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
    day.start("options")
    four_scenarios(day)
    one_or_two_scenarios(day)
    day.discuss("options/challenge")
    for path in list(POINTS)[3:]:
        day.start(path.partition("/")[0])
        day.discuss(path)

    the_end(day)
    results_are_what_was_tapped(day)


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
    day.open("framework/principles")

    first = phones[0]
    first.tap("answer.p1", "inconsistent")
    day.assess(phones)  # the first person thinks again about the first principle
    said = {(f"answer.{p}", day.opinion(first, "people", p)) for p in PRINCIPLES}
    reads(first.page, first.chosen, said)
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
    console.press_key("b")
    screen.shows("blank")
    console.undo("blank the screen")
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
        assert len(before) == len(PRINCIPLES)
        phone.page.reload()
        reads(phone.page, partial(phone.chosen, voice), before)

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
    for text in (person, table):
        expect(console.point(text)).to_be_visible()
    screen.shows("progress")
    screen.shows_nothing_of([person, table, *day.shown.words.values()])
    day.show_point(person)
    screen.shows("quote", person)
    screen.shows_nothing_of([table, *day.shown.words.values()])
    console.press("show-prompt")
    screen.shows("progress", "12 of 12")

    day.close()
    screen.shows("progress")
    screen.shows_nothing_of([person, table, *day.shown.words.values()])
    day.everybody_sees_own_answers()
    phones[0].page.reload()
    day.everybody_sees_own_answers()
    day.reveal()
    day.everybody_sees_the_results()
    day.everybody_sees_own_answers()


def four_scenarios(day: Day) -> None:
    """Each scenario is rated on two criteria; the wall places them on a plane."""
    day.open("options/scenarios")
    day.rate(day.phones)
    day.rate(day.scribes, "tables")
    day.console.says("answered", "8")
    day.console.says("tables-in", "4 of 4")
    day.console.says("here", "12")
    day.screen.shows("progress", "8 of 12")
    day.screen.shows_nothing_of(day.shown.words.values())
    day.close()
    day.everybody_sees_own_answers()
    day.reveal()
    day.everybody_sees_the_results()
    day.console.press("view-plane")
    day.screen.shows("plane-view")
    expect(day.screen.board.locator(".plane .point")).to_have_count(4)


def one_or_two_scenarios(day: Day) -> None:
    """Everybody picks, sees the room's picks, and is asked again."""
    day.open("options/pick")
    day.pick(day.phones)
    day.pick(day.scribes, "tables")
    day.close()
    day.everybody_sees_own_answers()
    day.reveal()
    day.everybody_sees_the_picks()

    day.ask_again()
    day.pick(day.phones)
    day.pick(day.scribes, "tables")
    day.console.says("answered", "8")
    day.close()
    day.reveal()
    day.everybody_sees_the_picks()


def the_end(day: Day) -> None:
    """The facilitator ends the workshop: phones and wall say so."""
    page = day.console.page
    day.console.step("End the workshop")
    page.get_by_role("button", name="End the workshop").click()
    expect(page.locator(".now h1")).to_contain_text("The workshop has ended")
    for phone in day.everybody:
        phone.sees("waiting", TITLE)
        expect(phone.stage).to_contain_text("The workshop has ended")
    day.screen.shows("ended", "Thank you")


def results_are_what_was_tapped(day: Day) -> None:
    """The file, the page, the command and a count by hand say the same."""
    page = day.console.page
    page.get_by_role("link", name="See the results").click()
    expect(page.locator("section.round")).to_have_count(len(day.rounds))
    address = page.url.rstrip("/") + ".json"
    found = page.request.get(address, timeout=PATIENCE).json()

    results = workshop_results(day.workshop)
    assert found == published(day.workshop, results)
    assert without_measures(results) == expected_results(
        day.rounds, day.template, tables=TABLES
    )
    sections = page.locator("section.round").all()
    for this_round, section in zip(day.rounds, sections, strict=True):
        page_shows(section, Shown(this_round, day.template, tables=TABLES))
    for text in chain.from_iterable(POINTS.values()):
        expect(page.locator("ul.points")).to_contain_text([text])
    expect(page.locator(".lead")).to_contain_text("12 people joined")

    verdict = verify(day.workshop)
    assert verdict.differences == []
    assert verdict.checked > 1000


def page_shows(section: Locator, shown: Shown) -> None:
    charts = section.locator("figure.chart table.rows")
    if shown.is_pick:
        tables, people = charts.all()
        assert picked(tables) == shown.picked("tables")
        assert picked(people) == shown.picked("people")
    elif shown.words:
        bars = [counts_in(bar) for row in rows_of(charts) for bar in row["bars"]]
        people = shown.in_order_of_criteria("people")
        assert bars == [shown.given(row) for row in people]
        cells = [row["cells"] for row in rows_of(section.locator("table.grid"))]
        tables = shown.in_order_of_criteria("tables")
        assert cells[: len(tables)] == [shown.cells(row) for row in tables]
