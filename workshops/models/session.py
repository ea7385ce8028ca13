from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _


class Session(models.Model):
    """One part of the day: a title, speakers, a brief, prompts."""

    class SpeakerSees(models.TextChoices):
        SHOWN = "shown", _("Results that are shown to the room")
        AT_ONCE = "at-once", _("Results as they come in, before the room sees them")

    workshop = models.ForeignKey(
        "Workshop", on_delete=models.CASCADE, related_name="sessions"
    )
    key = models.SlugField(max_length=64)
    position = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    minutes = models.PositiveIntegerField(null=True, blank=True)
    starts_at = models.TimeField(null=True, blank=True)  # planned, in local time
    brief = models.TextField(blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    # What gives its speakers their page; empty without such a link.
    speaker_secret = models.CharField(
        max_length=32, null=True, unique=True, editable=False
    )
    speaker_sees = models.CharField(
        max_length=8,
        choices=SpeakerSees,
        default=SpeakerSees.SHOWN,
        db_default=SpeakerSees.SHOWN,
    )
    # A speaker's challenge goes to the room without a facilitator's press.
    speaker_sends = models.BooleanField(default=False, db_default=False)
    # Phones ask its speakers, and support what others ask, while it runs.
    takes_questions = models.BooleanField(default=False, db_default=False)

    class Meta:
        ordering = ["position"]
        constraints = [
            UniqueConstraint(
                fields=["workshop", "key"], name="a_session_key_is_used_once"
            ),
            UniqueConstraint(
                fields=["workshop"],
                condition=Q(started_at__isnull=False, ended_at=None),
                name="one_session_runs_at_a_time",
            ),
            CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")),
                name="a_session_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_running(self) -> bool:
        """Whether it has begun, and neither it nor the workshop has ended."""
        has_begun = self.started_at is not None and self.ended_at is None
        return has_begun and self.workshop.ended_at is None


class Speaker(models.Model):
    session = models.ForeignKey(
        Session, on_delete=models.CASCADE, related_name="speakers"
    )
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    organisation = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name
