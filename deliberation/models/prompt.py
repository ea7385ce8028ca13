from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.utils.functional import cached_property
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

SHORT_LENGTH = 32  # characters that fit on one line of the screen
MOST_POINTS = 10_000  # that one respondent shares out
RULES = ["plurality", "borda", "schulze", "irv"]


class Scale(models.Model):
    """Named answer points that prompts of a workshop share."""

    class Kind(models.TextChoices):
        NOMINAL = "nominal", _("Categories")
        ORDINAL = "ordinal", _("Ordered points")

    workshop = models.ForeignKey(
        "workshops.Workshop", on_delete=models.CASCADE, related_name="scales"
    )
    key = models.SlugField(max_length=64)
    kind = models.CharField(max_length=8, choices=Kind)

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["workshop", "key"], name="a_scale_key_is_used_once"
            ),
        ]

    def __str__(self) -> str:
        return self.key


class ScalePoint(models.Model):
    """One possible answer. `value` is its number in storage.

    On an ordinal scale the value is the point's own (ascending); on a nominal scale
    it is the position, 1 to the number of categories, and means nothing else.
    """

    scale = models.ForeignKey(Scale, on_delete=models.CASCADE, related_name="points")
    key = models.SlugField(max_length=64)
    value = models.IntegerField()
    label = models.CharField(max_length=200)
    short = models.CharField(max_length=SHORT_LENGTH, blank=True)
    gloss = models.TextField(blank=True)

    class Meta:
        ordering = ["value"]
        constraints = [
            UniqueConstraint(
                fields=["scale", "key"], name="a_point_key_is_used_once_on_a_scale"
            ),
            UniqueConstraint(
                fields=["scale", "value"], name="a_value_is_used_once_on_a_scale"
            ),
        ]

    def __str__(self) -> str:
        return self.label


class Prompt(models.Model):
    """One thing the room is asked: a question, a kind, its items, its rules."""

    class Kind(models.TextChoices):
        ASSESS = "assess", _("Assess: one category for each item")
        RATE = "rate", _("Rate: a scale for each item")
        CHOOSE = "choose", _("Choose: one item")
        APPROVE = "approve", _("Approve: any number of items")
        RANK = "rank", _("Rank: items in order")
        ALLOCATE = "allocate", _("Allocate: points shared out among items")
        DISCUSS = "discuss", _("Discuss: points only")

    class Reveal(models.TextChoices):
        BY_HAND = "by-hand", _("When the facilitator reveals them")
        LIVE = "live", _("Live, while people answer")
        ON_CLOSE = "on-close", _("As soon as the prompt closes")
        AFTER_OWN_ANSWER = "after-own-answer", _("To each person after answering")

    class Reasons(models.TextChoices):
        NONE = "none", _("Not asked")
        OPTIONAL = "optional", _("Optional")
        REQUIRED = "required", _("Required")

    class Again(models.TextChoices):
        BLANK = "blank", _("Blank")
        MINE = "mine", _("From what each one answered before")

    class Rule(models.TextChoices):
        PLURALITY = "plurality", _("Most first places")
        BORDA = "borda", _("Borda: a point for each item ranked below")
        SCHULZE = "schulze", _("Schulze: beats the others head to head")
        IRV = "irv", _("Instant run-off: the last drops out, again and again")

    session = models.ForeignKey(
        "workshops.Session", on_delete=models.CASCADE, related_name="prompts"
    )
    key = models.SlugField(max_length=64)
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind)
    question = models.TextField()
    guidance = models.TextField(blank=True)
    asks_people = models.BooleanField(default=True)
    asks_tables = models.BooleanField(default=False)
    scale = models.ForeignKey(
        Scale, null=True, blank=True, on_delete=models.PROTECT, related_name="prompts"
    )
    abstain = models.BooleanField(default=True)
    reveal = models.CharField(max_length=16, choices=Reveal, default=Reveal.BY_HAND)
    minutes = models.PositiveIntegerField(null=True, blank=True)
    reasons = models.CharField(max_length=8, choices=Reasons, default=Reasons.NONE)
    invites_points = models.BooleanField(default=True)
    invites_rewordings = models.BooleanField(default=False)
    invites_new_items = models.BooleanField(default=False)
    least = models.PositiveIntegerField(null=True, blank=True)
    most = models.PositiveIntegerField(null=True, blank=True)
    # Points that each respondent shares out among the items.
    total = models.PositiveIntegerField(null=True, blank=True)
    # Items of a ranking may be level.
    ties = models.BooleanField(default=False, db_default=False)
    # Who wins a ranking, as announced before the vote; empty where nothing was.
    rule = models.CharField(
        max_length=9, choices=Rule, blank=True, default="", db_default=""
    )
    # From how many per cent of the answers on a rated item is put in which word.
    word_agreed = models.PositiveSmallIntegerField(default=75, db_default=75)
    word_opposed = models.PositiveSmallIntegerField(default=15, db_default=15)
    word_split = models.PositiveSmallIntegerField(default=30, db_default=30)
    word_lukewarm = models.PositiveSmallIntegerField(default=50, db_default=50)
    items_from = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT
    )
    # Opens only once that one has been asked, unless the facilitator insists.
    after = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="followed_by",
    )
    # How it is asked again, unless the facilitator chooses otherwise.
    again = models.CharField(
        max_length=5, choices=Again, default=Again.BLANK, db_default=Again.BLANK
    )
    # Each table sees afterwards how many of its people answered as it did.
    shows_own_and_table = models.BooleanField(default=False, db_default=False)
    # Added during the day, so that the write-up can say so.
    is_challenge = models.BooleanField(default=False)

    class Meta:
        ordering = ["position"]
        constraints = [
            UniqueConstraint(
                fields=["session", "key"], name="a_prompt_key_is_used_once_in_a_session"
            ),
            CheckConstraint(
                condition=Q(asks_people=True) | Q(asks_tables=True),
                name="a_prompt_asks_somebody",
            ),
            CheckConstraint(
                condition=~Q(kind__in=["assess", "rate"]) | Q(scale__isnull=False),
                name="what_is_assessed_or_rated_has_a_scale",
            ),
            CheckConstraint(
                condition=Q(least=None) | Q(most=None) | Q(most__gte=F("least")),
                name="most_is_at_least_least",
            ),
            CheckConstraint(
                condition=Q(
                    kind="allocate",
                    total__isnull=False,
                    total__gte=1,
                    total__lte=MOST_POINTS,
                )
                | (~Q(kind="allocate") & Q(total=None)),
                name="points_and_nothing_else_are_shared_out_from_a_total",
            ),
            CheckConstraint(
                condition=Q(ties=False) | Q(kind="rank"),
                name="only_items_of_a_ranking_may_be_level",
            ),
            CheckConstraint(
                condition=Q(rule="") | Q(kind="rank", rule__in=RULES),
                name="only_a_ranking_has_an_announced_rule",
            ),
            CheckConstraint(
                condition=Q(
                    word_agreed__range=(51, 100),
                    word_opposed__range=(0, 49),
                    word_split__range=(1, 50),
                    word_lukewarm__range=(1, 100),
                ),
                name="an_item_is_agreed_by_more_than_half",
            ),
            CheckConstraint(
                condition=Q(after=None) | ~Q(after=F("id")),
                name="a_prompt_does_not_open_after_itself",
            ),
        ]

    def __str__(self) -> str:
        return self.question

    @property
    def path(self) -> str:
        """`session/prompt`, the same in every workshop made from the template."""
        return f"{self.session.key}/{self.key}"

    @property
    def voices(self) -> list[str]:
        """Who is asked, in the order in which results are shown."""
        return ["people"] * self.asks_people + ["tables"] * self.asks_tables

    @property
    def judges_one_by_one(self) -> bool:
        """Tell whether some of its items can be asked without the others."""
        return self.kind in (self.Kind.ASSESS, self.Kind.RATE)

    @cached_property
    def has_items(self) -> bool:
        return self.kind != self.Kind.DISCUSS


