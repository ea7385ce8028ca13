import pytest

from deliberation.actions import merging, points
from deliberation.models import Response
from deliberation.results import round_results
from tests import builders
from workshops.models import Device, Participant

pytestmark = pytest.mark.django_db


def test_merge_gives_answers_devices_and_the_table_to_the_seat_that_stays():
    workshop = builders.make_workshop()
    this_round = builders.open_round(builders.make_prompt(workshop, items=1))
    keep = builders.join(workshop, table=None, token="old phone")
    drop = builders.join(workshop, table=2, token="new phone")
    builders.judge(this_round, drop, {"p1": 3})

    merging.merge(keep=keep, drop=drop)

    keep.refresh_from_db()
    assert keep.table.number == 2
    assert Device.objects.filter(participant=keep).count() == 2
    assert Response.objects.get().participant == keep
    assert Participant.objects.present().get() == keep
    people = round_results(this_round)["voices"]["people"]
    assert (people["present"], people["responded"]) == (1, 1)


def test_merge_counts_the_answer_of_the_seat_that_stays_where_both_answered():
    workshop = builders.make_workshop()
    this_round = builders.open_round(builders.make_prompt(workshop, items=1))
    keep, drop = builders.join(workshop), builders.join(workshop)
    builders.judge(this_round, keep, {"p1": 1})
    builders.judge(this_round, drop, {"p1": 3})

    merging.merge(keep=keep, drop=drop)

    item = round_results(this_round)["voices"]["people"]["items"][0]
    assert item["counts"] == {"unproblematic": 1, "difficult": 0, "inconsistent": 0}
    assert Response.objects.count() == 2


def test_merge_takes_two_seats_of_one_workshop():
    workshop = builders.make_workshop()
    who = builders.join(workshop)
    elsewhere = builders.join(builders.make_workshop(slug="other"))

    for drop in (who, elsewhere):
        with pytest.raises(ValueError, match="two seats"):
            merging.merge(keep=who, drop=drop)


def test_merge_keeps_a_point_sent_again_one_after_two_merges():
    workshop = builders.make_workshop()
    prompt = builders.make_prompt(workshop)
    this_round = builders.open_round(prompt)
    first, second, third = (builders.join(workshop) for _seat in range(3))
    sent = {"prompt": prompt, "this_round": this_round, "table": None}
    sent |= {"kind": "point", "text": "A point", "items": [], "key": "once"}
    points.add_point(participant=first, **sent)

    merging.merge(keep=second, drop=first)
    merging.merge(keep=third, drop=second)

    assert points.add_point(participant=third, **sent).repeated
    assert set(Participant.objects.filter(merged_into=third)) == {first, second}
