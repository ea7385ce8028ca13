"""A rotation is started, followed and ended, and every answer keeps its table."""

import pytest

from deliberation.actions import recording, rotating, rounds
from deliberation.live import board
from deliberation.models import Response, Round, Screen
from deliberation.results import round_results
from deliberation.table_records import record_of
from deliberation.writeup.builder import draft
from tests import builders
from tests.deliberation.phones import Phone
from tests.deliberation.writeup.shown import lines_of
from workshops.actions import rotating as seats
from workshops.actions import scribes
from workshops.models import Move, Participant, Rotation, Workshop

pytestmark = pytest.mark.django_db


@pytest.fixture
def workshop() -> Workshop:
    return builders.make_workshop(tables=4)


@pytest.fixture
def phones(workshop) -> list[Phone]:
    """Two phones and a scribe's at each of four tables, the scribes first."""
    made = [Phone(workshop, table=n % 4 + 1) for n in range(12)]
    for phone in made[:4]:
        scribes.take_role(participant=phone.who)
    return made


@pytest.fixture
def rotation(workshop, phones) -> Rotation:
    (planned,) = seats.plan(workshop=workshop, times=1)
    return planned


def table_of(who: Participant) -> int | None:
    return Participant.objects.get(pk=who.pk).table.number


def target(rotation: Rotation, phone: Phone) -> int:
    return rotation.moves.get(participant=phone.who).to_table.number


def test_start_sends_people_and_shows_it_on_the_wall(workshop, rotation):
    started = rotating.start(rotation=rotation)

    assert Move.objects.awaited().count() == 8
    assert Screen.objects.get().showing == Screen.Showing.ROTATION
    assert started.started_at is not None


def test_start_seats_at_once_who_has_no_table(workshop, rotation):
    nowhere = Phone(workshop, table=None)

    rotating.start(rotation=rotation)
    assert table_of(nowhere.who) == target(rotation, nowhere)

    recording.undo(workshop=workshop)
    assert Participant.objects.get(pk=nowhere.who.pk).table is None


def test_start_twice_is_refused(rotation):
    rotating.start(rotation=rotation)

    with pytest.raises(rotating.AlreadyStarted):
        rotating.start(rotation=rotation)


def test_undo_of_a_start_brings_everybody_back(workshop, phones, rotation):
    rotating.start(rotation=rotation)
    phones[4].post("table/arrive/", {})
    assert table_of(phones[4].who) == target(rotation, phones[4])

    recording.undo(workshop=workshop)

    assert [table_of(phone.who) for phone in phones] == [1, 2, 3, 4] * 3
    assert Rotation.objects.get().started_at is None
    assert Screen.objects.get().showing == Screen.Showing.JOIN


def test_end_seats_who_has_not_said_so_and_can_be_undone(workshop, phones, rotation):
    rotating.start(rotation=rotation)
    phones[4].post("table/arrive/", {})
    goes = [target(rotation, phone) for phone in phones]

    rotating.end(rotation=rotation)
    assert [table_of(phone.who) for phone in phones] == goes
    assert Screen.objects.get().showing == Screen.Showing.JOIN
    with pytest.raises(rotating.AlreadyEnded):
        rotating.end(rotation=rotation)

    recording.undo(workshop=workshop)
    assert table_of(phones[4].who) == goes[4]
    assert [table_of(phone.who) for phone in phones[5:]] == [2, 3, 4, 1, 2, 3, 4]
    assert Screen.objects.get().showing == Screen.Showing.ROTATION


def test_scribes_stay_with_their_role(workshop, phones, rotation):
    rotating.start(rotation=rotation)
    rotating.end(rotation=rotation)

    assert [table_of(phone.who) for phone in phones[:4]] == [1, 2, 3, 4]
    leases = workshop.tables.values_list("scribe_lease__participant", flat=True)
    assert list(leases) == [phone.who.pk for phone in phones[:4]]


def test_let_choose_offers_seats_until_it_ends(workshop, phones):
    rotation = rotating.let_choose(workshop=workshop, seats=4)

    phones[4].post("table/choose/", {"table": "3"})
    full = phones[5].post("table/choose/", {"table": "3"})
    assert full.status_code == 302
    assert [table_of(phone.who) for phone in phones[4:6]] == [3, 2]

    rotating.end(rotation=rotation)
    phones[5].post("table/choose/", {"table": "1"})
    assert table_of(phones[5].who) == 2


# ---- answers keep the table of their moment ----


def people_at_tables(this_round: Round) -> dict[int, int]:
    rows = Response.objects.filter(round=this_round, voice="people")
    counts: dict[int, int] = {}
    for number in rows.values_list("table__number", flat=True):
        counts[number] = counts.get(number, 0) + 1
    return counts


def judge_all(this_round: Round, phones: list[Phone], value: int) -> None:
    for phone in phones:
        who = Participant.objects.select_related("table").get(pk=phone.who.pk)
        builders.judge(this_round, who, {"p1": value, "p2": value, "p3": value})


