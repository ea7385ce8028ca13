from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import (
    BooleanField,
    CheckConstraint,
    ExpressionWrapper,
    F,
    Q,
    UniqueConstraint,
)
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

MOST_PEOPLE = 1000
# A rehearsal tells every second that it goes on; on a machine that has no time for it
# some of that is late.
SILENT_FOR = timedelta(seconds=30)
IS_UNDER_WAY = Q(ended_at=None)


class RehearsalQuerySet(models.QuerySet):
    def under_way(self) -> "RehearsalQuerySet":
        return self.filter(IS_UNDER_WAY)

    def at_work(self) -> "RehearsalQuerySet":
        """Keep those whose process has been heard of lately."""
        return self.under_way().filter(seen_at__gte=Now() - SILENT_FOR)

    def silent(self) -> "RehearsalQuerySet":
        """Keep those whose process has not been heard of for too long.

        By the clock of the database, which is also who notes when it was heard of.
        """
        return self.under_way().filter(seen_at__lt=Now() - SILENT_FOR)


class Rehearsal(models.Model):
    """A copy of a workshop played by simulated people, and what was measured."""

    class State(models.TextChoices):
        STARTED = "started", _("Starting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        STOPPED = "stopped", _("Stopped")

    class Reason(models.TextChoices):
        NONE = "", ""
        ASKED = "asked", _("Somebody pressed Stop.")
        PEOPLE = (
            "people",
            _("People began to answer in a workshop, so the rehearsal made way."),
        )
        SILENT = (
            "silent",
            _(
                "The rehearsal’s process ended before the rehearsal did. The server "
                "was restarted, or the computer ran out of memory."
            ),
        )
        UNREACHABLE = (
            "unreachable",
            _(
                "The simulated people could not reach this server at its own address. "
                "Ask your administrator to look at PUBLIC_URL."
            ),
        )
        NOBODY = "nobody", _("Nobody could join: the copy was gone, or locked.")
        ERROR = (
            "error",
            _("Something went wrong. The server’s log says what."),
        )

    workshop = models.ForeignKey(
        "workshops.Workshop", on_delete=models.CASCADE, related_name="rehearsals"
    )
    # What is played: made for it, never the workshop itself; taken away afterwards.
    copy = models.OneToOneField(
        "workshops.Workshop",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="rehearsal",
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )
    people = models.PositiveIntegerField()
    seconds = models.PositiveIntegerField()  # that it takes, planned
    takes = models.PositiveIntegerField(default=0)  # seconds, a person for an answer
    state = models.CharField(max_length=7, choices=State, default=State.STARTED)
    reason = models.CharField(
        max_length=11, choices=Reason, default=Reason.NONE, blank=True
    )
    asked_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(db_default=Now())  # its process, at work
    ended_at = models.DateTimeField(null=True, blank=True)
    stop_asked = models.BooleanField(default=False)
    seconds_done = models.PositiveIntegerField(default=0)
    joined = models.PositiveIntegerField(default=0)
    stored = models.PositiveIntegerField(default=0)
    playing = models.CharField(max_length=200, blank=True)  # session/prompt
    report = models.JSONField(null=True, blank=True)

    objects = RehearsalQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            UniqueConstraint(
                ExpressionWrapper(IS_UNDER_WAY, output_field=BooleanField()),
                condition=IS_UNDER_WAY,
                name="one_rehearsal_is_under_way",
            ),
            CheckConstraint(
                condition=Q(people__gte=1, people__lte=MOST_PEOPLE),
                name="a_rehearsal_has_1_to_1000_people",
            ),
            CheckConstraint(
                condition=Q(ended_at=None, state__in=["started", "running"])
                | Q(ended_at__isnull=False, state__in=["done", "failed", "stopped"]),
                name="a_rehearsal_that_ended_is_not_running",
            ),
            CheckConstraint(
                condition=Q(reason="") ^ Q(state__in=["failed", "stopped"]),
                name="a_rehearsal_that_broke_off_says_why",
            ),
            CheckConstraint(
                condition=Q(state="done", report__isnull=False)
                | (~Q(state="done") & Q(report__isnull=True)),
                name="a_rehearsal_that_is_done_has_its_report",
            ),
            CheckConstraint(
                condition=Q(copy=None) | ~Q(copy=F("workshop")),
                name="a_rehearsal_plays_a_copy",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.workshop}, {self.people}"

    @property
    def is_under_way(self) -> bool:
        return self.ended_at is None
