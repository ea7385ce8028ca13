"""Who said what stays where the attribution rule leaves it: pages, boards, files, logs.

The workshops here were named when people came in, so that names are stored, and got
a stricter rule before anybody answered.
"""

import html
import json
import logging

import pytest
from django.contrib.auth import get_user_model

from config.logging import JsonLines
from deliberation.actions import points, proposing, rounds
from deliberation.live import board
from deliberation.results import workshop_results
from deliberation.writeup.as_markdown import markdown
from deliberation.writeup.builder import draft
from tests import builders, world
from tests.deliberation.phones import Phone
from tests.test_access import PLACES, ROLES
from tests.world import OURS, THEIRS, Day
from workshops.actions import joining
from workshops.models import Participant, Workshop

pytestmark = pytest.mark.django_db

NAME, OFFICE = f"Seat 3 {OURS}", f"Office 3 {OURS}"


def day_under(rule: str) -> Day:
    day = world.make_day("ours", OURS)
    Workshop.objects.filter(pk=day.workshop.pk).update(attribution=rule)
    day.workshop.refresh_from_db()
    world.question_of(day, by=day.phone)
    return day


def everything_shown(day: Day) -> dict[tuple[str, str], str]:
    """Return all that any role is shown, the boards among it."""
    browsers = world.browsers(day, world.make_day("theirs", THEIRS))
    world.load_template()
    found = {}
    for role in ROLES:
        for pattern, place in PLACES.items():
            answer = browsers[role].get(place.at(day))
            found[role, pattern] = world.text_of(answer)
    pk = day.workshop.pk
    names = ["phone", "console", "screen", "table"]
    for name in names:
        written = f"{name}:{pk}" + (":1" if name == "table" else "")
        found["board", name] = board.render(written)
    found["board", "speaker"] = board.render(f"speaker:{pk}:{day.session.pk}")
    for name in ("questions", "asked"):
        found["board", name] = board.render(f"{name}:{pk}")
    found["board", "themes"] = board.render(f"themes:{pk}:{day.now.prompt_id}")
    return found


@pytest.mark.parametrize(
    ("rule", "names", "offices"),
    [
        ("named", True, True),
        ("organisation", False, True),
        ("chatham-house", False, False),
        ("anonymous", False, False),
    ],
)
def test_names_and_organisations_are_shown_as_far_as_the_rule_goes(
    rule, names, offices
):
    day = day_under(rule)
    mentioned = {"names": set(), "offices": set()}
    for (role, place), text in everything_shown(day).items():
        if any(f"Seat {number} {OURS}" in text for number in range(1, 5)):
            mentioned["names"].add((role, place))
        if any(f"Office {number} {OURS}" in text for number in range(1, 5)):
            mentioned["offices"].add((role, place))

    assert bool(mentioned["names"]) == names
    assert bool(mentioned["offices"]) == offices
    # What the room and the wall see names nobody but the scribe, to the own table.
    everybody = [place for role, place in mentioned["names"] if "phone" in role]
    assert set(everybody) <= {
        "w/<slug:slug>/",
        "w/<slug:slug>/seat/",
        "w/<slug:slug>/table/hand-over/",
        "w/<slug:slug>/results/<int:round_id>/",
        "review/<str:secret>/",
    }
    assert ("nobody", "screen/<str:secret>/") not in mentioned["names"]


@pytest.mark.parametrize("rule", ["chatham-house", "anonymous"])
def test_no_page_ties_an_answer_to_a_person(rule):
    day = day_under(rule)
    rounds.close_round(round_id=day.now.pk)
    rounds.reveal(round_id=day.now.pk)
    refs = list(day.workshop.participants.values_list("ref", flat=True))
    for (role, place), text in everything_shown(day).items():
        if place in ("console/<slug:slug>/people/",) or role == "phone":
            continue  # seats, without answers
        if "hand-over" in place or "seat/" in place:
            continue
        assert not any(ref in text for ref in refs), (role, place)


@pytest.mark.parametrize("rule", ["chatham-house", "anonymous"])
def test_nothing_shown_says_which_person_proposes_or_supports_a_change(rule):
    day = day_under(rule)
    by_table, who = world.proposal_of(day), day.phone.who
    point = points.add_point(
        prompt=day.now.prompt,
        this_round=day.now,
        participant=who,
        table=None,
        kind="new-item",
        items=[],
        text="A person's own proposal",
        key="a-persons-proposal",
    )
    proposing.release(proposal=point.proposal)
    for one in (by_table, point.proposal):
        stance = {"participant": who, "table": None, "supports": True}
        proposing.take_stance(proposal=one, **stance)
    points.set_status(point=point, status="shown")
    owner = world.account(day.members["owner"].user)

    pk = day.workshop.pk
    shown = [board.render(f"{name}:{pk}") for name in ("phone", "console", "screen")]
    shown.append(markdown(draft(day.workshop)))
    for path in (f"proposals/{point.proposal.pk}/", "points/", "results/"):
        shown.append(world.text_of(owner.get(f"/console/ours/{path}")))

    assert all("A person's own proposal" in html.unescape(text) for text in shown)
    telling = [f"{what} {n} {OURS}" for what in ("Seat", "Office") for n in range(1, 5)]
    for text in shown:
        assert not [one for one in (*telling, who.ref, "A person at") if one in text]


