"""The page of the theming board and its steps, as without script."""

import re

import pytest
from django.conf import settings
from django.test import Client

from deliberation.actions import points as point_actions
from deliberation.actions import theming
from deliberation.live import board as boards
from deliberation.live.parts import changed
from deliberation.live.theming import themes_board
from deliberation.models import Point
from tests import builders
from tests.deliberation.test_theming import Board

pytestmark = pytest.mark.django_db


class Team(Board):
    """The board as an account sees it who posts its buttons."""

    def __init__(self, points: str = "abcd", **role) -> None:
        super().__init__(points)
        self.user = builders.make_facilitator(self.workshop, **role)
        self.client = Client()
        self.client.force_login(self.user)

    def get(self, query: str = "") -> str:
        answer = self.client.get(f"/console/day/themes/?{query}")
        assert answer.status_code == 200
        return answer.content.decode()

    def do(self, step: str, names: str = "", **fields) -> str:
        """Post a step and return what the page says after it."""
        data = {"prompt": self.prompt.pk, "do": step, "point": self.keys(names)}
        answer = self.client.post("/console/day/themes/do/", data | fields)
        assert answer.status_code == 302
        html = self.client.get(answer["Location"]).content.decode()
        said = re.findall(r'<li class="\w+">.*?</svg>(.*?)</li>', html, re.DOTALL)
        return " ".join(said[0].split())

    def key(self, name: str) -> int:
        return self.keys(name)[0]


@pytest.fixture
def team() -> Team:
    return Team()


def visible(html: str) -> list[str]:
    """Return the texts of the cards that are not hidden, in their order."""
    cards = re.findall(r'<li class="card"[^>]*?>.*?</label>', html, re.DOTALL)
    return [
        re.search(r'class="text"[^>]*>(.*?)</span>', card)[1]
        for card in cards
        if " hidden>" not in card.partition("\n")[0]
    ]


# ---- steps ----


def test_steps_are_taken_by_buttons(team):
    assert team.do("make", title="One") == "New theme: “One”."
    assert (
        team.do("make", "a", title=" Two\u2028 ") == "New theme: “Two”, with 1 point."
    )
    one, two = team.prompt.themes.order_by("position")
    assert team.do("move", "bc", to=one.pk) == "2 points moved to “One”."
    assert team.do(f"move:{team.key('d')}", "a", to=one.pk) == "1 point moved to “One”."
    assert team.do("move", "d", to="0") == "1 point is in no theme now."
    assert team.do(f"up:{two.pk}") == "The order is changed."
    assert team.state == [("-", "d"), ("Two", "a"), ("One", "b c")]
    said = team.do(f"same:{team.key('b')}", "abd")
    assert said == "2 points stand with the one they repeat."
    assert team.do(f"apart:{team.key('d')}") == "It stands for itself again."
    assert team.state == [("-", ""), ("Two", ""), ("One", "a=b b c d")]
    assert team.do(f"merge:{one.pk}", to=two.pk) == "Merged into “Two”."
    said = team.do(f"delete:{two.pk}")
    assert said == "The theme is deleted; its points are in no theme now."
    assert team.state == [("-", "a=b b c d")]


def test_the_last_step_of_ones_own_is_taken_back(team):
    assert 'id="undo"' not in team.get()
    team.do("make", "a", title="One")
    ben = builders.make_facilitator(name="ben")
    team.make("Two", "b", actor=ben)
    undo = re.search(r'id="undo" name="do" value="(undo:\d+)"', team.get())[1]

    assert team.do(undo) == "Undone: new theme “One”."
    assert team.do(undo) == "That was undone already, or is not your last step."
    assert team.state == [("-", "a c d"), ("Two", "b")]


