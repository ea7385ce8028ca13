import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from deliberation.actions import points, rounds
from deliberation.models import Point
from tests import builders
from workshops.models import Badge, Organisation

pytestmark = pytest.mark.django_db

WITHHELD = "1 figure is withheld: too few answered, or all alike."


@pytest.fixture
def workshop(client):
    workshop = builders.make_workshop(tables=2, attribution="organisation")
    client.force_login(builders.make_facilitator(workshop))
    return workshop


def look(client, prompt, **chosen):
    """Open the page of a prompt and return what its template is given."""
    path = [prompt.session.workshop.slug, prompt.session.key, prompt.key]
    answer = client.get(reverse("console:explore", args=path), chosen)
    assert answer.status_code == 200
    return answer.context


def ask(prompt, answers, *, reasons=None):
    """Have people answer: (table, organisation) and values each, in a closed round."""
    workshop = prompt.session.workshop
    this_round = builders.open_round(prompt)
    for (table, name), values in answers:
        who = builders.join(workshop, table=table)
        organisation, _ = Organisation.objects.get_or_create(
            workshop=workshop, name=name
        )
        Badge.objects.create(participant=who, organisation=organisation)
        reason = (reasons or {}).get(name, "")
        builders.judge(this_round, who, values, reason=reason)
    rounds.close_round(round_id=this_round.pk)
    return this_round


def people(table, name, *values):
    return [((table, name), one) for one in values]


def drawn(panel):
    """Return the items of a panel's first picture with how many answered each."""
    rows = panel["figures"][0]["picture"]["rows"]
    return [(row["number"], row["n"]) for row in rows]


def test_explore_shows_everybody_under_what_they_say(client, workshop):
    prompt = builders.make_prompt(workshop, items=2)
    ask(prompt, people(1, "DFID", *[{"p1": 1, "p2": n} for n in (1, 2, 2, 3, 3)]))

    found = look(client, prompt)

    (panel,) = found["panels"]
    assert panel["heading"] == "Principle number 1: unproblematic for all 5"
    assert panel["basis"] == "5 of 5 people answered"
    views = [figure["view"] for figure in panel["figures"]]
    assert views == ["people", "by-table", "spread"]
    names = [field["name"] for field in found["fields"]]
    assert names == ["table", "organisation", "order"]


def test_explore_narrows_down_to_a_table(client, workshop):
    prompt = builders.make_prompt(workshop, items=1)
    ask(prompt, people(1, "A", *[{"p1": 1}] * 3) + people(2, "A", *[{"p1": 2}] * 4))

    (panel,) = look(client, prompt, table="2")["panels"]

    assert panel["basis"] == "Table 2: 4 people answered"
    assert drawn(panel) == [("1", 4)]
    assert [figure["view"] for figure in panel["figures"]] == ["people"]


def test_explore_draws_the_spread_at_each_table(client, workshop):
    prompt = builders.make_prompt(workshop, items=1)
    ask(prompt, people(1, "A", *[{"p1": 1}] * 3) + people(2, "A", {"p1": 2}, {"p1": 3}))

    (panel,) = look(client, prompt)["panels"]

    spread = panel["figures"][-1]
    assert (spread["view"], spread["is_drawn"]) == ("spread", True)
    (row,) = spread["picture"]["rows"]
    assert [one["bar"]["label"] for one in row["panels"]] == [
        "3 Unproblematic",
        "1 Difficult to deliver, 1 Inconsistent",
    ]
    (at_one,) = look(client, prompt, table="1")["panels"]
    assert "spread" not in [figure["view"] for figure in at_one["figures"]]


@pytest.mark.parametrize(
    ("kind", "value", "label"),
    [
        ("choose", 1, "3 Chosen"),
        ("rank", 1, "3 First choices"),
        ("allocate", 40, "120 Points, 180 The rest"),
        ("rate", 5, "3 Agree 5"),
    ],
)
def test_every_kind_has_its_spread_at_each_table(client, workshop, kind, value, label):
    prompt = builders.make_prompt(workshop, kind=kind, items=1)
    ask(prompt, people(1, "A", *[{"p1": value}] * 3))

    (panel,) = look(client, prompt)["panels"]

    (row,) = panel["figures"][-1]["picture"]["rows"]
    first, other = row["panels"]
    assert first["bar"]["label"] == label
    assert (other["bar"], other["words"]) == (None, "No answers")


