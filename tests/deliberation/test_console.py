from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from deliberation.actions import doors, points, rounds
from deliberation.models import Event, Point, Round, Screen
from tests import builders

pytestmark = pytest.mark.django_db

HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def workshop():
    return builders.make_workshop()


@pytest.fixture
def anna(client, workshop):
    user = builders.make_facilitator(workshop, name="anna")
    client.force_login(user)
    return user


def press(client, workshop, do: str, **options):
    """Press a button of the console; return the status and what was said."""
    address = reverse("console:do", args=[workshop.slug])
    answer = client.post(address, {"do": do}, **HTMX, **options)
    html = answer.content.decode()
    said = html.rpartition('hx-swap-oob="innerHTML">')[2].partition("</p>")[0]
    return answer.status_code, said.rpartition(">")[2]


def test_list_groups_workshops_by_what_is_to_be_done(client, monkeypatch):
    noon = datetime(2028, 2, 29, 12, tzinfo=UTC)  # no midnight comes meanwhile
    monkeypatch.setattr(timezone, "now", lambda: noon)
    user = builders.make_facilitator()
    client.force_login(user)
    today = timezone.localdate()
    for slug, fields in {
        "over": {"ended_at": timezone.now()},
        "today": {"date": today},
        "soon": {"date": today + timedelta(days=365)},
        "undated": {},
    }.items():
        made = builders.make_workshop(slug=slug, title=slug, **fields)
        builders.make_facilitator(made)
    builders.make_workshop(slug="foreign", title="Somebody else’s")

    answer = client.get(reverse("console:list"))

    groups = [
        (group["key"], [workshop.slug for workshop in group["workshops"]])
        for group in answer.context["groups"]
    ]
    assert groups == [
        ("running", ["today"]),
        ("coming", ["soon", "undated"]),
        ("ended", ["over"]),
    ] or groups[1][1] == ["undated", "soon"]
    assert "Somebody else’s" not in answer.content.decode()


@pytest.mark.parametrize(
    ("role", "leads"), [("facilitator", True), ("observer", False)]
)
def test_list_leads_to_the_set_up_of_what_one_may_change(client, role, leads):
    workshop = builders.make_workshop()
    builders.make_facilitator(workshop, name="owner", role="owner")
    client.force_login(builders.make_facilitator(workshop, role=role))

    html = client.get(reverse("console:list")).content.decode()

    assert (reverse("setup:overview", args=[workshop.slug]) in html) == leads


def test_list_explains_the_first_step(client):
    client.force_login(builders.make_facilitator())

    answer = client.get(reverse("console:list"))

    assert "Make the first workshop" in answer.content.decode()
    assert reverse("console:new") in answer.content.decode()


@pytest.mark.parametrize(
    "name",
    [
        "run",
        "end",
        "points",
        "people",
        "merge",
        "join_sheet",
        "results",
        "data",
        "book",
        "names",
    ],
)
def test_pages_are_for_the_workshops_own_accounts(client, workshop, name):
    address = reverse(f"console:{name}", args=[workshop.slug])
    assert client.get(address).status_code == 302
    client.force_login(builders.make_facilitator(name="stranger"))

    assert client.get(address).status_code == 404


def test_run_shows_the_board_with_one_form_for_all_its_buttons(client, workshop, anna):
    html = client.get(reverse("console:run", args=[workshop.slug])).content.decode()

    assert html.count('<form id="act"') == 1
    assert f'data-board="console:{workshop.pk}"' in html
    assert f'data-live="/live/console/{workshop.slug}/"' in html
    assert 'data-role="facilitator"' in html


def test_observers_see_everything_and_change_nothing(client, workshop):
    client.force_login(builders.make_facilitator(workshop, role="observer"))
    prompt = builders.make_prompt(workshop)

    page = client.get(reverse("console:run", args=[workshop.slug]))
    status = client.post(
        reverse("console:do", args=[workshop.slug]), {"do": f"open:{prompt.pk}:0"}
    ).status_code

    html = page.content.decode()
    assert ("here as an observer" in html, '<form id="act"' in html) == (True, False)
    assert (status, Round.objects.count()) == (403, 0)
    for name in ("points", "people", "results", "end", "join_sheet"):
        address = reverse(f"console:{name}", args=[workshop.slug])
        answer = client.get(address)
        assert (answer.status_code, b'method="post"' in answer.content) == (200, False)


