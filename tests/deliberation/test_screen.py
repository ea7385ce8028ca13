import re

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from deliberation.actions import points, publishing, rounds, screens
from deliberation.live.screen import screen_html
from deliberation.models import Item, Point, Round, Screen
from deliberation.writeup import builder
from tests.builders import (
    join,
    judge,
    make_prompt,
    make_workshop,
    open_round,
    scribe_of,
)
from workshops.actions import joining
from workshops.models import Speaker, Workshop

pytestmark = pytest.mark.django_db

ANSWERS = ["Unproblematic", "Difficult to deliver", "Inconsistent"]


def text_of(workshop: Workshop) -> str:
    """What can be read on the screen, in one line."""
    html = screen_html(workshop.pk).replace("<", " <")
    return re.sub(r"\s+", " ", strip_tags(html)).strip()


def kind_of(workshop: Workshop) -> str:
    """Which board it is: the class beside `board`."""
    return re.search(r'class="board ([\w-]+)', screen_html(workshop.pk))[1]


def judged(*, tables: int = 4, people: int = 6, **fields) -> tuple[Workshop, Round]:
    """A closed round in which everybody found everything unproblematic."""
    workshop = make_workshop(tables=tables)
    prompt = make_prompt(workshop, **fields)
    seats = [join(workshop, table=1 + n % tables) for n in range(people)]
    this_round = open_round(prompt)
    for seat in seats:
        judge(this_round, seat, {"p1": 1, "p2": 1, "p3": 1})
    return workshop, rounds.close_round(round_id=this_round.pk)


def show(workshop: Workshop, **fields) -> None:
    screens.set_screen(workshop=workshop, **fields)


def add_point(this_round: Round, text: str, *, items=(), shown=True) -> Point:
    scribe = scribe_of(this_round.workshop, table=2)
    point = points.add_point(
        prompt=this_round.prompt,
        this_round=this_round,
        participant=scribe,
        table=scribe.table,
        kind="point",
        text=text,
        items=list(Item.objects.filter(prompt=this_round.prompt, key__in=items)),
        key=text,
    )
    if shown:
        points.set_status(point=point, status="shown")
    return point


# ---- the page ----


def test_the_screen_opens_by_its_secret_link(client):
    workshop = make_workshop()

    page = client.get(reverse("screen:show", args=[workshop.screen_secret]))

    content = page.content.decode()
    assert page.status_code == 200
    assert not page.cookies
    assert f'data-board="screen:{workshop.pk}"' in content
    assert (
        f'data-live="/live/screen/{workshop.screen_secret}/" data-live-quiet' in content
    )
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in content
    assert screen_html(workshop.pk) in content


def test_another_secret_is_not_found(client):
    make_workshop()

    assert client.get("/screen/somethingelse/").status_code == 404


def test_nothing_on_the_screen_needs_an_inline_style_or_script(client):
    workshop, this_round = judged()
    rounds.reveal(round_id=this_round.pk)

    html = client.get(f"/screen/{workshop.screen_secret}/").content.decode()

    assert "style=" not in html
    assert "<style" not in html
    assert re.findall(r"<script(?! src=)", html) == []


# ---- coming in ----


def test_joining_shows_address_code_and_who_is_there(settings):
    settings.PUBLIC_URL = "https://plenary.example/talks"
    workshop = make_workshop(tables=2, place="76 Portland Place", join_code="K7Q4MX")
    join(workshop, table=1)
    join(workshop, table=1)
    join(workshop, table=None)

    html = screen_html(workshop.pk)
    text = text_of(workshop).replace("\u200b", "")

    assert kind_of(workshop) == "join"
    assert "<svg" in html
    assert "plenary.example/talks" in text
    assert "K7Q 4MX" in text
    assert "76 Portland Place" in text
    assert "3 people have joined Table 1 2 Table 2 0" in text
    assert workshop.join_secret not in html  # only in the picture


def test_no_code_is_shown_while_joining_is_locked():
    workshop = make_workshop(joining_locked=True)

    assert "Joining is closed." in text_of(workshop)
    assert workshop.spoken_join_code not in text_of(workshop)
    assert "QR code" not in screen_html(workshop.pk)


