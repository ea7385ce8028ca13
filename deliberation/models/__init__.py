from .audit import Event
from .point import Point, Theme
from .prompt import Criterion, Item, Prompt, Scale, ScalePoint, Wording
from .rehearsal import Rehearsal
from .response import Answer, Response, Submission
from .round import Round, RoundItem
from .screen import Screen

__all__ = [
    "Answer",
    "Criterion",
    "Event",
    "Item",
    "Point",
    "Prompt",
    "Rehearsal",
    "Response",
    "Round",
    "RoundItem",
    "Scale",
    "ScalePoint",
    "Screen",
    "Submission",
    "Theme",
    "Wording",
]
