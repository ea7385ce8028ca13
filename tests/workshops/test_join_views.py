from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from tests import builders
from workshops import codes, identity, throttle
from workshops.actions import joining, scribes
from workshops.models import (
    Badge,
    Device,
    DeviceLink,
    Participant,
    ScribeLease,
    WrongCodes,
)

pytestmark = pytest.mark.django_db
NOT_KNOWN = "No workshop answers to this code. Please compare it with the screen."


def enter(client, code="K7Q4MX"):
    return client.post(reverse("join:code"), {"code": code})


def take_seat(client, workshop, **details):
    return client.post(reverse("join:details", args=[workshop.slug]), details)


def sit(client, workshop, *, table=1):
    """Give this browser a seat and return who sits there."""
    token = codes.new_token()
    who = builders.join(workshop, table=table, token=token)
    client.cookies[identity.cookie_name(workshop.pk)] = token
    return who


def messages_of(page):
    return [str(message) for message in get_messages(page.wsgi_request)]


def test_home_asks_for_the_code_and_nothing_else(client):
    page = client.get(reverse("join:home"))

    assert page.status_code == 200
    assert b'name="code"' in page.content
    assert reverse("console:list").encode() in page.content


@pytest.mark.parametrize("typed", ["K7Q4MX", "k7q 4mx", " k7q-4mx "])
def test_code_leads_to_the_details(client, typed):
    builders.make_workshop(join_code="K7Q4MX")

    page = enter(client, typed)

    assert page.status_code == 302
    assert page.url == "/w/day/join/"
    assert client.get(page.url).status_code == 200


def test_typed_link_leads_to_the_details(client):
    builders.make_workshop(join_code="K7Q4MX")

    assert client.get("/j/k7q4mx/").url == "/w/day/join/"


def test_qr_leads_to_the_details(client):
    workshop = builders.make_workshop()

    page = client.post(reverse("join:qr"), {"secret": workshop.join_secret})

    assert page.url == "/w/day/join/"


def test_qr_that_is_not_known_leads_to_the_code(client):
    page = client.post(reverse("join:qr"), {"secret": "elsewhere"})

    assert page.status_code == 422
    assert "This QR code is not in use any more." in page.text


def test_unknown_and_ended_codes_get_the_same_answer(client):
    builders.make_workshop(join_code="K7Q4MX", ended_at=timezone.now())

    ended, unknown = enter(client, "K7Q4MX"), enter(client, "ZZZZZZ")

    assert ended.status_code == unknown.status_code == 422
    assert ended.text.count(NOT_KNOWN) == unknown.text.count(NOT_KNOWN) == 2


def test_empty_code_is_not_counted_as_wrong(client):
    page = enter(client, "  ")

    assert "Please type the code from the screen." in page.text
    assert WrongCodes.objects.count() == 0


@pytest.fixture
def no_time_passes(monkeypatch):
    """Or slow machines would be forgiven wrong codes, and all of them at midnight."""
    noon = datetime(2006, 11, 7, 12, tzinfo=UTC)
    stopped = SimpleNamespace(time=noon.timestamp)
    monkeypatch.setattr(throttle, "time", stopped)
    monkeypatch.setattr(throttle, "timezone", SimpleNamespace(now=lambda: noon))


def test_wrong_codes_are_slowed_down_and_the_qr_is_not(client, no_time_passes):
    workshop = builders.make_workshop(join_code="K7Q4MX")
    for _guess in range(throttle.BURST):
        assert enter(client, "ZZZZZZ").status_code == 422

    refused = enter(client)

    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= throttle.SECONDS_EACH
    scanned = client.post(reverse("join:qr"), {"secret": workshop.join_secret})
    assert scanned.status_code == 302


def test_a_room_behind_one_address_gets_in(client, no_time_passes):
    workshop = builders.make_workshop(join_code="K7Q4MX")

    pages = [enter(client, "ZZZZZZ" if n % 7 == 0 else "K7Q4MX") for n in range(200)]

    assert {page.status_code for page in pages} == {302, 422}
    assert workshop.participants.count() == 0


