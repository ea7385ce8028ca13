"""The checks of random histories may rely on what was read before where they do."""

import pytest
from django.db import connection
from django.db.models import F

from deliberation.live import board
from deliberation.models import Screen
from tests import builders
from tests.deliberation.phones import Phone
from tests.deliberation.readings import Readings
from workshops.models import ScribeLease, Table, Workshop

pytestmark = pytest.mark.django_db


def reads(readings: Readings, find) -> bool:
    """Tell whether it is read (again)."""
    asked = []
    readings.read("it", lambda: asked.append(find()))
    return bool(asked)


def numbers() -> list[int]:
    return list(Table.objects.values_list("number", flat=True))


def rows() -> list[Table]:
    return list(Table.objects.all())


def test_what_was_read_is_read_again_once_it_was_written():
    workshop = builders.make_workshop(tables=2)

    with Readings() as readings:
        assert reads(readings, numbers)
        assert not reads(readings, numbers)

        Table.objects.create(workshop=workshop, number=3)
        assert reads(readings, numbers)

        Table.objects.filter(number=3).delete()
        assert reads(readings, numbers)

        Table.objects.filter(number=2).update(number=4)
        assert reads(readings, numbers)
        assert not reads(readings, numbers)


def test_what_was_read_holds_when_something_else_was_written():
    workshop = builders.make_workshop(tables=2)

    with Readings() as readings:
        assert reads(readings, numbers)

        Table.objects.update(handovers=F("handovers") + 1)
        Screen.objects.create(workshop=workshop)
        assert not reads(readings, numbers)

        assert reads(readings, rows) is False  # one name is one thing that is read
        readings.forget()
        assert reads(readings, rows)
        Table.objects.update(handovers=F("handovers") + 1)
        assert reads(readings, rows)


def test_a_statement_that_writes_several_tables_is_a_write_of_each():
    builders.make_workshop(tables=2)

    with Readings() as readings, connection.cursor() as cursor:
        assert reads(readings, numbers)
        cursor.execute(
            "WITH two AS (SELECT 2 AS n) UPDATE workshops_table SET number = 9"
            " WHERE number = (SELECT n FROM two)"
        )
        assert reads(readings, numbers)


def test_everything_that_a_board_shows_is_seen_to_be_read():
    workshop = builders.make_workshop(tables=2)
    this_round = builders.open_round(builders.make_prompt(workshop, asks_tables=True))
    scribe = Phone(workshop)
    name = f"table:{workshop.pk}:1"

    def draw() -> str:
        return board.render(name)

    with Readings() as readings:
        assert reads(readings, draw)
        scribe.send("table/take/", {})
        assert ScribeLease.objects.exists()
        assert reads(readings, draw)
        form = {"answer.p1": "difficult", "key": "one"}
        assert scribe.send(f"table-answer/{this_round.pk}/", form).status_code == 200
        assert reads(readings, draw)
        Workshop.objects.update(title="Another")
        assert reads(readings, draw)
        assert not reads(readings, draw)
