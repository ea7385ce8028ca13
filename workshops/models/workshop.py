from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from workshops import codes


class WorkshopQuerySet(models.QuerySet):
    def joinable(self) -> "WorkshopQuerySet":
        """Keep the workshops whose join code is answered: from lobby to end."""
        return self.filter(ended_at=None)

    def run_by(self, user) -> "WorkshopQuerySet":
        """Keep the workshops that this account may see in the console."""
        if user.is_superuser:
            return self
        return self.filter(memberships__user_id=user.pk)


class Workshop(models.Model):
    """One event with a date, a place, sessions, tables and a join code."""

    class Attribution(models.TextChoices):
        NAMED = "named", _("Named")
        ORGANISATION = "organisation", _("By organisation")
        CHATHAM_HOUSE = "chatham-house", _("Chatham House Rule")
        ANONYMOUS = "anonymous", _("Anonymous")

    class Seating(models.TextChoices):
        CHOOSE = "choose", _("People choose their table")
        BALANCED = "balanced", _("People are seated evenly")

    class Entry(models.TextChoices):
        OPEN = "open", _("Everybody who has the code")
        CAPPED = "capped", _("As many as are expected")
        TICKETED = "ticketed", _("One seat for each printed ticket")

    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=200)
    date = models.DateField(null=True, blank=True)
    place = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=35, default="en")
    attribution = models.CharField(
        max_length=16, choices=Attribution, default=Attribution.NAMED
    )
    seating = models.CharField(max_length=8, choices=Seating, default=Seating.CHOOSE)
    entry = models.CharField(
        max_length=8, choices=Entry, default=Entry.OPEN, db_default=Entry.OPEN
    )
    expected_people = models.PositiveIntegerField(null=True, blank=True)
    series = models.ForeignKey(
        "Series", null=True, blank=True, on_delete=models.PROTECT
    )
    template = models.ForeignKey(
        "SessionTemplate", null=True, blank=True, on_delete=models.PROTECT
    )
    join_code = models.CharField(max_length=6, default=codes.new_join_code)
    join_secret = models.CharField(max_length=32, default=codes.new_secret, unique=True)
    screen_secret = models.CharField(
        max_length=32, default=codes.new_secret, unique=True
    )
    joining_locked = models.BooleanField(default=False)
    is_rehearsal = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = WorkshopQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            UniqueConstraint(
                fields=["join_code"],
                condition=Q(ended_at=None),
                name="a_join_code_leads_to_one_workshop",
            ),
            CheckConstraint(
                condition=Q(
                    attribution__in=[
                        "named",
                        "organisation",
                        "chatham-house",
                        "anonymous",
                    ]
                ),
                name="attribution_is_one_of_the_four_rules",
            ),
            CheckConstraint(
                condition=Q(entry__in=["open", "ticketed"])
                | Q(entry="capped", expected_people__isnull=False),
                name="who_is_let_in_by_number_is_expected",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def lets_people_in(self) -> bool:
        return not self.joining_locked and self.ended_at is None

    @property
    def asks_ticket(self) -> bool:
        return self.entry == self.Entry.TICKETED

    @property
    def asks_name(self) -> bool:
        return self.attribution == self.Attribution.NAMED

    @property
    def asks_organisation(self) -> bool:
        return self.attribution in (
            self.Attribution.NAMED,
            self.Attribution.ORGANISATION,
        )

    @property
    def spoken_join_code(self) -> str:
        """The join code in two halves, as it is read out: `K7Q 4MX`."""
        return f"{self.join_code[:3]} {self.join_code[3:]}"