def by_table(this_round: Round) -> dict[int, dict[str, int]]:
    """Return how the people of each table judged the first item."""
    item = round_results(this_round)["voices"]["people"]["items"][0]
    return {row["table"]: row["counts"] for row in item["by_table"]}


def test_answers_before_a_rotation_keep_their_table(workshop, phones, rotation):
    prompt = builders.make_prompt(workshop, asks_tables=True)
    first = builders.open_round(prompt)
    for number in range(4):
        at_table = phones[number::4]
        judge_all(first, at_table, number % 3 + 1)
    scribe = phones[0].who
    builders.judge(first, scribe, {"p1": 1}, voice="tables", table=scribe.table)
    rounds.close_round(round_id=first.pk)
    before, told = by_table(first), round_results(first)
    record = record_of(first.prompt.session, scribe.table)

    rotating.start(rotation=rotation)
    rotating.end(rotation=rotation)

    assert by_table(first) == before
    assert round_results(first) == told
    assert record_of(first.prompt.session, scribe.table).digest == record.digest
    second = builders.open_round(prompt)
    judge_all(second, phones, 1)
    assert people_at_tables(second) == {1: 3, 2: 3, 3: 3, 4: 3}
    moved = Response.objects.get(round=second, participant=phones[4].who)
    assert moved.table.number == target(rotation, phones[4])


def test_an_open_round_counts_an_answer_where_it_was_last_changed(
    workshop, phones, rotation
):
    this_round = builders.open_round(builders.make_prompt(workshop))
    stays, changes = phones[4], phones[5]
    judge_all(this_round, [stays, changes], 1)

    rotating.start(rotation=rotation)
    # On the way an answer still counts at the table that is being left.
    judge_all(this_round, [changes], 2)
    assert people_at_tables(this_round) == {1: 1, 2: 1}
    for phone in (stays, changes):
        phone.post("table/arrive/", {})
    changes.send(f"answer/{this_round.pk}/", {"answer.p1": "inconsistent"})

    kept = {
        row.participant_id: row.table.number
        for row in Response.objects.filter(round=this_round)
    }
    assert kept == {stays.who.pk: 1, changes.who.pk: target(rotation, changes)}


# ---- what is told ----


def test_phones_hear_where_to_go_and_that_it_is_over(workshop, phones, rotation):
    def marks():
        return board.marks([f"table:{workshop.pk}:{n}" for n in (1, 2)])

    before = marks()
    rotating.start(rotation=rotation)
    under_way = marks()
    phones[4].post("table/arrive/", {})
    arrived = marks()

    assert before != under_way
    first, second = (f"table:{workshop.pk}:{n}" for n in (1, 2))
    assert arrived[first] != under_way[first]
    assert board.render(first).count("data-seat=") == 1
    assert board.render(second).count("data-seat=") == 2
    rotating.end(rotation=rotation)
    assert board.render(second).count("data-seat=") == 0


def test_pages_say_where_to_go_without_script(phones, rotation):
    rotating.start(rotation=rotation)

    page = phones[4].get().content.decode()
    number = target(rotation, phones[4])
    assert f'<b class="num" id="go-number">{number}</b>' in page
    host = phones[0].get().content.decode()
    assert 'aria-labelledby="go-heading" tabindex="-1" hidden' in host


def test_newcomers_are_told_what_the_table_said_before(workshop, phones, rotation):
    prompt = builders.make_prompt(workshop, asks_tables=True)
    session = prompt.session
    this_round = builders.open_round(prompt)
    for phone in phones[:4]:
        table = phone.who.table
        builders.judge(this_round, phone.who, {"p1": 1}, voice="tables", table=table)
        text = {"kind": "point", "as": "table", "text": f"Said at {table.number}"}
        phone.send(f"points/{prompt.pk}/", text | {"key": f"point-{table.number}"})
    rounds.close_round(round_id=this_round.pk)
    rotating.start(rotation=rotation)

    phones[4].post("table/arrive/", {})

    number = target(rotation, phones[4])
    _before, _mark, told = phones[4].get().content.decode().partition('id="greeting"')
    told = told.partition('id="own"')[0]
    assert "What this table said before you" in told
    assert [n for n in range(1, 5) if f"Said at {n}" in told] == [number]
    assert "Unproblematic" in told
    assert session.title in told
    assert 'id="greeting"' not in phones[0].get().content.decode()


def test_the_wall_says_where_each_table_goes(workshop, rotation):
    rotating.start(rotation=rotation)

    wall = board.render(f"screen:{workshop.pk}")
    assert "Please change tables" in wall
    assert wall.count('id="wall-from-') == 4
    assert "<b>8</b> people on the way" in wall

    rotating.end(rotation=rotation)
    assert "Please change tables" not in board.render(f"screen:{workshop.pk}")


def test_the_write_up_says_how_often_people_changed_tables(workshop, rotation):
    rotating.start(rotation=rotation)
    rotating.end(rotation=rotation)

    told = "\n".join(lines_of(draft(workshop)))
    assert "People changed tables once, at " in told
