import csv
import io

import pytest
from django.urls import reverse

from deliberation.actions import rounds
from deliberation.aggregation import pooling
from deliberation.models import Wording
from deliberation.series import COLUMNS, compare, rounds_of, series_results
from tests import builders
from workshops.models import Series, Workshop

pytestmark = pytest.mark.django_db

CONVENTIONS = {
    "effect": "logit",
    "interval": "hartung-knapp",
    "prediction": "hartung-knapp",
    "tau2": "dersimonian-laird",
}


@pytest.fixture
def series():
    return Series.objects.create(key="whitehall", title="Whitehall")


def hold(
    series, number, answers, *, kind="assess", voice="people", change=None, **fields
):
    """Hold a workshop in which people answered p1 so, and the round was closed.

    change: what is done to the workshop before.
    """
    workshop = builders.make_workshop(
        slug=f"day-{number}", title=f"Day {number}", tables=len(answers), series=series
    )
    fields.setdefault("items", 1)
    prompt = builders.make_prompt(
        workshop, kind=kind, asks_tables=voice == "tables", **fields
    )
    if change:
        change(workshop)
        prompt.refresh_from_db()
    this_round = builders.open_round(prompt)
    for table, answer in enumerate(answers, start=1):
        who = builders.join(workshop, table=table)
        at = who.table if voice == "tables" else None
        if at:
            builders.scribes.take_role(participant=who)
        builders.judge(this_round, who, {"p1": answer}, voice=voice, table=at)
    rounds.close_round(round_id=this_round.pk)
    return workshop


def compared(workshops, voice="people"):
    ((_path, by_number),) = rounds_of(workshops).items()
    ((_number, found),) = by_number.items()
    return compare(found, voice)


def variants(workshops, voice="people"):
    """Return who was asked alike, with what differs from the first of them."""
    (item,) = compared(workshops, voice)
    return [
        ([found.workshop.title for found in one.found], list(one.differs))
        for one in item.variants
    ]


def pooled(workshops, name, voice="people"):
    (item,) = compared(workshops, voice)
    return item.variants[0].pooled[name]


# ---- what is pooled ----


def test_three_workshops_that_were_asked_alike_are_pooled(series):
    found = [hold(series, n, [1] * n + [2] * 3) for n in (2, 4, 6)]

    assert variants(found) == [(["Day 2", "Day 4", "Day 6"], [])]
    shares = [(2, 5), (4, 7), (6, 9)]
    assert pooled(found, "unproblematic") == pooling.share_measures(shares)
    assert pooled(found, "unproblematic")["conventions"] == CONVENTIONS


def test_two_workshops_stand_side_by_side_and_are_not_pooled(series):
    found = [hold(series, n, [1, 2, 3]) for n in (1, 2)]

    assert variants(found) == [(["Day 1", "Day 2"], [])]
    assert pooled(found, "unproblematic")["pooled"] is None


@pytest.mark.parametrize(
    ("kind", "answers", "name", "expected"),
    [
        ("rate", [5, 4, 1, 2, 3], "agree", pooling.share_measures([(2, 5)] * 3)),
        (
            "rate",
            [5, 4, 1, 2, 2],
            "mean",
            pooling.mean_measures([{1: 1, 2: 2, 3: 0, 4: 1, 5: 1}] * 3),
        ),
        ("choose", [1, 0, 0], "chosen", pooling.share_measures([(1, 3)] * 3)),
        ("rank", [1, 1, 1], "1", pooling.share_measures([(3, 3)] * 3)),
        (
            "allocate",
            [70, 0, 10, 0],
            "supporters",
            pooling.share_measures([(2, 4)] * 3),
        ),
    ],
)
def test_every_kind_is_pooled_by_what_defines_it(series, kind, answers, name, expected):
    found = [hold(series, n, answers, kind=kind) for n in (1, 2, 3)]

    assert pooled(found, name) == expected
    assert expected["pooled"] is not None


