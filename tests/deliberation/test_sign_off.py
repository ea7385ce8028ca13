"""The page on which a table reads, confirms and disputes its record, and its doors."""

import re

import pytest

from deliberation.actions import points, rounds
from deliberation.live import board
from deliberation.live.console import console_html
from deliberation.models import Point, SignOff
from tests import builders
from tests.deliberation.phones import Phone
from workshops.actions import joining, scribes

pytestmark = pytest.mark.django_db

HERE = "table-record/framework/"
HIDDEN = re.compile(r'name="(digest|seen|key)" value="([^"]*)"')


class Room:
    """Two phones at table 1, whose scribe has answered; the question is closed."""

    def __init__(self, *, attribution: str = "named", kind: str = "assess") -> None:
        self.workshop = builders.make_workshop(tables=2, attribution=attribution)
        self.prompt = builders.make_prompt(
            self.workshop, kind=kind, asks_tables=True, reasons="optional"
        )
        self.round = builders.open_round(self.prompt)
        self.scribe, self.other = Phone(self.workshop), Phone(self.workshop)
        for number, phone in enumerate((self.scribe, self.other), start=1):
            joining.set_badge(
                phone.who,
                workshop=self.workshop,
                name=f"Seat {number}",
                organisation=f"Office {number}",
            )
        scribes.take_role(participant=self.scribe.who)
        values = {"p1": 1, "p2": 0, "p3": 0} if kind == "choose" else {"p1": 1}
        builders.judge(
            self.round,
            self.scribe.who,
            values,
            voice="tables",
            table=self.scribe.who.table,
            reason="Because it is plain",
        )
        self.point = self.write("We would start with the first")
        rounds.close_round(round_id=self.round.pk)

    def write(self, text: str) -> Point:
        return points.add_point(
            prompt=self.prompt,
            this_round=self.round,
            participant=self.scribe.who,
            table=self.scribe.who.table,
            kind="point",
            text=text,
            items=[],
            key=f"key-of-{text}"[:60],
        )


def read(phone: Phone) -> str:
    page = phone.get(HERE)
    assert page.status_code == 200
    return page.content.decode()


def hidden(html: str) -> dict[str, str]:
    return dict(HIDDEN.findall(html))


def confirm(phone: Phone, html: str):
    return phone.post(HERE, {"do": "sign", **hidden(html)})


def after(phone: Phone, answer) -> str:
    """Return the page that an answer leads to, as text."""
    assert answer.status_code == 302, answer.content.decode()
    return phone.client.get(answer.url).content.decode()


def test_the_record_shows_answers_with_reasons_and_points():
    room = Room()

    html = read(room.other)

    for text in (
        "What is recorded for Table 1",
        "How do you judge each principle?",
        "Principle number 1",
        "Unproblematic",
        "Because it is plain",
        "No answer",
        "We would start with the first",
        "Not signed",
        "This is what we said",
        "without a name",
    ):
        assert text in html
    assert "Correct an answer" not in html
    assert "Correct an answer" in read(room.scribe)


@pytest.mark.parametrize("kind", ["choose", "rank", "approve"])
def test_the_record_shows_an_answer_to_all_items_at_once(kind):
    room = Room(kind=kind)

    html = read(room.other)

    assert "Because it is plain" in html
    assert "No answer" not in html


def test_a_table_confirms_and_every_phone_there_is_told():
    room = Room()

    html = after(room.other, confirm(room.other, read(room.other)))

    assert "You have confirmed what is recorded for Table 1." in html
    assert "Signed, 1 of 2 people" in html
    assert "This is what we said" not in html
    assert "Signed, 1 of 2 people" in read(room.scribe)
    assert SignOff.objects.count() == 1


def test_what_changed_since_it_was_read_is_marked_and_confirmed_anew():
    room = Room()
    old = read(room.other)
    room.write("One more thing")
    points.withdraw(point=room.point)

    answer = confirm(room.other, old)

    html = answer.content.decode()
    assert answer.status_code == 409
    assert "changed since you read it" in html
    assert "1 point is no longer there." in html
    assert html.count(">new</span>") == 1
    assert SignOff.objects.count() == 0
    again = after(room.other, confirm(room.other, html))
    assert "Signed, 1 of 2 people" in again
    room.write("And another")
    now = read(room.other)
    assert "Changed since it was signed" in now
    assert "before it was changed" in now


def test_an_answer_that_changed_is_marked_at_its_item():
    room = Room()
    old = read(room.other)
    again = rounds.open_round(prompt=room.prompt)
    builders.judge(
        again,
        room.scribe.who,
        {"p2": 3},
        voice="tables",
        table=room.scribe.who.table,
    )
    rounds.close_round(round_id=again.pk)

    answer = confirm(room.other, old)

    assert answer.status_code == 409
    assert "round 2" in answer.content.decode()
    assert answer.content.decode().count(">changed</span>") == 4  # heading and items


def test_dissent_and_corrections_are_recorded_and_refused_by_form():
    room = Room()
    sent = {"do": "dissent", "about": "principles/p2", "text": "I do not agree"}

    html = after(room.other, room.other.post(HERE, sent | hidden(read(room.other))))

    assert "Your dissent is recorded" in html
    assert "I do not agree" in html
    empty = room.other.post(HERE, sent | {"text": " "})
    assert empty.status_code == 422
    assert "Please write something first." in empty.content.decode()
    nowhere = room.other.post(HERE, sent | {"about": "principles/p9"})
    assert (nowhere.status_code, "I do not agree" in nowhere.content.decode()) == (
        422,
        True,
    )
    correct = sent | {"do": "correct", "text": "It should say difficult"}
    refused = room.other.post(HERE, correct)
    assert refused.status_code == 409
    assert "It should say difficult" in refused.content.decode()
    html = after(room.scribe, room.scribe.post(HERE, correct))
    assert "Correction" in html
    assert Point.objects.filter(kind="correction").count() == 1


