"""A Django project in one file, served over HTTP from this very process so that what a provider
raises can be seen. Its host names for the broker are the ones built into the providers."""

import logging
import os
import sys
import tempfile
import threading
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from django.conf import settings
from django.core.management import call_command
from django.core.signals import got_request_exception
from django.core.wsgi import get_wsgi_application

APPLICATIONS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]


class Raised:
    """The last exception that a view of the site raised."""

    def __init__(self):
        self.last = None
        got_request_exception.connect(self.keep)

    def keep(self, **_):
        self.last = sys.exc_info()[1]


class Server(ThreadingMixIn, WSGIServer):
    """One thread a request, as the site and its browser live in one process."""

    daemon_threads = True


class Silent(WSGIRequestHandler):
    """Prints no request."""

    def log_message(self, *_):
        pass


def configure(urls, applications, middleware=(), **more):
    """Sets the project up with an empty database."""
    folder = tempfile.mkdtemp(prefix="firstbell-peer-")
    settings.configure(
        ALLOWED_HOSTS=["127.0.0.1"],
        AUTHENTICATION_BACKENDS=more.pop("backends"),
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": os.path.join(folder, "site.sqlite"),
            }
        },
        DEBUG=False,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=APPLICATIONS + applications,
        LOGGING_CONFIG=None,
        LOGIN_REDIRECT_URL="/who",
        MIDDLEWARE=MIDDLEWARE + list(middleware),
        ROOT_URLCONF=urls,
        SECRET_KEY="only a test",
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                    ]
                },
            }
        ],
        USE_TZ=True,
        **more,
    )
    logging.disable(logging.CRITICAL)
    django.setup()
    call_command("migrate", verbosity=0)
    return Raised()


def serve(address):
    """Serves the project at an address until the process ends."""
    host, port = address.removeprefix("http://").split("/")[0].split(":")
    server = make_server(host, int(port), get_wsgi_application(), Server, Silent)
    threading.Thread(target=server.serve_forever, daemon=True).start()
