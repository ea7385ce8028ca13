from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.utils.translation import gettext as _


class Tables(models.QuerySet):
    def count_handover(self) -> None:
        """Note that the scribe's role at these tables changed hands."""
        self.update(handovers=F("handovers") + 1)


class Table(models.Model):
    workshop = models.ForeignKey(
        "Workshop", on_delete=models.CASCADE, related_name="tables"
    )
    number = models.PositiveIntegerField()
    # How often the scribe's role changed hands: tells an older page from a newer one.
    handovers = models.PositiveIntegerField(default=0, db_default=0, editable=False)

    objects = Tables.as_manager()

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


class ScribeLeases(models.QuerySet):
    def end(self) -> None:
        """Take these roles from their scribes; in a transaction."""
        Table.objects.filter(scribe_lease__in=self).count_handover()
        self.delete()


class ScribeLease(models.Model):
    """Who writes for a table now: one person a table, one table a person."""

    table = models.OneToOneField(
        Table, on_delete=models.CASCADE, related_name="scribe_lease"
    )
    participant = models.OneToOneField(
        "Participant", on_delete=models.CASCADE, related_name="scribe_lease"
    )
    since = models.DateTimeField(auto_now=True)

    objects = ScribeLeases.as_manager()

    def __str__(self) -> str:
        return f"{self.table}: {self.participant}"
