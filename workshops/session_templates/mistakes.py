"""What is wrong with a session template, and where, in an organiser's words."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Mistake:
    """One mistake. `line` and `column` count from 1, as text editors do."""

    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.line}:{self.column}: {self.message}"


class TemplateErrors(Exception):
    """A session template that cannot be used; `mistakes` holds all of them, sorted."""

    def __init__(self, mistakes: Iterable[Mistake], *, name: str = "template") -> None:
        self.mistakes = sorted(set(mistakes))
        self.name = name
        super().__init__(name, self.mistakes)

    def lines(self, name: str | None = None) -> list[str]:
        """Return one `FILE:LINE:COLUMN: message` for each mistake."""
        return [f"{name or self.name}:{mistake}" for mistake in self.mistakes]

    def __str__(self) -> str:
        return "\n".join(self.lines())


def show(value: object) -> str:
    """Return a value as it may stand in a message: quoted, on one line, not long."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    text = " ".join(text.split())
    return f"'{text if len(text) <= 40 else text[:39] + '…'}'"
