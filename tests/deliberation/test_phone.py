import re
import sys
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from deliberation.actions import points, rounds
from deliberation.kinds import KINDS
from deliberation.live import phone as live_phone
from deliberation.live.own import Own
from deliberation.live.phone import (
    kept,
    stage_board,
    stage_for_newcomer,
    stage_html,
    table_board,
    table_for_page,
    table_with_scribe,
)
from deliberation.live.stage import find_stage
from deliberation.models import Answer, Point, Response, Screen, Submission
from tests import builders
from tests.deliberation.phones import JSON, Phone
from tests.together import at_the_same_time
from workshops.actions import scribes
from workshops.models import Speaker, Workshop

pytestmark = pytest.mark.django_db


@pytest.fixture
def workshop():
    return builders.make_workshop(attribution="anonymous")


def open_prompt(workshop, **fields):
    return builders.open_round(builders.make_prompt(workshop, **fields))


def messages_of(page):
    return [str(message) for message in get_messages(page.wsgi_request)]


def stored(this_round):
    return {
        (answer.item.key, answer.criterion.key): answer.value or answer.state
        for answer in Answer.objects.filter(round=this_round)
    }


# ---- the stage ----


def test_stage_waits_under_the_workshops_title(workshop):
    html = stage_html(workshop.pk)

    assert 'data-round="" ' in html
    assert 'data-status="waiting"' in html
    assert "Migration and development" in html


def test_stage_shows_the_brief_and_speakers_of_the_session(workshop):
    session = workshop.sessions.get()
    session.brief = "# Why\n\n**Ten** principles <script>alert(1)</script>"
    session.save()
    Speaker.objects.create(session=session, position=1, name="The Speaker")
    rounds.go_to_session(session=session)

    html = stage_html(workshop.pk)

    assert "<h3>Why</h3>" in html
    assert "<strong>Ten</strong>" in html
    assert "<script>" not in html
    assert "The Speaker" in html


def test_stage_follows_a_round_from_open_to_revealed(workshop):
    this_round = open_prompt(workshop)
    seen = [stage_html(workshop.pk)]
    rounds.close_round(round_id=this_round.pk)
    seen.append(stage_html(workshop.pk))
    rounds.reveal(round_id=this_round.pk)
    seen.append(stage_html(workshop.pk))
    rounds.go_to_session(session=workshop.sessions.get())
    seen.append(stage_html(workshop.pk))

    assert [re.search(r'data-round="(\d*)"', html)[1] for html in seen] == [
        *[str(this_round.pk)] * 3,
        "",
    ]
    assert [re.search(r'data-status="(\w+)"', html)[1] for html in seen] == [
        "open",
        "closed",
        "revealed",
        "waiting",
    ]
    assert ["The room’s answers" in html for html in seen] == [
        False,
        False,
        True,
        False,
    ]


def test_stage_is_the_same_from_second_to_second(workshop):
    open_prompt(workshop, minutes=10)

    assert stage_html(workshop.pk) == stage_html(workshop.pk)


def test_stage_does_not_change_with_the_answers_before_they_are_revealed(workshop):
    this_round = open_prompt(workshop)
    before = stage_html(workshop.pk)

    builders.judge(this_round, builders.join(workshop), {"p1": 1})

    assert stage_html(workshop.pk) == before


def test_stage_says_nothing_of_one_person(workshop):
    this_round = open_prompt(workshop)
    phone = Phone(workshop)
    builders.judge(this_round, phone.who, {"p1": 1}, reason="Mine alone")

    html = stage_html(workshop.pk)

    assert "checked" not in html.replace('value="point" checked', "")
    assert "Mine alone" not in html
    assert phone.who.ref not in html
    assert "csrf" not in html


def test_stage_goes_back_with_the_screen(workshop):
    first = open_prompt(workshop)
    rounds.close_round(round_id=first.pk)
    second = open_prompt(workshop, key="again")
    rounds.close_round(round_id=second.pk)

    Screen.objects.update(round=first)

    assert f'data-round="{first.pk}"' in stage_html(workshop.pk)


