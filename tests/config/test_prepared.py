import sys
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db.models import Count
from django.utils import timezone

from config.prepared import Prepared
from tests import builders
from tests.together import at_the_same_time
from workshops.models import Participant, Table, Workshop

pytestmark = pytest.mark.django_db


@pytest.fixture
def workshops() -> list[Workshop]:
    made = [builders.make_workshop(slug=slug, tables=3) for slug in ("one", "two")]
    for workshop in made:
        for number in (1, 1, 2):
            builders.join(workshop, table=number)
    return made


def test_rows_are_those_of_the_queryset(workshops, django_assert_num_queries):
    def seated(workshop, number):
        return (
            Participant.objects.present()
            .filter(workshop__slug=workshop, table__number=number)
            .select_related("table__workshop", "badge")
            .order_by("-pk")
        )

    asked = Prepared(seated, workshop=str, number=int)

    for slug, number in [("one", 1), ("two", 2), ("two", 1), ("two", 3), ("", 1)]:
        with django_assert_num_queries(1):
            found = asked(workshop=slug, number=number)
            places = [(one.table.workshop.slug, one.table.number) for one in found]

        assert found == list(seated(slug, number))
        assert places == [(slug, number)] * len(found)


@pytest.mark.django_db(transaction=True)
def test_each_thread_gets_its_own_rows_over_its_own_connection(workshops):
    asked = Prepared(
        lambda slug: Table.objects.filter(workshop__slug=slug).select_related(
            "workshop"
        ),
        slug=str,
    )

    def ask(slug: str) -> set[str]:
        return {one.workshop.slug for _again in range(20) for one in asked(slug=slug)}

    slugs = ["one", "two", "one", "two"]
    found = at_the_same_time(*(lambda slug=slug: ask(slug) for slug in slugs))

    assert found == [{slug} for slug in slugs]


def test_values_come_as_asked_for(workshops):
    def people(workshop):
        tables = Table.objects.filter(workshop_id=workshop).order_by("number")
        return tables.values_list("number", Count("participants"))

    asked = Prepared(people, workshop=int)

    assert [asked(workshop=one.pk) for one in workshops] == [
        [(1, 2), (2, 1), (3, 0)],
        [(1, 2), (2, 1), (3, 0)],
    ]


def test_first_is_the_first_or_none(workshops):
    asked = Prepared(
        lambda slug: Workshop.objects.filter(slug=slug).values_list("pk", flat=True),
        slug=str,
    )

    assert [asked.first(slug="two"), asked.first(slug="three")] == [
        workshops[1].pk,
        None,
    ]


@pytest.mark.parametrize("number", [2**31, 2**63 - 1, 2**63, 10**30])
def test_a_number_that_no_row_can_have_finds_none(workshops, number):
    asked = Prepared(lambda pk: Workshop.objects.filter(pk=pk), pk=int)

    assert asked(pk=number) == list(Workshop.objects.filter(pk=number)) == []


def test_a_queryset_that_prefetches_is_refused_where_it_is_written():
    with pytest.raises(TypeError, match="prefetch_related would be ignored"):
        Prepared(
            lambda workshop: Table.objects.filter(
                workshop_id=workshop
            ).prefetch_related("participants"),
            workshop=int,
        )


def test_a_value_that_is_computed_with_is_refused():
    asked = Prepared(lambda number: Table.objects.filter(number=number + 1), number=int)

    with pytest.raises(LookupError):
        asked(number=1)


def test_a_moment_is_asked_for_as_it_is(workshops):
    now = timezone.now()
    Participant.objects.filter(table__number=1).update(joined_at=now)
    asked = Prepared(
        lambda since, number: (
            Participant.objects.filter(joined_at__gt=since, table__number=number)
            .order_by()
            .values_list("pk", flat=True)
        ),
        since=datetime,
        number=int,
    )
    moment = timedelta(microseconds=1)

    found = [len(asked(since=at, number=1)) for at in (now - moment, now, now - moment)]
    assert found == [4, 0, 4]


@pytest.fixture
def eager_threads() -> Iterator[None]:
    """Threads that take turns as often as they can, for what seldom meets to meet."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_threads_that_ask_first_at_once_make_one_statement(eager_threads):
    joined = ("table__workshop", "badge__organisation", "scribe_lease__table")

    def prepared() -> Prepared:
        return Prepared(
            lambda workshop: Participant.objects.filter(
                workshop=workshop
            ).select_related(*joined),
            workshop=int,
        )

    alone = prepared()._compile()[2]
    for _try in range(20):
        query = prepared()
        made = at_the_same_time(*[query._compile] * 4)
        assert {sql for _queryset, _compiler, sql, _params in made} == {alone}
