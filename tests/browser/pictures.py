"""Takes the pictures of the README while a part of the day is played.

    python -m tests.browser.pictures

The room is fuller than in the tests: beside the twelve phones, eighteen people who
answer without one.
"""

import csv
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.test.utils import setup_databases, teardown_databases  # noqa: E402
from playwright.sync_api import Locator, Page, expect, sync_playwright  # noqa: E402

from deliberation.actions import points, theming  # noqa: E402
from deliberation.models import Prompt, Round  # noqa: E402
from tests import builders  # noqa: E402
from tests.browser.day import POINTS, PRINCIPLES, SCENARIOS, TABLES, Day  # noqa: E402
from tests.browser.small_png import shrink  # noqa: E402
from tests.browser.windows import Windows  # noqa: E402
from tests.conftest import HOW_TO_LAUNCH  # noqa: E402
from tests.serving import serving  # noqa: E402
from workshops.models import Participant  # noqa: E402

FOLDER = Path(__file__).resolve().parent.parent.parent / "docs" / "pictures"
MOST_BYTES = 250_000
ADDRESS = "https://workshops.example.org"  # on the pictures; nothing is sent there
MORE_PEOPLE = 18
POINTS_OF_2006 = FOLDER.parent / "examples" / "2006" / "points.csv"
THEMES = {  # their points: those about these items
    "Wording": {"p1", "p8", "p9", "p10"},
    "Public confidence": {"p4", "p5", "p7"},
}
VALUES = {"U": 1, "D": 2, "I": 3, "A": "abstain"}


def main() -> None:
    settings.DEBUG, settings.PUBLIC_URL = False, ADDRESS
    FOLDER.mkdir(parents=True, exist_ok=True)
    with empty_database(), serving() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(**HOW_TO_LAUNCH)
        windows = Windows(browser, phone_scale=2)
        try:
            take_pictures(Day(windows, server.url))
        finally:
            windows.close()
            browser.close()
    assert windows.problems == []


@contextmanager
def empty_database() -> Iterator[None]:
    kept = setup_databases(verbosity=0, interactive=False)
    try:
        yield
    finally:
        teardown_databases(kept, verbosity=0)


def take_pictures(day: Day) -> None:
    day.make_accounts()
    day.load_template()
    day.make_workshop()
    day.everybody_joins()
    crowd = [
        builders.join(day.workshop, table=number % TABLES + 1)
        for number in range(MORE_PEOPLE)
    ]
    day.screen.shows("join", "29 people have joined")
    store(day.screen.page, "screen-join")
    picture_of_template(day)
    day.start("coherence")
    day.open("coherence/framework-of-coherence")
    day.close()
    day.start("framework")
    principles(day, crowd)
    day.start("options")
    scenarios(day, crowd)
    picture_of_results(day)
    picture_of_record(day)
    principles_discussed(day, crowd)
    picture_of_themes(day)
    picture_of_write_up(day)


def picture_of_record(day: Day) -> None:
    """What a table reads, confirms and disputes."""
    page = day.phones[0].page.context.new_page()
    page.goto(f"{day.url}/w/{day.workshop.slug}/table-record/framework/")
    expect(page.locator("main.table-record")).to_be_visible()
    store(page, "phone-record")
    page.close()


def principles_discussed(day: Day, crowd: list[Participant]) -> None:
    """Bring in the points of 2006 on the principles, and put some under themes."""
    prompt = Prompt.objects.get(session__workshop=day.workshop, key="principles")
    items = {item.key: item for item in prompt.items.all()}
    rows = csv.DictReader(POINTS_OF_2006.read_text(encoding="utf-8").splitlines())
    said = [row for row in rows if row["prompt"] == "framework/principles"]
    made = [
        points.add_point(
            prompt=prompt,
            this_round=prompt.rounds.last(),
            participant=who,
            table=None,
            kind=row["kind"],
            text=row["text"],
            items=[items[key] for key in row["items"].split()],
            key=f"discussed-{number}",
        )
        for number, (who, row) in enumerate(zip(crowd, said, strict=False))
    ]
    for title, which in THEMES.items():
        about = [p.pk for p in made if which & {i.key for i in p.items.all()}]
        theming.make_theme(prompt=prompt, title=title, points=about)


def picture_of_themes(day: Day) -> None:
    page = day.console.page.context.new_page()
    prompt = Prompt.objects.get(session__workshop=day.workshop, key="principles")
    page.goto(f"{day.url}/console/{day.workshop.slug}/themes/?prompt={prompt.pk}")
    title = next(iter(THEMES))
    expect(page.get_by_role("heading", name=title).first).to_be_visible()
    store(page, "themes")
    page.close()


