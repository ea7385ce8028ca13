from django.db import models
from django.db.models import CheckConstraint, Q, QuerySet, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from .response import Voice


class Proposal(models.Model):
    """A point that would put an item in other words, or add one, if it were adopted.

    What it says and who says so are the point's. It waits until a facilitator releases
    it to the room, which then supports or opposes it.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        OPEN = "open", _("Before the room")
        ADOPTED = "adopted", _("Adopted")
        DECLINED = "declined", _("Declined")
        PARKED = "parked", _("Parked")

    point = models.OneToOneField(
        "Point", on_delete=models.CASCADE, related_name="proposal"
    )
    # What it would put in other words, and the words that it was compared with; both
    # empty for a new item.
    item = models.ForeignKey(
        "Item",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="proposals",
    )
    base = models.ForeignKey(
        "Wording", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    status = models.CharField(max_length=8, choices=Status, default=Status.WAITING)
    # When the room was first asked about it; else it is not told what became of it.
    released_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    # What adopting it made.
    made = models.OneToOneField(
        "Wording",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="proposal",
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            CheckConstraint(
                condition=Q(item=None, base=None)
                | Q(item__isnull=False, base__isnull=False),
                name="a_rewording_says_which_words_it_replaces",
            ),
            CheckConstraint(
                condition=Q(status__in=["waiting", "open"], decided_at=None)
                | Q(
                    status__in=["adopted", "declined", "parked"],
                    decided_at__isnull=False,
                ),
                name="a_decided_proposal_says_when",
            ),
            CheckConstraint(
                condition=~Q(status="open") | Q(released_at__isnull=False),
                name="a_proposal_before_the_room_was_released",
            ),
            CheckConstraint(
                condition=~Q(status="declined") | ~Q(reason=""),
                name="a_declined_proposal_says_why",
            ),
            CheckConstraint(
                condition=Q(made=None) | Q(status="adopted"),
                name="only_an_adopted_proposal_made_a_wording",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.point_id}: {self.status}"

    @property
    def is_rewording(self) -> bool:
        return self.item_id is not None


class StanceQuerySet(models.QuerySet):
    def counted(self) -> "QuerySet[Stance]":
        """Leave out what those said who were removed."""
        return self.filter(participant__removed_at=None)


class Stance(models.Model):
    """Whether a person or a table supports a proposal now, or opposes it."""

    proposal = models.ForeignKey(
        Proposal, on_delete=models.CASCADE, related_name="stances"
    )
    voice = models.CharField(max_length=6, choices=Voice)
    # Empty once the person is forgotten: what was counted stays.
    participant = models.ForeignKey(
        "workshops.Participant", null=True, blank=True, on_delete=models.SET_NULL
    )
    table = models.ForeignKey(
        "workshops.Table", null=True, blank=True, on_delete=models.CASCADE
    )
    supports = models.BooleanField()
    at = models.DateTimeField()

    objects = StanceQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            UniqueConstraint(
                fields=["proposal", "participant"],
                name="a_person_has_one_stance_on_a_proposal",
            ),
            UniqueConstraint(
                fields=["proposal", "table"],
                name="a_table_has_one_stance_on_a_proposal",
            ),
            CheckConstraint(
                condition=Q(voice="tables", table__isnull=False, participant=None)
                | Q(voice="people", table=None),
                name="a_stance_is_a_persons_or_a_tables",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.proposal_id} {self.voice}: {self.supports}"
