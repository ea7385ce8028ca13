import pytest

from deliberation.models import Answer, Response
from tests import builders
from workshops.actions import joining

pytestmark = pytest.mark.django_db


@pytest.fixture
def this_round():
    workshop = builders.make_workshop(tables=1)
    return builders.open_round(builders.make_prompt(workshop, asks_tables=True))


def test_who_was_removed_does_not_count(this_round):
    stays, goes = (builders.join(this_round.workshop) for _person in range(2))
    for who in (stays, goes):
        builders.judge(this_round, who, {"p1": 1})
    joining.remove(participant=goes)

    assert [one.participant for one in Response.objects.counted()] == [stays]
    answers = Answer.objects.counted_in(this_round, "people")
    assert [one.response.participant for one in answers] == [stays]


def test_what_is_not_stored_yet_does_not_count(this_round):
    who = builders.join(this_round.workshop)
    builders.judge(this_round, who, {"p1": 1})
    Response.objects.update(version=0)

    assert not Response.objects.counted().exists()
    assert not Answer.objects.counted().exists()


def test_voices_are_counted_apart(this_round):
    scribe = builders.scribe_of(this_round.workshop)
    builders.judge(this_round, scribe, {"p1": 1})
    table = {"voice": "tables", "table": scribe.table}
    builders.judge(this_round, scribe, {"p1": 2, "p2": 3}, **table)

    found = {
        voice: sorted(
            Answer.objects.counted_in(this_round, voice).values_list("value", flat=True)
        )
        for voice in ("people", "tables")
    }
    assert found == {"people": [1], "tables": [2, 3]}
