from itertools import combinations, pairwise

import pytest
from django.template.loader import render_to_string

from deliberation import pictures

THREE_WAY = [
    {"key": "unproblematic", "label": "Unproblematic", "short": "", "value": None},
    {"key": "difficult", "label": "Difficult to deliver", "short": "Difficult"},
    {"key": "inconsistent", "label": "Worthy but inconsistent", "short": ""},
]
AGREE = [
    {"key": "sd", "label": "Strongly disagree", "short": "", "value": 1},
    {"key": "d", "label": "Disagree", "short": "", "value": 2},
    {"key": "n", "label": "Neither", "short": "", "value": 3},
    {"key": "a", "label": "Agree", "short": "", "value": 4},
    {"key": "sa", "label": "Strongly agree", "short": "", "value": 5},
]
ITEMS = [
    {"key": "p1", "number": 1, "short": "Open routes", "text": "Routes are open"},
    {"key": "p2", "number": 2, "short": "", "text": "Protection is owed"},
]


def result(item, counts, **more):
    return {
        "item": item,
        "wording": 1,
        "criterion": "",
        "n": sum(counts.values()),
        "abstained": 0,
        "not_discussed": 0,
        "counts": counts,
        "by_table": [],
        "measures": {},
    } | more


def three(unproblematic, difficult, inconsistent):
    return {
        "unproblematic": unproblematic,
        "difficult": difficult,
        "inconsistent": inconsistent,
    }


def five(*sizes):
    return {point["key"]: size for point, size in zip(AGREE, sizes, strict=True)}


def at_table(number, counts, **more):
    return {"table": number, "n": sum(counts.values()), "counts": counts} | more


def drawn(bar):
    return [(s["cls"], s["x"], s["width"], s["n"]) for s in bar["segments"]]


def test_marks_give_the_three_answers_their_own_signs():
    made = pictures.marks(THREE_WAY)

    assert [(m["cls"], m["sym"]) for m in made] == [
        ("c1", "i-unproblematic"),
        ("c2", "i-difficult"),
        ("c3", "i-inconsistent"),
    ]
    assert made[1] == {
        "key": "difficult",
        "label": "Difficult to deliver",
        "short": "Difficult",
        "value": None,
        "cls": "c2",
        "sym": "i-difficult",
        "fill": "#c97f00",
        "ink": "#14181f",
    }


def test_marks_give_other_categories_shapes_and_begin_again_after_six():
    made = pictures.marks([{"key": f"k{n}", "label": f"K{n}"} for n in range(7)])

    assert [m["cls"] for m in made] == ["c1", "c2", "c3", "c4", "c5", "c6", "c1"]
    assert [m["sym"] for m in made][:3] == ["i-circle", "i-square", "i-triangle"]


@pytest.mark.parametrize(
    ("size", "steps"),
    [
        (2, ["o1", "o5"]),
        (3, ["o1", "o3", "o5"]),
        (4, ["o1", "o2", "o4", "o5"]),
        (5, ["o1", "o2", "o3", "o4", "o5"]),
        (6, ["o1", "o1", "o2", "o4", "o5", "o5"]),
        (7, ["o1", "o1", "o2", "o3", "o4", "o5", "o5"]),
    ],
)
def test_marks_mirror_an_ordinal_scale_of_any_length(size, steps):
    points = [{"key": f"k{n}", "label": "", "value": n} for n in range(size)]

    assert [mark["cls"] for mark in pictures.marks(points)] == steps


def test_stacked_bar_fills_its_width_with_the_answers():
    bar = pictures.stacked_bar(three(6, 2, 0), pictures.marks(THREE_WAY), ident="b")

    assert drawn(bar) == [
        ("c1", "0.00%", "75.00%", 6),
        ("c2", "75.00%", "25.00%", 2),
        ("c3", "100.00%", "0.00%", 0),
    ]
    assert bar["label"] == "6 Unproblematic, 2 Difficult"
    assert bar["segments"][0]["id"] == "b-unproblematic"


def test_stacked_bar_leaves_room_for_answers_not_in_yet():
    scale = pictures.marks(THREE_WAY)

    bar = pictures.stacked_bar(three(1, 1, 0), scale, ident="b", total=4)

    assert drawn(bar)[-1] == ("waiting", "50.00%", "50.00%", 2)
    assert bar["label"] == "1 Unproblematic, 1 Difficult, 2 not in yet"