def test_the_spread_of_small_tables_is_withheld_where_the_rule_names_nobody(client):
    workshop = builders.make_workshop(tables=2, attribution="chatham-house")
    client.force_login(builders.make_facilitator(workshop))
    prompt = builders.make_prompt(workshop, items=1)
    ask(prompt, people(1, "A", *[{"p1": 1}] * 3) + people(2, "A", {"p1": 2}))

    (panel,) = look(client, prompt)["panels"]

    (row,) = panel["figures"][-1]["picture"]["rows"]
    assert [one["words"] for one in row["panels"]] == ["Too few to show"] * 2


def test_many_tables_have_no_spread_each(client):
    workshop = builders.make_workshop(tables=13)
    client.force_login(builders.make_facilitator(workshop))
    prompt = builders.make_prompt(workshop, items=1)
    ask(prompt, people(1, "A", {"p1": 1}))

    (panel,) = look(client, prompt)["panels"]

    assert "spread" not in [figure["view"] for figure in panel["figures"]]


def test_explore_shows_an_organisation_as_far_as_it_gives_nobody_away(client, workshop):
    prompt = builders.make_prompt(workshop, items=1)
    six = people(1, "Six", *[{"p1": n} for n in (1, 1, 1, 2, 2, 3)])
    seven = people(1, "Seven", *[{"p1": n} for n in (1, 1, 2, 2, 2, 3, 3)])
    few = people(2, "Few", {"p1": 1}, {"p1": 2})
    less = people(2, "Fewer", {"p1": 1}, {"p1": 3}, {"p1": 3})
    ask(prompt, six + seven + few + less)

    (shown,) = look(client, prompt, organisation="Seven")["panels"]
    (held,) = look(client, prompt, organisation="Few")["panels"]

    assert (drawn(shown), shown["note"]) == ([("1", 7)], "")
    assert (drawn(held), held["note"]) == ([("1", 0)], WITHHELD)
    assert held["heading"] == ""


@pytest.mark.parametrize("attribution", ["chatham-house", "anonymous"])
def test_explore_has_no_organisations_where_the_rule_names_none(client, attribution):
    workshop = builders.make_workshop(attribution=attribution)
    client.force_login(builders.make_facilitator(workshop))
    prompt = builders.make_prompt(workshop, items=1)
    ask(prompt, people(1, "DFID", *[{"p1": 1}, {"p1": 2}]))

    found = look(client, prompt, organisation="DFID")

    assert "organisation" not in [field["name"] for field in found["fields"]]
    assert found["panels"][0]["basis"] == "2 of 2 people answered"


def test_explore_withholds_a_small_table_where_the_rule_names_nobody(client):
    workshop = builders.make_workshop(attribution="chatham-house")
    client.force_login(builders.make_facilitator(workshop))
    prompt = builders.make_prompt(workshop, items=1)
    ask(prompt, people(1, "", {"p1": 1}, {"p1": 2}) + people(2, "", *[{"p1": 1}] * 3))

    (panel,) = look(client, prompt, table="1")["panels"]

    assert (drawn(panel), panel["note"]) == ([("1", 0)], WITHHELD)


@pytest.mark.parametrize(
    ("order", "numbers"),
    [
        ("items", ["1", "2", "3"]),
        ("support", ["3", "1", "2"]),
        ("divided", ["1", "2", "3"]),
    ],
)
def test_explore_sorts(client, workshop, order, numbers):
    prompt = builders.make_prompt(workshop, kind="rate", items=3)
    values = [(1, 1, 5), (5, 1, 5), (5, 2, 5), (1, 1, 5), (5, 2, 4)]
    judged = [dict(zip(("p1", "p2", "p3"), one, strict=True)) for one in values]
    ask(prompt, people(1, "A", *judged))

    (panel,) = look(client, prompt, order=order)["panels"]

    assert [number for number, _n in drawn(panel)] == numbers


