"""A challenge as it is written: what it says, to whom, and what is asked of them."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from deliberation.actions.points import POINT_LENGTH
from deliberation.challenges import Group, label_of
from deliberation.forms import CleanTextField
from deliberation.kinds import AskedItem
from deliberation.models.challenge import Audience
from workshops import codes


class ChallengeForm(forms.Form):
    text = CleanTextField(
        label=gettext_lazy("What you say to them"), rows=4, limit=POINT_LENGTH
    )
    to = forms.ChoiceField(label=gettext_lazy("Who is asked"), widget=forms.RadioSelect)
    asks = forms.ChoiceField(
        label=gettext_lazy("What they are asked"), widget=forms.RadioSelect
    )
    key = forms.SlugField(max_length=64, widget=forms.HiddenInput)

    def __init__(
        self, *args, groups: Sequence[Group], item: AskedItem, **options
    ) -> None:
        """groups: those who answered the item alike and may be asked apart."""
        first = {"to": "room", "asks": "words", "key": codes.new_token()}
        super().__init__(*args, initial=first, **options)
        self.fields["to"].choices = [
            ("room", _("The whole room")),
            *((_name(group), label_of(group, item)) for group in groups),
        ]
        self.fields["asks"].choices = [
            ("words", _("An answer in their own words")),
            ("again", _("The same question again: do they keep their answer?")),
        ]

    def written(self) -> dict[str, Any]:
        """Return the arguments of `challenging.write`, besides what it is about."""
        data = self.cleaned_data
        audience, _colon, value = data["to"].partition(":")
        return {
            "text": data["text"],
            "key": data["key"],
            "audience": Audience(audience),
            "value": int(value) if value else None,
            "asks_again": data["asks"] == "again",
        }


def _name(group: Group) -> str:
    return f"{group.audience}:{group.value}"
