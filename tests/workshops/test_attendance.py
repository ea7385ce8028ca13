import pytest

from tests import builders
from workshops.actions import attendance
from workshops.actions.attendance import Named, WrongLines
from workshops.models import Participant


def test_guests_are_read_from_lines_and_from_sheets():
    text = (
        "  Guest 1 ,  Office A,  second floor\r\n\r\nGuest 2\n"
        "Guest 3\tOffice B, and more\n"
    )

    assert attendance.read_guests(text) == [
        Named("Guest 1", "Office A, second floor"),
        Named("Guest 2", ""),
        Named("Guest 3", "Office B, and more"),
    ]


def test_lines_that_name_nobody_are_all_told():
    text = f"Guest 1\n, Office A\n{'x' * 121}\nGuest 2, {'x' * 161}"
    with pytest.raises(WrongLines) as caught:
        attendance.read_guests(text)
    assert caught.value.messages == [
        "Line 2: the name is missing.",
        "Line 3: the name is longer than 120 characters.",
        "Line 4: the organisation is longer than 160 characters.",
    ]

    for nothing, message in [
        (" \n\u200b", "Please write at least one name."),
        ("x\n" * 1001, "Please add at most 1000 at once."),
    ]:
        with pytest.raises(WrongLines) as caught:
            attendance.read_guests(nothing)
        assert caught.value.messages == [message]


@pytest.mark.django_db
def test_people_are_left_out_of_the_list_and_named_again():
    workshop = builders.make_workshop()
    first, second = builders.join(workshop), builders.join(workshop)

    assert attendance.set_listed(participants=[first], listed=False) == 1

    listed = Participant.objects.filter(listed=True)
    assert listed.get() == second
    attendance.set_listed(participants=[first, second], listed=True)
    assert listed.count() == 2
