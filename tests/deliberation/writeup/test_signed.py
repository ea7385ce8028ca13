import pytest
from django.db.models.functions import Now

from deliberation.actions import points, rounds
from deliberation.models import SignOff
from deliberation.table_records import records
from deliberation.writeup.signed import Signed, signed
from tests import builders
from workshops import codes
from workshops.actions import joining

pytestmark = pytest.mark.django_db


def make_room(tables: int = 2, people: int = 2):
    """Make a workshop with a closed round that table 1 answered by its scribe."""
    workshop = builders.make_workshop(tables=tables)
    prompt = builders.make_prompt(workshop, asks_tables=True)
    this_round = builders.open_round(prompt)
    scribe = builders.scribe_of(workshop)
    for _more in range(people - 1):
        builders.join(workshop)
    builders.judge(
        this_round, scribe, {"p1": 1}, voice="tables", table=scribe.table, reason="So"
    )
    rounds.close_round(round_id=this_round.pk)
    return workshop, prompt, scribe


def confirm(who, *, by_scribe: bool = False) -> None:
    session = who.workshop.sessions.get()
    (record,) = records(session, [who.table])
    SignOff.objects.create(
        session=session,
        table=who.table,
        participant=who,
        digest=record.digest,
        by_scribe=by_scribe,
        at=Now(),
    )


def write(prompt, scribe, kind: str = "point"):
    return points.add_point(
        prompt=prompt,
        this_round=prompt.rounds.last(),
        participant=scribe,
        table=scribe.table,
        kind=kind,
        text="One more thing",
        items=list(prompt.items.all()[:1]),
        key=codes.new_token(),
    )


def test_nothing_is_signed_before_a_table_could_confirm_anything():
    workshop = builders.make_workshop()
    prompt = builders.make_prompt(workshop, asks_tables=True)
    session = workshop.sessions.get()
    assert signed(session) == ()
    this_round = builders.open_round(prompt)
    assert signed(session) == ()
    rounds.close_round(round_id=this_round.pk)

    assert signed(session) == ()  # nobody sits anywhere, nothing is recorded


def test_a_table_is_signed_when_one_person_there_confirmed_what_there_is():
    workshop, prompt, scribe = make_room()
    session = workshop.sessions.get()
    assert signed(session) == (Signed(1, "unsigned", 0, 2, False, ()),)
    confirm(workshop.participants.exclude(pk=scribe.pk).get())
    assert signed(session) == (Signed(1, "signed", 1, 2, False, ()),)

    dissent = write(prompt, scribe, "dissent")

    assert signed(session) == (Signed(1, "changed", 0, 2, False, (dissent,)),)
    points.withdraw(point=dissent)
    assert signed(session) == (Signed(1, "signed", 1, 2, False, ()),)


def test_a_table_confirmed_by_its_scribe_only_is_told_from_others():
    workshop, _prompt, scribe = make_room()
    session = workshop.sessions.get()
    confirm(scribe, by_scribe=True)
    (by_scribe,) = signed(session)
    confirm(workshop.participants.exclude(pk=scribe.pk).get())
    (by_both,) = signed(session)

    assert (by_scribe.by_scribe_only, by_scribe.words) == (
        True,
        "confirmed by its scribe only",
    )
    assert by_both == Signed(1, "signed", 2, 2, False, ())


def test_a_scribe_who_sits_alone_signs_for_the_table():
    workshop, _prompt, scribe = make_room(people=1)
    confirm(scribe, by_scribe=True)

    assert signed(workshop.sessions.get()) == (Signed(1, "signed", 1, 1, False, ()),)


def test_a_confirmation_stays_with_its_table_and_goes_with_who_is_removed():
    workshop, _prompt, scribe = make_room()
    session = workshop.sessions.get()
    other = workshop.participants.exclude(pk=scribe.pk).get()
    confirm(other)
    joining.move(participant=other, table=workshop.tables.get(number=2))

    assert signed(session) == (
        Signed(1, "signed", 1, 2, False, ()),
        Signed(2, "unsigned", 0, 1, False, ()),
    )
    joining.remove(participant=other)
    assert signed(session) == (Signed(1, "unsigned", 0, 1, False, ()),)


def test_another_round_is_another_record():
    workshop, prompt, scribe = make_room()
    session = workshop.sessions.get()
    confirm(scribe)
    again = builders.open_round(prompt)
    (while_open,) = signed(session)

    rounds.close_round(round_id=again.pk)

    (after,) = signed(session)
    assert (while_open.state, after.state) == ("signed", "changed")


@pytest.mark.parametrize("tables", [2, 6])
def test_signed_takes_as_many_queries_for_many_tables(
    tables, django_assert_num_queries
):
    workshop, prompt, scribe = make_room(tables=tables)
    write(prompt, scribe)
    for number in range(2, tables + 1):
        who = builders.scribe_of(workshop, table=number)
        write(prompt, who, "dissent")
        confirm(who)
    session = workshop.sessions.select_related("workshop").get()
    signed(session)  # what a round asks is kept in memory

    with django_assert_num_queries(7):
        signed(session)
