"""What simulated people think and write: plausible, different by table, repeatable.

The directions are those of the 2006 day; the words are nobody's but ours.
"""

import math
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

STATES = ("abstain", "not-discussed")
NO_VIEW = 0.04  # of people, for any item
HOLDS_ON = 0.65  # asked again: keeps the earlier answer


class Point(NamedTuple):
    """Something to write, about items or none."""

    text: str
    kind: str = "point"
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Opinions:
    """Tendencies by prompt and field, and points by prompt.

    tendencies: weights of the values offered; what is missing is drawn as from a
        field of its own. tilt: how far tables lean away from them.
    """

    tendencies: Mapping[str, Mapping[str, Mapping[str, float]]] = field(
        default_factory=dict
    )
    points: Mapping[str, Sequence[Point]] = field(default_factory=dict)
    tilt: float = 0.6

    def judge(
        self,
        path: str,
        name: str,
        offered: Sequence[str],
        *,
        table: int,
        before: str,
        chance: random.Random,
        picks: tuple[int, int] = (1, 1),
    ) -> list[str]:
        """Choose among the values offered for a field; `picks` is how many it takes.

        Where it takes several, mostly one and sometimes two are chosen.
        """
        real = [value for value in offered if value not in STATES]
        least, most = picks
        if before in real and least == 1 and chance.random() < HOLDS_ON:
            return [before]
        if "abstain" in offered and chance.random() < NO_VIEW:
            return ["abstain"]
        if not real:
            return [offered[0]]
        left = dict(zip(real, self.weights(path, name, real, table), strict=True))
        wanted = max(least, 1 if chance.random() < 0.6 else min(2, most))
        chosen: list[str] = []
        while left and len(chosen) < wanted:
            chosen += chance.choices(list(left), list(left.values()))
            del left[chosen[-1]]
        return sorted(chosen)

    def number(
        self,
        path: str,
        items: Sequence[str],
        *,
        table: int,
        chance: random.Random | None,
        most: int,
        total: int,
    ) -> dict[str, int]:
        """Give items places, at most so many, or shares of `total` points if it is set.

        chance: makes people of a table differ; without it the table itself speaks.
        """
        left = dict(zip(items, self.weights(path, "choice", items, table), strict=True))
        if total:
            vary = chance.uniform if chance else lambda low, high: 1
            shares = {item: weight * vary(0.2, 2) for item, weight in left.items()}
            whole = sum(shares.values())
            return {item: int(total * share / whole) for item, share in shares.items()}
        ranked: list[str] = []
        while left and len(ranked) < most:
            if chance is None:
                ranked.append(max(left, key=lambda item: left[item]))
            else:
                ranked += chance.choices(list(left), list(left.values()))
            del left[ranked[-1]]
        return {item: place for place, item in enumerate(ranked, start=1)}

    def weights(
        self, path: str, name: str, values: Sequence[str], table: int
    ) -> list[float]:
        """Return how a table leans: the tendency, tilted by what sits at the table."""
        known = self.tendencies.get(path, {}).get(name.removeprefix("answer."), {})
        own = random.Random(f"{path} {name}")  # noqa: S311
        lean = random.Random(f"{path} {name} table {table}")  # noqa: S311
        return [
            known.get(value, 1.0 if known else own.uniform(0.2, 3))
            * math.exp(lean.gauss(0, self.tilt))
            for value in values
        ]

    def agree(
        self,
        path: str,
        name: str,
        offered: Sequence[str],
        views: Counter[str],
        chance: random.Random,
        least: int = 1,
    ) -> list[str]:
        """Choose what a table agrees on, given its people's views so far.

        least: how many values are asked for.
        """
        leading = [value for value, _people in views.most_common() if value in offered]
        leading = [value for value in leading if value not in STATES]
        if not leading:
            return ["not-discussed" if "not-discussed" in offered else offered[0]]
        if least > 1:
            rest = [value for value in offered if value not in (*leading, *STATES)]
            return [*leading, *rest][:least]
        if len(leading) > 1 and chance.random() < 0.1:
            return [leading[1]]
        return [leading[0]]

    def point(
        self, path: str, said: set[tuple[str, int]], chance: random.Random
    ) -> Point | None:
        """Return something nobody has said yet, or None when all is said."""
        points = self.points.get(path, GENERAL)
        left = [n for n in range(len(points)) if (path, n) not in said]
        if not left:
            return None
        number = chance.choice(left)
        said.add((path, number))
        return points[number]


