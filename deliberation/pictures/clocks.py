"""Time left, as people read it."""

from typing import Any

from django.utils.translation import gettext as _


def timer(
    remaining: float, *, ident: str, ends_at: str = "", paused: bool = False
) -> dict[str, Any]:
    """A countdown for `parts/timer.html`.

    remaining: seconds by the server's clock, below zero when the time is up.
    ends_at: ISO 8601, what the script counts down to; empty when paused.
    """
    if paused:
        state, text = "paused", _("paused")
    elif remaining <= 0:
        state, text = "over", _("time is up")
    elif remaining <= 60:
        state, text = "near", _("less than a minute")
    else:
        state, text = "running", _("left")
    return {
        "id": ident,
        "ends_at": "" if paused else ends_at,
        "remaining": max(0, round(remaining)),
        "paused": "true" if paused else "false",
        "state": state,
        "clock": clock(remaining),
        "word": text,
    }


def clock(seconds: float) -> str:
    """Write seconds as on a wall clock: 4:12, or 1:04:12; never negative."""
    whole = max(0, round(seconds))
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes}:{rest:02d}"
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"
