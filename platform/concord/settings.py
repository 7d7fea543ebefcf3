"""Every setting in one place. Whatever differs between machines comes from the environment, read by `concord.env`."""

import os
import secrets
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from django.core.exceptions import ImproperlyConfigured

from concord import env

BASE_DIR = Path(__file__).resolve().parents[2]
VAR = env.folder("CONCORD_VAR", BASE_DIR / "var")


def _secret_key() -> str:
    """Made once, kept in `var/secret_key` with owner-only access, so that sessions and stored secrets survive."""
    path = VAR / "secret_key"
    try:
        if not path.exists():
            VAR.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh = VAR / f".secret_key-{os.getpid()}"
            fresh.touch(mode=0o600)
            fresh.write_text(secrets.token_urlsafe(64))
            # Two processes may come first at once: the link of one wins, and both read the same key.
            with suppress(FileExistsError):
                path.hardlink_to(fresh)
            fresh.unlink()
        return path.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"The folder {VAR} cannot be used: {error.strerror}. Set CONCORD_VAR to another."
        ) from None


DEBUG = env.flag("DEBUG", False)
SECRET_KEY = env.text("SECRET_KEY") or _secret_key()
ALLOWED_HOSTS = env.names("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.names("CSRF_TRUSTED_ORIGINS")
BEHIND_TLS = env.flag("BEHIND_TLS", False)

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "rest_framework",
    "drf_spectacular",
    "django_filters",
    "django_htmx",
    "template_partials",
    "django_prometheus",
    "concord.core",
    "concord.accounts",
    "concord.catalog",
    "annotation",
    "evaluation",
    "concord.scorecards",
    "concord.quickstart",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "concord.core.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "concord.core.middleware.NoStoreMiddleware",
    "csp.middleware.CSPMiddleware",
    "concord.core.middleware.UploadLimitMiddleware",
    "concord.core.middleware.NullByteMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "concord.core.middleware.DomainErrorMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "concord.urls"
WSGI_APPLICATION = "concord.wsgi.application"
ASGI_APPLICATION = "concord.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
# Core stands below the app that knows people; this is how its pages ask who may see what.
WORKSPACE_MODEL = "accounts.Workspace"
WORKSPACE_GATE = "concord.accounts.selectors.lookup.workspace_for"
CSRF_FAILURE_VIEW = "concord.core.web.errors.csrf_failure"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": [
                "concord.core.templatetags.concord",
                "concord.core.templatetags.methods",
                "template_partials.templatetags.partials",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "concord.accounts.context.workspace",
            ],
        },
    }
]

# The folders of the embedded servers' sockets.
POSTGRES_SOCKETS = env.socket_folder(VAR / "postgres")
REDIS_SOCKET = env.socket_folder(VAR / "redis") / "redis.sock"

# The database holds the truth. One engine means that locks, constraints and plans are the same everywhere.
DATABASES = {
    "default": {
        **env.database("DATABASE_URL", f"postgresql://postgres@/concord?host={quote(str(POSTGRES_SOCKETS))}"),
        "CONN_HEALTH_CHECKS": True,
        "CONN_MAX_AGE": env.integer("DATABASE_CONN_MAX_AGE", 600),
    }
}

# Broker and cache. PostgreSQL stays the source of truth: losing these loses no work.
BROKER_URL = env.text("BROKER_URL", f"redis+socket://{REDIS_SOCKET}")
CACHE_URL = env.text("CACHE_URL", BROKER_URL.replace("redis+socket://", "unix://"))
CACHES = {"default": env.cache(CACHE_URL)}

CELERY_BROKER_URL = BROKER_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_CREATE_MISSING_QUEUES = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "socket_connect_timeout": 2,
    "socket_timeout": 5,
    "max_retries": 2,
}
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    "sweep-jobs": {"task": "core.sweep_jobs", "schedule": timedelta(seconds=15)},
    "expire-leases": {"task": "annotation.expire_leases", "schedule": timedelta(seconds=60)},
    "resume-runs": {"task": "evaluation.resume_runs", "schedule": timedelta(seconds=20)},
}

# Sign-in by e-mail (django-allauth), throttled. Accounts are made by invitation unless OPEN_SIGNUP is set.
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_EMAIL_VERIFICATION = env.text("ACCOUNT_EMAIL_VERIFICATION", "none")
ACCOUNT_ADAPTER = "concord.accounts.adapter.AccountAdapter"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/300s/key",
    "signup": "60/m/ip",  # a room full of raters joins at once, behind one address
    "reset_password": "10/m/ip,5/m/key",
}
# How many proxies of ours stand in front: throttling must count the browser's address, not the proxy's.
ALLAUTH_TRUSTED_PROXY_COUNT = env.integer("TRUSTED_PROXIES", 1 if BEHIND_TLS else 0)
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
OPEN_SIGNUP = env.flag("OPEN_SIGNUP", False)
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["name", "email"]},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
EMAIL_BACKEND = env.text("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "concord@localhost")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "concord.accounts.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "concord.core.api.parsers.StrictJSONParser",
        "rest_framework.parsers.MultiPartParser",
        "rest_framework.parsers.FormParser",
    ],
    "DEFAULT_PAGINATION_CLASS": "concord.core.api.paging.CursorPagination",
    "DEFAULT_FILTER_BACKENDS": ["concord.core.api.filters.FilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "concord.core.api.problems.problem_handler",
    "PAGE_SIZE": 100,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Concord API",
    "DESCRIPTION": "Studies, runs and scorecards. Errors are application/problem+json with a stable `code`.",
    "VERSION": "0.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "concord.core.api.schema.add_problems",
    ],
}

# Safe as it comes.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SECURE_SSL_REDIRECT = BEHIND_TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
# What one import may hold when it is unpacked, whatever its file takes.
IMPORT_MAX_CHARACTERS = env.integer("IMPORT_MAX_MB", 8192, 1) * 1024 * 1024
IMPORT_MAX_LINES = env.integer("IMPORT_MAX_LINES", 50_000_000, 1)
MAX_UPLOAD_BYTES = env.integer("MAX_UPLOAD_MB", 1024, 1) * 1024 * 1024
ALLOW_PRIVATE_ENDPOINTS = env.flag("ALLOW_PRIVATE_ENDPOINTS", False)
# Which workspace may send which variable of the workers' environment, and where to.
ENDPOINT_KEYS = env.bound_keys("ENDPOINT_KEYS")
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR / "staticfiles"
MEDIA_ROOT = VAR / "media"
MEDIA_URL = "/media/"
# Every estimator's page, shown under /methods/; links to them are left out where the folder is missing.
METHOD_PAGES = BASE_DIR / "docs" / "methods"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "concord.core.static_files.ModuleAwareStorage"},
}
WHITENOISE_MAX_AGE = 3600

LANGUAGE_CODE = "en-gb"
TIME_ZONE = env.text("TIME_ZONE", "UTC")
USE_I18N = True
USE_TZ = True

PROMETHEUS_EXPORT_MIGRATIONS = False
LOG_LEVEL = env.text("LOG_LEVEL", "INFO")
LOGGING_CONFIG = "concord.core.logs.configure"
LOGGING = {"level": LOG_LEVEL, "json": env.flag("LOG_JSON", True)}
