import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVER = {
    "DEBUG": "false",
    "SECRET_KEY": "a-secret-for-this-test-only-0123456789-abcdefghijklmnop",
    "PUBLIC_URL": "https://vote.example",
    "DATABASE_URL": "postgres://rapporteur:canary@127.0.0.1:1/rapporteur",
    "EMAIL_URL": "smtps://user:canary@mail.example:587",
    "TRUSTED_PROXIES": "1",
}
LAPTOP = {
    "DEBUG": "false",
    "LOCAL_NETWORK": "true",
    "SECRET_KEY": SERVER["SECRET_KEY"],
}


def run(environment, *arguments):
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={"DJANGO_SETTINGS_MODULE": "config.settings", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def refusal(environment):
    """What a start with these settings says: one sentence, no traceback."""
    process = run(environment, "manage.py", "check")
    assert process.returncode == 1
    return process.stderr.strip()


def values(environment, *names):
    program = (
        "import json, sys; from django.conf import settings; "
        "print(json.dumps([getattr(settings, n) for n in sys.argv[1:]], default=str))"
    )
    process = run(environment, "-c", program, *names)
    assert process.stderr == ""
    return json.loads(process.stdout)


def test_a_server_passes_every_deployment_check():
    process = run(
        SERVER,
        "-W",
        "error",
        "manage.py",
        "check",
        "--deploy",
        "--fail-level",
        "WARNING",
    )

    assert process.stderr == ""
    assert process.returncode == 0
    assert process.stdout == "System check identified no issues (1 silenced).\n"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"DEBUG": "yes"}, "DEBUG='yes': write true or false."),
        ({"SECRET_KEY": ""}, "SECRET_KEY is missing: "),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is too easy to guess: "),
        ({"PUBLIC_URL": ""}, "PUBLIC_URL is missing: "),
        ({"PUBLIC_URL": "http://vote.example"}, "PUBLIC_URL='http://vote.example': "),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS='*': name the hosts; "),
        ({"DATABASE_URL": "mysql://host/name"}, "DATABASE_URL starts with 'mysql': "),
        (
            {"DATABASE_URL": "sqlite:///x.sqlite3", "WEB_PROCESSES": "2"},
            "WEB_PROCESSES=2 with SQLite: ",
        ),
        ({"TRUSTED_PROXIES": "all"}, "TRUSTED_PROXIES='all': write a whole number "),
        ({"KEEP_NAMES_DAYS": "-1"}, "KEEP_NAMES_DAYS='-1': write a whole number "),
        ({"TIME_ZONE": "Mars"}, "TIME_ZONE='Mars': write a time zone "),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL='loud': write one of DEBUG, "),
        ({"EMAIL_URL": "mail"}, "EMAIL_URL starts with 'mail': "),
        (
            {"DEBUG": "true", "LOCAL_NETWORK": "true"},
            "DEBUG and LOCAL_NETWORK are both true: ",
        ),
    ],
)
def test_a_start_with_nonsense_is_refused_in_one_sentence(changes, sentence):
    message = refusal(SERVER | changes)

    assert message.startswith(f"Settings: {sentence}")
    assert "Traceback" not in message
    assert "canary" not in message


def test_a_server_sends_its_cookies_over_tls_to_one_host_only():
    names = [
        "SESSION_COOKIE_NAME",
        "CSRF_COOKIE_NAME",
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "SECURE_SSL_REDIRECT",
        "SECURE_HSTS_SECONDS",
        "SECURE_PROXY_SSL_HEADER",
        "SECOND_FACTOR_REQUIRED",
        "ALLOWED_HOSTS",
        "MFA_SUPPORTED_TYPES",
    ]

    assert values(SERVER, *names) == [
        "__Host-session",
        "__Host-csrf",
        True,
        True,
        True,
        63072000,
        ["HTTP_X_FORWARDED_PROTO", "https"],
        True,
        ["vote.example"],
        ["totp", "recovery_codes", "webauthn"],
    ]


def test_a_header_tells_of_tls_only_behind_a_proxy_of_ours():
    alone = SERVER | {"TRUSTED_PROXIES": "0"}

    assert values(alone, "SECURE_PROXY_SSL_HEADER") == [None]


def test_a_laptop_in_a_room_speaks_plain_http():
    names = [
        "DEBUG",
        "PUBLIC_URL",
        "SESSION_COOKIE_NAME",
        "SESSION_COOKIE_SECURE",
        "SECURE_SSL_REDIRECT",
        "SECURE_HSTS_SECONDS",
        "SECURE_CROSS_ORIGIN_OPENER_POLICY",
        "SECOND_FACTOR_REQUIRED",
        "MFA_SUPPORTED_TYPES",
    ]

    assert values(LAPTOP | {"PORT": "8123"}, *names) == [
        False,
        "http://localhost:8123",
        "session",
        False,
        False,
        0,
        None,
        False,
        ["totp", "recovery_codes"],
    ]


def test_statements_are_not_prepared_behind_a_pooler_that_forgets_them():
    (databases,) = values(SERVER | {"PREPARED_STATEMENTS": "false"}, "DATABASES")

    assert "prepare_threshold" not in databases["default"]["OPTIONS"]


# How long a silent database is waited for, in seconds but for the last.
SILENCE = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}


def test_postgresql_that_falls_silent_is_given_up():
    (databases,) = values(SERVER, "DATABASES")

    assert databases["default"]["OPTIONS"].items() >= SILENCE.items()


def test_postgresql_binds_on_the_server_and_keeps_the_options_of_its_address():
    url = SERVER["DATABASE_URL"] + "?sslmode=require&connect_timeout=20"
    (databases,) = values(SERVER | {"DATABASE_URL": url}, "DATABASES")

    assert databases["default"]["CONN_MAX_AGE"] is None
    assert databases["default"]["OPTIONS"] == {
        "sslmode": "require",
        "server_side_binding": True,
        "prepare_threshold": 5,
        "application_name": "rapporteur",
        **SILENCE | {"connect_timeout": 20},
        "options": "-c statement_timeout=5s -c lock_timeout=3s"
        " -c idle_in_transaction_session_timeout=10s",
    }
