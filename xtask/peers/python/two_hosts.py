"""Both sets of paths answer on one host and on two: an application that keeps the two host names
apart works, and so does one that knows only one of them."""

import os

from requests_oauthlib import OAuth2Session

from browser import Browser
from checks import check, close, equal, is_person, stage

# The application's own callback has no TLS.
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"

STAGE = stage()
APPLICATION = STAGE["application"]
HOSTS = {"the sign-on host": STAGE["auth"], "the data host": STAGE["api"]}


def everything_at(authorize_at, tokens_at, data_at):
    """One login with each of its parts on a host of its choice."""
    session = OAuth2Session(APPLICATION["id"], redirect_uri=APPLICATION["redirect_uri"])
    begin, _ = session.authorization_url(f"{authorize_at}/oauth/authorize")
    person = STAGE["student"]
    end = Browser().log_in(begin, STAGE["district"], person, APPLICATION["redirect_uri"])
    tokens, secret = f"{tokens_at}/oauth/tokens", APPLICATION["secret"]
    session.fetch_token(tokens, authorization_response=end, client_secret=secret)
    me = session.get(f"{data_at}/v3.0/me").json()["data"]
    user = session.get(f"{data_at}/v3.0/users/{me['id']}").json()["data"]
    is_person(user, person)
    doubled = session.get(f"{data_at}//v3.0/users/{me['id']}").json()["data"]
    equal(doubled, user)
    older = session.get(f"{data_at}/v2.1/me").json()
    equal(older["type"], "student")
    canonical = next(link["uri"] for link in older["links"] if link["rel"] == "canonical")
    student = session.get(f"{data_at}/{canonical}").json()["data"]
    equal(student["name"]["first"], person["first"])


AUTH, API = STAGE["auth"], STAGE["api"]
check("two hosts: sign-on and data apart", lambda: everything_at(AUTH, AUTH, API))
check("two hosts: the code is exchanged at the data host", lambda: everything_at(AUTH, API, API))
for name, host in HOSTS.items():
    check(f"two hosts: all of it at {name}", lambda: everything_at(host, host, host))
close()