def _three(unproblematic: float, difficult: float, inconsistent: float) -> dict:
    return {
        "unproblematic": unproblematic,
        "difficult": difficult,
        "inconsistent": inconsistent,
    }


def _five(*weights: float) -> dict[str, float]:
    return {str(value): weight for value, weight in enumerate(weights, start=1)}


TENDENCIES_2006 = {
    "framework/principles": {
        "p1": _three(18, 66, 16),
        "p2": _three(97, 2, 1),
        "p3": _three(62, 28, 10),
        "p4": _three(60, 28, 12),
        "p5": _three(10, 62, 28),
        "p6": _three(46, 44, 10),
        "p7": _three(44, 36, 20),
        "p8": _three(34, 22, 44),
        "p9": _three(58, 16, 26),
        "p10": _three(82, 14, 4),
    },
    "options/scenarios": {
        "a.effective": _five(34, 34, 18, 11, 3),
        "a.feasible": _five(12, 24, 26, 28, 10),
        "b.effective": _five(4, 12, 26, 42, 16),
        "b.feasible": _five(4, 14, 24, 42, 16),
        "c.effective": _five(2, 8, 18, 44, 28),
        "c.feasible": _five(8, 22, 28, 32, 10),
        "d.effective": _five(6, 14, 28, 36, 16),
        "d.feasible": _five(18, 32, 26, 18, 6),
    },
    "options/pick": {"choice": {"a": 6, "b": 44, "c": 36, "d": 14}},
}

GENERAL = (
    Point("What would we look at in a year to see whether this worked?", "question"),
    Point("We agree with the aim and not yet on who would carry it."),
    Point("One country where it was tried would say more than ten arguments."),
    Point("Somebody has to pay for it, and nobody at our table could say who."),
    Point("One of us would rather leave things as they are.", "dissent"),
    Point("Those it concerns should be in the room next time."),
)

