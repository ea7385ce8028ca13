"""Sentences about results, by fixed rules. No ORM in here: results are plain values."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from deliberation import pictures
from deliberation.writeup.structure import Json, Run, Sentence


def turnout(path: str, results: Sequence[Json]) -> tuple[Sentence, ...]:
    """Say who was asked and how many answered; or that nobody was asked."""
    about = (f"prompt:{path}",)
    if not results:
        return (Sentence((Run(_("This was not asked.")),), about),)
    said = []
    for voice in ("tables", "people"):
        found = results[-1]["voices"][voice]
        if found:
            text = _("%(n)d of %(all)s answered.") % {
                "n": found["responded"],
                "all": pictures.how_many(found["present"], voice),
            }
            said.append(Sentence((Run(text),), about))
    return tuple(said)