def test_the_code_stays_in_later_views_and_goes_when_joining_is_locked():
    workshop, this_round = judged()
    rounds.reveal(round_id=this_round.pk)

    assert workshop.spoken_join_code in text_of(workshop)
    Workshop.objects.update(joining_locked=True)
    assert workshop.spoken_join_code not in text_of(workshop)


def test_the_overlay_shows_joining_over_anything():
    workshop, this_round = judged()
    rounds.reveal(round_id=this_round.pk)
    show(workshop, join_overlay=True)

    assert kind_of(workshop) == "join"


# ---- black, frozen, over ----


def test_a_blank_screen_says_nothing():
    workshop, this_round = judged()
    rounds.reveal(round_id=this_round.pk)
    show(workshop, blank=True)

    assert kind_of(workshop) == "blank"
    assert text_of(workshop) == ""


def test_a_frozen_screen_stands_as_it_was_until_it_thaws(client):
    workshop, this_round = judged()
    before = screen_html(workshop.pk)
    screens.freeze(workshop=workshop, html=before)

    rounds.reveal(round_id=this_round.pk)
    show(workshop, look="light")

    assert screen_html(workshop.pk) == before
    assert before in client.get(f"/screen/{workshop.screen_secret}/").content.decode()
    screens.thaw(workshop=workshop)
    assert kind_of(workshop) == "results"


def test_an_ended_workshop_thanks_and_shows_nothing_else():
    workshop, this_round = judged()
    rounds.reveal(round_id=this_round.pk)
    screens.freeze(workshop=workshop, html=screen_html(workshop.pk))
    Workshop.objects.update(ended_at=timezone.now())

    assert text_of(workshop) == "Thank you for taking part."


def test_the_look_is_the_one_chosen():
    workshop = make_workshop()

    assert 'data-theme="dark"' in screen_html(workshop.pk)
    show(workshop, look="light")
    assert 'data-theme="light"' in screen_html(workshop.pk)


def test_a_workshop_without_a_screen_yet_shows_how_to_join():
    assert kind_of(make_workshop()) == "join"


# ---- a session ----


def test_a_session_shows_its_speakers_and_its_brief():
    workshop = make_workshop()
    session = workshop.sessions.get()
    session.brief = "Think of **each** principle."
    session.save()
    Speaker.objects.create(
        session=session, position=1, name="Seat 1", organisation="An institute"
    )
    rounds.go_to_session(session=session)

    assert text_of(workshop).startswith("60 minutes A framework Join")
    assert "Seat 1 , An institute Think of each principle." in text_of(workshop)
    assert "<strong>each</strong>" in screen_html(workshop.pk)


# ---- while people answer ----


@pytest.mark.parametrize(
    "kind", ["assess", "rate", "choose", "approve", "rank", "allocate"]
)
@pytest.mark.parametrize("ending", ["open", "closed"])
@pytest.mark.parametrize("view", ["people", "tables", "plane"])
def test_nothing_of_the_answers_shows_before_they_are_revealed(kind, ending, view):
    workshop = make_workshop(tables=2)
    criteria = ("one", "other") if kind == "rate" else ()
    prompt = make_prompt(workshop, kind=kind, criteria=criteria, asks_tables=True)
    seats = [join(workshop, table=1 + n % 2) for n in range(6)]
    ends = [f".{criterion}" for criterion in criteria] or [""]
    keys = [f"p{number}{end}" for number in (1, 2, 3) for end in ends]
    this_round = open_round(prompt)
    table = workshop.tables.get(number=1)
    judge(this_round, seats[0], dict.fromkeys(keys, 1), voice="tables", table=table)

    boards = set()
    for value in (1, 0 if kind in ("choose", "approve") else 2):
        Round.objects.update(closed_at=None)
        for seat in seats:
            judge(this_round, seat, dict.fromkeys(keys, value))
        if ending == "closed":
            Round.objects.update(closed_at=timezone.now())
        for item in (None, prompt.items.first()):
            show(workshop, view=view, item=item)
            html = screen_html(workshop.pk)
            assert not any(answer in html for answer in ANSWERS)
            assert not re.search(r'class="(bar|cell|grid|rows|plane)\b', html)
            boards.add((item, html))
    assert len(boards) == 2  # whatever was answered, the board is the same