def test_stacked_bar_without_answers_says_so():
    bar = pictures.stacked_bar(three(0, 0, 0), pictures.marks(THREE_WAY), ident="b")

    assert {s["width"] for s in bar["segments"]} == {"0.00%"}
    assert bar["label"] == "No answers yet"


def test_diverging_sets_reservations_against_support():
    chart = pictures.diverging(
        ITEMS,
        [result("p1", three(20, 40, 20)), result("p2", three(40, 0, 0))],
        pictures.marks(THREE_WAY),
        ident="c",
    )

    # 60 reservations at most on the left, 40 supporters at most on the right.
    assert chart["axis"] == "60.00%"
    assert (chart["left"], chart["right"]) == ("Reservations", "Unproblematic")
    assert drawn(chart["rows"][0]["bar"]) == [
        ("c3", "0.00%", "20.00%", 20),
        ("c2", "20.00%", "40.00%", 40),
        ("c1", "60.00%", "20.00%", 20),
    ]
    assert drawn(chart["rows"][1]["bar"])[-1] == ("c1", "60.00%", "40.00%", 40)
    assert [row["label"] for row in chart["rows"]] == [
        "Open routes",
        "Protection is owed",
    ]
    assert chart["rows"][0]["n_text"] == "80 people"
    assert "dots" not in chart["rows"][0]["bar"]


def test_diverging_sorts_by_support_only_when_told():
    results = [result("p1", three(1, 4, 0)), result("p2", three(4, 0, 1))]
    scale = pictures.marks(THREE_WAY)

    as_asked = pictures.diverging(ITEMS, results, scale, ident="c")
    by_support = pictures.diverging(ITEMS, results, scale, ident="c", order="support")

    assert [row["number"] for row in as_asked["rows"]] == ["1", "2"]
    assert [row["number"] for row in by_support["rows"]] == ["2", "1"]


def test_diverging_halves_the_middle_of_a_scale_and_marks_the_median():
    chart = pictures.diverging(
        ITEMS[:1],
        [result("p1", five(0, 4, 4, 8, 4), measures={"median": 4.0, "word": "mixed"})],
        pictures.marks(AGREE),
        ident="c",
    )

    row = chart["rows"][0]
    assert chart["axis"] == row["bar"]["axis"] == "30.00%"
    assert row["bar"]["median"] == "50.00%"
    assert (row["median"], row["word"]) == ("4", "Mixed")
    assert (chart["left"], chart["right"]) == ("Strongly disagree", "Strongly agree")


def test_diverging_shows_no_median_below_five_answers():
    measures = {"median": 4.0, "word": "agreed"}
    chart = pictures.diverging(
        ITEMS[:1],
        [result("p1", five(0, 0, 1, 2, 1), measures=measures)],
        pictures.marks(AGREE),
        ident="c",
    )

    row = chart["rows"][0]
    assert (row["median"], row["word"], "median" in row["bar"]) == ("", "", False)
    assert chart["has_medians"] is False


def test_diverging_has_no_axis_for_categories_without_a_side():
    scale = pictures.marks([{"key": "a", "label": "A"}, {"key": "b", "label": "B"}])

    chart = pictures.diverging(
        ITEMS[:1], [result("p1", {"a": 10, "b": 30})], scale, ident="c"
    )

    assert chart["axis"] == ""
    assert drawn(chart["rows"][0]["bar"]) == [
        ("c1", "0.00%", "25.00%", 10),
        ("c2", "25.00%", "75.00%", 30),
    ]


def dotted(row):
    return [(d["id"], d["cls"], d["sym"], d["x"]) for d in row["bar"]["dots"]]


def test_up_to_twelve_people_are_a_dot_each_in_the_order_of_the_scale():
    chart = pictures.diverging(
        ITEMS,
        [result("p1", five(1, 0, 2, 0, 3)), result("p2", five(0, 2, 0, 0, 10))],
        pictures.marks(AGREE),
        ident="c",
    )

    first, second = chart["rows"]
    # Twelve have the whole width, so each has the same room whoever else answers.
    assert first["bar"]["room"] == second["bar"]["room"] == "8.33%"
    assert dotted(first) == [
        ("c-p1-sd-1", "o1", "i-scale-1", "0.00%"),
        ("c-p1-n-1", "o3", "i-scale-3", "8.33%"),
        ("c-p1-n-2", "o3", "i-scale-3", "16.67%"),
        ("c-p1-sa-1", "o5", "i-scale-5", "25.00%"),
        ("c-p1-sa-2", "o5", "i-scale-5", "33.33%"),
        ("c-p1-sa-3", "o5", "i-scale-5", "41.67%"),
    ]
    assert first["bar"]["axis"] == "16.67%"  # through the middle of those in between
    assert len(second["bar"]["dots"]) == 12
    assert first["bar"]["label"] == "1 Strongly disagree, 2 Neither, 3 Strongly agree"


