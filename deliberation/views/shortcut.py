"""A person's answer without a request: what `phone.answer` does at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import QueryDict

from deliberation.actions import at_once
from deliberation.actions.at_once import Sent, Stored
from deliberation.views.phone import acknowledged, key_of
from workshops import identity

view_name = "phone:answer"
cookies = identity.COOKIES
most_together = at_once.most_together


def read(
    arguments: Mapping[str, Any], cookies: Mapping[str, str], form: QueryDict
) -> Sent | None:
    return at_once.read(
        **arguments,
        token_for=lambda pk: cookies.get(identity.cookie_name(pk)),
        key=key_of(form),
        data=form,
    )


def do(sent: Sequence[Sent]) -> list[bytes | Exception | None]:
    return [
        acknowledged(one.receipt, one.answered, one.of).content
        if isinstance(one, Stored)
        else one
        for one in at_once.store_together(sent)
    ]
