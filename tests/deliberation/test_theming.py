"""Points under themes: whole, recorded, taken back, by several people at once."""

import pytest

from deliberation.actions import points as point_actions
from deliberation.actions import recording, rounds, theming
from deliberation.models import Event, Point, Theme
from tests import builders
from tests.together import at_the_same_time
from workshops import codes

pytestmark = pytest.mark.django_db


class Board:
    """A prompt with points `a`, `b`, ... and what stands where, by these names."""

    def __init__(self, points: str = "abcd") -> None:
        self.workshop = builders.make_workshop()
        self.prompt = builders.make_prompt(self.workshop, kind="discuss", items=0)
        who = builders.join(self.workshop)
        self.points = {
            name: point_actions.add_point(
                prompt=self.prompt,
                this_round=None,
                participant=who,
                table=None,
                kind="point",
                text=name,
                items=[],
                key=codes.new_token(),
            )
            for name in points
        }

    def keys(self, names: str) -> list[int]:
        return [self.points[name].pk for name in names]

    def make(self, title: str, names: str = "", **by) -> Theme:
        keys = self.keys(names)
        return theming.make_theme(prompt=self.prompt, title=title, points=keys, **by)

    def move(self, names: str, theme: Theme | None, **by) -> int:
        pk = theme and theme.pk
        keys = self.keys(names)
        return theming.move_points(prompt=self.prompt, points=keys, theme=pk, **by)

    def repeat(self, names: str, of: str, **by) -> int:
        return theming.mark_repeats(
            prompt=self.prompt, points=self.keys(names), of=self.keys(of)[0], **by
        )

    def delete(self, theme: Theme, **by) -> None:
        theming.delete_theme(prompt=self.prompt, theme=theme.pk, **by)

    def merge(self, theme: Theme, into: Theme, **by) -> Theme:
        return theming.merge_themes(
            prompt=self.prompt, theme=theme.pk, into=into.pk, **by
        )

    def undo(self, *, by=None) -> Event:
        last = recording.last_step(self.workshop, desk="themes", by=by)
        return recording.undo(
            workshop=self.workshop,
            event_id=last.pk if last else 0,
            desk=theming.THEMES,
            by=by,
        )

    @property
    def state(self) -> list[tuple[str, str]]:
        """Each theme in order with its points; `b=a` repeats `a`."""
        found = {None: ""} | {
            theme.pk: "" for theme in self.prompt.themes.order_by("position", "pk")
        }
        titles = dict(self.prompt.themes.values_list("pk", "title"))
        for point in self.prompt.points.select_related("duplicate_of").order_by("pk"):
            of = f"={point.duplicate_of.text}" if point.duplicate_of else ""
            found[point.theme_id] += f" {point.text}{of}"
        return [(titles.get(pk, "-"), said.strip()) for pk, said in found.items()]

    @property
    def steps(self) -> list[tuple[str, str]]:
        rows = self.workshop.events.filter(desk="themes").order_by("pk")
        return list(rows.values_list("verb", "subject"))


@pytest.fixture
def board() -> Board:
    return Board()


# ---- each step ----


def test_points_are_grouped(board):
    barriers = board.make("Barriers", "ab")
    trust = board.make("Trust")

    assert board.move("bc", trust) == 2
    assert board.state == [("-", "d"), ("Barriers", "a"), ("Trust", "b c")]
    assert board.move("a", None) == 1
    assert board.state == [("-", "a d"), ("Barriers", ""), ("Trust", "b c")]
    assert [barriers.position, trust.position] == [1, 2]
    assert board.steps == [
        ("theme-make", "Barriers"),
        ("theme-make", "Trust"),
        ("theme-move", "Trust"),
        ("theme-move", ""),
    ]


def test_a_new_theme_takes_points_from_others(board):
    board.make("Barriers", "abc")

    board.make("Trust", "bd")  # splits the one, and gathers

    assert board.state == [("-", ""), ("Barriers", "a c"), ("Trust", "b d")]


def test_themes_are_renamed_and_put_in_order(board):
    one, _two, three = [board.make(title) for title in ("One", "Two", "Three")]
    theming.rename_theme(prompt=board.prompt, theme=one.pk, title="First")
    theming.order_theme(prompt=board.prompt, theme=three.pk, by=-1)
    theming.order_theme(prompt=board.prompt, theme=one.pk, by=-1)  # it is the first

    assert [title for title, _points in board.state] == ["-", "First", "Three", "Two"]


def test_a_title_is_used_once(board):
    one, two = board.make("One"), board.make("Two")

    with pytest.raises(theming.TitleTaken) as taken:
        theming.rename_theme(prompt=board.prompt, theme=two.pk, title="one")
    assert taken.value.theme == one
    with pytest.raises(theming.TitleTaken):
        board.make("ONE", "a")
    theming.rename_theme(prompt=board.prompt, theme=one.pk, title="ONE")

    assert board.state == [("-", "a b c d"), ("ONE", ""), ("Two", "")]


