from .audit import Event
from .challenge import Challenge, RoundAudience
from .point import Point, Theme
from .prompt import Criterion, Item, Prompt, Scale, ScalePoint, Wording
from .proposal import Proposal, Stance
from .question import Question, QuestionSupport
from .rehearsal import Rehearsal
from .response import Answer, Response, Submission
from .round import Round, RoundItem
from .screen import Screen
from .writeup import (
    Comment,
    Decision,
    Frozen,
    Passage,
    Publication,
    PublishedFile,
    Remark,
    SignOff,
    WriteUp,
)

__all__ = [
    "Answer",
    "Challenge",
    "Comment",
    "Criterion",
    "Decision",
    "Event",
    "Frozen",
    "Item",
    "Passage",
    "Point",
    "Prompt",
    "Proposal",
    "Publication",
    "PublishedFile",
    "Question",
    "QuestionSupport",
    "Rehearsal",
    "Remark",
    "Response",
    "Round",
    "RoundAudience",
    "RoundItem",
    "Scale",
    "ScalePoint",
    "Screen",
    "SignOff",
    "Stance",
    "Submission",
    "Theme",
    "Wording",
    "WriteUp",
]
