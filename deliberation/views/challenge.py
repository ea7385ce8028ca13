"""Which answers can be challenged, and the form: the same for console and speakers."""

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from deliberation import challenges
from deliberation.actions import challenging, rounds
from deliberation.actions.answers import ask_of
from deliberation.challenge_forms import ChallengeForm
from deliberation.kinds import AskedItem
from deliberation.live.console_day import short_name
from deliberation.models import Challenge, Prompt, Round

REFUSALS = (
    challenging.NotWaiting,
    challenging.NobodyToAsk,
    challenging.TooFew,
    rounds.AnotherRoundIsOpen,
    rounds.NothingToOpen,
    rounds.WorkshopEnded,
)


type Asked = tuple[Prompt, list[tuple[Round, AskedItem]]]


def asked_items(asked: Iterable[Round]) -> list[Asked]:
    """Return each prompt's items that can be challenged, with the answers it is about.

    asked: in the order in which they were opened. An item's answers are the newest that
    everybody was asked for. The prompts come as they were first asked, the last first.
    """
    found: dict[Prompt, dict[int, tuple[Round, AskedItem]]] = {}
    for one in asked:
        if one.prompt.has_items and one.asks_everybody:
            items = ask_of(one).items
            found.setdefault(one.prompt, {}).update(
                (item.id, (one, item)) for item in items
            )
    return [
        (prompt, sorted(items.values(), key=lambda pair: pair[1].number))
        for prompt, items in reversed(found.items())
    ]


def find_item(this_round: Round, item_id: int) -> AskedItem:
    """Return an item of a round. Raises Http404."""
    for item in ask_of(this_round).items:
        if item.id == item_id:
            return item
    raise Http404


def form_for(
    request: HttpRequest, this_round: Round, item: AskedItem, *, may_see: bool
) -> ChallengeForm:
    """Return the form; only who may see the answers is told how they were given."""
    groups = challenges.groups(this_round, item) if may_see else []
    told = [group for group in groups if group.is_told]
    return ChallengeForm(request.POST or None, groups=told, item=item)


def write(
    form: ChallengeForm, this_round: Round, item: AskedItem, **more: Any
) -> Challenge:
    """Store what a valid form says."""
    row = this_round.prompt.items.get(pk=item.id)
    return challenging.write(about=this_round, item=row, **form.written(), **more)


def why_not(refusal: Exception) -> str:
    """Say why a challenge was not sent."""
    if isinstance(refusal, rounds.AnotherRoundIsOpen):
        name = short_name(refusal.open_round.prompt.question)
        return _("“%(name)s” is still open. Close it first.") % {"name": name}
    if isinstance(refusal, challenging.NobodyToAsk):
        return _("Nobody who answered so is here any more.")
    if isinstance(refusal, challenging.TooFew):
        return _("Fewer than five people answered so: asking them would name them.")
    if isinstance(refusal, rounds.WorkshopEnded):
        return _("The workshop has ended. Take it up again first.")
    if isinstance(refusal, rounds.NothingToOpen):
        return _("Its items are not asked any more.")
    return _("It has been sent or declined already.")
