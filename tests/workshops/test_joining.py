from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from tests import builders
from workshops import codes
from workshops.actions import joining, scribes
from workshops.models import DeviceLink, Participant, ScribeLease

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "typed", ["K7Q4MX", "k7q4mx", " K7Q 4MX ", "k7q-4mx", "k7q_4mx"]
)
def test_join_code_is_forgiving(typed):
    workshop = builders.make_workshop(join_code="K7Q4MX")

    assert joining.workshop_for_code(typed) == workshop


@pytest.mark.parametrize("typed", ["", "K7Q4M", "K7Q4MXX", "ZZZZZZ", "\x00", "é" * 6])
def test_join_code_that_is_not_one_leads_nowhere(typed):
    builders.make_workshop(join_code="K7Q4MX")

    assert joining.workshop_for_code(typed) is None


def test_join_code_of_an_ended_workshop_leads_nowhere():
    builders.make_workshop(join_code="K7Q4MX", ended_at=timezone.now())

    assert joining.workshop_for_code("K7Q4MX") is None


def test_join_codes_have_no_look_alikes():
    symbols = set("".join(codes.new_join_code() for _draw in range(500)))

    assert symbols & set("01OIL") == set()
    assert len(symbols) == 31


@pytest.mark.parametrize(
    ("attribution", "kept"),
    [
        ("named", ("Ada", "Home Office")),
        ("organisation", ("", "Home Office")),
        ("chatham-house", None),
        ("anonymous", None),
    ],
)
def test_join_keeps_only_what_the_attribution_rule_asks(attribution, kept):
    workshop = builders.make_workshop(attribution=attribution)

    who = joining.join(
        workshop=workshop,
        name=" Ada ",
        organisation="Home Office",
        table=workshop.tables.first(),
    )

    badge = getattr(who, "badge", None)
    assert (badge and (badge.name, str(badge.organisation))) == kept


def test_join_lists_an_organisation_once_in_any_case():
    workshop = builders.make_workshop(attribution="organisation")

    for written in ("Home Office", "home office "):
        joining.join(workshop=workshop, organisation=written, table=None)

    assert [str(one) for one in workshop.organisations.all()] == ["Home Office"]


def test_join_is_refused_while_locked():
    workshop = builders.make_workshop(joining_locked=True)

    with pytest.raises(joining.JoiningLocked):
        joining.join(workshop=workshop, table=None)


@pytest.mark.django_db(transaction=True)
def test_people_who_come_in_at_once_are_seated_evenly():
    workshop = builders.make_workshop(tables=4, seating="balanced")
    ready = Barrier(8)

    def come_in(_number: int) -> int:
        try:
            ready.wait()
            return joining.join(workshop=workshop, table=None).table.number
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        seated = sorted(pool.map(come_in, range(8)))

    assert seated == [1, 1, 2, 2, 3, 3, 4, 4]


def test_device_link_works_once():
    workshop = builders.make_workshop()
    who = builders.join(workshop)
    token = joining.link_for_another_device(participant=who)

    assert joining.use_device_link(workshop=workshop, token=token) == who
    with pytest.raises(joining.LinkSpent):
        joining.use_device_link(workshop=workshop, token=token)


def test_device_link_grows_old():
    workshop = builders.make_workshop()
    token = joining.link_for_another_device(participant=builders.join(workshop))
    DeviceLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    with pytest.raises(joining.LinkSpent):
        joining.use_device_link(workshop=workshop, token=token)


def test_device_link_of_another_workshop_is_refused():
    token = joining.link_for_another_device(
        participant=builders.join(builders.make_workshop())
    )

    with pytest.raises(joining.LinkSpent):
        joining.use_device_link(
            workshop=builders.make_workshop(slug="other"), token=token
        )


def test_move_gives_up_the_scribes_role():
    workshop = builders.make_workshop()
    who = builders.join(workshop, table=1)
    scribes.take_role(participant=who)

    joining.move(participant=who, table=workshop.tables.get(number=2))

    who.refresh_from_db()
    assert who.table.number == 2
    assert ScribeLease.objects.count() == 0


def test_remove_can_be_taken_back():
    who = builders.join(builders.make_workshop())

    joining.remove(participant=who)
    gone = Participant.objects.present().count()
    joining.bring_back(participant=who)

    assert (gone, Participant.objects.present().count()) == (0, 1)


def test_new_join_code_ends_the_old_one():
    workshop = builders.make_workshop(join_code="K7Q4MX")
    secret = workshop.join_secret

    joining.new_join_code(workshop=workshop)

    assert joining.workshop_for_code("K7Q4MX") is None
    assert joining.workshop_for_secret(secret) is None
    assert joining.workshop_for_secret(workshop.join_secret) == workshop