def picture_of_write_up(day: Day) -> None:
    page = day.console.page.context.new_page()
    page.goto(f"{day.url}/console/{day.workshop.slug}/write-up/")
    heading = page.locator(
        "h3", has_text="How do you judge each of the ten principles?"
    )
    show(heading.first)
    store(page, "write-up")
    page.close()


def picture_of_results(day: Day) -> None:
    page = day.console.page.context.new_page()
    results = f"{day.url}/console/{day.workshop.slug}/results"
    page.goto(f"{results}/framework/principles/?order=support&table=2")
    expect(page.get_by_text("Table 2:")).to_be_visible()
    store(page, "results")
    page.close()


def picture_of_template(day: Day) -> None:
    page = day.console.page.context.new_page()
    page.goto(f"{day.url}/templates/migration-development-2006/1/")
    expect(page.locator(".title-row h1")).to_be_visible()
    store(page, "templates")
    page.close()


def principles(day: Day, crowd: list[Participant]) -> None:
    day.open("framework/principles")
    this_round = Round.objects.select_related("prompt__scale").get(closed_at=None)
    *early, late = day.phones
    for item in ("p1", "p2"):
        late.tap(f"answer.{item}", day.opinion(late, "people", item))
    late.sees_stored(2)
    show(late.page.locator('#a-form [data-item="p1"]'))
    store(late.page, "phone-question")

    day.assess(early)
    for number, who in enumerate(crowd[:-4]):
        said = {
            item: VALUES[people[number % 12]]
            for item, (people, _) in PRINCIPLES.items()
        }
        builders.judge(this_round, who, said)
    person, table = POINTS["framework/principles"]
    day.phones[0].write_point(table)
    day.scribes[0].write_point(person, about="p5", voice="tables")
    day.assess(day.scribes[:2], "tables")
    third = day.scribes[2]
    third.turn_to("tables")
    for item in list(PRINCIPLES)[:6]:
        third.tap(f"answer.{item}", day.opinion(third, "tables", item), voice="tables")
    third.sees_stored(6, voice="tables")
    show(third.page.locator("#ours"))
    store(third.page, "scribe")
    day.console.says("answered", "21")
    day.console.says("tables-in", "2 of 4")
    store(day.console.page, "console")
    day.screen.shows("progress", "21 of 29")
    store(day.screen.page, "screen-progress")

    for number, who in enumerate(crowd[-4:], start=5):
        said = {
            item: VALUES[people[number]] for item, (people, _) in PRINCIPLES.items()
        }
        builders.judge(this_round, who, said)
    day.assess([late, *day.scribes])
    day.assess(day.scribes[2:], "tables")
    day.close()
    day.reveal()
    show(late.stage.locator(".results"))
    store(late.page, "phone-results")
    day.screen.shows("results", "By people (29)")
    store(day.screen.page, "screen-results")
    day.console.press("view-tables")
    expect(day.screen.board.locator("table.grid")).to_be_visible()
    store(day.screen.page, "screen-tables")
    day.console.press("pick-item-head")
    day.console.page.locator(".item-list button").nth(4).click()
    day.screen.shows("one")
    store(day.screen.page, "screen-item")


def scenarios(day: Day, crowd: list[Participant]) -> None:
    day.open("options/scenarios")
    this_round = Round.objects.select_related("prompt__scale").get(closed_at=None)
    day.rate(day.phones)
    for number, who in enumerate(crowd):
        said = {".".join(k): int(two[0][number % 8]) for k, two in SCENARIOS.items()}
        builders.judge(this_round, who, said)
    day.rate(day.scribes, "tables")
    day.close()
    day.reveal()
    day.console.press("view-plane")
    day.screen.shows("plane-view")
    expect(day.screen.board.locator(".plane .point")).to_have_count(4)
    store(day.screen.page, "screen-plane")


def show(element: Locator) -> None:
    """Scroll until the element stands right under what sticks to the top."""
    element.evaluate("""
      (one) => {
        const sticks = (bar) => getComputedStyle(bar).position === "sticky";
        const bars = [...document.querySelectorAll("body > header, #tabs")];
        const covered = bars.filter((bar) => bar.checkVisibility() && sticks(bar))
          .reduce((height, bar) => height + bar.offsetHeight, 0);
        scrollBy(0, one.getBoundingClientRect().top - covered - 12);
      }
    """)


def store(page: Page, name: str) -> None:
    page.evaluate("document.fonts.ready")
    # The wall's button for a full screen goes when nobody has moved for a while.
    expect(page.locator("[data-fullscreen]").filter(visible=True)).to_have_count(0)
    png = shrink(page.screenshot(animations="disabled", caret="hide"))
    assert len(png) <= MOST_BYTES, f"{name}: {len(png)} bytes"
    (FOLDER / f"{name}.png").write_bytes(png)
    print(f"{name}.png: {len(png) // 1000} kB")  # noqa: T201


if __name__ == "__main__":
    main()