@pytest.mark.parametrize(
    ("most", "voice", "is_dotted"),
    [(12, "people", True), (13, "people", False), (12, "tables", False)],
)
def test_dots_are_for_charts_of_no_more_than_twelve_people(most, voice, is_dotted):
    chart = pictures.diverging(
        ITEMS,
        [result("p1", three(3, 0, 0)), result("p2", three(most - 1, 1, 0))],
        pictures.marks(THREE_WAY),
        ident="c",
        voice=voice,
    )

    assert ["dots" in row["bar"] for row in chart["rows"]] == [is_dotted] * 2


@pytest.mark.parametrize(
    ("for_it", "across", "is_dotted"),
    [(6, 18, True), (7, 18, False), (4, 16, True), (5, 16, False), (0, 11, False)],
)
def test_dots_that_would_be_too_small_are_bars(for_it, across, is_dotted):
    chart = pictures.diverging(
        ITEMS,
        [result("p1", three(0, 12, 0)), result("p2", three(for_it, 0, 0))],
        pictures.marks(THREE_WAY),
        ident="c",
        dots_across=across,
    )

    assert ["dots" in row["bar"] for row in chart["rows"]] == [is_dotted] * 2


@pytest.mark.parametrize("others", [5, 50])
def test_of_fewer_than_three_people_only_the_number_is_drawn(others):
    def order(few):
        chart = pictures.diverging(
            [*ITEMS, {"key": "p3", "number": 3, "short": "Third", "text": ""}],
            [
                result("p1", few),
                result("p2", three(others, others, 0)),
                result("p3", three(0, others, 0)),
            ],
            pictures.marks(THREE_WAY),
            ident="c",
            order="support",
        )
        return chart, [row["number"] for row in chart["rows"]]

    chart, numbers = order(three(2, 0, 0))
    row = next(row for row in chart["rows"] if row["number"] == "1")

    assert (row["n_text"], row["bar"]["label"]) == (
        "2 people",
        "Too few answers to show",
    )
    assert {segment["n"] for segment in row["bar"]["segments"]} == {0}
    assert not row["bar"].get("dots")
    assert order(three(0, 2, 0))[1] == numbers


def test_dots_do_not_tell_who_came_in_last():
    def one_after_another(answers):
        counts = {answer: answers.count(answer) for answer in answers}
        return pictures.diverging(
            ITEMS[:1],
            [result("p1", counts)],
            pictures.marks(AGREE),
            ident="c",
        )["rows"][0]["bar"]

    assert one_after_another(["sa", "sd", "n"]) == one_after_another(["n", "sa", "sd"])


def test_diverging_takes_one_criterion():
    results = [
        result("p1", five(0, 0, 0, 0, 6), criterion="effective"),
        result("p1", five(6, 0, 0, 0, 0), criterion="feasible"),
    ]
    chart = pictures.diverging(
        ITEMS[:1], results, pictures.marks(AGREE), ident="c", criterion="feasible"
    )

    assert chart["rows"][0]["id"] == "c-p1-feasible"
    assert chart["rows"][0]["counts"] == [6, 0, 0, 0, 0]


def test_grid_tells_the_states_of_a_table_apart():
    nothing = three(0, 0, 0)
    by_table = [
        at_table(1, three(0, 1, 0)),
        at_table(2, nothing, abstained=1),
        at_table(3, nothing, not_discussed=1),
    ]
    made = pictures.grid(
        ITEMS[:1],
        [result("p1", three(0, 1, 0), by_table=by_table)],
        pictures.marks(THREE_WAY),
        [1, 2, 3, 4],
        ident="g",
        corner="Principle",
    )

    cells = [(c["cls"], c["word"]) for c in made["rows"][0]["cells"]]
    assert cells == [
        ("c2", "Difficult"),
        ("abstained", "Could not agree"),
        ("not-discussed", "Not discussed"),
        ("waiting", "Not in yet"),
    ]
    assert made["columns"][0] == {"label": "Table 1", "short": "T1"}
    assert [mark["cls"] for mark in made["legend"]] == [
        "c1",
        "c2",
        "c3",
        "waiting",
        "abstained",
        "not-discussed",
    ]


