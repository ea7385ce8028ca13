"""The settings of the servers that these tests kill: the tests', without DEBUG.

Errors get the pages that people see and one line each, and statements the time they
have on a real day.
"""

from config import logging
from tests.settings import *  # noqa: F403
from tests.settings import DATABASES, TIMEOUTS_OF_THE_DAY

DEBUG = False
LOGGING = logging.configuration(level="ERROR", readable=False)

_options = DATABASES["default"]["OPTIONS"]
if TIMEOUTS_OF_THE_DAY:
    _options["connect_timeout"] = 5
    _options["options"] = TIMEOUTS_OF_THE_DAY.replace("=60s", "=5s")
else:
    _options["timeout"] = 20
