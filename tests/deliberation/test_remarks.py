"""Conclusions, observations and closing remarks: written, ordered, mended, recorded."""

import re

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from deliberation.actions import recording, remarks
from deliberation.models import Event, Remark
from tests import builders
from tests.together import at_the_same_time
from workshops.models import Speaker

pytestmark = pytest.mark.django_db


@pytest.fixture
def workshop():
    return builders.make_workshop()


@pytest.fixture
def signed_in(workshop):
    client = Client()
    client.force_login(builders.make_facilitator(workshop))
    return client


def conclude(workshop, text, **fields):
    fields = {"session": workshop.sessions.first()} | fields
    return remarks.add_remark(workshop=workshop, text=text, **fields)


def order(workshop) -> list[tuple[str, int]]:
    return list(workshop.remarks.order_by("pk").values_list("text", "position"))


def steps(workshop) -> list[tuple[str, str, str]]:
    rows = workshop.events.order_by("pk")
    return list(rows.values_list("desk", "verb", "subject"))


# ---- actions ----


def test_remarks_are_numbered_at_their_place(workshop):
    conclude(workshop, "One")
    conclude(workshop, "Noticed", kind="observation")
    conclude(workshop, "Two")
    conclude(workshop, "Thanks", kind="closing", session=None)

    assert order(workshop) == [("One", 1), ("Noticed", 1), ("Two", 2), ("Thanks", 1)]
    assert {step[:2] for step in steps(workshop)} == {("write-up", "remark-add")}


def test_a_second_press_writes_nothing_down_again(workshop):
    first = conclude(workshop, "One", name="Seat 3")

    assert conclude(workshop, "One", name="Seat 3") == first
    assert conclude(workshop, "One", name="Seat 4") != first
    assert len(order(workshop)) == 2


def test_a_remark_moves_among_those_at_its_place(workshop):
    one, _two, three = [conclude(workshop, text) for text in ("One", "Two", "Three")]
    conclude(workshop, "Noticed", kind="observation")

    remarks.move_remark(three, by=-1)
    remarks.move_remark(one, by=-1)

    assert order(workshop) == [
        ("One", 1),
        ("Two", 3),
        ("Three", 2),
        ("Noticed", 1),
    ]
    assert steps(workshop)[4:] == [("write-up", "remark-move", "Three")]


def test_a_remark_goes_to_the_end_of_another_place(workshop):
    one, two = [conclude(workshop, text) for text in ("One", "Two")]
    noticed = conclude(workshop, "Noticed", kind="observation")

    remarks.change_remark(one, kind="observation", text="Seen")

    assert order(workshop) == [("Seen", 2), ("Two", 2), ("Noticed", 1)]
    assert list(remarks.remarks_beside(noticed)) == [noticed, one]
    assert list(remarks.remarks_beside(two)) == [two]


def test_what_is_deleted_can_be_put_back_as_it_was(workshop):
    remark = conclude(workshop, "One", name="Seat 3", organisation="Table 2")
    before = Remark.objects.values().get()

    remarks.delete_remark(remark)
    assert list(workshop.remarks.all()) == []
    remarks.delete_remark(remark)  # by somebody else in the same moment
    with pytest.raises(Remark.DoesNotExist):
        remarks.change_remark(remark, text="Two")
    recording.undo(workshop=workshop, desk=Event.Desk.WRITE_UP)

    assert Remark.objects.values().get() == before


def test_what_went_with_its_session_is_not_put_back(workshop):
    session = builders.make_session(workshop, "later")
    remark = conclude(workshop, "One", session=session)
    remarks.delete_remark(remark)
    session.delete()

    with pytest.raises(recording.ChangedSince):
        recording.undo(workshop=workshop, desk=Event.Desk.WRITE_UP)

    assert list(workshop.remarks.all()) == []


def test_the_console_undoes_its_own_steps_past_those_at_other_desks(workshop):
    this_round = builders.open_round(builders.make_prompt(workshop))
    remark = conclude(workshop, "One")
    remarks.change_remark(remark, text="Two")

    assert recording.last_step(workshop).verb == "open"
    recording.undo(workshop=workshop)

    assert not workshop.rounds.filter(pk=this_round.pk).exists()
    assert order(workshop) == [("Two", 1)]