def test_a_scribe_changes_and_withdraws_points_of_the_table():
    room = Room()
    about = {"about": str(room.point.pk)}
    change = {"do": "rewrite", "text": "In other words", "key": "one-change-only"}

    first = after(room.scribe, room.scribe.post(HERE, about | change))

    assert "The point is changed." in first
    after(room.scribe, room.scribe.post(HERE, about | change))  # pressed twice
    (new,) = Point.objects.filter(withdrawn_at=None)
    assert new.text == "In other words"
    assert room.other.post(HERE, {"do": "withdraw", "about": new.pk}).status_code == 409
    points.set_status(point=new, status="kept")
    stays = room.scribe.post(HERE, {"do": "withdraw", "about": new.pk})
    assert stays.status_code == 409
    assert "You can correct it." in stays.content.decode()
    beside = room.scribe.post(
        HERE, {"do": "rewrite", "about": new.pk, "text": "Or rather so"}
    )
    assert "a correction stands beside it" in after(room.scribe, beside)


def test_nothing_is_done_with_a_point_of_elsewhere():
    room = Room()
    theirs = builders.make_workshop(slug="theirs")
    prompt = builders.make_prompt(theirs, asks_tables=True)
    builders.open_round(prompt)
    scribe = builders.scribe_of(theirs)
    foreign = points.add_point(
        prompt=prompt,
        this_round=None,
        participant=scribe,
        table=scribe.table,
        kind="point",
        text="Theirs",
        items=[],
        key="theirs-only",
    )

    answer = room.scribe.post(HERE, {"do": "withdraw", "about": foreign.pk})

    assert answer.status_code == 409
    foreign.refresh_from_db()
    assert foreign.withdrawn_at is None


def test_the_page_before_anything_closed_after_the_end_and_without_a_table():
    workshop = builders.make_workshop()
    phone, nowhere = Phone(workshop), Phone(workshop, table=None)
    assert "Nothing yet" in read(phone)
    assert phone.post(HERE, {"do": "sign"}).status_code == 409
    assert phone.post(HERE, {"do": "no such"}).status_code == 409
    assert nowhere.get(HERE).url == "/w/day/seat/"
    assert phone.get("table-record/no-such/").status_code == 404


def test_after_the_end_the_record_is_read_and_not_changed():
    room = Room()
    form = hidden(read(room.other))
    room.workshop.ended_at = room.workshop.created_at
    room.workshop.save()

    html = read(room.other)

    assert "<textarea" not in html
    assert "This is what we said" not in html
    for sent in (
        {"do": "sign", **form},
        {"do": "dissent", "about": "principles", "text": "Too late a word"},
    ):
        answer = room.other.post(HERE, sent)
        assert answer.status_code == 409
        assert sent.get("text", "") in answer.content.decode()


def test_who_signed_elsewhere_is_told():
    room = Room()
    confirm(room.other, read(room.other))
    joining.move(participant=room.other.who, table=room.workshop.tables.get(number=2))

    answer = confirm(room.other, read(room.other))

    assert answer.status_code == 409
    assert "what is recorded for Table 1 in this session" in answer.content.decode()


# ---- doors to it ----


def test_phones_are_led_to_the_record_once_a_question_to_tables_has_closed():
    workshop = builders.make_workshop(tables=2)
    prompt = builders.make_prompt(workshop, asks_tables=True)
    phone = Phone(workshop)
    link = '/w/day/table-record/framework/"'
    name = f"table:{workshop.pk}:1"
    this_round = builders.open_round(prompt)
    assert link not in phone.get().content.decode()
    before = board.marks([name])

    rounds.close_round(round_id=this_round.pk)

    assert board.marks([name]) != before
    assert link in board.render(name)
    assert link in phone.get().content.decode()
    assert "table-record" not in board.render(f"phone:{workshop.pk}")
    later = builders.make_session(workshop, "later")
    builders.open_round(builders.make_prompt(workshop, session=later, key="next"))
    assert link in board.render(name)  # of the session before
    workshop.ended_at = workshop.created_at
    workshop.save()
    assert link not in board.render(name)


def test_the_console_says_which_tables_have_signed():
    room = Room()
    assert "Not signed" in console_html(room.workshop.pk)
    confirm(room.scribe, read(room.scribe))
    assert "Confirmed by its scribe only, 1 of 2 people" in console_html(
        room.workshop.pk
    )
    confirm(room.other, read(room.other))
    assert "Signed, 2 of 2 people" in console_html(room.workshop.pk)

    rounds.open_round(prompt=room.prompt)

    assert "igned" not in console_html(room.workshop.pk)


# ---- who is told ----


@pytest.mark.parametrize("rule", ["named", "organisation", "chatham-house"])
def test_no_page_says_who_confirmed_or_disputed(rule):
    room = Room(attribution=rule)
    sent = {"do": "dissent", "about": "principles", "text": "I do not agree"}
    after(room.other, room.other.post(HERE, sent))
    after(room.other, confirm(room.other, read(room.other)))

    shown = read(room.scribe) + console_html(room.workshop.pk)

    assert "I do not agree" in shown
    assert "Signed, 1 of 2 people" in shown
    for private in ("Seat 2", "Office 2", room.other.who.ref[:4]):
        assert private not in shown
