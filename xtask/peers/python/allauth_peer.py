"""django-allauth (PyPI) and its Clever provider, unmodified, in a Django site. An application with
an `initiate_login_uri` also has the setting that lets a login begin there at once."""

import sys
from types import ModuleType

import django_site
from browser import Browser
from checks import check, close, equal, is_person, stage

STAGE = stage()
APPLICATION = STAGE["application"]
IS_REMEDIED = APPLICATION["launch"] is not None
SITE = APPLICATION["redirect_uri"].split("/accounts/")[0]

RAISED = django_site.configure(
    urls="site_urls",
    applications=[
        "allauth",
        "allauth.account",
        "allauth.socialaccount",
        "allauth.socialaccount.providers.clever",
    ],
    middleware=["allauth.account.middleware.AccountMiddleware"],
    backends=["allauth.account.auth_backends.AuthenticationBackend"],
    ACCOUNT_EMAIL_VERIFICATION="none",
    ACCOUNT_SIGNUP_FIELDS=["username*", "email", "password1*"],
    SOCIALACCOUNT_LOGIN_ON_GET=IS_REMEDIED,
    SOCIALACCOUNT_PROVIDERS={
        "clever": {"APPS": [{"client_id": APPLICATION["id"], "secret": APPLICATION["secret"]}]}
    },
)

from allauth.socialaccount.models import SocialAccount  # noqa: E402: needs the settings
from django.http import HttpResponse  # noqa: E402
from django.urls import include, path  # noqa: E402


def who(request):
    """Tells who is logged in."""
    return HttpResponse(f"{request.user.first_name} {request.user.last_name}")


URLS = sys.modules["site_urls"] = ModuleType("site_urls")
URLS.urlpatterns = [path("accounts/", include("allauth.urls")), path("who", who)]
django_site.serve(SITE)


def presses_the_button(person):
    """Begins at the site's own page, which posts a form, and ends at a page of the site."""
    browser = Browser()
    page = browser.open(f"{SITE}/accounts/clever/login/")
    page = browser.submit(page, page.form("csrfmiddlewaretoken"), {})
    return browser.log_in(page, STAGE["district"], person)


def logs_in(person):
    """The site knows the person by name, and its account is made from what we told it."""
    is_in(presses_the_button(person), person)


def is_in(page, person):
    """The page is the site's, for this person."""
    equal((page.url, page.status), (f"{SITE}/who", 200))
    equal(page.html, f"{person['first']} {person['last']}")
    account = SocialAccount.objects.get(
        user__first_name=person["first"], user__last_name=person["last"]
    )
    is_person(account.extra_data["data"], person)
    equal(account.uid, account.extra_data["data"]["id"])
    equal(account.user.email, person["email"])


def meets_the_same_account():
    """A second login, from another browser, makes no second account."""
    before = SocialAccount.objects.count()
    logs_in(STAGE["student"])
    equal(SocialAccount.objects.count(), before)


def refuses_the_portal(door):
    """The client itself refuses a login without state: it answers 401. That is its rule."""
    browser = Browser()
    callback = door(browser, STAGE, STAGE["student"])
    assert "code=" in callback and "state=" not in callback, callback
    equal(browser.open(callback).status, 401)


def takes_the_portal(door, person):
    """The remedy: a login that the portal began begins again at the site, and nobody sees it."""
    browser = Browser()
    begin = door(browser, STAGE, person)
    assert "iss=" in begin and "code=" not in begin, begin
    is_in(browser.open(begin), person)


def takes_the_next_person():
    """On a shared device the tile of the next person ends the session of the one before."""
    browser = Browser()
    is_in(browser.open(browser.launch(STAGE, STAGE["student"])), STAGE["student"])
    browser.keep_only(lambda cookie: cookie.domain == "127.0.0.1")
    is_in(browser.open(f"{SITE}/who"), STAGE["student"])
    is_in(browser.open(browser.launch(STAGE, STAGE["teacher"])), STAGE["teacher"])


DOORS = [("a tile", Browser.launch), ("an Instant Login Link", Browser.follow_link)]
PEOPLE = [STAGE[who] for who in ("student", "student_without_email", "teacher")]
PEOPLE += [STAGE["teacher_and_staff"]] + STAGE["names"]
if IS_REMEDIED:
    for name, way in DOORS:
        for one in PEOPLE:
            said = f"django-allauth, remedied: {one['said']} logs in by {name}"
            check(said, lambda: takes_the_portal(way, one))
    said = "django-allauth, remedied: the next person's tile replaces who was in"
    check(said, takes_the_next_person)
else:
    for one in PEOPLE:
        check(f"django-allauth: {one['said']} logs in by the button", lambda: logs_in(one))
    check("django-allauth: a second login finds the first one's account", meets_the_same_account)
    for name, way in DOORS:
        check(f"django-allauth: answers 401 to {name}", lambda: refuses_the_portal(way))
close()
