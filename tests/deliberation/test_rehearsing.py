import time
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.urls import reverse

from deliberation.actions import rehearsing, rounds
from deliberation.models import (
    Point,
    Prompt,
    Rehearsal,
    Response,
    Round,
    Submission,
)
from deliberation.models import rehearsal as models
from deliberation.models.rehearsal import MOST_PEOPLE
from deliberation.rehearsal import on_request
from tests import builders, world
from tests.deliberation.test_rehearsal_report import found
from tests.serving import (
    at_this_pace,
    hold_port,
    port_of,
    serving,
    test_database_url,
)
from tests.together import at_the_same_time
from workshops.models import Membership, Participant, Workshop

DONE = {"state": "done", "ended_at": Now(), "report": {}}
STOPPED = {"state": "stopped", "reason": "asked", "ended_at": Now()}


@pytest.fixture
def owner():
    return builders.make_facilitator(name="owner")


@pytest.fixture
def workshop(owner):
    workshop = builders.make_workshop(tables=2)
    builders.make_prompt(workshop, asks_tables=True)
    Membership.objects.create(workshop=workshop, user=owner, role="owner")
    return workshop


def begin(workshop, owner, *, people=6, seconds=8) -> Rehearsal:
    return rehearsing.begin(
        workshop=workshop, asked_by=owner, people=people, seconds=seconds
    )


def fresh(rehearsal) -> Rehearsal:
    return Rehearsal.objects.get(pk=rehearsal.pk)


# ---- what must always be true ----


@pytest.mark.django_db
def test_a_rehearsal_is_of_a_copy_that_the_same_people_may_open(workshop, owner):
    other = builders.make_facilitator(name="other")
    admin = builders.make_facilitator(name="admin")
    Membership.objects.create(workshop=workshop, user=other, role="observer")

    copy = begin(workshop, admin).copy

    assert (copy.is_rehearsal, workshop.is_rehearsal) == (True, False)
    assert copy.title == f"{workshop.title} (rehearsal)"
    assert copy.join_code != workshop.join_code
    assert [copy.tables.count(), copy.sessions.get().prompts.count()] == [2, 1]
    assert sorted(copy.memberships.values_list("user__username", "role")) == [
        ("admin", "owner"),
        ("other", "observer"),
        ("owner", "facilitator"),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({}, "one_rehearsal_is_under_way"),
        (DONE | {"people": 0}, "a_rehearsal_has_1_to_1000_people"),
        (DONE | {"people": 1001}, "a_rehearsal_has_1_to_1000_people"),
        (DONE | {"ended_at": None}, "a_rehearsal_that_ended_is_not_running"),
        ({"ended_at": Now()}, "a_rehearsal_that_ended_is_not_running"),
        (STOPPED | {"reason": ""}, "a_rehearsal_that_broke_off_says_why"),
        (DONE | {"reason": "asked"}, "a_rehearsal_that_broke_off_says_why"),
        (DONE | {"report": None}, "a_rehearsal_that_is_done_has_its_report"),
        (STOPPED | {"report": {}}, "a_rehearsal_that_is_done_has_its_report"),
        (DONE | {"copy": "itself"}, "a_rehearsal_plays_a_copy"),
    ],
)
def test_the_database_refuses_a_rehearsal_that_cannot_be(workshop, owner, fields, rule):
    begin(workshop, owner)
    if "copy" in fields:
        fields = fields | {"copy": workshop}
    given = {"workshop": workshop, "people": 5, "seconds": 60} | fields

    with pytest.raises(IntegrityError) as error, transaction.atomic():
        Rehearsal.objects.create(**given)

    column = {"one_rehearsal_is_under_way": "index"}.get(rule, rule)
    assert rule in str(error.value) or column in str(error.value)
    assert Rehearsal.objects.count() == 1


