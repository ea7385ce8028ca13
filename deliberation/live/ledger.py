"""How a round was answered so far: kept in memory, read again where it changed.

Of a thousand people who have answered, a few dozen do so between two looks at a board.
Counting all of them each time took most of a board's processor, and the database's.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from itertools import batched
from typing import Any, NamedTuple

from django.db.models import TextField
from django.db.models.functions import Cast

from config.prepared import Prepared
from deliberation.aggregation.tally import ItemTally, Row, Running, State
from deliberation.kinds import Ask
from deliberation.live.progress import Answered
from deliberation.models import Answer, Prompt, Response
from deliberation.models.response import Voice
from deliberation.results import scale_of

KEPT = 32  # rounds, by each thread that draws boards
# All is read again this often, in case answers were changed past the application.
WHOLE_SECONDS = 30
AT_ONCE = 64  # responses that one statement reads
MANY = 4 * AT_ONCE  # more are read all together

type Said = tuple[int, int, State, int | None]  # item, criterion, state, value
# Response, version, when it was stored, seat's table, own table and its number.
type Mark = tuple[int, int, str, int | None, int | None, int | None]


class _Reply(NamedTuple):
    mark: Mark
    answered: Answered
    said: tuple[Said, ...]


class Ledger:
    """One round's answers, by respondent and counted (`results.Counted`).

    Not for points: their scale is whatever was given.
    """

    def __init__(self, round_id: int, ask: Ask) -> None:
        if ask.kind == Prompt.Kind.ALLOCATE:
            raise ValueError("points have no scale to be counted on")
        self.round_id, self.ask = round_id, ask
        self._forget()

    def _forget(self) -> None:
        self._whole_at = time.monotonic()
        self._replies: dict[int, _Reply] = {}
        self._equal: dict[Said, Said] = {}  # a few dozen, each said by many
        ask = self.ask
        self._items = {item.id: item.key for item in ask.items}
        self._criteria = {one.id: one.key for one in ask.criteria}
        self._running = {
            voice: Running(
                items=[item.key for item in ask.items],
                criteria=[criterion.key for criterion in ask.criteria],
                values=scale_of(ask, ()),
            )
            for voice in Voice.values
        }

    def refresh(self) -> None:
        """Read what changed since the last time."""
        if time.monotonic() - self._whole_at > WHOLE_SECONDS:
            self._forget()
        # The marks first: what is stored meanwhile is read again the next time.
        marks: dict[int, Mark] = {
            mark[0]: mark for mark in _marks(this_round=self.round_id)
        }
        known = self._replies
        for pk in known.keys() - marks.keys():
            self._leave_out(pk)
        changed = [
            pk
            for pk, mark in marks.items()
            if pk not in known or known[pk].mark != mark
        ]
        for reply in self._read(changed, marks):
            self._leave_out(reply.mark[0])
            self._count_in(reply)

    def progress(self) -> list[Answered]:
        """Return how far each respondent is, as `progress.progress` does."""
        return [reply.answered for reply in self._replies.values()]

    def responded(self, voice: str) -> int:
        """Return how many have answered."""
        replies = self._replies.values()
        return sum(reply.answered.voice == voice for reply in replies)

    def item_tallies(self, voice: str, tables: Iterable[int]) -> list[ItemTally[int]]:
        """Return the tallies of what is asked, with these tables and all others."""
        return self._running[voice].item_tallies(tables=tables)

    def _leave_out(self, pk: int) -> None:
        reply = self._replies.pop(pk, None)
        if reply is not None:
            self._add(reply, -1)

    def _count_in(self, reply: _Reply) -> None:
        self._replies[reply.mark[0]] = reply
        self._add(reply, 1)

    def _add(self, reply: _Reply, count: int) -> None:
        running, number = self._running[reply.answered.voice], reply.mark[-1]
        for item, criterion, state, value in reply.said:
            if item in self._items:  # others were taken out of the question
                place = self._items[item], self._criteria[criterion]
                running.add(Row(*place, number, state, value, count))

    def _read(self, changed: Sequence[int], marks: dict[int, Mark]) -> Iterator[_Reply]:
        said: dict[int, list[Said]] = {pk: [] for pk in changed}
        for pk, *one in self._rows(_answers, changed):
            if pk in said:
                row = tuple(one)
                said[pk].append(self._equal.setdefault(row, row))
        for pk, voice, stored_at in self._rows(_responses, changed):
            if pk in said:
                _pk, _version, _at, seat, table, _number = mark = marks[pk]
                place = table if voice == Voice.TABLES else seat
                items = len({item for item, *_more in said[pk]})
                answered = Answered(voice, place, items, stored_at)
                yield _Reply(mark, answered, tuple(said[pk]))

    def _rows(self, read: "_Read", changed: Sequence[int]) -> Iterator[tuple[Any, ...]]:
        if len(changed) > MANY:
            yield from read.of_round(this_round=self.round_id)
            return
        for some in batched(changed, AT_ONCE):
            padded = some + some[-1:] * (AT_ONCE - len(some))
            yield from read.of_some(**dict(zip(_NAMES, padded, strict=True)))


class _Read(NamedTuple):
    """The same rows of a whole round, and of some responses."""

    of_round: Prepared[tuple[Any, ...]]
    of_some: Prepared[tuple[Any, ...]]


_NAMES = [f"response_{place}" for place in range(AT_ONCE)]
_JUDGED = ("response", "item", "criterion", "state", "value")
_answers = _Read(
    Prepared(
        lambda this_round: (
            Answer.objects.filter(round=this_round).order_by().values_list(*_JUDGED)
        ),
        this_round=int,
    ),
    Prepared(
        lambda **some: (
            Answer.objects.filter(response__in=[*some.values()])
            .order_by()
            .values_list(*_JUDGED)
        ),
        **dict.fromkeys(_NAMES, int),
    ),
)
_responses = _Read(
    Prepared(
        lambda this_round: (
            Response.objects.filter(round=this_round)
            .order_by()
            .values_list("pk", "voice", "stored_at")
        ),
        this_round=int,
    ),
    Prepared(
        lambda **some: (
            Response.objects.filter(pk__in=[*some.values()])
            .order_by()
            .values_list("pk", "voice", "stored_at")
        ),
        **dict.fromkeys(_NAMES, int),
    ),
)
_marks = Prepared(
    lambda this_round: (
        Response.objects.counted()
        .filter(round=this_round)
        .order_by()
        .values_list(
            "pk",
            "version",
            # As text: a thousand moments need not be made out of what SQLite stores.
            Cast("stored_at", TextField()),
            "participant__table",
            "table",
            "table__number",
        )
    ),
    this_round=int,
)


class _Kept(threading.local):
    def __init__(self) -> None:
        self.ledgers: OrderedDict[int, Ledger] = OrderedDict()


_kept = _Kept()


def ledger_of(round_id: int, ask: Ask) -> Ledger:
    """Return the ledger of a round as it is now; this thread keeps it."""
    ledger = _kept.ledgers.pop(round_id, None)
    if ledger is None or ledger.ask != ask:
        ledger = Ledger(round_id, ask)
    ledger.refresh()
    _kept.ledgers[round_id] = ledger
    while len(_kept.ledgers) > KEPT:
        _kept.ledgers.popitem(last=False)
    return ledger