def test_stage_says_what_goes_on_after_what_is_asked_in_between(workshop):
    main = open_prompt(workshop, question="What of all of them?")
    items = main.prompt.items.filter(key="p2")
    again = rounds.ask_again(prompt=main.prompt, items=items)

    between = stage_html(workshop.pk)
    rounds.close_round(round_id=again.pk)

    assert f'data-round="{again.pk}" ' in between
    assert "“What of all of them?” goes on afterwards" in between
    assert "Principle number 2" in between and "Principle number 1" not in between
    assert f'data-round="{main.pk}" ' in stage_html(workshop.pk)


def test_stage_is_closed_when_its_time_is_over(workshop):
    this_round = open_prompt(workshop, minutes=1)
    this_round.closes_at_zero = True
    this_round.opened_at -= timedelta(minutes=5)
    this_round.ends_at = timezone.now() - timedelta(seconds=1)
    this_round.save()

    assert 'data-status="closed"' in stage_html(workshop.pk)


def test_stage_of_an_ended_workshop(workshop):
    open_prompt(workshop)
    workshop.ended_at = timezone.now()
    workshop.save()

    assert "The workshop has ended." in stage_html(workshop.pk)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("step", ["open", "closed", "revealed"])
def test_page_of_every_kind_at_every_step(workshop, kind, step):
    phone = Phone(workshop)
    this_round = open_prompt(workshop, kind=kind, asks_tables=True, reasons="optional")
    if step != "open":
        rounds.close_round(round_id=this_round.pk)
    if step == "revealed":
        rounds.reveal(round_id=this_round.pk)

    page = phone.get()

    assert page.status_code == 200
    assert f'data-status="{step}"' in page.text
    assert "Principle number 1" in page.text


def test_page_shows_own_answers_without_script(workshop):
    phone = Phone(workshop)
    this_round = open_prompt(workshop, reasons="optional")
    builders.judge(this_round, phone.who, {"p1": 2}, reason="Too dear")

    page = phone.get()

    assert re.findall(r'id="(a-answer\S+)" \S+ \S+ checked', page.text) == [
        "a-answer.p1-difficult"
    ]
    assert "Too dear" in page.text
    assert "1 of 3 answered" in page.text


def test_page_shows_what_was_said_when_it_is_closed(workshop):
    phone = Phone(workshop)
    this_round = open_prompt(workshop, kind="choose")
    builders.judge(this_round, phone.who, {"p1": 0, "p2": 1, "p3": 0})
    rounds.close_round(round_id=this_round.pk)

    page = phone.get()

    assert "What you said" in page.text
    assert '<p class="answer">Principle number 2</p>' in page.text


def test_page_of_who_sits_nowhere(workshop):
    assert "You have not chosen a table yet." in Phone(workshop, table=None).get().text


# ---- answers ----


def test_answer_without_script_is_stored_and_said(workshop):
    phone = Phone(workshop)
    this_round = open_prompt(workshop, reasons="optional")

    page = phone.post(
        f"answer/{this_round.pk}/",
        {"answer.p1": "difficult", "reason.p1": "Dear", "answer.p2": "abstain"},
    )

    clock = f"{timezone.localtime(Response.objects.get().stored_at):%H:%M}"
    assert page.url == "/w/day/"
    assert messages_of(page) == [f"Stored at {clock}."]
    assert stored(this_round) == {("p1", ""): 2, ("p2", ""): "abstain"}


def test_answer_of_one_item_is_acknowledged(workshop):
    phone = Phone(workshop)
    this_round = open_prompt(workshop)

    first = phone.send(f"answer/{this_round.pk}/", {"answer.p1": "difficult"})
    second = phone.send(
        f"answer/{this_round.pk}/", {"answer.p2": "inconsistent", "key": "k" * 32}
    )
    again = phone.send(
        f"answer/{this_round.pk}/", {"answer.p2": "inconsistent", "key": "k" * 32}
    )

    response = Response.objects.get()
    local = timezone.localtime(response.stored_at)
    assert first.json()["answered"] == 1
    assert second.json() == {
        "stored_at": local.isoformat(),
        "clock": f"{local:%H:%M}",
        "version": 2,
        "repeated": False,
        "answered": 2,
        "of": 3,
    }
    assert again.json() == second.json() | {"repeated": True}
    assert Submission.objects.count() == 2


