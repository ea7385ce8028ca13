"""Why a step was not taken, in words: the page was old, or somebody was faster."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from config import incoming
from deliberation.live.console_day import clock_time
from workshops.models import Workshop


class Refused(Exception):
    """The step was not taken; the text says why."""


def find(rows: Any, arguments: Sequence[str], place: int = 0) -> Any:
    """Return the row that an argument names. Raises Refused when it is gone."""
    word = arguments[place] if len(arguments) > place else ""
    row = rows.filter(pk=incoming.number(word)).first()
    if row is None:
        raise gone()
    return row


def gone() -> Refused:
    """Say that what a button is about was deleted."""
    return Refused(_("That is no longer there. The page shows what there is now."))


def busy() -> str:
    """Say that two waited for each other, or one too long: nothing was done."""
    return _("Somebody else was busy with this. Please press again.")


def argument(arguments: Sequence[str], place: int, allowed: Sequence[str]) -> str:
    """Return one of the words allowed. Raises Refused for any other."""
    word = arguments[place] if len(arguments) > place else ""
    if word not in allowed:
        raise Refused(_("This button is out of date. Please press it again."))
    return word


def already(
    workshop: Workshop, verb: str | Sequence[str], row: Any, done: str
) -> Refused:
    """Say that a step was taken before, by whom and when. verb: its name, or names."""
    label = row._meta.label_lower
    verbs = [verb] if isinstance(verb, str) else verb
    for event in workshop.events.filter(verb__in=verbs).select_related("actor")[:30]:
        if any(c["model"] == label and c["pk"] == row.pk for c in event.changes):
            at = clock_time(event.at)
            if event.actor is None:
                return Refused(
                    _("%(done)s at %(at)s, when the time ran out.")
                    % {"done": done, "at": at}
                )
            return Refused(
                _("%(done)s by %(who)s at %(at)s.")
                % {"done": done, "who": name_of(event.actor), "at": at}
            )
    return Refused(done + ".")


def name_of(account: Any) -> str:
    return account.get_full_name() or account.get_username()
