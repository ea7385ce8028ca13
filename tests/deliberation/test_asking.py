"""Questions to the speakers: asked once, supported once each, shown when it is time."""

import json

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from deliberation.actions import asking, editing, erasing, merging, rounds
from deliberation.actions.recording import undo
from deliberation.exports.workbook import workbook
from deliberation.kinds import InvalidAnswer
from deliberation.live import board
from deliberation.models import Event, Question, QuestionSupport, Screen
from deliberation.writeup import builder
from tests import builders
from tests.deliberation.exports.workbooks import sheets_of
from tests.deliberation.phones import Phone
from tests.world import account
from workshops import codes
from workshops.actions import joining, speakers
from workshops.models import Workshop

pytestmark = pytest.mark.django_db


class Room:
    """A session that runs and takes questions, and people at three tables."""

    def __init__(self, *, people: int = 3, **fields) -> None:
        self.workshop = builders.make_workshop(slug="ours", tables=3, **fields)
        self.session = self.workshop.sessions.get()
        rounds.go_to_session(session=self.session)
        asking.take_questions(session=self.session, on=True)
        self.people = [
            Phone(self.workshop, table=number % 3 + 1) for number in range(people)
        ]
        self.owner = account(builders.make_facilitator(self.workshop))

    def ask(self, text: str = "Why so?", *, by: int = 0) -> Question:
        return asking.ask(
            session=self.session,
            participant=self.people[by].who,
            text=text,
            key=codes.new_token(),
        )

    def support(self, question: Question, *, by: int, on: bool = True) -> None:
        asking.support(question=question, participant=self.people[by].who, on=on)

    def press(self, step: str) -> int:
        data, headers = {"do": step}, {"HX-Request": "true"}
        return self.owner.post("/console/ours/do/", data, headers=headers).status_code

    def order(self) -> list[str]:
        return [one.text for one in self.session.questions.listed().in_order()]


def shown(room: Room, name: str = "questions") -> str:
    return " ".join(board.render(f"{name}:{room.workshop.pk}").split())


# ---- phones ----


def test_a_question_is_stored_once_however_often_it_is_sent():
    room = Room()
    phone, other = room.people[:2]
    sent = {"text": "  Why so? ", "key": "one-of-a-kind"}

    ids = {phone.send("questions/", sent).json()["id"] for _time in range(2)}
    other.send("questions/", sent)

    assert len(ids) == 1
    found = Question.objects.values_list("text", "participant", "table__number")
    assert list(found) == [
        ("Why so?", phone.who.pk, 1),
        ("Why so?", other.who.pk, 2),
    ]


def test_everybody_reads_and_supports_it_without_a_script():
    room = Room()
    phone, other = room.people[:2]
    asked = phone.post("questions/", {"text": "Why so?", "key": "one-of-a-kind"})
    assert asked.status_code == 302
    question = Question.objects.get()
    address = f"questions/{question.pk}/support/"

    for _twice in range(2):
        assert other.post(address, {"on": "1"}).status_code == 302

    page = other.get("questions/").content.decode()
    assert "Why so?" in page
    assert 'aria-pressed="true"' in page
    assert QuestionSupport.objects.count() == 1
    other.post(address, {"on": "0"})
    assert QuestionSupport.objects.count() == 0
    assert 'aria-pressed="false"' in other.get("questions/").content.decode()


def test_support_is_one_persons_once_by_constraint():
    room = Room()
    mark = {"question": room.ask(), "participant": room.people[1].who}
    QuestionSupport.objects.create(**mark)

    with pytest.raises(IntegrityError), transaction.atomic():
        QuestionSupport.objects.create(**mark)


def test_who_asks_does_not_support_it_besides():
    room = Room()
    question = room.ask()

    with pytest.raises(asking.OwnQuestion):
        room.support(question, by=0)
    refused = room.people[0].send(f"questions/{question.pk}/support/", {"on": "1"})
    assert refused.status_code == 409


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "Please write something first."),
        (" \u200b ", "Please write something first."),
        ("x" * 301, "This is 301 characters long; please keep it to 300."),
    ],
)
def test_what_is_no_question_is_refused_in_words_and_kept(text, told):
    phone = Room().people[0]

    answer = phone.post("questions/", {"text": text, "key": "one-of-a-kind"})

    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert not Question.objects.exists()


