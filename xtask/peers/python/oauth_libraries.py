"""Authlib and requests-oauthlib (PyPI) log people in through our pages."""

import os

from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from requests_oauthlib import OAuth2Session as RequestsSession

from browser import Browser
from checks import check, close, equal, is_person, stage

# Both libraries insist on TLS unless told that this is a test on loopback.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"

STAGE = stage()
APPLICATION, AUTH, API = STAGE["application"], STAGE["auth"], STAGE["api"]
AUTHORIZE, TOKENS = f"{AUTH}/oauth/authorize", f"{AUTH}/oauth/tokens"


def authlib():
    """Authlib's session, and how it begins and ends a login. Its secret goes into Basic."""
    session = AuthlibSession(
        APPLICATION["id"], APPLICATION["secret"], redirect_uri=APPLICATION["redirect_uri"]
    )
    begin = lambda: session.create_authorization_url(AUTHORIZE, state="ours")[0]
    end = lambda url: session.fetch_token(TOKENS, authorization_response=url, state="ours")
    return session, begin, end


def requests_oauthlib():
    """The session of requests-oauthlib, and how it begins and ends a login."""
    session = RequestsSession(
        APPLICATION["id"], redirect_uri=APPLICATION["redirect_uri"], scope=["read:user_id"]
    )
    begin = lambda: session.authorization_url(AUTHORIZE)[0]
    secret = APPLICATION["secret"]
    end = lambda url: session.fetch_token(TOKENS, authorization_response=url, client_secret=secret)
    return session, begin, end


def logs_in(library, person):
    session, begin, end = library()
    url = Browser().log_in(begin(), STAGE["district"], person, APPLICATION["redirect_uri"])
    end(url)
    me = session.get(f"{API}/v3.0/me").json()
    equal(me["type"], "user")
    answer = session.get(f"{API}/v3.0/users/{me['data']['id']}")
    equal(answer.status_code, 200)
    equal(answer.json()["data"]["id"], me["data"]["id"])
    is_person(answer.json()["data"], person)


def refuses_another_state(library):
    _, begin, end = library()
    url = Browser().log_in(begin(), STAGE["district"], STAGE["student"], APPLICATION["redirect_uri"])
    forged = url.replace("state=", "state=x")
    assert forged != url, f"no state in {url}"
    try:
        end(forged)
    except Exception as error:  # noqa: BLE001: each library has its own
        assert "state" in repr(error).lower(), repr(error)
        return
    raise AssertionError("a forged state was accepted")


def refuses_the_portal(library, door):
    """A login without state is not the application's; one of its own then needs no password."""
    browser = Browser()
    arrived = door(browser, STAGE, STAGE["student"])
    assert "code=" in arrived and "state=" not in arrived, arrived
    _, begin, end = library()
    begin()
    try:
        end(arrived)
    except Exception as error:  # noqa: BLE001: each library has its own
        assert "state" in repr(error).lower(), repr(error)
    else:
        raise AssertionError("a login without state was accepted")
    session, begin, end = library()
    end(browser.open(begin(), stop=APPLICATION["redirect_uri"]))
    equal(session.get(f"{API}/v3.0/me").status_code, 200)


PEOPLE = [STAGE[who] for who in ("student", "student_without_email", "teacher")]
DOORS = [("a tile", Browser.launch), ("an Instant Login Link", Browser.follow_link)]
for name, library in [("Authlib", authlib), ("requests-oauthlib", requests_oauthlib)]:
    for one in PEOPLE + [STAGE["teacher_and_staff"]] + STAGE["names"]:
        check(f"{name}: {one['said']} logs in", lambda: logs_in(library, one))
    check(f"{name}: the state comes back as it was sent", lambda: refuses_another_state(library))
    for said, door in DOORS:
        of = f"{name}: {said} is refused, and a login of its own works"
        check(of, lambda: refuses_the_portal(library, door))
close()