def test_explore_looks_at_one_round_voice_and_respect(client, workshop):
    prompt = builders.make_prompt(
        workshop, kind="rate", items=1, criteria=("effect", "cost"), asks_tables=True
    )
    first = ask(prompt, people(1, "A", {"p1.effect": 1, "p1.cost": 5}))
    ask(prompt, people(1, "A", {"p1.effect": 2}))

    (last,) = look(client, prompt)["panels"]
    found = look(client, prompt, round="1", criterion="cost")
    tables = look(client, prompt, voice="tables", table="1")["panels"][0]

    assert last["round"].number == 2
    assert found["panels"][0]["round"] == first
    captions = [figure["caption"] for figure in found["panels"][0]["figures"]]
    assert captions == ["", "", ""]  # there is only one
    assert {figure["view"] for figure in tables["figures"]} == {"plane", "tables"}
    assert tables["basis"] == "0 of 2 tables answered"


def test_explore_compares_two_prompts(client, workshop):
    prompt = builders.make_prompt(workshop, items=1)
    other = builders.make_prompt(workshop, kind="choose", key="pick", items=2)
    builders.make_prompt(workshop, key="not-asked")
    ask(prompt, people(1, "A", {"p1": 1}))
    ask(other, people(1, "A", {"p1": 1, "p2": 0}))

    found = look(client, prompt, beside="framework/pick")

    assert [panel["prompt"] for panel in found["panels"]] == [prompt, other]
    (beside,) = [field for field in found["fields"] if field["name"] == "beside"]
    assert [value for value, _name in beside["options"]] == ["framework/pick"]


def test_explore_opens_what_was_written_about_an_item(client, workshop):
    prompt = builders.make_prompt(workshop, items=2, reasons="optional")
    this_round = ask(prompt, people(1, "A", {"p1": 1}), reasons={"A": "A good reason"})
    who = workshop.participants.get()
    for text, about in (("About the first", "p1"), ("Of the second", "p2")):
        points.add_point(
            prompt=prompt,
            this_round=this_round,
            participant=who,
            table=None,
            kind=Point.Kind.POINT,
            text=text,
            items=list(prompt.items.filter(key=about)),
            key=text,
        )

    found = look(client, prompt, item="p1")

    assert [
        (item["key"], item["points"], item["reasons"], item["open"])
        for item in found["behind"]
    ] == [("p1", 1, 1, True), ("p2", 1, 0, False)]
    assert [card["text"] for card in found["texts"]] == [
        "A good reason",
        "About the first",
    ]


def test_explore_takes_a_choice_that_does_not_exist_as_none(client, workshop):
    prompt = builders.make_prompt(workshop, items=1)
    ask(prompt, people(1, "A", {"p1": 1}))
    nonsense = dict.fromkeys(
        ["round", "voice", "table", "organisation", "criterion", "order", "beside"],
        "none 9999999999999999999999",
    )

    found = look(client, prompt, item="<p>", **nonsense)

    assert found["panels"][0]["basis"] == "1 of 1 person answered"
    assert (found["choice"].item, found["choice"].order) == ("", "items")


def test_explore_answers_a_script_with_what_it_changes(client, workshop):
    prompt = builders.make_prompt(workshop, items=1)
    ask(prompt, people(1, "A", {"p1": 1}))
    address = f"/console/{workshop.slug}/results/framework/principles/"

    whole = client.get(address).content.decode()
    part = client.get(address, headers={"HX-Request": "true"}).content.decode()

    assert "<h1>" in whole
    assert "<h1>" not in part
    assert part.strip() in whole


@pytest.mark.parametrize("key", ["nothing", "talk"])
def test_explore_is_only_for_what_was_asked_with_items(client, workshop, key):
    talk = builders.make_prompt(workshop, kind="discuss", key="talk", items=1)
    rounds.close_round(round_id=builders.open_round(talk).pk)

    answer = client.get(f"/console/{workshop.slug}/results/framework/{key}/")

    assert answer.status_code == 404