def test_grid_of_people_shows_the_leading_answer_and_who_is_divided():
    by_table = [
        at_table(1, three(6, 1, 1)),
        at_table(2, three(3, 3, 2)),
        at_table(3, three(3, 2, 2)),
        at_table(4, three(1, 0, 0), suppressed=True),
    ]
    made = pictures.grid(
        ITEMS[:1],
        [result("p1", three(13, 6, 5), by_table=by_table)],
        pictures.marks(THREE_WAY),
        [1, 2, 3, 4],
        ident="g",
        voice="people",
    )

    cells = made["rows"][0]["cells"]
    assert [(c["cls"], c["word"], c["detail"], c["split"]) for c in cells] == [
        ("c1", "Unproblematic", "6 of 8", False),
        ("tie", "No leading view", "3 of 8 each", True),
        ("c1", "Unproblematic", "3 of 7", True),
        ("held", "Too few to show", "", False),
    ]
    # Every sign is explained, the hatching too.
    assert [mark["label"] for mark in made["legend"][3:]] == [
        "No leading view",
        "Too few to show",
        "Table is split",
    ]


def test_grid_of_ratings_shows_the_median_and_a_table_in_two_camps():
    by_table = [at_table(1, five(0, 0, 1, 4, 1)), at_table(2, five(4, 0, 0, 0, 4))]
    made = pictures.grid(
        ITEMS[:1],
        [result("p1", five(4, 0, 1, 4, 5), by_table=by_table)],
        pictures.marks(AGREE),
        [1, 2],
        ident="g",
        voice="people",
    )

    cells = made["rows"][0]["cells"]
    assert [(c["cls"], c["word"], c["split"]) for c in cells] == [
        ("o4", "Agree, 5 of 6 in favour", False),
        ("o1", "Strongly disagree, 4 of 8 in favour", True),
    ]


def test_bars_put_the_longest_first_and_let_level_items_lead_together():
    results = [
        result("p1", {"chosen": 4}, n=10),
        result("p2", {"chosen": 7}, n=10),
        result("p3", {"chosen": 7}, n=10),
    ]
    items = [*ITEMS, {"key": "p3", "number": 3, "short": "", "text": "Third"}]

    made = pictures.bars(items, results, ident="b")

    assert [
        (row["number"], row["text_n"], row["width"], row["leading"])
        for row in made["rows"]
    ] == [
        ("2", "7 of 10", "100.00%", True),
        ("3", "7 of 10", "100.00%", True),
        ("1", "4 of 10", "57.14%", False),
    ]
    assert made["unit"] == "People"


def test_bars_of_points_say_points_and_nobody_leads_with_nothing():
    made = pictures.bars(
        ITEMS, [result("p1", {"points": 0})], ident="b", counted="points"
    )

    assert [(row["text_n"], row["leading"]) for row in made["rows"]] == [
        ("0 points", False),
        ("0 points", False),
    ]
    assert made["unit"] == "Points"


def rated(item, criterion, mean, n=30):
    return {
        "item": item,
        "criterion": criterion,
        "n": n,
        "counts": {},
        "measures": {"mean": mean, "median": round(mean)},
    }


def on_plane(results, **more):
    return pictures.plane(
        ITEMS,
        results,
        pictures.marks(AGREE),
        x={"key": "feasible", "label": "Feasible"},
        y={"key": "effective", "label": "Effective"},
        ident="p",
        **more,
    )


def test_plane_places_items_and_keeps_level_ones_apart():
    made = on_plane(
        [
            rated("p1", "effective", 4.0),
            rated("p1", "feasible", 2.0),
            rated("p2", "effective", 4.0),
            rated("p2", "feasible", 2.0),
        ]
    )

    first, second = made["points"]
    assert first["title"] == "1 Open routes"
    assert float(first["cx"]) < float(made["middle_x"])
    assert float(first["cy"]) < float(made["middle_y"])
    apart = (float(first["cx"]) - float(second["cx"])) ** 2
    apart += (float(first["cy"]) - float(second["cy"])) ** 2
    assert apart >= (1.9 * float(made["radius"])) ** 2
    assert made["rows"][0]["x"] == "2"
    assert made["scale_text"] == "From 1, Strongly disagree, to 5, Strongly agree"


