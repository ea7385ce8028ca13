"""A challenge reaches those who answered so, nobody else, and gives nobody away."""

import re

import pytest
from django.test import Client

from deliberation.actions import answers, challenging, points, rounds
from deliberation.actions.recording import undo
from deliberation.challenges import asked_of, groups, put_to, waiting
from deliberation.exports.workbook import workbook
from deliberation.kinds import InvalidAnswer
from deliberation.live import board
from deliberation.models import Challenge, Point, Round
from deliberation.results import round_results
from deliberation.writeup import builder
from deliberation.writeup.structure import Run, Text
from tests import builders
from tests.deliberation.exports.workbooks import sheets_of
from tests.deliberation.phones import Phone
from tests.world import account
from workshops.actions import scribes, speakers
from workshops.models import Workshop

pytestmark = pytest.mark.django_db

ROUNDS = re.compile(r'data-round="(\d+)"')
PICK_P3 = {"p1": 0, "p2": 0, "p3": 1}
PICK_P1 = {"p1": 1, "p2": 0, "p3": 0}


class Room:
    """Three tables have picked: 1 and 2 the third option, 3 the first."""

    def __init__(self, *, people: int = 6, **fields) -> None:
        self.workshop = builders.make_workshop(slug="ours", tables=3, **fields)
        self.session = self.workshop.sessions.get()
        self.prompt = builders.make_prompt(
            self.workshop, kind="choose", key="pick", asks_tables=True
        )
        self.scribes = [Phone(self.workshop, table=number) for number in (1, 2, 3)]
        self.picked = builders.open_round(self.prompt)
        for scribe in self.scribes:
            scribes.take_role(participant=scribe.who)
            by_three = scribe.who.table.number == 3
            builders.judge(
                self.picked,
                scribe.who,
                PICK_P1 if by_three else PICK_P3,
                voice="tables",
                table=scribe.who.table,
            )
        self.people = [
            Phone(self.workshop, table=number % 3 + 1) for number in range(people)
        ]
        for phone in self.people:
            builders.judge(self.picked, phone.who, PICK_P3)
        for scribe in self.scribes:
            builders.judge(self.picked, scribe.who, PICK_P1)
        rounds.close_round(round_id=self.picked.pk)

    def challenge(self, **fields) -> Challenge:
        first = {"text": "Are you sure?", "key": "only-once"}
        item = self.prompt.items.get(key="p3")
        return challenging.write(about=self.picked, item=item, **first | fields)

    def send(self, **fields) -> Round:
        return challenging.send(challenge=self.challenge(**fields))


def refusal(phone: Phone, this_round: Round) -> int:
    data = {"choice": "p1", "key": "another-one"}
    return phone.send(f"answer/{this_round.pk}/", data).status_code


def said(this_round: Round) -> dict[str, tuple[int, int]]:
    voices = round_results(this_round)["voices"]
    return {name: (v["responded"], v["present"]) for name, v in voices.items() if v}


def test_those_who_answered_alike_are_offered_with_their_number():
    room = Room()
    ask = answers.ask_of(room.picked)

    found = groups(room.picked, ask.item("p3"))

    assert [(one.audience, one.value, one.number) for one in found] == [
        ("tables", 1, 2),
        ("people", 1, 6),
    ]


def test_tables_that_chose_are_asked_again_and_nobody_else():
    room = Room()
    asked = room.send(audience="tables", value=1, asks_again=True)
    first, _second, third = room.scribes
    builders.judge(
        asked, first.who, PICK_P1, voice="tables", table=first.who.table, key="k"
    )

    assert (asked.prompt, asked.number) == (room.prompt, 2)
    assert said(asked) == {"people": (0, 6), "tables": (1, 2)}
    assert said(room.picked) == {"people": (9, 9), "tables": (3, 3)}
    with pytest.raises(answers.NotPutTo):
        builders.judge(asked, third.who, PICK_P1, voice="tables", table=third.who.table)
    assert [refusal(one, asked) for one in (first, third)] == [200, 409]
    # What was picked first stands beside it, and who moved is told.
    moved = round_results(asked, resamples=0)["voices"]["tables"]["items"]
    assert [row["measures"]["since"] for row in moved] == [1, 1, 1]