@pytest.mark.django_db
def test_a_rehearsal_is_refused_where_it_would_do_harm(workshop, owner, monkeypatch):
    other = builders.make_workshop(slug="other")
    prompt = builders.make_prompt(other)
    empty = builders.make_workshop(slug="empty")

    assert rehearsing.why_not(workshop) == ""
    assert rehearsing.why_not(empty).startswith("Nothing is asked")
    this_round = builders.open_round(prompt)
    assert "in another workshop on this server now" in rehearsing.why_not(workshop)
    assert rehearsing.why_not(other) == "People are answering in this workshop now."
    with pytest.raises(rehearsing.Refused):
        begin(workshop, owner)
    monkeypatch.setenv(rehearsing.SIMULATED, "other")
    assert rehearsing.why_not(workshop) == ""
    monkeypatch.delenv(rehearsing.SIMULATED)
    rounds.close_round(round_id=this_round.pk)

    rehearsal = begin(workshop, owner)
    assert rehearsing.why_not(workshop) == "A rehearsal of this workshop is running."
    assert rehearsing.why_not(other).startswith("Another workshop is being rehearsed")
    assert rehearsing.why_not(rehearsal.copy).startswith("This is a rehearsal already")
    assert Workshop.objects.count() == 4


@pytest.mark.django_db(transaction=True)
def test_two_who_press_at_once_begin_one_rehearsal(workshop, owner):
    def press():
        try:
            return begin(workshop, owner)
        except rehearsing.Refused as refused:
            return str(refused)

    told = at_the_same_time(press, press, press)

    assert sorted(type(one).__name__ for one in told) == ["Rehearsal", "str", "str"]
    assert {one for one in told if isinstance(one, str)} == {
        "A rehearsal of this workshop is running."
    }
    assert Workshop.objects.filter(is_rehearsal=True).count() == 1


@pytest.mark.django_db
def test_a_rehearsal_that_falls_silent_has_failed_and_another_may_begin(
    workshop, owner
):
    rehearsal = begin(workshop, owner)
    rehearsing.note_progress(rehearsal.pk, joined=3)
    assert rehearsing.why_not(workshop) != ""
    Rehearsal.objects.update(seen_at=Now() - timedelta(seconds=31))

    assert rehearsing.why_not(workshop) == ""
    assert fresh(rehearsal).state == "failed"
    assert Workshop.objects.get(rehearsal=rehearsal).ended_at is not None
    assert "was restarted" in fresh(rehearsal).get_reason_display()
    with pytest.raises(rehearsing.Over):  # it was only slow, and ends now
        rehearsing.note_progress(rehearsal.pk)
    assert rehearsing.end(rehearsal, report={"too": "late"}) is False
    assert fresh(rehearsal).report is None


@pytest.mark.django_db
def test_a_rehearsal_ends_its_copy_whose_figures_go_with_it(workshop, owner):
    rehearsal = begin(workshop, owner)
    builders.open_round(rehearsal.copy.sessions.get().prompts.get())
    with pytest.raises(rehearsing.Refused, match="still running"):
        rehearsing.remove_copy(rehearsal)

    assert rehearsing.end(rehearsal, report={"a": 1}) is True

    rehearsal = fresh(rehearsal)
    assert (rehearsal.state, rehearsal.reason) == ("done", "")
    assert rehearsal.copy.ended_at is not None
    assert not Round.objects.open().exists()
    assert rehearsing.remove_copy(rehearsal) is True
    assert rehearsing.remove_copy(rehearsal) is False
    assert fresh(rehearsal).report == {"a": 1}
    assert list(Workshop.objects.all()) == [workshop]


# ---- the pages ----


def address(name: str, workshop, *more) -> str:
    return reverse(f"setup:{name}", args=[workshop.slug, *more])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("people", "speed", "said"),
    [
        ("0", "short", "greater than or equal to 1"),
        ("-3", "short", "greater than or equal to 1"),
        ("1001", "short", "less than or equal to 1000"),
        ("100000", "short", "less than or equal to 1000"),
        ("many", "short", "Enter a whole number"),
        ("", "short", "This field is required"),
        ("9" * 5000, "short", "Enter a whole number"),
        ("5", "warp", "Select a valid choice"),
        ("5", "", "This field is required"),
    ],
)
def test_nonsense_begins_nothing(workshop, owner, people, speed, said):
    browser = world.account(owner)

    answer = browser.post(
        address("rehearse", workshop), {"people": people, "speed": speed}
    )

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Rehearsal.objects.exists()


@pytest.mark.django_db
def test_the_form_offers_as_many_as_are_expected(workshop, owner):
    browser = world.account(owner)
    offered = []
    for expected in (None, 25, 0, 5000):
        Workshop.objects.update(expected_people=expected)
        page = browser.get(address("rehearse", workshop))
        offered.append(page.context["form"]["people"].value())

    assert offered == [40, 25, 40, 1000]
    assert f"From 1 to {MOST_PEOPLE:,}." in page.content.decode()