def test_progress_counts_people_and_tables_that_are_in():
    workshop = make_workshop(tables=2)
    prompt = make_prompt(workshop, asks_tables=True)
    seats = [join(workshop, table=1), join(workshop, table=1), join(workshop, table=2)]
    this_round = open_round(prompt)
    judge(this_round, seats[0], {"p1": 1})
    one, two = workshop.tables.order_by("number")
    judge(this_round, seats[0], {"p1": 1}, voice="tables", table=one)  # of three
    whole = {"p1": 1, "p2": "abstain", "p3": "not-discussed"}
    judge(this_round, seats[2], whole, voice="tables", table=two)

    text = text_of(workshop)

    assert kind_of(workshop) == "progress"
    assert "How do you judge each principle?" in text
    assert "T1 1 of 2 T2 table’s answer in 0 of 1" in text
    assert "1 of 3 people have answered 1 of 2 tables in" in text


def test_who_was_removed_is_neither_present_nor_in():
    workshop = make_workshop(tables=1)
    this_round = open_round(make_prompt(workshop))
    gone, stays = join(workshop), join(workshop)
    judge(this_round, gone, {"p1": 1})
    gone.removed_at = timezone.now()
    gone.save()

    assert "0 of 1 people have answered" in text_of(workshop)
    assert stays.removed_at is None


def test_the_countdown_stands_on_the_screen_running_paused_and_not_at_all():
    workshop = make_workshop()
    this_round = open_round(make_prompt(workshop, minutes=10))

    assert 'role="timer"' in screen_html(workshop.pk)
    assert 'data-paused="false"' in screen_html(workshop.pk)
    rounds.pause(round_id=this_round.pk)
    assert 'data-paused="true"' in screen_html(workshop.pk)
    rounds.close_round(round_id=this_round.pk)
    assert 'role="timer"' not in screen_html(workshop.pk)
    assert "Closed" in text_of(workshop)


# ---- results ----


def test_revealed_answers_of_people_stand_item_by_item_with_their_numbers():
    workshop, this_round = judged(people=6)
    rounds.reveal(round_id=this_round.pk)

    text = text_of(workshop)

    assert "By people (6)" in text
    assert "1 Principle number 1 6 people 6" in text
    assert all(answer in text for answer in ANSWERS)  # in the legend


@pytest.mark.parametrize(
    ("people", "dots", "figures"), [(2, 0, 0), (3, 9, 0), (12, 36, 0), (13, 0, 3)]
)
def test_up_to_twelve_people_are_dots_and_more_are_bars(people, dots, figures):
    workshop, this_round = judged(people=people)
    rounds.reveal(round_id=this_round.pk)

    html = screen_html(workshop.pk)

    assert html.count('class="dot c1"') == dots
    assert html.count('<use href="#i-unproblematic" x="4"') == dots
    assert html.count(f">{people}</text>") == figures


def test_results_that_show_live_are_there_while_people_answer():
    workshop = make_workshop(tables=1)
    this_round = open_round(make_prompt(workshop, reveal="live"))
    seats = [join(workshop) for _ in range(4)]
    for seat in seats[:3]:
        judge(this_round, seat, {"p1": 1})

    assert kind_of(workshop) == "results"
    assert "By people (3 of 4 so far)" in text_of(workshop)


def test_results_hidden_again_are_gone():
    workshop, this_round = judged()
    rounds.reveal(round_id=this_round.pk)
    rounds.hide(round_id=this_round.pk)

    assert kind_of(workshop) == "progress"


@pytest.mark.parametrize(
    ("people", "says", "draws"),
    [
        (0, "No answers yet", False),
        (2, "Too few answers to show", False),
        (3, "", True),
    ],
)
def test_few_answers_are_counted_and_not_drawn(people, says, draws):
    workshop, this_round = judged(people=people)
    rounds.reveal(round_id=this_round.pk)

    html = screen_html(workshop.pk)

    assert says in text_of(workshop)
    assert (
        re.search(r'width="(?!0\.00%|100%|20|24|0")[\d.]+%"', html) is not None
    ) is draws


