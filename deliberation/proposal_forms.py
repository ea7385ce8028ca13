"""Forms for what happens to items in the middle of a session."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from deliberation.models import Item, Prompt


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


def _named(number: int, item: Item) -> str:
    newest = list(item.wordings.all())[-1]
    named = f"{number} {newest.text}"
    if newest.version == 1:
        return named
    return _("%(item)s (wording %(version)d)") % {
        "item": named,
        "version": newest.version,
    }
