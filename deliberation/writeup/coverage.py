"""What is stored and stands nowhere in the document."""

from dataclasses import dataclass

from deliberation.writeup.structure import Report
from workshops.models import Workshop


@dataclass(frozen=True)
class Gap:
    """A record that the document does not have.

    record: as `structure` names it. what: what it is, in a word. where: the question.
    place: of its prompt in the document.
    """

    record: str
    what: str
    text: str
    where: str
    place: str = ""


def gaps(workshop: Workshop, report: Report) -> list[Gap]:
    """Return what is missing, in the order of the day."""
    return []
