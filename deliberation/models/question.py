from django.db import models
from django.db.models import CheckConstraint, Count, F, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from workshops.models import Table


class QuestionQuerySet(models.QuerySet):
    def alive(self) -> "QuestionQuerySet":
        """Keep those that nobody took back."""
        return self.filter(withdrawn_at=None)

    def listed(self) -> "QuestionQuerySet":
        """Keep what everybody may read: what waits for an answer, and what has one."""
        return self.alive().exclude(status=Question.Status.ASIDE)

    def with_supports(self) -> "QuestionQuerySet":
        """Add `supports`, how many people support it besides who asked (int)."""
        here = Q(support__participant__removed_at=None, support__isnull=False)
        return self.annotate(supports=Count("support", filter=here))

    def in_order(self) -> "QuestionQuerySet":
        """Put those set by hand first, then the most supported, of these the oldest."""
        by_hand = F("position").asc(nulls_last=True)
        return self.with_supports().order_by(by_hand, "-supports", "created_at", "pk")

    def by_support(self) -> "QuestionQuerySet":
        """Put the most supported first, of these the oldest."""
        return self.with_supports().order_by("-supports", "created_at", "pk")


class Question(models.Model):
    """What somebody asks the speakers of a session; others support it.

    The wall shows it only once a facilitator says so (`Screen.question`).
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("Not answered")
        ANSWERED = "answered", _("Answered")
        ASIDE = "aside", _("Put aside")

    session = models.ForeignKey(
        "workshops.Session", on_delete=models.CASCADE, related_name="questions"
    )
    participant = models.ForeignKey(
        "workshops.Participant", null=True, blank=True, on_delete=models.SET_NULL
    )
    # Where who asks sat then.
    table = models.ForeignKey(
        "workshops.Table", null=True, blank=True, on_delete=models.SET_NULL
    )
    text = models.TextField()
    status = models.CharField(max_length=8, choices=Status, default=Status.WAITING)
    # Its place once a facilitator has put them in order; else none.
    position = models.PositiveIntegerField(null=True, blank=True)
    key = models.CharField(max_length=64)  # the sender's, so that a retry is one
    created_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            UniqueConstraint(
                fields=["session", "key"], name="a_question_is_stored_once"
            ),
            CheckConstraint(condition=~Q(text=""), name="a_question_asks_something"),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def is_listed(self) -> bool:
        """Whether everybody may read it, as `QuestionQuerySet.listed`."""
        return self.withdrawn_at is None and self.status != self.Status.ASIDE

    @property
    def table_told(self) -> Table | None:
        """Where it came from, as far as the attribution rule lets that be told."""
        return self.table if self.session.workshop.asks_organisation else None


class QuestionSupport(models.Model):
    """A person wants somebody else's question to be answered."""

    question = models.ForeignKey(
        Question, on_delete=models.CASCADE, related_name="support"
    )
    # Empty once the person is forgotten: what was counted stays.
    participant = models.ForeignKey(
        "workshops.Participant",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="supports",
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            UniqueConstraint(
                fields=["question", "participant"],
                name="a_person_supports_a_question_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.question_id}: {self.participant_id}"
