"""The theming board in browsers: by keyboard, by drag, by two people at once."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Locator, Page, expect

from deliberation.models import Event
from tests import builders
from tests.browser.windows import PHONE, Windows
from tests.deliberation.test_theming import Board
from tests.serving import serving

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class Team:
    """A board, and windows of people who work on it."""

    def __init__(self, url: str, windows: Windows, board: Board) -> None:
        self.url = url
        self.windows = windows
        self.board = board

    def open(self, name: str, **options) -> "Desk":
        page = self.windows.open(name, **options)
        client = Client()
        client.force_login(builders.make_facilitator(self.board.workshop, name=name))
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        page.context.add_cookies(
            [{"name": cookie.key, "value": cookie.value, "url": self.url}]
        )
        page.goto(f"{self.url}/console/day/themes/")
        # Boards come by the stream from now on.
        expect(page.locator('html[data-live="live"]')).to_have_count(1)
        return Desk(page, self.board)


class Desk:
    """One person's window."""

    def __init__(self, page: Page, board: Board) -> None:
        self.page = page
        self.board = board
        self.toast = page.locator("#toast")

    def theme(self, title: str) -> Locator:
        return self.page.locator(f'[data-title="{title}"]')

    def card(self, name: str) -> Locator:
        return self.page.locator(f"#point-{self.board.points[name].pk}")

    def tick(self, names: str) -> None:
        for name in names:
            self.card(name).get_by_role("checkbox").check()

    def sees(self, title: str, names: str) -> None:
        """Wait until a theme has these points, in this order."""
        texts = self.theme(title).locator(".card .text")
        expect(texts).to_have_text(list(names))

    def said(self, text: str) -> None:
        expect(self.toast).to_contain_text(text)


class Refusals(list):
    """Problems, but for what browsers write down of a step that was refused."""

    def append(self, problem: str) -> None:
        if "status of 409" not in problem:
            super().append(problem)


LOOSE = "In no theme yet"


@pytest.fixture
def team(transactional_db, browser) -> Iterator[Team]:
    windows = Windows(browser)
    windows.problems = Refusals()
    with serving() as server:
        yield Team(server.url, windows, Board("abcd"))
        windows.close()
    assert windows.problems == []


def test_points_are_grouped_by_keyboard_alone(team):
    desk = team.open("anna")
    keys = desk.page.keyboard

    desk.card("a").get_by_role("checkbox").focus()
    keys.press("Space")
    desk.card("b").get_by_role("checkbox").focus()
    keys.press("Space")
    expect(desk.page.locator("#ticked")).to_have_text("2 ticked")
    desk.page.get_by_label("New theme").focus()
    keys.type("Barriers")
    keys.press("Enter")
    desk.sees("Barriers", "ab")
    desk.sees(LOOSE, "cd")
    expect(desk.page.locator("#ticked")).to_have_text("Nothing is ticked")
    expect(desk.page.get_by_label("New theme")).to_have_value("")

    move = desk.card("c").get_by_role("button", name="Move …")
    move.focus()
    keys.press("Enter")
    where = desk.page.locator("#where")
    expect(where.get_by_role("button", name="Barriers")).to_be_focused()
    keys.press("Escape")
    expect(where).to_be_hidden()
    expect(move).to_be_focused()
    keys.press("Enter")
    keys.press("Enter")
    desk.sees("Barriers", "abc")
    expect(move).to_be_focused()  # at its new place

    undo = desk.page.locator("#undo")
    undo.focus()
    keys.press("Enter")
    desk.said("Undone: move “Barriers”.")
    desk.sees(LOOSE, "cd")
    assert team.board.state == [("-", "c d"), ("Barriers", "a b")]


def test_points_are_dragged_alone_and_all_that_are_ticked(team):
    barriers = team.board.make("Barriers", "a")
    desk = team.open("anna")

    desk.card("b").locator(".text").drag_to(desk.theme("Barriers").locator("h2"))
    desk.sees("Barriers", "ab")
    expect(desk.card("b").get_by_role("checkbox")).not_to_be_checked()
    desk.tick("cd")
    desk.card("d").locator(".text").drag_to(desk.theme("Barriers").locator("h2"))
    desk.said("2 points moved to “Barriers”.")
    desk.sees("Barriers", "abcd")
    desk.card("a").locator(".text").drag_to(desk.theme(LOOSE).locator("h2"))
    desk.sees(LOOSE, "a")

    assert team.board.state == [("-", "a"), (barriers.title, "b c d")]


