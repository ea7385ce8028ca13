import pytest
from django.urls import reverse

from deliberation.actions import points, rounds
from deliberation.results import workshop_results
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def workshop(client):
    workshop = builders.make_workshop()
    client.force_login(builders.make_facilitator(workshop))
    return workshop


def get(client, name: str, workshop, **query):
    return client.get(reverse(f"console:{name}", args=[workshop.slug]), query)


def add_point(prompt, who, text: str, *, status="incoming", items=(), kind="point"):
    point = points.add_point(
        prompt=prompt,
        this_round=None,
        participant=who,
        table=None,
        kind=kind,
        text=text,
        items=items,
        key=text,
    )
    if status != "incoming":
        points.set_status(point=point, status=status)
    return point


def test_results_say_what_comes_before_the_first_question(client, workshop):
    assert b"Nothing has been asked yet" in get(client, "results", workshop).content


def test_results_have_every_round_with_its_turnout(client, workshop):
    prompt = builders.make_prompt(workshop, asks_tables=True)
    who = builders.join(workshop)
    for _number in (1, 2):
        this_round = builders.open_round(prompt)
        builders.judge(this_round, who, {"p1": 1})
        rounds.close_round(round_id=this_round.pk)

    answer = get(client, "results", workshop)

    (session,) = answer.context["sessions"]
    (asked,) = session["prompts"]
    assert [entry["turnout"] for entry in asked["rounds"]] == [
        ["1 of 1 person", "0 of 4 tables"],
        ["1 of 1 person", "0 of 4 tables"],
    ]
    views = [figure["view"] for figure in asked["rounds"][0]["figures"]]
    assert views == ["tables", "people", "by-table", "spread"]


@pytest.mark.parametrize(
    ("kind", "criteria"),
    [
        ("rate", ("effect", "cost")),
        ("choose", ()),
        ("approve", ()),
        ("rank", ()),
        ("allocate", ()),
    ],
)
def test_results_draw_every_kind(client, workshop, kind, criteria):
    builders.open_round(
        builders.make_prompt(workshop, kind=kind, criteria=criteria, asks_tables=True)
    )

    assert b"Principle number 3" in get(client, "results", workshop).content


def test_results_list_points_that_are_not_parked(client, workshop):
    prompt = builders.make_prompt(workshop)
    builders.open_round(prompt)
    who = builders.join(workshop)
    add_point(prompt, who, "A kept one", status="kept")
    add_point(prompt, who, "A parked one", status="parked")

    html = get(client, "results", workshop).content.decode()

    assert ("A kept one" in html, "A parked one" in html) == (True, False)


def test_data_is_the_results_file(client, workshop):
    this_round = builders.open_round(builders.make_prompt(workshop))
    builders.judge(this_round, builders.join(workshop), {"p1": 1})

    answer = get(client, "data", workshop)

    assert answer.json() == workshop_results(workshop)
    assert answer["Content-Disposition"] == 'attachment; filename="day-results.json"'


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["second", "first"]),
        ({"status": "kept"}, ["second"]),
        ({"status": "nonsense"}, []),
        ({"kind": "dissent"}, ["first"]),
        ({"item": "p1"}, ["first"]),
        ({"item": "x"}, []),
        ({"prompt": "prompt"}, ["second", "first"]),
        ({"prompt": "9" * 40}, []),
    ],
)
def test_points_are_filtered(client, workshop, query, found):
    prompt = builders.make_prompt(workshop)
    who = builders.join(workshop)
    item = prompt.items.get(key="p1")
    add_point(prompt, who, "first", items=[item], kind="dissent")
    add_point(prompt, who, "second", status="kept")
    known = {"p1": item.pk, "prompt": prompt.pk}
    query = {name: known.get(value, value) for name, value in query.items()}

    answer = get(client, "points", workshop, **query)

    assert [card["text"] for card in answer.context["points"]] == found


def test_points_takes_the_same_queries_for_any_number(
    client, workshop, django_assert_num_queries, django_assert_max_num_queries
):
    prompt = builders.make_prompt(workshop)
    who = builders.join(workshop)
    items = list(prompt.items.all())
    add_point(prompt, who, "one", items=items[:1])
    with django_assert_max_num_queries(14) as counted:
        get(client, "points", workshop)
    for number in range(7):
        add_point(prompt, who, f"more {number}", items=items)

    with django_assert_num_queries(len(counted)):
        get(client, "points", workshop)


@pytest.mark.parametrize(
    ("name", "file", "begins"),
    [
        ("book", "day-results.xlsx", b"PK"),
        ("answers_file", "day-answers.csv", b"prompt,round,voice,table,respondent,"),
        ("points_file", "day-points.csv", b"prompt,round,voice,table,respondent,"),
        ("themes_file", "day-themes.csv", b"prompt,item,theme,all,table 1,"),
    ],
)
def test_files_are_named_after_the_workshop(client, workshop, name, file, begins):
    builders.open_round(builders.make_prompt(workshop))

    answer = get(client, name, workshop)

    assert answer["Content-Disposition"] == f'attachment; filename="{file}"'
    assert answer.content.startswith(begins)


def test_names_page_says_what_stands_in_the_files(client, workshop):
    html = get(client, "names", workshop).content.decode()

    assert "<code>agreement</code>" in html
    assert "van der Eijk 2001" in html
