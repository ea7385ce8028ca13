"""Which groups of a breakdown are withheld, so that no single answer can be read off.

`groups` maps each group's name to its counts for one item. It must cover everybody
counted in the item's total, people without an organisation as a group of their own;
otherwise total less shown gives away what is withheld. Skips differ, so the rule is
applied to each item by itself. Screens, exports and charts obey this one function.
"""

from collections.abc import Collection, Mapping, Sequence

THRESHOLD = 5  # in the room
PUBLISHED = 10  # in a document, which goes further than the room


def suppress[Key](
    groups: Mapping[str, Mapping[Key, int]], *, threshold: int = THRESHOLD
) -> set[str]:
    """Name the groups to withhold.

    threshold: the least number of people with an answer that a group may be shown for.
    Withheld are groups below it, groups that are unanimous (they disclose everyone,
    however many), and then the next smallest ones until those withheld cannot be
    worked out from the total: two groups or more with answers, together at or above
    the threshold, not of one mind. Among groups of one size the first by name goes
    first, so that the same data always give the same breakdown.
    """
    shown = sorted(groups, key=lambda name: (sum(groups[name].values()), name))
    withheld = {
        name
        for name in shown
        if sum(groups[name].values()) < threshold or _is_unanimous(groups[name])
    }
    shown = [name for name in shown if name not in withheld]
    while shown and withheld and not _is_covered(groups, withheld, threshold):
        withheld.add(shown.pop(0))
    return withheld


def suppress_together[Key](
    many: Sequence[Mapping[str, Mapping[Key, int]]], *, threshold: int = THRESHOLD
) -> set[str]:
    """Name the groups to withhold of items whose answers tell each other, as ranks do.

    many: the groups of each item. Whoever is withheld for one is withheld for all,
    and so are the next smallest until those withheld cannot be worked out anywhere.
    """
    withheld: set[str] = set()
    for groups in many:
        withheld |= suppress(groups, threshold=threshold)
    sizes: dict[str, int] = {}
    for groups in many:
        for name, counts in groups.items():
            sizes[name] = max(sizes.get(name, 0), sum(counts.values()))
    shown = sorted(sizes.keys() - withheld, key=lambda name: (sizes[name], name))
    while shown and any(
        not _is_covered(groups, hidden, threshold)
        for groups in many
        if (hidden := withheld & groups.keys())
    ):
        withheld.add(shown.pop(0))
    return withheld


def by_organisation[Key](
    groups: Mapping[str, Mapping[Key, int]],
    *,
    threshold: int = THRESHOLD,
    also: Collection[str] = (),
) -> list[dict[str, object]]:
    """Give the breakdown as the results JSON holds it, in order of the names.

    also: groups to withhold because of what they said of other items. A withheld
    group keeps its name, and has no counts and None for n: its size could help to
    work out another's.
    """
    withheld = suppress(groups, threshold=threshold) | set(also)
    return [
        {
            "organisation": name,
            "n": None if name in withheld else sum(groups[name].values()),
            "counts": {} if name in withheld else dict(groups[name]),
            "suppressed": name in withheld,
        }
        for name in sorted(groups)
    ]


def _is_covered[Key](
    groups: Mapping[str, Mapping[Key, int]], withheld: Collection[str], threshold: int
) -> bool:
    together: dict[Key, int] = {}
    for name in withheld:
        for key, people in groups[name].items():
            together[key] = together.get(key, 0) + people
    with_answers = [name for name in withheld if any(groups[name].values())]
    return (
        len(with_answers) >= 2
        and sum(together.values()) >= threshold
        and not _is_unanimous(together)
    )


def _is_unanimous[Key](counts: Mapping[Key, int]) -> bool:
    return sum(people > 0 for people in counts.values()) == 1
