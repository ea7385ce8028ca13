"""Settings: one file, the environment decides, nonsense is refused.

Three profiles. A server (neither of these set) speaks TLS only. LOCAL_NETWORK=true is
a laptop in a room: plain HTTP, one SQLite file. DEBUG=true is for development.
"""

from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

from config import env, logging

BASE_DIR = Path(__file__).resolve().parent.parent
env.read_file(BASE_DIR / ".env")

# ---- who and where ----

DEBUG = env.flag("DEBUG", False)
LOCAL_NETWORK = env.flag("LOCAL_NETWORK", False)
if DEBUG and LOCAL_NETWORK:
    raise ImproperlyConfigured(
        "DEBUG and LOCAL_NETWORK are both true: a room must not see DEBUG's error "
        "pages. Set one of them to false."
    )
ON_A_SERVER = not (DEBUG or LOCAL_NETWORK)

SECRET_KEY = env.secret_key(
    "SECRET_KEY", default="insecure, for development" if DEBUG else None
)
PUBLIC_URL = env.public_url(
    "PUBLIC_URL",
    default=None if ON_A_SERVER else f"http://localhost:{env.text('PORT', '8000')}",
    https=ON_A_SERVER,
)
# A laptop's own addresses change from room to room; nothing is built from the name
# in a request, so any will do there.
ALLOWED_HOSTS = env.allowed_hosts(
    "ALLOWED_HOSTS",
    default=[urlsplit(PUBLIC_URL).hostname] if ON_A_SERVER else ["*"],
    any_host=not ON_A_SERVER,
)
# How many proxies of ours stand in front: so many entries, counted from the right of
# X-Forwarded-For, can be believed.
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", 0, least=0, most=9)
WEB_PROCESSES = env.number("WEB_PROCESSES", 1, least=1, most=64)

# ---- what it is made of ----

INSTALLED_APPS = [
    "config.apps.ConfigConfig",
    "workshops",
    "deliberation",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
]

MIDDLEWARE = [
    "config.middleware.log_request",
    "config.middleware.add_security_headers",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.forbid_storing",
    "config.middleware.refuse_unreadable",
    "config.middleware.answer_health",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "config.middleware.require_second_factor",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.installation",
            ],
        },
    },
]

# ---- the database ----

DATABASES = {"default": env.database("DATABASE_URL", default=BASE_DIR / "db.sqlite3")}
STATEMENT_SECONDS = env.number("STATEMENT_SECONDS", 5, least=0, most=86400)

_database = DATABASES["default"]
_options = _database.setdefault("OPTIONS", {})
# Pages run in a few lasting threads, each with a connection of its own; a pool would
# add nothing, and live streams hold none.
_database["CONN_MAX_AGE"] = None
if _database["ENGINE"].endswith("sqlite3"):
    if WEB_PROCESSES > 1:
        raise ImproperlyConfigured(
            f"WEB_PROCESSES={WEB_PROCESSES} with SQLite: a SQLite file serves one "
            "process. Set WEB_PROCESSES=1, or DATABASE_URL to a PostgreSQL database."
        )
    _options |= {
        # With Django's default most of a room's answers meet "database is locked".
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL",
    }
else:
    _database["CONN_HEALTH_CHECKS"] = True
    _options["server_side_binding"] = (
        True  # or PostgreSQL's log shows what people wrote
    )
    # Planned once for each connection. Off behind a pooler that hands a connection to
    # somebody else after each transaction and does not carry prepared statements.
    if env.flag("PREPARED_STATEMENTS", default=True):
        _options["prepare_threshold"] = 5
    _options.setdefault("application_name", "rapporteur")
    # A database whose machine or network falls silent is given up after about ten
    # seconds; left to the system, pages would wait for it for hours.
    for _name, _value in {
        "connect_timeout": 5,
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": 10_000,  # milliseconds
    }.items():
        _options.setdefault(_name, _value)
    _options["options"] = (
        f"{_options.get('options', '')} -c statement_timeout={STATEMENT_SECONDS}s"
        " -c lock_timeout=3s -c idle_in_transaction_session_timeout=10s"
    ).strip()

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Shared by all processes: limits on guessing passwords are counted in it. No page and
# no result is ever kept here.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "shared_cache",
    }
}

