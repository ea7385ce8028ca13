"""Two who press at once: what is done is done once, and nobody meets an error page."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

import pytest
from django.contrib.messages import get_messages
from django.db import connection, transaction
from django.test import Client

from deliberation.actions import (
    answers,
    merging,
    points,
    proposing,
    recording,
    rounds,
)
from deliberation.kinds import Judgement
from deliberation.models import Event, Point, Prompt, Proposal, Response, Round
from tests import world
from tests.deliberation.phones import Phone
from tests.together import at_the_same_time
from tests.world import Day
from workshops.actions import joining, scribes
from workshops.models import Participant, ScribeLease, Table

pytestmark = pytest.mark.django_db(transaction=True)

HTMX = {"HX-Request": "true"}


@dataclass
class Pair:
    day: Day
    anna: Client
    ben: Client


@pytest.fixture
def pair():
    day = world.make_day("ours", world.OURS)
    world.load_template()
    users = [day.members[role].user for role in ("owner", "facilitator")]
    return Pair(day, *map(world.account, users))


def both_post(pair: Pair, address: str, *forms: dict, **headers: str) -> list:
    """Let both post the same, or each their own form; return the answers."""
    first, *rest = forms or ({},)
    second = rest[0] if rest else first
    return at_the_same_time(
        lambda: pair.anna.post(address, first, headers=headers),
        lambda: pair.ben.post(address, second, headers=headers),
    )


def said(answer) -> str:
    html = answer.content.decode()
    return html.rpartition('hx-swap-oob="innerHTML">')[2].partition("</p>")[0]


def steps(day: Day) -> dict[str, tuple[str, tuple[int, ...]]]:
    """Return each step of the console with what the two may be answered."""
    once, either = (200, 409), (200, 200)
    this_round, point = day.now.pk, day.point.pk
    return {
        "start": (f"start:{day.later.pk}", once),
        "open": (f"open:{day.next.pk}:0", once),
        "close": (f"close:{this_round}", once),
        "reveal": (f"reveal:{this_round}", once),
        "hide": (f"hide:{day.done.pk}", once),
        "time": (f"time:{this_round}:60", either),
        "pause": (f"pause:{this_round}", either),
        "resume": (f"resume:{this_round}", either),
        "stop": (f"stop:{this_round}", either),
        "zero": (f"zero:{this_round}:1", either),
        "freeze": ("freeze", either),
        "thaw": ("thaw", either),
        "blank": ("blank:1", either),
        "join": ("join:1", either),
        "look": ("look:light", either),
        "view": ("view:tables", either),
        "item": (f"item:{this_round}:0", either),
        "show join": ("show:join", either),
        "show brief": (f"show:brief:{day.session.pk}", either),
        "show prompt": (f"show:prompt:{day.done.pk}", either),
        "show points": (f"show:points:{this_round}", either),
        "point shown": (f"point:{point}:incoming:shown", once),
        "point kept": (f"point:{point}:incoming:kept", once),
        "undo": (f"undo:{day.workshop.events.first().pk}", once),
        "lock": ("lock:1", either),
        "end": ("end", either),
        "reopen": ("reopen", either),
    }


def get_ready(pair: Pair, name: str) -> None:
    """Bring the day to where a step is offered."""
    if name in ("start", "open"):
        rounds.close_round(round_id=pair.day.now.pk)
    if name == "undo":
        pair.anna.post("/console/ours/do/", {"do": "blank:1"})


NAMES = [
    "start", "open", "close", "reveal", "hide", "time", "pause", "resume", "stop",
    "zero", "freeze", "thaw", "blank", "join", "look", "view", "item", "show join",
    "show brief", "show prompt", "show points", "point shown", "point kept", "undo",
    "lock", "end", "reopen",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_step_that_two_take_at_once_is_taken_once(pair, name):
    assert set(steps(pair.day)) == set(NAMES)
    get_ready(pair, name)
    before = Event.objects.count()
    step, expected = steps(pair.day)[name]

    found = both_post(pair, "/console/ours/do/", {"do": step}, **HTMX)

    statuses = tuple(sorted(answer.status_code for answer in found))
    assert statuses == expected or (expected == (200, 200) and statuses == (200, 409))
    assert all(said(answer) for answer in found)
    # A countdown that two lengthen is lengthened twice; the end closes what is open.
    most = 2 if name in ("time", "end") else 1
    assert Event.objects.count() - before <= most


def test_two_different_steps_at_once_are_both_answered(pair):
    """Those that touch the same round, screen and session, in other orders."""
    day = pair.day
    for other in (
        f"show:prompt:{day.now.pk}",
        f"point:{day.point.pk}:incoming:shown",
        f"zero:{day.now.pk}:1",
        "freeze",
        "end",
    ):
        Round.objects.filter(pk=day.now.pk).update(closed_at=None, revealed_at=None)
        reveal = {"do": f"reveal:{day.now.pk}"}
        found = both_post(pair, "/console/ours/do/", reveal, {"do": other}, **HTMX)

        assert {answer.status_code for answer in found} <= {200, 409}
        assert all(said(answer) for answer in found)


def test_undo_and_the_same_step_again_at_once(pair):
    day = pair.day
    for status in ("shown", "kept"):
        Point.objects.filter(pk=day.point.pk).update(status="incoming")
        step = f"point:{day.point.pk}:incoming:{status}"
        assert pair.anna.post("/console/ours/do/", {"do": step}).status_code == 302
        undo = {"do": f"undo:{day.workshop.events.first().pk}"}
        again = {"do": f"point:{day.point.pk}:{status}:parked"}

        found = both_post(pair, "/console/ours/do/", undo, again, **HTMX)

        assert {answer.status_code for answer in found} <= {200, 409}


# ---- people ----


def people_forms(day: Day) -> dict[str, dict]:
    seat = day.phone.who.ref
    return {
        "move": {"do": "move", "seat": seat, "table": "3"},
        "move nowhere": {"do": "move", "seat": seat, "table": "none"},
        "remove": {"do": "remove", "seat": day.scribe.who.ref},
        "bring back": {"do": "bring-back", "seat": day.removed.who.ref},
        "make scribe": {"do": "make-scribe", "seat": seat},
        "free scribe": {"do": "free-scribe", "seat": day.scribe.who.ref},
        "lock": {"do": "lock"},
        "unlock": {"do": "unlock"},
        "new code": {
            "do": "new-code",
            "sure": "yes",
            "seen": day.workshop.join_code,
        },
    }


@pytest.mark.parametrize(
    "name",
    ["move", "move nowhere", "remove", "bring back", "make scribe", "free scribe",
     "lock", "unlock", "new code"],
)  # fmt: skip
def test_a_change_of_seats_that_two_make_at_once_is_told_in_words(pair, name):
    assert name in people_forms(pair.day)

    found = both_post(pair, "/console/ours/people/", people_forms(pair.day)[name])

    assert [answer.status_code for answer in found] == [302, 302]
    words = [[str(m) for m in get_messages(answer.wsgi_request)] for answer in found]
    assert all(len(one) == 1 for one in words)
    if name == "new code":
        told = "Somebody else has just made a new code. It is below."
        assert [told] in words
        assert words.count([told]) == 1


def test_two_who_merge_the_other_way_round_keep_one_seat(pair):
    day = pair.day
    first, second = day.phone.who, day.scribe.who
    seats = [first.ref, second.ref]

    found = both_post(
        pair,
        "/console/ours/people/merge/",
        {"seat": seats, "keep": first.ref},
        {"seat": seats, "keep": second.ref},
    )

    assert [answer.status_code for answer in found] == [302, 302]
    present = Participant.objects.present().filter(pk__in=[first.pk, second.pk])
    assert present.count() == 1


# ---- set-up ----


def prompt_fields(**fields) -> dict:
    return {
        "question": "What else?",
        "kind": "discuss",
        "voices": "people",
        "reveal": "by-hand",
        "reasons": "none",
        "invites": "points",
    } | fields


def setup_forms(day: Day) -> dict[str, tuple[str, dict]]:
    rate = prompt_fields(
        kind="rate",
        voices="tables",
        own_scale="Low\nMiddle\nHigh",
        criteria="Effective\nFeasible\nFair",
    )
    items = {
        f"item-{item.pk}-text": f"Another {item.position}"
        for item in day.next.items.all()
    }
    first = day.next.items.first().pk
    observer = day.members["observer"].pk
    return {
        "workshop": (
            "",
            {
                "title": "Changed",
                "tables": "6",
                "attribution": day.workshop.attribution,
                "seating": "choose",
            },
        ),
        "add session": ("sessions/", {"title": "One more"}),
        "edit session": (
            f"sessions/{day.session.pk}/",
            {"title": "Changed", "speakers": "Seat 1, Office\nSeat 2, Office"},
        ),
        "move session": (f"sessions/{day.later.pk}/move/", {"to": "up"}),
        "delete session": (f"sessions/{day.later.pk}/delete/", {}),
        "add prompt": (f"sessions/{day.session.pk}/prompts/", rate),
        "edit prompt": (f"prompts/{day.next.pk}/", rate | items),
        "drop item": (f"prompts/{day.next.pk}/", rate | items | {"drop": first}),
        "move item": (f"prompts/{day.next.pk}/", rate | items | {"down": first}),
        "move prompt": (f"prompts/{day.talk.pk}/move/", {"to": "up"}),
        "delete prompt": (f"prompts/{day.talk.pk}/delete/", {}),
        "challenge": ("challenge/", prompt_fields() | {"open": "1"}),
        "add member": ("members/", {"username": "newcomer", "role": "observer"}),
        "remove member": (f"members/{observer}/remove/", {}),
        "duplicate": ("duplicate/", {}),
        "template": (
            "template/",
            {"template-title": "Ours", "template-key": "ours"},
        ),
    }


@pytest.mark.parametrize(
    "name",
    ["workshop", "add session", "edit session", "move session", "delete session",
     "add prompt", "edit prompt", "drop item", "move item", "move prompt",
     "delete prompt", "challenge", "add member", "remove member", "duplicate",
     "template"],
)  # fmt: skip
def test_a_form_of_the_set_up_that_two_send_at_once_is_stored(pair, name):
    world.account_named("newcomer")
    for _again in range(3):
        path, form = setup_forms(pair.day)[name]

        found = both_post(pair, f"/console/ours/setup/{path}", form)

        statuses = {answer.status_code for answer in found}
        assert statuses <= {302, 404, 409, 422}, statuses
        if name.startswith("delete") or name == "remove member":
            break
    keys = pair.day.next.criteria.values_list("key", flat=True)
    assert len(set(keys)) == len(keys)
    speakers = pair.day.session.speakers.values_list("position", flat=True)
    assert len(set(speakers)) == len(speakers)


def test_a_prompt_that_one_deletes_and_another_opens(pair):
    day = pair.day
    rounds.close_round(round_id=day.now.pk)
    statuses = at_the_same_time(
        lambda: (
            pair.anna.post(
                f"/console/ours/setup/prompts/{day.next.pk}/delete/"
            ).status_code
        ),
        lambda: (
            pair.ben.post(
                "/console/ours/do/", {"do": f"open:{day.next.pk}:0"}, headers=HTMX
            ).status_code
        ),
    )

    assert statuses[0] == 302
    is_there = Prompt.objects.filter(pk=day.next.pk).exists()
    assert statuses[1] == (200 if is_there else 409)
    assert Round.objects.filter(prompt_id=day.next.pk).exists() == is_there


def test_nothing_is_opened_in_a_day_that_ends_meanwhile(pair):
    day = pair.day
    rounds.close_round(round_id=day.now.pk)

    both_post(pair, "/console/ours/do/", {"do": "end"}, {"do": f"open:{day.next.pk}:0"})

    day.workshop.refresh_from_db()
    assert day.workshop.ended_at is not None
    assert Round.objects.filter(closed_at=None).count() == 0


# ---- people act while facilitators do ----


def answer(day: Day, who: Participant, *, key: str) -> answers.Receipt:
    this_round = Round.objects.select_related("prompt__scale").get(pk=day.now.pk)
    ask = answers.ask_of(this_round)
    judgement = Judgement(ask.items[0].id, ask.criteria[0].id, "answered", 2, "")
    return answers.record(
        this_round=this_round,
        voice="people",
        judgements=[judgement],
        key=key,
        participant=who,
    )


def test_an_answer_sent_while_its_seat_is_merged_is_counted_once(pair):
    day = pair.day
    for number in range(6):
        keep = joining.join(workshop=day.workshop, table=None)
        drop = joining.join(workshop=day.workshop, table=None)

        def send(drop=drop, number=number):
            try:
                answer(day, drop, key=f"in-flight-{number}")
            except joining.SeatGone:
                return "gone"
            return "stored"

        outcome, _merged = at_the_same_time(
            send, lambda k=keep, d=drop: merging.merge(keep=k, drop=d)
        )

        stored = Response.objects.filter(round=day.now)
        assert stored.filter(participant=drop).count() == 0
        assert stored.filter(participant=keep).count() == int(outcome == "stored")


def test_a_phone_whose_seat_was_merged_sends_from_the_other_one(pair):
    day = pair.day
    keep = joining.join(workshop=day.workshop, table=None)
    merging.merge(keep=keep, drop=day.phone.who)

    sent = day.phone.send(f"answer/{day.now.pk}/", {"answer.p1": "difficult"})

    assert sent.status_code == 200
    assert Response.objects.get(round=day.now, participant=keep).version == 2


def test_a_seat_that_was_removed_stores_nothing_more(pair):
    day = pair.day
    joining.remove(participant=day.phone.who)

    with pytest.raises(joining.SeatGone):
        answer(day, day.phone.who, key="too-late")


def test_who_is_moved_while_taking_the_role_writes_for_no_other_table(pair):
    day = pair.day
    table = Table.objects.get(workshop=day.workshop, number=3)
    for _again in range(6):
        who = joining.join(
            workshop=day.workshop,
            table=Table.objects.get(workshop=day.workshop, number=2),
        )
        ScribeLease.objects.filter(table__number=2).delete()

        def take(who=who):
            with suppress(scribes.RoleTaken):
                scribes.take_role(participant=who)

        at_the_same_time(take, lambda w=who: joining.move(participant=w, table=table))

        lease = ScribeLease.objects.filter(participant=who).select_related("table")
        assert all(one.table.number == 3 for one in lease)
        ScribeLease.objects.filter(table=table).delete()


def test_a_table_taken_away_while_somebody_sits_down(pair):
    day = pair.day
    form = {
        "title": "Day",
        "attribution": day.workshop.attribution,
        "seating": "choose",
    }
    for _again in range(4):
        more = pair.anna.post("/console/ours/setup/", form | {"tables": "5"})
        assert more.status_code == 302

        statuses = at_the_same_time(
            lambda: day.phone.post("seat/", {"table": "5"}).status_code,
            lambda: (
                pair.anna.post(
                    "/console/ours/setup/", form | {"tables": "4"}
                ).status_code
            ),
        )

        assert statuses in ([302, 422], [422, 302])
        day.phone.post("seat/", {"table": "1"})


@pytest.mark.parametrize("name", ["close", "end", "undo", "remove", "merge"])
def test_answers_go_on_while_facilitators_act(pair, name):
    day = pair.day
    people = [joining.join(workshop=day.workshop, table=None) for _seat in range(6)]
    acts = {
        "close": lambda: (
            pair.anna.post(
                "/console/ours/do/", {"do": f"close:{day.now.pk}"}, headers=HTMX
            ).status_code
        ),
        "end": lambda: (
            pair.anna.post("/console/ours/do/", {"do": "end"}, headers=HTMX).status_code
        ),
        "undo": lambda: (
            pair.anna.post(
                "/console/ours/do/",
                {"do": f"undo:{day.workshop.events.first().pk}"},
                headers=HTMX,
            ).status_code
        ),
        "remove": lambda: (
            pair.anna.post(
                "/console/ours/people/",
                {"do": "remove", "seat": [who.ref for who in people[:3]]},
            ).status_code
        ),
        "merge": lambda: (
            pair.anna.post(
                "/console/ours/people/merge/",
                {"seat": [people[0].ref, people[1].ref], "keep": people[0].ref},
            ).status_code
        ),
    }

    def send(who):
        def act():
            try:
                answer(day, who, key=f"key-{who.pk}")
            except (answers.RoundClosed, joining.SeatGone):
                return "refused"
            return "stored"

        return act

    status, *outcomes = at_the_same_time(acts[name], *map(send, people))

    assert status in (200, 302, 409)
    assert set(outcomes) <= {"stored", "refused"}
    counted = Response.objects.filter(round=day.now, participant__in=people)
    merged = sum(who.pk == people[1].pk for who in people) if name == "merge" else 0
    assert outcomes.count("stored") - counted.count() in (0, merged)


def test_a_point_sent_while_its_seat_is_merged_goes_to_the_seat_that_stays(pair):
    day = pair.day
    for number in range(4):
        phone = Phone(day.workshop, table=3)
        keep = joining.join(workshop=day.workshop, table=None)
        text = f"In flight {number}"

        sent, _merged = at_the_same_time(
            lambda p=phone, t=text: p.send(f"points/{day.now.prompt_id}/", {"text": t}),
            lambda k=keep, p=phone: merging.merge(keep=k, drop=p.who),
        )

        assert sent.status_code == 200
        assert Point.objects.get(text=text).participant == keep


def waits_for_this_connection() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted"
            " AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
        )
        return cursor.fetchone()[0]


def test_what_its_author_withdraws_meanwhile_is_not_adopted(pair):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one write at a time")
    proposal = world.proposal_of(pair.day)
    recording.undo(workshop=pair.day.workshop)  # it waits, and can be withdrawn

    def adopt() -> None:
        try:
            version = proposal.base.version
            proposing.adopt(proposal=proposal, text="Other words", version=version)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            assert points.withdraw(point=proposal.point)
            adopting = pool.submit(adopt)
            while not (adopting.done() or waits_for_this_connection()):
                pass
        with pytest.raises(proposing.Withdrawn):
            adopting.result()

    assert Proposal.objects.get().status == Proposal.Status.WAITING
