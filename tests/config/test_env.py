from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env


@pytest.fixture
def given(monkeypatch):
    """Sets NAME in the environment; a fresh name each time, as files are cached."""

    def set_name(value):
        monkeypatch.setenv("NAME", value)

    monkeypatch.delenv("NAME", raising=False)
    return set_name


def refusal(read, *arguments, **options):
    with pytest.raises(ImproperlyConfigured) as caught:
        read("NAME", *arguments, **options)
    return str(caught.value)


def test_flag_takes_true_and_false_only(given):
    assert env.flag("NAME", True) is True

    given("false")
    assert env.flag("NAME", True) is False

    given("yes")
    assert refusal(env.flag, False) == "NAME='yes': write true or false."


def test_an_empty_value_counts_as_none_given(given):
    given("")

    assert env.text("NAME", "default") == "default"
    assert env.number("NAME", 3, least=1, most=9) == 3


@pytest.mark.parametrize("value", ["0", "10", "-1", "1.5", "many", "1e3", "٣"])
def test_number_refuses_what_is_not_in_its_range(given, value):
    given(value)

    assert refusal(env.number, 3, least=1, most=9) == (
        f"NAME={value!r}: write a whole number from 1 to 9."
    )


def test_choice_names_the_choices(given):
    given("LOUD")

    assert refusal(env.choice, "INFO", ["INFO", "ERROR"]) == (
        "NAME='LOUD': write one of INFO, ERROR."
    )


def test_time_zone_must_exist(given):
    given("Mars/Olympus")

    assert refusal(env.time_zone, "UTC") == (
        "NAME='Mars/Olympus': write a time zone such as Europe/London."
    )


@pytest.mark.parametrize("value", ["short", "a" * 60, "abab" * 20])
def test_secret_key_refuses_what_can_be_guessed_and_does_not_repeat_it(given, value):
    given(value)

    message = refusal(env.secret_key, default=None)

    assert message.startswith("NAME is too easy to guess: use 50 or more random")
    assert value not in message.replace("make", "")


def test_secret_key_can_come_from_a_file(monkeypatch, tmp_path):
    file = tmp_path / "key"
    file.write_text("0123456789" * 6 + "\n")
    monkeypatch.setenv("KEY_OF_THIS_TEST_FILE", str(file))

    assert env.secret_key("KEY_OF_THIS_TEST", default=None) == "0123456789" * 6


@pytest.mark.parametrize(
    "value",
    [
        "https://vote.example",
        "https://vote.example:8443",
        "https://vote.example/",
        "https://[2001:db8::1]",
        "https://192.0.2.7:8443",
    ],
)
def test_public_url_is_an_address_without_a_path(given, value):
    given(value)

    assert env.public_url("NAME", default=None, https=True) == value.rstrip("/")


@pytest.mark.parametrize(
    "value",
    [
        "vote.example",
        "ftp://vote.example",
        "https:",
        "https://vote.example/path",
        "https://vote.example?x=1",
        "https://user@vote.example",
        "https://vote.example:port",
        "https://vote.example:99999",
        "https://vote example",
        "https://[::1",
    ],
)
def test_public_url_refuses_anything_else(given, value):
    given(value)

    assert refusal(env.public_url, default=None, https=True) == (
        f"NAME={value!r}: write the address of this service, such as "
        "https://vote.example, without a path."
    )


def test_public_url_of_a_server_speaks_tls(given):
    given("http://vote.example")

    assert refusal(env.public_url, default=None, https=True) == (
        "NAME='http://vote.example': write https://; without TLS set "
        "LOCAL_NETWORK=true."
    )
    assert env.public_url("NAME", default=None, https=False) == "http://vote.example"


def test_allowed_hosts_are_names(given):
    given("vote.example, .town.example,[::1]")

    assert env.allowed_hosts("NAME", default=[], any_host=False) == [
        "vote.example",
        ".town.example",
        "[::1]",
    ]


@pytest.mark.parametrize("value", ["https://vote.example", "vote.example:80", "a b"])
def test_allowed_hosts_refuse_addresses(given, value):
    given(value)

    assert refusal(env.allowed_hosts, default=[], any_host=False) == (
        f"NAME={value!r}: write names such as vote.example, without http or port."
    )


def test_allowed_hosts_refuse_any_host_on_a_server(given):
    given("*")

    assert env.allowed_hosts("NAME", default=[], any_host=True) == ["*"]
    assert refusal(env.allowed_hosts, default=[], any_host=False) == (
        "NAME='*': name the hosts; everybody could pose as this service."
    )


def test_database_defaults_to_a_file(given):
    config = env.database("NAME", default=Path("/somewhere/db.sqlite3"))

    assert config["ENGINE"] == "django.db.backends.sqlite3"
    assert config["NAME"] == "/somewhere/db.sqlite3"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            "mysql://root:canary@host/name",
            "NAME starts with 'mysql': write postgres://USER:PASSWORD@HOST/NAME or "
            "sqlite:///FILE.",
        ),
        (
            "rapporteur",
            "NAME starts with 'rapporteur': write postgres://USER:PASSWORD@HOST/NAME "
            "or sqlite:///FILE.",
        ),
        (
            "postgres://u:canary@host:port/name",
            "NAME cannot be read: check its port.",
        ),
        (
            "postgres://u:canary@host/",
            "NAME names no database: put it at the end, after the last slash.",
        ),
        (
            "sqlite://:memory:",
            "NAME names no file: put it at the end, after the last slash.",
        ),
        ("sqlite://", "NAME names no file: put it at the end, after the last slash."),
    ],
)
def test_database_refuses_what_it_cannot_use(given, value, message):
    given(value)

    assert refusal(env.database, default=Path("db.sqlite3")) == message


def test_mailer_reads_an_address(given):
    assert env.mailer("NAME") is None

    given("smtps://user:pass%40word@mail.example:587")
    assert env.mailer("NAME") == {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": "mail.example",
            "port": 587,
            "username": "user",
            "password": "pass@word",
            "use_tls": True,
            "use_ssl": False,
            "timeout": 10,
        },
    }


@pytest.mark.parametrize("value", ["mail.example", "http://mail.example"])
def test_mailer_refuses_other_addresses(given, value):
    given(value)

    assert refusal(env.mailer).endswith(
        "write smtps://USER:PASSWORD@HOST:587, or smtp:// for a server without TLS."
    )
