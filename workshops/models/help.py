from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

IS_OPEN = Q(ended_at=None)


class HelpCalls(models.QuerySet):
    def open(self) -> "HelpCalls":
        return self.filter(IS_OPEN)


class HelpCall(models.Model):
    """A table calls the facilitator, or a person who has no table does.

    It ends when the facilitator has been there, or when it is withdrawn.
    """

    workshop = models.ForeignKey(
        "Workshop", on_delete=models.CASCADE, related_name="help_calls"
    )
    table = models.ForeignKey(
        "Table",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="help_calls",
    )
    participant = models.ForeignKey(
        "Participant",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="help_calls",
    )
    words = models.CharField(max_length=200, blank=True)
    called_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    is_withdrawn = models.BooleanField(default=False)

    objects = HelpCalls.as_manager()

    class Meta:
        ordering = ["called_at", "pk"]
        constraints = [
            UniqueConstraint(
                fields=["table"], condition=IS_OPEN, name="a_table_calls_once_at_a_time"
            ),
            UniqueConstraint(
                fields=["participant"],
                condition=IS_OPEN,
                name="a_person_calls_once_at_a_time",
            ),
            CheckConstraint(
                condition=Q(table=None, participant__isnull=False)
                | Q(table__isnull=False, participant=None),
                name="a_table_calls_or_a_person",
            ),
            CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("called_at")),
                name="a_call_ends_after_it_was_made",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.table or self.participant}: {self.called_at}"