def test_a_theme_is_merged_into_another_with_its_points(board):
    one, two = board.make("One", "ab"), board.make("Two", "c")
    board.repeat("d", "a")

    assert board.merge(one, two) == two
    assert board.state == [("-", ""), ("Two", "a b c d=a")]
    assert board.merge(two, two) == two
    assert board.steps[-1] == ("theme-merge", "One")


def test_a_deleted_theme_leaves_its_points(board):
    one = board.make("One", "ab")
    Point.objects.filter(text="b").update(withdrawn_at="2026-11-22T12:00Z")

    board.delete(one)

    assert board.state == [("-", "a b c d")]


# ---- repeats ----


def test_a_repeat_stands_and_goes_with_what_it_repeats(board):
    one, two = board.make("One", "a"), board.make("Two", "b")

    assert board.repeat("abc", "a") == 2
    assert board.state == [("-", "d"), ("One", "a b=a c=a"), ("Two", "")]
    assert board.move("b", two) == 1
    assert board.state == [("-", "d"), ("One", ""), ("Two", "a b=a c=a")]
    theming.mark_apart(prompt=board.prompt, point=board.keys("b")[0])
    board.move("b", one)

    assert board.state == [("-", "d"), ("One", "b"), ("Two", "a c=a")]


def test_nothing_repeats_a_repeat(board):
    board.repeat("b", "a")
    board.repeat("d", "c")

    assert board.repeat("a", "d") == 2
    assert board.state == [("-", "a=c b=c c d=c")]
    assert board.repeat("b", "d") == 0


def test_what_repeats_a_point_that_was_taken_back_stands_for_others(board):
    board.repeat("b", "a")
    Point.objects.filter(text="a").update(withdrawn_at="2026-11-22T12:00Z")

    board.repeat("c", "b")

    assert board.state == [("-", "a b c=b d")]


# ---- what is not done ----


def test_a_point_stays_where_its_new_theme_has_gone(board):
    anna = builders.make_facilitator(name="anna")
    one, two, three = [board.make(title) for title in ("One", "Two", "Three")]
    board.move("a", three)
    board.delete(one, actor=anna)
    board.merge(two, three, actor=anna)
    there = board.state

    for gone, verb in ((one, "theme-delete"), (two, "theme-merge")):
        with pytest.raises(theming.ThemeGone) as refused:
            board.move("ab", gone)
        event = refused.value.event
        assert (event.verb, event.actor, event.subject) == (verb, anna, gone.title)
    with pytest.raises(theming.ThemeGone) as refused:
        theming.rename_theme(prompt=board.prompt, theme=0, title="Nothing")
    assert refused.value.event is None
    assert board.state == there


def test_only_points_and_themes_of_the_prompt_are_grouped(board):
    other = builders.make_prompt(board.workshop, key="other", kind="discuss", items=0)
    theirs = theming.make_theme(prompt=other, title="Theirs")

    with pytest.raises(theming.ThemeGone):
        board.move("a", theirs)
    for act in (
        lambda: theming.move_points(
            prompt=other, points=board.keys("ab"), theme=theirs.pk
        ),
        lambda: theming.make_theme(prompt=other, title="More", points=board.keys("ab")),
        lambda: theming.mark_repeats(
            prompt=other, points=board.keys("a"), of=board.keys("b")[0]
        ),
        lambda: theming.mark_apart(prompt=other, point=board.keys("a")[0]),
    ):
        with pytest.raises(theming.PointsGone):
            act()

    assert board.state == [("-", "a b c d")]
    assert [theme.title for theme in other.themes.all()] == ["Theirs"]


def test_points_that_were_taken_back_are_left_out(board):
    Point.objects.filter(text__in="ab").update(withdrawn_at="2026-11-22T12:00Z")

    board.make("One", "abc")
    with pytest.raises(theming.PointsGone):
        board.make("Two", "ab")

    assert board.state == [("-", "a b d"), ("One", "c")]


# ---- undo ----


def test_every_step_can_be_taken_back_one_after_the_other(board):
    anna = builders.make_facilitator(name="anna")
    themes = {}

    def keep(title, names):
        themes[title] = board.make(title, names, actor=anna)

    acts = [
        lambda: keep("One", "ab"),
        lambda: keep("Two", "bc"),
        lambda: board.repeat("d", "b", actor=anna),
        lambda: board.move("a", themes["Two"], actor=anna),
        lambda: theming.rename_theme(
            prompt=board.prompt, theme=themes["One"].pk, title="First", actor=anna
        ),
        lambda: theming.order_theme(
            prompt=board.prompt, theme=themes["Two"].pk, by=-1, actor=anna
        ),
        lambda: board.merge(themes["Two"], themes["One"], actor=anna),
        lambda: theming.mark_apart(
            prompt=board.prompt, point=board.keys("d")[0], actor=anna
        ),
        lambda: board.delete(themes["One"], actor=anna),
    ]
    states = []
    for act in acts:
        states.append(board.state)
        act()
    assert board.state == [("-", "a b c d")]
    for before in reversed(states):
        board.undo(by=anna)
        assert board.state == before
    with pytest.raises(recording.NothingToUndo):
        board.undo(by=anna)


