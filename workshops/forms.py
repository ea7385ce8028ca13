"""What people fill in to come in and to change their seat."""

from typing import Any

from django import forms
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from config.incoming import clean_text
from workshops.models import Participant, Table, Workshop

TABLE_GONE = _("This table has just been taken away. Please choose another one.")


class PlainLine(forms.CharField):
    """One line of text that every database and document can hold."""

    def to_python(self, value: Any) -> str | None:
        text = clean_text(str(value or ""))
        return super().to_python(" ".join(text.split()))


class TableField(forms.TypedChoiceField):
    """A table of a workshop by its number, with how many sit there."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", _("Your table"))
        super().__init__(
            coerce=int, empty_value=None, widget=forms.RadioSelect, **options
        )
        self.tables: dict[int, Table] = {}

    def offer(self, workshop: Workshop) -> None:
        """Fill in the choices: one query, however many tables there are."""
        here = Count("participants", filter=Q(participants__removed_at=None))
        self.tables = {
            table.number: table for table in workshop.tables.annotate(people=here)
        }
        self.choices = [(number, str(t)) for number, t in self.tables.items()]

    def cards(self) -> list[dict[str, Any]]:
        """Return number, name and occupation of each table, for radio cards."""
        return [
            {
                "number": number,
                "name": str(table),
                "people": occupation(table.people),  # type: ignore[attr-defined]
            }
            for number, table in self.tables.items()
        ]


def chosen_table(form: forms.Form) -> Table | None:
    """Return the table that a valid form names, None where it asks for none."""
    field = form.fields.get("table")
    if not isinstance(field, TableField):
        return None
    return field.tables[form.cleaned_data["table"]]


def occupation(people: int) -> str:
    """Say how many sit at a table."""
    if not people:
        return str(_("nobody yet"))
    return ngettext("%(n)d person", "%(n)d people", people) % {"n": people}


class DetailsForm(forms.Form):
    """What the attribution rule asks for, and the table where people choose."""

    name = PlainLine(
        label=_("Your name"),
        max_length=120,
        error_messages={"required": _("Please write your name.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    organisation = PlainLine(
        label=_("Your organisation"),
        max_length=160,
        required=False,
        help_text=_("Leave this empty if you come for yourself."),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    table = TableField(error_messages={"required": _("Please choose your table.")})

    def __init__(self, *args: Any, workshop: Workshop, **options: Any) -> None:
        super().__init__(*args, **options)
        if not workshop.asks_name:
            del self.fields["name"]
        if not workshop.asks_organisation:
            del self.fields["organisation"]
        if workshop.seating == Workshop.Seating.BALANCED:
            del self.fields["table"]
        else:
            offer_tables(self, workshop)


class TableForm(forms.Form):
    """Another table for somebody who has joined."""

    table = TableField(
        label=_("Choose a table"),
        error_messages={"required": _("Please choose a table.")},
    )

    def __init__(self, *args: Any, who: Participant, **options: Any) -> None:
        super().__init__(*args, **options)
        offer_tables(self, who.workshop)
        if who.table is not None and "table" in self.fields:
            self.fields["table"].initial = who.table.number


def offer_tables(form: forms.Form, workshop: Workshop) -> None:
    """Fill in the tables of a workshop, or take the question away if it has none."""
    field = form.fields["table"]
    assert isinstance(field, TableField)
    field.offer(workshop)
    if not field.tables:
        del form.fields["table"]