def test_without_script_a_step_leads_back_with_a_message(client, workshop, anna):
    prompt = builders.make_prompt(workshop, question="Ten principles")

    answer = client.post(
        reverse("console:do", args=[workshop.slug]),
        {"do": f"open:{prompt.pk}:0"},
        follow=True,
    )

    assert answer.redirect_chain == [(f"/console/{workshop.slug}/", 302)]
    assert "Open: “Ten principles”." in answer.content.decode()


def test_without_script_a_step_leads_back_to_the_filtered_points(
    client, workshop, anna
):
    answer = client.post(
        reverse("console:do", args=[workshop.slug]),
        {"do": "nonsense", "page": "points", "query": "status=kept\r\nX: y"},
    )

    address = reverse("console:points", args=[workshop.slug])
    assert answer["Location"].startswith(f"{address}?status=kept%0D%0A")


def test_htmx_gets_the_new_board_and_the_sentence(client, workshop, anna):
    prompt = builders.make_prompt(workshop, question="Ten principles")

    assert press(client, workshop, f"open:{prompt.pk}:0") == (
        200,
        "Open: “Ten principles”.",
    )
    this_round = Round.objects.get()
    assert press(client, workshop, f"close:{this_round.pk}")[0] == 200
    assert press(client, workshop, f"reveal:{this_round.pk}")[0] == 200
    assert press(client, workshop, f"hide:{this_round.pk}")[0] == 200
    assert list(Event.objects.order_by("pk").values_list("verb", "actor")) == [
        ("open", anna.pk),
        ("close", anna.pk),
        ("reveal", anna.pk),
        ("hide", anna.pk),
    ]


def test_htmx_is_sent_to_sign_in_as_a_whole_page(client, workshop):
    answer = client.post(
        reverse("console:do", args=[workshop.slug]), {"do": "blank:1"}, **HTMX
    )

    assert answer["HX-Redirect"] == reverse("account_login")


@pytest.mark.parametrize("do", ["close", "reveal", "hide", "open", "start"])
def test_the_second_of_two_is_told_who_was_faster(client, workshop, anna, do):
    other = builders.make_facilitator(workshop, name="boris")
    prompt = builders.make_prompt(workshop)
    session = workshop.sessions.get()
    arguments = {"start": f"start:{session.pk}", "open": f"open:{prompt.pk}:0"}
    if do == "start":
        rounds.go_to_session(session=session, actor=other)
    else:
        this_round = rounds.open_round(prompt=prompt, actor=other)
        arguments |= {name: f"{name}:{this_round.pk}" for name in ("close", "reveal")}
        arguments["hide"] = f"hide:{this_round.pk}"
        if do != "open":
            rounds.close_round(round_id=this_round.pk, actor=other)
        if do in ("reveal", "hide"):
            rounds.reveal(round_id=this_round.pk, actor=other)
        if do == "hide":
            rounds.hide(round_id=this_round.pk, actor=other)

    status, said = press(client, workshop, arguments[do])

    assert (status, " by boris at " in said) == (409, True)
    assert said.startswith("Already ")


def test_a_late_press_names_the_clock_that_closed(client, workshop, anna):
    this_round = builders.open_round(builders.make_prompt(workshop, minutes=1))
    Round.objects.update(
        closes_at_zero=True,
        opened_at=timezone.now() - timedelta(minutes=1),
        ends_at=timezone.now() - timedelta(seconds=1),
    )
    rounds.close_expired()

    status, said = press(client, workshop, f"close:{this_round.pk}")

    assert (status, said.endswith("when the time ran out.")) == (409, True)
    assert press(client, workshop, f"time:{this_round.pk}:60")[0] == 409


def test_open_waits_for_what_is_still_open(client, workshop, anna):
    builders.open_round(builders.make_prompt(workshop, question="First"))
    second = builders.make_prompt(workshop, key="second")
    later = builders.make_session(workshop, "later")

    for do in (f"open:{second.pk}:0", f"start:{later.pk}"):
        assert press(client, workshop, do) == (
            409,
            "“First” is still open. Close it first.",
        )