# ---- what is kept, and for how long ----

# After a workshop's end; 0: for good. `manage.py purge` deletes them.
KEEP_NAMES_DAYS = env.number("KEEP_NAMES_DAYS", 0, least=0, most=36500)

# ---- accounts ----

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
_validation = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": f"{_validation}.MinimumLengthValidator",
        "OPTIONS": {"min_length": 15},
    },
    {"NAME": f"{_validation}.UserAttributeSimilarityValidator"},
    {"NAME": f"{_validation}.CommonPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 60 * 60

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "console:list"
LOGOUT_REDIRECT_URL = "account_login"

ACCOUNT_ADAPTER = "config.accounts.AccountAdapter"
ACCOUNT_FORMS = {"login": "config.accounts.LoginForm"}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # accounts are made by admins, who know whom
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = urlsplit(PUBLIC_URL).scheme
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = True
# Facilitators train in one room behind one address: many log in, few fail.
ACCOUNT_RATE_LIMITS = {"login": "300/m/ip", "login_failed": "60/m/ip,5/300s/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES

# Keys that speak to the browser work on a page that came over TLS only.
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
if ON_A_SERVER:
    MFA_SUPPORTED_TYPES.append("webauthn")
MFA_TOTP_ISSUER = "Rapporteur"
MFA_TOTP_TOLERANCE = 0 if ON_A_SERVER else 1  # a laptop's clock drifts
MFA_ALLOW_UNVERIFIED_EMAIL = True
SECOND_FACTOR_REQUIRED = ON_A_SERVER

# ---- cookies and transport ----

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_NAME = "__Host-session" if ON_A_SERVER else "session"
SESSION_COOKIE_SECURE = ON_A_SERVER
CSRF_COOKIE_NAME = "__Host-csrf" if ON_A_SERVER else "csrf"
CSRF_COOKIE_SECURE = ON_A_SERVER
CSRF_COOKIE_HTTPONLY = True  # forms and htmx send the token that the page carries
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

if ON_A_SERVER:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # asked from inside, without TLS
    SECURE_HSTS_SECONDS = 2 * 365 * 24 * 60 * 60
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    if TRUSTED_PROXIES:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
elif LOCAL_NETWORK:
    SECURE_CROSS_ORIGIN_OPENER_POLICY = None  # browsers heed it on TLS only
# Preloading a domain into browsers is for its owner to decide.
SILENCED_SYSTEM_CHECKS = ["security.W021"]

# Static files only from here; nothing inline, so a note can never become a script.
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "font-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}

# The largest session template, 256 KiB, encoded in a form; also room for a long answer
# in a script of three bytes a letter, nine once encoded.
DATA_UPLOAD_MAX_MEMORY_SIZE = 512 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 1

# ---- mail ----

_mailer = env.mailer("EMAIL_URL")
MAIL_WORKS = _mailer is not None
_elsewhere = "console" if DEBUG else "dummy"
MAILERS = {
    "default": _mailer
    or {"BACKEND": f"django.core.mail.backends.{_elsewhere}.EmailBackend"}
}
DEFAULT_FROM_EMAIL = env.text(
    "DEFAULT_FROM_EMAIL", f"Rapporteur <rapporteur@{urlsplit(PUBLIC_URL).hostname}>"
)
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# ---- language, time, files ----

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.time_zone("TIME_ZONE", "Europe/London")
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
_whitenoise = "whitenoise.storage.CompressedManifestStaticFilesStorage"
_plain = "django.contrib.staticfiles.storage.StaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _plain if DEBUG else _whitenoise},
}
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG

# A version's PDF takes seconds: readers of one that was just published find it made.
MAKE_FILES_AHEAD = True

LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", ["DEBUG", "INFO", "WARNING", "ERROR"])
LOGGING = logging.configuration(level=LOG_LEVEL, readable=DEBUG)
