"""The real application with its real boards, from commit to screen."""

import pytest

from config.bridge import security_headers
from tests.builders import make_workshop
from tests.live.listening import Listener
from tests.serving import ServerProcess, get

pytestmark = pytest.mark.django_db(transaction=True)


def test_real_boards_come_over_the_real_server(live_app):
    workshop = make_workshop(title="Migration")
    address = f"{live_app.url}/live/screen/{workshop.screen_secret}/"

    with Listener(address) as listener:
        first = listener.until("board").data
        workshop.title = "Migration and development"
        workshop.save()
        second = listener.until("board").data

    assert first["board"] == second["board"] == f"screen:{workshop.pk}"
    assert "Migration and development" not in first["html"]
    assert "Migration and development" in second["html"]


@pytest.mark.parametrize(
    "path",
    ["", "phone/", "phone/day/", "console/day/", "screen/%FF/", "a/b/c/", "console/é/"],
)
def test_strangers_are_refused_without_a_word(live_app, path: str):
    make_workshop()
    refused = get(f"{live_app.url}/live/{path}")

    assert (refused.status_code, refused.content) == (404, b"")
    for name, value in security_headers():
        assert refused.headers[name.decode()] == value.decode()


def test_real_application_starts_in_a_process_of_its_own(transactional_db: None):
    with ServerProcess() as server:
        assert get(server.url + "/healthz").status_code == 200
        server.stop()
