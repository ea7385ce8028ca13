"""Forms for what happens to items in the middle of a session."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from deliberation.forms import CleanTextField
from deliberation.models import Item, Prompt, Proposal
from deliberation.models.prompt import SHORT_LENGTH
from deliberation.proposals import newest_of


class AgainForm(forms.Form):
    """Which items of a prompt the room is asked again."""

    # By what is listed: a number that no database holds is never looked up.
    items = forms.MultipleChoiceField(
        label=gettext_lazy("What is asked again"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Tick at least one.")},
    )

    def __init__(self, *args: Any, prompt: Prompt, **options: Any) -> None:
        super().__init__(*args, **options)
        found = prompt.items.filter(retired_at=None).prefetch_related("wordings")
        self.offered = {str(item.pk): item for item in found}
        field = self.fields["items"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [
            (key, _named(number, item))
            for number, (key, item) in enumerate(self.offered.items(), start=1)
        ]

    def clean_items(self) -> list[Item]:
        return [self.offered[key] for key in self.cleaned_data["items"]]


class DecideForm(forms.Form):
    """What becomes of a proposal: adopted as it is to be asked, declined or parked.

    `version` is of the wording with which the page compared it.
    """

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    text = CleanTextField(label=gettext_lazy("As it is to be asked"), rows=3)
    short = CleanTextField(
        label=gettext_lazy("Short, for the screen"), limit=SHORT_LENGTH, required=False
    )
    again = forms.BooleanField(
        label=gettext_lazy("Ask the room about it now"), required=False, initial=True
    )
    reason = CleanTextField(
        label=gettext_lazy("Why it is decided so"), rows=2, required=False
    )

    def __init__(self, *args: Any, proposal: Proposal, **options: Any) -> None:
        self.compared = newest_of(proposal)
        options["initial"] = {
            "version": self.compared and self.compared.version,
            "text": proposal.point.text,
            "short": self.compared.short if self.compared else "",
        }
        super().__init__(*args, **options)
        if not proposal.point.prompt.judges_one_by_one:
            del self.fields["again"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.data.get("do") == "decline" and not data.get("reason"):
            self.add_error("reason", _("Please say why, for the record."))
        return data

    def look_again(self) -> None:
        """Refuse it, and let it be sent for what the item says now."""
        self.data = self.data.copy()
        self.data["version"] = str(self.compared.version) if self.compared else ""
        message = _("Please look once more: below is what the item says now.")
        self.add_error("text", message)


def _named(number: int, item: Item) -> str:
    newest = list(item.wordings.all())[-1]
    named = f"{number} {newest.text}"
    if newest.version == 1:
        return named
    return _("%(item)s (wording %(version)d)") % {
        "item": named,
        "version": newest.version,
    }
