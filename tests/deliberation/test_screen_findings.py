from deliberation.live import findings

ITEMS = {"p1": "Open routes", "p2": "Protection from persecution", "p3": "Goals"}
POINTS = {"u": "Unproblematic", "d": "Difficult", "w": "EU law"}


def result(item, counts, *, by_table=(), criterion="", **measures):
    return {
        "item": item,
        "criterion": criterion,
        "n": sum(counts.values()),
        "counts": {"u": 0, "d": 0, "w": 0} | counts,
        "by_table": [
            {"table": number, "counts": {"u": 0, "d": 0, "w": 0} | table}
            for number, table in enumerate(by_table, start=1)
        ],
        "measures": measures,
    }


def of_tables(*counts, tables=4):
    results = [result(key, row) for key, row in zip(ITEMS, counts, strict=True)]
    return findings.of_tables(results, items=ITEMS, points=POINTS, tables=tables)


def of_assessing(*counts):
    results = [result(key, row) for key, row in zip(ITEMS, counts, strict=True)]
    return findings.of_assessing(results, items=ITEMS, points=POINTS)


def test_one_item_on_which_all_tables_agree_is_named():
    apart = {"u": 1, "d": 1, "w": 2}

    assert of_tables(apart, {"u": 4}, apart) == (
        "Protection from persecution: unproblematic for all four tables"
    )
    assert of_tables({"u": 1}, {"w": 2}, {"d": 1}, tables=2) == (
        "Protection from persecution: EU law for both tables"
    )


def test_several_items_on_which_all_tables_agree_are_counted():
    assert of_tables({"u": 4}, {"d": 4}, {"u": 3, "d": 1}) == (
        "All four tables agree on two of the three"
    )
    assert of_tables({"u": 4}, {"d": 4}, {"u": 4}) == (
        "All four tables agree on every one of the three"
    )


def test_the_item_on_which_tables_differ_most_is_named_unless_it_ties():
    near, far = {"u": 3, "d": 1}, {"u": 1, "d": 2, "w": 1}

    assert of_tables(near, near, far) == "Tables differ most on Goals"
    assert of_tables(near, far, far) == "All four tables agree on none of the three"


def test_nothing_is_said_of_all_tables_while_one_is_missing():
    near = {"u": 2, "d": 1}

    assert of_tables({"u": 3}, near, near) == ""
    assert of_tables({}, {}, {}) == ""
    assert of_tables({"u": 1}, {"u": 1}, {"u": 1}, tables=1) == ""


def test_people_who_nearly_all_judge_alike_make_a_finding():
    even = {"u": 13, "d": 12, "w": 12}

    assert of_assessing(even, {"u": 35, "d": 2}, even) == (
        "Protection from persecution: unproblematic for 35 of 37"
    )
    assert of_assessing(even, {"u": 37}, even) == (
        "Protection from persecution: unproblematic for all 37"
    )
    assert of_assessing({"u": 30, "d": 7}, {"d": 30, "w": 7}, even) == (
        "Three in four or more judge alike on two of three"
    )


def test_people_who_nowhere_judge_alike_differ_most_somewhere():
    half = {"u": 20, "d": 17}

    assert of_assessing(half, {"u": 13, "d": 12, "w": 12}, half) == (
        "Views differ most on Protection from persecution"
    )
    assert of_assessing(half, half, half) == ""


def test_fewer_than_five_answers_make_no_finding():
    assert of_assessing({"u": 4}, {"u": 4}, {"u": 4}) == ""
    assert of_assessing({"u": 9}, {"u": 9}, {"u": 4}) == ""


def test_what_leads_at_each_table_makes_a_finding_only_where_every_table_has_a_lead():
    same = [{"u": 3}, {"u": 2, "d": 1}]
    other = [{"u": 3}, {"d": 3}]

    def at_tables(*by_table):
        results = [
            result(key, {}, by_table=row)
            for key, row in zip(ITEMS, by_table, strict=False)
        ]
        return findings.at_tables(results, items=ITEMS, points=POINTS, tables=2)

    assert at_tables(same, other) == "Open routes: unproblematic leads at both tables"
    assert at_tables(same, same, other) == (
        "The same answer leads at both tables on two of three"
    )
    assert at_tables(other, [{"u": 2, "d": 2}, {"u": 3}]) == ""  # a tie
    assert at_tables(other, [{"u": 2}, {"u": 3}]) == ""  # too few at a table


def test_ratings_are_summed_up_by_their_words():
    def of_rating(*words, n=5):
        results = [
            result(key, {"u": n}, word=word)
            for key, word in zip(ITEMS, words, strict=True)
        ]
        return findings.of_rating(results, items=ITEMS)

    assert (
        of_rating("mixed", "agreed", "split") == "Agreed: Protection from persecution"
    )
    assert of_rating("agreed", "agreed", "split") == "Agreed on two of three"
    assert of_rating("mixed", "mixed", "split") == "The room is split on Goals"
    assert of_rating("split", "mixed", "split") == "The room is split on two of three"
    assert of_rating("mixed", "lukewarm", "mixed") == ""
    assert of_rating("agreed", "mixed", "mixed", n=4) == ""


def test_an_item_comes_first_on_both_criteria_or_none_does():
    criteria = {"e": "Effective", "f": "Feasible"}

    def of_two(effective, feasible):
        results = [
            result(item, {"u": 5}, criterion=criterion, mean=mean)
            for criterion, means in (("e", effective), ("f", feasible))
            for item, mean in zip(ITEMS, means, strict=True)
        ]
        return findings.of_two_criteria(results, items=ITEMS, criteria=criteria)

    assert of_two([1, 2, 4], [2, 1, 3]) == "First on both effective and feasible: Goals"
    assert of_two([1, 2, 4], [3, 1, 2]) == (
        "Nothing is first on both effective and feasible"
    )
    assert of_two([4, 2, 4], [3, 1, 2]) == ""  # level with another on one


def test_what_is_chosen_most_leads_and_ties_are_said():
    def of_picking(*chosen, n=30):
        results = [
            {"item": key, "n": n, "counts": {"chosen": count}}
            for key, count in zip(ITEMS, chosen, strict=True)
        ]
        return findings.of_picking(results, items=ITEMS)

    assert of_picking(4, 14, 9) == (
        "Most chosen: Protection from persecution, 14 of 30"
    )
    assert of_picking(12, 6, 12) == "Level: Open routes and Goals, 12 of 30 each"
    assert of_picking(10, 10, 10) == "Three are level: 10 of 30 each"
    assert of_picking(0, 0, 0) == ""
    assert of_picking(2, 0, 0, n=2) == ""


def test_the_rule_for_words_can_be_read_before_the_vote():
    assert findings.word_rule().startswith(
        "From 5 answers on, an item is put in a word: Agreed, if 75 % or more are above"
        " the middle of the scale and at most 15 % below;"
    )
