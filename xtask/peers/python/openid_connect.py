"""Authlib (PyPI) as an OpenID Connect client: its session for the flow, its ID-token class and
joserfc for the verification, with the keys that discovery leads to."""

import os
import secrets

import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import KeySet

from browser import Browser
from checks import check, close, equal, stage

# The library insists on TLS unless told that this is a test on loopback.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

STAGE = stage()
APPLICATION, AUTH, DISTRICT = STAGE["application"], STAGE["auth"], STAGE["district"]
ALGORITHM, SWITCHES = APPLICATION["id_token_algorithm"], APPLICATION["switches"]
FOUND = requests.get(f"{AUTH}/.well-known/openid-configuration", timeout=30).json()
KEYS = KeySet.import_key_set(requests.get(FOUND["jwks_uri"], timeout=30).json())


def begin():
    """A login's session, its address, and what must come back."""
    session = OAuth2Session(
        APPLICATION["id"],
        APPLICATION["secret"],
        redirect_uri=APPLICATION["redirect_uri"],
        scope="openid profile email",
        code_challenge_method="S256",
    )
    nonce, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    url, state = session.create_authorization_url(
        FOUND["authorization_endpoint"], nonce=nonce, code_verifier=verifier
    )
    return session, url, {"state": state, "nonce": nonce, "verifier": verifier}


def end(session, url, sent):
    """Redeems the code and verifies the ID token; returns its claims and the token's text."""
    tokens = session.fetch_token(
        FOUND["token_endpoint"],
        authorization_response=url,
        state=sent["state"],
        code_verifier=sent["verifier"],
    )
    return verified(tokens["id_token"], tokens["access_token"], sent["nonce"]), tokens


def verified(id_token, access_token, nonce):
    """The claims of an ID token, all of which Authlib has checked."""
    decoded = jwt.decode(id_token, KEYS, algorithms=[ALGORITHM])
    claims = CodeIDToken(
        decoded.claims,
        decoded.header,
        {
            "iss": {"essential": True, "value": FOUND["issuer"]},
            "aud": {"essential": True, "value": APPLICATION["id"]},
        },
        {"nonce": nonce, "client_id": APPLICATION["id"], "access_token": access_token},
    )
    claims.validate(leeway=5)
    return claims


def logs_in(person, browser=None):
    """A whole login, with nonce and PKCE."""
    session, url, sent = begin()
    back = (browser or Browser()).log_in(url, DISTRICT, person, APPLICATION["redirect_uri"])
    claims, _ = end(session, back, sent)
    info = session.get(FOUND["userinfo_endpoint"]).json()
    equal(info["sub"], claims["sub"])
    equal(claims["user_type"], person["role"])
    for said in [claims, info]:
        equal((said["given_name"], said["family_name"]), (person["first"], person["last"]))
        equal(said.get("email", ""), person["email"])
    first_and_last = {"first": person["first"], "last": person["last"]}
    whole = f"{person['first']} {person['last']}"
    equal(info["name"], whole if "standard_claims" in SWITCHES else first_and_last)


def refuses(what, *errors):
    """Fails unless it raises one of these, by name."""
    try:
        what()
    except Exception as error:  # noqa: BLE001: compared by name, as the libraries have many
        said = f"{type(error).__name__} {error}"
        assert any(word in said for word in errors), said
        return
    raise AssertionError(f"accepted, without {errors}")


def answered():
    session, url, sent = begin()
    student = STAGE["student"]
    return session, Browser().log_in(url, DISTRICT, student, APPLICATION["redirect_uri"]), sent


def refuses_another_nonce():
    session, back, sent = answered()
    refuses(lambda: end(session, back, {**sent, "nonce": "another"}), "nonce")


def refuses_another_verifier():
    session, back, sent = answered()
    verifier = secrets.token_urlsafe(48)
    refuses(lambda: end(session, back, {**sent, "verifier": verifier}), "invalid_grant")


def refuses_a_changed_token():
    session, back, sent = answered()
    _, tokens = end(session, back, sent)
    head, body, signature = tokens["id_token"].split(".")
    forged = ("A" if signature[0] != "A" else "B") + signature[1:]
    try:
        verified(f"{head}.{body}.{forged}", tokens["access_token"], sent["nonce"])
    except BadSignatureError:
        return
    raise AssertionError("a changed signature was accepted")


def begins_again(door):
    """A login that the portal began has no state: the application begins one of its own."""
    browser = Browser()
    arrived = door(browser, STAGE, STAGE["student"])
    assert "code=" in arrived and "state=" not in arrived, arrived
    session, _, sent = begin()
    refuses(lambda: end(session, arrived, sent), "state")
    logs_in(STAGE["student"], browser)


WHO = f"Authlib, {ALGORITHM}"
PEOPLE = [STAGE[who] for who in ("student", "student_without_email", "teacher")]
for one in PEOPLE + [STAGE["teacher_and_staff"]] + STAGE["names"]:
    check(f"{WHO}: {one['said']} logs in", lambda: logs_in(one))
check(f"{WHO}: another nonce is refused by the client", refuses_another_nonce)
check(f"{WHO}: another code verifier is refused by us", refuses_another_verifier)
check(f"{WHO}: a changed signature is refused by the client", refuses_a_changed_token)
for name, one in [("a tile", Browser.launch), ("an Instant Login Link", Browser.follow_link)]:
    check(f"{WHO}: {name} is refused, and a login of its own works", lambda: begins_again(one))
close()