def test_a_median_needs_five_answers():
    workshop, this_round = judged(kind="rate", people=4)
    rounds.reveal(round_id=this_round.pk)

    assert "Median" not in text_of(workshop)
    rounds.hide(round_id=this_round.pk)
    Round.objects.update(closed_at=None)
    judge(this_round, join(workshop), {"p1": 1, "p2": 1, "p3": 1})
    rounds.reveal(round_id=this_round.pk)
    assert "Median" in text_of(workshop)


def test_no_percentages_are_ever_read():
    workshop, this_round = judged(kind="approve", people=4)
    rounds.reveal(round_id=this_round.pk)

    assert "%" not in text_of(workshop)
    assert "4 of 4" in text_of(workshop)


def test_tables_stand_side_by_side_with_their_own_answers():
    workshop = make_workshop(tables=3)
    seat = join(workshop)
    this_round = open_round(make_prompt(workshop, asks_tables=True))
    for number, values in enumerate([(1, 1, 2), (1, 2, "not-discussed")], start=1):
        table = workshop.tables.get(number=number)
        answers = dict(zip(("p1", "p2", "p3"), values, strict=True))
        judge(this_round, seat, answers, voice="tables", table=table)
    rounds.close_round(round_id=this_round.pk)
    rounds.reveal(round_id=this_round.pk)
    show(workshop, view="tables")

    text = text_of(workshop)

    assert "1 Principle number 1 Unproblematic Unproblematic Not in yet" in text
    assert "3 Principle number 3 Difficult to deliver Not discussed Not in yet" in text
    assert "By tables (2 of 3)" in text


def test_tables_of_one_or_two_people_are_not_shown():
    workshop, this_round = judged(tables=3, people=10)
    leave = this_round.responses.filter(table__number=2).order_by("pk")
    for response in leave[:2]:
        joining.remove(participant=response.participant)
    rounds.reveal(round_id=this_round.pk)
    show(workshop, view="tables")

    # Four, one and three: the one alone would be all less the others.
    assert (
        "1 Principle number 1 Unproblematic 4 of 4 Too few to show Too few to show"
    ) in text_of(workshop)


def test_more_than_thirteen_tables_are_summed_up_in_bars():
    workshop = make_workshop(tables=14)
    seat = join(workshop)
    this_round = open_round(make_prompt(workshop, asks_tables=True))
    for table in workshop.tables.all():
        judge(
            this_round, seat, {"p1": 1, "p2": 1, "p3": 2}, voice="tables", table=table
        )
    rounds.reveal(round_id=this_round.pk)
    show(workshop, view="tables")

    assert "14 tables" in text_of(workshop)
    assert "T14" not in text_of(workshop)


def test_the_head_says_the_finding_and_else_asks_the_question():
    workshop = make_workshop(tables=2)
    seat = join(workshop)
    this_round = open_round(make_prompt(workshop, asks_tables=True, asks_people=False))
    for table in workshop.tables.all():
        answers = {"p1": 1, "p2": table.number, "p3": table.number}
        judge(this_round, seat, answers, voice="tables", table=table)
    rounds.reveal(round_id=this_round.pk)

    assert "Principle number 1: unproblematic for both tables" in text_of(workshop)
    judge(this_round, seat, {"p1": 3}, voice="tables", table=table)
    assert "Both tables agree on none of the three" in text_of(workshop)
    judge(this_round, seat, {"p1": "abstain"}, voice="tables", table=table)
    assert "A framework How do you judge each principle?" in text_of(workshop)


def test_two_criteria_stand_side_by_side_or_span_a_plane():
    workshop = make_workshop(tables=1)
    prompt = make_prompt(workshop, kind="rate", criteria=("effective", "feasible"))
    this_round = open_round(prompt)
    for _ in range(5):
        answers = {f"p{n}.{c}": n for n in (1, 2, 3) for c in ("effective", "feasible")}
        judge(this_round, join(workshop), answers)
    rounds.reveal(round_id=this_round.pk)

    assert "Effective Median Feasible Median" in text_of(workshop)
    assert 'class="dot' not in screen_html(workshop.pk)  # too small to be told apart
    assert "First on both effective and feasible: Principle number 3" in text_of(
        workshop
    )
    show(workshop, view="plane")
    assert kind_of(workshop) == "plane-view"