def test_answer_sent_again_after_closing_is_told_what_was_stored(workshop):
    phone = Phone(workshop)
    this_round = open_prompt(workshop)
    answer = {"answer.p1": "difficult", "key": "lost-acknowledgement"}
    first = phone.send(f"answer/{this_round.pk}/", answer)
    rounds.close_round(round_id=this_round.pk)

    again = phone.send(f"answer/{this_round.pk}/", answer)

    assert again.status_code == 200
    assert again.json() == first.json() | {"repeated": True}


@pytest.mark.parametrize("key", ["", "short", "k" * 65, "emoji 😀 and blanks"])
def test_answer_with_no_usable_key_is_stored_all_the_same(workshop, key):
    this_round = open_prompt(workshop)

    page = Phone(workshop).send(
        f"answer/{this_round.pk}/", {"answer.p1": "difficult", "key": key}
    )

    assert page.status_code == 200


def test_answer_after_closing_is_refused_and_shown(workshop):
    phone = Phone(workshop)
    this_round = open_prompt(workshop, reasons="optional")
    rounds.close_round(round_id=this_round.pk)
    answer = {"answer.p1": "difficult", "reason.p1": "Never lost"}

    data = phone.send(f"answer/{this_round.pk}/", answer)
    page = phone.post(f"answer/{this_round.pk}/", answer)

    message = "The question was closed before this came in, so it is not counted."
    assert data.status_code == page.status_code == 409
    assert data.json() == {"error": "closed", "message": message}
    assert message in page.text
    assert "1 Principle number 1: Difficult to deliver; Never lost" in page.text
    assert Response.objects.count() == 0


def test_wrong_answer_is_said_at_its_field_and_kept(workshop):
    phone = Phone(workshop)
    this_round = open_prompt(workshop, reasons="optional")
    answer = {"answer.p1": "difficult", "reason.p1": "Kept", "answer.p2": "nonsense"}

    data = phone.send(f"answer/{this_round.pk}/", answer)
    page = phone.post(f"answer/{this_round.pk}/", answer)

    errors = {"answer.p2": "Please choose one of the answers offered."}
    assert data.status_code == page.status_code == 422
    assert data.json() == {"errors": errors}
    assert '<a href="#a-answer.p2">' in page.text
    assert ">Kept</textarea>" in page.text
    assert 'value="difficult" checked' in page.text
    assert Answer.objects.count() == 0


def test_wrong_answer_to_an_earlier_question_is_not_put_into_the_new_one(workshop):
    phone = Phone(workshop)
    earlier = open_prompt(workshop, reasons="optional")
    rounds.close_round(round_id=earlier.pk)
    open_prompt(workshop, key="next", reasons="optional")

    page = phone.post(f"answer/{earlier.pk}/", {"reason.p1": "For the earlier one"})

    assert page.status_code == 422
    assert "For the earlier one" in page.text
    assert ">For the earlier one</textarea>" not in page.text


def test_approve_wants_items_or_no_view_but_not_both(workshop):
    phone = Phone(workshop)
    this_round = open_prompt(workshop, kind="approve", least=1, most=2)
    path = f"answer/{this_round.pk}/"

    pages = [
        phone.send(path, {"choice": choice})
        for choice in (["p1", "abstain"], ["p1", "p2", "p3"], [], ["p1", "p2"])
    ]

    assert [page.status_code for page in pages] == [422, 422, 422, 200]
    assert pages[3].json()["answered"] == pages[3].json()["of"] == 1


RANGE = "Please write a number from 0 to 100."