@pytest.mark.django_db
def test_pressing_twice_leads_to_the_same_rehearsal(workshop, owner):
    browser, other = world.account(owner), builders.make_workshop(slug="other")
    Membership.objects.create(workshop=other, user=owner, role="owner")
    builders.make_prompt(other)
    data = {"people": "30", "speed": "usual"}

    first = browser.post(address("rehearse", workshop), data)
    second = browser.post(address("rehearse", workshop), data)
    elsewhere = browser.post(address("rehearse", other), data)

    rehearsal = Rehearsal.objects.get()
    asked = (rehearsal.people, rehearsal.seconds, rehearsal.takes)
    assert asked == (30, 182, 6)
    assert first.url == second.url == address("rehearsal", workshop, rehearsal.pk)
    assert elsewhere.status_code == 422
    assert "Another workshop is being rehearsed" in elsewhere.content.decode()


@pytest.mark.django_db
def test_the_page_follows_and_becomes_the_report(workshop, owner):
    browser, rehearsal = world.account(owner), begin(workshop, owner, people=60)
    page = address("rehearsal", workshop, rehearsal.pk)
    htmx = {"HX-Request": "true"}
    rehearsing.note_progress(
        rehearsal.pk, joined=5, stored=1234, seconds_done=4, playing="framework/assess"
    )

    whole = browser.get(page).content.decode()
    part = browser.get(page, headers=htmx).content.decode()
    assert "<h1" in whole
    assert rehearsal.copy.screen_secret in whole
    assert "<h1" not in part
    assert "1,234" in part
    assert '<progress max="8" value="4"' in part

    rehearsing.end(rehearsal, report=found())
    assert browser.get(page, headers=htmx).headers["HX-Refresh"] == "true"
    report = browser.get(page).content.decode()
    assert "This computer carried 60 people." in report
    assert report.count("<figure") == 3
    listed = browser.get(address("rehearse", workshop)).content.decode()
    assert "This computer carried 60 people." in listed

    removed = browser.post(address("remove_copy", workshop, rehearsal.pk), follow=True)
    assert "The report stays" in removed.content.decode()
    assert list(Workshop.objects.all()) == [workshop]


@pytest.mark.django_db
def test_the_address_is_the_servers_own_whatever_a_request_calls_it(rf, settings):
    request = rf.get("/", headers={"Host": "elsewhere.example"})
    request.META |= {"SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8123"}

    assert on_request.own_url(request) == "http://127.0.0.1:8123"
    request.META["SERVER_NAME"] = "::1"
    assert on_request.own_url(request) == "http://[::1]:8123"
    settings.ON_A_SERVER, settings.PUBLIC_URL = True, "https://day.example"
    assert on_request.own_url(request) == "https://day.example"


@pytest.mark.django_db
def test_an_owner_deletes_a_copy_that_is_left_over(workshop, owner):
    rehearsal = begin(workshop, owner)
    builders.join(rehearsal.copy)
    copy = rehearsal.copy

    answer = world.account(owner).post(address("delete_workshop", copy))

    assert answer.status_code == 302
    assert list(Workshop.objects.all()) == [workshop]


@pytest.mark.django_db
def test_a_workshop_that_is_deleted_takes_its_rehearsals_with_it(workshop, owner):
    ended = begin(workshop, owner)
    rehearsing.end(ended, reason=Rehearsal.Reason.ASKED)
    running, died = begin(workshop, owner), Now() - timedelta(seconds=31)
    this_round = builders.open_round(Prompt.objects.get(session__workshop=running.copy))
    builders.judge(this_round, builders.join(running.copy), {"p1": 1})
    other = builders.make_workshop(slug="other")
    browser, delete = world.account(owner), address("delete_workshop", workshop)

    refused = browser.post(delete, follow=True)

    assert "A rehearsal of this workshop is running." in refused.content.decode()
    assert Workshop.objects.count() == 4

    Rehearsal.objects.filter(pk=running.pk).update(seen_at=died)
    browser.post(delete)

    assert list(Workshop.objects.all()) == [other]
    assert not Rehearsal.objects.exists()


# ---- in a process of its own ----


@pytest.fixture
def served(monkeypatch, transactional_db):
    monkeypatch.setenv("DATABASE_URL", test_database_url())
    # A process may take long to start where others have the processor.
    monkeypatch.setattr(models, "SILENT_FOR", timedelta(minutes=10))
    with serving() as server:
        yield server


