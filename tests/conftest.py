"""What all tests share: the browser to drive, and a word on what was left out."""

import asyncio
import os
import shutil
from ctypes.util import find_library

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import expect

from deliberation.writeup import apart
from tests.browser.windows import PATIENCE

# A slow machine is no fault of the code: limits on time stand in the tests that mean
# them, and count the processor's time.
settings.register_profile(
    "rapporteur", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("rapporteur")

# A process that sets a document comes last on a machine that does other things.
apart.SECONDS = 3_600

# So do waits for what a page will do or show: they only end sooner.
expect.set_options(timeout=PATIENCE)

IN_CI = os.environ.get("CI") == "true"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
HOW_TO_GET_CHROMIUM = "install Chromium (apt-get install chromium)"
PANGO = find_library("pangoft2-1.0")
HOW_TO_GET_PANGO = "install Pango (apt-get install libpango-1.0-0 libpangoft2-1.0-0)"
needs_pango = pytest.mark.skipif(not PANGO and not IN_CI, reason=HOW_TO_GET_PANGO)


QUIET = ["quic", "background-networking", "component-update", "sync"]
HOW_TO_LAUNCH = {
    "executable_path": CHROMIUM,
    "timeout": PATIENCE,
    "args": ["--no-sandbox", "--disable-gpu", "--no-first-run"]
    + [f"--disable-{name}" for name in QUIET],
}


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return browser_type_launch_args | HOW_TO_LAUNCH


@pytest.fixture
def context(context):
    context.set_default_timeout(PATIENCE)
    return context


@pytest.fixture(autouse=True)
def no_loop_left_running(request):
    """Let a test run its own event loop after a browser's tests.

    Playwright keeps one marked as running in this thread for as long as its browser
    is open, and `asyncio.run` refuses to start beside it.
    """
    if "playwright" in request.fixturenames:
        yield
        return
    left = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(left)


def pytest_collection_modifyitems(items):
    for item in items:
        # Both pytest-playwright's fixtures and our own mark tell a browser test.
        if "page" in item.fixturenames or "browser" in item.fixturenames:
            item.add_marker("browser")
        if item.get_closest_marker("browser") and not CHROMIUM and not IN_CI:
            item.add_marker(pytest.mark.skip(reason=HOW_TO_GET_CHROMIUM))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish():
    # Workers end without their exit handlers.
    from tests.settings import SCRATCH

    shutil.rmtree(SCRATCH, ignore_errors=True)


def pytest_terminal_summary(terminalreporter):
    left_out = [os.environ.get("LEFT_OUT", "")]
    if not CHROMIUM and not IN_CI:
        left_out.append(f"the tests in a browser: {HOW_TO_GET_CHROMIUM}")
    if not PANGO and not IN_CI:
        left_out.append(f"the write-up as PDF: {HOW_TO_GET_PANGO}")
    for what in filter(None, left_out):
        terminalreporter.write_line(f"Left out: {what}.", yellow=True)