def test_wrong_codes_are_forgiven_one_by_one(no_time_passes):
    for _guess in range(throttle.BURST + 2):
        throttle.count_wrong("192.0.2.1", now=1000.0)

    waits = [
        throttle.seconds_to_wait("192.0.2.1", now=now) for now in (1000.0, 1025.0, 1030)
    ]

    assert waits == [30, 5, 0]
    assert throttle.seconds_to_wait("192.0.2.2", now=1000.0) == 0


def test_wrong_codes_of_one_site_are_counted_together(no_time_passes):
    sources = {
        throttle.source_of(address) for address in ("2001:db8::1", "2001:db8::ffff")
    }

    assert len(sources) == 1
    assert "2001" not in sources.pop()


def test_wrong_codes_that_are_forgiven_are_deleted():
    throttle.count_wrong("192.0.2.1", now=1000.0)
    throttle.count_wrong("192.0.2.2", now=2000.0)

    assert [row.forgiven_at for row in WrongCodes.objects.all()] == [2010.0]


@pytest.mark.parametrize("slug", ["day", "no-such-day"])
def test_details_without_the_code_lead_home(client, slug):
    builders.make_workshop()

    page = client.get(reverse("join:details", args=[slug]))

    assert page.url == "/"
    assert messages_of(page) == ["Please type the code from the screen."]


def test_a_double_tap_is_one_seat_and_both_answers_lead_to_it(client):
    workshop = builders.make_workshop(join_code="K7Q4MX", attribution="named")
    enter(client)
    admitted = client.cookies.output()
    first = take_seat(client, workshop, name="Seat 1, Table 2", table="2")
    client.cookies.clear()
    client.cookies.load(admitted.replace("Set-Cookie: ", ""))

    second = take_seat(client, workshop, name="Seat 1, Table 2", table="2")

    [who] = Participant.objects.all()
    name = identity.cookie_name(workshop.pk)
    hashes = {codes.digest(page.cookies[name].value) for page in (first, second)}
    assert first.url == second.url
    assert {device.token_hash for device in who.devices.all()} == hashes
    assert len(hashes) == 2


def test_an_admission_is_used_up_by_a_seat(client):
    workshop = builders.make_workshop(join_code="K7Q4MX")
    enter(client)
    take_seat(client, workshop, name="Seat 1", table="1")

    client.post(reverse("join:leave", args=[workshop.slug]))

    assert take_seat(client, workshop, name="Seat 1", table="1").url == reverse(
        "join:home"
    )
    assert Participant.objects.count() == 1


def test_admission_lasts_half_an_hour(client):
    builders.make_workshop(join_code="K7Q4MX")
    page = enter(client)

    (admission,) = page.cookies.values()
    assert admission["max-age"] == 1800
    assert admission["httponly"]
    assert admission["samesite"] == "Lax"


def test_admission_is_to_one_workshop(client):
    one = builders.make_workshop(join_code="K7Q4MX")
    other = builders.make_workshop(slug="other")
    enter(client)
    names = [identity.admission_name(workshop.pk) for workshop in (one, other)]
    client.cookies[names[1]] = client.cookies[names[0]].value

    assert client.get(reverse("join:details", args=["other"])).url == "/"


@pytest.mark.parametrize(
    ("attribution", "asked", "says"),
    [
        ("named", {"name", "organisation", "table"}, "Your name and organisation are"),
        ("organisation", {"organisation", "table"}, "Your name is not asked for."),
        ("chatham-house", {"table"}, "The Chatham House Rule applies."),
        ("anonymous", {"table"}, "This is anonymous."),
    ],
)
def test_details_ask_what_the_attribution_rule_asks(client, attribution, asked, says):
    builders.make_workshop(join_code="K7Q4MX", attribution=attribution)

    page = client.get(enter(client).url)

    assert set(page.context["form"].fields) == asked
    assert says in page.text


