"""`tests.live.asked_server:application`: the real one, but it renders no board unasked.

What comes to its screens in whatever time, comes because a commit was seen.
"""

from math import inf

from config.asgi import application
from deliberation.live import watch

watch.BACKSTOP_SECONDS = inf

__all__ = ["application"]
