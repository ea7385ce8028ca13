import datetime

import pytest

from deliberation.actions import editing, making, rounds
from deliberation.actions.remarks import add_remark
from deliberation.models import Item, Prompt, Scale
from tests import builders
from workshops.actions import templates
from workshops.models import Membership, Series, SessionTemplate, Workshop
from workshops.session_templates import loader
from workshops.session_templates.loader import library_files, parse
from workshops.session_templates.schema import Words

pytestmark = pytest.mark.django_db


def load(stem: str) -> SessionTemplate:
    [file] = [file for file in library_files() if file.stem == stem]
    template, _made = templates.load(file.read_bytes(), name=file.name)
    return template


def make_2006(**options) -> Workshop:
    return making.make_workshop(template=load("migration-development-2006"), **options)


def described(workshop: Workshop):
    return making.describe(workshop, key="k", version=7, title="T")


def as_given(tree: loader.TemplateFile) -> loader.TemplateFile:
    return tree.model_copy(update={"key": "k", "version": 7, "title": "T"})


@pytest.mark.parametrize("file", library_files(), ids=lambda file: file.stem)
def test_a_workshop_is_described_as_the_file_it_was_made_from(file):
    template, _made = templates.load(file.read_bytes(), name=file.name)

    workshop = making.make_workshop(template=template)

    assert described(workshop) == as_given(parse(file.read_bytes()))


def test_make_workshop_takes_what_is_given():
    owner = builders.make_facilitator()
    series = Series.objects.create(key="s", title="S")

    workshop = make_2006(
        title="Autumn",
        date=datetime.date(2026, 11, 7),
        place="London",
        tables=3,
        series=series,
        slug="autumn-day",
        owner=owner,
        is_rehearsal=True,
    )

    stored = Workshop.objects.get()
    assert stored == workshop
    assert (stored.slug, stored.title, str(stored.date), stored.place) == (
        "autumn-day",
        "Autumn",
        "2026-11-07",
        "London",
    )
    assert (stored.language, stored.attribution) == ("en-GB", "chatham-house")
    assert (stored.series, stored.is_rehearsal) == (series, True)
    assert str(stored.template) == "migration-development-2006@1"
    assert [table.number for table in stored.tables.all()] == [1, 2, 3]
    assert [(one.user, one.role) for one in stored.memberships.all()] == [
        (owner, Membership.Role.OWNER)
    ]


def test_make_workshop_takes_the_rest_from_the_template():
    workshop = make_2006()

    assert workshop.title == "Migration and development: policy and practice"
    assert workshop.slug == "migration-and-development-policy-and-practice"
    assert workshop.tables.count() == 4
    assert workshop.memberships.count() == 0


def test_make_workshop_gives_every_workshop_its_own_slug():
    slugs = [make_2006(title="A day").slug for _time in range(3)]

    assert slugs == ["a-day", "a-day-2", "a-day-3"]


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("日本", "workshop"),
        ("Ökonomie & Recht", "okonomie-recht"),
        ("x" * 200, "x" * 60),
    ],
)
def test_make_workshop_makes_a_slug_of_any_title(title, slug):
    assert make_2006(title=title).slug == slug


def test_make_workshop_refuses_a_slug_that_is_taken():
    make_2006(slug="day")

    with pytest.raises(making.SlugTaken):
        make_2006(slug="day")

    assert Workshop.objects.count() == 1


def test_make_workshop_values_points_as_the_file_or_by_position():
    make_2006()

    values = {
        scale.key: [(point.key, point.value) for point in scale.points.all()]
        for scale in Scale.objects.all()
    }
    assert values == {
        "three-way": [("unproblematic", 1), ("difficult", 2), ("inconsistent", 3)],
        "agree-5": [
            ("strongly-disagree", 1),
            ("disagree", 2),
            ("neither", 3),
            ("agree", 4),
            ("strongly-agree", 5),
        ],
    }


def test_make_workshop_copies_the_items_that_a_prompt_takes_over():
    make_2006()

    prompt = Prompt.objects.get(items_from__isnull=False)
    source = prompt.items_from
    assert source.key == "scenarios"
    assert [item.key for item in prompt.items.all()] == [
        item.key for item in source.items.all()
    ]
    assert not set(prompt.items.all()) & set(source.items.all())


def test_make_workshop_gives_every_prompt_a_criterion_and_every_item_a_wording():
    make_2006()

    keys = {
        prompt.key: [one.key for one in prompt.criteria.all()]
        for prompt in Prompt.objects.filter(key__in=["principles", "scenarios"])
    }
    assert keys == {"principles": [""], "scenarios": ["effective", "feasible"]}
    assert all(
        [wording.version for wording in item.wordings.all()] == [1]
        for item in Item.objects.all()
    )


def test_make_workshop_needs_no_more_queries_for_more_content(
    django_assert_max_num_queries,
):
    template = load("migration-development-2006")

    with django_assert_max_num_queries(25):
        making.make_workshop(template=template, tables=200)


def test_a_prompt_whose_items_went_another_way_is_described_with_its_own():
    workshop = make_2006()
    prompt = Prompt.objects.get(items_from__isnull=False)
    editing.reword_item(prompt.items.first(), text="Better put")

    [found] = [
        one
        for session in described(workshop).sessions
        for one in session.prompts
        if one.key == prompt.key
    ]

    assert found.items_from is None
    assert found.items[0].text == "Better put"
    assert len(found.items) == prompt.items.count()