def test_results_lead_to_tables_that_the_page_has_no_room_for(client):
    workshop = builders.make_workshop(tables=21)
    client.force_login(builders.make_facilitator(workshop))
    prompt = builders.make_prompt(workshop, items=1)
    ask(prompt, people(1, "", {"p1": 1}))

    html = client.get(f"/console/{workshop.slug}/results/").content.decode()

    assert "Table 21" not in html
    assert "/results/framework/principles/?round=1" in html


def test_tables_are_said_to_differ_or_to_be_split(client):
    workshop = builders.make_workshop(tables=4)
    client.force_login(builders.make_facilitator(workshop))
    prompt = builders.make_prompt(workshop, kind="rate", items=2)
    answers = [
        ((table, ""), {"p1": 5 if table % 2 else 1, "p2": value})
        for table in (1, 2, 3, 4)
        for value in (1, 1, 1, 5, 5, 5)
    ]
    ask(prompt, answers)
    address = f"/console/{workshop.slug}/results/framework/principles/tables/"

    found = client.get(address).context["differences"]
    part = client.get(address, headers={"HX-Request": "true"}).content.decode()

    assert [(one["number"], one["said"]) for one in found] == [
        ("1", "Tables agree inside, and differ from each other."),
        ("2", "Each table is split, in much the same way."),
    ]
    assert "<h1>" not in part
    assert "Each table is split" in part


def test_nothing_is_said_of_two_tables(client, workshop):
    prompt = builders.make_prompt(workshop, items=1)
    ask(prompt, people(1, "A", *[{"p1": 1}] * 9) + people(2, "A", *[{"p1": 2}] * 9))
    address = f"/console/{workshop.slug}/results/framework/principles/tables/"

    html = client.get(address).content.decode()

    assert "The answers do not say" in html


@pytest.mark.parametrize(
    ("kind", "begins", "type_"),
    [("png", b"\x89PNG", "image/png"), ("svg", b"<svg", "image/svg+xml")],
)
def test_a_picture_is_a_file_with_what_it_finds(client, workshop, kind, begins, type_):
    prompt = builders.make_prompt(workshop, items=1)
    for _round in range(2):
        ask(prompt, people(1, "A", *[{"p1": 1}] * 5))
    address = f"/console/{workshop.slug}/results/framework/principles/picture.{kind}"

    chart = client.get(address, {"figure": "a-people", "table": "1"})
    gone = client.get(address, {"figure": "a-tables"})

    assert chart["Content-Type"] == type_
    assert chart["Content-Disposition"] == (
        f'attachment; filename="day-principles.{kind}"'
    )
    assert begins in chart.content[:200]
    if kind == "svg":
        assert "Principle number 1: unproblematic for all 5" in chart.content.decode()
    assert gone.status_code == 404


@pytest.mark.parametrize("kind", ["rank", "allocate"])
@pytest.mark.parametrize("tables", [2, 21])
def test_places_and_points_are_pictures_and_tables(client, kind, tables):
    workshop = builders.make_workshop(tables=tables)
    client.force_login(builders.make_facilitator(workshop))
    prompt = builders.make_prompt(workshop, kind=kind, reasons="optional")
    sheets = [{"p1": 2, "p2": 1, "p3": 3}] * 4 + [{"p1": 1, "p2": 2, "p3": 0}] * 2
    ask(prompt, people(1, "A", *sheets))
    address = f"/console/{workshop.slug}/results/framework/principles/"

    page = client.get(address, {"order": "support"})
    (panel,) = page.context["panels"]
    drawn = [
        client.get(f"{address}picture.svg", {"figure": figure["picture"]["id"]})
        for figure in panel["figures"]
    ]

    closely = ["places", "duels"] if kind == "rank" else []
    views = [figure["view"] for figure in panel["figures"]]
    spread = ["spread"] if tables == 2 else []
    assert views == ["people", *closely, "by-table", *spread]
    first = panel["figures"][0]["picture"]["rows"][0]["number"]
    assert first == ("2" if kind == "rank" else "3")
    assert {answer.status_code for answer in drawn} == {200}
    beside = "Mean place" if kind == "rank" else "Given by"
    assert beside in drawn[0].content.decode()


