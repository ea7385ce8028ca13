from django.db import models


class Series(models.Model):
    """Workshops that belong together, so that their items pool by key."""

    key = models.SlugField(max_length=64, unique=True)
    title = models.CharField(max_length=200)

    class Meta:
        ordering = ["key"]
        verbose_name_plural = "series"

    def __str__(self) -> str:
        return self.title