def test_tables_are_pooled_apart_from_people(series):
    found = [hold(series, n, [1, 1, 2], voice="tables") for n in (1, 2, 3)]

    assert pooled(found, "unproblematic", "tables")["workshops"] == 3
    assert pooled(found, "unproblematic", "people")["workshops"] == 0


# ---- what is not the same ----


def reword(workshop):
    Wording.objects.filter(item__prompt__session__workshop=workshop).update(text="New")


def rescale(workshop):
    workshop.scales.get().points.filter(key="difficult").update(label="Hard")


def ask_otherwise(workshop):
    workshop.sessions.get().prompts.update(question="And now?")


@pytest.mark.parametrize(
    ("change", "differs"),
    [(reword, "wording"), (rescale, "scale"), (ask_otherwise, "question")],
)
def test_what_is_asked_otherwise_stands_by_itself(series, change, differs):
    found = [
        hold(series, n, [1, 2, 3], change=change if n == 1 else None) for n in (1, 2, 3)
    ]

    assert variants(found) == [(["Day 2", "Day 3"], []), (["Day 1"], [differs])]
    assert pooled(found, "unproblematic")["workshops"] == 2


def test_what_was_picked_from_other_items_stands_by_itself(series):
    found = [
        hold(series, n, [1, 0, 0], kind="choose", items=2 if n == 3 else 1)
        for n in (1, 2, 3)
    ]

    first, _other = compared(found)  # the second item was asked in one of them
    assert [one.differs for one in first.variants] == [(), ("bounds", "options")]


def test_rounds_are_compared_by_their_number(series):
    found = [hold(series, n, [1, 2, 3]) for n in (1, 2)]
    again = builders.open_round(found[0].sessions.get().prompts.get())
    rounds.close_round(round_id=again.pk)

    ((_path, by_number),) = rounds_of(found).items()
    assert {
        number: [one.workshop.title for one in same]
        for number, same in by_number.items()
    } == {1: ["Day 1", "Day 2"], 2: ["Day 1"]}


def test_open_rounds_and_rehearsals_are_left_out(series):
    first, second = (hold(series, n, [1, 2, 3]) for n in (1, 2))
    Workshop.objects.filter(pk=first.pk).update(is_rehearsal=True)
    first.refresh_from_db()
    builders.open_round(builders.make_prompt(second, key="other"))

    ((_path, by_number),) = rounds_of([first, second]).items()
    assert [one.workshop for one in by_number[1]] == [second]
    told = series_results(series, [first, second])["workshops"]
    assert [one["workshop"] for one in told] == ["day-2"]


def test_workshops_where_too_few_answered_are_withheld_and_not_pooled(series):
    found = [hold(series, n, [1, 2, 3]) for n in (1, 2, 3)]
    found.append(hold(series, 4, [1, 1]))

    (item,) = compared(found)
    assert [one.is_withheld for one in item.variants[0].found] == [False] * 3 + [True]
    assert pooled(found, "unproblematic")["workshops"] == 3


# ---- pages ----


@pytest.fixture
def watcher(client, series):
    """Return who may see three of the four workshops of the series."""
    found = [hold(series, n, [1, 2, 3, 3]) for n in (1, 2, 3, 4)]
    user = None
    for workshop in found[:3]:
        user = builders.make_facilitator(workshop)
    client.force_login(user)
    return client


def get(client, name="series", key="whitehall", **query):
    return client.get(reverse(f"console:{name}", args=[key]), query)


def test_only_workshops_that_an_account_may_see_are_pooled(watcher):
    page = get(watcher)

    assert [one.title for one in page.context["workshops"]] == [
        "Day 1",
        "Day 2",
        "Day 3",
    ]
    (people,) = page.context["parts"]
    (item,) = people["criteria"][0]["items"]
    (variant,) = item["variants"]
    assert [line["workshop"].title for line in variant["lines"]] == [
        "Day 1",
        "Day 2",
        "Day 3",
    ]
    assert [(line["head"], line["cells"]) for line in variant["together"]["lines"]] == [
        ("Pooled", ["30 %", "30 %", "50 %"])
    ]
    for name in ("series", "series_data", "series_table"):
        assert b"Day 4" not in get(watcher, name).content
        assert b"day-4" not in get(watcher, name).content


