"""A call reaches the console at once, and the phones hear that it was seen."""

import pytest
from django.contrib.auth import get_user_model

from deliberation.live import board
from tests import builders
from tests.deliberation.phones import Phone
from tests.world import account
from workshops.models import HelpCall, Workshop

pytestmark = pytest.mark.django_db

ADMIN = {"username": "admin", "is_superuser": True}


@pytest.fixture
def workshop() -> Workshop:
    return builders.make_workshop(tables=2)


def console(workshop: Workshop) -> str:
    return board.render(f"console:{workshop.pk}")


def press(workshop: Workshop, step: str):
    admin = account(get_user_model().objects.get_or_create(**ADMIN)[0])
    return admin.post(
        f"/console/{workshop.slug}/do/", {"do": step}, headers={"HX-Request": "true"}
    )


def test_console_shows_a_call_and_its_words(workshop):
    phone = Phone(workshop)
    phone.post("help/", {})
    phone.post("help/", {"words": "Which <of> the two?"})

    shown = console(workshop)
    assert "Table 1 asks for help." in shown
    assert "Which &lt;of&gt; the two?" in shown
    assert "Asks for help" in shown.partition('id="tables"')[2]


def test_phones_of_the_table_hear_that_the_facilitator_comes(workshop):
    phone, other = Phone(workshop), Phone(workshop, table=2)
    names = [f"table:{workshop.pk}:{number}" for number in (1, 2)]
    phone.post("help/", {})
    called = board.marks(names)
    call = HelpCall.objects.get()

    assert press(workshop, f"help-coming:{call.pk}").status_code == 200

    seen = board.marks(names)
    assert (seen[names[0]] == called[names[0]], seen[names[1]] == called[names[1]]) == (
        False,
        True,
    )
    coming = "The facilitator has seen it and is coming."
    assert [coming in board.render(name) for name in names] == [True, False]
    assert coming in phone.get().content.decode()
    assert coming not in other.get().content.decode()
    assert "You are going to Table 1." in console(workshop)


def test_who_has_no_table_hears_it_on_a_board_of_their_own(workshop):
    phone = Phone(workshop, table=None)
    phone.post("help/", {})
    name = f"seat:{workshop.pk}:{phone.who.pk}"
    before = board.marks([name])
    assert "without a table asks for help." in console(workshop)

    press(workshop, f"help-coming:{HelpCall.objects.get().pk}")

    assert board.marks([name]) != before
    assert "is coming" in board.render(name)
    assert "is coming" in phone.get().content.decode()


def test_a_call_that_is_done_or_withdrawn_is_shown_no_more(workshop):
    phone = Phone(workshop)
    phone.post("help/", {})
    done = f"help-done:{HelpCall.objects.get().pk}"
    assert press(workshop, done).status_code == 200
    assert press(workshop, done).status_code == 409
    phone.post("help/", {})
    phone.post("help/withdraw/", {})

    assert "asks for help" not in console(workshop)
    assert "data-call" not in phone.get().content.decode()


def test_an_observer_sees_a_call_and_answers_none(workshop):
    Phone(workshop).post("help/", {})
    call = HelpCall.objects.get()
    watches = account(builders.make_facilitator(workshop, role="observer"))

    answer = watches.post(
        f"/console/{workshop.slug}/do/", {"do": f"help-coming:{call.pk}"}
    )

    assert answer.status_code == 403
    call.refresh_from_db()
    assert call.seen_at is None
