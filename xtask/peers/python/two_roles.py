"""A person who is a teacher and of the staff, in an application that serves both: one person with
two roles, by every door, who came as a teacher."""

import os

from requests_oauthlib import OAuth2Session

from browser import Browser
from checks import check, close, equal, stage

# The application's own callback has no TLS.
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"

STAGE = stage()
APPLICATION, AUTH, API = STAGE["application"], STAGE["auth"], STAGE["api"]
PERSON = STAGE["teacher_and_staff"]


def has_two_roles(door):
    """By a door of the portal, or by the button of the application."""
    browser = Browser()
    if door:
        arrived = door(browser, STAGE, PERSON)
        assert "code=" in arrived and "state=" not in arrived, arrived
    session = OAuth2Session(APPLICATION["id"], redirect_uri=APPLICATION["redirect_uri"])
    begin, _ = session.authorization_url(f"{AUTH}/oauth/authorize")
    end = browser.log_in(begin, STAGE["district"], PERSON, APPLICATION["redirect_uri"])
    secret = APPLICATION["secret"]
    session.fetch_token(f"{AUTH}/oauth/tokens", authorization_response=end, client_secret=secret)
    me = session.get(f"{API}/v3.0/me").json()["data"]
    user = session.get(f"{API}/v3.0/users/{me['id']}").json()["data"]
    equal(list(user["roles"]), ["teacher", "staff"])
    as_teacher, as_staff = (user["roles"][role]["legacy_id"] for role in ("teacher", "staff"))
    equal(len({user["id"], as_teacher, as_staff}), 3)
    equal((user["name"]["first"], user["name"]["last"]), (PERSON["first"], PERSON["last"]))
    older = session.get(f"{API}/v2.1/me").json()
    equal((older["type"], older["data"]["id"]), ("teacher", as_teacher))
    info = session.get(f"{API}/userinfo").json()
    told = (info["user_type"], info["user_id"], info["multi_role_user_id"])
    equal(told, ("teacher", as_teacher, user["id"]))


DOORS = [("the button", None), ("a tile", Browser.launch)]
DOORS += [("an Instant Login Link", Browser.follow_link)]
for name, one in DOORS:
    check(f"two roles: {PERSON['said']} comes by {name}", lambda: has_two_roles(one))
close()
