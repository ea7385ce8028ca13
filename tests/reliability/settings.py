"""The settings of the servers that these tests kill: the tests', without DEBUG.

Errors get the pages that people see and one line each, and statements the time they
have on a real day.
"""

from config import logging
from tests.settings import *  # noqa: F403
from tests.settings import DATABASES

DEBUG = False
LOGGING = logging.configuration(level="ERROR", readable=False)

_options = DATABASES["default"]["OPTIONS"]
if "options" in _options:
    _options["options"] = _options["options"].replace("=60s", "=5s")
