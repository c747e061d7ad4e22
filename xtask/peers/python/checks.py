"""How a proof in this folder speaks: one line a check, which the caller counts."""

import json
import sys
import traceback

FAILED = []


def stage():
    """Where the broker is, which application we are, and who may log in."""
    with open(sys.argv[1], encoding="utf-8") as file:
        return json.load(file)


def check(name, body):
    """Runs one check and tells whether it held."""
    try:
        body()
        print(f"ok - {name}", flush=True)
    except Exception as error:  # noqa: BLE001: whatever it is, the check did not hold
        FAILED.append(name)
        where = " | ".join(line.strip() for line in traceback.format_exc().splitlines()[-4:])
        print(f"not ok - {name}: {error!r} {where}", flush=True)


def close():
    """Ends the program with what the checks came to."""
    sys.exit(1 if FAILED else 0)


def equal(found, expected):
    """Fails unless both are the same."""
    assert found == expected, f"found {found!r}, expected {expected!r}"


def is_person(user, person):
    """Fails unless a `/v3.0/users/{id}` object is this person, and no more than is shared."""
    equal(user["name"], {"first": person["first"], "last": person["last"]})
    equal(next(iter(user["roles"])), person["role"])
    equal(user.get("email"), person["email"] or None)
    role = user["roles"][person["role"]]
    assert not {"sis_id", "school", "grade", "dob", "gender", "location"} & set(role), role
