"""How items are judged. A new kind is one module here and its templates.

Each module offers `parse(ask, data, voice)`, the judgements in a submitted form;
what is counted and measured for it stands in `results.py`.
"""

from types import ModuleType

from deliberation.aggregation.agreement import WordRule

from . import allocate, approve, assess, choose, discuss, rank, rate
from .base import Ask, AskedCriterion, AskedItem, AskedPoint, InvalidAnswer, Judgement

KINDS: dict[str, ModuleType] = {
    module.__name__.rpartition(".")[2]: module
    for module in (assess, rate, choose, approve, rank, allocate, discuss)
}

__all__ = [
    "KINDS",
    "Ask",
    "AskedCriterion",
    "AskedItem",
    "AskedPoint",
    "InvalidAnswer",
    "Judgement",
    "WordRule",
]