@pytest.fixture
def start(served):
    """Start rehearsals in processes of their own; none of them outlives its test."""
    processes = []

    def start_one(rehearsal):
        processes.append(on_request.start(rehearsal, served.url))
        return processes[-1]

    yield start_one
    for process in processes:
        process.kill()
        process.wait(60)


def wait_for(rehearsal: Rehearsal, is_so, *, seconds: float = 400) -> Rehearsal:
    """Return a rehearsal as soon as something is true of it. Raises TimeoutError."""
    patience = time.monotonic() + seconds
    while time.monotonic() < patience:
        rehearsal.refresh_from_db()
        if is_so(rehearsal):
            return rehearsal
        time.sleep(0.05)
    raise TimeoutError(f"{rehearsal.state}, {rehearsal.joined} joined")


@pytest.mark.slow
def test_a_process_plays_the_copy_and_stores_its_report(start, workshop, owner):
    rehearsal = begin(workshop, owner, seconds=at_this_pace(8))
    process = start(rehearsal)
    ended = wait_for(rehearsal, lambda r: not r.is_under_way)

    assert (ended.state, ended.reason) == ("done", "")
    assert process.wait(60) == 0
    report = ended.report
    assert (report["joined"], report["figures"]["people"]) == (6, 6)
    assert (report["figures"]["lost"], report["figures"]["double"]) == (0, 0)
    inside = {"workshop": ended.copy}
    stored = Submission.objects.filter(**inside).count()
    stored += Point.objects.filter(**inside).count()
    assert stored >= report["figures"]["acknowledged"] > 6
    assert report["interrupted"] == report["returned"]
    assert report["times"]["answer"]["n"] > 0
    assert report["stages"][-1]["people"] == 6
    assert ended.copy.ended_at is not None
    assert Participant.objects.filter(workshop=workshop).count() == 0
    assert Response.objects.filter(workshop=workshop).count() == 0
    # The next one takes this one's copy away, and nothing else.
    again = begin(workshop, owner, people=1, seconds=600)
    start(again)
    wait_for(again, lambda r: r.state != "started")
    rehearsing.ask_to_stop(again)
    stopped = wait_for(again, lambda r: not r.is_under_way)
    assert (stopped.state, stopped.reason) == ("stopped", "asked")
    assert fresh(rehearsal).copy is None
    assert fresh(rehearsal).report == report


@pytest.mark.slow
def test_a_process_makes_way_for_people(start, workshop, owner):
    rehearsal = begin(workshop, owner, seconds=600)
    start(rehearsal)
    wait_for(rehearsal, lambda r: r.joined > 0)

    builders.open_round(workshop.sessions.get().prompts.get())

    ended = wait_for(rehearsal, lambda r: not r.is_under_way)
    assert (ended.state, ended.reason) == ("stopped", "people")
    assert ended.copy.ended_at is not None


@pytest.mark.slow
def test_a_process_that_is_killed_is_noticed(start, workshop, owner):
    rehearsal = begin(workshop, owner, seconds=600)
    process = start(rehearsal)
    wait_for(rehearsal, lambda r: r.state == "running")
    process.kill()
    process.wait(60)
    page = address("rehearsal", workshop, rehearsal.pk)
    assert "Rehearsal with 6" in world.account(owner).get(page).content.decode()

    silent = models.SILENT_FOR + timedelta(seconds=1)
    Rehearsal.objects.update(seen_at=Now() - silent)  # time passes

    told = world.account(owner).get(page).content.decode()
    assert "The rehearsal failed" in told
    assert "The server was restarted" in told


@pytest.mark.slow
def test_a_process_ends_with_the_one_that_started_it(start, workshop, owner):
    rehearsal = begin(workshop, owner, seconds=600)
    process = start(rehearsal)
    wait_for(rehearsal, lambda r: r.state == "running")

    process.stdin.close()  # as when the server is gone

    assert process.wait(60) == 1
    assert fresh(rehearsal).is_under_way


@pytest.mark.django_db(transaction=True)
def test_a_server_that_cannot_be_reached_is_said_so(workshop, owner):
    rehearsal = begin(workshop, owner)

    with hold_port() as nobody:
        on_request.play(rehearsal.pk, f"http://127.0.0.1:{port_of(nobody)}")

    assert (fresh(rehearsal).state, fresh(rehearsal).reason) == (
        "failed",
        "unreachable",
    )
