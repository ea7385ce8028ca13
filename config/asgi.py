"""The application that a server runs: pages and live streams in one process."""

import os
from concurrent.futures import ThreadPoolExecutor

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup(set_prefix=False)

# Only now: models can be imported once Django is set up.
from config.bridge import Application  # noqa: E402
from config.checks import refuse_unsafe_database  # noqa: E402
from config.shortcut import Shortcut  # noqa: E402
from deliberation.live import board  # noqa: E402
from deliberation.live.stream import Live  # noqa: E402
from deliberation.views import shortcut  # noqa: E402

# In a thread, for servers import this from within their event loop.
with ThreadPoolExecutor(1) as elsewhere:
    elsewhere.submit(refuse_unsafe_database).result()

application = Application(pages=Shortcut(shortcut), live=Live(board))
