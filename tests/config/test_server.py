import subprocess
import sys

from config.server import configure

FILES = """
import resource
from config import server
from config.server import raise_file_limit
from deliberation.live.hub import most_streams

hard = min(resource.getrlimit(resource.RLIMIT_NOFILE)[1], 4000)
resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
print(most_streams())
raise_file_limit()
print(resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, hard))
print(most_streams() == hard * 3 // 4)
server.MOST_FILES = 300
raise_file_limit()  # takes nothing away
print(resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, hard))
"""


def test_a_process_holds_as_many_streams_as_its_files_allow():
    told = subprocess.run(
        [sys.executable, "-c", FILES], check=True, capture_output=True, text=True
    )

    assert told.stdout.split() == ["192", "True", "True", "True"]


def test_a_process_with_much_to_do_is_not_taken_for_dead():
    assert configure(workers=2).timeout_worker_healthcheck >= 30  # seconds; 5 is usual