def test_what_was_chosen_is_sorted_only_once_the_round_is_closed():
    workshop = make_workshop(tables=1)
    this_round = open_round(make_prompt(workshop, kind="choose", reveal="live"))
    for _ in range(3):
        judge(this_round, join(workshop), {"p1": 0, "p2": 0, "p3": 1})

    def order():
        return re.findall(r"Principle number \d", text_of(workshop).split("far)")[-1])

    assert order() == [f"Principle number {n}" for n in (1, 2, 3)]
    rounds.close_round(round_id=this_round.pk)
    order_now = re.findall(r"\d Principle number \d", text_of(workshop))
    assert order_now[0] == "3 Principle number 3"


@pytest.mark.parametrize("criteria", [(), ("effective", "feasible")])
def test_what_was_rated_is_sorted_only_once_the_round_is_closed(criteria):
    workshop = make_workshop(tables=1)
    prompt = make_prompt(workshop, kind="rate", criteria=criteria, reveal="live")
    this_round = open_round(prompt)
    # By the first criterion alone; the other would put p3 first.
    said = {"p1": (2, 4), "p2": (5, 3), "p3": (4, 5)}
    for _ in range(5):
        values = {
            ".".join(filter(None, (item, criterion))): value
            for item, both in said.items()
            for criterion, value in zip(criteria or ("",), both, strict=False)
        }
        judge(this_round, join(workshop), values)

    def numbers():
        wall = screen_html(workshop.pk).partition('class="rows wall')[2]
        return re.findall(r'<th scope="row"><span class="num">(\d)', wall)

    assert numbers() == ["1", "2", "3"]
    rounds.close_round(round_id=this_round.pk)
    assert numbers() == ["2", "3", "1"]
    # Each bar stands beside its own median.
    medians = re.findall(r'<b class="num">(\d)</b>', screen_html(workshop.pk))
    expected = [str(value) for item in ("p2", "p3", "p1") for value in said[item]]
    assert medians == (expected if criteria else expected[::2])


def test_more_than_ten_items_are_turned_like_pages():
    workshop = make_workshop(tables=1)
    this_round = open_round(make_prompt(workshop, items=14, reveal="live"))
    judge(this_round, join(workshop), {"p1": 1})

    html = screen_html(workshop.pk)

    assert re.findall(r'data-page="(.*?)"', html) == ["1–7 of 14", "8–14 of 14"]
    assert re.findall(r'data-page="8–14 of 14"[^>]* hidden>', html)


# ---- one item ----


def test_one_item_shows_its_whole_text_its_answers_and_its_points():
    workshop, this_round = judged(people=6, asks_tables=True)
    rounds.reveal(round_id=this_round.pk)
    add_point(this_round, "Only for those who settle", items=["p2"])
    add_point(this_round, "Something else", items=["p1"])
    show(workshop, showing="prompt", item=this_round.prompt.items.get(key="p2"))

    text = text_of(workshop)

    assert kind_of(workshop) == "one"
    assert "2 Principle number 2" in text
    assert "People 6 answered" in text
    assert "T1 Not in yet T2 Not in yet" in text
    assert "Only for those who settle Table 2" in text
    assert "Something else" not in text


def test_an_item_that_was_added_after_opening_waits_for_the_next_round():
    workshop, this_round = judged()
    late = Item.objects.create(prompt=this_round.prompt, key="late", position=9)
    rounds.reveal(round_id=this_round.pk)
    show(workshop, item=late)

    assert kind_of(workshop) == "progress"


# ---- points ----


def test_points_that_the_facilitator_chose_stand_there_last_chosen_first():
    workshop, this_round = judged()
    first = add_point(this_round, "Written first", items=["p3"], shown=False)
    add_point(this_round, "Written second")
    add_point(this_round, "Never chosen", shown=False)
    points.set_status(point=first, status="shown")

    text = text_of(workshop)

    assert kind_of(workshop) == "points-view"
    assert text.index("Written first") < text.index("Written second")
    assert "3 Principle number 3 Table 2" in text
    assert "Never chosen" not in text


