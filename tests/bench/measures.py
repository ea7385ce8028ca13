# ruff: noqa: T201
"""What the figures of a large room cost: `python -m tests.bench.measures`.

10,000 people at 100 tables judge 20 items; processor time for all measures of each
kind, from counted answers on, and of two rounds compared.
"""

import argparse
import time
from collections import Counter
from collections.abc import Callable
from random import Random

from deliberation.aggregation import agreement, change, nominal, shares, tables
from deliberation.aggregation.allocations import item_measures, prompt_measures
from deliberation.aggregation.pooling import mean_measures
from deliberation.aggregation.rankings import ballot, rank_measures
from deliberation.aggregation.tally import Row, tally

KEYS = ["unproblematic", "difficult", "inconsistent"]
SCALE = range(1, 6)
BUDGET = 100


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.measures")
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--tables", type=int, default=100)
    parser.add_argument("--items", type=int, default=20)
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args()
    room = Room(options.people, options.tables, options.items)
    print(f"{options.people} people, {options.tables} tables, {options.items} items")
    for what, compute in room.kinds().items():
        seconds = min(processor_time(compute) for _ in range(options.turns))
        print(f"{what:<40} {1000 * seconds:8.0f} ms")


def processor_time(compute: Callable[[], object]) -> float:
    start = time.process_time()
    compute()
    return time.process_time() - start


class Room:
    """Answers that differ a little from table to table."""

    def __init__(self, people: int, at_tables: int, items: int) -> None:
        self.random = Random(2006)
        self.people = people
        self.at_tables = at_tables
        self.items = [f"item-{number}" for number in range(1, items + 1)]
        self.ratings = self.by_table(list(SCALE))
        self.judgements = self.by_table(KEYS)
        self.ballots = Counter(self.a_ballot() for _ in range(people))
        self.points = [self.a_split() for _ in range(people)]

    def by_table[Key](self, scale: list[Key]) -> list[dict[int, dict[Key, int]]]:
        found: list[dict[int, dict[Key, int]]] = []
        for _ in self.items:
            weights = [self.random.random() + 0.2 for _ in scale]
            counts = {t: dict.fromkeys(scale, 0) for t in range(self.at_tables)}
            answers = self.random.choices(scale, weights, k=self.people)
            for person, answer in enumerate(answers):
                counts[person % self.at_tables][answer] += 1
            found.append(counts)
        return found

    def a_ballot(self) -> tuple[tuple[str, int], ...]:
        ranked = self.random.choice([len(self.items) // 4, len(self.items)])
        order = self.random.sample(self.items, ranked)
        return ballot({item: n for n, item in enumerate(order, 1)}, self.items)

    def a_split(self) -> list[int]:
        chosen = Counter(self.random.choices(self.items, k=BUDGET // 10))
        return [10 * chosen[item] for item in self.items]

    def kinds(self) -> dict[str, Callable[[], object]]:
        return {
            "counting rows of a rating": self.tallies,
            "rate": self.rate,
            "rate, tables compared": self.rate_by_table,
            "assess": self.assess,
            "assess, tables compared": self.assess_by_table,
            "choose, approve": self.choose,
            "rank, nearly every ballot different": self.rank,
            "allocate": self.allocate,
            "two rounds of a rating": self.rate_change,
            "two rounds of an assessment": self.assess_change,
            "pooled, a workshop a table": self.pooled,
        }

    def tallies(self) -> object:
        rows = [
            Row(item, "", table, "answered", value, count)
            for item, by_table in zip(self.items, self.ratings, strict=True)
            for table, counts in by_table.items()
            for value, count in counts.items()
        ]
        return tally(rows, items=self.items, values=SCALE)

    def rate(self) -> object:
        return [agreement.rate_measures(together(each)) for each in self.ratings]

    def rate_by_table(self) -> object:
        return [tables.rate_by_table(each, seed=1) for each in self.ratings]

    def assess(self) -> object:
        return [nominal.assess_measures(together(each)) for each in self.judgements]

    def assess_by_table(self) -> object:
        return [tables.assess_by_table(each, seed=1) for each in self.judgements]

    def choose(self) -> object:
        return [
            shares.share_measures(together(each)[5], self.people)
            for each in self.ratings
        ]

    def rank(self) -> object:
        return rank_measures(self.ballots, self.items)

    def allocate(self) -> object:
        given = [Counter(column) for column in zip(*self.points, strict=True)]
        totals = {
            item: sum(points * people for points, people in each.items())
            for item, each in zip(self.items, given, strict=True)
        }
        everything = sum(totals.values())
        items = [item_measures(each, everything) for each in given]
        return items, prompt_measures(totals, 0)

    def rate_change(self) -> object:
        before, after = answers(self.ratings[0]), answers(self.ratings[-1])
        return [change.rate_change(before, after, values=SCALE) for _ in self.items]

    def assess_change(self) -> object:
        before, after = answers(self.judgements[0]), answers(self.judgements[-1])
        return [change.assess_change(before, after, keys=KEYS) for _ in self.items]

    def pooled(self) -> object:
        return [mean_measures(each.values()) for each in self.ratings]


def together[Key](by_table: dict[int, dict[Key, int]]) -> Counter[Key]:
    everybody: Counter[Key] = Counter()
    for counts in by_table.values():
        everybody.update(counts)
    return everybody


def answers[Key](by_table: dict[int, dict[Key, int]]) -> dict[int, Key]:
    given = [
        answer
        for counts in by_table.values()
        for answer, people in counts.items()
        for _ in range(people)
    ]
    return dict(enumerate(given))


if __name__ == "__main__":
    main()
