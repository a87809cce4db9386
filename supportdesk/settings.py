"""Settings of the desk. Everything that differs between two desks comes from the environment (see ``.env.example``)."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import drf_spectacular_sidecar
from csp.constants import NONCE, NONE, SELF, STRICT_DYNAMIC
from django.urls import reverse_lazy
from kombu import Exchange, Queue

from supportdesk import queues
from supportdesk.embedded import addresses

ROOT = Path(__file__).resolve().parent.parent
ENV = os.environ

DATA_DIR = addresses.data_dir(ENV)
DEBUG = ENV.get("DEBUG") == "1"
SECRET_KEY = ENV.get("SECRET_KEY") or addresses.kept_secret(DATA_DIR, "secret-key")
ALLOWED_HOSTS = [host for host in ENV.get("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",") if host]
CSRF_TRUSTED_ORIGINS = [origin for origin in ENV.get("TRUSTED_ORIGINS", "").split(",") if origin]
# How many proxies of our own stand in front, each of which writes X-Forwarded-For: see portal.sender.
TRUSTED_PROXIES = int(ENV.get("TRUSTED_PROXIES") or 0)

# What the customer reads on top of every page, and where they can reach a person by telephone.
COMPANY = ENV.get("COMPANY", "Halden Software")
HELP_PHONE = ENV.get("HELP_PHONE", "")

# With this the links in mails begin: never with what a request says is its host.
BASE_URL = addresses.web_address(DATA_DIR, ENV)

# Mail goes to the server that is named, else into files.
MAIL_FOLDER = addresses.mail_folder(DATA_DIR, ENV)
EMAIL_BACKEND = ENV.get("EMAIL_BACKEND") or f"supportdesk.telling.backends.{'Folder' if MAIL_FOLDER else 'Smtp'}"
EMAIL_HOST = ENV.get("EMAIL_HOST", "")
EMAIL_PORT = int(ENV.get("EMAIL_PORT") or 25)
EMAIL_HOST_USER = ENV.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = ENV.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = ENV.get("EMAIL_USE_TLS") == "1"  # STARTTLS, usually on port 587
EMAIL_USE_SSL = ENV.get("EMAIL_USE_SSL") == "1"  # encrypted from the first byte, usually on port 465
EMAIL_TIMEOUT = int(ENV.get("EMAIL_TIMEOUT") or 30)  # seconds for each answer of the server
DEFAULT_FROM_EMAIL = ENV.get("DEFAULT_FROM_EMAIL") or "desk@localhost"

# Webhooks go to public addresses by https alone, unless this says otherwise: for tests, and for a receiver on the same
# machine or network.
WEBHOOKS_TO_PRIVATE = ENV.get("WEBHOOKS_TO_PRIVATE") == "1"

# The desk's own numbers.
FIRST_ANSWER_WITHIN = timedelta(hours=4)  # of business time
DUE_SOON_WITHIN = timedelta(hours=2)  # of business time, before a promise is due
REMIND_AFTER_BUSINESS_DAYS = (2, 5, 8)  # after a resolution was proposed
UNCONFIRMED_AFTER_BUSINESS_DAYS = 2  # after the last reminder
SUPERVISORS_WITHIN_BUSINESS_DAYS = 2  # after a case became unconfirmed
COMPLAINTS_WITHIN_BUSINESS_DAYS = 5  # answered, in the calendar of whoever answers
ANOTHER_LOOK_WITHIN_BUSINESS_DAYS = 2  # after a customer disputed a no
ESTIMATE_FROM_LAST = 50  # cases of the department that customers said were over
ESTIMATE_FROM_AT_LEAST = 5  # fewer are too few to say
SUGGEST_FROM_AT_LEAST = 5  # parts that a department has ended; fewer are too few to say what it needs
DECIDE_WITHIN_BUSINESS_DAYS = 1  # after a customer wrote to a closed case
DECISIONS_WITHIN_BUSINESS_DAYS = 1  # after an owner asked for more than the mandate allows
TAKE_BACK_IN_WITHIN = timedelta(days=30)  # after a case was put aside as none
SUPERVISORS_ANSWER_WITHIN = timedelta(hours=2)  # of their business time; then it goes one rung higher
SOMEONE_ELSE_WITHIN = timedelta(hours=4)  # of their business time: a person answers who had no part in it
UP_FOR_TAKING_AT_MOST = timedelta(hours=1)  # of their business time
SOON_ESCALATED_WITHIN = timedelta(hours=4)  # what falls due so soon stands beside the queue
CURRENCY = ENV.get("CURRENCY", "EUR")
OVERLOADED_ABOVE = 40  # weight of an agent's open cases, see cases.assignment

INSTALLED_APPS = [
    "supportdesk.apps.SupportdeskConfig",
    "staff",
    "customers",
    "cases",
    "escalations",
    "channels",
    "portal",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "csp",
    "django_htmx",
    "pgtrigger",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
]

MIDDLEWARE = [
    # Before whatever answers by itself: no answer may stand in a frame.
    "csp.middleware.CSPMiddleware",
    "supportdesk.middleware.health",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "supportdesk.middleware.scripts_of_the_admin",
    "supportdesk.middleware.one_instant_per_request",
    "supportdesk.middleware.only_session_keys",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "supportdesk.middleware.the_readers_zone",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "supportdesk.middleware.refusals_as_answers",
]

ROOT_URLCONF = "supportdesk.urls"
WSGI_APPLICATION = "supportdesk.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "supportdesk.shell.around_every_page",
            ],
            "builtins": [f"supportdesk.templatetags.{name}" for name in ("desk", "fields", "timeline", "stays")],
        },
    }
]
FORM_RENDERER = "supportdesk.widgets.Drawn"

# Where the data lives: the servers named in the environment, else those that `manage.py up` starts under DATA_DIR.
DATABASES = {"default": addresses.database(DATA_DIR, ENV)}
SERVING_ROLE = addresses.serving_role(ENV)
REDIS_URL = addresses.redis(DATA_DIR, ENV)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    "default": {
        "BACKEND": "supportdesk.cache.OpenWithoutRedis",
        "LOCATION": addresses.with_redis_database(REDIS_URL, 1),
        # Without Redis nothing is cached and nothing is limited, and people still get in.
        "OPTIONS": {"IGNORE_EXCEPTIONS": True, "SOCKET_CONNECT_TIMEOUT": 1, "SOCKET_TIMEOUT": 1},
    }
}

CELERY_BROKER_URL = addresses.for_celery(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "socket_keepalive": True,
    "socket_timeout": 5,
    "socket_connect_timeout": 1,
    "health_check_interval": 25,
    # What a bell does when nobody is there: try once, at once.
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
# A doorbell that cannot ring costs at most a second; the minute's bell finds the row anyway.
CELERY_TASK_PUBLISH_RETRY = False
# A worker that is not told otherwise takes all of them.
CELERY_TASK_QUEUES = [Queue(name, Exchange(name), routing_key=name) for name in queues.QUEUES]
CELERY_TASK_DEFAULT_QUEUE = queues.DEFAULT
CELERY_TASK_ROUTES = {task: {"queue": queue} for task, queue in queues.QUEUE_OF.items()}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 120
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30
# What is in hand when the broker goes is finished: it reads and writes rows, and asks the broker for nothing.
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / f"beat-{os.getpid()}")

AUTH_USER_MODEL = "staff.Agent"
AUTHENTICATION_BACKENDS = ["supportdesk.signin.StaffBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "supportdesk.signin.StaffOnly"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_SESSION_REMEMBER = True

SESSION_ENGINE = "supportdesk.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 12
# On https the cookies say so by their names; on http://localhost a browser would refuse those names.
HTTPS = ENV.get("HTTPS") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrftoken"
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
# Never leaves this site. Not "no-referrer": with that a browser sends `Origin: null` with our own forms.
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [NONCE, STRICT_DYNAMIC],
        "style-src": [SELF],
        "font-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "frame-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English")]
LOCALE_PATHS = [ROOT / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
# Of what comes with the API's description only the one browser of it that is shown (``supportdesk.api.docs``).
SWAGGER_UI = Path(drf_spectacular_sidecar.__file__).parent / "static/drf_spectacular_sidecar/swagger-ui-dist"
STATICFILES_DIRS = [ROOT / "static", ("swagger-ui", SWAGGER_UI)]
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "supportdesk.static_files.KnownByHeart"},
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# How often one token may ask in a minute, and how often an address without one.
API_A_MINUTE = int(ENV.get("API_A_MINUTE") or 600)
API_A_MINUTE_UNKNOWN = 60
REST_FRAMEWORK = {
    "EXCEPTION_HANDLER": "staff.api.problems.answer",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    # Without it X-Forwarded-For would be believed whole, and whoever changes it would never be counted.
    "NUM_PROXIES": TRUSTED_PROXIES,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Supportdesk",
    "DESCRIPTION": "A desk on which every customer problem has one owner. What only the customer can say (yes, not "
    "yet, withdrawn, consent) has no address here.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": [],
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": ["supportdesk.api.schema.complete"],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
}
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"no_keys": {"()": "supportdesk.logs.NoKeys"}, "no_words": {"()": "supportdesk.logs.NoWords"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["no_words", "no_keys"]}
    },
    # What a webhook's receiver answers is nobody's to read, here neither.
    "loggers": {"urllib3": {"level": "ERROR"}},
    "root": {"handlers": ["console"], "level": ENV.get("LOG_LEVEL", "INFO")},
}