def test_a_single_point_stands_alone():
    workshop, this_round = judged()
    add_point(this_round, "The one that matters", items=["p1", "p2"])

    assert kind_of(workshop) == "quote"
    assert text_of(workshop).endswith("The one that matters items 1, 2 Table 2")


@pytest.mark.parametrize(
    ("rule", "names_table"),
    [
        ("named", True),
        ("organisation", True),
        ("chatham-house", False),
        ("anonymous", False),
    ],
)
@pytest.mark.parametrize("showing", ["points", "prompt"])
def test_points_name_their_table_only_as_far_as_the_rule_allows(
    rule, names_table, showing
):
    workshop, this_round = judged(people=0)
    Workshop.objects.update(attribution=rule)
    this_round.workshop.refresh_from_db()
    add_point(this_round, "A point", items=["p1"])
    item = this_round.prompt.items.get(key="p1")
    show(workshop, showing=showing, round=this_round, item=item)

    assert "A point" in text_of(workshop)
    assert ("Table 2" in text_of(workshop)) is names_table


def test_a_point_is_text_whatever_it_says():
    workshop, this_round = judged()
    add_point(this_round, "<img src=x onerror=alert(1)> & more")

    assert "<img" not in screen_html(workshop.pk)


def test_a_discussion_shows_its_parts_and_under_each_its_points():
    workshop = make_workshop()
    prompt = make_prompt(workshop, kind="discuss", items=2, question="What now?")
    this_round = open_round(prompt)
    add_point(this_round, "About the second", items=["p2"])
    add_point(this_round, "About neither")
    show(workshop, showing="prompt")

    text = text_of(workshop)

    assert kind_of(workshop) == "discuss"
    assert "1 Principle number 1 2 Principle number 2 About the second Table 2" in text
    assert "About neither Table 2 2 points so far" in text


# ---- cost ----


@pytest.mark.parametrize("size", [1, 4])
@pytest.mark.parametrize("state", ["join", "progress", "people", "tables", "one"])
def test_a_board_costs_the_same_for_few_and_for_many(
    size, state, django_assert_max_num_queries
):
    workshop, this_round = judged(
        tables=2 * size, people=3 * size, items=3, asks_tables=True
    )
    if state not in ("join", "progress"):
        rounds.reveal(round_id=this_round.pk)
        for number in range(size):
            add_point(this_round, f"Point {number}", items=["p1"])
    show(
        workshop,
        showing="join" if state == "join" else "prompt",
        view="tables" if state == "tables" else "people",
        item=this_round.prompt.items.first() if state == "one" else None,
    )
    most = {"join": 3, "progress": 7, "people": 12, "tables": 12, "one": 25}[state]

    with django_assert_max_num_queries(most):
        screen_html(workshop.pk)
    assert Screen.objects.count() == 1


# ---- places and points ----


def numbered(kind, *sheets, voice="people", **fields) -> Workshop:
    """A closed and revealed round of three items, a sheet of numbers for each voter."""
    workshop = make_workshop(tables=max(2, len(sheets)) if voice == "tables" else 2)
    prompt = make_prompt(workshop, kind=kind, asks_tables=voice == "tables", **fields)
    this_round = open_round(prompt)
    for number, sheet in enumerate(sheets, start=1):
        values = {f"p{n}": value for n, value in enumerate(sheet, start=1)}
        if voice == "tables":
            table = workshop.tables.get(number=number)
            who = join(workshop, table=number)
            judge(this_round, who, values, voice="tables", table=table)
        else:
            judge(this_round, join(workshop, table=1 + number % 2), values)
    rounds.close_round(round_id=this_round.pk)
    rounds.reveal(round_id=this_round.pk)
    return workshop


def test_a_ranking_shows_first_choices_mean_places_and_who_wins_head_to_head():
    text = text_of(numbered("rank", *[(1, 2, 3)] * 3, (2, 1, 3), (3, 1, 2)))

    assert "Principle number 1 leads: first for 3 of 5, and head to head" in text
    assert "First choices Mean place" in text
    assert "1 Principle number 1 3 of 5 1.6" in text


