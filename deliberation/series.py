"""Workshops of a series side by side, and pooled where the same was asked.

The same is an item under one key of prompt, item and criterion, in the same round, put
in the same words with the same answers to choose from. Whatever differs stands beside
it as another item and is never pooled with it. Only closed rounds are read.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from deliberation.actions.answers import ask_of
from deliberation.aggregation import pooling
from deliberation.kinds import Ask, AskedItem
from deliberation.models import Prompt, Round
from deliberation.models.response import Voice
from deliberation.results import Json, for_readers, round_results
from workshops.models import Series, Workshop

FORMAT = 1
LEAST_WORKSHOPS = pooling.LEAST_WORKSHOPS  # for anything pooled
# What can differ between workshops that have an item of one key, in order.
DIFFERENCES = (
    "kind",
    "question",
    "wording",
    "criterion",
    "scale",
    "bounds",
    "options",
)


class Asked(NamedTuple):
    """All of what people were asked that makes two items the same."""

    kind: str
    question: str
    wording: tuple[str, str]  # text and gloss
    criterion: str
    scale: tuple[tuple[int, str, str], ...]  # value, key and label of each point
    bounds: tuple[int, int, int, bool]  # least, most, total, ties
    options: tuple[tuple[str, str], ...]  # what it was picked from, key and text


@dataclass(frozen=True)
class Found:
    """What one workshop answered on an item; `row` is of its results JSON."""

    this_round: Round
    ask: Ask
    item: AskedItem
    row: Json

    @property
    def workshop(self) -> Workshop:
        return self.this_round.workshop

    @property
    def is_withheld(self) -> bool:
        """Tell whether too few answered for anything to be shown."""
        return bool(self.row.get("suppressed"))


@dataclass(frozen=True)
class Variant:
    """One item as it was asked alike in one or more workshops.

    differs: what of DIFFERENCES is not as in the variant before all others. pooled:
    measures by what is pooled, of those workshops that are not withheld.
    """

    found: tuple[Found, ...]
    differs: tuple[str, ...]
    pooled: dict[str, Json]


@dataclass(frozen=True)
class Compared:
    """An item in one respect: how it was asked in most workshops, then otherwise."""

    item: str
    criterion: str
    variants: tuple[Variant, ...]


def rounds_of(workshops: Sequence[Workshop]) -> dict[str, dict[int, list[Round]]]:
    """Return the closed rounds with items by prompt (`session/prompt`) and number.

    Prompts stand in the order of the day of the first workshop that has them, rounds
    in the order of the workshops. Rehearsals are nobody's answers and left out.
    """
    found: dict[str, dict[int, list[Round]]] = defaultdict(lambda: defaultdict(list))
    place = {
        workshop.pk: place
        for place, workshop in enumerate(workshops)
        if not workshop.is_rehearsal
    }
    closed = Round.objects.filter(workshop__in=place, closed_at__isnull=False)
    ordered = closed.in_order_of_the_day()
    for this_round in sorted(ordered, key=lambda one: place[one.workshop_id]):
        if this_round.prompt.has_items:
            found[this_round.prompt.path][this_round.number].append(this_round)
    return {path: dict(sorted(numbers.items())) for path, numbers in found.items()}


def compare(rounds: Iterable[Round], voice: str) -> list[Compared]:
    """Return every item of these rounds, which are of one prompt and number.

    In the order of the first workshop, then what only later ones asked. Of people, an
    item that fewer than three of a workshop answered is withheld and not pooled.
    """
    groups: dict[tuple[str, str], dict[Asked, list[Found]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for this_round in rounds:
        ask = ask_of(this_round)
        shown = round_results(this_round, ask=ask, by_table=False, organised=False)
        answered = for_readers(shown)["voices"][voice]
        for row in answered.get("items", ()):
            item = ask.item(row["item"])
            if item is not None:
                asked = _asked(this_round, ask, item, row["criterion"])
                one = Found(this_round, ask, item, row)
                groups[row["item"], row["criterion"]][asked].append(one)
    return [
        Compared(item, criterion, tuple(_variants(alike)))
        for (item, criterion), alike in groups.items()
    ]


def series_results(series: Series, workshops: Sequence[Workshop]) -> Json:
    """Return all that `compare` finds, as the file of a series has it."""
    return {
        "format": FORMAT,
        "series": series.key,
        "workshops": [
            {
                "workshop": one.slug,
                "title": one.title,
                "date": one.date and one.date.isoformat(),
            }
            for one in workshops
            if not one.is_rehearsal
        ],
        "prompts": [
            {
                "prompt": path,
                "kind": rounds[0].prompt.kind,
                "round": number,
                "voices": {
                    voice: {"items": _as_json(compare(rounds, voice))}
                    for voice in Voice.values
                },
            }
            for path, by_number in rounds_of(workshops).items()
            for number, rounds in by_number.items()
        ],
    }


def flat(results: Json) -> Iterable[list[Any]]:
    """Yield the rows of COLUMNS: a figure each, of a workshop or pooled."""
    for asked in results["prompts"]:
        head = [asked["prompt"], asked["round"]]
        for voice, answered in asked["voices"].items():
            for item in answered["items"]:
                place = [*head, voice, item["item"], item["criterion"]]
                for number, variant in enumerate(item["variants"], start=1):
                    yield from _flat_variant([*place, number], variant)


COLUMNS = [
    *("prompt", "round", "voice", "item", "criterion", "variant", "differs"),
    *("workshop", "n", "figure", "value", "low", "high", "next_low", "next_high"),
    *("tau2", "i2", "q", "workshops"),
]


def _flat_variant(place: list[Any], variant: Json) -> Iterable[list[Any]]:
    differs = " ".join(variant["differs"])
    for one in variant["workshops"]:
        head = [*place, differs, one["workshop"], one["n"]]
        figures = one["counts"] or {"suppressed": None}
        for name, value in figures.items():
            yield [*head, name, value, *[None] * 8]
    for name, one in variant["pooled"].items():
        low, high = one["interval"] or (None, None)
        next_low, next_high = one["prediction"] or (None, None)
        figures = [one["pooled"], low, high, next_low, next_high]
        figures += [one["tau2"], one["i2"], one["q"], one["workshops"]]
        yield [*place, differs, "", None, name, *figures]


def _as_json(compared: Iterable[Compared]) -> list[Json]:
    return [
        {
            "item": one.item,
            "criterion": one.criterion,
            "variants": [
                {
                    "text": variant.found[0].item.text,
                    "differs": list(variant.differs),
                    "workshops": [_row(found) for found in variant.found],
                    "pooled": variant.pooled,
                }
                for variant in one.variants
            ],
        }
        for one in compared
    ]


def _row(found: Found) -> Json:
    names = ("wording", "n", "abstained", "not_discussed", "counts", "measures")
    told: Json = {"workshop": found.workshop.slug, "suppressed": found.is_withheld}
    if found.is_withheld:
        return told | {"n": None, "counts": {}}
    return told | {name: found.row[name] for name in names}


def _asked(this_round: Round, ask: Ask, item: AskedItem, criterion: str) -> Asked:
    labels = {one.key: one.label for one in ask.criteria}
    return Asked(
        kind=ask.kind,
        question=this_round.prompt.question,
        wording=(item.text, item.gloss),
        criterion=labels[criterion],
        scale=tuple((one.value, one.key, one.label) for one in ask.points),
        bounds=(ask.least, ask.most, ask.total, ask.ties),
        options=tuple(sorted((one.key, one.text) for one in ask.items))
        if ask.is_whole
        else (),
    )


def _variants(alike: Mapping[Asked, Sequence[Found]]) -> Iterable[Variant]:
    """Yield what was asked alike, that of most workshops first."""
    ordered = sorted(alike.items(), key=lambda one: -len(one[1]))
    first = ordered[0][0]
    for asked, found in ordered:
        differs = tuple(
            name
            for name, one, other in zip(DIFFERENCES, asked, first, strict=True)
            if one != other
        )
        yield Variant(tuple(found), differs, _pooled(found))


def _pooled(found: Sequence[Found]) -> dict[str, Json]:
    """Pool what defines the kind: shares, and of a rating its mean as well."""
    shown = [one for one in found if not one.is_withheld]
    ask, rows = found[0].ask, [one.row for one in shown]
    share = partial(_pooled_share, rows)
    if ask.kind == Prompt.Kind.RATE:
        counts = [
            {point.value: row["counts"][point.key] for point in ask.points}
            for row in rows
        ]
        return {
            "mean": pooling.mean_measures(counts),
            "agree": share(lambda row: row["measures"]["agree"]),
        }
    if ask.kind == Prompt.Kind.ALLOCATE:
        return {"supporters": share(lambda row: row["measures"]["supporters"])}
    if ask.kind == Prompt.Kind.RANK:
        return {"1": share(lambda row: row["counts"]["1"])}
    if ask.is_pick:
        return {"chosen": share(lambda row: row["counts"]["chosen"])}
    return {
        point.key: share(lambda row, key=point.key: row["counts"][key])
        for point in ask.points
    }


def _pooled_share(rows: Sequence[Json], people: Any) -> Json:
    return pooling.share_measures((people(row), row["n"]) for row in rows)
