"""Every kind is asked, answered by people and by tables, and shown to everybody."""

import pytest

from deliberation.checking import verify
from tests.browser.every_kind import SAID, Room
from tests.browser.windows import Windows
from tests.serving import Served

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_every_kind_is_asked_answered_and_shown(windows: Windows, server: Served):
    room = Room(windows, server.url)

    for kind in SAID:
        room.play(kind)
        room.everybody_sees(kind)
    room.discuss()

    assert verify(room.workshop).differences == []