class Criterion(models.Model):
    """In which respect items are judged. Every prompt has one; its key may be empty."""

    prompt = models.ForeignKey(
        Prompt, on_delete=models.CASCADE, related_name="criteria"
    )
    key = models.CharField(max_length=64, blank=True)
    label = models.CharField(max_length=200, blank=True)
    position = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["position"]
        constraints = [
            UniqueConstraint(
                fields=["prompt", "key"],
                name="a_criterion_key_is_used_once_in_a_prompt",
            ),
        ]

    def __str__(self) -> str:
        return self.label


class Item(models.Model):
    """What is judged within a prompt, or one part of a question that is discussed."""

    prompt = models.ForeignKey(Prompt, on_delete=models.CASCADE, related_name="items")
    key = models.SlugField(max_length=64)
    position = models.PositiveIntegerField()
    # A table that proposed it during the day.
    proposed_by = models.ForeignKey(
        "workshops.Table", null=True, blank=True, on_delete=models.SET_NULL
    )
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            UniqueConstraint(
                fields=["prompt", "key"], name="an_item_key_is_used_once_in_a_prompt"
            ),
        ]

    def __str__(self) -> str:
        return self.key


class Wording(models.Model):
    """How an item was put. What has been answered stays; a change is a new version."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="wordings")
    version = models.PositiveIntegerField(default=1)
    text = models.TextField()
    short = models.CharField(max_length=SHORT_LENGTH, blank=True)
    gloss = models.TextField(blank=True)

    class Meta:
        ordering = ["version"]
        constraints = [
            UniqueConstraint(
                fields=["item", "version"], name="a_wording_version_is_used_once"
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def label(self) -> str:
        """What fits on the screen: `short`, or the text cut at a word."""
        if self.short or len(self.text) <= SHORT_LENGTH:
            return self.short or self.text
        cut = self.text[:SHORT_LENGTH].rsplit(" ", 1)[0]
        return Truncator(cut + " …").chars(SHORT_LENGTH)
