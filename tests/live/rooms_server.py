"""`tests.live.rooms_server:application`, for a server in a process of its own."""

import django

django.setup()

from tests.live.rooms import make_application  # noqa: E402

application = make_application()
