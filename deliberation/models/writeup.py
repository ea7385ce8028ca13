from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from workshops import codes


class Remark(models.Model):
    """What one person said to the whole room, apart from the tables' findings."""

    class Kind(models.TextChoices):
        CONCLUSION = "conclusion", _("Speaker’s conclusion")
        OBSERVATION = "observation", _("Facilitator’s observation")
        CLOSING = "closing", _("Closing remark")

    workshop = models.ForeignKey(
        "workshops.Workshop", on_delete=models.CASCADE, related_name="remarks"
    )
    # None: it closes the day, or is about all of it.
    session = models.ForeignKey(
        "workshops.Session",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="remarks",
    )
    kind = models.CharField(max_length=11, choices=Kind)
    position = models.PositiveIntegerField(default=1)
    name = models.CharField(max_length=200, blank=True)
    organisation = models.CharField(max_length=200, blank=True)
    text = models.TextField()

    class Meta:
        ordering = ["session__position", "position", "pk"]
        constraints = [
            CheckConstraint(condition=~Q(text=""), name="a_remark_says_something"),
            CheckConstraint(
                condition=Q(kind="observation")
                | Q(kind="conclusion", session__isnull=False)
                | Q(kind="closing", session=None),
                name="sessions_are_concluded_and_days_are_closed",
            ),
        ]

    def __str__(self) -> str:
        return self.text


class SignOff(models.Model):
    """Somebody at a table confirmed what is recorded of it for a session.

    `digest` is of the record as it was read; where it is another now, the table has
    not signed what there is.
    """

    session = models.ForeignKey(
        "workshops.Session", on_delete=models.CASCADE, related_name="sign_offs"
    )
    table = models.ForeignKey(
        "workshops.Table", on_delete=models.CASCADE, related_name="sign_offs"
    )
    # None once the person was erased: the table has confirmed it nevertheless.
    participant = models.ForeignKey(
        "workshops.Participant", null=True, blank=True, on_delete=models.SET_NULL
    )
    # Who confirmed had written some of it for the table.
    by_scribe = models.BooleanField(default=False, db_default=False)
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["session", "participant"],
                name="a_person_signs_once_for_a_session",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session}: {self.table}"


class WriteUp(models.Model):
    """What a workshop's document has besides its records, before it is published."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_REVIEW = "in-review", _("In review")
        PUBLISHED = "published", _("Published")

    workshop = models.OneToOneField(
        "workshops.Workshop", on_delete=models.CASCADE, related_name="write_up"
    )
    state = models.CharField(max_length=9, choices=State, default=State.DRAFT)
    review_secret = models.CharField(
        max_length=32, default=codes.new_secret, unique=True
    )

    def __str__(self) -> str:
        return f"{self.workshop}: {self.state}"


class Passage(models.Model):
    """Text that somebody wrote at a place of the document, in Markdown.

    Where sentences are computed at that place it stands instead of them; `computed` is
    the SHA-256 of what they were then, and empty where nothing is computed. While it is
    put aside it is kept, and the sentences stand.
    """

    write_up = models.ForeignKey(
        WriteUp, on_delete=models.CASCADE, related_name="passages"
    )
    place = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    computed = models.CharField(max_length=64, blank=True)
    computed_text = models.TextField(blank=True)
    is_aside = models.BooleanField(default=False, db_default=False)
    # Goes up with each save, so that two who write do not overwrite each other.
    version = models.PositiveIntegerField(default=1)
    edited_at = models.DateTimeField()
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["write_up", "place"], name="a_place_has_one_passage"
            ),
        ]

    def __str__(self) -> str:
        return self.place


class Decision(models.Model):
    """A record that the draft would not have: put in, or left out for a reason."""

    write_up = models.ForeignKey(
        WriteUp, on_delete=models.CASCADE, related_name="decisions"
    )
    record = models.CharField(max_length=200)  # as `writeup.structure` names records
    put_in = models.BooleanField()
    reason = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["write_up", "record"], name="a_record_is_decided_on_once"
            ),
            CheckConstraint(
                condition=Q(put_in=True) | ~Q(reason=""),
                name="what_is_left_out_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.record


class Comment(models.Model):
    """What somebody who was there says about a place of a document in review."""

    write_up = models.ForeignKey(
        WriteUp, on_delete=models.CASCADE, related_name="comments"
    )
    place = models.CharField(max_length=200)
    participant = models.ForeignKey(
        "workshops.Participant", null=True, blank=True, on_delete=models.SET_NULL
    )
    name = models.CharField(max_length=120, blank=True)
    text = models.TextField()
    # What it is about within that place, as it was read; empty: all of it.
    quote = models.CharField(max_length=300, blank=True, db_default="")
    # What who writes the document says to it; shown to whose comment it is.
    reply = models.TextField(blank=True, db_default="")
    replied_at = models.DateTimeField(null=True, blank=True)
    key = models.CharField(max_length=64)  # the sender's, so that a retry is one
    at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    said_by = ""  # not stored: `writeup.shown.with_names` says it for a page

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            UniqueConstraint(
                fields=["write_up", "key"], name="a_comment_is_stored_once"
            ),
            CheckConstraint(condition=~Q(text=""), name="a_comment_says_something"),
            CheckConstraint(
                condition=Q(reply="", replied_at=None)
                | ~Q(reply="") & Q(replied_at__isnull=False),
                name="a_reply_has_words_and_a_time",
            ),
        ]

    def __str__(self) -> str:
        return self.text


class Frozen(Exception):
    """What is published is never changed."""


class Publication(models.Model):
    """A published version: text and figures as they were, never changed again."""

    workshop = models.ForeignKey(
        "workshops.Workshop", on_delete=models.CASCADE, related_name="publications"
    )
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )
    note = models.CharField(max_length=500, blank=True)  # what changed
    gaps_reason = models.CharField(max_length=500, blank=True)
    report = models.JSONField()  # as `writeup.structure` writes it
    sha256 = models.CharField(max_length=64)  # of the report

    class Meta:
        ordering = ["number"]
        constraints = [
            UniqueConstraint(
                fields=["workshop", "number"], name="versions_are_numbered"
            ),
            CheckConstraint(condition=Q(number__gte=1), name="versions_start_at_one"),
            CheckConstraint(
                condition=Q(number=1) | ~Q(note=""),
                name="a_later_version_says_what_changed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.workshop} {self.number}"

    def save(self, **options: Any) -> None:
        """Store a new version. Raises Frozen for one that is stored."""
        if not self._state.adding:
            raise Frozen
        super().save(**options)


class PublishedFile(models.Model):
    """A published version in a format that people take away, made once and kept."""

    publication = models.ForeignKey(
        Publication, on_delete=models.CASCADE, related_name="files"
    )
    name = models.CharField(max_length=20)  # as `writeup.files` names formats
    content = models.BinaryField()

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["publication", "name"], name="a_version_has_one_file_of_a_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.publication}: {self.name}"
