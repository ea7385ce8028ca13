"""What every template may know about this installation."""

from django.conf import settings
from django.http import HttpRequest


def installation(request: HttpRequest) -> dict[str, bool]:
    return {
        "local_network": settings.LOCAL_NETWORK,
        "mail_works": settings.MAIL_WORKS,
        "second_factor_required": settings.SECOND_FACTOR_REQUIRED,
    }