@pytest.mark.parametrize(
    ("kind", "sent", "field", "message"),
    [
        ("rank", ["1", "1", ""], "answer.p2", "Place 1 is given more than once."),
        ("rank", ["1", "3", ""], "answer.p2", "Place 2 is missing before this one."),
        ("allocate", ["-5", "3.5", "1"], "answer.p1", RANGE),
        ("allocate", ["60", "41", ""], "choice", "These are 101 points of 100. "),
    ],
)
def test_wrong_numbers_are_said_and_kept_without_script(
    workshop, kind, sent, field, message
):
    phone = Phone(workshop)
    this_round = open_prompt(workshop, kind=kind, reasons="optional")
    answer = {f"answer.p{n}": text for n, text in enumerate(sent, start=1)}

    page = phone.post(f"answer/{this_round.pk}/", answer | {"reason.p1": "Kept"})

    assert page.status_code == 422
    assert f'<a href="#a-{field}">{message}' in page.text
    assert page.text.count(message) >= 2  # in the summary and at the field
    assert re.findall(r'name="answer.p\d" value="([^"]*)"', page.text) == sent
    assert ">Kept</textarea>" in page.text
    assert Answer.objects.count() == 0


def test_numbers_are_stored_and_shown_again_without_script(workshop):
    phone = Phone(workshop)
    this_round = open_prompt(workshop, kind="rank", most=2)

    phone.post(f"answer/{this_round.pk}/", {"answer.p3": "1", "answer.p1": "2"})
    page = phone.get()

    written = re.findall(r'name="answer.p\d" value="([^"]*)"', page.text)
    assert written == ["2", "", "1"]
    assert "1 of 1 answered" in page.text or "All answered" in page.text
    rounds.close_round(round_id=this_round.pk)
    said = re.findall(r'<p class="answer">([^<]*)</p>', phone.get().text)
    assert said == ["1. Principle number 3", "2. Principle number 1"]


def test_no_view_takes_the_place_of_numbers(workshop):
    phone = Phone(workshop)
    this_round = open_prompt(workshop, kind="allocate")
    path = f"answer/{this_round.pk}/"

    phone.send(path, {"answer.p1": "100"})
    phone.send(path, {"choice": "abstain"})

    assert set(stored(this_round).values()) == {"abstain"}
    assert 'value="abstain" checked' in phone.get().text
    assert "Points left: 100 of 100" in phone.get().text


def test_what_is_mine_tells_a_script_places_and_points(workshop):
    phone = Phone(workshop)
    this_round = open_prompt(workshop, kind="allocate")
    phone.send(f"answer/{this_round.pk}/", {"answer.p2": "40", "answer.p1": "5"})

    mine = phone.get(f"mine/{this_round.pk}/", **JSON).json()

    assert mine["fields"] == {
        "answer.p1": ["5"],
        "answer.p2": ["40"],
        "answer.p3": ["0"],
    }
    assert [word["label"] for word in mine["words"][""]] == [
        "Principle number 1: 5",
        "Principle number 2: 40",
    ]


def test_answers_too_late_are_read_back_in_order(workshop):
    phone = Phone(workshop)
    this_round = open_prompt(workshop, kind="rank")
    rounds.close_round(round_id=this_round.pk)
    answer = {"answer.p1": "2", "answer.p2": "1", "answer.p3": "3"}

    page = phone.post(f"answer/{this_round.pk}/", answer)

    lines = [
        f"<li>{n}. Principle number {item}</li>" for n, item in [(1, 2), (2, 1), (3, 3)]
    ]
    assert page.status_code == 409
    assert "".join(lines) in page.text


def test_rated_item_counts_when_each_criterion_is_judged(workshop):
    phone = Phone(workshop)
    this_round = open_prompt(workshop, kind="rate", criteria=("wanted", "doable"))
    path = f"answer/{this_round.pk}/"

    half = phone.send(path, {"answer.p1.wanted": "4"})
    whole = phone.send(path, {"answer.p1.doable": "1", "answer.p1.wanted": "4"})

    assert [page.json()["answered"] for page in (half, whole)] == [0, 1]


def test_answer_to_a_question_for_tables_is_refused(workshop):
    phone = Phone(workshop)
    this_round = open_prompt(workshop, asks_people=False, asks_tables=True)

    page = phone.send(f"answer/{this_round.pk}/", {"answer.p1": "difficult"})

    assert (page.status_code, page.json()["error"]) == (409, "not-asked")
    assert "Your scribe answers for the table." in phone.get().text


