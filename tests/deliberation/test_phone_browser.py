"""A phone in a browser: what is tapped and typed on poor Wi-Fi is not lost."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Error, Locator, Page, expect

from deliberation.actions import rounds
from deliberation.models import Answer, Point, Response, Submission
from tests import builders
from tests.live.proxy import FaultProxy
from tests.serving import serving
from workshops import codes, identity
from workshops.actions import joining, scribes
from workshops.models import Participant

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class Hand:
    """A phone with its page, behind a proxy that can be told to misbehave."""

    def __init__(self, page: Page, proxy: FaultProxy) -> None:
        self.page, self.proxy = page, proxy
        self.problems: list[str] = []
        page.set_viewport_size({"width": 320, "height": 640})
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.expose_function("violated", lambda what: self.problems.append(what))
        page.add_init_script(
            "addEventListener('securitypolicyviolation',"
            " (event) => window.violated(`${event.violatedDirective}`))"
        )

    def sit_down(self, workshop, *, table: int = 1) -> Participant:
        token = codes.new_token()
        who = builders.join(workshop, table=table, token=token)
        name = identity.cookie_name(workshop.pk)
        self.page.context.add_cookies(
            [{"name": name, "value": token, "url": self.proxy.url}]
        )
        self.page.goto(f"{self.proxy.url}/w/{workshop.slug}/")
        return who

    def tap(self, field: str, value: str) -> None:
        self.page.locator(f'label[for="{field}-{value}"]').click()

    def item(self, number: int, *, form: str = "a"):
        return self.page.locator(f'#{form}-form [data-item="p{number}"]')

    def is_said(self, number: int, text: str, *, form: str = "a") -> None:
        line = self.item(number, form=form).locator("[data-ack]")
        expect(line).to_contain_text(text)

    def type(self, number: int, text: str, *, form: str = "a") -> None:
        reason = self.item(number, form=form).locator("details")
        if reason.get_attribute("open") is None:
            reason.locator("summary").click()
        reason.locator("textarea").fill(text)


@pytest.fixture
def workshop(transactional_db):
    return builders.make_workshop(attribution="anonymous")


@pytest.fixture
def hand(workshop, page: Page) -> Iterator[Hand]:
    with serving() as server, FaultProxy(server.port) as proxy:
        hand = Hand(page, proxy)
        yield hand
        page.goto("about:blank")
    assert hand.problems == []


def open_prompt(workshop, **fields):
    return builders.open_round(builders.make_prompt(workshop, **fields))


def values(this_round, voice="people"):
    answers = Answer.objects.filter(round=this_round, response__voice=voice)
    return {answer.item.key: (answer.value, answer.reason) for answer in answers}


def test_qr_secret_leaves_the_address_and_leads_in(workshop, hand):
    hand.page.goto(f"{hand.proxy.url}/j/#{workshop.join_secret}")

    hand.page.wait_for_url("**/w/day/join/")
    assert not any(workshop.join_secret in request for request in hand.proxy.requests)


def test_a_tap_is_stored_by_itself_and_survives_a_reload(workshop, hand):
    hand.sit_down(workshop)
    this_round = open_prompt(workshop)
    hand.tap("a-answer.p1", "difficult")
    hand.is_said(1, "Stored")
    expect(hand.page.locator("#progress-text")).to_have_text("1 of 3 answered")

    hand.page.reload()

    expect(hand.page.locator('[id="a-answer.p1-difficult"]')).to_be_checked()
    assert values(this_round) == {"p1": (2, "")}


def test_taps_without_a_network_are_stored_when_it_is_back(workshop, hand):
    this_round = open_prompt(workshop)
    hand.sit_down(workshop)
    hand.proxy.mode = "502"
    hand.tap("a-answer.p1", "difficult")
    hand.tap("a-answer.p2", "difficult")
    hand.tap("a-answer.p1", "inconsistent")
    hand.is_said(1, "Not stored yet; trying again")
    assert Response.objects.count() == 0

    hand.proxy.mode = "pass"
    hand.page.reload()

    hand.is_said(1, "Stored")
    hand.is_said(2, "Stored")
    assert values(this_round) == {"p1": (3, ""), "p2": (2, "")}


def test_a_lost_acknowledgement_is_not_a_second_answer(workshop, hand):
    open_prompt(workshop)
    hand.sit_down(workshop)
    hand.proxy.only, hand.proxy.mode = "/w/day/answer/", "lose"
    hand.tap("a-answer.p1", "difficult")
    hand.is_said(1, "Not stored yet; trying again")
    hand.proxy.mode = "pass"

    hand.is_said(1, "Stored")
    assert Submission.objects.count() == 1


def test_what_comes_too_late_is_said_and_kept(workshop, hand):
    this_round = open_prompt(workshop, reasons="optional")
    hand.sit_down(workshop)
    hand.proxy.only, hand.proxy.mode = "/w/day/answer/", "502"
    hand.type(1, "Never lost")
    hand.tap("a-answer.p1", "difficult")
    hand.is_said(1, "Not stored yet; trying again")
    rounds.close_round(round_id=this_round.pk)
    hand.proxy.mode = "pass"

    kept = hand.page.locator("#kept")
    for _look in range(2):
        expect(kept).to_contain_text("the question was closed")
        expect(kept).to_contain_text("Difficult to deliver")
        expect(kept).to_contain_text("Never lost")
        hand.page.reload()
    kept.get_by_role("button", name="Send as a point").click()
    expect(kept).to_be_hidden()
    assert [point.text for point in Point.objects.all()] == ["Never lost"]


@pytest.mark.parametrize(
    "mode", ["refuse", "hang", "reset", "lose", "truncate", "502", "portal", "buffer"]
)
def test_what_is_said_under_any_fault_is_stored_once_and_in_order(workshop, hand, mode):
    this_round = open_prompt(workshop, reasons="optional")
    hand.sit_down(workshop)
    expect(hand.page.locator("#live-pill")).to_have_text("Live")
    hand.proxy.only, hand.proxy.delay = "/w/day/answer/", 0.05
    hand.proxy.mode = mode
    hand.tap("a-answer.p1", "difficult")
    hand.tap("a-answer.p2", "inconsistent")
    hand.type(2, "A reason")
    hand.tap("a-answer.p1", "unproblematic")
    if mode != "buffer":  # which only makes answers late
        hand.is_said(1, "Not stored yet; trying again")

    hand.proxy.mode = "pass"

    hand.is_said(1, "Stored")
    hand.is_said(2, "Stored")
    assert values(this_round) == {"p1": (1, ""), "p2": (3, "A reason")}
    response = Response.objects.get()
    keys = Submission.objects.filter(response=response).values_list("key", flat=True)
    assert len(set(keys)) == len(keys) == response.version
    assert kept_for_sending(hand.page) == []


def test_crash_of_the_tab_loses_nothing(workshop, hand):
    this_round = open_prompt(workshop, reasons="optional")
    hand.sit_down(workshop)
    crashing = hand.page.context.new_page()
    with closing(crashing):
        crashing.goto(hand.page.url)
        hand.proxy.only, hand.proxy.mode = "/w/day/answer/", "502"
        crashing.locator('label[for="a-answer.p2-difficult"]').click()
        line = crashing.locator('#a-form [data-item="p2"] [data-ack]')
        expect(line).to_contain_text("Not stored yet")
        with pytest.raises(Error, match=r"(?i)crash"):
            crashing.goto("chrome://crash")
    hand.proxy.mode = "pass"

    hand.page.reload()

    hand.is_said(2, "Stored")
    assert values(this_round) == {"p2": (2, "")}


def test_two_tabs_of_a_person_send_each_answer_once(workshop, hand):
    this_round = open_prompt(workshop)
    hand.sit_down(workshop)
    with closing(hand.page.context.new_page()) as second:
        second.goto(hand.page.url)
        hand.proxy.only, hand.proxy.mode = "/w/day/answer/", "502"
        hand.tap("a-answer.p1", "difficult")
        second.locator('label[for="a-answer.p2-inconsistent"]').click()
        hand.is_said(1, "Not stored yet; trying again")
        hand.proxy.mode = "pass"

        hand.is_said(1, "Stored")
        line = second.locator('#a-form [data-item="p2"] [data-ack]')
        expect(line).to_contain_text("Stored")

    assert values(this_round) == {"p1": (2, ""), "p2": (3, "")}
    assert Submission.objects.count() == 2


def test_going_away_and_back_sends_what_waited(workshop, hand):
    this_round = open_prompt(workshop)
    hand.sit_down(workshop)
    hand.proxy.only, hand.proxy.mode = "/w/day/answer/", "502"
    hand.tap("a-answer.p3", "difficult")
    hand.is_said(3, "Not stored yet; trying again")
    hand.page.goto(f"{hand.proxy.url}/w/day/seat/")
    hand.proxy.mode = "pass"

    hand.page.go_back()

    hand.is_said(3, "Stored")
    assert values(this_round) == {"p3": (2, "")}


@pytest.mark.parametrize("fault", ["blocked", "full"])
def test_phone_that_keeps_nothing_says_so_and_sends_all_the_same(workshop, hand, fault):
    hand.page.add_init_script(STORAGE[fault])
    this_round = open_prompt(workshop)
    hand.sit_down(workshop)
    hand.proxy.only, hand.proxy.mode = "/w/day/answer/", "502"
    hand.tap("a-answer.p1", "difficult")
    hand.is_said(1, "Not stored yet; trying again")
    expect(hand.page.locator("#banner")).to_contain_text("leave this page open")

    hand.proxy.mode = "pass"

    hand.is_said(1, "Stored")
    assert values(this_round) == {"p1": (2, "")}


STORAGE = {
    "blocked": "Object.defineProperty(window, 'localStorage',"
    " { get() { throw new DOMException('no', 'SecurityError'); } });",
    "full": "Storage.prototype.setItem = () => {"
    " throw new DOMException('full', 'QuotaExceededError'); };",
}


def kept_for_sending(page: Page) -> list[str]:
    """Return the names of what the phone has still to send."""
    names = page.evaluate("Object.keys(localStorage)")
    return [name for name in names if ":out:" in name]


def test_text_being_written_survives_a_reload_and_the_next_question(workshop, hand):
    this_round = open_prompt(workshop, reasons="optional")
    hand.sit_down(workshop)
    hand.type(2, "Half a reason")
    hand.page.get_by_text("Add a point of your own").click()
    hand.page.locator("#me-point-text").fill("Half a point")

    hand.page.reload()

    expect(hand.item(2).locator("textarea")).to_have_value("Half a reason")
    expect(hand.page.locator("#me-point-text")).to_have_value("Half a point")
    rounds.close_round(round_id=this_round.pk)
    open_prompt(workshop, key="next")
    expect(hand.page.locator("#kept")).to_contain_text("Half a reason")
    expect(hand.page.locator("#kept")).to_contain_text("Half a point")
    expect(hand.page.locator("#me-point-text")).to_have_value("")


def test_news_takes_neither_text_nor_focus_from_who_is_writing(workshop, hand):
    this_round = open_prompt(workshop, reasons="optional", reveal="live")
    hand.sit_down(workshop)
    hand.type(1, "I am writ")

    builders.judge(this_round, builders.join(workshop), {"p1": 2})

    expect(hand.page.locator(".results")).to_contain_text("Difficult to deliver 1")
    hand.page.keyboard.press("End")
    hand.page.keyboard.type("ing")
    expect(hand.item(1).locator("textarea")).to_have_value("I am writing")


def test_phone_moves_to_the_next_question_by_itself(workshop, hand):
    hand.sit_down(workshop)
    this_round = open_prompt(workshop)
    expect(hand.page.locator("#announce")).to_have_text(
        "New question: How do you judge each principle?"
    )
    expect(hand.page.locator("#own h1")).to_be_focused()
    hand.tap("a-answer.p1", "difficult")
    hand.is_said(1, "Stored")

    rounds.close_round(round_id=this_round.pk)
    expect(hand.page.locator('#own [data-mine="p1"]')).to_have_text(
        "Difficult to deliver"
    )
    rounds.reveal(round_id=this_round.pk)

    expect(hand.page.locator("#announce")).to_have_text("The results are shown.")
    expect(hand.page.locator('#own .results [data-mine="p1"]')).to_have_text(
        "Difficult to deliver"
    )


def test_scribe_sees_both_texts_when_another_device_was_faster(workshop, hand):
    this_round = open_prompt(workshop, asks_tables=True, reasons="optional")
    who = hand.sit_down(workshop)
    scribes.take_role(participant=who)
    hand.page.reload()
    hand.page.get_by_role("link", name="Table 1’s answer").click()
    hand.proxy.only, hand.proxy.mode = "/w/day/table-answer/", "502"
    hand.tap("t-answer.p1", "difficult")
    hand.is_said(1, "Not stored yet", form="t")
    table = workshop.tables.get(number=1)
    builders.judge(this_round, who, {"p1": 3}, voice="tables", table=table)
    hand.proxy.mode = "pass"

    clash = hand.item(1, form="t").locator(".clash")
    expect(clash).to_contain_text("Inconsistent")
    assert values(this_round, "tables") == {"p1": (3, "")}
    clash.get_by_role("button", name="Keep mine").click()
    hand.is_said(1, "Stored", form="t")
    assert values(this_round, "tables") == {"p1": (2, "")}


def test_who_is_handed_the_role_is_told_at_once(workshop, hand):
    open_prompt(workshop, asks_tables=True)
    who = hand.sit_down(workshop)
    expect(hand.page.locator("#t-form")).to_be_hidden()

    scribes.hand_over(table=who.table, to=who)

    expect(hand.page.locator("#announce")).to_have_text("You write for the table now.")
    hand.page.get_by_role("link", name="Table 1’s answer").click()
    expect(hand.page.locator("#t-form")).to_be_visible()


GOOD_NEWS = "You write for Table 1 now."


def take_role(hand) -> Locator:
    """Take the role with a press; return what the page says. Its clock stands still."""
    hand.page.clock.install(time=0)
    hand.page.clock.pause_at(3600)
    hand.page.get_by_role("button", name="Write for Table 1").click()
    news = hand.page.locator(".messages .success")
    expect(news).to_have_text(GOOD_NEWS)
    expect(hand.page.locator("#live-pill")).to_have_text("Live")
    return news


def top_of(place: Locator) -> int:
    return round(place.evaluate("(one) => one.getBoundingClientRect().top"))


def test_good_news_leaves_by_itself_from_above_a_form_that_stays(workshop, hand):
    open_prompt(workshop, asks_tables=True)
    hand.sit_down(workshop)
    news = take_role(hand)
    hand.page.clock.fast_forward(8_000)
    expect(news).to_be_visible()
    before = top_of(hand.item(1))

    hand.page.clock.fast_forward(4_000)

    expect(news).to_be_hidden()
    assert top_of(hand.item(1)) == before


def test_good_news_makes_way_where_nothing_is_open(workshop, hand):
    this_round = open_prompt(workshop, asks_tables=True, items=12)
    rounds.close_round(round_id=this_round.pk)
    hand.sit_down(workshop)
    take_role(hand)
    seventh = hand.page.locator("#own .said > li").nth(6)
    seventh.evaluate("(one) => one.scrollIntoView({ block: 'center' })")
    before = top_of(seventh)

    hand.page.clock.fast_forward(12_000)

    expect(hand.page.locator(".messages")).to_have_count(0)
    assert top_of(seventh) == before


def test_good_news_leaves_with_the_stage_and_errors_stay(workshop, hand):
    this_round = open_prompt(workshop, asks_tables=True)
    hand.sit_down(workshop)
    news = take_role(hand)
    wrong = "<li class='error'>Something went wrong</li>"
    news.evaluate("(one, html) => one.insertAdjacentHTML('afterend', html)", wrong)

    rounds.close_round(round_id=this_round.pk)

    expect(news).to_have_count(0)
    hand.page.clock.fast_forward(12_000)
    expect(hand.page.locator(".messages")).to_have_text("Something went wrong")


def test_good_news_stays_while_it_has_the_focus(workshop, hand):
    this_round = open_prompt(workshop, asks_tables=True)
    hand.sit_down(workshop)
    news = take_role(hand)
    news.evaluate("(one) => { one.tabIndex = -1; one.focus(); }")

    hand.page.clock.fast_forward(12_000)
    rounds.close_round(round_id=this_round.pk)
    closed = hand.page.locator("#own .stage[data-status=closed]")
    expect(closed).to_be_attached()
    expect(news).to_be_visible()

    news.evaluate("(one) => one.blur()")
    hand.page.clock.fast_forward(12_000)
    expect(news).to_have_count(0)


def test_who_is_removed_is_told_at_once(workshop, hand):
    who = hand.sit_down(workshop)
    expect(hand.page.locator("#live-pill")).to_have_text("Live")

    joining.remove(participant=who)

    expect(hand.page.locator("h1")).to_have_text("Your seat has ended")


@pytest.mark.parametrize("kind", ["assess", "rate", "choose", "approve", "discuss"])
def test_nothing_runs_over_the_side_of_a_narrow_phone(workshop, hand, kind):
    this_round = open_prompt(workshop, kind=kind, asks_tables=True, reasons="optional")
    who = hand.sit_down(workshop)
    scribes.take_role(participant=who)
    hand.page.reload()
    widths = []
    for step in (lambda **_round: None, rounds.close_round, rounds.reveal):
        step(round_id=this_round.pk)
        hand.page.reload()
        widths.append(hand.page.evaluate("document.documentElement.scrollWidth"))

    assert widths == [320, 320, 320]


# ---- asked again from what each one answered before ----

EARLIER = "Your earlier answer; not counted yet"


def ask_again(prompt):
    rounds.close_round(round_id=prompt.rounds.get(closed_at=None).pk)
    return rounds.open_round(prompt=prompt, from_own=True)


@pytest.mark.parametrize("reloads", [False, True])
def test_earlier_answers_are_filled_in_and_count_once_kept(workshop, hand, reloads):
    hand.sit_down(workshop)
    this_round = open_prompt(workshop, reasons="optional")
    for number, value in enumerate(("difficult", "inconsistent", "abstain"), start=1):
        hand.tap(f"a-answer.p{number}", value)
        hand.is_said(number, "Stored")

    again = ask_again(this_round.prompt)
    if reloads:
        expect(hand.page.locator("#own")).to_contain_text("asked again, round 2")
        hand.page.reload()
    for number in (1, 2, 3):
        hand.is_said(number, EARLIER)
    expect(hand.page.locator('[id="a-answer.p1-difficult"]')).to_be_checked()
    expect(hand.page.locator("#progress-text")).to_have_text("0 of 3 answered")
    assert values(again) == {}

    hand.tap("a-answer.p1", "difficult")  # the same again
    hand.is_said(1, "Stored")
    hand.tap("a-answer.p2", "unproblematic")  # another one
    hand.is_said(2, "Stored")
    hand.is_said(3, EARLIER)
    expect(hand.page.locator("#progress-text")).to_have_text("2 of 3 answered")
    assert values(again) == {"p1": (2, ""), "p2": (1, "")}

    hand.page.get_by_role("button", name="Keep all my answers").click()
    hand.is_said(3, "Stored")
    expect(hand.page.locator("#a-form [data-earlier-note]")).to_be_hidden()
    assert values(again) == {"p1": (2, ""), "p2": (1, ""), "p3": (None, "")}


def test_a_phone_that_did_not_answer_last_time_starts_from_the_time_before(
    workshop, hand
):
    hand.sit_down(workshop)
    this_round = open_prompt(workshop)
    for number in (1, 2, 3):
        hand.tap(f"a-answer.p{number}", "difficult")
        hand.is_said(number, "Stored")
    ask_again(this_round.prompt)
    hand.is_said(1, EARLIER)

    again = ask_again(this_round.prompt)  # nothing was kept in the second

    expect(hand.page.locator("#own")).to_contain_text("asked again, round 3")
    hand.is_said(1, EARLIER)
    expect(hand.page.locator('[id="a-answer.p1-difficult"]')).to_be_checked()
    assert values(again) == {}


@pytest.mark.parametrize(
    ("kind", "stored"),
    [
        ("approve", {"p1": 1, "p2": 0, "p3": 1}),
        ("rank", {"p1": 2, "p2": 1, "p3": 0}),
        ("allocate", {"p1": 70, "p2": 0, "p3": 30}),
    ],
)
def test_a_whole_earlier_answer_is_kept_with_one_press(workshop, hand, kind, stored):
    who = hand.sit_down(workshop)
    this_round = open_prompt(workshop, kind=kind)
    builders.judge(this_round, who, stored)
    again = ask_again(this_round.prompt)
    hand.page.reload()
    line = hand.page.locator("#a-form [data-ack]")
    expect(line).to_have_text(EARLIER)

    hand.page.get_by_role("button", name="Keep all my answers").click()

    expect(line).to_contain_text("Stored")
    assert {item: value for item, (value, _why) in values(again).items()} == stored


def test_a_scribe_keeps_the_tables_earlier_answer(workshop, hand):
    who = hand.sit_down(workshop)
    scribes.take_role(participant=who)
    this_round = open_prompt(workshop, asks_people=False, asks_tables=True)
    builders.judge(this_round, who, {"p1": 3}, voice="tables", table=who.table)
    again = ask_again(this_round.prompt)
    hand.is_said(1, EARLIER, form="t")

    hand.page.get_by_role("button", name="Keep all the table’s answers").click()

    hand.is_said(1, "Stored", form="t")
    assert values(again, "tables") == {"p1": (3, "")}


def test_without_script_earlier_answers_are_kept_by_the_form(workshop, browser):
    token = codes.new_token()
    who = builders.join(workshop, token=token)
    this_round = open_prompt(workshop)
    builders.judge(this_round, who, {"p1": 2, "p2": 1})
    again = ask_again(this_round.prompt)
    with (
        serving() as server,
        closing(browser.new_context(java_script_enabled=False)) as context,
    ):
        url = f"http://127.0.0.1:{server.port}"
        name = identity.cookie_name(workshop.pk)
        context.add_cookies([{"name": name, "value": token, "url": url}])
        page = context.new_page()
        page.goto(f"{url}/w/{workshop.slug}/")
        acks = page.locator("#a-form [data-ack]")
        expect(acks).to_have_text([EARLIER, EARLIER, ""])

        page.get_by_role("button", name="Keep all my answers").click()

        expect(acks).to_have_text(["Stored", "Stored", ""])
    assert values(again) == {"p1": (2, ""), "p2": (1, "")}