def test_everybody_takes_back_their_own_step(board):
    anna, ben = [builders.make_facilitator(name=name) for name in ("anna", "ben")]
    board.make("One", "a", actor=anna)
    board.make("Two", "b", actor=ben)

    assert board.undo(by=anna).subject == "One"

    assert board.state == [("-", "a c d"), ("Two", "b")]


def test_what_somebody_went_on_with_is_not_taken_back(board):
    anna, ben = [builders.make_facilitator(name=name) for name in ("anna", "ben")]
    one = board.make("One", "a", actor=anna)
    board.move("b", one, actor=ben)
    with pytest.raises(recording.ChangedSince):
        board.undo(by=anna)  # its theme holds another point by now

    board.move("c", one, actor=anna)
    board.delete(one, actor=ben)
    with pytest.raises(recording.ChangedSince):
        board.undo(by=anna)

    two = board.make("Two", "d", actor=ben)
    board.move("d", None, actor=anna)
    board.delete(two, actor=ben)
    with pytest.raises(recording.ChangedSince):
        board.undo(by=anna)  # there is nothing to go back to
    assert board.state == [("-", "a b c d")]


def test_the_console_undoes_past_what_the_theme_team_does(board):
    anna = builders.make_facilitator(name="anna")
    steps = recording.steps_taken(board.workshop)
    round_ = rounds.open_round(prompt=board.prompt, actor=anna)
    point_actions.set_status(point=board.points["a"], status="kept", actor=anna)
    one = board.make("One", "ab", actor=anna)
    board.delete(one, actor=anna)

    assert recording.steps_taken(board.workshop) == steps + 2
    assert recording.last_step(board.workshop).verb == "point-kept"
    assert recording.undo(workshop=board.workshop).verb == "point-kept"
    assert recording.undo(workshop=board.workshop).verb == "open"

    assert not board.workshop.rounds.filter(pk=round_.pk).exists()
    assert board.state == [("-", "a b c d")]
    board.undo(by=anna)
    assert board.state == [("-", "c d"), ("One", "a b")]


# ---- at once ----


@pytest.mark.django_db(transaction=True)
def test_no_point_is_lost_where_all_move_at_once():
    board = Board("abcdefgh")
    themes = [board.make(title) for title in ("One", "Two", "Three")]

    def shuffle(number):
        def act():
            done = 0
            for turn in range(6):
                theme = themes[(number + turn) % 3]
                names = "abcdefgh"[turn % 3 :: 2] if number % 2 else "hgfedcba"
                try:
                    done += bool(board.move(names, theme))
                except theming.ThemeGone:
                    done += 1
            return done

        return act

    def rebuild():
        for theme in themes[:2]:
            board.delete(theme)

    results = at_the_same_time(*(shuffle(n) for n in range(4)), rebuild)

    assert results[:4] == [6, 6, 6, 6]
    there = board.state
    assert sorted(" ".join(names for _title, names in there).split()) == [*"abcdefgh"]
    assert [title for title, _names in there] == ["-", "Three"]


@pytest.mark.django_db(transaction=True)
def test_a_theme_that_is_deleted_while_points_come_in_takes_none_along():
    board = Board("ab")
    told = []
    for _turn in range(8):
        theme = board.make("One")

        def enter(theme=theme):
            try:
                board.move("ab", theme)
            except theming.ThemeGone:
                return "gone"
            return "moved"

        def leave(theme=theme):
            board.delete(theme)

        told += at_the_same_time(enter, leave)[:1]
        assert board.state == [("-", "a b")]

    assert set(told) <= {"gone", "moved"}


@pytest.mark.django_db(transaction=True)
def test_the_same_title_at_once_makes_one_theme():
    board = Board("abc")

    def make(name):
        def act():
            try:
                board.make("One", name)
            except theming.TitleTaken:
                return "taken"
            return "made"

        return act

    told = at_the_same_time(make("a"), make("b"), make("c"))

    assert sorted(told) == ["made", "taken", "taken"]
    assert [title for title, _names in board.state] == ["-", "One"]


@pytest.mark.django_db(transaction=True)
def test_the_console_goes_on_while_points_are_grouped():
    board = Board("abcdef")
    anna = builders.make_facilitator(name="anna")

    def group():
        for turn in range(5):
            theme = board.make(f"Theme {turn}", "abc", actor=anna)
            board.move("def", theme, actor=anna)
            board.undo(by=anna)

    def run():
        for _turn in range(5):
            rounds.open_round(prompt=board.prompt)
            point = Point.objects.get(text="a")
            point_actions.set_status(point=point, status="shown")
            assert recording.undo(workshop=board.workshop).verb == "point-shown"
            assert recording.undo(workshop=board.workshop).verb == "open"

    at_the_same_time(group, run)

    assert not board.workshop.rounds.exists()
    assert board.state[0] == ("-", "d e f")