def test_plane_hides_none_of_many_level_items():
    items = [{"key": f"p{one}", "number": one, "text": f"{one}"} for one in range(24)]
    results = [
        rated(item["key"], criterion, 4.0)
        for item in items
        for criterion in ("effective", "feasible")
    ]

    made = pictures.plane(
        items,
        results,
        pictures.marks(AGREE),
        x={"key": "feasible", "label": "Feasible"},
        y={"key": "effective", "label": "Effective"},
        ident="p",
    )
    at = [complex(float(one["cx"]), float(one["cy"])) for one in made["points"]]
    apart = [abs(one - other) for one, other in combinations(at, 2)]
    assert min(apart) > 1.97 * float(made["radius"])


def test_figures_and_signs_stand_only_where_they_fit():
    scale = pictures.marks(THREE_WAY)
    bar = pictures.stacked_bar(three(1, 9, 20), scale, ident="b")

    pictures.keep_legible(bar, 110, digit=8)

    # The first is 4 px wide, which holds no figure; the second 33, which holds no sign.
    shown = [(one["shown"], bool(one["sym"])) for one in bar["segments"]]
    assert shown == [(False, False), (True, False), (True, True)]


def test_multiples_say_in_words_what_has_no_bar():
    scale = pictures.marks(THREE_WAY)
    here = [at_table(1, three(3, 0, 0)), {"table": 2, "words": "Asked otherwise"}]
    made = pictures.multiples(
        ITEMS[:1],
        [{"item": "p1", "by_table": here}],
        lambda ident, table: pictures.stacked_bar(table["counts"], scale, ident=ident),
        [1, 2],
        ident="m",
        legend=scale,
        names=["London", "Accra"],
    )

    assert [one["label"] for one in made["columns"]] == ["London", "Accra"]
    panels = made["rows"][0]["panels"]
    assert [(one["of"], bool(one["bar"]), one["words"]) for one in panels] == [
        ("London", True, ""),
        ("Accra", False, "Asked otherwise"),
    ]


def test_plane_lists_but_does_not_place_what_too_few_people_rated():
    made = on_plane(
        [rated("p1", "effective", 4.0, n=4), rated("p1", "feasible", 2.0, n=30)]
    )

    assert made["points"] == []
    assert [(row["placed"], row["y"]) for row in made["rows"]] == [
        (False, "too few answers"),
        (False, "too few answers"),
    ]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(252, "4:12"), (59.6, "1:00"), (0, "0:00"), (-5, "0:00"), (3852, "1:04:12")],
)
def test_clock_reads_like_a_wall_clock(seconds, text):
    assert pictures.clock(seconds) == text


@pytest.mark.parametrize(
    ("remaining", "paused", "state"),
    [
        (90, False, "running"),
        (60, False, "near"),
        (0, False, "over"),
        (9, True, "paused"),
    ],
)
def test_timer_names_its_state(remaining, paused, state):
    made = pictures.timer(
        remaining, ident="t", ends_at="2006-11-07T10:50Z", paused=paused
    )

    assert made["state"] == state
    assert made["ends_at"] == ("" if paused else "2006-11-07T10:50Z")


@pytest.mark.parametrize("part", ["grid", "dots", "bars", "plane", "timer", "bar"])
def test_parts_carry_no_style_and_escape_what_people_wrote(part):
    items = [{"key": "p1", "number": 1, "short": "<b>x</b>", "text": "<b>x</b>"}]
    scale = pictures.marks(AGREE)
    results = [result("p1", five(1, 1, 1, 2, 1))]
    context = {
        "grid": pictures.grid(items, results, scale, [1], ident="g"),
        "chart": pictures.diverging(items, results, scale, ident="c"),
        "counts": pictures.bars(items, results, ident="b"),
        "plane": on_plane([]),
        "timer": pictures.timer(5, ident="t"),
        "bar": pictures.stacked_bar(five(1, 0, 0, 0, 0), scale, ident="s"),
    }

    html = render_to_string(f"parts/{part}.html", context)

    assert "style=" not in html
    assert "<b>x</b>" not in html


def shift(item, before, after, both=10):
    return pictures.Shift(item, before, after, both)


def many(count):
    return [
        {"key": f"p{n}", "number": n, "short": "", "text": f"Item {n}"}
        for n in range(1, count + 1)
    ]