def test_details_list_nobody_elses_organisation(client):
    workshop = builders.make_workshop(join_code="K7Q4MX")
    joining.join(workshop=workshop, organisation="Ministry of Works", table=None)

    page = client.get(enter(client).url)

    assert "Ministry of Works" not in page.text


def test_seat_is_taken_with_name_organisation_and_table(client):
    workshop = builders.make_workshop(join_code="K7Q4MX")
    enter(client)

    page = take_seat(
        client, workshop, name=" Seat \x0b One ", organisation="Works", table="3"
    )

    badge = Badge.objects.get()
    assert page.url == "/w/day/"
    assert (badge.name, badge.organisation.name) == ("Seat One", "Works")
    assert badge.participant.table.number == 3
    cookie = page.cookies[identity.cookie_name(workshop.pk)]
    assert cookie["max-age"] == 7 * 24 * 3600
    assert cookie["httponly"]
    assert Device.objects.get().token_hash == codes.digest(cookie.value)


def test_seat_needs_a_table_where_people_choose(client):
    workshop = builders.make_workshop(join_code="K7Q4MX", attribution="anonymous")
    enter(client)

    pages = [take_seat(client, workshop, table=table) for table in ("", "9", "x", "-1")]

    assert [page.status_code for page in pages] == [422] * 4
    assert "Please choose your table." in pages[0].text
    assert Participant.objects.count() == 0


def test_seat_where_people_are_seated_evenly(client):
    workshop = builders.make_workshop(
        join_code="K7Q4MX", attribution="anonymous", seating="balanced"
    )
    builders.join(workshop, table=1)
    enter(client)

    take_seat(client, workshop)

    assert Participant.objects.latest("pk").table.number == 2


def test_seat_in_a_workshop_without_tables(client):
    workshop = builders.make_workshop(
        join_code="K7Q4MX", attribution="anonymous", tables=0
    )
    enter(client)

    assert take_seat(client, workshop).url == "/w/day/"


def test_seat_is_never_asked_for_twice(client):
    workshop = builders.make_workshop(join_code="K7Q4MX", attribution="anonymous")
    enter(client)
    take_seat(client, workshop, table="1")

    assert enter(client).url == "/w/day/"
    assert client.get(reverse("join:details", args=["day"])).url == "/w/day/"
    assert take_seat(client, workshop, table="2").url == "/w/day/"
    assert Participant.objects.count() == 1


def test_locked_joining_is_said_on_the_details_page(client):
    workshop = builders.make_workshop(join_code="K7Q4MX", joining_locked=True)

    asked = client.get(enter(client).url)
    sent = take_seat(client, workshop, name="Seat One", table="1")

    assert asked.status_code == 200
    assert sent.status_code == 409
    assert "Joining is locked just now" in asked.text
    assert "Joining is locked just now" in sent.text
    assert Participant.objects.count() == 0


@pytest.mark.parametrize(("tables", "people"), [(1, 1), (12, 12)])
def test_details_cost_the_same_for_any_number_of_tables(
    client, django_assert_num_queries, tables, people
):
    workshop = builders.make_workshop(join_code="K7Q4MX", tables=tables)
    for number in range(1, people + 1):
        builders.join(workshop, table=number)
    address = enter(client).url

    with django_assert_num_queries(2):
        client.get(address)


def test_another_table(client):
    workshop = builders.make_workshop()
    who = sit(client, workshop, table=1)
    scribes.take_role(participant=who)

    page = client.post(reverse("join:seat", args=["day"]), {"table": "2"})

    who.refresh_from_db()
    assert page.url == "/w/day/"
    assert messages_of(page) == ["You sit at Table 2 now."]
    assert who.table.number == 2
    assert ScribeLease.objects.count() == 0


