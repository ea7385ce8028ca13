"""Guessing join codes is slowed down; a room behind one address is not.

Only wrong codes count. A network may send 60 of them at once, and each is forgiven
after ten seconds. What is scanned (128 bits) is never limited.
"""

import ipaddress
import math
import time

from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from workshops.models import WrongCodes

BURST = 60
SECONDS_EACH = 10.0


def source_of(address: str) -> str:
    """Return what stands for a network: a keyed hash that differs every day.

    An IPv6 site has one prefix of 64 bits and as many addresses as it likes.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        network = address
    else:
        prefix = 64 if ip.version == 6 else 32
        network = str(ipaddress.ip_network(f"{ip}/{prefix}", strict=False))
    day = timezone.now().date()
    hashed = salted_hmac("workshops.throttle", f"{day} {network}", algorithm="sha256")
    return hashed.hexdigest()


def seconds_to_wait(address: str, *, now: float | None = None) -> int:
    """Return for how long no more codes are looked up from an address, 0 for not."""
    now = time.time() if now is None else now
    row = WrongCodes.objects.filter(source=source_of(address)).first()
    if row is None:
        return 0
    too_many = row.forgiven_at - now - (BURST - 1) * SECONDS_EACH
    return max(0, math.ceil(too_many))


def count_wrong(address: str, *, now: float | None = None) -> None:
    """Count one wrong code from an address; what is long forgiven is deleted."""
    now = time.time() if now is None else now
    source = source_of(address)
    WrongCodes.objects.filter(forgiven_at__lt=now).delete()
    WrongCodes.objects.bulk_create(
        [WrongCodes(source=source, forgiven_at=now)], ignore_conflicts=True
    )
    # One statement, so that wrong codes that come at once are all counted.
    WrongCodes.objects.filter(source=source).update(
        forgiven_at=Greatest(F("forgiven_at"), Value(now)) + SECONDS_EACH
    )
