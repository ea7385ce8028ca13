import re
from urllib.parse import urlsplit

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core import mail
from django.test import Client

PASSWORD = "four unrelated words here"

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(django_user_model):
    return django_user_model.objects.create_user(
        "seat-3", "seat-3@organisation.example", PASSWORD
    )


def sign_in(client, login, password=PASSWORD):
    return client.post("/accounts/login/", {"login": login, "password": password})


@pytest.mark.parametrize("login", ["seat-3", "seat-3@organisation.example"])
def test_an_account_signs_in_by_name_or_address(client, account, login):
    response = sign_in(client, login)

    assert (response.status_code, response["Location"]) == (302, "/console/")
    assert client.session["_auth_user_id"] == str(account.pk)


def test_a_wrong_password_says_so_and_keeps_the_name(client, account):
    response = sign_in(client, "seat-3", "a wrong password")

    assert response.status_code == 200
    assert 'value="seat-3"' in response.text
    assert "There is a problem" in response.text
    assert "do not belong together" in response.text


def test_an_unknown_name_and_a_wrong_password_look_the_same(client, account):
    pages = [
        sign_in(Client(), name, "a wrong password").text.replace(name, "NAME")
        for name in ("seat-3", "seat-9")
    ]

    token = re.compile(r'(csrfmiddlewaretoken" value=|CSRFToken": )"\w+"')
    assert token.sub("", pages[0]) == token.sub("", pages[1])


def test_guessing_one_password_is_stopped_at_the_sixth_try(client, account):
    statuses = [sign_in(client, "seat-3", f"guess {n}").status_code for n in range(7)]

    assert statuses[:5] == [200] * 5
    answer = sign_in(client, "seat-3")
    assert "_auth_user_id" not in client.session
    assert answer.status_code in (200, 429)


def test_nobody_signs_up(client):
    response = client.post(
        "/accounts/signup/",
        {
            "username": "seat-4",
            "email": "seat-4@organisation.example",
            "password1": PASSWORD,
            "password2": PASSWORD,
        },
    )

    assert response.status_code == 200
    assert "closed" in response.text.lower()
    assert "_auth_user_id" not in client.session


def test_the_admin_site_has_no_door_of_its_own(client):
    response = client.get("/admin/login/")

    assert response.status_code == 302
    assert urlsplit(response["Location"]).path == "/accounts/login/"


def test_a_forgotten_password_without_mail_names_who_can_help(client):
    response = client.get("/accounts/password/reset/")

    assert "This service sends no mail" in response.text
    assert "<form" not in response.text.split("<main", 1)[1]


def test_a_reset_link_leads_to_the_public_address_only(client, account, settings):
    settings.MAIL_WORKS = True
    settings.PUBLIC_URL = "https://vote.example"
    client.post(
        "/accounts/password/reset/",
        {"email": account.email},
        headers={"Host": "stranger.example"},
    )

    (message,) = mail.outbox
    links = re.findall(r"https?://\S+", message.body)
    assert {urlsplit(link).netloc for link in links} == {"vote.example"}

    response = client.get(urlsplit(links[0]).path, follow=True)
    assert "Choose a new password" in response.text


def test_a_reset_link_that_was_cut_off_says_so(client):
    response = client.get("/accounts/password/reset/key/1-cut/")

    assert "This link no longer works" in response.text


def test_a_second_factor_is_asked_for_after_the_password(client, account):
    TOTP.activate(account, generate_totp_secret())

    response = sign_in(client, "seat-3")

    assert response["Location"] == "/accounts/2fa/authenticate/"
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    "address",
    [
        "/accounts/login/",
        "/accounts/password/reset/",
        "/accounts/password/reset/done/",
        "/accounts/password/reset/key/done/",
        "/accounts/signup/",
        "/accounts/inactive/",
    ],
)
def test_pages_at_the_door_are_our_pages(client, address):
    response = client.get(address)

    assert response.status_code == 200
    assert response.text.count("<h1>") == 1
    assert 'href="/static/css/app.css"' in response.text


@pytest.mark.parametrize(
    "address",
    [
        "/accounts/logout/",
        "/accounts/password/change/",
        "/accounts/email/",
        "/accounts/reauthenticate/",
        "/accounts/2fa/",
        "/accounts/2fa/totp/activate/",
    ],
)
def test_pages_of_an_account_are_our_pages(client, account, address):
    sign_in(client, "seat-3")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})

    response = client.get(address)

    assert response.status_code == 200
    assert response.text.count("<h1") == 1
    assert 'href="/static/css/app.css"' in response.text
    assert "style=" not in response.text
