"""Somebody is forgotten: nothing stored, shown or taken away says who it was."""

import io
import logging
import zipfile

import pytest
from django.db import connection
from django.utils import timezone

from config.logging import JsonLines
from deliberation.actions import erasing, points, proposing, rounds, screens
from deliberation.archive.packing import pack
from deliberation.checking import verify
from deliberation.live import board
from deliberation.markdown import escaped
from deliberation.models import Comment, Passage, Proposal, Screen, WriteUp
from deliberation.results import workshop_results
from deliberation.writeup.as_data import package
from deliberation.writeup.builder import draft
from deliberation.writeup.proposed import of_proposed, proposals_of
from tests import builders, world
from tests.deliberation.phones import Phone
from workshops import identity
from workshops.actions import joining
from workshops.models import Participant, Workshop

NAME, WORDS = "Canary Yellowfeather", "Canaries sing in coal mines"


def dump() -> str:
    """Return every row of every table of the database, as text."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        found = []
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            found += [f"{table}: {row}" for row in cursor.fetchall()]
    return "\n".join(found)


def canary(workshop: Workshop) -> Phone:
    """Seat somebody who leaves traces wherever one can."""
    phone = Phone(workshop)
    joining.set_badge(phone.who, workshop=workshop, name=NAME, organisation="Office")
    return phone


def leave_traces(workshop: Workshop, phone: Phone, actor) -> None:
    prompt = builders.make_prompt(workshop, reasons="optional", invites_rewordings=True)
    this_round = builders.open_round(prompt)
    builders.judge(this_round, phone.who, {"p1": 2}, reason=f"{WORDS} (reason)")
    phone.send(f"points/{prompt.pk}/", {"text": f"{WORDS} (point)", "kind": "point"})
    point = workshop.points.get()
    owner = world.account(actor)
    owner.post(
        f"/console/{workshop.slug}/do/", {"do": f"point:{point.pk}:incoming:shown"}
    )
    long = f"{WORDS} " + "and on " * 40
    sent = {"text": long, "kind": "rewording", "items": ["p1"]}
    phone.send(f"points/{prompt.pk}/", sent)
    proposal = Proposal.objects.get()
    proposing.release(proposal=proposal, actor=actor)
    proposing.take_stance(
        proposal=proposal, participant=phone.who, table=None, supports=True
    )
    proposing.decline(proposal=proposal, reason="Too long", actor=actor)
    write_up = WriteUp.objects.create(workshop=workshop, state="in-review")
    Comment.objects.create(
        write_up=write_up, participant=phone.who, place="intro", name=NAME,
        text=f"{WORDS} (comment)", key="c", at=timezone.now(),
    )  # fmt: skip
    Passage.objects.create(
        write_up=write_up, place="intro", edited_at=timezone.now(),
        text=f"{NAME} said: “{WORDS} (point)”, and all agreed.",
        computed_text=f"{WORDS} (reason)",
    )  # fmt: skip
    Screen.objects.update_or_create(
        workshop=workshop,
        defaults={"showing": "points", "frozen_html": f"<p>{WORDS} (point)</p>"},
    )
    rounds.close_round(round_id=this_round.pk, actor=actor)


@pytest.mark.django_db
@pytest.mark.parametrize("rule", ["named", "organisation", "chatham-house"])
def test_nothing_is_left_of_who_is_forgotten(rule, caplog):
    caplog.set_level(logging.DEBUG)
    workshop = builders.make_workshop(attribution="named")
    actor = builders.make_facilitator(workshop)
    phone = canary(workshop)
    Workshop.objects.filter(pk=workshop.pk).update(attribution=rule)
    workshop.refresh_from_db()
    leave_traces(workshop, phone, actor)
    ref, before = phone.who.ref, counts(workshop)
    tokens = [cookie.value for cookie in phone.client.cookies.values()]
    traces = ["anary", "anaries", ref]
    assert all(trace in dump() for trace in traces)

    page = phone.post("forget/", {})

    file = io.BytesIO()
    pack(workshop, file)
    report = draft(workshop)
    console = world.account(actor)
    pages = [f"/console/day/{page}" for page in ("", "people/", "points/", "write-up/")]
    shown = {
        "page": world.text_of(page),
        "rows": dump(),
        "backup": everything_in(file.getvalue()),
        "export": everything_in(package(workshop, report)),
        "screen": board.render(f"screen:{workshop.pk}"),
        "console": "".join(world.text_of(console.get(page)) for page in pages),
        "log": "\n".join(
            JsonLines().format(record)
            for record in caplog.records
            if not record.name.startswith("django.db")
        ),
    }
    found = {
        (place, trace)
        for place, text in shown.items()
        for trace in [*traces, *tokens]
        if trace in text
    }
    assert found == set()
    assert counts(workshop) == before
    assert verify(workshop).differences == []
    passage = Passage.objects.get()
    assert (passage.version, passage.text) == (2, "[…] said: “[…]”, and all agreed.")
    assert Screen.objects.get().blank


def everything_in(content: bytes) -> str:
    """Return what a ZIP holds, and what each ZIP in it holds."""
    if not content.startswith(b"PK"):
        return content.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return "".join(everything_in(file.read(name)) for name in file.namelist())


def counts(workshop: Workshop) -> list:
    return [
        (item["item"], item["n"], item["counts"], item["by_table"])
        for prompt in workshop_results(workshop)["prompts"]
        for item in prompt["voices"]["people"]["items"]
    ]


@pytest.mark.django_db
def test_other_words_that_were_told_in_pieces_are_forgotten():
    workshop = builders.make_workshop()
    prompt = builders.make_prompt(workshop, invites_rewordings=True)
    builders.open_round(prompt)
    phone = Phone(workshop)
    sent = {"text": "Principle canaries number <one>.", "kind": "rewording"}
    phone.send(f"points/{prompt.pk}/", {**sent, "items": ["p1"]})
    proposal = Proposal.objects.get()
    proposing.release(proposal=proposal)
    points.set_status(point=proposal.point, status="shown")
    told = next(of_proposed(proposals_of(prompt), about="")).text
    passage = Passage.objects.create(
        write_up=WriteUp.objects.create(workshop=workshop),
        place="day/prompt", edited_at=timezone.now(),
        text=escaped(told), computed_text=told,
    )  # fmt: skip
    screens.freeze(workshop=workshop, html=board.render(f"screen:{workshop.pk}"))
    screens.thaw(workshop=workshop)
    screens.freeze(workshop=workshop, html=board.render(f"screen:{workshop.pk}"))
    assert "<ins>" in Screen.objects.get().frozen_html
    assert "[in: canaries]" in told

    erasing.erase_participant(participant=phone.who)

    assert "canaries" not in dump()
    passage.refresh_from_db()
    assert (
        passage.text
        == passage.computed_text
        == told.partition("“")[0] + ("“[…]”; nothing was decided on it.")
    )
    assert Screen.objects.get().blank


@pytest.mark.django_db
def test_page_says_what_goes_and_takes_the_seat_on_every_device(client):
    workshop = builders.make_workshop(attribution="named")
    phone = canary(workshop)
    other = Phone(workshop)
    assert "your name" in phone.get("forget/").content.decode()
    assert Participant.objects.count() == 2
    assert "/w/day/forget/" in phone.get("seat/").content.decode()

    forgotten = phone.post("forget/", {})

    assert forgotten.status_code == 200
    assert forgotten.cookies[identity.cookie_name(workshop.pk)]["max-age"] == 0
    assert phone.get().status_code == 404
    assert phone.post("forget/", {}).status_code == 404
    assert other.get().status_code == 200
    assert list(workshop.participants.all()) == [other.who]


@pytest.mark.django_db
def test_stream_of_who_is_forgotten_may_not_go_on():
    workshop = builders.make_workshop()
    phone = Phone(workshop)
    name = identity.cookie_name(workshop.pk)
    headers = {b"cookie": f"{name}={phone.client.cookies[name].value}".encode()}
    assert board.authorise(headers, ("phone", "day")) is not None

    phone.post("forget/", {})

    assert board.authorise(headers, ("phone", "day")) is None


@pytest.mark.django_db
def test_what_others_wrote_stays_as_it_is():
    workshop = builders.make_workshop(attribution="named")
    phone = canary(workshop)
    write_up = WriteUp.objects.create(workshop=workshop)
    builders.judge(
        builders.open_round(builders.make_prompt(workshop, reasons="optional")),
        phone.who,
        {"p1": 1},
        reason="Art",
    )
    text = "Art and Canary Yellowfeathers of the Canary Islands"
    passage = Passage.objects.create(
        write_up=write_up, place="intro", text=text, edited_at=timezone.now()
    )

    erasing.erase_participant(participant=phone.who)

    passage.refresh_from_db()
    assert (passage.text, passage.version) == (text, 1)