def test_slopes_say_who_is_in_favour_before_and_after():
    chart = pictures.slopes(
        ITEMS,
        [shift("p1", 2, 7), shift("p2", 5, 5)],
        ident="s",
        before="Round 1",
        after="Round 2",
    )

    assert [
        (row["number"], row["before"], row["after"], row["said"], row["cls"])
        for row in chart["rows"]
    ] == [
        ("1", "2 of 10", "7 of 10", "5 more", "up"),
        ("2", "5 of 10", "5 of 10", "as many", "same"),
    ]
    up, level = chart["lines"]
    assert float(up["y1"]) > float(up["y2"])
    assert level["y1"] == level["y2"]
    html = render_to_string("parts/slopes.html", {"slopes": chart})
    assert "style=" not in html
    assert html.count("<line") == 4


def test_slopes_draw_the_six_that_moved_most_in_their_order():
    shifts = [shift(f"p{n}", 5, 5 + n % 5) for n in range(1, 9)]

    chart = pictures.slopes(many(8), shifts, ident="s", before="1", after="2")

    assert [line["number"] for line in chart["lines"]] == ["1", "2", "3", "4", "7", "8"]
    assert [row["number"] for row in chart["rows"] if not row["drawn"]] == ["5", "6"]


def test_slopes_leave_out_what_nobody_answered_twice():
    chart = pictures.slopes(
        ITEMS, [shift("p1", 0, 0, both=0)], ident="s", before="1", after="2"
    )

    assert chart["lines"] == []
    assert "<svg role" not in render_to_string("parts/slopes.html", {"slopes": chart})


def test_slopes_keep_figures_apart_and_in_the_drawing():
    shifts = [shift(f"p{n}", 10, 10) for n in range(1, 7)]

    chart = pictures.slopes(many(6), shifts, ident="s", before="1", after="2")

    places = [float(line["left_y"]) for line in chart["lines"]]
    assert all(b - a >= 17 for a, b in pairwise(places))
    assert all(0 < place < chart["height"] for place in places)


def test_from_to_counts_where_people_came_from():
    scale = pictures.marks(THREE_WAY)
    table = pictures.from_to(scale, [[3, 1, 0], [2, 0, 0], [0, 0, 4]], ident="f")

    assert [row["total"] for row in table["rows"]] == [4, 2, 4]
    assert (table["totals"], table["both"]) == ([5, 1, 4], 10)
    html = render_to_string("parts/from_to.html", {"moves": table})
    assert html.count("stayed") == 3
    assert html.count(" moved") == 2


def test_shift_counts_who_is_in_favour():
    found = pictures.shift_of("p1", [[3, 1, 0], [2, 0, 0], [0, 0, 4]], [1, 0, 0])

    assert found == shift("p1", 4, 5)


def test_duels_say_who_wins_and_by_how_much():
    table = pictures.duels(
        [*ITEMS, {"key": "p3", "number": 3, "short": "", "text": "Third"}],
        {
            "p1": {"p2": 6, "p3": 4},
            "p2": {"p1": 3, "p3": 2},
            "p3": {"p1": 4, "p2": 7},
        },
        ident="d",
    )

    assert [[(c["cls"], c["text"]) for c in row["cells"]] for row in table["rows"]] == [
        [("self", ""), ("wins", "6:3"), ("level", "4:4")],
        [("loses", "3:6"), ("self", ""), ("loses", "2:7")],
        [("level", "4:4"), ("wins", "7:2"), ("self", "")],
    ]
    html = render_to_string("parts/duels.html", {"duels": table})
    assert "wins 6 to 3" in html
    assert "style=" not in html


def test_places_show_the_mean_and_how_far_views_reach():
    chart = pictures.places(
        many(3),
        [
            result("p1", {"1": 1, "2": 3, "3": 1}),
            result("p2", {"1": 4, "2": 0, "3": 0}, n=5),
            result("p3", {"1": 0, "2": 2, "3": 3}),
        ],
        {"p1": 2.0, "p2": 1.4, "p3": 2.6},
        ident="r",
    )

    assert [
        (row["number"], row["mean"], row["best"], row["worst"], row["unranked"])
        for row in chart["rows"]
    ] == [
        ("2", "1.4", "1", "3", 1),
        ("1", "2.0", "1", "3", 0),
        ("3", "2.6", "2", "3", 0),
    ]
    assert chart["rows"][1]["cx"] == "50.00%"
    html = render_to_string("parts/places.html", {"places": chart})
    assert "2 to 3" in html
    assert "style=" not in html


def test_places_leave_out_what_nobody_ranked():
    chart = pictures.places(
        many(2), [result("p1", {"1": 0}), result("p2", {"1": 0})], {}, ident="r"
    )

    assert chart["rows"] == []
