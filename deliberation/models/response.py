from typing import TYPE_CHECKING

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from deliberation.models.round import Round


class Voice(models.TextChoices):
    PEOPLE = "people", _("People")
    TABLES = "tables", _("Tables")


class ResponseQuerySet(models.QuerySet):
    def counted(self) -> "ResponseQuerySet":
        """Keep the responses that count: stored, and not of who was removed."""
        return self.filter(participant__removed_at=None, version__gte=1)


class AnswerQuerySet(models.QuerySet):
    def counted(self) -> "AnswerQuerySet":
        """Keep the answers of the responses that count, in no order."""
        return self.filter(
            response__participant__removed_at=None, response__version__gte=1
        ).order_by()

    def counted_in(self, this_round: "Round | int", voice: str) -> "AnswerQuerySet":
        """Keep the answers that count of one voice in one round, in no order."""
        return self.counted().filter(
            round=this_round,
            response__round=this_round,  # says nothing new, but finds them sooner
            response__voice=voice,
        )


class Response(models.Model):
    """A respondent's current submission in a round: a person's or a table's.

    `table` is where the person sat when answering last, or the table that answers.
    """

    workshop = models.ForeignKey("workshops.Workshop", on_delete=models.CASCADE)
    round = models.ForeignKey(
        "Round", on_delete=models.CASCADE, related_name="responses"
    )
    voice = models.CharField(max_length=6, choices=Voice)
    participant = models.ForeignKey(
        "workshops.Participant",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="responses",
    )
    table = models.ForeignKey(
        "workshops.Table", null=True, blank=True, on_delete=models.SET_NULL
    )
    # Who it is, in one column for one constraint: `seat:<id>`, `table:<id>`, or
    # `file:<label>` for an answer that came in from a file.
    respondent = models.CharField(max_length=100)
    organisation = models.ForeignKey(
        "workshops.Organisation", null=True, blank=True, on_delete=models.SET_NULL
    )
    version = models.PositiveIntegerField(default=1)
    finished = models.BooleanField(default=False)
    first_at = models.DateTimeField()
    stored_at = models.DateTimeField()

    objects = ResponseQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["round", "respondent"],
                name="one_response_per_respondent_and_round",
            ),
            UniqueConstraint(
                fields=["round", "participant"],
                name="one_response_per_person_and_round",
            ),
            UniqueConstraint(
                fields=["round", "table"],
                condition=Q(voice="tables"),
                name="one_response_per_table_and_round",
            ),
            CheckConstraint(
                condition=Q(
                    voice="tables", participant=None, respondent__startswith="table:"
                )
                | Q(
                    voice="people",
                    participant__isnull=False,
                    respondent__startswith="seat:",
                )
                | Q(voice="people", participant=None, respondent__startswith="file:"),
                name="a_response_is_by_a_seat_a_table_or_from_a_file",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.voice} {self.pk}"


class Answer(models.Model):
    """One judged item in a response, in one respect (criterion).

    `value` by kind: assess, rate: a scale point's value; choose, approve: 1 chosen,
    0 not; rank: the place, 0 left out; allocate: points. It is empty exactly when the
    respondent abstained or did not discuss it.
    """

    class State(models.TextChoices):
        ANSWERED = "answered", _("Answered")
        ABSTAIN = "abstain", _("No view")
        NOT_DISCUSSED = "not-discussed", _("Not discussed")

    workshop = models.ForeignKey("workshops.Workshop", on_delete=models.CASCADE)
    round = models.ForeignKey("Round", on_delete=models.CASCADE)
    response = models.ForeignKey(
        Response, on_delete=models.CASCADE, related_name="answers"
    )
    item = models.ForeignKey("Item", on_delete=models.PROTECT)
    criterion = models.ForeignKey("Criterion", on_delete=models.PROTECT)
    state = models.CharField(max_length=13, choices=State, default=State.ANSWERED)
    value = models.IntegerField(null=True, blank=True)
    reason = models.TextField(blank=True)

    objects = AnswerQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["response", "item", "criterion"],
                name="an_item_is_judged_once_in_a_response",
            ),
            CheckConstraint(
                condition=Q(state="answered", value__isnull=False)
                | Q(state__in=["abstain", "not-discussed"], value=None),
                name="an_answer_has_a_value_and_nothing_else_has",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.response_id} {self.item_id}: {self.value}"


class Submission(models.Model):
    """The history: each submission as it came in, once per key; only ever added to."""

    workshop = models.ForeignKey("workshops.Workshop", on_delete=models.CASCADE)
    response = models.ForeignKey(
        Response, on_delete=models.CASCADE, related_name="submissions"
    )
    key = models.CharField(max_length=64)
    at = models.DateTimeField()
    entered_by = models.ForeignKey(
        "workshops.Participant", null=True, blank=True, on_delete=models.SET_NULL
    )
    content = models.JSONField()

    class Meta:
        ordering = ["at"]
        constraints = [
            UniqueConstraint(
                fields=["response", "key"], name="a_submission_is_stored_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.response_id} {self.key}"