def own_beside_table(workshop, people):
    """Have the people of each table and the table itself answer one item."""
    prompt = builders.make_prompt(workshop, items=1, asks_tables=True)
    this_round = builders.open_round(prompt)
    for table, values in people.items():
        for value in values:
            who = builders.join(workshop, table=table)
            builders.judge(this_round, who, {"p1": value})
        seat = workshop.tables.get(number=table)
        builders.judge(this_round, who, {"p1": 1}, voice="tables", table=seat)
    rounds.close_round(round_id=this_round.pk)
    return prompt


def bars_of(figure):
    return [
        [panel["words"] or panel["n"] for panel in row["panels"]]
        for row in figure["picture"]["rows"]
    ]


def test_explore_sets_own_answers_beside_those_of_the_table(client, workshop):
    prompt = own_beside_table(workshop, {1: [1, 1, 2, 2, 3], 2: [1] * 4})

    found = look(client, prompt)

    [figure] = found["own_and_table"]
    [[first, second]] = bars_of(figure)
    assert (first, second) == (5, "Too few to show")
    assert figure["picture"]["caption"] == "Answered as their table did"
    assert look(client, prompt, voice="people", table="1")["own_and_table"] == []
    path = [workshop.slug, prompt.session.key, prompt.key, "svg"]
    picture = client.get(reverse("console:picture", args=path), {"figure": "gap"})
    assert picture["Content-Type"].startswith("image/svg")


def test_own_beside_table_tells_nothing_of_a_table_that_is_withheld(client):
    workshop = builders.make_workshop(tables=3, attribution="chatham-house")
    client.force_login(builders.make_facilitator(workshop))
    values = {1: [1, 2] * 4, 2: [1, 2, 2, 2, 2], 3: [1, 2]}  # 2 hides what 3 said

    found = look(client, own_beside_table(workshop, values))

    [figure] = found["own_and_table"]
    assert bars_of(figure) == [[8, "Too few to show", "Too few to show"]]


def test_a_picture_of_what_moved_is_a_file_too(client, workshop):
    prompt = builders.make_prompt(workshop, items=1)
    first = builders.open_round(prompt)
    everybody = [builders.join(workshop) for _number in range(5)]
    for who in everybody:
        builders.judge(first, who, {"p1": 1})
    rounds.close_round(round_id=first.pk)
    second = builders.open_round(prompt)
    for who in everybody:
        builders.judge(second, who, {"p1": 2})
    rounds.close_round(round_id=second.pk)
    address = f"/console/{workshop.slug}/results/framework/principles/picture.svg"

    answer = client.get(address, {"figure": "m-people-moves"})

    assert "5 of 5" in answer.content.decode()


def test_rankings_are_read_closely(client, workshop):
    prompt = builders.make_prompt(workshop, kind="rank", items=3)
    order = {"p1": 1, "p2": 2, "p3": 3}
    ask(prompt, people(1, "A", *[order] * 5))

    (panel,) = look(client, prompt, order="support")["panels"]

    views = [figure["view"] for figure in panel["figures"]]
    assert views == ["people", "places", "duels", "by-table", "spread"]
    assert [row["mean"] for row in panel["figures"][1]["picture"]["rows"]] == [
        "1.0",
        "2.0",
        "3.0",
    ]


@pytest.mark.parametrize("kind", ["rank", "allocate"])
def test_what_is_withheld_of_an_organisation_is_withheld_everywhere(
    client, workshop, kind
):
    prompt = builders.make_prompt(workshop, kind=kind, items=2)
    few = people(1, "Few", {"p1": 1, "p2": 2}, {"p1": 2, "p2": 1})
    many = people(2, "Many", *[{"p1": 1, "p2": 2}, {"p1": 2, "p2": 1}] * 4)
    ask(prompt, few + many)

    (panel,) = look(client, prompt, organisation="Few")["panels"]

    assert panel["heading"] == ""
    assert [figure["view"] for figure in panel["figures"]] == ["people"]
    assert panel["note"] == "2 figures are withheld: too few answered, or all alike."
    assert drawn(panel) == [("1", 0), ("2", 0)]