def test_a_series_of_others_is_not_found(client, series):
    hold(series, 1, [1, 2, 3])
    client.force_login(builders.make_facilitator(name="somebody"))

    names = ("series", "series_data", "series_table")
    assert [get(client, name).status_code for name in names] == [404] * 3
    assert get(client, key="none").status_code == 404


@pytest.mark.parametrize(
    ("kind", "begins", "type_"),
    [("png", b"\x89PNG", "image/png"), ("svg", b"<svg", "image/svg+xml")],
)
def test_a_picture_of_a_series_is_a_file(watcher, kind, begins, type_):
    page = get(watcher)
    picture = page.context["parts"][0]["criteria"][0]["picture"]["id"]
    address = reverse("console:series_picture", args=["whitehall", kind])

    chart = watcher.get(address, {"figure": picture})

    assert f"{address}?figure={picture}" in page.content.decode()
    assert chart["Content-Type"] == type_
    assert chart["Content-Disposition"] == (
        f'attachment; filename="whitehall-series.{kind}"'
    )
    assert begins in chart.content[:200]
    if kind == "svg":
        drawn = chart.content.decode()
        assert [n for n in range(1, 5) if f"Day {n}" in drawn] == [1, 2, 3]
        assert "Whitehall" in drawn
    assert watcher.get(address, {"figure": "people-9"}).status_code == 404
    wrong = reverse("console:series_picture", args=["whitehall", "gif"])
    assert watcher.get(wrong, {"figure": picture}).status_code == 404


def test_a_picture_of_a_series_is_for_who_runs_its_workshops(client, series):
    for number in (1, 2):
        hold(series, number, [1, 2, 3])
    client.force_login(builders.make_facilitator(name="somebody"))
    address = reverse("console:series_picture", args=["whitehall", "svg"])

    assert client.get(address, {"figure": "people-1-picture"}).status_code == 404


def test_a_prompt_that_is_not_there_leads_to_the_first(watcher):
    page = get(watcher, prompt="framework/none")

    assert page.context["chosen"] == "framework/principles"


def test_a_series_without_answers_says_so(client, series):
    workshop = builders.make_workshop(series=series)
    client.force_login(builders.make_facilitator(workshop))

    assert b"Nothing has been asked and closed yet" in get(client).content


def test_the_file_has_every_figure_of_the_page(watcher, series):
    found = get(watcher, "series_data").json()
    table = get(watcher, "series_table").content.decode()

    mine = Workshop.objects.exclude(slug="day-4").order_by("created_at")
    assert found == series_results(series, list(mine))
    rows = list(csv.DictReader(io.StringIO(table)))
    assert list(rows[0]) == COLUMNS
    assert [
        (row["workshop"], row["figure"], row["value"])
        for row in rows
        if row["figure"] == "inconsistent" and row["voice"] == "people"
    ] == [
        ("day-1", "inconsistent", "2"),
        ("day-2", "inconsistent", "2"),
        ("day-3", "inconsistent", "2"),
        ("", "inconsistent", "0.5"),
    ]


def test_how_far_workshops_differ_is_said_from_five_on(client, series):
    for n in range(1, 6):
        workshop = hold(series, n, [1] * n + [2] * (6 - n))
        client.force_login(builders.make_facilitator(workshop))

    (people,) = get(client).context["parts"]
    (variant,) = people["criteria"][0]["items"][0]["variants"]
    heads = [line["head"] for line in variant["together"]["lines"]]
    assert heads == [
        "Pooled",
        "Where the next workshop may lie",
        "How far workshops differ",
    ]


def test_workshops_lead_to_their_series(watcher):
    address = reverse("console:series", args=["whitehall"])
    pages = [
        reverse("console:list"),
        reverse("console:results", args=["day-1"]),
        reverse("setup:overview", args=["day-1"]),
    ]

    assert [address.encode() in watcher.get(page).content for page in pages] == [
        True
    ] * 3
