"""What the reader of statements finds out: or it would prove nothing elsewhere."""

import pytest
from django.db.models import Case, Count, Exists, F, OuterRef, Q, When

from deliberation.models import Answer, Response, Round
from tests import builders
from tests.statements import Statements, read
from workshops.models import Participant, Presence, ScribeLease, Table, Workshop

pytestmark = pytest.mark.django_db


@pytest.fixture
def ours():
    workshop = builders.make_workshop(slug="ours")
    builders.join(workshop)
    builders.open_round(builders.make_prompt(workshop))
    return workshop


@pytest.fixture
def theirs():
    workshop = builders.make_workshop(slug="theirs")
    builders.join(workshop)
    return workshop


def loose(rows) -> set[str]:
    """Return the tables of a query that are not held to the workshops it names."""
    with Statements() as statements:
        list(rows)
    (statement,) = statements.all
    return set(read(statement).loose)


def named(rows) -> set[int]:
    with Statements() as statements:
        list(rows)
    return set(read(statements.all[0]).workshops)


PEOPLE, TABLES = "workshops_participant", "workshops_table"
WORKSHOPS = "workshops_workshop"
OURS = Participant.objects.filter(workshop=1)


@pytest.mark.parametrize(
    ("query", "tables"),
    [
        (Participant.objects.all(), {PEOPLE}),
        (Participant.objects.filter(removed_at=None), {PEOPLE}),
        (Participant.objects.filter(Q(workshop=1) | Q(removed_at=None)), {PEOPLE}),
        (Participant.objects.exclude(workshop=1), {PEOPLE}),
        (Participant.objects.exclude(pk__in=[1]), {PEOPLE}),
        (Participant.objects.filter(workshop__gt=1), {PEOPLE}),
        (Participant.objects.filter(workshop__title="Day"), {PEOPLE, WORKSHOPS}),
        (
            Participant.objects.annotate(n=Count("pk", filter=Q(workshop=1))),
            {PEOPLE},
        ),
        (
            Participant.objects.annotate(
                n=Case(When(workshop=1, then=1), default=2)
            ).filter(n=1),
            {PEOPLE},
        ),
        (Participant.objects.filter(Exists(OURS.filter(ref="A"))), {PEOPLE}),
        (OURS.filter(Exists(Table.objects.filter(number=1))), {TABLES}),
        (OURS.filter(ref__in=Participant.objects.values("ref")), {PEOPLE}),
        (Table.objects.filter(participants__ref="A"), {PEOPLE, TABLES}),
        (Round.objects.out_of_time(), {"deliberation_round"}),
    ],
)  # fmt: skip
def test_query_of_all_workshops_is_found_out(ours, theirs, query, tables):
    assert loose(query) == tables


@pytest.mark.parametrize(
    "query",
    [
        OURS,
        Participant.objects.filter(pk=1),
        Participant.objects.filter(Q(removed_at=None) | Q(table=1), workshop=1),
        OURS.select_related("workshop", "table", "badge__organisation"),
        Participant.objects.filter(table__workshop=1),
        Participant.objects.filter(devices__token_hash="0"),
        Workshop.objects.filter(join_code="ABCDEF"),
        Workshop.objects.filter(slug="ours", participants__devices__token_hash="0"),
        OURS.filter(Exists(Response.objects.filter(participant=OuterRef("pk")))),
        Table.objects.filter(pk__in=OURS.values("table")),
        Answer.objects.filter(round=1, response__participant__removed_at=None),
        ScribeLease.objects.filter(participant__in=OURS),
        OURS.filter(table__participants=F("pk")),
    ],
)
def test_query_within_a_workshop_is_known(ours, query):
    assert loose(query) == set()


def test_what_parameters_name_is_looked_up(ours, theirs):
    seats = [one.participants.get().pk for one in (ours, theirs)]
    both = {ours.pk, theirs.pk}

    assert named(Participant.objects.filter(workshop=ours)) == {ours.pk}
    assert named(Participant.objects.filter(pk=seats[1])) == {theirs.pk}
    assert named(Participant.objects.filter(pk__in=seats)) == both
    assert named(Participant.objects.filter(pk=seats[0], workshop=theirs)) == both
    assert named(Workshop.objects.filter(slug="theirs")) == {theirs.pk}


def test_rows_that_are_inserted_name_their_workshop(ours, theirs):
    seats = [one.participants.get() for one in (ours, theirs)]
    some = [
        Presence(participant=seat, workshop=seat.workshop, seen_at="2026-01-01T00:00Z")
        for seat in seats
    ]
    with Statements() as statements:
        Presence.objects.bulk_create(some)
        builders.join(ours)

    readings = [read(one) for one in statements.all if "INSERT" in one.sql]
    assert [one.workshops for one in readings] == [{ours.pk, theirs.pk}, {ours.pk}]
    assert [one.loose for one in readings] == [set(), set()]