def test_people_who_chose_are_asked_and_the_short_way_keeps_to_it():
    room = Room()
    asked = room.send(audience="people", value=1, asks_again=True)
    meant, other = room.people[0], room.scribes[0]

    # The second time would go the short way, if the round were known to it.
    seen = [refusal(one, asked) for one in (meant, other, meant, other)]

    assert seen == [200, 409, 200, 409]
    assert said(asked) == {"people": (1, 6), "tables": (0, 0)}


@pytest.mark.parametrize("rule", ["chatham-house", "anonymous"])
def test_fewer_than_five_people_are_not_asked_apart_where_nobody_is_named(rule):
    room = Room(people=4, attribution=rule)
    ask = answers.ask_of(room.picked)

    told = {one.audience: one.is_told for one in groups(room.picked, ask.item("p3"))}

    assert told == {"tables": True, "people": False}
    with pytest.raises(challenging.TooFew):
        room.send(audience="people", value=1)
    assert room.workshop.rounds.count() == 1


def test_four_people_are_asked_where_people_are_named():
    assert said(Room(people=4).send(audience="people", value=1, asks_again=True)) == {
        "people": (0, 4),
        "tables": (0, 0),
    }


@pytest.mark.parametrize(
    ("audience", "found", "words"),
    [
        ("tables", {"asked": "tables", "tables": [1, 2]}, "asked of tables 1 and 2"),
        ("people", {"asked": "people", "tables": []}, "asked of some of the people"),
        ("room", None, ""),
    ],
)
def test_results_say_whom_they_were_asked_of(audience, found, words):
    room = Room()
    value = None if audience == "room" else 1
    asked = room.send(audience=audience, value=value, asks_again=True)
    owner = account(builders.make_facilitator(room.workshop))
    page = owner.get(f"/console/ours/results/{room.prompt.path}/?round=2")

    assert round_results(asked).get("audience") == found
    assert "audience" not in round_results(room.picked)
    assert asked_of(asked) == words
    assert page.content.decode().count("Asked of") == (1 if words else 0)
    rows = sheets_of(workbook(room.workshop))[room.prompt.path.replace("/", " ")]
    told = {row["round"]: row.get("audience") for row in rows}
    assert told == {1: None, 2: words or None}


def test_a_discussion_is_answered_by_those_it_is_put_to():
    room = Room()
    asked = room.send(audience="tables", value=1, text="Who would pay for it?")
    first, _second, third = room.scribes

    def write(phone: Phone) -> int:
        data = {"text": "We would", "as": "table", "key": f"by-{phone.who.pk}"}
        return phone.send(f"points/{asked.prompt_id}/", data).status_code

    statuses = [write(first), write(third)]

    assert (asked.prompt.question, asked.prompt.kind) == (
        "Who would pay for it?",
        "discuss",
    )
    assert asked.prompt.is_challenge
    assert statuses == [200, 409]
    assert list(Point.objects.values_list("voice", "table__number", "text")) == [
        ("tables", 1, "We would")
    ]
    assert asked.challenge.item.key == "p3"


def test_the_whole_room_is_asked_by_default():
    room = Room()
    asked = room.send(asks_again=True)

    assert asked.asks_everybody
    assert [refusal(one, asked) for one in (room.people[0], room.scribes[2])] == [
        200,
        200,
    ]


