"""social-auth-core and social-auth-app-django (PyPI) with their Clever backend, unmodified. A site
whose application has an `initiate_login_uri` has the remedies too: a backend of its own in ten
lines, two settings, and a view that ends the session of whoever used the device before."""

import sys
from types import ModuleType

import django_site
from browser import Browser
from checks import check, close, equal, is_person, stage

STAGE = stage()
APPLICATION = STAGE["application"]
IS_REMEDIED = APPLICATION["launch"] is not None
BACKEND = "site_backend.CleverByName" if IS_REMEDIED else "social_core.backends.clever.CleverOAuth2"
SITE = APPLICATION["redirect_uri"].split("/complete/")[0]

RAISED = django_site.configure(
    urls="site_urls",
    applications=["social_django"],
    backends=[BACKEND],
    SOCIAL_AUTH_CLEVER_KEY=APPLICATION["id"],
    SOCIAL_AUTH_CLEVER_SECRET=APPLICATION["secret"],
    SOCIAL_AUTH_CLEVER_EXTRA_DATA=[("data", "data")],
    SOCIAL_AUTH_ENABLE_LAUNCH_BRIDGES=["idp_launch"] if IS_REMEDIED else [],
    SOCIAL_AUTH_CLEVER_ID_TOKEN_ISSUER=STAGE["auth"],
)

from django.contrib.auth import logout  # noqa: E402: needs the settings
from django.http import HttpResponse, HttpResponseRedirect  # noqa: E402
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


def launched(request):
    """Where logins begin that the portal began: the bridge keeps whoever is logged in."""
    logout(request)
    return HttpResponseRedirect(f"/idp-launch/clever/?{request.GET.urlencode()}")


URLS = sys.modules["site_urls"] = ModuleType("site_urls")
URLS.urlpatterns = [
    path("", home),
    path("who", who),
    path("launched", launched),
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
    is_in(presses_the_button(person), person)


def is_in(page, person):
    """The page is the site's, for this person."""
    equal((page.url.rstrip("#_="), page.status), (f"{SITE}/who", 200))
    equal(page.html, f"{person['first']} {person['last']}")
    account = UserSocialAuth.objects.get(
        user__first_name=person["first"], user__last_name=person["last"]
    )
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


def refuses_the_portal(door):
    """The library raises on a login without state. That is its rule."""
    browser = Browser()
    callback = door(browser, STAGE, STAGE["student"])
    assert "code=" in callback and "state=" not in callback, callback
    RAISED.last = None
    equal(browser.open(callback).status, 500)
    equal(type(RAISED.last).__name__, "AuthInputError")
    equal((RAISED.last.code, RAISED.last.parameter), ("missing_parameter", "state"))


def takes_the_portal(door, person):
    """The remedy: the site's bridge posts a form that begins a login, and nothing is asked."""
    browser = Browser()
    begin = door(browser, STAGE, person)
    assert "iss=" in begin and "code=" not in begin, begin
    bridge = browser.open(begin)
    is_in(browser.submit(bridge, bridge.form("csrfmiddlewaretoken"), {}), person)
    return browser


def takes_the_next_person():
    """On a shared device the bridge alone shows the next person the account of the one before; the
    view before it does not."""
    student, teacher = STAGE["student"], STAGE["teacher"]
    browser = takes_the_portal(Browser.launch, student)
    browser.keep_only(lambda cookie: cookie.domain == "127.0.0.1")
    begin = browser.launch(STAGE, teacher)
    is_in(browser.open(begin.replace("/launched?", "/idp-launch/clever/?")), student)
    bridge = browser.open(begin)
    is_in(browser.submit(bridge, bridge.form("csrfmiddlewaretoken"), {}), teacher)


DOORS = [("a tile", Browser.launch), ("an Instant Login Link", Browser.follow_link)]
PEOPLE = [STAGE["student"], STAGE["teacher"], STAGE["teacher_and_staff"]] + STAGE["names"]
if IS_REMEDIED:
    for name, way in DOORS:
        for one in [*PEOPLE, STAGE["student_without_email"]]:
            said = f"social-auth, remedied: {one['said']} logs in by {name}"
            check(said, lambda: takes_the_portal(way, one))
    said = "social-auth, remedied: the next person's tile replaces who was in"
    check(said, takes_the_next_person)
else:
    for one in PEOPLE:
        check(f"social-auth: {one['said']} logs in by the button", lambda: logs_in(one))
    check("social-auth: crashes by itself for a student without email", crashes_without_email)
    for name, way in DOORS:
        check(f"social-auth: raises on {name}", lambda: refuses_the_portal(way))
close()
