"""The steps that turn the projector to something else; see `console_steps`."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from deliberation.actions import screens
from deliberation.live.moving import is_moving
from deliberation.live.screen import screen_html, where_to_read
from deliberation.models import Item, Round, Screen
from deliberation.views.console_refusals import Refused, already, argument, find
from workshops.models import Workshop


def freeze(workshop: Workshop, actor: Any, _arguments: Sequence[str]) -> str:
    screen = Screen.objects.filter(workshop=workshop).first()
    if screen is not None and screen.frozen_html:
        raise already(workshop, "freeze", screen, _("Already frozen"))
    html = screen_html(workshop.pk)
    screens.freeze(workshop=workshop, html=html, actor=actor)
    return _("The screen is frozen. The room sees this picture until you unfreeze it.")


def thaw(workshop: Workshop, actor: Any, _arguments: Sequence[str]) -> str:
    screens.thaw(workshop=workshop, actor=actor)
    return _("The screen follows again.")


def blank(workshop: Workshop, actor: Any, arguments: Sequence[str]) -> str:
    on = argument(arguments, 0, ["0", "1"]) == "1"
    screens.set_screen(workshop=workshop, actor=actor, verb="blank", blank=on)
    return _("The screen is blank.") if on else _("The screen shows again.")


def join_code(workshop: Workshop, actor: Any, arguments: Sequence[str]) -> str:
    on = argument(arguments, 0, ["0", "1"]) == "1"
    screens.set_screen(
        workshop=workshop, actor=actor, verb="join-code", join_overlay=on
    )
    if on:
        return _("The join code is on the screen.")
    return _("The join code is off the screen.")


def look(workshop: Workshop, actor: Any, arguments: Sequence[str]) -> str:
    word = argument(arguments, 0, Screen.Look.values)
    screens.set_screen(workshop=workshop, actor=actor, verb="look", look=word)
    return _("The screen has changed its look.")


def view(workshop: Workshop, actor: Any, arguments: Sequence[str]) -> str:
    word = argument(arguments, 0, Screen.View.values)
    screens.set_screen(workshop=workshop, actor=actor, verb="view", view=word)
    return _("The screen has another view.")


def item(workshop: Workshop, actor: Any, arguments: Sequence[str]) -> str:
    """Show one item of a round large, or with `0` all of them again."""
    this_round = find(workshop.rounds.select_related("prompt__session"), arguments)
    chosen = None
    if arguments[1:] != ["0"]:
        asked = Item.objects.filter(rounditem__round=this_round)
        chosen = find(asked, arguments, 1)
    screens.set_screen(
        workshop=workshop,
        actor=actor,
        verb="item",
        item=chosen,
        **on_the_wall(Screen.Showing.PROMPT, this_round),
    )
    return (
        _("The screen shows one item.") if chosen else _("The screen shows all items.")
    )


def show(workshop: Workshop, actor: Any, arguments: Sequence[str]) -> str:
    """Turn the screen to how to join, a brief, a prompt, points or the write-up.

    A question to the speaker has a step of its own, which names it.
    """
    others = set(Screen.Showing.values) - {Screen.Showing.QUESTION.value}
    what = argument(arguments, 0, sorted(others))
    if what == Screen.Showing.ROTATION and not is_moving(workshop):
        raise Refused(_("People are not changing tables now."))
    if what in (
        Screen.Showing.JOIN,
        Screen.Showing.WRITE_UP,
        Screen.Showing.ROTATION,
    ):
        if what == Screen.Showing.WRITE_UP and where_to_read(workshop) is None:
            raise Refused(_("Nothing is published yet."))
        fields: dict[str, Any] = {"blank": False, "join_overlay": False}
    elif what == Screen.Showing.BRIEF:
        session = find(workshop.sessions, arguments, 1)
        fields = {"session": session, "blank": False, "join_overlay": False}
    else:
        this_round = find(
            workshop.rounds.select_related("prompt__session"), arguments, 1
        )
        fields = on_the_wall(what, this_round) | {"item": None}
    screens.set_screen(workshop=workshop, actor=actor, **fields | {"showing": what})
    return _("The screen has changed.")


def on_the_wall(showing: str, this_round: Round) -> dict[str, Any]:
    return {
        "showing": showing,
        "round": this_round,
        "session": this_round.prompt.session,
        "blank": False,
        "join_overlay": False,
    }


SCREEN_STEPS = {
    "freeze": freeze,
    "thaw": thaw,
    "blank": blank,
    "join": join_code,
    "look": look,
    "view": view,
    "item": item,
    "show": show,
}
