"""schemathesis (PyPI) asks each version of the Data API whatever its description allows, and what it
does not, with the token of a district, and holds every answer against the description."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import requests

from checks import check, close, equal, stage

STAGE = stage()
APPLICATION, AUTH, API = STAGE["application"], STAGE["auth"], STAGE["api"]
PROVED = (APPLICATION["id"], APPLICATION["secret"])
HERE = Path(__file__).parent

# A token has 1,200 requests a minute, so each part has one of its own: what the description itself
# leads to, in two halves, then random requests. The feed of events is left out: it is not served.
HALF = r"^/v[0-9.]+/(c|d|m|r|sc)"
PARTS = {
    "each parameter's bounds": ["coverage", "--include-path-regex", HALF],
    "more of them": ["coverage", "--exclude-path-regex", HALF + "|/events"],
    "random requests, and what answers lead to": ["fuzzing,stateful", "--exclude-path-regex", "/events"],
}


def token():
    """A token of the district with which nobody has asked anything yet."""
    listed = lambda: requests.get(f"{AUTH}/oauth/tokens", auth=PROVED, timeout=30).json()["data"]
    old = listed()[0]["access_token"]
    requests.post(f"{AUTH}/oauth/revoke", auth=PROVED, data={"token": old}, timeout=30)
    return listed()[0]["access_token"]


def run(version, phases, *filters):
    """The report of one run."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [Path(sys.executable).with_name("schemathesis"), "run"]
        command += [f"{API}/{version}/openapi.json", "--checks", "all", "--phases", phases]
        command += ["--header", f"Authorization: Bearer {token()}", "--report-json-path", report]
        command += ["--max-examples", "3", "--seed", "1", *filters]
        names = {"SCHEMATHESIS_HOOKS": "explained", "PYTHONPATH": str(HERE)}
        done = subprocess.run(
            command, cwd=folder, env=os.environ | names, capture_output=True, text=True, check=False
        )
        assert report.is_file(), done.stdout[-2000:] + done.stderr[-2000:]
        return json.loads(report.read_text(encoding="utf-8")), done.stdout


def holds(version, part):
    report, said = run(version, *PARTS[part])
    wrong = [(each["title"], each["operations"][:3]) for each in report["failures"]]
    assert not wrong, f"{wrong} {said[:4000]}"
    equal(report["errors"], [])
    equal(report["warnings"]["rate_limited"], [])
    assert report["test_cases"]["generated"] > 100, report["test_cases"]


for version in ("v2.0", "v2.1", "v3.0", "v3.1"):
    for part in PARTS:
        check(f"schemathesis: {version}: {part}", lambda: holds(version, part))
close()