def test_the_head_says_where_first_choices_and_head_to_head_differ():
    cast = [(1, 2, 3)] * 4 + [(3, 1, 2)] * 3 + [(3, 2, 1)] * 2

    assert (
        "Most often first: Principle number 1, 4 of 9; head to head, Principle "
        "number 2 beats all others" in text_of(numbered("rank", *cast))
    )


def test_a_cycle_is_said_in_words():
    text = text_of(numbered("rank", *[(1, 2, 3), (3, 1, 2), (2, 3, 1)] * 2))

    assert "head to head, nothing beats all others" in text
    assert "no item beats all others: 1 beats 2, 2 beats 3, 3 beats 1." in text


def test_the_announced_rule_says_who_wins_and_is_announced_while_people_rank():
    cast = [(1, 2, 3)] * 4 + [(3, 1, 2)] * 3 + [(3, 2, 1)] * 2
    workshop = numbered("rank", *cast, rule="plurality")

    decided = "By the rule announced before (most first places), Principle number 1"
    assert f"{decided} wins." in text_of(workshop)
    Round.objects.update(closed_at=None, revealed_at=None)
    assert "The item with most first places wins." in text_of(workshop)


@pytest.mark.parametrize("people", [1, 4])
def test_few_rankings_get_no_mean_and_no_winner(people):
    text = text_of(numbered("rank", *[(1, 2, 3)] * people))

    assert "ead to head" not in text
    assert "Mean place" not in text
    assert ("Most often first" in text) is (people == 4)


def test_points_stand_with_who_gave_them_and_what_was_left():
    cast = [(100, 0, 0), (0, 20, 10), (0, 20, 10), (0, 20, 10), (0, 20, 0)]
    text = text_of(numbered("allocate", *cast))

    assert "Most points: Principle number 1, 100 of the 210 given" in text
    assert "from most hands: Principle number 2" in text
    assert "2 Principle number 2 80 points 4 of 5" in text
    assert "290 of 500 points were not given to anything." in text


def test_tables_show_their_own_places():
    workshop = numbered("rank", (1, 2, 0), (2, 1, 0), (1, 0, 2), voice="tables")
    show(workshop, view="tables")
    text = text_of(workshop)

    assert "1 Principle number 1 1 2 1 2 Principle number 2 2 1 –" in text
    assert "Principle number 1 leads: first for 2 of 3, and head to head" in text


def test_tables_show_their_own_points():
    workshop = numbered("allocate", (70, 30, 0), (50, 50, 0), voice="tables")
    show(workshop, view="tables")

    assert "1 Principle number 1 70 50" in text_of(workshop)


@pytest.mark.parametrize(
    ("kind", "says"),
    [("rank", "first for 1 of 5"), ("allocate", "7 points, from 4 of 5")],
)
def test_one_item_shows_its_numbers(kind, says):
    workshop = numbered(kind, (1, 2, 0), (2, 1, 0), (2, 1, 3), (2, 1, 0), (0, 1, 0))
    show(workshop, item=Item.objects.first())

    assert says in text_of(workshop)


# ---- the write-up's address ----


def publish(workshop: Workshop) -> None:
    report = builder.build(workshop, version=1)
    publishing.publish(workshop=workshop, report=report, number=1)


def test_what_was_published_is_shown_with_its_address(settings):
    settings.PUBLIC_URL = "https://day.example.org"
    workshop = make_workshop(slug="day", title="A day")
    show(workshop, showing=Screen.Showing.WRITE_UP)
    assert kind_of(workshop) == "join"  # nothing is published yet

    publish(workshop)

    assert kind_of(workshop) == "to-read"
    read = text_of(workshop).replace("\u200b", "").replace(" ", "")
    assert "day.example.org/write-up/day/" in read


def test_the_end_of_the_day_leads_to_what_was_published():
    workshop = make_workshop(slug="day")
    Workshop.objects.filter(pk=workshop.pk).update(ended_at=timezone.now())
    assert "/write-up/" not in text_of(workshop)

    publish(workshop)

    assert "Thank you for taking part." in text_of(workshop)
    assert "/write-up/" in text_of(workshop)
