import pytest

from deliberation.actions import editing, rounds
from deliberation.models import Item, Prompt, Wording
from tests import builders

pytestmark = pytest.mark.django_db


def make_prompt(**fields) -> Prompt:
    return builders.make_prompt(builders.make_workshop(), **fields)


def wordings(item: Item) -> list[tuple[int, str]]:
    return list(item.wordings.values_list("version", "text"))


def test_reword_item_before_the_day_changes_the_wording_itself():
    item = make_prompt().items.first()

    editing.reword_item(item, text="Better put")

    assert wordings(item) == [(1, "Better put")]


def test_reword_item_that_was_asked_makes_a_new_version_for_the_next_round():
    prompt = make_prompt()
    item = prompt.items.first()
    first = rounds.open_round(prompt=prompt)

    editing.reword_item(item, text="Better put")
    rounds.close_round(round_id=first.pk)
    second = rounds.open_round(prompt=prompt)

    assert wordings(item) == [(1, "Principle number 1"), (2, "Better put")]
    asked = [one.round_items.get(item=item).wording.version for one in (first, second)]
    assert asked == [1, 2]


def test_reword_item_with_the_same_words_changes_nothing():
    prompt = make_prompt()
    item = prompt.items.first()
    rounds.open_round(prompt=prompt)

    editing.reword_item(item, text="Principle number 1")

    assert wordings(item) == [(1, "Principle number 1")]


def test_save_prompt_gives_a_new_one_a_key_and_the_last_place():
    first = make_prompt(question="What now?")
    new = Prompt(session=first.session, kind="discuss", question="What now?")
    second = editing.save_prompt(new)
    third = editing.save_prompt(
        Prompt(session=first.session, kind="discuss", question="What now?")
    )

    assert [(one.key, one.position) for one in (second, third)] == [
        ("what-now", 2),
        ("what-now-2", 3),
    ]
    assert [one.key for one in second.criteria.all()] == [""]


def test_save_prompt_that_was_opened_keeps_its_meaning():
    prompt = make_prompt()
    rounds.open_round(prompt=prompt)
    prompt.question = "Something else?"

    with pytest.raises(editing.Locked):
        editing.save_prompt(prompt)

    prompt.refresh_from_db()
    prompt.guidance = "Take your time."
    assert editing.save_prompt(prompt).guidance == "Take your time."


def test_save_prompt_names_its_criteria():
    prompt = make_prompt(kind="rate")

    editing.save_prompt(prompt, criteria=["Effective", "Feasible"])

    named = [(one.key, one.label) for one in prompt.criteria.all()]
    assert named == [("effective", "Effective"), ("feasible", "Feasible")]


def test_drop_item_forgets_or_retires():
    prompt = make_prompt(items=2)
    never_asked, asked = prompt.items.all()
    editing.drop_item(never_asked)
    rounds.open_round(prompt=prompt)

    editing.drop_item(asked)

    left = [(one.key, one.retired_at is None) for one in prompt.items.all()]
    assert left == [("p2", False)]


def test_delete_prompt_stops_at_the_record():
    prompt = make_prompt()
    rounds.open_round(prompt=prompt)

    with pytest.raises(editing.Locked):
        editing.delete_prompt(prompt)


def test_delete_prompt_takes_items_and_wordings_along():
    prompt = make_prompt()

    editing.delete_prompt(prompt)

    assert (Prompt.objects.count(), Wording.objects.count()) == (0, 0)


def test_reorder_moves_one_place_and_stops_at_the_ends():
    prompt = make_prompt(items=3)
    _first, second, third = prompt.items.all()

    editing.reorder(prompt.items.all(), moved=third, by=-1)
    editing.reorder(prompt.items.all(), moved=third, by=1)
    second.refresh_from_db()
    editing.reorder(prompt.items.all(), moved=second, by=-1)
    second.refresh_from_db()
    editing.reorder(prompt.items.all(), moved=second, by=-1)

    assert list(prompt.items.values_list("key", flat=True)) == ["p2", "p1", "p3"]


def test_delete_session_stops_once_it_has_begun():
    prompt = make_prompt()
    rounds.go_to_session(session=prompt.session)
    prompt.session.refresh_from_db()

    with pytest.raises(editing.Locked):
        editing.delete_session(prompt.session)


def test_number_of_tables_grows_and_shrinks_to_where_people_sit():
    workshop = builders.make_workshop(tables=2)
    editing.set_number_of_tables(workshop, 5)
    builders.join(workshop, table=3)

    with pytest.raises(editing.Locked):
        editing.set_number_of_tables(workshop, 2)
    editing.set_number_of_tables(workshop, 3)

    assert list(workshop.tables.values_list("number", flat=True)) == [1, 2, 3]