def test_one_person_has_ten_questions_waiting_at_most():
    room = Room()
    for number in range(asking.MOST_WAITING):
        last = room.ask(f"Question {number}?")

    with pytest.raises(InvalidAnswer):
        room.ask("One more?")
    asking.withdraw(question=last)
    room.ask("One more?")


def test_questions_are_taken_while_the_session_runs_and_takes_them():
    room = Room()
    question = room.ask()
    phone = room.people[1]
    page = phone.get().content.decode()
    assert "Questions to the speaker" in page

    asking.take_questions(session=room.session, on=False)

    refused = phone.post("questions/", {"text": "And who pays?", "key": "another-one"})
    assert refused.status_code == 409
    assert "And who pays?" in refused.content.decode()
    with pytest.raises(asking.NotTaken):
        room.support(question, by=1)
    assert "Why so?" in phone.get("questions/").content.decode()
    assert "Questions to the speaker" not in phone.get().content.decode()
    asking.take_questions(session=room.session, on=True)
    rounds.go_to_session(session=builders.make_session(room.workshop, "later"))
    with pytest.raises(asking.NotTaken):
        room.ask()


def test_a_retry_reaches_the_session_that_it_was_written_for():
    room = Room()
    phone = room.people[0]
    sent = {"text": "Why so?", "key": "one-of-a-kind", "session": room.session.pk}
    first = phone.send("questions/", sent).json()
    later = builders.make_session(room.workshop, "later")
    rounds.go_to_session(session=later)
    asking.take_questions(session=later, on=True)

    assert phone.send("questions/", sent).json() == first
    other = phone.send("questions/", sent | {"key": "another-one"})
    assert other.status_code == 409
    assert other.json()["message"].startswith("Another session runs now.")
    for named in ("", "0", "nobody", str(10**30)):
        lost = phone.send("questions/", sent | {"key": "one-more", "session": named})
        assert lost.status_code == 409
    assert Question.objects.get().session == room.session
    page = phone.get("questions/").content.decode()
    assert f'name="session" value="{later.pk}"' in page


def test_that_questions_are_taken_costs_phones_no_query():
    room = Room()
    builders.open_round(builders.make_prompt(room.workshop))
    board.render(f"phone:{room.workshop.pk}")  # what is asked is kept from then on
    counted = []
    for on in (True, False):
        asking.take_questions(session=room.session, on=on)
        with CaptureQueriesContext(connection) as queries:
            page = board.render(f"phone:{room.workshop.pk}")
        counted.append(len(queries))
        assert ("Questions to the speaker" in page) == on

    assert counted[0] == counted[1]


def test_ones_own_question_is_taken_back_until_it_is_taken_up():
    room = Room()
    first, second, third = room.ask("One?"), room.ask("Two?"), room.ask("Three?")
    asking.show(question=second)
    asking.set_status(question=third, status=Question.Status.ANSWERED)
    phone = room.people[0]

    def withdraw(question: Question, by: Phone) -> int:
        return by.send(f"questions/{question.pk}/withdraw/", {}).status_code

    assert withdraw(first, room.people[1]) == 404
    assert [withdraw(one, phone) for one in (first, second, third)] == [200, 409, 409]
    assert withdraw(first, phone) == 200
    assert room.order() == ["Two?", "Three?"]


def test_who_was_removed_supports_nothing():
    room = Room()
    question = room.ask()
    room.support(question, by=1)
    room.support(question, by=2)
    joining.remove(participant=room.people[2].who)

    assert Question.objects.with_supports().get().supports == 1


# ---- facilitators, the wall, speakers ----


