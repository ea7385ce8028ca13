"""The page of a prompt says who did not answer each item, and why."""

import pytest
from django.urls import reverse

from deliberation.actions import rounds
from deliberation.live.console_absence import absences
from deliberation.models import Round
from tests import builders

pytestmark = pytest.mark.django_db


def closed_round(workshop, *, declined: dict[int, int], **fields) -> Round:
    """Have eight people at each table answer, so many of them without a view."""
    prompt = builders.make_prompt(workshop, asks_tables=True, **{"items": 2} | fields)
    this_round = builders.open_round(prompt)
    for table, no_view in declined.items():
        for place in range(8):
            who = builders.join(workshop, table=table)
            said = "abstain" if place < no_view else 1
            values = {"p1": said} | dict.fromkeys(["p2"][: prompt.items.count() - 1], 1)
            builders.judge(this_round, who, values)
    rounds.close_round(round_id=this_round.pk)
    return Round.objects.get(pk=this_round.pk)


def look(client, this_round: Round, **chosen):
    prompt = this_round.prompt
    path = [this_round.workshop.slug, prompt.session.key, prompt.key]
    page = client.get(reverse("console:explore", args=path), chosen)
    return page.context["absent"], page.content.decode()


def cells(found) -> list[tuple]:
    """Return of each row its number, who answered, and the figures or None."""
    return [
        (
            row["number"],
            row["n"],
            row["cells"] and [(cell["n"], cell["where"]) for cell in row["cells"]],
        )
        for row in found["rows"]
    ]


@pytest.fixture
def workshop(client):
    workshop = builders.make_workshop(tables=3)
    client.force_login(builders.make_facilitator(workshop))
    return workshop


def test_explore_says_who_is_missing_and_why(client, workshop):
    this_round = closed_round(workshop, declined={1: 2, 2: 3})
    builders.join(workshop, table=3)

    found, page = look(client, this_round, voice="people")

    assert found["heads"] == ["No view", "Joined after the close"]
    assert found["basis"] == "Of 17 people by now; each row adds up to them."
    assert cells(found) == [(1, 11, [(5, ""), (1, "")]), (2, 16, [(0, ""), (1, "")])]
    assert "Who did not answer, and why" in page
    found, _page = look(client, this_round, voice="people", table="2")
    assert found["heads"] == ["No view"]
    assert cells(found) == [(1, 5, [(3, "")]), (2, 8, [(0, "")])]


def test_explore_names_the_tables_that_are_missing(client, workshop):
    this_round = closed_round(workshop, declined={1: 0}, items=1)

    found, _page = look(client, this_round, voice="tables")

    assert found["heads"] == ["Nothing by the close"]
    assert cells(found) == [(1, 0, [(3, "all tables")])]


def test_explore_says_nothing_where_nobody_is_missing(client, workshop):
    this_round = closed_round(workshop, declined={1: 0})

    found, page = look(client, this_round, voice="people")

    assert found == {}
    assert "Who did not answer" not in page


def test_explore_withholds_few_where_nobody_is_named(client):
    workshop = builders.make_workshop(tables=3, attribution="anonymous")
    client.force_login(builders.make_facilitator(workshop))
    this_round = closed_round(workshop, declined={1: 1, 2: 4, 3: 0}, items=1)

    found, _page = look(client, this_round, voice="people")
    assert cells(found) == [(1, 19, [(5, "")])]
    found, page = look(client, this_round, voice="people", table="2")

    assert cells(found) == [(1, 4, None)]
    assert "Withheld: too few" in page


def test_absences_stand_for_each_respect(workshop):
    prompt = builders.make_prompt(
        workshop, kind="rate", items=1, criteria=("effective", "feasible")
    )
    this_round = builders.open_round(prompt)
    who = builders.join(workshop)
    builders.judge(this_round, who, {"p1.effective": 3, "p1.feasible": "abstain"})
    builders.join(workshop, table=2)

    found = absences(this_round, "people")

    assert [(row["respect"], row["n"]) for row in found["rows"]] == [
        ("Effective", 1),
        ("Feasible", 0),
    ]
    assert found["heads"] == ["No view", "Nothing yet"]
    assert len(absences(this_round, "people", criterion="feasible")["rows"]) == 1