def test_answer_to_a_discussion_is_refused(workshop):
    this_round = open_prompt(workshop, kind="discuss")

    page = Phone(workshop).post(f"answer/{this_round.pk}/", {"answer.p1": "x"})

    assert page.status_code == 422


def test_round_of_another_workshop_is_not_found(workshop):
    other = builders.make_workshop(slug="other")
    this_round = open_prompt(other)
    phone = Phone(workshop)

    paths = [f"{name}/{this_round.pk}/" for name in ("answer", "finished")]
    sent = [phone.send(path, {"answer.p1": "difficult"}) for path in paths]
    asked = [phone.get(f"{name}/{this_round.pk}/") for name in ("mine", "results")]

    assert {page.status_code for page in sent + asked} == {404}


def test_strangers_find_nothing(workshop):
    this_round = open_prompt(workshop)
    stranger = Client()

    pages = [stranger.get(f"/w/{slug}/") for slug in ("day", "none")]
    pages.append(stranger.post(f"/w/day/answer/{this_round.pk}/"))
    data = stranger.post(f"/w/day/answer/{this_round.pk}/", headers=JSON)

    assert {page.status_code for page in pages} == {404}
    assert (data.status_code, data.json()) == (404, {"error": "not-joined"})


def test_forms_need_their_token(workshop):
    phone = Phone(workshop)
    this_round = open_prompt(workshop)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = phone.client.cookies

    page = strict.post(f"/w/day/answer/{this_round.pk}/", {"answer.p1": "difficult"})

    assert page.status_code == 403


@pytest.mark.parametrize(("people", "tables", "items"), [(1, 1, 1), (9, 7, 12)])
def test_answer_and_page_cost_the_same_for_any_room(
    django_assert_max_num_queries, people, tables, items
):
    workshop = builders.make_workshop(attribution="anonymous", tables=tables)
    phone = Phone(workshop)
    this_round = open_prompt(workshop, items=items, asks_tables=True)
    for _seat in range(people):
        builders.judge(this_round, builders.join(workshop), {"p1": 1})
    every = {f"answer.p{n}": "difficult" for n in range(1, items + 1)}

    with django_assert_max_num_queries(18):
        phone.send(f"answer/{this_round.pk}/", every)
    with django_assert_max_num_queries(17):
        phone.get()


# ---- finished, own answers, the room's ----


def test_finished_goes_on_and_off(workshop):
    phone = Phone(workshop)
    this_round = open_prompt(workshop)
    path = f"finished/{this_round.pk}/"
    nothing_yet = phone.send(path, {"finished": "1"})
    phone.send(f"answer/{this_round.pk}/", {"answer.p1": "difficult"})

    seen = []
    for on in ("1", "0"):
        phone.send(path, {"finished": on})
        seen.append(Response.objects.get().finished)

    assert (nothing_yet.status_code, nothing_yet.json()["error"]) == (409, "no-answer")
    assert seen == [True, False]
    assert phone.post(path, {"finished": "1"}).url == "/w/day/"


def test_mine_is_what_is_stored_as_the_form_sends_it(workshop):
    phone = Phone(workshop)
    this_round = open_prompt(workshop, reasons="optional")
    builders.judge(this_round, phone.who, {"p1": 2, "p2": "abstain"}, reason="So")

    data = phone.get(f"mine/{this_round.pk}/").json()

    assert data.pop("csrf")
    words = data.pop("words")
    assert data == {
        "round": this_round.pk,
        "open": True,
        "asked": True,
        "earlier": {},
        "fields": {
            "answer.p1": ["difficult"],
            "reason.p1": ["So"],
            "answer.p2": ["abstain"],
            "reason.p2": ["So"],
        },
        "version": 1,
        "finished": False,
        "answered": 2,
        "of": 3,
    }
    assert {item: [word["label"] for word in said] for item, said in words.items()} == {
        "p1": ["Difficult to deliver"],
        "p2": ["No view"],
        "p3": [],
    }