def test_the_most_supported_come_first_until_a_facilitator_orders_them():
    room = Room()
    first, second, third = (room.ask(f"{n}?") for n in ("One", "Two", "Three"))
    room.support(third, by=1)
    room.support(third, by=2)
    room.support(second, by=1)
    assert room.order() == ["Three?", "Two?", "One?"]

    assert room.press(f"question-move:{first.pk}:up") == 200
    assert room.order() == ["Three?", "One?", "Two?"]
    room.ask("Four?", by=1)
    assert room.order() == ["Three?", "One?", "Two?", "Four?"]

    assert room.press(f"questions-sort:{room.session.pk}") == 200
    assert room.order() == ["Three?", "Two?", "One?", "Four?"]
    undo(workshop=room.workshop)
    assert room.order() == ["Three?", "One?", "Two?", "Four?"]


def test_nothing_reaches_the_wall_before_a_facilitator_shows_it():
    room = Room()
    question = room.ask("Why <so>?")
    room.support(question, by=1)
    assert "Why" not in shown(room, "screen")

    assert room.press(f"question-show:{question.pk}") == 200

    wall = shown(room, "screen")
    assert "Why &lt;so&gt;?" in wall
    assert "1 person supports it" in wall
    assert "On the wall" in shown(room)
    assert "A question to the speaker" in shown(room, "console")
    assert room.press(f"question-off:{question.pk}") == 200
    assert "Why" not in shown(room, "screen")


@pytest.mark.parametrize("status", ["answered", "aside"])
def test_what_is_answered_or_put_aside_leaves_the_wall(status):
    room = Room()
    question = room.ask()
    asking.show(question=question)

    assert room.press(f"question-mark:{question.pk}:{status}") == 200

    assert "Why so?" not in shown(room, "screen")
    assert ("Why so?" in shown(room)) == (status == "answered")
    assert "Why so?" in shown(room, "asked")
    assert room.press(f"question-mark:{question.pk}:{status}") == 409
    assert room.press(f"question-mark:{question.pk}:waiting") == 200
    assert "Why so?" in shown(room)


def test_what_was_put_aside_is_not_shown_nor_supported():
    room = Room()
    question = room.ask()
    asking.set_status(question=question, status=Question.Status.ASIDE)

    assert room.press(f"question-show:{question.pk}") == 409
    with pytest.raises(asking.NotTaken):
        room.support(question, by=1)


def test_phones_stay_where_they_are_while_the_wall_shows_a_question():
    room = Room()
    prompt = builders.make_prompt(room.workshop)
    asked = builders.open_round(prompt)
    rounds.close_round(round_id=asked.pk)
    question = room.ask()
    before = room.people[0].get().content.decode()
    assert f'data-round="{asked.pk}"' in before

    asking.show(question=question)
    assert f'data-round="{asked.pk}"' in room.people[0].get().content.decode()
    asking.take_off(question=question)
    assert Screen.objects.get().showing == Screen.Showing.PROMPT


def test_under_a_question_the_wall_goes_back_to_what_was_interrupted():
    room = Room()
    main = builders.open_round(builders.make_prompt(room.workshop))
    other = builders.make_prompt(room.workshop, key="other")
    between = rounds.open_round(prompt=other, interrupting=True)
    question = room.ask()
    asking.show(question=question)

    rounds.close_round(round_id=between.pk)

    screen = Screen.objects.get()
    assert (screen.showing, screen.question) == ("question", question)
    asking.take_off(question=question)
    screen.refresh_from_db()
    assert (screen.showing, screen.round) == ("prompt", main)
    assert f'data-round="{main.pk}"' in room.people[0].get().content.decode()


def test_a_question_on_the_wall_is_taken_off_by_undo():
    room = Room()
    question = room.ask()
    asking.show(question=question)

    undo(workshop=room.workshop)

    assert "Why so?" not in shown(room, "screen")


def test_a_facilitator_switches_questions_on_and_off():
    room = Room()
    assert room.press(f"questions:{room.session.pk}:1") == 409  # already
    assert room.press(f"questions:{room.session.pk}:0") == 200
    room.session.refresh_from_db()
    assert room.session.takes_questions is False
    later = builders.make_session(room.workshop, "later")
    assert room.press(f"questions:{later.pk}:1") == 409  # it does not run


