import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model
from django.http import HttpResponse
from django.urls import include, path


def ordinary(request):
    return HttpResponse("an ordinary page")


def broken(request):
    get_user_model().objects.count()
    return HttpResponse("unreachable without a database")


urlpatterns = [
    path("ordinary/", ordinary, name="ordinary"),
    path("counting/", broken, name="counting"),
    path("", include("config.urls")),
]
handler500 = "config.errors.server_error"

pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def facilitator(django_user_model):
    return django_user_model.objects.create_user("seat-3")


@pytest.mark.parametrize(
    ("address", "status"),
    [("/ordinary/", 200), ("/nowhere/", 404), ("/accounts/login/", 200)],
)
def test_every_page_is_sent_with_the_same_protection(client, db, address, status):
    response = client.get(address)

    assert response.status_code == status
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": "default-src 'none'; script-src 'self'; "
        "style-src 'self'; connect-src 'self'; form-action 'self'; font-src 'self'; "
        "img-src 'self' data:; object-src 'none'; base-uri 'none'; "
        "frame-ancestors 'none'",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "screen-wake-lock=(self), camera=(), microphone=(), "
        "geolocation=(), usb=(), payment=(), display-capture=()",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
    assert {name: response.get(name) for name in headers} == headers


def test_a_static_file_may_be_kept(client, db):
    response = client.get("/static/account/js/account.js")
    response.close()

    assert response.status_code == 200
    assert "no-store" not in response["Cache-Control"]


def test_a_page_says_later_while_the_database_is_down(client, database_down):
    client.raise_request_exception = False

    response = client.get("/counting/")

    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert "Answers that were confirmed as stored are safe." in response.text


def test_a_session_that_cannot_be_read_says_later_too(client, database_down):
    client.raise_request_exception = False
    client.cookies["session"] = "a" * 32

    assert client.get("/accounts/login/").status_code == 503


def test_a_server_asks_every_account_for_a_second_factor(client, facilitator, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    client.force_login(facilitator)

    asked = client.get("/ordinary/")
    by_htmx = client.get("/ordinary/", headers={"HX-Request": "true"})

    assert (asked.status_code, asked["Location"]) == (302, "/accounts/2fa/")
    assert by_htmx["HX-Redirect"] == "/accounts/2fa/"
    assert client.get("/accounts/logout/").status_code == 200
    assert client.get("/accounts/2fa/").status_code == 200


def test_an_account_with_a_second_factor_goes_on(client, facilitator, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    Authenticator.objects.create(
        user=facilitator, type=Authenticator.Type.TOTP, data={}
    )
    client.force_login(facilitator)

    assert client.get("/ordinary/").status_code == 200


def test_a_laptop_asks_for_no_second_factor(client, facilitator):
    client.force_login(facilitator)

    assert client.get("/ordinary/").status_code == 200


def test_participants_cost_no_query(client, db, settings, django_assert_num_queries):
    settings.SECOND_FACTOR_REQUIRED = True

    with django_assert_num_queries(0):
        assert client.get("/ordinary/").status_code == 200
