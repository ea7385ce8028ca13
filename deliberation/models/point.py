from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from workshops.models import Table


class Theme(models.Model):
    """The rapporteur's heading over points; each point stays reachable."""

    prompt = models.ForeignKey(
        "Prompt", on_delete=models.CASCADE, related_name="themes"
    )
    title = models.CharField(max_length=200)
    position = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["position"]
        constraints = [
            UniqueConstraint(
                fields=["prompt", "title"], name="a_theme_is_named_once_in_a_prompt"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Point(models.Model):
    """A written contribution by a table or a person, about a prompt or its items."""

    class Kind(models.TextChoices):
        POINT = "point", _("Point")
        REASON = "reason", _("Reason")
        QUESTION = "question", _("Question")
        DISSENT = "dissent", _("Dissent")
        REWORDING = "rewording", _("Rewording")
        NEW_ITEM = "new-item", _("New item")
        # What a table says of its answer or point that can no longer be changed.
        CORRECTION = "correction", _("Correction")

    class Status(models.TextChoices):
        INCOMING = "incoming", _("Incoming")
        SHOWN = "shown", _("On the screen")
        KEPT = "kept", _("Kept for the write-up")
        PARKED = "parked", _("Parked")

    workshop = models.ForeignKey(
        "workshops.Workshop", on_delete=models.CASCADE, related_name="points"
    )
    prompt = models.ForeignKey(
        "Prompt", on_delete=models.PROTECT, related_name="points"
    )
    round = models.ForeignKey("Round", null=True, blank=True, on_delete=models.SET_NULL)
    items = models.ManyToManyField("Item", blank=True, related_name="contributions")
    voice = models.CharField(
        max_length=6, choices=[("people", _("People")), ("tables", _("Tables"))]
    )
    participant = models.ForeignKey(
        "workshops.Participant", null=True, blank=True, on_delete=models.SET_NULL
    )
    table = models.ForeignKey(
        "workshops.Table", null=True, blank=True, on_delete=models.SET_NULL
    )
    label = models.CharField(max_length=80, blank=True)  # from a file
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.POINT)
    text = models.TextField()
    theme = models.ForeignKey(
        Theme,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="contributions",
    )
    # Says the same as another one, which stands for both in the write-up.
    duplicate_of = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="duplicates",
    )
    status = models.CharField(max_length=8, choices=Status, default=Status.INCOMING)
    key = models.CharField(max_length=64)  # the sender's, so that a retry is one
    created_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            UniqueConstraint(
                fields=["workshop", "key"], name="a_contribution_is_stored_once"
            ),
            CheckConstraint(
                condition=~Q(text=""), name="a_contribution_says_something"
            ),
            CheckConstraint(
                condition=Q(duplicate_of=None) | ~Q(duplicate_of=F("pk")),
                name="a_contribution_is_not_its_own_duplicate",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def table_told(self) -> Table | None:
        """The table it came from, as far as the attribution rule lets that be told."""
        by_table = self.voice == "tables"
        return self.table if by_table or self.workshop.asks_organisation else None
