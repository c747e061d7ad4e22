"""standardwebhooks (PyPI), unmodified, verifies the messages that a webhook gets: of a test, of new
events, and while a secret is changed."""

import json
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import Queue

from checks import check, close, equal, stage
from standardwebhooks import Webhook, WebhookVerificationError

STAGE = stage()
APPLICATION, OPERATOR = STAGE["application"], STAGE["operator"]
HEARD = Queue()


class Receiver(BaseHTTPRequestHandler):
    """Takes every message."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        HEARD.put((dict(self.headers), body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


SERVER = HTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=SERVER.serve_forever, daemon=True).start()
URL = f"http://127.0.0.1:{SERVER.server_port}/hook"


def firstbell(*words):
    """Runs a command about the application."""
    command = [OPERATOR["program"], *words, "--client-id", APPLICATION["id"]]
    command += ["--json", "--config", OPERATOR["config"]]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def webhook(*words):
    return firstbell("application", "webhook", *words)


def verified(secret, message):
    headers, body = message
    return Webhook(secret).verify(body, headers)


SECRET = webhook("set", "--url", URL)["secret"]


def takes_a_test():
    webhook("test")
    equal(verified(SECRET, HEARD.get(timeout=20))["type"], "webhook.test")


def refuses_what_was_changed():
    webhook("test")
    headers, body = HEARD.get(timeout=20)
    for changed in [
        (headers, body.replace(b"test", b"text")),
        (headers | {"webhook-id": "msg_0"}, body),
        (headers | {"webhook-timestamp": str(int(headers["webhook-timestamp"]) + 1)}, body),
    ]:
        try:
            verified(SECRET, changed)
        except WebhookVerificationError:
            continue
        raise AssertionError(f"taken: {changed}")


def takes_both_secrets_while_they_change():
    new = webhook("rotate")["secret"]
    webhook("test")
    message = HEARD.get(timeout=20)
    equal([verified(secret, message)["type"] for secret in (SECRET, new)], ["webhook.test"] * 2)


def hears_of_new_events():
    district = STAGE["district"]
    share = ["sharing", "set", "--district", district["shortname"], "--with", "events"]
    firstbell(*share, "--rule", "roles=teacher")
    message = verified(SECRET, HEARD.get(timeout=60))
    equal((message["type"], message["data"]), ("events.created", {"district": district["id"]}))


check("standardwebhooks: takes a test", takes_a_test)
check("standardwebhooks: refuses what was changed on the way", refuses_what_was_changed)
check("standardwebhooks: takes both secrets while they change", takes_both_secrets_while_they_change)
check("standardwebhooks: hears of new events", hears_of_new_events)
close()