def test_mine_without_a_round_is_a_new_token(workshop):
    assert set(Phone(workshop).get("mine/0/").json()) == {"csrf", "round"}


@pytest.mark.parametrize(
    ("reveal", "answers", "status"),
    [
        ("by-hand", ["p1", "p2", "p3"], 404),
        ("after-own-answer", ["p1"], 404),
        ("after-own-answer", ["p1", "p2", "p3"], 200),
        ("live", [], 200),
    ],
)
def test_results_are_for_who_may_see_them(workshop, reveal, answers, status):
    phone = Phone(workshop)
    this_round = open_prompt(workshop, reveal=reveal)
    if answers:
        builders.judge(this_round, phone.who, dict.fromkeys(answers, 1))

    page = phone.get(f"results/{this_round.pk}/")

    assert page.status_code == status


def test_results_stand_item_by_item_with_people_and_tables_apart(workshop):
    phone = Phone(workshop)
    this_round = open_prompt(workshop, items=1, asks_tables=True)
    builders.judge(this_round, phone.who, {"p1": 2})
    builders.judge(this_round, builders.join(workshop), {"p1": "abstain"})
    table = workshop.tables.first()
    builders.judge(this_round, phone.who, {"p1": 3}, voice="tables", table=table)
    rounds.close_round(round_id=this_round.pk)
    rounds.reveal(round_id=this_round.pk)

    text = re.sub(r"<[^>]+>", " ", stage_html(workshop.pk))

    assert " ".join(text.split("The room’s answers")[1].split("You")[0].split()) == (
        "People: 2 of 2 answered · Tables: 1 of 4 answered Unproblematic Policy"
        " implications difficult to deliver Worthy but inconsistent with priorities"
        " 1 Principle number 1 People 1 person 1 Difficult to deliver 1 (1 no view)"
        " Tables 1 table 1 Inconsistent 1"
    )


# ---- points ----


def test_point_is_stored_once(workshop):
    phone = Phone(workshop)
    this_round = open_prompt(workshop)
    path = f"points/{this_round.prompt_id}/"
    sent = {"text": " Money ", "kind": "question", "items": ["p1", "p3"], "as": "me"}

    first = phone.send(path, sent | {"key": "point-key"})
    again = phone.send(path, sent | {"key": "point-key"})

    point = Point.objects.get()
    assert (point.text, point.kind, point.voice) == ("Money", "question", "people")
    assert [item.key for item in point.items.order_by("pk")] == ["p1", "p3"]
    assert point.round == this_round
    assert (first.json()["id"], first.json()["repeated"]) == (point.pk, False)
    assert again.json() == first.json() | {"repeated": True}


def test_point_without_script_is_stored_and_listed(workshop):
    phone = Phone(workshop)
    this_round = open_prompt(workshop)

    page = phone.post(f"points/{this_round.prompt_id}/", {"text": "Money"})

    assert page.url == "/w/day/"
    assert "Money" in phone.get().text
    assert "Money" in phone.get("points/").text
    assert "Money" not in Phone(workshop).get().text


def test_point_may_come_after_closing(workshop):
    this_round = open_prompt(workshop)
    rounds.close_round(round_id=this_round.pk)

    page = Phone(workshop).send(f"points/{this_round.prompt_id}/", {"text": "Late"})

    assert page.status_code == 200


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Please write something first."),
        (" \x00 ", "Please write something first."),
        ("x" * 2001, "This is 2001 characters long; please keep it to 2000."),
    ],
)
def test_point_that_cannot_be_stored_is_said_at_its_field(workshop, text, message):
    phone = Phone(workshop)
    this_round = open_prompt(workshop)
    path = f"points/{this_round.prompt_id}/"

    data = phone.send(path, {"text": text})
    page = phone.post(path, {"text": text})

    assert data.status_code == page.status_code == 422
    assert data.json() == {"errors": {"text": message}}
    assert '<a href="#me-point-text">' in page.text
    assert message in page.text
    assert text.strip("\x00 ") in page.text


