from datetime import datetime

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

UNDER_WAY = Q(started_at__isnull=False, ended_at=None)


class Rotations(models.QuerySet):
    def under_way(self) -> "Rotations":
        return self.filter(UNDER_WAY)

    def planned(self) -> "Rotations":
        return self.filter(started_at=None)


class Rotation(models.Model):
    """Once that people change tables: as it was planned, or each as they like.

    Its moves say where the plan sends people, and once it has started who was where
    and who has arrived; of who stays, the two tables are one.
    """

    class Way(models.TextChoices):
        PLAN = "plan", _("By plan")
        FREE = "free", _("Freely")

    workshop = models.ForeignKey(
        "Workshop", on_delete=models.CASCADE, related_name="rotations"
    )
    number = models.PositiveIntegerField()
    way = models.CharField(max_length=4, choices=Way, default=Way.PLAN)
    # How many may sit at a table while people choose.
    seats = models.PositiveIntegerField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = Rotations.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            UniqueConstraint(
                fields=["workshop", "number"], name="rotations_are_numbered"
            ),
            UniqueConstraint(
                fields=["workshop"],
                condition=UNDER_WAY,
                name="one_rotation_is_under_way",
            ),
            CheckConstraint(
                condition=Q(ended_at=None)
                | Q(started_at__isnull=False, ended_at__gte=F("started_at")),
                name="a_rotation_ends_after_it_starts",
            ),
            CheckConstraint(
                condition=Q(way="plan", seats=None)
                | Q(way="free", seats__isnull=False),
                name="seats_are_counted_where_people_choose",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.workshop}: {self.number}"


class Moves(models.QuerySet):
    def awaited(self) -> "Moves":
        """Keep those of people who are to go to another table and are not there yet."""
        return self.filter(arrived_at=None, participant__removed_at=None).exclude(
            participant__table=F("to_table")
        )

    def left_since(self, moment: datetime) -> dict[int, int | None]:
        """Return who arrived elsewhere after a moment, with where they sat at it.

        By the person's key the number of the table, None for nowhere.
        """
        later = self.filter(arrived_at__gt=moment).order_by("-arrived_at", "-pk")
        # Of several moves of one person the first one is the last here, and stays.
        return dict(later.values_list("participant", "from_table__number"))


class Move(models.Model):
    """Where a person goes in a rotation. `from_table` is known once it has started."""

    rotation = models.ForeignKey(
        Rotation, on_delete=models.CASCADE, related_name="moves"
    )
    participant = models.ForeignKey(
        "Participant", on_delete=models.CASCADE, related_name="moves"
    )
    from_table = models.ForeignKey(
        "Table", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    to_table = models.ForeignKey("Table", on_delete=models.CASCADE, related_name="+")
    arrived_at = models.DateTimeField(null=True, blank=True)

    objects = Moves.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["rotation", "participant"],
                name="a_person_moves_once_in_a_rotation",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.participant}: {self.to_table}"
