from django.db import models


class WrongCodes(models.Model):
    """How many wrong join codes came from one network lately; no address is kept.

    `forgiven_at` is when the last of them no longer counts, in seconds since 1970:
    each wrong code moves it on by as long as one takes to be forgiven.
    """

    source = models.CharField(max_length=64, unique=True)  # a keyed hash of the day
    forgiven_at = models.FloatField()

    class Meta:
        verbose_name_plural = "wrong codes"

    def __str__(self) -> str:
        return self.source[:8]
