from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from workshops import codes


class Ticket(models.Model):
    """A printed slip that gives one seat of a workshop, on one phone after another."""

    workshop = models.ForeignKey(
        "Workshop", on_delete=models.CASCADE, related_name="tickets"
    )
    number = models.PositiveIntegerField()
    code = models.CharField(max_length=8, default=codes.new_ticket_code, unique=True)
    secret = models.CharField(max_length=32, default=codes.new_secret, unique=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            UniqueConstraint(
                fields=["workshop", "number"], name="a_ticket_number_is_used_once"
            ),
            CheckConstraint(
                condition=Q(number__gte=1), name="ticket_numbers_start_at_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.workshop}: {self.number}"

    @property
    def spoken_code(self) -> str:
        """The code in two halves, as it is printed: `K7Q4 MX9T`."""
        return f"{self.code[:4]} {self.code[4:]}"
