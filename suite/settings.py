"""Django's settings. Everything that differs between installations comes from environment variables."""

import os
from datetime import timedelta
from typing import Any
from urllib.parse import urlparse

from suite import logs
from suite.stack import places
from suite.stack.settings_parts import database, secret_key, static_packages

BASE_DIR = places.ROOT
VAR_DIR = places.var_dir()
NODE_MODULES = places.node_modules()

# "web", "worker", "relay" or "beat" in a served process; empty in commands and tests.
PROCESS = os.environ.get("THROUGHLINE_PROCESS", "")
SERVED = PROCESS != ""

SECRET_KEY = os.environ.get("SECRET_KEY") or secret_key(VAR_DIR)
DEBUG = os.environ.get("DEBUG") == "1"

# The address that people type. With https:// every cookie is secure and plain HTTP is sent on to it.
PUBLIC_URL = os.environ.get("PUBLIC_URL", "")
HTTPS = PUBLIC_URL.startswith("https://")
ALLOWED_HOSTS = [host for host in os.environ.get("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",") if host]
if PUBLIC_URL:
    ALLOWED_HOSTS.append(urlparse(PUBLIC_URL).hostname or "")
    CSRF_TRUSTED_ORIGINS = [PUBLIC_URL.rstrip("/")]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "pgtrigger",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "csp",
    "axes",
    "django_structlog",
    "masterdata",
    "erp",
    "crm",
    "aps",
    "mes",
    "suite",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "suite.shell.squeezed.SqueezeMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "suite.shell.tablets.TabletMiddleware",
    "suite.shell.acting.ActingMiddleware",
    "suite.shell.plants.PlantMiddleware",
    "suite.shell.addressed.PlainTextMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "suite.urls"
ASGI_APPLICATION = "suite.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

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
                "suite.shell.context.shell",
            ],
        },
    },
]

# Data ----------------------------------------------------------------------------------------------------------------

DATABASES = {"default": database(os.environ.get("DATABASE_URL", ""), process=PROCESS)}
REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
MEDIA_ROOT = VAR_DIR / "media"
TEST_RUNNER = "django.test.runner.DiscoverRunner"

# People and safety ---------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "masterdata.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "masterdata.rights.MembershipBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login/"

AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_LOCKOUT_CALLABLE = "suite.shell.views.locked_out"

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if os.environ.get("BEHIND_PROXY") == "1" else None
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "media-src": ["'self'"],
        "worker-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "object-src": ["'none'"],
    },
}

# Language and time ---------------------------------------------------------------------------------------------------

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]

# Static files: served by WhiteNoise straight from where they lie, front-end packages from node_modules ---------------

STATIC_URL = "/static/"
STATICFILES_DIRS = static_packages(NODE_MODULES)
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 60 if DEBUG else 3600

# REST ----------------------------------------------------------------------------------------------------------------

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "masterdata.api.authentication.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["masterdata.api.permissions.MayDoIt"],
    "DEFAULT_SCHEMA_CLASS": "masterdata.api.schema.Schema",
    "EXCEPTION_HANDLER": "masterdata.api.problems.answer",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Throughline",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "POSTPROCESSING_HOOKS": [],
}

# Work: Celery only wakes and fans out, the truth is in PostgreSQL ----------------------------------------------------

