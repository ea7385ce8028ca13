import pytest
from django.urls import reverse

from deliberation.actions import making
from deliberation.live.screen import screen_html
from tests import builders
from workshops.actions import joining, tickets
from workshops.models import Workshop

pytestmark = pytest.mark.django_db


@pytest.fixture
def workshop(client):
    workshop = builders.make_workshop(entry="ticketed", expected_people=3)
    client.force_login(builders.make_facilitator(workshop))
    return workshop


def page_of(workshop: Workshop) -> str:
    return reverse("console:tickets", args=[workshop.slug])


def test_as_many_tickets_are_offered_as_people_are_expected(client, workshop):
    tickets.make_tickets(workshop=workshop, count=1)

    assert client.get(page_of(workshop)).context["form"].initial == {"count": 2}


def test_tickets_are_made_and_printed_with_code_and_qr(client, workshop):
    answer = client.post(page_of(workshop), {"count": 2}, follow=True)

    printed = answer.content.decode()
    codes = [ticket.spoken_code for ticket in workshop.tickets.all()]
    assert len(codes) == 2
    assert [printed.count(code) for code in codes] == [1, 1]
    assert printed.count('class="qr"') == 2
    assert "2 tickets are ready to be printed." in printed
    assert [t.secret for t in workshop.tickets.all() if t.secret in printed] == []


@pytest.mark.parametrize("count", ["", "0", "-1", "2001", "many"])
def test_a_number_that_is_none_makes_nothing(client, workshop, count):
    answer = client.post(page_of(workshop), {"count": count})

    assert (answer.status_code, workshop.tickets.count()) == (422, 0)


def test_a_lost_ticket_gets_a_new_code(client, workshop):
    tickets.make_tickets(workshop=workshop, count=1)
    ticket = workshop.tickets.get()
    joining.join(workshop=workshop, table=None, ticket=ticket)

    answer = client.post(
        reverse("console:renew_ticket", args=[workshop.slug, ticket.pk]), follow=True
    )

    printed = answer.content.decode()
    assert workshop.tickets.get().code != ticket.code
    assert "Ticket 1 has a new code." in printed
    assert "In use" in printed


def test_the_wall_asks_for_tickets_and_shows_no_code(workshop):
    wall = screen_html(workshop.pk)

    assert "Scan the ticket at your place with your phone." in wall
    assert workshop.spoken_join_code not in wall


def test_entry_by_number_asks_for_the_number(client, workshop):
    fields = {
        "title": workshop.title,
        "attribution": workshop.attribution,
        "seating": workshop.seating,
        "tables": 2,
        "entry": "capped",
    }

    answer = client.post(reverse("setup:overview", args=[workshop.slug]), fields)

    assert answer.status_code == 422
    assert answer.context["form"].errors == {
        "expected_people": ["How many people? Nobody is let in beyond this number."]
    }
    workshop.refresh_from_db()
    assert workshop.entry == "ticketed"


def test_a_copy_lets_people_in_alike_and_a_rehearsal_everybody(workshop):
    owner = builders.make_facilitator()

    copy = making.duplicate(workshop, owner=owner)
    rehearsal = making.duplicate(workshop, owner=owner, is_rehearsal=True)

    assert [copy.entry, rehearsal.entry] == ["ticketed", "open"]
    assert copy.tickets.count() == 0