@pytest.mark.parametrize(
    ("again", "words"),
    [
        ("blank", [("", False), (":mine", True)]),
        ("mine", [("", True), (":blank", False)]),
    ],
)
def test_asking_again_blank_or_from_earlier_answers(
    client, workshop, anna, again, words
):
    prompt = builders.make_prompt(workshop, again=again)
    rounds.close_round(round_id=builders.open_round(prompt).pk)
    other = words[1][0]
    page = client.get(reverse("console:run", args=[workshop.slug])).content.decode()

    for known, (word, _starts) in enumerate(words, start=1):
        this_round = prompt.rounds.last()
        rounds.close_round(round_id=this_round.pk)
        assert press(client, workshop, f"open:{prompt.pk}:{known}{word}")[0] == 200

    assert page.count(f'value="open:{prompt.pk}:1{other}"') == 2  # agenda, controls
    found = prompt.rounds.filter(number__gt=1).order_by("number")
    assert list(found.values_list("starts_from_own", flat=True)) == [
        starts for _word, starts in words
    ]


def test_a_prompt_that_opens_after_another_is_opened_only_on_insisting(
    client, workshop, anna
):
    first = builders.make_prompt(workshop, question="First")
    second = builders.make_prompt(workshop, key="second", after=first)
    page = client.get(reverse("console:run", args=[workshop.slug])).content.decode()

    refused = press(client, workshop, f"open:{second.pk}:0")
    status, _said = press(client, workshop, f"open:{second.pk}:0:anyway")
    again = press(client, workshop, f"open:{second.pk}:0:anyway")

    assert "opens after “First”" in page
    assert f'value="open:{second.pk}:0:anyway">Open anyway<' in page
    assert refused == (
        409,
        "Opens after “First”. In the agenda you can open it anyway.",
    )
    assert (status, again[0], again[1].startswith("Already opened by anna")) == (
        200,
        409,
        True,
    )
    assert list(Event.objects.values_list("verb", flat=True)) == ["open-anyway"]


def test_open_says_that_a_prompt_has_no_items(client, workshop, anna):
    prompt = builders.make_prompt(workshop, items=0, question="Empty")

    status, said = press(client, workshop, f"open:{prompt.pk}:0")

    assert (status, "has no items to judge yet" in said) == (409, True)


def test_asking_again_makes_a_second_round(client, workshop, anna):
    prompt = builders.make_prompt(workshop)
    rounds.close_round(round_id=builders.open_round(prompt).pk)

    assert press(client, workshop, f"open:{prompt.pk}:1")[0] == 200
    assert list(Round.objects.values_list("number", flat=True)) == [1, 2]


@pytest.mark.parametrize(
    ("do", "field", "value"),
    [
        ("pause", "paused_seconds", 60),
        ("stop", "ends_at", None),
        ("zero:1", "closes_at_zero", True),
    ],
)
def test_time_is_steered(client, workshop, anna, do, field, value):
    this_round = builders.open_round(builders.make_prompt(workshop, minutes=1))
    verb, _, rest = do.partition(":")

    assert press(client, workshop, f"{verb}:{this_round.pk}:{rest}")[0] == 200
    this_round.refresh_from_db()
    found = getattr(this_round, field)
    assert found == value or (field == "paused_seconds" and found in (59, 60))


@pytest.mark.parametrize(
    "do",
    [
        "",
        "nonsense",
        "close",
        "close:",
        "close:x",
        "close:99999999",
        "close:²",
        "open:1",
        "time:1:-5",
        "time:1:999999",
        "zero:1:2",
        "join:2",
        "look:pink",
        "view:",
        "show:nothing",
        "show:brief",
        "item:1:x",
        "point:1:incoming:gone",
        "undo:7",
        "start:" + "9" * 60,
    ],
)
def test_nonsense_is_refused_in_words(client, workshop, anna, do):
    status, said = press(client, workshop, do)

    assert (status, bool(said)) == (409, True)
    assert not Event.objects.exists()


def test_steps_of_another_workshop_are_refused(client, workshop, anna):
    other = builders.make_workshop(slug="other")
    this_round = builders.open_round(builders.make_prompt(other))

    assert press(client, workshop, f"close:{this_round.pk}")[0] == 409
    this_round.refresh_from_db()
    assert this_round.closed_at is None


def test_projector_is_turned(client, workshop, anna):
    prompt = builders.make_prompt(workshop)
    this_round = builders.open_round(prompt)
    item = prompt.items.get(key="p2")
    session = workshop.sessions.get()

    for do in (
        "blank:1",
        "join:1",
        "look:light",
        "view:tables",
        f"item:{this_round.pk}:{item.pk}",
        f"show:brief:{session.pk}",
        f"show:points:{this_round.pk}",
        "show:join",
        f"show:prompt:{this_round.pk}",
    ):
        assert press(client, workshop, do)[0] == 200

    screen = Screen.objects.get()
    shown = (screen.showing, screen.round, screen.item, screen.blank)
    assert shown == ("prompt", this_round, None, False)
    assert (screen.look, screen.view, screen.join_overlay) == ("light", "tables", False)


