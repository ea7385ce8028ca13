"""Two people edit the same: neither overwrites the other without being told.

A form's page carries what each field held when it was shown. What is posted is compared
with that, and with what is stored by then.
"""

from hashlib import sha256
from typing import Any, cast

from django import forms
from django.utils.choices import flatten_choices
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _


class FieldOfTwo(forms.BoundField):
    """A field that holds what is stored, unless whoever posted it changed it."""

    form: "KeepsBothChanges"

    @property
    def data(self) -> Any:
        if self.name in self.form.left_alone:
            return self.initial
        return self.form.posted(self.name)


class KeepsBothChanges(forms.BaseForm):
    """A form that two may have open at once; its page shows `{{ form.shown }}` within.

    What this person left alone is stored as it is by now; what both changed, and not
    to the same, is an error that tells what the other wrote. Shown again, the form
    carries what is stored by then, so that saving again keeps this person's. A post
    without `shown` counts as it is.
    """

    bound_field_class = FieldOfTwo

    @property
    def shown(self) -> SafeString:
        """Digests, not texts: a page of 200 items stays within what may be posted."""
        digests = " ".join(
            f"{name}:{self._stored(name)}"
            for name, field in self.fields.items()
            if not field.disabled
        )
        name = self.add_prefix("shown")
        return format_html('<input type="hidden" name="{}" value="{}">', name, digests)

    def posted(self, name: str) -> Any:
        """Return what was posted in a field, as it came."""
        widget = self.fields[name].widget
        return widget.value_from_datadict(self.data, self.files, self.add_prefix(name))

    @cached_property
    def written(self) -> dict[str, str]:
        """What this person wrote or chose, in words, by the fields they changed."""
        return {
            name: _in_words(self.fields[name], self.posted(name))
            for name, before in self._before.items()
            if _digest(self.fields[name], self.posted(name)) != before
        }

    @cached_property
    def changed_by_others(self) -> set[str]:
        """Names of the fields that hold something else now than when it was shown."""
        return {
            name for name in self._before if self._stored(name) != self._before[name]
        }

    def one_matter(self, name: str) -> set[str]:
        """Return the fields that a field is one with: a change of one is of all."""
        return {name}

    @cached_property
    def left_alone(self) -> set[str]:
        """Names of the fields that this person, as far as is known, did not touch."""
        written = self.written.keys()
        return {one for one in self._before if written.isdisjoint(self.one_matter(one))}

    @cached_property
    def _before(self) -> dict[str, str]:
        """What the fields held when the page was shown, as far as it says so."""
        pairs = (
            word.partition(":")
            for word in self.data.get(self.add_prefix("shown"), "").split()
        )
        return {name: digest for name, _colon, digest in pairs if name in self.fields}

    def _stored(self, name: str) -> str:
        field = self.fields[name]
        return _digest(field, self.get_initial_for_field(field, name))

    def clean(self) -> dict[str, Any]:
        super().clean()
        for name in self._before:
            if self.fields[name].disabled:
                self._tell_what_was_fixed(name)
            elif name not in self.left_alone:
                self._tell_what_is_stored(name)
        return self.cleaned_data

    def _tell_what_was_fixed(self, name: str) -> None:
        if name in self.written:
            message = _(
                "This was fixed meanwhile and stays as it is. Yours was: “%(value)s”."
            )
            self.add_error(name, message % {"value": self.written[name]})

    def _tell_what_is_stored(self, name: str) -> None:
        field = self.fields[name]
        same = self._stored(name) == _digest(field, self.posted(name))
        if name in self.changed_by_others and not same:
            message = _(
                "Somebody else changed this meanwhile to: “%(value)s”. "
                "Save again to keep yours."
            )
            value = _in_words(field, self.get_initial_for_field(field, name))
            self.add_error(name, message % {"value": value})


def _digest(field: forms.Field, value: Any) -> str:
    """Return the same for what means the same; nothing for what the field refuses."""
    try:
        meant = field.to_python(value)
    except forms.ValidationError:
        return ""
    return sha256(repr(meant).encode()).hexdigest()[:12]


def _in_words(field: forms.Field, value: Any) -> str:
    """Return a value as its field shows it."""
    if isinstance(field, forms.BooleanField):
        return _("yes") if value else _("no")
    if isinstance(field, forms.ChoiceField):
        chosen = value if isinstance(value, list) else [value or ""]
        choices: Any = flatten_choices(cast("Any", field.choices))
        names = {str(key): str(name) for key, name in choices}
        return ", ".join(names.get(str(one), str(one)) for one in chosen) or _("none")
    return str(field.widget.format_value(field.prepare_value(value)) or _("nothing"))