def test_describe_tells_current_wordings_and_challenges_but_not_what_was_dropped():
    workshop = builders.make_workshop()
    prompt = builders.make_prompt(workshop)
    first, second, _third = prompt.items.all()
    this_round = rounds.open_round(prompt=prompt)
    editing.reword_item(first, text="Better put")
    editing.drop_item(second)
    rounds.close_round(round_id=this_round.pk)
    challenge = builders.make_prompt(
        workshop, kind="choose", key="challenge", items=2, is_challenge=True
    )

    [session] = described(workshop).sessions

    assert [item.text for item in session.prompts[0].items] == [
        "Better put",
        "Principle number 3",
    ]
    assert [one.key for one in session.prompts] == ["principles", challenge.key]


def test_save_as_template_makes_the_next_version_of_its_key():
    workshop = make_2006()
    owner = builders.make_facilitator()

    saved = [
        making.save_as_template(workshop, key="ours", title="Ours", user=owner)
        for _time in range(2)
    ]

    assert [str(template) for template in saved] == ["ours@1", "ours@2"]
    assert saved[0].loaded_by == owner
    found = templates.tree(saved[1])
    assert (found.key, found.version, found.title) == ("ours", 2, "Ours")
    assert found.sessions == templates.tree(workshop.template).sessions


def test_save_as_template_writes_down_whatever_was_typed():
    workshop = builders.make_workshop()
    prompt = builders.make_prompt(
        workshop, question='A\ttab, "quotes": \u202eturned\n\nand # more '
    )
    prompt.session.title = "Two\nlines"
    prompt.session.save()

    saved = making.save_as_template(workshop, key="k", title=" A\nB ", user=None)

    [session] = templates.tree(saved).sessions
    assert saved.title == "A B"
    assert session.title == "Two lines"
    assert session.prompts[0].question == 'A tab, "quotes": turned\n\nand # more'


def test_save_as_template_says_what_is_missing():
    workshop = builders.make_workshop()
    builders.make_prompt(workshop, items=0, question="Which one?")

    with pytest.raises(making.NotATemplate) as caught:
        making.save_as_template(workshop, key="k", title="T", user=None)

    assert caught.value.reasons == ["“Which one?” has no items yet."]
    assert SessionTemplate.objects.count() == 0


def test_save_as_template_of_an_empty_workshop_says_so():
    workshop = builders.make_workshop()
    workshop.sessions.all().delete()

    with pytest.raises(making.NotATemplate) as caught:
        making.save_as_template(workshop, key="k", title="T", user=None)

    assert caught.value.reasons == ["There is no session yet."]


def test_save_as_template_says_what_a_file_cannot_hold():
    workshop = builders.make_workshop()
    workshop.sessions.update(brief="<b>Bold</b>")

    with pytest.raises(making.NotATemplate) as caught:
        making.save_as_template(workshop, key="k", title="T", user=None)

    assert caught.value.reasons == [
        "write plain text with Markdown, no HTML such as '<b>'"
    ]


def test_the_rules_of_a_prompt_go_into_a_template_and_a_copy():
    workshop = builders.make_workshop()
    builders.make_prompt(workshop, kind="rank", key="order", rule="irv")
    builders.make_prompt(workshop, kind="rate", key="grade", word_agreed=80)

    copy = making.duplicate(workshop, owner=None)

    assert described(copy).sessions[0].prompts[0].rule == "irv"
    assert described(copy).sessions[0].prompts[1].words == Words(agreed=80)


def test_the_order_of_prompts_and_how_they_are_asked_again_are_copied():
    workshop = builders.make_workshop()
    first = builders.make_prompt(workshop, key="first")
    builders.make_prompt(workshop, key="second", after=first, again="mine")
    both = {"asks_tables": True, "shows_own_and_table": True}
    builders.make_prompt(workshop, key="third", **both)

    copy = making.duplicate(workshop, owner=None)

    found = [(one.after, one.again) for one in described(copy).sessions[0].prompts]
    assert found == [(None, "blank"), ("first", "mine"), (None, "blank")]
    told = [one.own_and_table for one in described(copy).sessions[0].prompts]
    assert told == [False, False, True]
    assert Prompt.objects.get(session__workshop=copy, key="second").after.key == "first"


def test_describe_leaves_out_an_order_that_moving_prompts_has_turned_round():
    workshop = builders.make_workshop()
    first = builders.make_prompt(workshop, key="first")
    second = builders.make_prompt(workshop, key="second", after=first)
    editing.reorder(workshop.sessions.get().prompts.all(), moved=second, by=-1)

    assert [one.after for one in described(workshop).sessions[0].prompts] == [None] * 2


def test_duplicate_asks_the_same_without_the_day():
    workshop = make_2006(title="Autumn", tables=3, place="London")
    workshop.seating = Workshop.Seating.BALANCED
    workshop.expected_people = 30
    workshop.save()
    session = workshop.sessions.first()
    session.starts_at = datetime.time(9, 30)
    session.save()
    add_remark(workshop=workshop, session=session, text="Agreed.")
    this_round = rounds.open_round(prompt=session.prompts.first())
    rounds.close_round(round_id=this_round.pk)
    owner = builders.make_facilitator()

    copy = making.duplicate(workshop, owner=owner)

    copy = Workshop.objects.get(pk=copy.pk)
    assert described(copy) == described(workshop)
    assert (copy.title, copy.slug) == ("Autumn (copy)", "autumn-copy")
    assert (copy.seating, copy.expected_people, copy.place) == (
        "balanced",
        30,
        "London",
    )
    assert copy.join_code != workshop.join_code
    assert copy.template == workshop.template
    assert copy.rounds.count() == 0
    first = copy.sessions.first()
    assert (str(first.starts_at), first.started_at) == ("09:30:00", None)
    assert list(copy.remarks.all()) == []
    assert [one.user for one in copy.memberships.all()] == [owner]