CELERY_BROKER_URL = REDIS_URL
CELERY_RESULT_BACKEND = REDIS_URL
CELERY_RESULT_EXPIRES = 60
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "default"
# Also `plan.<plant>`: queues are made when first named, so plants can be given workers of their own.
CELERY_TASK_ROUTES = {
    "suite.asks.*": {"queue": "ask"},
    "suite.tasks.ask*": {"queue": "ask"},
    "suite.tasks.import*": {"queue": "import"},
    "aps.tasks.*": {"queue": "plan"},
    "*.tasks.mail*": {"queue": "mail"},
    "suite.tasks.webhook*": {"queue": "webhook"},
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 180
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 900, "socket_connect_timeout": 1, "socket_keepalive": True}
CELERY_REDIS_SOCKET_CONNECT_TIMEOUT = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE: dict[str, Any] = {
    "soft reservations whose time is over": {"task": "suite.expire_reservations", "schedule": timedelta(minutes=1)},
    "rush requests that nobody took": {"task": "suite.expire_rush", "schedule": timedelta(minutes=15)},
    "lots past their last day": {"task": "suite.block_expired_lots", "schedule": timedelta(minutes=15)},
    "alarms that nobody took": {"task": "suite.escalate_alarms", "schedule": timedelta(seconds=15)},
    "standard times against what runs took": {"task": "suite.look_at_times", "schedule": timedelta(hours=6)},
    "how long work takes and how late suppliers are": {"task": "suite.gather_spreads", "schedule": timedelta(hours=1)},
    "what customers are to be told": {"task": "suite.send_notices", "schedule": timedelta(seconds=15)},
    "forget answers kept for a day": {"task": "suite.forget_answers", "schedule": timedelta(hours=1)},
    "uploads that nobody imported": {"task": "suite.forget_uploads", "schedule": timedelta(hours=1)},
    "what a tablet never sent": {"task": "suite.release_stale_events", "schedule": timedelta(minutes=1)},
    "reminders of activities": {"task": "suite.ring_reminders", "schedule": timedelta(minutes=1)},
    "reminders of activities by mail": {"task": "crm.tasks.mail_reminders", "schedule": timedelta(minutes=1)},
    "planned call-offs that are due": {"task": "suite.call_planned", "schedule": timedelta(minutes=5)},
    "contracts that end": {"task": "suite.watch_contracts", "schedule": timedelta(hours=1)},
    "proposals that waited long enough": {"task": "suite.review_proposals", "schedule": timedelta(seconds=15)},
    "journal entries that wait for their seal": {"task": "suite.seal_journal", "schedule": timedelta(seconds=20)},
    "manual entries that repeat": {"task": "suite.repeat_entries", "schedule": timedelta(hours=1)},
    "periods of a year that is near": {"task": "suite.open_coming_years", "schedule": timedelta(hours=6)},
}

# Webhooks: plain http, and networks inside the house (CIDR, with commas), only where the installation says so --------

WEBHOOK_HTTP = os.environ.get("WEBHOOK_HTTP") == "1"
WEBHOOK_NETWORKS = [one.strip() for one in os.environ.get("WEBHOOK_NETWORKS", "").split(",") if one.strip()]
WEBHOOK_CA_FILE = os.environ.get("WEBHOOK_CA_FILE", "")
WEBHOOK_BACKOFF_SECONDS = float(os.environ.get("WEBHOOK_BACKOFF_SECONDS", "5"))

# Planning: the search's budget in seconds, or in moves (the same plan on any machine); plants with own workers --------

# How long options of a rush request are looked for; with what is under way then its answer is whole in ten seconds.
THROUGHLINE_RUSH_SECONDS = float(os.environ.get("THROUGHLINE_RUSH_SECONDS", "8"))
THROUGHLINE_SOLVE_SECONDS = float(os.environ.get("THROUGHLINE_SOLVE_SECONDS", "2"))
_moves = os.environ.get("THROUGHLINE_SOLVE_MOVES", "")
THROUGHLINE_SOLVE_MOVES = int(_moves) if _moves else None
THROUGHLINE_PLAN_QUEUES = [int(plant) for plant in os.environ.get("THROUGHLINE_PLAN_QUEUES", "").split(",") if plant]

# Mail: without SMTP_URL nothing leaves the house, it waits; without IMAP_URL nothing is fetched -----------------------

SMTP_URL = os.environ.get("SMTP_URL", "")
IMAP_URL = os.environ.get("IMAP_URL", "")
MAIL_FROM = os.environ.get("MAIL_FROM", "")
MAIL_REPLY_TO = os.environ.get("MAIL_REPLY_TO", "")
MAIL_PLUS_ADDRESSES = os.environ.get("MAIL_PLUS_ADDRESSES", "1") == "1"
if IMAP_URL:
    CELERY_BEAT_SCHEDULE["mail that lies in our mailboxes"] = {
        "task": "crm.tasks.mail_fetch",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60},
    }

# Watching ------------------------------------------------------------------------------------------------------------

DJANGO_STRUCTLOG_CELERY_ENABLED = True
LOGGING = logs.configuration(as_json=os.environ.get("LOG_FORMAT") == "json", level=os.environ.get("LOG_LEVEL", "INFO"))