def test_a_finger_drags_by_the_handle(team):
    team.board.make("Barriers")
    desk = team.open("anna", size=PHONE, has_touch=True)

    def touch(kind, place):
        point = {"x": place["x"] + 10, "y": place["y"] + 10}
        points = [] if kind == "touchEnd" else [point]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    desk.page.set_viewport_size({"width": 390, "height": 3000})
    handle = desk.card("a").locator(".handle").bounding_box()
    target = desk.theme("Barriers").locator("h2").bounding_box()
    session = desk.page.context.new_cdp_session(desk.page)
    touch("touchStart", handle)
    touch("touchMove", {"x": target["x"], "y": (handle["y"] + target["y"]) / 2})
    touch("touchMove", target)
    expect(desk.theme("Barriers")).to_contain_class("over")
    touch("touchEnd", target)

    desk.sees("Barriers", "a")


def test_two_people_work_on_one_board(team):
    anna, ben = team.open("anna"), team.open("ben")
    anna.tick("ab")
    ben.page.get_by_label("New theme").fill("Half a ti")
    ben.tick("d")
    ben.page.get_by_label("Words in it").fill("d")

    anna.page.get_by_label("New theme").fill("Barriers")
    anna.page.get_by_role("button", name="Make it").click()

    ben.sees("Barriers", "ab")
    expect(ben.card("a")).to_be_hidden()  # his filter stays
    expect(ben.card("d").get_by_role("checkbox")).to_be_checked()
    expect(ben.page.get_by_label("New theme")).to_have_value("Half a ti")
    expect(ben.page.get_by_label("New theme")).not_to_be_focused()
    ben.page.get_by_label("Words in it").fill("")
    ben.page.get_by_label("Move to").select_option("Barriers")
    ben.page.get_by_role("button", name="Move the ticked ones").click()

    anna.sees("Barriers", "abd")
    expect(anna.page.locator("#undo")).to_contain_text("new theme “Barriers”")
    expect(ben.page.locator("#undo")).to_contain_text("move “Barriers”")
    anna.page.locator("#undo").click()
    anna.said("Somebody has gone on from there")
    ben.page.locator("#undo").click()
    ben.said("Undone: move “Barriers”.")
    anna.page.locator("#undo").click()
    anna.said("Undone: new theme “Barriers”.")
    ben.sees(LOOSE, "abcd")
    assert Event.objects.filter(desk="console").count() == 0


def test_who_types_is_left_alone_by_what_others_do(team):
    desk = team.open("anna")
    title = desk.page.get_by_label("New theme")
    title.press_sequentially("Half ")

    theme = team.board.make("Barriers", "ab")

    desk.sees("Barriers", "ab")
    expect(title).to_be_focused()
    title.press_sequentially("a title")
    expect(title).to_have_value("Half a title")
    choice = desk.page.get_by_label("Move to")
    choice.select_option("Barriers")
    team.board.make("Trust")
    expect(choice.locator("option")).to_have_text(
        ["Choose", "No theme", "Barriers", "Trust"]
    )
    expect(choice).to_have_value(str(theme.pk))


def test_a_theme_that_went_keeps_what_was_ticked(team):
    theme = team.board.make("Barriers")
    desk = team.open("anna")
    desk.tick("a")
    desk.card("a").get_by_role("button", name="Move …").click()
    where = desk.page.locator("#where")

    team.board.delete(theme, actor=builders.make_facilitator(name="ben"))
    expect(desk.theme("Barriers")).to_have_count(0)
    where.get_by_role("button", name="Barriers").click()

    desk.said("“Barriers” was deleted by ben")
    desk.sees(LOOSE, "abcd")
    expect(desk.card("a").get_by_role("checkbox")).to_be_checked()


def test_repeats_stand_with_what_they_repeat(team):
    desk = team.open("anna")
    same = desk.card("b").get_by_role("button", name="The ticked ones repeat this")
    expect(same).to_be_hidden()
    desk.tick("ac")

    same.click()
    desk.said("2 points stand with the one they repeat.")
    expect(desk.card("b").locator(".repeats .text")).to_have_text(["a", "c"])
    desk.card("c").get_by_role("button", name="Not the same").click()
    expect(desk.card("b").locator(".repeats .text")).to_have_text(["a"])
    assert team.board.state == [("-", "a=b b c d")]