def test_texts_at_a_table_are_not_told_where_the_rule_names_nobody(client):
    workshop = builders.make_workshop(attribution="chatham-house")
    client.force_login(builders.make_facilitator(workshop))
    prompt = builders.make_prompt(workshop, items=1, reasons="optional")
    this_round = ask(
        prompt, people(1, "A", *[{"p1": 1}] * 4), reasons={"A": "A good reason"}
    )
    scribe = builders.scribe_of(workshop)
    for table in (None, scribe.table):
        points.add_point(
            prompt=prompt,
            this_round=this_round,
            participant=scribe,
            table=table,
            kind=Point.Kind.POINT,
            text="Said by a table" if table else "Said by a person",
            items=list(prompt.items.all()),
            key=f"key-{table}",
        )

    everybody = look(client, prompt, item="p1")["texts"]
    at_table = look(client, prompt, item="p1", table="1")["texts"]

    assert len(everybody) == 6
    assert [card["text"] for card in at_table] == ["Said by a table"]


def test_texts_are_not_told_by_organisation(client, workshop):
    prompt = builders.make_prompt(workshop, items=1, reasons="optional")
    ask(prompt, people(1, "A", *[{"p1": 1}] * 2), reasons={"A": "A good reason"})

    found = look(client, prompt, item="p1", organisation="A")

    assert (found["behind"], found["texts"]) == ([], [])
    assert found["panels"][0]["basis"] == "A"  # not even how many there are


def test_rules_are_set_side_by_side_where_they_disagree(client, workshop):
    prompt = builders.make_prompt(workshop, kind="rank", items=3, rule="borda")
    ask(
        prompt,
        people(1, "A", *[{"p1": 1, "p2": 2, "p3": 3}] * 4)
        + people(1, "A", *[{"p2": 1, "p3": 2, "p1": 3}] * 3)
        + people(1, "A", *[{"p3": 1, "p2": 2, "p1": 3}] * 2),
    )

    (panel,) = look(client, prompt)["panels"]

    assert [one["winners"] for one in panel["rules"]] == [
        "1 Principle number 1",
        "2 Principle number 2",
        "2 Principle number 2",
        "2 Principle number 2",
        "2 Principle number 2",
    ]
    assert [one["is_announced"] for one in panel["rules"]] == [0, 1, 0, 0, 0]
    order = {"p1": 1, "p2": 2, "p3": 3}
    other = builders.make_prompt(workshop, kind="rank", key="other", items=3)
    ask(other, people(1, "A", *[order] * 5))
    assert look(client, other)["panels"][0]["rules"] == []


def test_one_picture_costs_less_than_the_page(client, workshop):
    prompt = builders.make_prompt(workshop, items=2)
    other = builders.make_prompt(workshop, key="other", kind="rate", items=2)
    ask(prompt, people(1, "A", *[{"p1": 1, "p2": 2}] * 3))
    ask(other, people(1, "A", *[{"p1": 4, "p2": 5}] * 3))
    path = [workshop.slug, prompt.session.key]
    chosen = {"beside": other.path}

    def asked(name, *more, **query):
        address = reverse(f"console:{name}", args=[*path, prompt.key, *more])
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address, chosen | query).status_code == 200
        return len(queries)

    asked("explore")  # what is kept in memory from now on
    drawn = [asked("picture", "svg", figure=f"{one}-people") for one in "ab"]
    assert max(drawn) <= asked("explore") / 2


def test_a_picture_that_the_choice_does_not_show_is_not_there(client, workshop):
    prompt = builders.make_prompt(workshop, items=1)
    ask(prompt, people(1, "A", *[{"p1": 1}] * 3))
    path = [workshop.slug, prompt.session.key, prompt.key, "svg"]
    address = reverse("console:picture", args=path)

    found = {
        figure: client.get(address, {"figure": figure}).status_code
        for figure in ("a-people", "a-people-by", "a-tables", "b-people", "m", "", "a")
    }
    shown = {"a-people": 200, "a-people-by": 200}
    assert found == dict.fromkeys(found, 404) | shown
