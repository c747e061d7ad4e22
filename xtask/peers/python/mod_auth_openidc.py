"""A browser before Apache with mod_auth_openidc (Debian), and the application behind it, which
knows who is there from the request headers that the module sets."""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import requests

from browser import Browser, Page
from checks import check, close, equal, stage

STAGE = stage()
APPLICATION, AUTH, DISTRICT = STAGE["application"], STAGE["auth"], STAGE["district"]
GATE = APPLICATION["redirect_uri"]
SITE = GATE.removesuffix("/gate")
LESSONS = f"{SITE}/lessons"


class Behind(BaseHTTPRequestHandler):
    """The application: it answers with the headers that it got."""

    def do_GET(self):
        # Header bytes are UTF-8; http.server takes them for Latin-1.
        told = {
            name.lower(): value.encode("latin-1").decode() for name, value in self.headers.items()
        }
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def is_in(page, person):
    """The page is the application's, and it was told this person."""
    equal((page.url, page.status), (LESSONS, 200))
    told = json.loads(page.html)
    equal(told["x-remote-user"], told["oidc_claim_sub"])
    assert len(told["oidc_claim_sub"]) == 24, told["oidc_claim_sub"]
    equal(told["oidc_claim_iss"], AUTH)
    equal(told["oidc_claim_given_name"], person["first"])
    equal(told["oidc_claim_family_name"], person["last"])
    equal(told["oidc_claim_name"], f"{person['first']} {person['last']}")
    equal(told["oidc_claim_user_type"], person["role"])
    equal(told.get("oidc_claim_email", ""), person["email"])


def logs_in(person):
    """A protected page leads to our pages and back to the page, with PKCE, nonce and ES256."""
    browser = Browser()
    begin = browser.open(LESSONS, stop=f"{AUTH}/oauth/authorize")
    sent = parse_qs(urlsplit(begin).query)
    equal(sent["code_challenge_method"], ["S256"])
    assert sent["nonce"][0] and sent["state"][0], sent
    is_in(browser.log_in(begin, DISTRICT, person), person)
    is_in(browser.open(LESSONS), person)


def portal_begins(person, door):
    """A tile or a link leads to the module, which begins a login of its own with us."""
    browser = Browser()
    initiated = door(browser, STAGE, person)
    sent = parse_qs(urlsplit(initiated).query)
    equal((sent["iss"], sent["target_link_uri"]), ([AUTH], [LESSONS]))
    assert "code" not in sent, initiated
    begin = browser.open(initiated, stop=f"{AUTH}/oauth/authorize")
    assert isinstance(begin, str), f"{begin.status} at {begin.url}: {begin.html[:400]}"
    is_in(browser.open(begin), person)


def takes_the_next_person():
    """On a shared device the tile of the next person ends the session of the one before."""
    browser = Browser()
    is_in(browser.log_in(LESSONS, DISTRICT, STAGE["student"]), STAGE["student"])
    browser.keep_only(lambda cookie: cookie.name.startswith("mod_auth_openidc"))
    is_in(browser.open(LESSONS), STAGE["student"])
    is_in(browser.open(browser.launch(STAGE, STAGE["teacher"])), STAGE["teacher"])


def refuses_another_issuer():
    """The module begins no login at an address that a stranger names."""
    answer = requests.get(
        GATE,
        params={"iss": "https://elsewhere.example", "target_link_uri": LESSONS},
        allow_redirects=False,
        timeout=30,
    )
    # Its own page says so with the status of a page that went well.
    assert "location" not in answer.headers, answer.headers
    assert "Error" in answer.text and "set-cookie" not in answer.headers, answer.text[:400]


def refuses_another_target():
    """The module takes nobody to another site after a login."""
    answer = requests.get(
        GATE,
        params={"iss": AUTH, "target_link_uri": "https://elsewhere.example/"},
        allow_redirects=False,
        timeout=30,
    )
    assert "location" not in answer.headers and "Error" in answer.text, answer.text[:400]


def keeps_students_out():
    """`Require claim user_type:teacher` does what it says."""
    statuses = []
    for person in [STAGE["student"], STAGE["teacher"]]:
        browser = Browser()
        page = browser.log_in(f"{SITE}/teachers", DISTRICT, person)
        assert isinstance(page, Page)
        statuses.append(page.status)
    equal(statuses, [401, 200])


server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Behind)
threading.Thread(target=server.serve_forever, daemon=True).start()

PEOPLE = [STAGE["student"], STAGE["student_without_email"], STAGE["teacher"]]
for one in PEOPLE + [STAGE["teacher_and_staff"]] + STAGE["names"]:
    check(f"mod_auth_openidc: {one['said']} logs in", lambda: logs_in(one))
for one in [STAGE["student"], STAGE["teacher"]]:
    check(f"mod_auth_openidc: {one['said']} opens the tile", lambda: portal_begins(one, Browser.launch))
    name = f"mod_auth_openidc: {one['said']} follows an Instant Login Link"
    check(name, lambda: portal_begins(one, Browser.follow_link))
check("mod_auth_openidc: the next person's tile replaces who was in", takes_the_next_person)
check("mod_auth_openidc: another issuer begins nothing", refuses_another_issuer)
check("mod_auth_openidc: another site as the target begins nothing", refuses_another_target)
check("mod_auth_openidc: a page for teachers stays shut for students", keeps_students_out)
close()
