import pytest

from deliberation.actions import merging, points
from deliberation.kinds import InvalidAnswer
from deliberation.models import Point, Screen
from tests import builders
from workshops.actions import joining, scribes

pytestmark = pytest.mark.django_db


def start(**fields):
    workshop = builders.make_workshop()
    prompt = builders.make_prompt(workshop, items=2, **fields)
    return builders.open_round(prompt), builders.join(workshop)


def add(this_round, who, **fields) -> Point:
    return points.add_point(
        **{
            "prompt": this_round.prompt,
            "this_round": this_round,
            "participant": who,
            "table": None,
            "kind": "point",
            "text": "Say consistent, not non-discriminatory",
            "items": [],
            "key": "once",
        }
        | fields
    )


def test_add_point_stores_it_once_per_key():
    this_round, who = start()
    item = this_round.prompt.items.first()

    first = add(this_round, who, items=[item])
    again = add(this_round, who, text="Something else")

    assert again == first
    stored = Point.objects.get()
    assert (stored.status, stored.voice, stored.table) == (
        "incoming",
        "people",
        who.table,
    )
    assert [one.key for one in stored.items.all()] == ["p1"]


def test_add_point_for_the_table_is_in_the_tables_voice():
    this_round, who = start()
    scribes.take_role(participant=who)

    stored = add(this_round, who, table=who.table)

    assert (stored.voice, stored.table) == ("tables", who.table)


def test_add_point_for_the_table_by_who_has_handed_over_is_what_was_stored_before():
    this_round, who = start()
    scribes.take_role(participant=who)
    stored = add(this_round, who, table=who.table)
    scribes.hand_over(table=who.table, to=None)

    again = add(this_round, who, table=who.table)

    assert (again.pk, again.repeated) == (stored.pk, True)


def test_add_point_again_after_a_merge_is_still_one():
    this_round, who = start()
    stored = add(this_round, who)
    keep = builders.join(this_round.workshop)
    merging.merge(keep=keep, drop=who)

    again = add(this_round, keep)

    assert (again.pk, again.repeated) == (stored.pk, True)


def test_add_point_for_the_table_is_the_scribes():
    this_round, who = start()

    with pytest.raises(scribes.NotScribe):
        add(this_round, who, table=who.table)

    assert Point.objects.count() == 0


def test_add_point_by_who_was_removed_is_refused():
    this_round, who = start()
    joining.remove(participant=who)

    with pytest.raises(joining.SeatGone):
        add(this_round, who)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"text": " \n "}, "text"),
        ({"text": "x" * 2001}, "text"),
        ({"kind": "rewording"}, "kind"),
        ({"kind": "nonsense"}, "kind"),
    ],
)
def test_add_point_refuses_with_a_message_at_the_field(fields, field):
    this_round, who = start()

    with pytest.raises(InvalidAnswer) as refusal:
        add(this_round, who, **fields)

    assert list(refusal.value.errors) == [field]
    assert Point.objects.count() == 0


def test_add_point_cleans_what_documents_cannot_hold():
    this_round, who = start()

    stored = add(this_round, who, text="soft\x0bbreak\r\nand\x00nul \ud800")

    assert stored.text == "soft break\nand nul"


def test_show_point_turns_the_screen_to_the_points():
    this_round, who = start()
    stored = add(this_round, who)

    points.set_status(point=stored, status="shown")

    screen = Screen.objects.get()
    assert (screen.showing, screen.round) == ("points", this_round)


def test_withdraw_stops_once_a_point_was_kept():
    this_round, who = start()
    stored = add(this_round, who)
    points.set_status(point=stored, status="kept")

    assert points.withdraw(point=stored) is False
    stored.refresh_from_db()
    assert stored.withdrawn_at is None