def test_a_challenge_is_written_once_and_sent_once():
    room = Room()
    first, again = room.challenge(), room.challenge(text="Something else")
    asked = challenging.send(challenge=first)

    assert (first, again.text) == (again, "Are you sure?")
    with pytest.raises(challenging.NotWaiting):
        challenging.send(challenge=again)
    with pytest.raises(challenging.NotWaiting):
        challenging.decline(challenge=again)
    assert Round.objects.get(challenge=first) == asked
    with pytest.raises(InvalidAnswer):
        room.challenge(text=" ", key="another")


def test_taking_back_an_opened_challenge_lets_it_wait_again():
    room = Room()
    challenge = room.challenge(audience="tables", value=1)
    challenging.send(challenge=challenge)
    before = list(waiting(room.workshop))
    undo(workshop=room.workshop)

    assert (before, list(waiting(room.workshop))) == ([], [challenge])
    prompt = challenging.send(challenge=challenge).prompt
    assert room.workshop.rounds.filter(prompt=prompt).count() == 1
    assert room.session.prompts.count() == 2


def test_a_challenge_interrupts_what_is_open_and_nothing_interrupts_it():
    room = Room()
    following = builders.open_round(builders.make_prompt(room.workshop, key="next"))
    asked = room.send(audience="tables", value=1)
    other = room.challenge(key="another")

    assert asked.interrupts == following
    with pytest.raises(rounds.AnotherRoundIsOpen):
        challenging.send(challenge=other)
    assert list(waiting(room.workshop)) == [other]


def test_a_challenge_in_the_middle_leaves_the_others_at_their_question():
    room = Room()
    following = builders.open_round(
        builders.make_prompt(room.workshop, key="next", asks_tables=True)
    )
    asked = room.send(audience="tables", value=1, asks_again=True)
    first, _second, third = room.scribes
    rate = {"answer.p1": "difficult", "key": "one-of-a-kind"}

    def at(phone: Phone) -> dict[str, list[str]]:
        page = phone.get().content.decode()
        return {
            part: re.findall(rf'class="{part}[ "][^>]*data-round="(\d+)', page)
            for part in ("stage", "ours")
        }

    both = [str(asked.pk)], [str(following.pk)]
    assert at(first) == {"stage": both[0], "ours": both[0]}
    assert at(third) == {"stage": both[1], "ours": both[1]}
    assert "put to tables 1 and 2 meanwhile" in third.get().content.decode()
    for address in (f"answer/{following.pk}/", f"table-answer/{following.pk}/"):
        assert third.send(address, rate).status_code == 200
    rounds.close_round(round_id=asked.pk)
    assert at(first) == {"stage": both[1], "ours": both[1]}


def test_boards_hold_both_questions_and_tables_their_own():
    room = Room()
    following = builders.open_round(
        builders.make_prompt(room.workshop, key="next", asks_tables=True)
    )
    asked = room.send(audience="tables", value=1, asks_again=True)
    pk = room.workshop.pk
    names = [f"phone:{pk}", f"table:{pk}:1", f"table:{pk}:3"]

    def held() -> list[list[int]]:
        html = [board.render(name) for name in names]
        return [[int(n) for n in ROUNDS.findall(one)] for one in html]

    def own(number: int) -> list[int]:
        return [held()[number][0]]

    before = board.marks(names)
    stages = re.findall(r'<section class="stage.*?>', board.render(names[0]))
    third = room.scribes[2]
    builders.judge(
        following, third.who, {"p1": 2}, voice="tables", table=third.who.table
    )
    after = board.marks(names)

    assert [
        ("for-others" in one, f'data-round="{asked.pk}"' in one) for one in stages
    ] == [
        (False, True),
        (True, False),
    ]
    assert (own(1), own(2)) == ([asked.pk], [following.pk])
    # What a table answers to what was interrupted draws its board again, no other.
    assert [before[name] == after[name] for name in names] == [True, True, False]


