"""Speakers follow their session by a link, and see no more than they may."""

import re

import pytest
from django.test import Client

from deliberation.actions import points, rounds
from deliberation.live import board
from deliberation.models import Point, Round
from tests import builders
from tests.world import account
from workshops.actions import speakers
from workshops.models import Session

pytestmark = pytest.mark.django_db

NOT_YET = "The answers come here when the room sees them."
FROM_FIVE = "The answers come here as soon as five people have answered."
ONLY_YOU = "Only you and the facilitators see this"


def make_session(**fields) -> Session:
    workshop = builders.make_workshop(slug="ours", **fields)
    session = workshop.sessions.get()
    speakers.give_link(session=session)
    return session


def ask(session: Session, *, answered: int = 0, **fields) -> Round:
    prompt = builders.make_prompt(session.workshop, session=session, **fields)
    this_round = builders.open_round(prompt)
    for number in range(answered):
        who = builders.join(session.workshop, table=number % 2 + 1)
        builders.judge(this_round, who, {"p1": 1, "p2": 2, "p3": 3})
    return this_round


def page_of(session: Session) -> str:
    answer = Client().get(f"/speaker/{session.speaker_secret}/")
    assert answer.status_code == 200
    return answer.content.decode()


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def seen(session: Session) -> dict[str, bool]:
    html = page_of(session)
    return {
        "answers": "The room’s answers" in html,
        "only you": ONLY_YOU in html,
        "not yet": NOT_YET in html,
        "from five": FROM_FIVE in html,
    }


def saw(*names: str) -> dict[str, bool]:
    return dict.fromkeys(["answers", "only you", "not yet", "from five"], False) | (
        dict.fromkeys(names, True)
    )


def test_the_page_is_its_board_before_and_while_a_session_runs():
    session = make_session()
    Session.objects.filter(pk=session.pk).update(brief="Read *this* first.")
    before = page_of(session)
    this_round = ask(session, answered=2, asks_tables=True)
    now = page_of(session)

    name = f"speaker:{session.workshop_id}:{session.pk}"
    assert "This session has not begun." in before
    assert "Read <em>this</em> first." in before
    assert board.render(name) in now
    assert this_round.prompt.question in now
    assert "2 of 2 people have answered" in words(now)
    assert "0 of 4 tables have answered" in words(now)


def test_the_room_s_other_sessions_are_not_shown():
    session = make_session()
    elsewhere = builders.make_session(session.workshop, "later")
    ask(elsewhere, question="What of the other one?")

    assert "What of the other one?" not in page_of(session)


@pytest.mark.parametrize("answered", [4, 5])
def test_answers_are_seen_when_the_room_sees_them(answered):
    session = make_session()
    this_round = ask(session, answered=answered)
    before = seen(session)
    rounds.reveal(round_id=this_round.pk)
    shown = seen(session)
    rounds.hide(round_id=this_round.pk)

    assert before == seen(session) == saw("not yet")
    assert shown == saw("answers")


@pytest.mark.parametrize(
    ("answered", "expected"),
    [(4, saw("from five")), (5, saw("answers", "only you"))],
)
def test_speakers_see_answers_before_the_room_where_they_may(answered, expected):
    session = make_session()
    speakers.let_see(session=session, sees="at-once")
    ask(session, answered=answered)

    assert seen(session) == expected


def test_what_tables_answered_needs_no_five():
    session = make_session()
    speakers.let_see(session=session, sees="at-once")
    ask(session, asks_people=False, asks_tables=True)

    assert seen(session) == saw("answers", "only you")


def test_all_that_was_asked_is_there_the_newest_first_with_ids_of_their_own():
    session = make_session()
    for number, kind in enumerate(["assess", "choose"]):
        prompt = builders.make_prompt(
            session.workshop, key=kind, kind=kind, question=f"Question {number}?"
        )
        this_round = builders.open_round(prompt)
        rounds.close_round(round_id=this_round.pk)
        rounds.reveal(round_id=this_round.pk)
    rounds.open_round(prompt=Round.objects.get(prompt__key="assess").prompt)
    html = page_of(session)

    ids = re.findall(r'\sid="([^"]+)"', html)
    assert re.findall(r"Question \d", words(html)) == ["Question 0", "Question 1"]
    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize("rule", ["named", "chatham-house"])
def test_points_on_the_screen_are_there_with_the_table_as_the_rule_allows(rule):
    session = make_session(attribution=rule)
    this_round = ask(session)
    for text in ("Shown", "Kept back"):
        points.add_point(
            prompt=this_round.prompt,
            this_round=this_round,
            participant=builders.join(session.workshop, table=2),
            table=None,
            kind="point",
            text=text,
            items=[],
            key=text,
        )
    Point.objects.filter(text="Shown").update(status="shown")
    said = words(page_of(session))

    assert "Shown" in said
    assert "Kept back" not in said
    assert ("Table 2" in said) == (rule == "named")


def test_a_facilitator_makes_renews_and_ends_the_link(settings):
    settings.PUBLIC_URL = "https://workshops.example"
    workshop = builders.make_workshop(slug="ours")
    session = workshop.sessions.get()
    owner = account(builders.make_facilitator(workshop))
    address = f"/console/ours/setup/sessions/{session.pk}/speaker/"

    def after(**sent) -> tuple[str | None, bool]:
        answer = owner.post(address, sent, follow=True)
        session.refresh_from_db()
        link = f"https://workshops.example/speaker/{session.speaker_secret}/"
        return session.speaker_secret, link in answer.content.decode()

    none = "There is none yet." in owner.get(address).content.decode()
    first, second = after(do="give"), after(do="give")
    old = Client().get(f"/speaker/{first[0]}/").status_code
    new = Client().get(f"/speaker/{second[0]}/").status_code

    assert (none, first[1], second[1], old, new) == (True, True, True, 404, 200)
    assert after(do="end") == (None, False)
    assert Client().get(f"/speaker/{second[0]}/").status_code == 404
    assert Client().get("/speaker/None/").status_code == 404


@pytest.mark.parametrize(
    ("sees", "stored"), [("at-once", "at-once"), ("x", "shown"), ("", "shown")]
)
def test_a_facilitator_says_what_speakers_see(sees, stored):
    workshop = builders.make_workshop(slug="ours")
    session = workshop.sessions.get()
    owner = account(builders.make_facilitator(workshop))

    owner.post(
        f"/console/ours/setup/sessions/{session.pk}/speaker/",
        {"do": "save", "sees": sees},
    )

    session.refresh_from_db()
    assert session.speaker_sees == stored


def test_a_copy_of_a_workshop_has_no_link_of_the_first():
    session = make_session()
    owner = account(builders.make_facilitator(session.workshop))

    owner.post("/console/ours/setup/duplicate/")

    links = Session.objects.order_by("pk").values_list("speaker_secret", flat=True)
    assert list(links) == [session.speaker_secret, None]
