"""social-auth-core and social-auth-app-django (PyPI) with their Clever backend, unmodified."""

import sys
from types import ModuleType

import django_site
from browser import Browser
from checks import check, close, equal, is_person, stage

STAGE = stage()
APPLICATION = STAGE["application"]
SITE = APPLICATION["redirect_uri"].split("/complete/")[0]

RAISED = django_site.configure(
    urls="site_urls",
    applications=["social_django"],
    backends=["social_core.backends.clever.CleverOAuth2"],
    SOCIAL_AUTH_CLEVER_KEY=APPLICATION["id"],
    SOCIAL_AUTH_CLEVER_SECRET=APPLICATION["secret"],
    SOCIAL_AUTH_CLEVER_EXTRA_DATA=[("data", "data")],
)

from django.http import HttpResponse  # noqa: E402: needs the settings
from django.middleware.csrf import get_token  # noqa: E402
from django.urls import include, path  # noqa: E402
from social_django.models import UserSocialAuth  # noqa: E402


def home(request):
    """The button. The library wants it posted."""
    token = get_token(request)
    hidden = f'<input type="hidden" name="csrfmiddlewaretoken" value="{token}">'
    return HttpResponse(f'<form method="post" action="/login/clever/">{hidden}</form>')


def who(request):
    """Tells who is logged in."""
    return HttpResponse(f"{request.user.first_name} {request.user.last_name}")


URLS = sys.modules["site_urls"] = ModuleType("site_urls")
URLS.urlpatterns = [
    path("", home),
    path("who", who),
    path("", include("social_django.urls", namespace="social")),
]
django_site.serve(SITE)


def presses_the_button(person):
    """Begins at the site's own page and ends at a page of the site."""
    browser = Browser()
    page = browser.open(f"{SITE}/")
    page = browser.submit(page, page.form("csrfmiddlewaretoken"), {})
    return browser.log_in(page, STAGE["district"], person)


def logs_in(person):
    """The site knows the person by name, and keeps what we told it."""
    page = presses_the_button(person)
    equal((page.url.rstrip("#_="), page.status), (f"{SITE}/who", 200))
    equal(page.html, f"{person['first']} {person['last']}")
    account = UserSocialAuth.objects.get(user__first_name=person["first"])
    is_person(account.extra_data["data"], person)
    equal(account.uid, account.extra_data["data"]["id"])
    equal(account.user.email, person["email"])


def crashes_without_email():
    """The library splits an email address that is not there, after a login that went well."""
    RAISED.last = None
    page = presses_the_button(STAGE["student_without_email"])
    equal(page.status, 500)
    assert isinstance(RAISED.last, AttributeError), repr(RAISED.last)
    assert "'NoneType' object has no attribute 'split'" in str(RAISED.last), repr(RAISED.last)


def refuses_the_portal():
    """The library raises on a login without state. That is its rule."""
    browser = Browser()
    callback = browser.launch(STAGE, STAGE["student"])
    assert "code=" in callback and "state=" not in callback, callback
    RAISED.last = None
    equal(browser.open(callback).status, 500)
    equal(type(RAISED.last).__name__, "AuthInputError")
    equal((RAISED.last.code, RAISED.last.parameter), ("missing_parameter", "state"))


for one in [STAGE["student"], STAGE["teacher"]]:
    check(f"social-auth: {one['said']} logs in by the button", lambda: logs_in(one))
check("social-auth: crashes by itself for a student without email", crashes_without_email)
check("social-auth: raises on a login that the portal began", refuses_the_portal)
close()