def test_who_is_asked_alone_leaves_the_table_at_its_question():
    room = Room()
    following = builders.open_round(
        builders.make_prompt(room.workshop, key="next", asks_tables=True)
    )
    asked = room.send(audience="people", value=1, asks_again=True)
    page = room.people[0].get().content.decode()

    assert f'data-interrupts="{following.pk}"' in page
    assert re.findall(r'class="stage[^>]*data-round="(\d+)', page) == [str(asked.pk)]
    assert re.findall(r'class="ours[^>]*data-round="(\d+)', page) == [str(following.pk)]


def test_what_is_written_to_a_question_in_two_rounds_belongs_to_the_author_s():
    room = Room()
    again = builders.open_round(room.prompt)
    asked = room.send(audience="tables", value=1, asks_again=True)
    address = f"points/{room.prompt.pk}/"
    room.prompt.invites_points = True
    room.prompt.save()

    for phone in (room.scribes[0], room.scribes[2]):
        data = {"text": "Hm", "as": "me", "kind": "point", "key": "key-of-mine"}
        assert phone.send(address, data).status_code == 200

    found = Point.objects.order_by("pk").values_list("round", flat=True)
    assert list(found) == [asked.pk, again.pk]


def test_who_left_is_not_asked():
    room = Room()
    challenge = room.challenge(audience="people", value=1)
    Workshop.objects.get(pk=room.workshop.pk).participants.update(
        removed_at=room.picked.opened_at
    )

    with pytest.raises(challenging.NobodyToAsk):
        challenging.send(challenge=challenge)


def test_one_item_is_asked_again_alone_where_they_are_judged_one_by_one():
    room = Room()
    prompt = builders.make_prompt(room.workshop, key="judged", minutes=5)
    judged = builders.open_round(prompt)
    for phone in room.people:
        builders.judge(judged, phone.who, {"p1": 2, "p2": 1, "p3": 3})
    challenge = challenging.write(
        about=judged,
        item=prompt.items.get(key="p2"),
        text="Are you sure?",
        key="one-item",
        audience="people",
        value=1,
        asks_again=True,
    )

    asked = challenging.send(challenge=challenge)

    assert [item.key for item in answers.ask_of(asked).items] == ["p2"]
    assert (asked.is_partial, asked.ends_at, asked.interrupts) == (True, None, judged)
    builders.judge(asked, room.people[0].who, {"p2": 3})
    moved = round_results(asked, resamples=0)["voices"]["people"]
    assert [(row["item"], row["n"]) for row in moved["items"]] == [("p2", 1)]


def test_answers_are_challenged_where_everybody_gave_them_last():
    room = Room()
    rounds.close_round(round_id=room.picked.pk)
    prompt = builders.make_prompt(room.workshop, key="judged", session=room.session)
    judged = builders.open_round(prompt)
    rounds.close_round(round_id=judged.pk)
    reworded = rounds.ask_again(prompt=prompt, items=[prompt.items.get(key="p2")])
    rounds.close_round(round_id=reworded.pk)
    room.send(audience="tables", value=1, asks_again=True)
    speakers.give_link(session=room.session)
    owner = account(builders.make_facilitator(room.workshop))
    pages = {
        "/console/ours/challenges/": owner,
        f"/speaker/{room.session.speaker_secret}/challenge/": Client(),
    }

    for address, client in pages.items():
        found = re.findall(r'/(\d+)/\d+/"', client.get(address).content.decode())
        assert found == [
            str(one.pk) for one in [judged, reworded, judged, *[room.picked] * 3]
        ]


@pytest.mark.parametrize("revealed", [True, False])
def test_phones_and_wall_say_who_is_asked_no_more_than_the_room_knows(revealed):
    room = Room()
    if revealed:
        rounds.reveal(round_id=room.picked.pk)
    asked = room.send(audience="tables", value=1, asks_again=True)
    page = room.people[0].get().content.decode()
    wall = board.render(f"screen:{room.workshop.pk}")
    expected = (
        "the tables that chose “3 Principle number 3”" if revealed else "tables 1 and 2"
    )

    assert put_to(asked.challenge) == "the tables that chose “3 Principle number 3”"
    assert f"This is put to {expected}." in page
    assert f"Put to {expected}" in wall
    assert "Are you sure?" in page


