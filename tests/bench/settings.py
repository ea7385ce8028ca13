"""The settings of a server, as in production, for the benches that start one."""

import os
from pathlib import Path

from config.settings import *  # noqa: F403

STATIC_ROOT = Path(os.environ["BENCH_SCRATCH"]) / "static"