@pytest.mark.parametrize(
    ("invites", "offered"),
    [
        ({}, ["point", "reason", "question", "dissent"]),
        ({"invites_points": False}, None),
        ({"invites_points": False, "invites_rewordings": True}, ["rewording"]),
    ],
)
def test_point_is_asked_for_as_the_prompt_invites_it(workshop, invites, offered):
    this_round = open_prompt(workshop, **invites)
    _items, _id, form = stage_html(workshop.pk).partition('id="me-point"')

    found = re.findall(r'name="kind" value="([\w-]+)"', form)
    page = Phone(workshop).send(
        f"points/{this_round.prompt_id}/", {"text": "New", "kind": "new-item"}
    )

    assert (found or None) == offered
    assert page.status_code == 422


def test_point_to_what_nobody_was_asked_is_not_found(workshop):
    prompt = builders.make_prompt(workshop)

    assert (
        Phone(workshop).send(f"points/{prompt.pk}/", {"text": "x"}).status_code == 404
    )


def test_own_point_can_be_withdrawn_until_it_is_taken_up(workshop):
    phone, other = Phone(workshop), Phone(workshop)
    this_round = open_prompt(workshop)
    for text in ("One", "Two"):
        phone.post(f"points/{this_round.prompt_id}/", {"text": text})
    one, two = Point.objects.all()
    points.set_status(point=two, status="kept")

    pages = [
        other.send(f"points/{one.pk}/withdraw/", {}),
        phone.send(f"points/{one.pk}/withdraw/", {}),
        phone.send(f"points/{two.pk}/withdraw/", {}),
    ]

    assert [page.status_code for page in pages] == [404, 200, 409]
    assert [p.withdrawn_at is None for p in Point.objects.all()] == [False, True]


def test_a_newcomer_gets_the_stage_as_it_is_although_it_is_kept_for_others(workshop):
    this_round = open_prompt(workshop, guidance="Judge the wording")
    prompt = this_round.prompt

    def both() -> list[str]:
        """Return the stage that a newcomer gets, and the same made for one alone."""
        now = find_stage(Workshop.objects.get(pk=workshop.pk))
        return [stage_for_newcomer(now), stage_board(now, own=Own())]

    boards = [both(), both()]
    prompt.guidance = "Judge the principle"
    prompt.save()
    boards.append(both())
    rounds.close_round(round_id=this_round.pk)
    boards.append(both())
    rounds.reveal(round_id=this_round.pk)
    boards.append(both())

    assert all(kept == made for kept, made in boards)
    assert len({kept for kept, _made in boards}) == 4


def test_a_table_gets_its_answer_as_it_is_although_it_is_kept_for_all_of_it(workshop):
    this_round = open_prompt(workshop, asks_tables=True)
    first, second = builders.join(workshop), builders.join(workshop)
    table = first.table
    steps = [
        lambda: None,
        lambda: scribes.take_role(participant=first),
        lambda: builders.judge(
            this_round, first, {"p1": 1}, voice="tables", table=table
        ),
        lambda: scribes.hand_over(table=table, to=second),
        lambda: rounds.close_round(round_id=this_round.pk),
    ]

    boards = []
    for step in steps:
        step()
        for _again in range(2):
            now = find_stage(Workshop.objects.get(pk=workshop.pk))
            at = table_with_scribe(now.workshop, table.number)
            boards.append((table_for_page(now, at), table_board(now, at)))

    assert all(kept == made for kept, made in boards)
    assert len({kept for kept, _made in boards}) == len(steps)


def test_many_threads_may_keep_boards_at_once(monkeypatch):
    monkeypatch.setattr(live_phone, "_kept", {})
    monkeypatch.setattr(live_phone, "MOST_KEPT", 3)
    usual = sys.getswitchinterval()

    def keep() -> set[str]:
        return {kept(turn % 5, turn, lambda: "board") for turn in range(3000)}

    sys.setswitchinterval(1e-6)
    try:
        found = at_the_same_time(keep, keep, keep, keep)
    finally:
        sys.setswitchinterval(usual)

    assert found == [{"board"}] * 4
    assert len(live_phone._kept) == 3