@pytest.mark.parametrize(
    ("step", "fields", "said"),
    [
        ("", {}, "This button is out of date. Please press it again."),
        ("open:1", {}, "This button is out of date. Please press it again."),
        ("move", {"to": "0"}, "Tick the points to be moved first."),
        ("move", {"names": "a", "to": ""}, "Choose where to move them first."),
        (
            "move",
            {"names": "a", "to": "9999"},
            "This theme is no longer there. The points are where they were.",
        ),
        ("make", {"title": " \u200b"}, "Type the title of the theme first."),
        ("make", {"title": "x" * 201}, "A title can be 200 characters long."),
        ("same:9999", {}, "Tick the points that repeat this one first."),
        (
            "same:9999",
            {"names": "a"},
            "These points were taken back by those who wrote them.",
        ),
        ("up:", {}, "That is no longer there. The page shows what there is now."),
        ("merge:1", {"to": ""}, "Choose the theme to merge it into first."),
    ],
)
def test_a_step_that_cannot_be_taken_says_why(team, step, fields, said):
    assert team.do(step, fields.pop("names", ""), **fields) == said
    assert (team.state, team.steps) == ([("-", "a b c d")], [])


def test_who_moves_into_a_theme_that_went_is_told_by_whom(team):
    anna = builders.make_facilitator(name="anna")
    one, two, three = [team.make(title) for title in ("One", "Two", "Three")]
    team.delete(one, actor=anna)
    team.merge(two, three, actor=anna)

    said = team.do("move", "a", to=one.pk)
    assert re.fullmatch(
        r"“One” was deleted by anna at \d\d:\d\d\. The points are where they were\.",
        said,
    )
    said = team.do("move", "a", to=two.pk)
    assert said.startswith("“Two” was merged into another theme by anna at ")
    assert team.state == [("-", "a b c d"), ("Three", "")]


def test_a_title_that_is_taken_is_not_typed_again(team):
    team.make("One")

    said = team.do("make", "a", title="one")

    assert said.startswith("There is a theme “One” already.")
    assert 'name="title" value="one"' in team.get("title=one")


def test_renaming_to_a_title_that_is_taken_offers_to_merge(team):
    one, two = team.make("One", "a"), team.make("Two", "b")
    address = f"/console/day/themes/{two.pk}/"

    refused = team.client.post(address, {"title": "one"})
    html = refused.content.decode()
    assert refused.status_code == 422
    assert 'name="title" value="one"' in html
    offered = re.search(r'name="do" value="(merge:\d+:\d+)"', html)[1]
    assert offered == f"merge:{two.pk}:{one.pk}"
    assert team.do(offered) == "Merged into “One”."
    assert team.state == [("-", "c d"), ("One", "a b")]

    answer = team.client.post(f"/console/day/themes/{one.pk}/", {"title": "First"})
    assert answer["Location"].endswith(f"?prompt={team.prompt.pk}#theme-{one.pk}")
    assert team.state == [("-", "c d"), ("First", "a b")]


def test_the_answer_to_a_step_by_script_is_the_board(team):
    theme = team.make("One")
    data = {"prompt": team.prompt.pk, "do": "move", "to": theme.pk}
    points = ",".join(map(str, team.keys("ab")))

    answer = team.client.post(
        "/console/day/themes/do/",
        data | {"point": points},
        headers={"HX-Request": "true"},
    )
    html = answer.content.decode()
    assert (answer.status_code, "2 points moved to “One”." in html) == (200, True)
    assert team.state == [("-", "c d"), ("One", "a b")]
    assert 'value="undo:' in html
    refused = team.client.post(
        "/console/day/themes/do/", data, headers={"HX-Request": "true"}
    )
    assert refused.status_code == 409


def test_an_observer_sees_the_board_and_changes_nothing():
    team = Team(role="observer")

    html = team.get()

    assert visible(html) == ["a", "b", "c", "d"]
    assert 'id="act"' not in html
    data = {"prompt": team.prompt.pk, "do": "make", "title": "One"}
    answer = team.client.post("/console/day/themes/do/", data)
    assert (answer.status_code, team.steps) == (403, [])


# ---- what is shown ----


