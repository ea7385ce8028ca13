from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.utils.translation import gettext as _


class Table(models.Model):
    workshop = models.ForeignKey(
        "Workshop", on_delete=models.CASCADE, related_name="tables"
    )
    number = models.PositiveIntegerField()

    class Meta:
        ordering = ["number"]
        constraints = [
            UniqueConstraint(
                fields=["workshop", "number"], name="a_table_number_is_used_once"
            ),
            CheckConstraint(
                condition=Q(number__gte=1), name="table_numbers_start_at_one"
            ),
        ]

    def __str__(self) -> str:
        return _("Table %(number)d") % {"number": self.number}


class ScribeLease(models.Model):
    """Who writes for a table now: one person a table, one table a person."""

    table = models.OneToOneField(
        Table, on_delete=models.CASCADE, related_name="scribe_lease"
    )
    participant = models.OneToOneField(
        "Participant", on_delete=models.CASCADE, related_name="scribe_lease"
    )
    since = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.table}: {self.participant}"
