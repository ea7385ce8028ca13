"""The settings of the tests: development's, with a database as on a real day."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

NAMES = [
    "ALLOWED_HOSTS", "DEFAULT_FROM_EMAIL", "EMAIL_URL", "KEEP_NAMES_DAYS",
    "LOCAL_NETWORK", "LOG_LEVEL", "PORT", "PREPARED_STATEMENTS", "PUBLIC_URL",
    "SECRET_KEY", "STATEMENT_SECONDS", "TIME_ZONE",
    "TRUSTED_PROXIES", "WEB_PROCESSES",
]  # fmt: skip
for name in NAMES:
    os.environ.pop(name, None)
os.environ |= {"DEBUG": "true", "STATEMENT_SECONDS": "60"}
# Playwright keeps an event loop in the thread of the tests, which use the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

from config.settings import *  # noqa: E402, F403
from config.settings import DATABASES  # noqa: E402

SCRATCH = Path(tempfile.mkdtemp(prefix="rapporteur-tests-"))
atexit.register(shutil.rmtree, SCRATCH, ignore_errors=True)

# A file, not memory: only a file has the journal and the locks of a real day.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": str(SCRATCH / "test.sqlite3")}

# Where others have the processor, waiting for a lock or between statements is no fault.
_options = DATABASES["default"]["OPTIONS"]
TIMEOUTS_OF_THE_DAY = _options.get("options", "")
if TIMEOUTS_OF_THE_DAY:
    _options["connect_timeout"] = 60
    _options["options"] = (
        f"{TIMEOUTS_OF_THE_DAY} -c lock_timeout=60s"
        " -c idle_in_transaction_session_timeout=600s"
    )
else:
    _options["timeout"] = 60

# Fast, for accounts that live a second.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STATIC_ROOT = SCRATCH / "static"
STATIC_ROOT.mkdir()

# A test that publishes is over before its files are made.
MAKE_FILES_AHEAD = False