def test_freeze_keeps_what_the_room_sees(client, workshop, anna):
    builders.open_round(builders.make_prompt(workshop, question="Ten principles"))

    assert press(client, workshop, "freeze")[0] == 200
    assert "Ten principles" in Screen.objects.get().frozen_html
    assert press(client, workshop, "freeze")[1].startswith("Already frozen by anna")
    assert press(client, workshop, "thaw")[0] == 200
    assert Screen.objects.get().frozen_html == ""


def make_point(workshop, **fields) -> Point:
    prompt = builders.make_prompt(workshop, key=f"asked-{workshop.points.count()}")
    return points.add_point(
        prompt=prompt,
        this_round=builders.open_round(prompt),
        participant=builders.join(workshop),
        table=None,
        kind="point",
        text="Say it differently.",
        items=[],
        key=prompt.key,
    )


def test_a_point_is_shown_kept_and_parked(client, workshop, anna):
    point = make_point(workshop)

    said = [
        press(client, workshop, f"point:{point.pk}:{before}:{after}")
        for before, after in [
            ("incoming", "shown"),
            ("shown", "kept"),
            ("kept", "parked"),
            ("parked", "incoming"),
        ]
    ]

    assert said == [
        (200, "On the screen."),
        (200, "Kept for the write-up."),
        (200, "Parked."),
        (200, "Back among the incoming points."),
    ]


def test_the_second_who_handles_a_point_is_told(client, workshop, anna):
    point = make_point(workshop)
    other = builders.make_facilitator(workshop, name="boris")
    points.set_status(point=point, status="parked", actor=other)

    status, said = press(client, workshop, f"point:{point.pk}:incoming:shown")

    assert (status, said.startswith("Already parked by boris at ")) == (409, True)


def test_undo_takes_back_and_names_the_step(client, workshop, anna):
    this_round = builders.open_round(builders.make_prompt(workshop, question="Ten"))
    rounds.close_round(round_id=this_round.pk, actor=anna)
    event = Event.objects.get(verb="close")

    assert press(client, workshop, f"undo:{event.pk}") == (200, "Undone: close “Ten”.")
    assert press(client, workshop, f"undo:{event.pk}") == (
        409,
        "Already undone: close “Ten”.",
    )
    this_round.refresh_from_db()
    assert this_round.closed_at is None


def test_undo_refuses_what_is_no_longer_last(client, workshop, anna):
    this_round = builders.open_round(builders.make_prompt(workshop))
    event = Event.objects.get()
    rounds.close_round(round_id=this_round.pk)

    status, said = press(client, workshop, f"undo:{event.pk}")

    assert (status, said) == (
        409,
        "Something newer was done since. Undo names it now.",
    )


def test_undo_of_open_says_that_answers_have_come_in(client, workshop, anna):
    this_round = builders.open_round(builders.make_prompt(workshop, question="Ten"))
    builders.judge(this_round, builders.join(workshop), {"p1": 1})

    status, said = press(client, workshop, f"undo:{Event.objects.get().pk}")

    assert (status, said) == (
        409,
        "Answers have come in: open “Ten” cannot be undone. Close it instead.",
    )


def test_the_day_ends_and_is_taken_up_again(client, workshop, anna):
    prompt = builders.make_prompt(workshop)
    builders.open_round(prompt)

    assert press(client, workshop, "end")[0] == 200
    assert press(client, workshop, "end")[1].startswith("Already ended by anna")
    status, said = press(client, workshop, f"open:{prompt.pk}:1")
    assert (status, said) == (409, "The workshop has ended. Take it up again first.")
    assert press(client, workshop, "reopen")[0] == 200
    assert press(client, workshop, f"open:{prompt.pk}:1")[0] == 200


def test_end_asks_first_and_says_what_is_left(client, workshop, anna):
    make_point(workshop)

    answer = client.get(reverse("console:end", args=[workshop.slug]))

    html = answer.content.decode()
    assert "is still open" in html
    assert "1 point has not been looked at" in html
    assert 'value="end"' in html


def test_an_ended_workshop_still_has_its_pages(client, workshop, anna):
    make_point(workshop)
    doors.end_workshop(workshop=workshop)

    for name in ("run", "end", "points", "people", "results", "join_sheet"):
        address = reverse(f"console:{name}", args=[workshop.slug])
        assert client.get(address).status_code == 200
