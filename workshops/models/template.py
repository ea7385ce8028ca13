from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint


class SessionTemplateQuerySet(models.QuerySet):
    def find(self, reference: str) -> "SessionTemplate":
        """Return `KEY` (its newest version) or `KEY@VERSION`.

        Raises SessionTemplate.DoesNotExist.
        """
        key, at, version = reference.partition("@")
        found = self.filter(key=key)
        if at:
            found = found.filter(version=int(version) if version.isdigit() else 0)
        template = found.order_by("-version").first()
        if template is None:
            raise self.model.DoesNotExist(reference)
        return template


class SessionTemplate(models.Model):
    """A workshop as a file. A loaded (key, version) never changes."""

    key = models.SlugField(max_length=64)
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    language = models.CharField(max_length=35)
    source = models.BinaryField()  # the file as it was loaded, byte for byte
    sha256 = models.CharField(max_length=64)
    loaded_at = models.DateTimeField(auto_now_add=True)
    loaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )

    objects = SessionTemplateQuerySet.as_manager()

    class Meta:
        ordering = ["key", "-version"]
        constraints = [
            UniqueConstraint(
                fields=["key", "version"], name="a_template_version_is_loaded_once"
            ),
            CheckConstraint(
                condition=Q(version__gte=1), name="template_versions_start_at_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key}@{self.version}"
