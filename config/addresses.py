"""Where a request comes from: the one place that reads an address, for limits only."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str:
    """The client's address as far as our own proxies vouch for it.

    Each proxy adds the address it was called from at the right of X-Forwarded-For;
    what stands further left than our proxies reach, anybody can have written.
    """
    direct = request.META.get("REMOTE_ADDR", "")
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    if 0 < settings.TRUSTED_PROXIES <= len(forwarded):
        claimed = forwarded[-settings.TRUSTED_PROXIES].strip()
        try:
            return str(ipaddress.ip_address(claimed))
        except ValueError:
            return direct
    return direct