@pytest.mark.parametrize("rule", ["chatham-house", "anonymous"])
def test_the_file_has_no_organisations_where_nobody_may_be_told(rule):
    day = day_under(rule)
    observer = world.account(day.members["observer"].user)

    answer = observer.get("/console/ours/results.json")

    items = [
        item
        for prompt in json.loads(answer.content)["prompts"]
        for item in prompt["voices"]["people"]["items"]
    ]
    assert items
    assert all(item["by_organisation"] == [] for item in items)


@pytest.mark.parametrize("rule", ["chatham-house", "anonymous"])
def test_the_file_withholds_small_tables_where_nobody_may_be_told(rule):
    day = day_under(rule)
    observer = world.account(day.members["observer"].user)

    answer = observer.get("/console/ours/results.json")

    rows = [
        row
        for prompt in json.loads(answer.content)["prompts"]
        for item in prompt["voices"]["people"]["items"]
        for row in item["by_table"]
    ]
    assert any(row.get("suppressed") for row in rows)
    assert not any(row.get("n") for row in rows)  # three people at two tables


def test_the_file_tells_tables_where_people_are_named():
    day = day_under("named")
    (first, *_rest) = workshop_results(day.workshop, resamples=0)["prompts"]

    item = first["voices"]["people"]["items"][0]
    assert [table["n"] for table in item["by_table"]] == [2, 1, 0]
    shown = [group for group in item["by_organisation"] if not group["suppressed"]]
    assert shown == []  # one person each


def test_the_rule_is_fixed_by_the_first_point_too():
    day = world.make_day("ours", OURS)
    workshop = builders.make_workshop(slug="quiet", attribution="anonymous")
    prompt = builders.make_prompt(workshop, kind="discuss", items=0)
    phone = Phone(workshop)
    builders.open_round(prompt)
    assert (
        phone.send(f"points/{prompt.pk}/", {"text": "Said freely"}).status_code == 200
    )
    user = get_user_model().objects.get(username="owner-ours")
    workshop.memberships.create(user=user, role="owner")

    world.account(user).post(
        "/console/quiet/setup/",
        {"title": "Quiet", "tables": "4", "attribution": "named", "seating": "choose"},
    )

    workshop.refresh_from_db()
    assert (workshop.title, workshop.attribution) == ("Quiet", "anonymous")
    assert day.workshop.attribution == "named"


def test_logs_hold_neither_words_nor_names_nor_secrets(caplog):
    caplog.set_level(logging.DEBUG)
    day = day_under("named")
    phone, owner = day.phone, world.account(day.members["owner"].user)
    secrets = [
        OURS,
        "Said in confidence",
        "Seat 9 of nobody",
        day.workshop.join_code,
        day.workshop.join_secret,
        day.workshop.screen_secret,
        day.link,
        *(cookie.value for cookie in phone.client.cookies.values()),
    ]
    said = {"text": "Said in confidence"}
    caplog.clear()
    phone.post(f"points/{day.now.prompt_id}/", said)
    phone.send(f"answer/{day.now.pk}/", {"reason.p1": said["text"]})
    phone.client.get(f"/j/{day.workshop.join_code}/")
    phone.client.get(f"/screen/{day.workshop.screen_secret}/")
    phone.client.get(f"/w/ours/continue/{day.link}/")
    phone.client.get(f"/nowhere/{day.link}/?said={said['text']}")
    owner.post("/console/ours/setup/sessions/", {"title": "Seat 9 of nobody" * 90})
    owner.post("/console/ours/do/", {"do": f"point:{day.point.pk}:incoming:shown"})
    owner.get("/console/ours/people/")

    lines = "\n".join(
        JsonLines().format(record)
        for record in caplog.records
        if not record.name.startswith("django.db")
    )
    assert lines.count("rapporteur.request") >= 8
    assert [secret for secret in secrets if secret in lines] == []


def test_who_leaves_a_table_takes_no_answer_to_another_one():
    """Moved or removed: a table's figures are those of who answered there."""
    day = day_under("chatham-house")
    joining.remove(participant=Participant.objects.get(pk=day.phone.who.pk))

    results = workshop_results(day.workshop, resamples=0)["prompts"]

    assert [prompt["voices"]["people"]["responded"] for prompt in results] == [2, 1]


def test_the_rule_is_not_changed_past_the_console():
    day = day_under("anonymous")
    admin = world.browsers(day, world.make_day("theirs", THEIRS))["admin"]
    address = f"/admin/workshops/workshop/{day.workshop.pk}/change/"

    admin.post(address, {"title": "Day", "slug": "ours", "attribution": "named"})

    day.workshop.refresh_from_db()
    assert day.workshop.attribution == "anonymous"
    assert 'name="attribution"' not in admin.get(address).content.decode()
