import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.contrib.messages import get_messages
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from deliberation.actions.merging import merge
from tests import builders
from workshops import codes
from workshops.actions import joining, tickets
from workshops.models import Participant, Ticket, Workshop

pytestmark = pytest.mark.django_db


def ticketed(**fields) -> Workshop:
    return builders.make_workshop(entry="ticketed", **fields)


def made(workshop: Workshop, count: int = 1) -> list[Ticket]:
    tickets.make_tickets(workshop=workshop, count=count)
    return list(workshop.tickets.all())


def scan(client: Client, ticket: Ticket):
    return client.post(reverse("join:qr"), {"secret": ticket.secret})


def type_in(client: Client, code: str):
    return client.post(reverse("join:code"), {"code": code})


def take_seat(client: Client, workshop: Workshop):
    details = {"name": "Seat 3, Table 2", "table": 2}
    return client.post(reverse("join:details", args=[workshop.slug]), details)


def stage(client: Client, workshop: Workshop) -> int:
    return client.get(reverse("phone:stage", args=[workshop.slug])).status_code


def error_on(page) -> str:
    return str(page.context["error"])


def test_tickets_are_numbered_on():
    workshop = ticketed()

    tickets.make_tickets(workshop=workshop, count=2)
    tickets.make_tickets(workshop=workshop, count=1)

    there = list(workshop.tickets.all())
    assert [ticket.number for ticket in there] == [1, 2, 3]
    assert len({ticket.secret for ticket in there}) == 3
    assert all(re.fullmatch(f"[{codes.ALPHABET}]{{8}}", each.code) for each in there)


def test_there_are_no_more_tickets_than_can_be_printed(monkeypatch):
    monkeypatch.setattr(tickets, "MOST_TICKETS", 3)
    workshop = ticketed()
    made(workshop, 2)

    with pytest.raises(tickets.TooManyTickets):
        tickets.make_tickets(workshop=workshop, count=2)

    assert workshop.tickets.count() == 2


def test_a_code_that_is_taken_is_drawn_again(monkeypatch):
    drawn = iter(["BBBBBBBB", "AAAAAAAA"])
    workshop = ticketed()
    Ticket.objects.create(workshop=workshop, number=1, code="BBBBBBBB")
    monkeypatch.setattr(codes, "new_ticket_code", lambda: next(drawn))

    tickets.make_tickets(workshop=workshop, count=1)

    assert [one.code for one in workshop.tickets.all()] == ["BBBBBBBB", "AAAAAAAA"]


def test_a_ticket_gives_one_seat_on_five_phones():
    workshop = ticketed()
    ticket = made(workshop)[0]
    phones = [Client() for _phone in range(5)]

    for phone in phones:
        if scan(phone, ticket).url == reverse("join:details", args=[workshop.slug]):
            assert take_seat(phone, workshop).status_code == 302

    assert [stage(phone, workshop) for phone in phones] == [404, 404, 404, 404, 200]
    assert workshop.participants.present().count() == 1


def test_who_brings_a_seat_to_another_phone_is_told(client):
    workshop = ticketed()
    ticket = made(workshop)[0]
    first = Client()
    scan(first, ticket)
    take_seat(first, workshop)

    page = type_in(client, f" {ticket.spoken_code.lower()} ")

    assert page.url == reverse("phone:stage", args=[workshop.slug])
    assert [str(one) for one in get_messages(page.wsgi_request)] == [
        "Your seat is on this device now, and on no other."
    ]


def test_the_same_phone_may_scan_as_often_as_it_likes(client):
    workshop = ticketed()
    ticket = made(workshop)[0]
    scan(client, ticket)
    take_seat(client, workshop)
    before = workshop.participants.get().devices.get()

    assert scan(client, ticket).url == reverse("phone:stage", args=[workshop.slug])
    assert workshop.participants.get().devices.get() == before


@pytest.mark.django_db(transaction=True)
def test_phones_that_scan_a_ticket_at_once_get_one_seat():
    workshop = ticketed()
    ticket = made(workshop)[0]
    phones = [Client() for _phone in range(8)]
    for phone in phones:
        scan(phone, ticket)
    ready = Barrier(8)

    def sit(phone: Client) -> int:
        try:
            ready.wait()
            return take_seat(phone, workshop).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(sit, phones)) == [302] * 8

    assert workshop.participants.count() == 1


def test_the_database_gives_a_ticket_one_seat():
    workshop = ticketed()
    ticket = made(workshop)[0]
    Participant.objects.create(workshop=workshop, ticket=ticket)

    with pytest.raises(IntegrityError), transaction.atomic():
        Participant.objects.create(workshop=workshop, ticket=ticket)


def test_code_and_qr_of_the_workshop_let_nobody_in_without_a_ticket(client):
    workshop = ticketed(join_code="K7Q4MX")
    wanted = "This workshop is joined by ticket."

    by_code = type_in(client, "K7Q4MX")
    by_qr = client.post(reverse("join:qr"), {"secret": workshop.join_secret})

    assert [by_code.status_code, by_qr.status_code] == [422, 422]
    assert error_on(by_code).startswith(wanted)
    assert error_on(by_qr).startswith(wanted)
    with pytest.raises(joining.TicketNeeded):
        joining.join(workshop=workshop, table=None)