def test_a_page_shows_its_form_to_those_who_are_asked():
    room = Room()
    room.send(audience="people", value=1, asks_again=True)

    marked = [
        'class="stage is-asked"' in one.get().content.decode()
        for one in (room.people[0], room.scribes[0])
    ]

    assert marked == [True, False]
    shared = board.render(f"phone:{room.workshop.pk}")
    assert "is-asked" not in shared
    assert not any(one.who.ref in shared for one in room.people)


def test_the_wall_does_not_say_where_they_sit_who_are_asked():
    room = Room()
    room.send(audience="people", value=1, asks_again=True)

    wall = board.render(f"screen:{room.workshop.pk}")

    assert "0 of 6" in wall
    assert "Table 1" not in wall


def test_the_console_says_who_is_asked_and_how_to_go_back():
    room = Room()
    builders.open_round(builders.make_prompt(room.workshop, key="next"))
    room.send(audience="tables", value=1, asks_again=True)

    page = " ".join(board.render(f"console:{room.workshop.pk}").split())

    for said_ in (
        "Put to the tables that chose “3 Principle number 3”: tables 1 and 2",
        "which stays open; the others go on with it",
        "Close and go back to",
    ):
        assert said_ in page
    assert page.count("Not asked this time") == 1
    assert "0 of 2" in page


# ---- console and speakers ----


def form(**fields) -> dict[str, str]:
    return {"text": "Why?", "to": "room", "asks": "words", "key": "form-key"} | fields


def address_of(room: Room) -> str:
    return f"{room.picked.pk}/{room.prompt.items.get(key='p3').pk}/"


def test_a_facilitator_sends_a_challenge_from_the_console():
    room = Room()
    owner = account(builders.make_facilitator(room.workshop))
    address = f"/console/ours/challenges/{address_of(room)}"
    page = owner.get(address).content.decode()
    sent = owner.post(address, form(to="tables:1"))
    again = owner.post(address, form(to="tables:1"))

    assert "The tables that chose “3 Principle number 3” (2 tables)" in page
    assert (sent.status_code, again.status_code) == (302, 302)
    (asked,) = room.workshop.rounds.exclude(pk=room.picked.pk)
    assert [one.table.number for one in asked.asked.order_by("table__number")] == [1, 2]
    assert owner.post(address, form(to="tables:9")).status_code == 422
    assert owner.post(address, form(text="")).status_code == 422


def test_a_speaker_s_challenge_waits_for_a_facilitator():
    room = Room()
    speakers.give_link(session=room.session)
    rounds.reveal(round_id=room.picked.pk)
    owner = account(builders.make_facilitator(room.workshop))
    address = f"/speaker/{room.session.speaker_secret}/challenge/{address_of(room)}"
    answer = Client().post(address, form(to="people:1"), follow=True)
    waits = board.render(f"console:{room.workshop.pk}")
    (challenge,) = waiting(room.workshop)

    assert "will put it to the room" in answer.content.decode()
    assert "A challenge of the speaker’s waits for you." in waits
    assert "Why?" in owner.get("/console/ours/challenges/").content.decode()
    assert room.workshop.rounds.count() == 1
    owner.post("/console/ours/challenges/", {"do": f"send:{challenge.pk}"})
    asked = Round.objects.get(challenge=challenge)
    assert (asked.audience, asked.challenge.by_speaker) == ("people", True)
    assert "A challenge from the speaker" in board.render(f"phone:{room.workshop.pk}")


def test_a_speaker_s_challenge_goes_out_at_once_where_that_is_set():
    room = Room()
    speakers.give_link(session=room.session)
    speakers.let_see(session=room.session, sees="shown", sends=True)
    address = f"/speaker/{room.session.speaker_secret}/challenge/{address_of(room)}"

    answer = Client().post(address, form(), follow=True)
    Client().post(address, form())

    assert "Your challenge is out." in answer.content.decode()
    assert room.workshop.rounds.count() == 2