@pytest.mark.django_db(transaction=True)
def test_remarks_written_at_once_have_different_places():
    workshop = builders.make_workshop()
    session = workshop.sessions.get()

    def write(text):
        return lambda: remarks.add_remark(workshop=workshop, session=session, text=text)

    at_the_same_time(*(write(f"Remark {n}") for n in range(6)), write("Remark 0"))

    positions = sorted(position for _text, position in order(workshop))
    assert positions == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    "fields",
    [{"text": ""}, {"kind": "closing"}, {"kind": "conclusion", "session": None}],
)
def test_the_database_holds_where_remarks_belong(workshop, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        conclude(workshop, fields.pop("text", "One"), **fields)


# ---- pages ----


def address(tail=""):
    return f"/console/day/remarks/{tail}"


def test_a_conclusion_is_written_down(signed_in, workshop):
    session = workshop.sessions.get()
    Speaker.objects.create(
        session=session, position=1, name="Seat 3", organisation="Table 2"
    )
    place = f"conclusion:{session.pk}"
    page = signed_in.get(address(f"new/?place={place}")).content.decode()
    assert 'value="Seat 3"' in page
    assert 'value="Table 2"' in page

    sent = {"place": place, "name": "Seat 3", "organisation": "", "text": "*Agreed.*"}
    shown = signed_in.post(address("new/"), sent | {"preview": "1"})
    assert "<em>Agreed.</em>" in shown.content.decode()
    assert list(workshop.remarks.all()) == []
    answer = signed_in.post(address("new/"), sent)

    remark = workshop.remarks.get()
    assert answer.headers["Location"] == address(f"#remark-{remark.pk}")
    assert (remark.kind, remark.session, remark.name, remark.text) == (
        "conclusion",
        session,
        "Seat 3",
        "*Agreed.*",
    )
    listed = signed_in.get(address()).content.decode()
    assert "<em>Agreed.</em>" in listed


def test_a_remark_is_edited_moved_and_deleted(signed_in, workshop):
    one, two = [conclude(workshop, text) for text in ("One", "Two")]

    signed_in.post(
        address(f"{one.pk}/"), {"place": "closing:", "text": "Thanks", "name": "Seat 3"}
    )
    signed_in.post(address(f"{two.pk}/move/"), {"to": "up"})
    assert "Two" in signed_in.get(address(f"{two.pk}/delete/")).content.decode()
    signed_in.post(address(f"{two.pk}/delete/"))

    remark = workshop.remarks.get()
    assert (remark.pk, remark.kind, remark.session, remark.text, remark.name) == (
        one.pk,
        "closing",
        None,
        "Thanks",
        "Seat 3",
    )


def test_the_own_last_step_is_taken_back(signed_in, workshop):
    remark = conclude(workshop, "One")
    assert 'value="undo:' not in signed_in.get(address()).content.decode()
    signed_in.post(address(f"{remark.pk}/delete/"))

    page = signed_in.get(address()).content.decode()
    undo = {"do": re.search(r'value="(undo:\d+)"', page)[1]}
    for said in (
        "Undone: delete “One”.",
        "That was undone already, or is not your last step.",
    ):
        page = signed_in.post(address(), undo, follow=True).content.decode()
        assert said in page
    assert workshop.remarks.get() == remark


def test_two_who_edit_a_remark_are_told(signed_in, workshop):
    remark = conclude(workshop, "One")
    page = address(f"{remark.pk}/")
    opened = signed_in.get(page).content.decode()
    shown = opened.partition('name="shown" value="')[2].partition('"')[0]
    place = f"conclusion:{remark.session_id}"
    remarks.change_remark(remark, text="Hers")

    sent = {"shown": shown, "place": place, "text": "His"}
    refused = signed_in.post(page, sent)

    assert refused.status_code == 422
    text = refused.content.decode()
    assert "Somebody else changed this meanwhile to: “Hers”" in text
    assert ">\nHis</textarea>" in text
    remark.refresh_from_db()
    assert remark.text == "Hers"


def test_the_list_costs_the_same_for_any_number(
    signed_in, workshop, django_assert_num_queries
):
    conclude(workshop, "One")
    with django_assert_num_queries(7):
        signed_in.get(address())
    for number in range(8):
        conclude(workshop, f"Remark {number}", kind="observation")
    with django_assert_num_queries(7):
        signed_in.get(address())


def test_the_agenda_leads_to_the_conclusion_of_a_session_that_began(
    signed_in, workshop
):
    session = workshop.sessions.get()
    link = f"{address('new/')}?place=conclusion:{session.pk}"
    assert link not in signed_in.get("/console/day/").content.decode()

    signed_in.post("/console/day/do/", {"do": f"start:{session.pk}"})

    assert link in signed_in.get("/console/day/").content.decode()


# ---- where they were before ----


@pytest.mark.django_db(transaction=True)
def test_conclusions_become_remarks_and_back():
    before = [
        ("deliberation", "0008_rules_announced"),
        ("workshops", "0005_guests_and_parents"),
    ]
    executor = MigrationExecutor(connection)
    newest = executor.loader.graph.leaf_nodes()
    workshop = builders.make_workshop()
    for key in ("two", "none"):
        builders.make_session(workshop, key)
    for session in workshop.sessions.all():
        Speaker.objects.create(
            session=session, position=1, name="Seat 3", organisation="Table 2"
        )
    Speaker.objects.create(
        session=workshop.sessions.get(key="two"), position=2, name="Seat 4"
    )
    try:
        executor.migrate(before)
        old = MigrationExecutor(connection).loader.project_state(before).apps
        sessions = old.get_model("workshops", "Session").objects
        sessions.filter(key="framework").update(conclusion="Agreed.")
        sessions.filter(key="two").update(conclusion="*Not* yet.")
        MigrationExecutor(connection).migrate(newest)
        made = list(
            Remark.objects.order_by("session__position").values_list(
                "session__key", "kind", "name", "organisation", "text", "position"
            )
        )
        MigrationExecutor(connection).migrate(before)
        back = dict(sessions.values_list("key", "conclusion"))
        left = old.get_model("deliberation", "Remark").objects.count()
    finally:
        MigrationExecutor(connection).migrate(newest)

    assert made == [
        ("framework", "conclusion", "Seat 3", "Table 2", "Agreed.", 1),
        ("two", "conclusion", "", "", "*Not* yet.", 1),
    ]
    assert back == {"framework": "Agreed.", "two": "*Not* yet.", "none": ""}
    assert left == 0
