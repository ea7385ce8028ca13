from django.conf import settings
from django.db import models


class Event(models.Model):
    """What a facilitator did, with what it changed, so that it can be undone.

    `changes` lists `{"model", "pk", "before": {field: value}, "after": {...}}`.
    """

    workshop = models.ForeignKey(
        "workshops.Workshop", on_delete=models.CASCADE, related_name="events"
    )
    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
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