def test_speakers_read_them_by_support():
    room = Room()
    room.ask("One?")
    second = room.ask("Two?")
    room.support(second, by=1)
    speakers.give_link(session=room.session)
    room.session.refresh_from_db()

    page = Client().get(f"/speaker/{room.session.speaker_secret}/").content.decode()

    assert page.index("Two?") < page.index("One?")
    assert '<span class="num">1</span> supports it' in page


# ---- the record ----


def written(workshop: Workshop) -> list[tuple]:
    """Return the rows of the table of questions in the write-up."""
    report = builder.draft(workshop)
    sections = [inner for one in report.sections for inner in one.sections]
    found = [one for one in sections if one.title == "Questions to the speaker"]
    return [(one.blocks[0].head, one.blocks[0].rows) for one in found]


@pytest.mark.parametrize(
    "rule", ["named", "organisation", "chatham-house", "anonymous"]
)
def test_the_record_has_them_and_names_nobody(rule):
    room = Room(attribution=rule)
    first, second = room.ask("One?"), room.ask("Two?", by=1)
    asking.set_status(question=room.ask("Aside?"), status=Question.Status.ASIDE)
    room.support(second, by=0)
    asking.set_status(question=first, status=Question.Status.ANSWERED)

    rows = sheets_of(workbook(room.workshop))["Questions to speakers"]

    told = rule in ("named", "organisation")
    by = [("A person at table 2",), ("A person at table 1",)] if told else [(), ()]
    head = ("Question", *(("Asked by",) if told else ()), "Support", "State")
    assert written(room.workshop) == [
        (
            head,
            (
                ("Two?", *by[0], "1", "Not answered"),
                ("One?", *by[1], "0", "Answered"),
            ),
        )
    ]
    assert [(row["question"], row.get("table"), row["support"]) for row in rows] == [
        ("Two?", 2 if told else None, 1),
        ("One?", 1 if told else None, 0),
    ]


def test_what_is_written_at_a_prompt_called_questions_stays_there():
    room = Room()
    builders.make_prompt(room.workshop, key="questions")
    room.ask()

    section = builder.draft(room.workshop).sections[1]

    assert [(one.place, one.title) for one in section.sections] == [
        ("framework/questions", "How do you judge each principle?"),
        ("framework/questions~", "Questions to the speaker"),
    ]


def test_a_question_fixes_the_attribution_rule_under_which_it_was_asked():
    room = Room(attribution="anonymous")
    assert not editing.has_answers(room.workshop)

    room.ask()

    assert editing.has_answers(room.workshop)
    assert not editing.has_answers(builders.make_workshop(slug="other"))


def test_a_workshop_without_questions_says_nothing_of_them():
    room = Room()

    assert written(room.workshop) == []
    assert "Questions to speakers" not in sheets_of(workbook(room.workshop))


def test_who_is_forgotten_asked_nothing_and_is_counted_as_nobody():
    room = Room()
    mine, other = room.ask("A question of mine?"), room.ask("Another?", by=1)
    room.support(other, by=0)
    room.support(mine, by=1)
    asking.show(question=mine)
    asking.set_status(question=mine, status=Question.Status.ANSWERED)

    erasing.erase_participant(participant=room.people[0].who)

    assert room.order() == ["Another?"]
    assert Question.objects.with_supports().get().supports == 1
    stored = Event.objects.values_list("subject", "changes")
    assert "of mine" not in json.dumps(list(stored))
    assert "of mine" not in shown(room, "screen")


def test_two_seats_of_one_person_ask_and_support_as_one():
    room = Room()
    keep, drop, third = (phone.who for phone in room.people)
    ours, theirs = room.ask("Ours?", by=1), room.ask("Theirs?", by=2)
    room.support(ours, by=0)
    for by in (0, 1):
        room.support(theirs, by=by)

    merging.merge(keep=keep, drop=drop)

    ours.refresh_from_db()
    assert ours.participant == keep
    found = Question.objects.with_supports().values_list("text", "supports")
    assert dict(found) == {"Ours?": 0, "Theirs?": 1}
    assert third.pk  # who asked it is still there
