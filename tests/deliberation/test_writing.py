"""What is written is stored once, and nobody overwrites what they have not seen."""

import pytest

from deliberation.actions import writing
from deliberation.models import Decision, Passage, WriteUp
from tests import builders
from tests.together import at_the_same_time

pytestmark = pytest.mark.django_db


@pytest.fixture
def workshop():
    return builders.make_workshop()


def write(workshop, text, version=0, **fields) -> Passage:
    return writing.write(
        workshop=workshop, place="intro", text=text, version=version, **fields
    )


def stored() -> tuple[str, int, bool]:
    return Passage.objects.values_list("text", "version", "is_aside").get()


def test_a_text_goes_on_from_the_version_that_was_seen(workshop):
    first = write(workshop, "One")
    second = write(workshop, "Two", version=first.version)

    assert (first.version, second.version) == (1, 2)
    assert stored() == ("Two", 2, False)


def test_a_text_that_was_not_seen_is_not_overwritten(workshop):
    write(workshop, "One")

    with pytest.raises(writing.WrittenMeanwhile) as meanwhile:
        write(workshop, "Two", version=0)

    assert meanwhile.value.passage.text == "One"
    assert stored() == ("One", 1, False)


def test_the_same_text_sent_again_changes_nothing(workshop):
    for _sent in range(3):
        assert write(workshop, "One").version == 1


def test_a_text_stands_for_what_was_computed_when_it_was_begun(workshop):
    begun = write(workshop, "O", computed="Two of three.", digest="a" * 64)
    write(workshop, "One", begun.version, computed="All three.", digest="b" * 64)

    passage = Passage.objects.get()
    assert (passage.computed, passage.computed_text) == ("a" * 64, "Two of three.")


def test_going_back_keeps_the_text_to_be_taken_up_again(workshop):
    where = {"workshop": workshop, "place": "intro"}
    written = write(workshop, "One", computed="Two of three.", digest="a" * 64)

    aside = writing.put_aside(**where, version=written.version)
    assert stored() == ("One", 2, True)
    again = {"computed": "All three.", "digest": "b" * 64}
    writing.stand_by(**where, version=aside.version, **again)

    assert stored() == ("One", 3, False)
    assert Passage.objects.get().computed_text == "All three."


def test_going_back_twice_is_going_back_once(workshop):
    where = {"workshop": workshop, "place": "intro"}
    write(workshop, "One")
    writing.put_aside(**where, version=1)

    assert writing.put_aside(**where, version=1).version == 2
    assert writing.put_aside(workshop=workshop, place="nowhere", version=0) is None


def test_going_back_from_what_was_not_seen_is_refused(workshop):
    write(workshop, "Two", version=write(workshop, "One").version)

    with pytest.raises(writing.WrittenMeanwhile):
        writing.put_aside(workshop=workshop, place="intro", version=1)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_begin_at_once_one_is_told_of_the_other(workshop):
    def begin(text: str) -> str:
        try:
            return write(workshop, text).text
        except writing.WrittenMeanwhile as meanwhile:
            return f"after {meanwhile.passage.text}"

    found = at_the_same_time(lambda: begin("One"), lambda: begin("Two"))

    assert sorted(found) in (["One", "after One"], ["Two", "after Two"])
    assert WriteUp.objects.count() == Passage.objects.count() == 1


def test_a_record_is_decided_on_once_and_the_decision_taken_back(workshop):
    record = {"workshop": workshop, "record": "point:1"}
    writing.leave_out(**record, reason="said elsewhere")
    writing.put_in(**record)

    decision = Decision.objects.get()
    assert (decision.put_in, decision.reason) == (True, "")
    writing.decide_nothing(**record)
    assert Decision.objects.count() == 0