POINTS_2006 = {
    "coherence/framework-of-coherence": (
        Point("Departments would need shared targets, not only shared meetings.",
              items=("promote",)),
        Point("Banking and pensions are places to start: gains on every side, and few"
              " votes to lose.", items=("promote",)),
        Point("Begin with what reduces poverty most and let the rest follow from it.",
              items=("promote",)),
        Point("The evidence is there. It is not what decides.", items=("problematic",)),
        Point("Plans reach as far as the next election, migration does not.",
              items=("problematic",)),
        Point("If everybody had agreed ten years ago, development policy would be"
              " poorer today.", "dissent", ("problematic",)),
        Point("In line with what: with Europe, with the Commonwealth, with our own"
              " white papers?", "question", ("problematic",)),
        Point("As long as the public hears one side only, nothing bold will pass.",
              items=("problematic",)),
        Point("One department works for people abroad, the others for people here;"
              " some friction is honest.", items=("problematic",)),
        Point("Show three schemes in which everybody gains, with figures, and the mood"
              " may turn.", items=("promote",)),
    ),
    "framework/principles": (
        Point("Every scheme selects somebody; say “consistent” rather than that it"
              " must not discriminate.", "rewording", ("p1",)),
        Point("Simple rules would help the officers at the desk as much as the"
              " applicants.", items=("p1",)),
        Point("Nobody at our table wanted to take a word out of this.", items=("p2",)),
        Point("The link to development has to be shown for each scheme, not assumed.",
              items=("p3",)),
        Point("We like it. Whether it is a right in law, we could not settle.",
              items=("p4",)),
        Point("Does it hold for people here for a year as for those who stay?",
              "question", ("p4", "p6")),
        Point("Would a path to papers draw more people in? We have seen no good"
              " figures.", "question", ("p5",)),
        Point("Whoever is exploited today cannot wait for the perfect scheme.",
              items=("p5",)),
        Point("Take part in what: the council, the school board, the vote?", "question",
              ("p6",)),
        Point("Emergency care yes; for the rest, status will matter to the public.",
              items=("p7",)),
        Point("Rights and duties belong in one sentence for these three.", "rewording",
              ("p5", "p6", "p7")),
        Point("Migrants know things about migration that nobody else does.",
              "rewording", ("p8",)),
        Point("A statement, not a principle: nothing follows from it for policy.",
              "dissent", ("p8", "p9")),
        Point("Hostility has more than one source, and newcomers can add to it too.",
              items=("p9",)),
        Point("Stop after “evaluated properly” and it is stronger.", "rewording",
              ("p10",)),
        Point("Look at the evidence before the policy as well as after.",
              items=("p10",)),
        Point("Public confidence deserves a principle of its own.", "new-item"),
        Point("Control is not the enemy: without it the fair parts will not survive."),
    ),
    "options/scenarios": (
        Point("Closing a door on nurses because of where they were born is not ethics.",
              items=("a",)),
        Point("People will find another way, and a worse one.", items=("a",)),
        Point("“Temporary” makes it sayable in public; the shortages make it useful.",
              items=("b",)),
        Point("Which country gains what? Only an agreement between two can answer.",
              "question", ("b",)),
        Point("The one option we could defend in any department.", items=("c",)),
        Point("Higher pay at home takes years to show, and ministers want results.",
              "dissent", ("c",)),
        Point("Elegant on paper; the treasury will never earmark a tax.", items=("d",)),
        Point("It asks nobody to stay put, and it moves money to the right place.",
              items=("d",)),
        Point("Let the tax follow for the first five years only.", "rewording", ("d",)),
    ),
    "options/pick": (
        Point("Together: schemes for the short term, aid for the long one.",
              items=("b", "c")),
        Point("We picked what we could explain in one minute on the radio.",
              items=("b",)),
        Point("Our second choice would have needed another hour.", "dissent"),
    ),
    "options/challenge": (
        Point("A clinic without a nurse helps nobody, however poor the patients are."),
        Point("It is paid to the service, not to the person: count patients seen."),
        Point("Replacing one who leaves costs more than keeping three."),
        Point("We would not defend it alone; with rural posts attached, we would."),
        Point("Teachers and nurses are the channel by which aid reaches the poorest."),
        Point("What stops the better pay from going to the capital again?", "question"),
    ),
    "diasporas/outcomes": (
        Point("Small firms started with savings and know-how from abroad.",
              items=("outcomes",)),
        Point("Policy that knows what happens on the ground.", items=("outcomes",)),
        Point("Trade in the goods that people from there buy here anyway.",
              items=("outcomes",)),
        Point("Nobody has written down what we want from it.", items=("obstacles",)),
        Point("There is no one diaspora to call; groups differ and compete.",
              items=("obstacles",)),
        Point("Our plans are made in country offices, theirs around kitchen tables.",
              items=("obstacles",)),
        Point("A small fund that pays for the second meeting, not only the first.",
              items=("support",)),
        Point("Leave of absence from public service for a term of work back home.",
              items=("support",)),
        Point("Somebody in each department whose job it is to answer.",
              items=("support",)),
        Point("Why should they trust us this time?", "question", ("obstacles",)),
    ),
    "skilled-migration/approaches": (
        Point("Recruiting codes do little while the back door stands open.",
              items=("managing",)),
        Point("Judge employers, not passports.", items=("managing",)),
        Point("Six months back home should not cost anybody the post here.",
              items=("diaspora",)),
        Point("Many would go for less money if somebody organised it.",
              items=("diaspora",)),
        Point("Let visiting specialists train the trainers.", items=("diaspora",)),
        Point("Centres need money for research; poor countries will have few.",
              items=("outsourcing",)),
        Point("A good hospital for foreigners also trains the cleaner’s daughter.",
              items=("outsourcing",)),
        Point("Who treats the patient after the flight home?", "question",
              ("outsourcing",)),
        Point("Two levels of training are fair only with a ladder between them.",
              items=("managing",)),
    ),
    "closing/next-steps": (
        Point("We will test every migration measure for what it does to the poorest."),
        Point("Let us try three schemes with three countries and publish the results."),
        Point("Freer movement is a goal; we ask how, not whether."),
        Point("Nothing new until the points system has been looked at from abroad.",
              "dissent"),
        Point("Ask the countries of origin first what they would have us say."),
        Point("Who will be at the table in Brussels for those who move?", "question"),
    ),
}  # fmt: skip

OPINIONS_2006 = Opinions(TENDENCIES_2006, POINTS_2006)
