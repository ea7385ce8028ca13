import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliberation.aggregation.suppression import (
    by_organisation,
    suppress,
    suppress_together,
)


def of_sizes(**sizes):
    """Groups of so many people, not of one mind from two people on."""
    return {
        name: {"for": size - size // 2, "against": size // 2}
        for name, size in sizes.items()
    }


@pytest.mark.parametrize(
    ("sizes", "withheld"),
    [
        ({"a": 9, "b": 6, "c": 4}, {"b", "c"}),
        ({"a": 9, "b": 4, "c": 3}, {"b", "c"}),
        ({"a": 12, "b": 9, "c": 8}, set()),
        ({"a": 9, "b": 2, "c": 1}, {"a", "b", "c"}),  # 2 and 1 are too few together
        ({"a": 12, "b": 9, "c": 2, "d": 1}, {"b", "c", "d"}),
        ({"a": 9, "b": 9, "c": 4}, {"a", "c"}),  # of one size: first by name
        ({"a": 4}, {"a"}),
        ({"a": 8}, set()),
        ({"a": 9, "b": 6, "c": 0}, {"a", "b", "c"}),  # 0 alone could be worked out
        ({}, set()),
    ],
)
def test_suppress_small_groups_and_what_would_give_them_away(sizes, withheld):
    assert suppress(of_sizes(**sizes)) == withheld


def test_suppress_unanimous_groups():
    groups = of_sizes(a=9, b=8) | {"c": {"for": 5, "against": 0}}

    assert suppress(groups) == {"b", "c"}


def test_suppress_goes_on_while_those_withheld_are_of_one_mind():
    one_mind = {"for": 6, "against": 0}

    assert suppress({"a": one_mind, "b": one_mind}) == {"a", "b"}
    assert suppress(of_sizes(c=9, d=12) | {"a": one_mind, "b": one_mind}) == {
        "a",
        "b",
        "c",
    }


def test_suppress_holds_more_back_for_publication():
    groups = of_sizes(a=20, b=12, c=11, d=9)

    assert suppress(groups) == set()
    assert suppress(groups, threshold=10) == {"c", "d"}


def test_by_organisation_shows_nothing_of_a_withheld_group():
    assert by_organisation(of_sizes(c=9, b=6, a=4)) == [
        {"organisation": "a", "n": None, "counts": {}, "suppressed": True},
        {"organisation": "b", "n": None, "counts": {}, "suppressed": True},
        {
            "organisation": "c",
            "n": 9,
            "counts": {"for": 5, "against": 4},
            "suppressed": False,
        },
    ]


GROUPS = st.dictionaries(
    st.sampled_from("abcdef"),
    st.fixed_dictionaries({key: st.integers(0, 7) for key in ("x", "y", "z")}),
)


@given(GROUPS, st.integers(3, 12))
def test_no_hidden_count_can_be_solved_for(groups, threshold):
    withheld = suppress(groups, threshold=threshold)
    hidden = [groups[name] for name in withheld]

    # What is known of the hidden: for each answer, their sum. A second way of sharing
    # out a sum exists as soon as someone can move to another hidden group.
    sums = {key: sum(counts[key] for counts in hidden) for key in ("x", "y", "z")}
    with_answers = [counts for counts in hidden if any(counts.values())]
    covered = (
        len(with_answers) >= 2
        and sum(sums.values()) >= threshold
        and sum(total > 0 for total in sums.values()) >= 2
    )

    assert not withheld or covered or withheld == groups.keys()


@given(GROUPS, st.integers(3, 12))
def test_no_shown_group_is_small_or_unanimous(groups, threshold):
    shown = groups.keys() - suppress(groups, threshold=threshold)

    assert all(sum(groups[name].values()) >= threshold for name in shown)
    assert all(max(groups[n].values()) < sum(groups[n].values()) for n in shown)


@given(GROUPS)
def test_the_order_of_the_groups_does_not_matter(groups):
    assert suppress(dict(reversed(groups.items()))) == suppress(groups)


def test_what_is_withheld_for_one_item_is_covered_on_the_others():
    large = {1: 10, 2: 10}
    first = {"Few": {1: 1, 2: 1}, "Fewer": {1: 1, 2: 3}, "Large": large, "Next": large}
    # Those two are of one mind here, so that the others and the total would tell it.
    second = {"Few": {1: 2, 2: 0}, "Fewer": {1: 4, 2: 0}, "Large": large, "Next": large}

    assert suppress_together([first]) == {"Few", "Fewer"}
    assert suppress_together([first, second]) == {"Few", "Fewer", "Large"}
    assert suppress_together([{"Large": large, "Next": large}]) == set()
