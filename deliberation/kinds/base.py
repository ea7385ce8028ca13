"""What is asked in a round and what came back, as plain values."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from django.utils.translation import gettext as _

from config.incoming import clean_text
from deliberation.aggregation.agreement import WORD_RULE, WordRule

ABSTAIN = "abstain"
NOT_DISCUSSED = "not-discussed"
ANSWERED = "answered"
REASON_LENGTH = 2000  # code points


class AskedItem(NamedTuple):
    id: int
    key: str
    number: int
    text: str
    short: str
    gloss: str
    wording: int


class AskedCriterion(NamedTuple):
    id: int
    key: str
    label: str


class AskedPoint(NamedTuple):
    value: int
    key: str
    label: str
    short: str
    gloss: str


@dataclass(frozen=True, slots=True)
class Ask:
    """A prompt as it is asked in one round, in the wordings of that round.

    `points` are the scale's, ascending by value; empty for kinds without a scale.
    `least` and `most` bound how many items may be approved, `most` how many may be
    ranked; `ties` lets those be level. `total` is how many points are shared out.
    `rule` is the announced one for who wins a ranking, or empty; `words` the one for
    the words that sum up a rating.
    """

    kind: str
    items: tuple[AskedItem, ...]
    criteria: tuple[AskedCriterion, ...]
    points: tuple[AskedPoint, ...]
    abstain: bool
    reasons: str
    least: int
    most: int
    total: int = 0
    ties: bool = False
    rule: str = ""
    words: WordRule = WORD_RULE

    def item(self, key: str) -> AskedItem | None:
        return next((item for item in self.items if item.key == key), None)

    @property
    def is_pick(self) -> bool:
        """Tell whether items are chosen or not."""
        return self.kind in ("choose", "approve")

    @property
    def is_numbered(self) -> bool:
        """Tell whether items are given numbers: places or points."""
        return self.kind in ("rank", "allocate")

    @property
    def adds_up(self) -> bool:
        """Tell whether an item's answers follow from those to all the others.

        They do for numbers, and where everybody picks equally many.
        """
        is_fixed = self.kind == "choose" or self.least == self.most
        return self.is_numbered or (self.is_pick and is_fixed)

    @property
    def is_whole(self) -> bool:
        """Tell whether items are judged all together, not one by one."""
        return self.is_pick or self.is_numbered

    @property
    def number_asked(self) -> int:
        """How many answers make a respondent complete: its items, or one whole."""
        if self.kind == "discuss":
            return 0
        return min(1, len(self.items)) if self.is_whole else len(self.items)

    def number_judged(self, rows: Iterable[Sequence[Any]]) -> int:
        """Count what of it is answered by the rows (item id, criterion id, ...)."""
        judged: dict[int, set[int]] = defaultdict(set)
        for item_id, criterion_id, *_rest in rows:
            judged[item_id].add(criterion_id)
        if self.is_whole:
            return int(bool(judged))
        wanted = {criterion.id for criterion in self.criteria}
        return sum(wanted <= judged[item.id] for item in self.items)

    def takes_reasons(self, voice: str) -> bool:
        return self.reasons != "none"

    def needs_reasons(self, voice: str) -> bool:
        """Only tables can be made to give a reason for each item."""
        return self.reasons == "required" and voice == "tables"


class Judgement(NamedTuple):
    """One judged item. `value` is None unless the state is "answered"."""

    item_id: int
    criterion_id: int
    state: str
    value: int | None
    reason: str


class FormData(Protocol):
    """What a submitted form offers (a QueryDict does)."""

    def get(self, key: str, default: str = ...) -> str | None: ...
    def getlist(self, key: str) -> list[str]: ...
    def __contains__(self, key: object) -> bool: ...


class InvalidAnswer(Exception):
    """A submission that cannot be stored: `errors` maps a field to its message."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        self.errors = dict(errors)
        super().__init__("; ".join(self.errors.values()))


def states_offered(ask: Ask, voice: str) -> list[str]:
    """Return the answers besides the kind's own that a voice may give."""
    return [ABSTAIN] * ask.abstain + [NOT_DISCUSSED] * (voice == "tables")


def read_reason(
    ask: Ask,
    data: FormData,
    item: AskedItem,
    voice: str,
    errors: dict[str, str],
    *,
    judged: bool = True,
) -> str:
    """Return the cleaned reason for an item; add a message to `errors` if it is bad.

    Where the item was not judged ("not discussed"), no reason is asked for.
    """
    field = f"reason.{item.key}"
    reason = clean_text(data.get(field) or "")
    if not ask.takes_reasons(voice):
        return ""
    if len(reason) > REASON_LENGTH:
        errors[field] = _(
            "This is %(count)d characters long; please keep it to %(limit)d."
        ) % {"count": len(reason), "limit": REASON_LENGTH}
    if not reason and judged and ask.needs_reasons(voice):
        errors[field] = _("Please give the table's reason as well.")
    return reason