def test_who_was_admitted_before_tickets_were_asked_for_needs_one(client):
    workshop = builders.make_workshop(join_code="K7Q4MX")
    type_in(client, "K7Q4MX")
    Workshop.objects.update(entry="ticketed")

    page = take_seat(client, workshop)

    assert page.status_code == 422
    assert "This workshop is joined by ticket." in page.content.decode()
    assert workshop.participants.count() == 0


def test_who_sits_already_keeps_the_seat_and_the_ticket_is_theirs(client):
    workshop = builders.make_workshop()
    token = codes.new_token()
    who = builders.join(workshop, token=token)
    client.cookies[f"p-{workshop.pk}"] = token
    Workshop.objects.update(entry="ticketed")
    mine, other = made(workshop, 2)

    assert scan(client, mine).url == reverse("phone:stage", args=[workshop.slug])
    assert scan(client, other).url == reverse("phone:stage", args=[workshop.slug])

    assert list(Participant.objects.values_list("pk", "ticket")) == [(who.pk, mine.pk)]


def test_a_ticket_of_another_workshop_is_none(client):
    workshop = ticketed()
    ticket = made(ticketed(slug="other"))[0]

    with pytest.raises(joining.TicketNeeded):
        joining.join(workshop=workshop, table=None, ticket=ticket)


def test_tickets_lead_nowhere_where_none_are_asked_for(client):
    workshop = builders.make_workshop()
    ticket = made(workshop)[0]

    assert type_in(client, ticket.code).status_code == 422
    assert error_on(scan(client, ticket)) == "This QR code is not in use any more."
    assert tickets.ticket_for_code(ticket.code) is None


def test_the_ticket_of_a_seat_that_was_ended_gives_no_other(client):
    workshop = ticketed()
    ticket = made(workshop)[0]
    scan(client, ticket)
    take_seat(client, workshop)
    joining.remove(participant=workshop.participants.get())
    somebody = Client()

    page = scan(somebody, ticket)

    assert page.status_code == 422
    assert error_on(page).startswith("This ticket is not in use any more.")
    joining.bring_back(participant=workshop.participants.get())
    assert scan(somebody, ticket).url == reverse("phone:stage", args=[workshop.slug])


def test_the_ticket_of_a_merged_seat_gives_no_other():
    workshop = ticketed()
    first, second = made(workshop, 2)
    keep = joining.join(workshop=workshop, table=None, ticket=first)
    drop = joining.join(workshop=workshop, table=None, ticket=second)
    merge(keep=keep, drop=drop)

    with pytest.raises(joining.SeatGone):
        tickets.take_over(ticket=second)


def test_a_renewed_ticket_moves_the_seat_and_the_old_slip_is_worthless(client):
    workshop = ticketed()
    ticket = made(workshop)[0]
    scan(client, ticket)
    take_seat(client, workshop)
    old = (ticket.code, ticket.secret)
    finder, owner = Client(), Client()

    tickets.renew(ticket=ticket)

    assert tickets.ticket_for_code(old[0]) is tickets.ticket_for_secret(old[1]) is None
    assert type_in(finder, old[0]).status_code == 422
    assert scan(owner, ticket).url == reverse("phone:stage", args=[workshop.slug])
    assert [stage(client, workshop), stage(owner, workshop)] == [404, 200]


def test_a_renewed_ticket_of_an_ended_seat_gives_a_new_one(client):
    workshop = ticketed()
    ticket = made(workshop)[0]
    who = joining.join(workshop=workshop, table=None, ticket=ticket)
    joining.remove(participant=who)

    tickets.renew(ticket=ticket)

    joining.join(workshop=workshop, table=None, ticket=ticket)
    assert workshop.participants.present().count() == 1


def test_looking_at_an_address_moves_no_seat(client):
    workshop = ticketed()
    ticket = made(workshop)[0]
    joining.join(workshop=workshop, table=None, ticket=ticket)

    page = client.get(reverse("join:typed_link", args=[ticket.code]))

    assert (page.status_code, page.context["typed"]) == (200, ticket.code)
    assert page.cookies.keys() <= {"csrf"}


def test_wrong_ticket_codes_are_counted_like_any_other(client):
    ticketed()

    for _try in range(60):
        assert type_in(client, "ZZZZZZZZ").status_code == 422

    assert type_in(client, "ZZZZZZZZ").status_code == 429


def test_nobody_is_let_in_beyond_the_number(client):
    workshop = builders.make_workshop(
        entry="capped", expected_people=1, join_code="K7Q4MX"
    )
    type_in(client, "K7Q4MX")
    first = joining.join(workshop=workshop, table=None)

    page = take_seat(client, workshop)

    assert page.status_code == 422
    assert "Every place that was counted is taken." in page.content.decode()
    assert "Seat 3, Table 2" in page.content.decode()  # nothing typed is lost
    joining.remove(participant=first)
    assert take_seat(client, workshop).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_people_who_come_in_at_once_are_not_more_than_the_number():
    workshop = builders.make_workshop(entry="capped", expected_people=3)
    ready = Barrier(8)

    def come_in(_number: int) -> bool:
        try:
            ready.wait()
            joining.join(workshop=workshop, table=None)
        except joining.RoomFull:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(come_in, range(8))) == 3

    assert workshop.participants.count() == 3


def test_entry_by_number_has_a_number():
    workshop = builders.make_workshop()

    with pytest.raises(IntegrityError), transaction.atomic():
        Workshop.objects.filter(pk=workshop.pk).update(entry="capped")