def test_points_are_filtered(team):
    prompt = builders.make_prompt(team.workshop, key="more", kind="discuss", items=2)
    one, two = prompt.items.all()
    scribe = builders.scribe_of(team.workshop, table=2)
    said = {}

    def say(text, who, items, **fields):
        said[text] = point_actions.add_point(
            prompt=prompt,
            this_round=None,
            participant=who,
            items=items,
            text=text,
            key=text,
            **{"kind": "point", "table": None} | fields,
        )

    say("By a table", scribe, [one], table=scribe.table, kind="dissent")
    say("By a person", builders.join(team.workshop, table=1), [one, two])
    say("Elsewhere", builders.join(team.workshop, table=None), [])
    theming.mark_repeats(
        prompt=prompt, points=[said["Elsewhere"].pk], of=said["By a person"].pk
    )
    Point.objects.filter(text="a").update(withdrawn_at="2026-11-22T12:00Z")

    def found(query=""):
        return visible(team.get(f"prompt={prompt.pk}&{query}"))

    assert found() == ["By a table", "By a person"]
    assert found("kind=dissent") == found("table=2") == ["By a table"]
    assert found(f"item={two.pk}") == found("q=PERSON") == ["By a person"]
    assert found("q=else") == ["By a person"]  # for what repeats it
    assert found("table=1") == ["By a person"]
    assert found("table=1&kind=dissent") == found("item=x") == []
    assert visible(team.get(f"prompt={team.prompt.pk}")) == ["b", "c", "d"]
    team.workshop.attribution = "chatham-house"
    team.workshop.save()
    assert found("table=1") == []


def test_a_workshop_without_questions_has_no_board():
    workshop = builders.make_workshop()
    client = Client()
    client.force_login(builders.make_facilitator(workshop))

    html = client.get("/console/day/themes/").content.decode()

    assert "Nothing can be asked yet" in html


def test_the_board_costs_the_same_for_any_number(team, django_assert_num_queries):
    items = builders.make_prompt(team.workshop, key="items").items.all()
    team.points["a"].items.set(items)
    team.make("One", "ab")
    with django_assert_num_queries(7):
        themes_board(team.workshop.pk, team.prompt.pk)
    for number in range(20):
        point = point_actions.add_point(
            prompt=team.prompt,
            this_round=None,
            participant=builders.join(team.workshop),
            table=None,
            kind="point",
            text=f"More {number}",
            items=list(items),
            key=f"more-{number}",
        )
        theming.make_theme(
            prompt=team.prompt, title=f"Theme {number}", points=[point.pk]
        )
    team.repeat("cd", "a")
    with django_assert_num_queries(7):
        themes_board(team.workshop.pk, team.prompt.pk)


def test_a_move_sends_the_columns_that_it_changed(team):
    one = team.make("One", "a")
    team.make("Two", "b")
    before = themes_board(team.workshop.pk, team.prompt.pk)

    team.move("c", one)

    parts = changed(before, themes_board(team.workshop.pk, team.prompt.pk))
    assert [re.search(r'id="([a-z]+)', part)[1] for part in parts] == [
        "counts",
        "theme",
        "theme",
    ]


# ---- who may watch it ----


def watch(client: Client, key) -> boards.Watch | None:
    session = client.cookies.get(settings.SESSION_COOKIE_NAME)
    cookie = f"{session.key}={session.value}" if session else ""
    return boards.authorise({b"cookie": cookie.encode()}, ["themes", str(key)])


def test_the_board_is_watched_by_who_may_see_the_console(team):
    pk = team.prompt.pk
    found = watch(team.client, pk)
    assert found.boards == (f"themes:{team.workshop.pk}:{pk}",)
    assert boards.still_allowed([found]) == [True]
    assert "data-steps" in boards.render(found.boards[0])

    stranger = Client()
    stranger.force_login(builders.make_facilitator(name="stranger"))
    assert watch(stranger, pk) is None
    assert watch(Client(), pk) is None
    for key in (0, pk + 1, "x", "9" * 40):
        assert watch(team.client, key) is None
    team.workshop.memberships.all().delete()
    assert boards.still_allowed([found]) == [False]


def test_the_board_of_another_workshops_prompt_is_empty(team):
    other = builders.make_workshop(slug="other")

    assert boards.render(f"themes:{other.pk}:{team.prompt.pk}") == ""
    assert boards.render(f"themes:{team.workshop.pk}:0") == ""
