"""Every page by the rules of WCAG 2.2 AA, narrow, enlarged, and by keyboard alone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from pytest_playwright_axe import Axe

from deliberation.actions import (
    asking,
    points,
    proposing,
    publishing,
    rehearsing,
    remarks,
    reviewing,
    rotating,
    theming,
    writing,
)
from deliberation.models import Prompt, Screen, Wording
from deliberation.writeup import builder
from tests import builders, world
from tests.browser.day import PRINCIPLES
from tests.browser.ready import Ready
from tests.browser.windows import ALL_HEARD, LAPTOP, PHONE, WALL, Windows
from tests.deliberation.test_rehearsal_report import found
from tests.deliberation.test_series import hold
from workshops.actions import helping, joining, speakers, tickets
from workshops.actions import rotating as seats
from workshops.models import Series, Workshop

pytestmark = [pytest.mark.browser, pytest.mark.slow]

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
QUIET = {"html_report_generated": False, "json_report_generated": False}

# What can be operated; of each group of radio buttons one place is enough.
OPERABLE = """
  () => {
    const places = new Set();
    const all = "a[href], button, summary, input, select, textarea, [tabindex='0']";
    for (const one of document.querySelectorAll(all)) {
      const hidden = !one.checkVisibility({ visibilityProperty: true });
      if (hidden || one.disabled || one.closest("[inert]")) continue;
      places.add(window.placeOf(one));
    }
    return [...places];
  }
"""
PLACE_OF = """
  () => {
    window.placeOf = (one) =>
      one.type === "radio" ? `${one.form?.id} ${one.name}`
        : one.id || `${one.tagName} ${one.textContent.trim().slice(0, 40)}`;
  }
"""
FOCUSED = """
  () => document.activeElement === document.body ? ""
    : window.placeOf(document.activeElement)
"""
SEEN = """
  () => {
    const one = document.activeElement;
    const places = [one, one.closest("label"), one.nextElementSibling].filter(Boolean);
    return places.some((place) => {
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(place);
      const outlined = outlineStyle !== "none" && outlineWidth !== "0px";
      return outlined || boxShadow !== "none";
    });
  }
"""
TOO_WIDE = """
  () => {
    const { scrollWidth, clientWidth } = document.scrollingElement;
    if (scrollWidth <= clientWidth) return [];
    const wide = [...document.querySelectorAll("body *")].filter(
      (one) => one.getBoundingClientRect().right > clientWidth + 1);
    return wide.map((one) => `${one.tagName}#${one.id}.${one.className}`).slice(-5);
  }
