from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Event(models.Model):
    """What a facilitator did, with what it changed, so that it can be undone.

    `changes` lists `{"model", "pk", "before": {field: value}, "after": {...}}`;
    `before` is None for a row that was made, `after` for one that was deleted.
    """

    class Desk(models.TextChoices):
        """Where it was done: what is undone at one desk leaves the others alone."""

        CONSOLE = "console", _("Console")
        THEMES = "themes", _("Themes")
        WRITE_UP = "write-up", _("Write-up")

    workshop = models.ForeignKey(
        "workshops.Workshop", on_delete=models.CASCADE, related_name="events"
    )
    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )
    desk = models.CharField(
        max_length=8, choices=Desk, default=Desk.CONSOLE, db_default=Desk.CONSOLE
    )
    verb = models.CharField(max_length=40)
    subject = models.CharField(max_length=200, blank=True)
    changes = models.JSONField(default=list)
    can_undo = models.BooleanField(default=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject}"
