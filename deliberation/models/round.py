from collections.abc import Iterable, Sequence

from django.db import models
from django.db.models import CheckConstraint, Exists, F, OuterRef, Q, UniqueConstraint
from django.db.models.functions import Now

from .challenge import Audience, RoundAudience

# Opened and not yet closed by anybody; its time may have run out.
NOT_CLOSED = Q(closed_at=None)
# Open is this, by the clock of the database, and nothing else.
IS_OPEN = NOT_CLOSED & (
    Q(closes_at_zero=False) | Q(ends_at=None) | Q(ends_at__gt=Now())
)
TIME_IS_OVER = Q(closed_at=None, closes_at_zero=True, ends_at__lte=Now())


class RoundQuerySet(models.QuerySet):
    def open(self) -> "RoundQuerySet":
        return self.filter(IS_OPEN)

    def on_stage(self) -> "RoundQuerySet":
        """Keep what nobody has closed, what interrupts another one first."""
        return self.filter(NOT_CLOSED).order_by(F("interrupts").desc(nulls_last=True))

    def out_of_time(self) -> "RoundQuerySet":
        """Keep the rounds that their countdown has ended and nobody has closed yet."""
        return self.filter(TIME_IS_OVER)

    def asking(
        self, *, seat: int | None = None, table: int | None = None
    ) -> "RoundQuerySet":
        """Keep the rounds that ask a person or a table, one of them named by its key.

        A round that asks tables asks the people who sit there as well.
        """
        named = RoundAudience.objects.filter(round=OuterRef("pk"))
        if seat is not None:
            named = named.filter(Q(participant=seat) | Q(table__participants=seat))
        else:
            named = named.filter(table=table)
        return self.filter(Q(audience=Audience.ROOM) | Exists(named))

    def in_order_of_the_day(self) -> "RoundQuerySet":
        """Order by session, prompt and number, with what names and asks fetched."""
        return self.select_related(
            "prompt__session", "prompt__scale", "workshop"
        ).order_by("prompt__session__position", "prompt__position", "number")


class Round(models.Model):
    """One opening of a prompt. Asking it again after discussion makes another round."""

    workshop = models.ForeignKey(
        "workshops.Workshop", on_delete=models.CASCADE, related_name="rounds"
    )
    prompt = models.ForeignKey(
        "Prompt", on_delete=models.PROTECT, related_name="rounds"
    )
    number = models.PositiveIntegerField()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    revealed_at = models.DateTimeField(null=True, blank=True)
    # The countdown: running (ends_at), paused (seconds left), or none.
    ends_at = models.DateTimeField(null=True, blank=True)
    paused_seconds = models.PositiveIntegerField(null=True, blank=True)
    closes_at_zero = models.BooleanField(default=False)
    # Each one's earlier answer is filled in; it counts once it is kept or changed.
    starts_from_own = models.BooleanField(default=False, db_default=False)
    # Asked in the middle of that one, which stays open; closing goes back to it.
    interrupts = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="interruptions",
    )
    # It stopped the countdown of what it interrupts, which then runs on.
    holds_countdown = models.BooleanField(default=False, db_default=False)
    # Asks again some of the prompt's items, not all of them.
    is_partial = models.BooleanField(default=False, db_default=False)
    # What its rows (`asked`) are; it stays as it is from the opening on.
    audience = models.CharField(
        max_length=6,
        choices=Audience,
        default=Audience.ROOM,
        db_default=Audience.ROOM,
    )
    challenge = models.OneToOneField(
        "Challenge",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="round",
    )

    objects = RoundQuerySet.as_manager()

    class Meta:
        ordering = ["opened_at"]
        constraints = [
            UniqueConstraint(
                fields=["prompt", "number"], name="rounds_of_a_prompt_are_numbered"
            ),
            UniqueConstraint(
                fields=["workshop"],
                condition=NOT_CLOSED & Q(interrupts=None),
                name="one_round_is_open_besides_what_interrupts_it",
            ),
            UniqueConstraint(
                fields=["workshop"],
                condition=NOT_CLOSED & Q(interrupts__isnull=False),
                name="one_round_at_a_time_interrupts_another",
            ),
            CheckConstraint(
                condition=Q(interrupts=None) | ~Q(interrupts=F("pk")),
                name="a_round_does_not_interrupt_itself",
            ),
            CheckConstraint(
                condition=Q(closed_at=None) | Q(closed_at__gte=F("opened_at")),
                name="a_round_closes_after_it_opens",
            ),
            CheckConstraint(
                condition=Q(ends_at=None) | Q(paused_seconds=None),
                name="a_countdown_runs_or_is_paused",
            ),
            CheckConstraint(
                condition=Q(starts_from_own=False) | Q(number__gt=1),
                name="a_first_round_has_no_earlier_answers_to_start_from",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.prompt.key} {self.number}"

    @property
    def asks_everybody(self) -> bool:
        return self.audience == Audience.ROOM

    def asks(self, *, seat: int | None = None, table: int | None = None) -> bool:
        """Tell whether it asks a person or a table, one of them named by its key."""
        if self.asks_everybody:
            return True
        rounds = Round.objects.filter(pk=self.pk)
        return rounds.asking(seat=seat, table=table).exists()


def on_stage(rounds: Iterable[Round]) -> Round | None:
    """Return which of a workshop's rounds is on stage, as `RoundQuerySet.on_stage`."""
    still_open = [one for one in rounds if one.closed_at is None]
    return max(still_open, key=lambda one: one.interrupts_id or 0, default=None)


def last_whole(rounds: Sequence[Round]) -> Round:
    """Return the last of a prompt's rounds that asked all items of everybody.

    Else the last one.
    """
    whole = [one for one in rounds if one.asks_everybody and not one.is_partial]
    return (whole or rounds)[-1]


class RoundItem(models.Model):
    """An item as it was asked in a round: in which wording, at which place."""

    round = models.ForeignKey(
        Round, on_delete=models.CASCADE, related_name="round_items"
    )
    item = models.ForeignKey("Item", on_delete=models.PROTECT)
    wording = models.ForeignKey("Wording", on_delete=models.PROTECT)
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            UniqueConstraint(
                fields=["round", "item"], name="an_item_is_asked_once_in_a_round"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round}: {self.item}"
