from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliberation.aggregation.tally import ItemTally, Row, Running, TableTally, tally


def test_tally_covers_the_whole_scale_table_by_table():
    rows = [
        Row("p1", "", 2, "answered", 3, 4),
        Row("p1", "", 1, "answered", 1, 2),
        Row("p1", "", 1, "answered", 3, 1),
        Row("p1", "", 1, "abstain", None, 1),
        Row("p1", "", None, "answered", 1, 1),
        Row("p1", "", 2, "not-discussed", None, 1),
        Row("p9", "", 2, "answered", 2, 1),
    ]

    assert tally(rows, items=["p2", "p1"], values=[1, 2, 3]) == [
        ItemTally(item="p2", criterion="", counts={1: 0, 2: 0, 3: 0}),
        ItemTally(
            item="p1",
            criterion="",
            counts={1: 3, 2: 0, 3: 5},
            abstained=1,
            not_discussed=1,
            by_table=[
                TableTally(table=1, counts={1: 2, 2: 0, 3: 1}, abstained=1),
                TableTally(table=2, counts={1: 0, 2: 0, 3: 4}, not_discussed=1),
            ],
        ),
    ]


def test_tally_keeps_the_order_of_items_and_criteria():
    tallies = tally(
        [Row("b", "feasible", None, "answered", 2)],
        items=["b", "a"],
        criteria=["feasible", "effective"],
        values=[1, 2],
    )

    assert [(each.item, each.criterion, each.n) for each in tallies] == [
        ("b", "feasible", 1),
        ("b", "effective", 0),
        ("a", "feasible", 0),
        ("a", "effective", 0),
    ]


def test_tally_lists_tables_without_answers_when_told():
    (only,) = tally(
        [Row("a", "", 3, "answered", "yes", 2)],
        items=["a"],
        values=["yes", "no"],
        tables=[2, 1],
    )

    assert only.counts_by_table == {
        1: {"yes": 0, "no": 0},
        2: {"yes": 0, "no": 0},
        3: {"yes": 2, "no": 0},
    }


def test_tally_refuses_a_value_off_the_scale():
    with pytest.raises(ValueError, match="7 is none of"):
        tally([Row("a", "", 1, "answered", 7)], items=["a"], values=[1, 2])


ROWS = st.lists(
    st.one_of(
        st.builds(
            Row,
            item=st.sampled_from("ab"),
            criterion=st.just(""),
            table=st.one_of(st.none(), st.integers(1, 4)),
            state=st.just("answered"),
            value=st.integers(1, 3),
            count=st.integers(1, 5),
        ),
        st.builds(
            Row,
            item=st.sampled_from("ab"),
            criterion=st.just(""),
            table=st.one_of(st.none(), st.integers(1, 4)),
            state=st.sampled_from(["abstain", "not-discussed"]),
            value=st.none(),
            count=st.integers(1, 5),
        ),
    )
)


@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(rows, random):
    shuffled = rows.copy()
    random.shuffle(shuffled)

    assert tally(shuffled, items="ab", values=[1, 2, 3]) == tally(
        rows, items="ab", values=[1, 2, 3]
    )


@given(ROWS)
def test_all_tables_together_are_the_whole(rows):
    seated = [row for row in rows if row.table is not None]

    for each in tally(seated, items="ab", values=[1, 2, 3]):
        together = Counter({1: 0, 2: 0, 3: 0})
        for table in each.by_table:
            together.update(table.counts)
        assert together == each.counts
        assert sum(table.n for table in each.by_table) == each.n
        assert sum(table.abstained for table in each.by_table) == each.abstained


@given(ROWS)
def test_every_row_is_counted_once(rows):
    tallies = tally(rows, items="ab", values=[1, 2, 3])

    assert sum(t.n + t.abstained + t.not_discussed for t in tallies) == sum(
        row.count for row in rows
    )


ROW = st.builds(
    Row,
    st.sampled_from(["a", "b", "not asked"]),
    st.just(""),
    st.sampled_from([None, 1, 2, 5]),
    st.sampled_from(["answered", "abstain", "not-discussed"]),
    st.sampled_from([1, 2]),
    st.just(1),
)


@given(st.lists(st.tuples(ROW, st.booleans()), max_size=40), st.sets(st.integers(1, 4)))
def test_running_tallies_are_those_of_the_rows_that_stayed(come, listed):
    asked = {"items": ["a", "b"], "criteria": [""], "values": [1, 2]}
    running, stayed = Running(**asked), []
    for row, goes in come:
        running.add(row)
        if goes:
            running.add(row._replace(count=-1))
        else:
            stayed.append(row)
        running.item_tallies()

    assert running.item_tallies(tables=listed) == tally(stayed, **asked, tables=listed)


def test_a_running_table_forgets_what_was_shown_when_it_changes():
    running = Running(items=["a"], criteria=[""], values=[1, 2])
    running.add(Row("a", "", 1, "answered", 1))
    running.add(Row("a", "", 2, "answered", 1))
    for table in running.item_tallies()[0].by_table:
        table.shown = "shown"
    running.add(Row("a", "", 2, "answered", 2))

    (item,) = running.item_tallies()
    assert [table.shown for table in item.by_table] == ["shown", None]


def test_running_tallies_refuse_values_off_the_scale():
    running = Running(items=["a"], criteria=[""], values=[1, 2])

    with pytest.raises(ValueError, match="3 is none of"):
        running.add(Row("a", "", 1, "answered", 3))