def test_a_speaker_who_does_not_see_answers_can_only_ask_the_whole_room():
    room = Room()
    speakers.give_link(session=room.session)
    address = f"/speaker/{room.session.speaker_secret}/challenge/{address_of(room)}"
    page = Client().get(address).content.decode()

    assert "The tables that chose" not in page
    assert Client().post(address, form(to="tables:1")).status_code == 422


def test_a_speaker_challenges_nothing_once_the_session_is_over():
    room = Room()
    speakers.give_link(session=room.session)
    rounds.go_to_session(session=builders.make_session(room.workshop, "later"))
    address = f"/speaker/{room.session.speaker_secret}/challenge/{address_of(room)}"

    assert Client().post(address, form()).status_code == 409
    assert Challenge.objects.count() == 0


def test_a_declined_challenge_stays_in_the_record():
    room = Room()
    owner = account(builders.make_facilitator(room.workshop))
    challenge = room.challenge(by_speaker=True)

    owner.post("/console/ours/challenges/", {"do": f"decline:{challenge.pk}"})

    challenge.refresh_from_db()
    assert challenge.declined_at is not None
    assert list(waiting(room.workshop)) == []
    assert points.Point.objects.count() == 0


# ---- the write-up ----


def document(room: Room) -> str:
    report = builder.draft(room.workshop)
    return " ".join(
        run.text
        for _depth, section in report.walk()
        for block in section.blocks
        if isinstance(block, Text)
        for one in block.sentences
        for run in [*one.runs, Run(" ")]
    )


def test_the_write_up_says_who_was_asked_who_answered_and_who_changed():
    room = Room()
    asked = room.send(
        audience="tables", value=1, asks_again=True, by_speaker=True, text="Are you?"
    )
    first, second, _third = room.scribes
    for scribe, picks in ((first, PICK_P1), (second, PICK_P3)):
        builders.judge(asked, scribe.who, picks, voice="tables", table=scribe.who.table)
    rounds.close_round(round_id=asked.pk)

    said_ = " ".join(document(room).split())

    assert (
        "The speaker put a challenge to the tables that chose “3 Principle number 3”:"
        " “Are you?”." in said_
    )
    assert "Of those asked, both tables answered." in said_
    assert "Of those asked, none of the six people answered." in said_
    assert "Since then table 1 changed the answer." in said_
    # What only some were asked does not stand for the room.
    assert "round" not in said_


@pytest.mark.parametrize(
    ("people", "told"),
    [
        (6, "Since then two of six people changed their answer."),
        (4, "How many people changed theirs is withheld: too few answered."),
    ],
)
def test_the_write_up_counts_the_people_who_changed_unless_they_are_few(people, told):
    room = Room(people=people)
    asked = room.send(audience="people", value=1, asks_again=True)
    for number, phone in enumerate(room.people):
        builders.judge(asked, phone.who, PICK_P1 if number < 2 else PICK_P3)
    rounds.close_round(round_id=asked.pk)

    said_ = " ".join(document(room).split())

    assert told in said_
    assert not any(phone.who.ref in said_ for phone in room.people)


def test_the_write_up_says_that_a_table_did_not_answer():
    room = Room()
    asked = room.send(audience="tables", value=1, text="Who would pay?")
    first = room.scribes[0]
    points.add_point(
        prompt=asked.prompt,
        this_round=asked,
        participant=first.who,
        table=first.who.table,
        kind="point",
        text="We would",
        items=[],
        key="once-only",
    )
    rounds.close_round(round_id=asked.pk)

    said_ = " ".join(document(room).split())

    assert "Of those asked, one of two tables answered." in said_
    assert "What they said stands under “Who would pay?”." in said_