def test_no_other_table_after_the_end(client):
    workshop = builders.make_workshop(ended_at=timezone.now())
    who = sit(client, workshop, table=1)

    client.post(reverse("join:seat", args=["day"]), {"table": "2"})

    who.refresh_from_db()
    assert who.table.number == 1


def test_another_device_gets_the_same_seat_once(client):
    workshop = builders.make_workshop()
    who = sit(client, workshop)
    page = client.post(reverse("join:another_device", args=["day"]))
    link = page.context["link"]
    path = link.removeprefix(settings.PUBLIC_URL)
    second, third = type(client)(), type(client)()

    looked = second.get(path)
    taken = second.post(path)
    late = third.post(path)

    assert link.startswith(settings.PUBLIC_URL)
    assert "<svg" in page.text
    assert "Continue here" in looked.text
    assert taken.url == "/w/day/"
    assert identity.find_participant(taken.wsgi_request, workshop) is None
    assert Device.objects.filter(participant=who).count() == 2
    assert second.get("/w/day/").status_code == 200
    assert late.status_code == 410
    assert "This link does not work any more" in late.text


def test_link_for_another_device_grows_old(client):
    workshop = builders.make_workshop()
    who = builders.join(workshop)
    token = joining.link_for_another_device(participant=who)
    DeviceLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    page = client.post(reverse("join:continue_here", args=["day", token]))

    assert page.status_code == 410


def test_link_to_no_workshop_looks_like_any_other(client):
    builders.make_workshop()
    addresses = [reverse("join:continue_here", args=[s, "x"]) for s in ("day", "none")]

    assert [client.get(a).status_code for a in addresses] == [200, 200]
    assert [client.post(a).status_code for a in addresses] == [410, 410]


def test_leaving_ends_the_seat_on_this_device(client):
    workshop = builders.make_workshop()
    who = sit(client, workshop)
    scribes.take_role(participant=who)

    page = client.post(reverse("join:leave", args=["day"]))

    who.refresh_from_db()
    assert "You have left on this device" in page.text
    assert page.cookies[identity.cookie_name(workshop.pk)].value == ""
    assert who.removed_at is None
    assert who.devices.count() == 0
    assert ScribeLease.objects.count() == 0
    assert client.get("/w/day/").status_code == 404


def test_who_was_removed_is_told_so(client):
    workshop = builders.make_workshop()
    joining.remove(participant=sit(client, workshop))

    page = client.get("/w/day/")
    data = client.get("/w/day/", headers={"Accept": "application/json"})

    assert page.status_code == 410
    assert "Your seat has ended" in page.text
    assert (data.status_code, data.json()) == (410, {"error": "removed"})


@pytest.mark.parametrize("name", ["seat", "another_device"])
@pytest.mark.parametrize("slug", ["day", "no-such-day"])
def test_strangers_find_nothing(client, name, slug):
    builders.make_workshop()

    assert client.get(reverse(f"join:{name}", args=[slug])).status_code == 404


def test_a_seat_is_in_one_workshop(client):
    one, other = builders.make_workshop(), builders.make_workshop(slug="other")
    sit(client, one)
    token = client.cookies[identity.cookie_name(one.pk)].value
    client.cookies[identity.cookie_name(other.pk)] = token

    assert client.get("/w/other/").status_code == 404


@pytest.mark.parametrize("address", ["/", "/j/", "/j/ZZZZZZ/", "/w/day/seat/"])
def test_joining_keeps_no_django_session(client, address):
    workshop = builders.make_workshop()
    sit(client, workshop)

    client.get(address)

    assert settings.SESSION_COOKIE_NAME not in client.cookies


@pytest.mark.parametrize("name", ["code", "qr"])
def test_forms_need_their_token(name):
    from django.test import Client

    page = Client(enforce_csrf_checks=True).post(reverse(f"join:{name}"), {"code": "x"})

    assert page.status_code == 403
