"""Whose answers are counted: everybody's, or those of one table or organisation."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet


@dataclass(frozen=True)
class Group:
    """People by where they sat when they answered, or by where they come from.

    table: its number. organisation: its name; "" stands for people without one.
    """

    table: int | None = None
    organisation: str | None = None

    def __bool__(self) -> bool:
        return self.table is not None or self.organisation is not None

    def responses(self, found: QuerySet, path: str = "") -> QuerySet:
        """Keep the group's responses; path: leads from a row to its response."""
        if self.table is not None:
            found = found.filter(**{f"{path}table__number": self.table})
        if self.organisation is not None:
            of_person = _named(
                f"{path}participant__badge__organisation", self.organisation
            )
            from_file = _named(f"{path}organisation", self.organisation)
            both = of_person | from_file if self.organisation else of_person & from_file
            found = found.filter(both)
        return found

    def people(self, found: QuerySet) -> QuerySet:
        """Keep the group's participants, by where they sit now."""
        if self.table is not None:
            found = found.filter(table__number=self.table)
        if self.organisation is not None:
            found = found.filter(_named("badge__organisation", self.organisation))
        return found


EVERYBODY = Group()


def _named(path: str, name: str) -> Q:
    return Q(**{f"{path}__name": name}) if name else Q(**{path: None})
