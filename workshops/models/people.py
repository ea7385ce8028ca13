from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from workshops import codes


class Membership(models.Model):
    """What an account may do in one workshop."""

    class Role(models.TextChoices):
        OWNER = "owner", _("Owner")
        FACILITATOR = "facilitator", _("Facilitator")
        OBSERVER = "observer", _("Observer")

    workshop = models.ForeignKey(
        "Workshop", on_delete=models.CASCADE, related_name="memberships"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=12, choices=Role, default=Role.FACILITATOR)

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["workshop", "user"],
                name="an_account_has_one_role_in_a_workshop",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.role}"


class Organisation(models.Model):
    workshop = models.ForeignKey(
        "Workshop", on_delete=models.CASCADE, related_name="organisations"
    )
    name = models.CharField(max_length=160)
    # What it is a part of: a department's ministry.
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="parts"
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            UniqueConstraint(
                F("workshop"), Lower("name"), name="an_organisation_is_listed_once"
            ),
            CheckConstraint(
                condition=Q(parent=None) | ~Q(parent=F("pk")),
                name="an_organisation_is_not_part_of_itself",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ParticipantQuerySet(models.QuerySet):
    def present(self) -> "ParticipantQuerySet":
        """Keep who has joined and was neither removed nor merged into another."""
        return self.filter(removed_at=None)


class Participant(models.Model):
    """A person in one workshop: a random reference and a seat, nothing personal."""

    workshop = models.ForeignKey(
        "Workshop", on_delete=models.CASCADE, related_name="participants"
    )
    ref = models.CharField(max_length=8, default=codes.new_ref)
    table = models.ForeignKey(
        "Table",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="participants",
    )
    # What the seat was taken with where entry is by ticket.
    ticket = models.ForeignKey(
        "Ticket", null=True, blank=True, on_delete=models.SET_NULL, related_name="seats"
    )
    # Of the admission that the seat was taken with, as its SHA-256.
    admission = models.CharField(max_length=64, null=True, editable=False)
    joined_at = models.DateTimeField(auto_now_add=True)
    # Whether the write-up may name this person among those who attended.
    listed = models.BooleanField(default=True, db_default=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL
    )

    objects = ParticipantQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["workshop", "ref"], name="a_reference_names_one_participant"
            ),
            UniqueConstraint(
                fields=["workshop", "admission"],
                condition=Q(removed_at=None),
                name="an_admission_is_good_for_one_seat",
            ),
            UniqueConstraint(
                fields=["ticket"],
                condition=Q(removed_at=None),
                name="a_ticket_is_good_for_one_seat",
            ),
            CheckConstraint(
                condition=Q(merged_into=None) | Q(removed_at__isnull=False),
                name="who_is_merged_is_removed",
            ),
        ]

    def __str__(self) -> str:
        return self.ref


class Badge(models.Model):
    """The name and organisation somebody gave, apart so that they can go alone."""

    participant = models.OneToOneField(
        Participant, on_delete=models.CASCADE, related_name="badge"
    )
    name = models.CharField(max_length=120, blank=True)
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.SET_NULL
    )

    def __str__(self) -> str:
        return self.name or str(self.organisation or "")


class Guest(models.Model):
    """Somebody who attended without a seat, such as a speaker."""

    workshop = models.ForeignKey(
        "Workshop", on_delete=models.CASCADE, related_name="guests"
    )
    name = models.CharField(max_length=120)
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.SET_NULL
    )

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            CheckConstraint(condition=~Q(name=""), name="a_guest_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Device(models.Model):
    """One browser of a participant; the cookie's token is kept as its SHA-256."""

    participant = models.ForeignKey(
        Participant, on_delete=models.CASCADE, related_name="devices"
    )
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.participant}: {self.pk}"


class DeviceLink(models.Model):
    """A personal link that gives the same seat to another device, once."""

    participant = models.ForeignKey(
        Participant, on_delete=models.CASCADE, related_name="device_links"
    )
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.participant}: {self.pk}"


class Presence(models.Model):
    """When a participant's screen was last known to be open (to about 15 s)."""

    participant = models.OneToOneField(
        Participant, on_delete=models.CASCADE, primary_key=True, related_name="presence"
    )
    workshop = models.ForeignKey("Workshop", on_delete=models.CASCADE)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.participant}: {self.seen_at}"
