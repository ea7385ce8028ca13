"""Forms for what happens to items in the middle of a session."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from deliberation.models import Item, Prompt


class AgainForm(forms.Form):
    """Which items of a prompt the room is asked again."""

    items = forms.ModelMultipleChoiceField(
        label=gettext_lazy("What is asked again"),
        queryset=Item.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Tick at least one.")},
    )

    def __init__(self, *args: Any, prompt: Prompt, **options: Any) -> None:
        super().__init__(*args, **options)
        found = prompt.items.filter(retired_at=None).prefetch_related("wordings")
        numbered = list(enumerate(found, start=1))
        field = self.fields["items"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = prompt.items.filter(retired_at=None)
        field.choices = [(item.pk, _named(number, item)) for number, item in numbered]


def _named(number: int, item: Item) -> str:
    newest = list(item.wordings.all())[-1]
    named = f"{number} {newest.text}"
    if newest.version == 1:
        return named
    return _("%(item)s (wording %(version)d)") % {
        "item": named,
        "version": newest.version,
    }
