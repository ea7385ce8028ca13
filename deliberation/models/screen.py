from django.db import models
from django.utils.translation import gettext_lazy as _


class Screen(models.Model):
    """What a workshop's projector shows. The console alone changes it."""

    class Showing(models.TextChoices):
        JOIN = "join", _("How to join")
        BRIEF = "brief", _("The session's brief")
        PROMPT = "prompt", _("The prompt")
        POINTS = "points", _("Chosen points")
        WRITE_UP = "write-up", _("The write-up’s address")
        ROTATION = "rotation", _("Where people go")
        QUESTION = "question", _("A question to the speaker")

    class View(models.TextChoices):
        PEOPLE = "people", _("By people")
        TABLES = "tables", _("By tables")
        PLANE = "plane", _("Plane")
        PEOPLE_MOVED = "people-moved", _("What people changed")
        TABLES_MOVED = "tables-moved", _("What tables changed")

    class Look(models.TextChoices):
        DARK = "dark", _("Dark")
        LIGHT = "light", _("Light")

    # With these the phones are at the round, whether or not the wall shows it.
    AT_A_ROUND = (
        Showing.PROMPT,
        Showing.POINTS,
        Showing.ROTATION,
        Showing.QUESTION,
    )

    workshop = models.OneToOneField(
        "workshops.Workshop", on_delete=models.CASCADE, related_name="screen"
    )
    showing = models.CharField(max_length=8, choices=Showing, default=Showing.JOIN)
    session = models.ForeignKey(
        "workshops.Session", null=True, blank=True, on_delete=models.SET_NULL
    )
    round = models.ForeignKey("Round", null=True, blank=True, on_delete=models.SET_NULL)
    view = models.CharField(max_length=12, choices=View, default=View.PEOPLE)
    item = models.ForeignKey("Item", null=True, blank=True, on_delete=models.SET_NULL)
    question = models.ForeignKey(
        "Question", null=True, blank=True, on_delete=models.SET_NULL
    )
    join_overlay = models.BooleanField(default=False)
    blank = models.BooleanField(default=False)
    # While frozen: the page as it stood, so that a reload shows the same.
    frozen_html = models.TextField(blank=True)
    look = models.CharField(max_length=5, choices=Look, default=Look.DARK)

    def __str__(self) -> str:
        return f"{self.workshop}: {self.showing}"
