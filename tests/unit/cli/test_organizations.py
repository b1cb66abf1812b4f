"""`baton organizations`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.cli.conftest import Shell

DEMO = "/organizations/demo"
LAUNCHER = "10ce0000-0000-4000-8000-000000000001"
SETTINGS: dict[str, Any] = {"organization": "demo", "name": "Demo", "timeZone": "Europe/Berlin", "launcher": None}
ALLOWED = {**SETTINGS, "launcher": {"userId": LAUNCHER, "roles": ["operator"], "allowedBy": "", "allowedAt": ""}}


@pytest.fixture(autouse=True)
def an_organisation(shell: Shell) -> None:
    shell.api.answers = {
        f"GET {DEMO}": [SETTINGS],
        f"PUT {DEMO}/time-zone": [SETTINGS],
        f"PUT {DEMO}/launcher": [ALLOWED],
        f"DELETE {DEMO}/launcher": [SETTINGS],
    }


def test_the_settings_are_shown(shell: Shell) -> None:
    assert shell.baton("organizations") == 0
    assert shell.out == "demo: Demo\nTime zone: Europe/Berlin\nLaunches by STACK-launch: not allowed\n"

    assert shell.baton("organizations", "--json") == 0
    assert json.loads(shell.out) == SETTINGS


def test_a_time_zone_is_set(shell: Shell) -> None:
    assert shell.baton("organizations", "set-time-zone", "Europe/Berlin") == 0
    assert shell.api.body_of(f"PUT {DEMO}/time-zone") == {"timeZone": "Europe/Berlin"}


def test_launches_are_allowed_and_forbidden(shell: Shell) -> None:
    assert shell.baton("organizations", "allow-launch", "demo") == 0
    assert shell.out.splitlines()[-1] == f"Launches by STACK-launch: allowed, as {LAUNCHER}"
    assert "LaunchOrganizations" in shell.err

    assert shell.baton("organizations", "forbid-launch", "demo") == 0
    assert shell.out.splitlines()[-1] == "Launches by STACK-launch: not allowed"