"""


class Reader:
    """Looks at a page in light and in dark, and notes what breaks a rule."""

    def __init__(self, windows: Windows, ready: Ready) -> None:
        self._windows = windows
        self._axe = Axe(use_minified_file=True)
        self.ready = ready
        self.found: list[str] = []

    def open(self, size: tuple[int, int], **options) -> Page:
        return self._windows.open("reader", size, **options)

    def visit(self, page: Page, path: str) -> None:
        page.goto(f"{self.ready.url}{path}")
        self.look(page, path)

    def look(self, page: Page, what: str) -> None:
        self.by_rules(page, what, {"type": "tag", "values": RULES})
        # Nothing but colours depends on light and dark.
        page.emulate_media(color_scheme="dark")
        self.by_rules(page, f"{what} in dark", ["color-contrast"])
        page.emulate_media(color_scheme="light")

    def by_rules(self, page: Page, what: str, rules: dict | list[str]) -> None:
        options = {"runOnly": rules, "resultTypes": ["violations"], "iframes": False}
        results = self._axe.run(page, options=options, **QUIET)
        assert results["passes"]
        for broken in results["violations"]:
            for node in broken["nodes"]:
                summary = " ".join(node["failureSummary"].split())
                place = f"{node['target']} {node['html'][:120]}"
                self.found.append(f"{what}: {broken['id']} at {place}: {summary}")


@pytest.fixture
def reader(windows: Windows, ready: Ready) -> Iterator[Reader]:
    windows.refusals_are_meant = True
    reading = Reader(windows, ready)
    yield reading
    assert reading.found == []


# ---- rules ----


def test_joining_follows_the_rules(reader: Reader, ready: Ready):
    page = reader.open(PHONE)
    reader.visit(page, "/")
    page.get_by_label("Code from the screen").fill("ABC")
    page.get_by_role("button", name="Join").click()
    expect(page.locator("#errors")).to_be_visible()
    reader.look(page, "a wrong code")
    ready.admit(page)
    reader.look(page, "details")
    page.get_by_role("button", name="Take my seat").click()
    expect(page.locator("#errors")).to_be_visible()
    reader.look(page, "details without a table")
    ready.let_in(page)
    reader.visit(page, f"/w/{ready.workshop.slug}/seat/")
    reader.visit(page, f"/w/{ready.workshop.slug}/forget/")
    reader.visit(page, f"/w/{ready.workshop.slug}/continue/")
    reader.visit(page, "/accounts/login/")


def test_phone_follows_the_rules(reader: Reader, ready: Ready):
    page = reader.open(PHONE)
    ready.let_in(page)
    reader.visit(page, f"/w/{ready.workshop.slug}/")
    ready.start("framework")
    on_stage(page, "waiting", "Towards a progressive framework")
    reader.look(page, "brief")

    principles = ready.open("framework/principles")
    on_stage(page, "open", "How do you judge")
    page.locator("label.choice").first.click()
    expect(page.locator('[data-ack][data-state="stored"]')).to_have_count(1)
    page.get_by_text("Add a reason").first.click()
    page.get_by_text("Add a point of your own").click()
    reader.look(page, "principles")
    ready.answer(principles)
    ready.close(principles)
    on_stage(page, "closed", "How do you judge")
    reader.look(page, "closed")
    ready.reveal(principles)
    on_stage(page, "revealed", "How do you judge")
    reader.look(page, "results")

    scenarios = ready.open("options/scenarios")
    on_stage(page, "open", "How far do you agree")
    reader.look(page, "scenarios")
    ready.answer(scenarios)
    ready.close(scenarios)
    ready.reveal(scenarios)
    on_stage(page, "revealed", "How far do you agree")
    reader.look(page, "results of scenarios")

    pick = ready.open("options/pick")
    on_stage(page, "open", "Which one or two")
    reader.look(page, "pick")
    ready.answer(pick)
    ready.close(pick)
    ready.reveal(pick)
    on_stage(page, "revealed", "Which one or two")
    reader.look(page, "results of picks")

    ready.open("diasporas/outcomes")
    on_stage(page, "open", "What holds us back")
    ready.add_point("diasporas/outcomes", "One thought.", item="obstacles")
    reader.look(page, "discussion")


@pytest.mark.parametrize("kind", ["rank", "allocate"])
def test_places_and_points_follow_the_rules(reader: Reader, ready: Ready, kind: str):
    question = f"How would you {kind} these?"
    asked = {"question": question, "reasons": "optional", "asks_tables": True}
    prompt = builders.make_prompt(ready.workshop, kind=kind, key=kind, **asked)
    page, wall = reader.open(PHONE), reader.open(WALL)
    ready.let_in(page)
    this_round = builders.open_round(prompt)
    page.goto(f"{ready.url}/w/{ready.workshop.slug}/")
    on_stage(page, "open", question)
    form = page.locator("#a-form")
    form.locator('.step:not([aria-disabled="true"])').first.click()
    expect(form.locator('[data-ack][data-state="stored"]')).to_be_visible()
    reader.look(page, kind)
    form.locator('input[name="answer.p2"]').fill("x")
    form.locator('input[name="answer.p2"]').press("Enter")
    expect(page.locator('[id="a-answer.p2-error"]')).to_be_visible()
    reader.look(page, f"{kind}, a mistake")
    for who, numbers in zip(ready.people[1:7], [(1, 2, 3), (2, 1, 3)] * 3, strict=True):
        values = {f"p{n}": value for n, value in enumerate(numbers, start=1)}
        builders.judge(this_round, who, values)
    ready.close(this_round)
    ready.reveal(this_round)
    on_stage(page, "revealed", question)
    reader.look(page, f"results of {kind}")
    wall.goto(f"{ready.url}/screen/{ready.workshop.screen_secret}/")
    expect(wall.locator("main > .board.results table.two")).to_be_visible()
    reader.look(wall, f"{kind} on the wall")
    page.set_viewport_size({"width": LAPTOP[0], "height": LAPTOP[1]})
    ready.sign_in(page)
    reader.visit(page, f"/console/{ready.workshop.slug}/results/")


def test_speakers_page_follows_the_rules(reader: Reader, ready: Ready):
    session = ready.workshop.sessions.get(key="framework")
    speakers.give_link(session=session)
    speakers.let_see(session=session, sees="at-once")
    page = reader.open(PHONE)
    address = f"/speaker/{session.speaker_secret}/"
    reader.visit(page, address)
    principles = ready.open("framework/principles")
    reader.visit(page, address)
    ready.answer(principles)
    ready.add_point("framework/principles", "One thought.", item="p1")
    ready.show_points()
    reader.visit(page, address)
    page.set_viewport_size({"width": LAPTOP[0], "height": LAPTOP[1]})
    ready.sign_in(page)
    base = f"/console/{ready.workshop.slug}/setup/sessions/{session.pk}/"
    reader.visit(page, f"{base}speaker/")


def test_challenges_follow_the_rules(reader: Reader, ready: Ready):
    pick = ready.open("options/pick")
    ready.answer(pick)
    ready.close(pick)
    ready.reveal(pick)
    session, item = pick.prompt.session, pick.prompt.items.get(key="d")
    speakers.give_link(session=session)
    speakers.let_see(session=session, sees="at-once")
    one = f"{pick.pk}/{item.pk}/"
    page = reader.open(PHONE)
    speaker = f"/speaker/{session.speaker_secret}/challenge/"
    reader.visit(page, speaker)
    reader.visit(page, speaker + one)
    page.get_by_label("What you say to them").fill(" ")
    page.get_by_role("button", name="Give it to the facilitators").click()
    expect(page.locator("#errors")).to_be_visible()
    reader.look(page, "a challenge without words")
    page.get_by_label("What you say to them").fill("And who pays for it?")
    page.get_by_role("radio", name="The tables that chose").check()
    page.get_by_role("button", name="Give it to the facilitators").click()
    expect(page.get_by_text("will put it to the room")).to_be_visible()

    scribes = {who.table.number: number for number, who in enumerate(ready.people, 1)}
    chose = pick.responses.get(
        voice="tables", answers__item__key="d", answers__value=1
    ).table.number
    ready.open("framework/principles")
    console = reader.open(LAPTOP)
    ready.sign_in(console)
    run = f"/console/{ready.workshop.slug}/"
    reader.visit(console, f"{run}challenges/{one}")
    reader.visit(console, f"{run}challenges/")
    console.get_by_role("button", name="Send it now").click()
    expect(console.locator("#whom")).to_contain_text("Put to the tables that chose")
    reader.look(console, "console, a challenge")
    for table in (chose, chose % 4 + 1):
        phone = reader.open(PHONE)
        ready.let_in(phone, scribes[table])
        reader.visit(phone, f"/w/{ready.workshop.slug}/")
        expect(phone.locator("#own .stage")).to_have_count(1)
        told = ".challenged" if table == chose else ".beside"
        expect(phone.locator(f"#own {told}")).to_be_visible()
        reader.look(phone, f"phone, {told}")
    console.goto(f"{ready.url}{run}results/options/pick/")
    reader.visit(console, f"{run}results/")


def test_questions_to_speakers_follow_the_rules(reader: Reader, ready: Ready):
    ready.start("framework")
    session = ready.workshop.sessions.get(key="framework")
    speakers.give_link(session=session)
    asking.take_questions(session=session, on=True)
    made = [
        asking.ask(
            session=session, participant=ready.people[n], text=f"Why {n}?", key=f"k{n}"
        )
        for n in range(4)
    ]
    asking.support(question=made[1], participant=ready.people[0], on=True)
    asking.show(question=made[1])
    asking.set_status(question=made[2], status="answered")
    asking.set_status(question=made[3], status="aside")
    page = reader.open(PHONE)
    ready.let_in(page, 1)
    address = f"/w/{ready.workshop.slug}/questions/"
    reader.visit(page, f"/w/{ready.workshop.slug}/")
    reader.visit(page, address)
    page.get_by_role("button", name="Ask").click()
    expect(page.locator("#text-error")).to_be_visible()
    reader.look(page, "a question without words")
    reader.visit(page, f"/speaker/{session.speaker_secret}/")
    reader.visit(page, f"/screen/{ready.workshop.screen_secret}/")
    console = reader.open(LAPTOP)
    ready.sign_in(console)
    reader.visit(console, f"/console/{ready.workshop.slug}/questions/")
    console.locator("summary").click()
    reader.look(console, "console, questions put aside")


def test_proposals_follow_the_rules(reader: Reader, ready: Ready):
    Prompt.objects.filter(key="principles").update(
        invites_rewordings=True, invites_new_items=True
    )
    ready.open("framework/principles")
    found = [
        ready.propose("framework/principles", f"In other words, {key}.", item=key)
        for key in ("p1", "p2", "p3")
    ]
    for one in found[:2]:
        proposing.release(proposal=one)
    proposing.decline(proposal=found[1], reason="It says the same.")
    phone = reader.open(PHONE)
    ready.let_in(phone, 9)
    phone.goto(f"{ready.url}/w/{ready.workshop.slug}/")
    expect(phone.locator(".proposal")).to_have_count(2)
    phone.get_by_role("button", name="I support it").click()
    expect(phone.get_by_text("Stored: you support")).to_be_visible()
    phone.locator("#own .reword summary").first.click()
    reader.look(phone, "phone, proposals")
    console = reader.open(LAPTOP)
    ready.sign_in(console)
    run = f"/console/{ready.workshop.slug}/"
    reader.visit(console, run)
    reader.visit(console, f"{run}proposals/{found[0].pk}/")
    console.get_by_role("button", name="Decline").click()
    expect(console.get_by_text("Please say why").first).to_be_visible()
    reader.look(console, "a proposal declined without a reason")
    console.get_by_label("Why it is decided so").fill("It is clearer.")
    console.get_by_role("button", name="Adopt").click()
    expect(console.get_by_text("It is asked in these words")).to_be_visible()
    reader.visit(console, f"{run}proposals/{found[0].pk}/")
    reader.visit(console, f"{run}results/")
    points.set_status(point=found[2].point, status="shown")
    wall = reader.open(WALL)
    ready.show(showing="points")
    wall.goto(f"{ready.url}/screen/{ready.workshop.screen_secret}/")
    expect(wall.locator("main > .board ins")).to_be_visible()
    reader.look(wall, "a proposal on the wall")


def test_scribe_follows_the_rules(reader: Reader, ready: Ready):
    page = reader.open(PHONE)
    ready.let_in(page, 9)
    principles = ready.open("framework/principles")
    ready.add_point("framework/principles", "One thought.", number=9, item="p1")
    reader.visit(page, f"/w/{ready.workshop.slug}/")
    page.get_by_role("link", name="Table 1’s answer").click()
    page.locator("#t-form label.choice").first.click()
    expect(page.locator('#t-form [data-state="stored"]')).to_have_count(1)
    page.get_by_text("Add a point for the table").click()
    reader.look(page, "table's answer")
    ready.close(principles)
    on_stage(page, "closed", "How do you judge")
    reader.look(page, "table's answer, closed")
    reader.visit(page, f"/w/{ready.workshop.slug}/table/hand-over/")
    reader.visit(page, f"/w/{ready.workshop.slug}/table-record/framework/")
    for closed in page.locator(".point-box > summary").all():
        closed.click()
    reader.look(page, "table's record, with its forms")


def test_console_follows_the_rules(reader: Reader, ready: Ready):
    page = reader.open(LAPTOP)
    ready.sign_in(page)
    run = f"/console/{ready.workshop.slug}/"
    for path in ("/console/", "/console/new/", run):
        reader.visit(page, path)
    ready.start("framework")
    expect(page.locator(".now h1")).to_contain_text("Towards a progressive")
    principles = ready.open("framework/principles")
    ready.answer(principles)
    ready.add_point("framework/principles", "One thought.", item="p1")
    ready.add_point("framework/principles", "Another thought.", number=9)
    ready.show_points()
    expect(page.locator("#tables-in")).to_have_text("4 of 4")
    expect(page.locator("ul.points > li.on-wall")).to_have_count(2)
    reader.look(page, "console, open")
    page.locator("#help").click()
    reader.look(page, "console, keys")
    page.get_by_role("button", name="Close this list").click()
    ready.close(principles)
    ready.reveal(principles)
    expect(page.locator("#controls .pill")).to_contain_text("Revealed")
    reader.look(page, "console, revealed")
    # So tall that no bar at its foot covers half of what scrolls below.
    page.set_viewport_size({"width": PHONE[0], "height": 4 * PHONE[1]})
    reader.look(page, "console on a phone")
    page.set_viewport_size({"width": LAPTOP[0], "height": LAPTOP[1]})

    scenarios = ready.open("options/scenarios")
    ready.answer(scenarios)
    ready.close(scenarios)
    explored = "results/options/scenarios/?order=support&beside=framework/principles"
    for path in ("people/", "points/", "results/", "results/names/", explored):
        reader.visit(page, run + path)
    tickets.make_tickets(workshop=ready.workshop, count=2)
    for path in ("join-sheet/", "tickets/", "end/"):
        reader.visit(page, run + path)


def test_write_up_follows_the_rules(reader: Reader, ready: Ready):
    page, workshop = reader.open(LAPTOP), ready.workshop
    ready.sign_in(page)
    principles = ready.open("framework/principles")
    ready.answer(principles)
    ready.add_point("framework/principles", "One thought.", item="p1")
    ready.close(principles)
    moved = {"place": "framework/principles/p1", "text": "In my words.", "version": 0}
    writing.write(workshop=workshop, digest="0" * 64, computed="Nobody.", **moved)
    write_up = reviewing.open_review(workshop=workshop)
    comment = reviewing.add_comment(
        secret=write_up.review_secret,
        place="framework/principles",
        text="Well said.",
        quote="One thought.",
        key="one-key-only",
    )
    reviewing.reply(comment=comment, text="Thank you.")
    report = builder.build(workshop, version=1)
    publishing.publish(workshop=workshop, report=report, number=1)
    writing.write(workshop=workshop, place="intro", text="A day.", version=0)
    report = builder.build(workshop, version=2, note="An introduction")
    publishing.publish(
        workshop=workshop, report=report, number=2, note="An introduction"
    )
    reviewing.open_review(workshop=workshop)
    run = f"/console/{workshop.slug}/write-up/"
    reader.visit(page, run)
    page.locator("details.write > summary").first.click()
    reader.look(page, "draft, written at")
    page.locator("details.answer > summary").first.click()
    reader.look(page, "draft, replied in")
    for path in ("missing/", "review/", "publish/"):
        reader.visit(page, run + path)
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    reader.visit(page, run)
    for path in ("", "1/", "2/changes/"):
        reader.visit(page, f"/write-up/{workshop.slug}/{path}")
    reader.visit(page, f"/review/{write_up.review_secret}/")
    page.locator("details.comment > summary").first.click()
    reader.look(page, "a comment")
    reviewing.close_review(workshop=workshop)
    reader.visit(page, f"/review/{write_up.review_secret}/")


def test_themes_and_remarks_follow_the_rules(reader: Reader, ready: Ready):
    ready.start("diasporas")
    prompt = ready.open("diasporas/outcomes").prompt
    for number in range(4):
        ready.add_point("diasporas/outcomes", f"Thought {number}", item="obstacles")
    one, two, three, _four = prompt.points.all()
    theme = theming.make_theme(
        prompt=prompt, title="Barriers", points=[one.pk], actor=ready.admin
    )
    theming.make_theme(prompt=prompt, title="Trust", actor=ready.admin)
    theming.mark_repeats(prompt=prompt, points=[two.pk], of=one.pk)
    remark = remarks.add_remark(
        workshop=ready.workshop,
        session=ready.workshop.sessions.first(),
        name="Seat 3",
        text="# Agreed\n\n- *in part*",
    )
    remarks.add_remark(workshop=ready.workshop, kind="closing", text="Thanks.")
    base = f"/console/{ready.workshop.slug}"
    page = reader.open(LAPTOP)
    ready.sign_in(page)
    reader.visit(page, f"{base}/themes/")
    page.locator(f"#tick-{three.pk}").check()
    page.locator(f"#move-{three.pk}").click()
    expect(page.locator("#where")).to_be_visible()
    reader.look(page, "where to move a point")
    reader.visit(page, f"{base}/themes/{theme.pk}/")
    page.get_by_label("Title").fill("trust")
    page.get_by_role("button", name="Rename").click()
    expect(page.locator("#errors")).to_be_visible()
    reader.look(page, "a title that is taken")
    for path in ("", "new/", f"{remark.pk}/", f"{remark.pk}/delete/"):
        reader.visit(page, f"{base}/remarks/{path}")
    narrow = reader.open((320, 800))
    ready.sign_in(narrow)
    for path in ("themes/", f"themes/{theme.pk}/", "remarks/", "remarks/new/"):
        narrow.goto(f"{ready.url}{base}/{path}")
        assert narrow.evaluate(TOO_WIDE) == []


def test_series_follows_the_rules(reader: Reader, ready: Ready):
    page, series = reader.open(LAPTOP), Series.objects.create(key="s", title="S")
    for number in range(1, 4):
        hold(series, number, [1] * number + [2, 3, 3], change=in_long_words)
    ready.sign_in(page)
    reader.visit(page, "/console/series/s/")
    label = page.locator(".multiples .label")
    expect(label).to_have_text(LONG_WORD)
    assert label.evaluate("(one) => one.scrollWidth <= one.clientWidth")
    page.set_viewport_size({"width": 360, "height": PHONE[1]})
    expect(page.locator(".multiples .bar")).to_have_count(3)
    expect(page.locator(".multiples .bar").last).to_be_visible()
    assert page.evaluate(TOO_WIDE) == []


LONG_WORD = "Zuständigkeitsübertragungsregeln"


def in_long_words(workshop: Workshop) -> None:
    wordings = Wording.objects.filter(item__prompt__session__workshop=workshop)
    wordings.update(text=LONG_WORD)


def test_attendees_follow_the_rules(reader: Reader, ready: Ready):
    page, workshop = reader.open(LAPTOP), ready.workshop
    workshop.attribution = "named"
    workshop.save()
    for number, who in enumerate(ready.people):
        joining.set_badge(
            who,
            workshop=workshop,
            name=f"Seat {number}",
            organisation=f"Office {number % 3}",
        )
    workshop.guests.create(name="Guest 1")
    ready.sign_in(page)
    reader.visit(page, f"/console/{workshop.slug}/attendees/")
    for closed in page.locator(".seating details > summary").all():
        closed.click()
    page.get_by_label("Add guests").fill(", Office 1")
    page.get_by_role("button", name="Add them").click()
    expect(page.locator("#errors")).to_be_visible()
    reader.look(page, "a line without a name")
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    assert page.evaluate(TOO_WIDE) == []
    ready.let_in(page)
    reader.visit(page, f"/w/{workshop.slug}/seat/")


def test_changing_tables_and_help_follow_the_rules(reader: Reader, ready: Ready):
    workshop = ready.workshop
    page, phone = reader.open(LAPTOP), reader.open((320, 800))
    wall = reader.open(WALL)
    ready.sign_in(page)
    ready.let_in(phone, 1)
    base, mine = f"/console/{workshop.slug}", f"/w/{workshop.slug}/"
    screen = f"/screen/{workshop.screen_secret}/"
    reader.visit(page, f"{base}/rotation/")
    planned, _next = seats.plan(workshop=workshop, times=2)
    reader.visit(page, f"{base}/rotation/")
    page.set_viewport_size({"width": 320, "height": 800})
    assert page.evaluate(TOO_WIDE) == []
    rotating.start(rotation=planned)
    for who in (ready.people[0], ready.people[1]):
        call = helping.call(participant=who, words="Which of the two?")
    helping.note_seen(call=call)
    for one, path in ((page, f"{base}/"), (phone, mine), (wall, screen)):
        reader.visit(one, path)
        assert one.evaluate(TOO_WIDE) == []
    seats.arrive(participant=ready.people[0])
    rotating.end(rotation=planned)
    reader.visit(phone, mine)
    rotating.let_choose(workshop=workshop, seats=4)
    for one, path in ((phone, mine), (wall, screen)):
        reader.visit(one, path)
        assert one.evaluate(TOO_WIDE) == []


def test_setup_follows_the_rules(reader: Reader, ready: Ready):
    page = reader.open(LAPTOP)
    ready.sign_in(page)
    setup = f"/console/{ready.workshop.slug}/setup/"
    session = ready.workshop.sessions.get(key="framework")
    principles = session.prompts.get()
    paths = [
        "",
        "sessions/",
        f"sessions/{session.pk}/",
        f"sessions/{session.pk}/prompts/",
        f"sessions/{session.pk}/delete/",
        f"prompts/{principles.pk}/",
        f"prompts/{principles.pk}/delete/",
        "challenge/",
        "delete/",
    ]
    for path in paths:
        reader.visit(page, setup + path)


def test_rehearsals_follow_the_rules(reader: Reader, ready: Ready):
    page = reader.open(LAPTOP)
    ready.sign_in(page)
    rehearsal = rehearsing.begin(
        workshop=ready.workshop, asked_by=ready.admin, people=60, seconds=60
    )
    base = f"/console/{ready.workshop.slug}/setup/rehearsal/"
    reader.visit(page, f"{base}{rehearsal.pk}/")
    reader.visit(page, base)  # and why none can begin now
    rehearsing.end(rehearsal, report=found())
    reader.visit(page, base)
    reader.visit(page, f"{base}{rehearsal.pk}/")
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    reader.look(page, "report on a phone")
    page.get_by_role("button", name="Take the copy away").click()
    expect(page.locator(".messages")).to_contain_text("The report stays")
    stopped = world.stopped_rehearsal(ready.workshop)
    reader.visit(page, f"{base}{stopped.pk}/")


def test_templates_follow_the_rules(reader: Reader, ready: Ready):
    page = reader.open(LAPTOP)
    ready.sign_in(page)
    reader.visit(page, "/templates/")
    reader.visit(page, "/templates/migration-development-2006/1/")
    reader.visit(page, "/templates/check/")
    page.get_by_label("Text (optional)").fill("format: 1\nkey: Not A Key\n")
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.locator("#errors")).to_be_visible()
    reader.look(page, "mistakes")


def test_screen_follows_the_rules(reader: Reader, ready: Ready):
    page = reader.open(WALL)
    board = page.locator("main > .board")
    by_look = {"light": ["color-contrast"], "dark": {"type": "tag", "values": RULES}}

    def shows(kind: str, text: str = "") -> None:
        expect(page.locator(f"main > .board.{kind}")).to_be_visible()
        expect(board).to_contain_text(text)
        for look, rules in by_look.items():
            ready.show(look=look)
            expect(board).to_have_attribute("data-theme", look)
            reader.by_rules(page, f"screen, {kind}, {text}, {look}", rules)

    page.goto(f"{ready.url}/screen/{ready.workshop.screen_secret}/")
    shows("join")
    ready.start("framework")
    shows("brief-view")
    principles = ready.open("framework/principles")
    ready.answer(principles)
    shows("progress", "12 of 12")
    ready.close(principles)
    ready.reveal(principles)
    shows("results", "By people")
    ready.show(view=Screen.View.TABLES)
    shows("results", "By tables")
    ready.show_item(principles, "p4")
    shows("one")
    ready.add_point("framework/principles", "One thought.", item="p1")
    ready.show_points()
    shows("quote")
    ready.add_point("framework/principles", "Another thought.")
    ready.show_points()
    shows("points-view")

    scenarios = ready.open("options/scenarios")
    ready.answer(scenarios)
    ready.close(scenarios)
    ready.reveal(scenarios)
    shows("results", "By people")
    ready.show(view=Screen.View.PLANE)
    shows("plane-view")
    ready.open("diasporas/outcomes")
    shows("discuss")


# ---- narrow and enlarged ----


@pytest.mark.parametrize(
    ("width", "text"), [(320, "100%"), (360, "100%"), (360, "200%")]
)
def test_phone_never_scrolls_sideways(
    windows: Windows, ready: Ready, width: int, text: str
):
    page = windows.open("narrow", (width, 700))
    wide: dict[str, list[str]] = {}

    def look(what: str) -> None:
        page.evaluate(
            "(size) => (document.documentElement.style.fontSize = size)", text
        )
        wide[what] = page.evaluate(TOO_WIDE)

    page.goto(ready.url)
    look("home")
    ready.admit(page)
    look("details")
    ready.let_in(page, 9)
    stage = f"{ready.url}/w/{ready.workshop.slug}/"
    for path in ("seat/", "forget/", "continue/", "table/hand-over/", ""):
        page.goto(stage + path)
        look(path or "waiting")

    for path in ("framework/principles", "options/scenarios", "options/pick"):
        this_round = ready.open(path)
        on_stage(page, "open", ready.prompt(path).question)
        open_everything(page)
        look(f"{path}, own answer")
        page.locator('#tabs a[data-tab="ours"]').click()
        open_everything(page)
        look(f"{path}, table's answer")
        page.locator('#tabs a[data-tab="own"]').click()
        ready.answer(this_round)
        ready.close(this_round)
        on_stage(page, "closed", ready.prompt(path).question)
        look(f"{path}, closed")
        ready.reveal(this_round)
        on_stage(page, "revealed", ready.prompt(path).question)
        look(f"{path}, revealed")
    ready.open("diasporas/outcomes")
    on_stage(page, "open", "What holds us back")
    open_everything(page)
    look("discussion")

    assert {what: found for what, found in wide.items() if found} == {}


def open_everything(page: Page) -> None:
    page.evaluate(
        "document.querySelectorAll('details').forEach((d) => (d.open = true))"
    )


# ---- by keyboard ----


def test_question_is_answered_by_keyboard(windows: Windows, ready: Ready):
    page = windows.open("keyboard", PHONE)
    ready.let_in(page)
    ready.open("framework/principles")
    page.goto(f"{ready.url}/w/{ready.workshop.slug}/")
    page.wait_for_function(ALL_HEARD)  # no board comes to close what is opened
    open_everything(page)
    page.evaluate(PLACE_OF)

    wanted = set(page.evaluate(OPERABLE))
    reached, unseen = set(), []
    for _press in range(2 * len(wanted)):
        page.keyboard.press("Tab")
        place = page.evaluate(FOCUSED)
        if not place:
            break
        reached.add(place)
        if not page.evaluate(SEEN):
            unseen.append(place)

    assert wanted - reached == set()
    assert unseen == []
    assert len(wanted) > 2 * len(PRINCIPLES)

    page.locator('#a-form input[name="answer.p1"]').first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    expect(page.locator('#a-form [data-item="p1"] > [data-ack]')).to_have_attribute(
        "data-state", "stored"
    )
    expect(page.locator("#a-form input:checked")).to_have_value("difficult")


def on_stage(page: Page, status: str, heading: str) -> None:
    stage = page.locator("#own .stage")
    expect(stage.locator("h1")).to_contain_text(heading)
    expect(stage).to_have_attribute("data-status", status)
