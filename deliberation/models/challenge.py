from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _


class Audience(models.TextChoices):
    """Who is asked in a round: everybody, or those that its rows name."""

    ROOM = "room", _("The whole room")
    TABLES = "tables", _("Some tables")
    PEOPLE = "people", _("Some people")


class Challenge(models.Model):
    """A follow-up to how an item was answered, to all or to those who answered so.

    It waits until a facilitator sends it (then a round is open for it) or declines it.
    """

    workshop = models.ForeignKey(
        "workshops.Workshop", on_delete=models.CASCADE, related_name="challenges"
    )
    # The answers it is about.
    about = models.ForeignKey(
        "Round", on_delete=models.CASCADE, related_name="challenges"
    )
    item = models.ForeignKey("Item", on_delete=models.PROTECT, related_name="+")
    audience = models.CharField(max_length=6, choices=Audience, default=Audience.ROOM)
    # Who is asked is who answered so; a value as in Answer, 1 for what was chosen.
    value = models.IntegerField(null=True, blank=True)
    # The same question again; else a discussion, under a prompt of its own.
    asks_again = models.BooleanField(default=False)
    text = models.TextField()
    by_speaker = models.BooleanField(default=False)
    key = models.CharField(max_length=64)  # the sender's, so that a retry is one
    created_at = models.DateTimeField()
    declined_at = models.DateTimeField(null=True, blank=True)
    prompt = models.OneToOneField(
        "Prompt",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="challenge",
    )

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            UniqueConstraint(
                fields=["workshop", "key"], name="a_challenge_is_stored_once"
            ),
            CheckConstraint(condition=~Q(text=""), name="a_challenge_says_something"),
            CheckConstraint(
                condition=Q(audience="room", value=None)
                | Q(audience__in=["tables", "people"], value__isnull=False),
                name="a_challenge_to_some_says_what_they_answered",
            ),
        ]

    def __str__(self) -> str:
        return self.text


class RoundAudience(models.Model):
    """A table or a person that is asked in a round which is not for everybody."""

    round = models.ForeignKey("Round", on_delete=models.CASCADE, related_name="asked")
    table = models.ForeignKey(
        "workshops.Table", null=True, blank=True, on_delete=models.CASCADE
    )
    participant = models.ForeignKey(
        "workshops.Participant", null=True, blank=True, on_delete=models.CASCADE
    )

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["round", "table"], name="a_table_is_asked_once_in_a_round"
            ),
            UniqueConstraint(
                fields=["round", "participant"],
                name="a_person_is_asked_once_in_a_round",
            ),
            CheckConstraint(
                condition=Q(table__isnull=False, participant=None)
                | Q(table=None, participant__isnull=False),
                name="a_table_or_a_person_is_asked",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round_id}: {self.table or self.participant}"
