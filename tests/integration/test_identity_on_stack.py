"""People and machines at the door, on the whole stack: over HTTP, with tokens of its issuer and tokens of its own."""

from __future__ import annotations

import urllib.request
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import jwt
import psycopg
import pytest

from baton import bootstrap, exact_json
from baton.api.identity import IdentityUnavailable, InvalidToken
from baton.config import Settings
from baton.model import Principal
from baton.store.database import Database
from cli.deployment import Answer, Deployment, Refused, send_over_http
from cli.main import main
from local import auth
from local.stack import Stack


@dataclass
class Door:
    """An organisation of this test's own. ``as_`` is somebody there, by their token."""

    stack: Stack
    organization: str

    def as_(self, token: str) -> Deployment:
        return Deployment(self.stack.url, token)

    def person(self, *roles: str) -> Deployment:
        return self.as_(self.stack.token(*roles, organization=self.organization))

    def path(self, noun: str) -> str:
        return f"/organizations/{self.organization}/{noun}"

    def machine(self, *roles: str, **more: Any) -> dict[str, Any]:
        body = {"name": "CI", "roles": [*roles], "expiresAt": (datetime.now(UTC) + timedelta(days=1)).isoformat()}
        made: dict[str, Any] = self.person("admin").post(self.path("service-tokens"), {**body, **more})
        return made

    def own_token(self, **changes: Any) -> str:
        """As the issuer gives it to a member, but for these claims."""
        good = self.stack.token("viewer", organization=self.organization)
        claims = jwt.decode(good, options={"verify_signature": False}) | changes
        key = auth._key(self.stack.data_dir)
        return jwt.encode(claims, key, algorithm="ES256", headers={"kid": auth._key_id(key)})


@pytest.fixture
def door(stack: Stack) -> Door:
    return Door(stack, f"door-{uuid.uuid4().hex[:8]}")


def refusal(ask: Any) -> tuple[int, str]:
    with pytest.raises(Refused) as refused:
        ask()
    return refused.value.problem["status"], refused.value.problem["detail"]


def raw(door: Door, token: str) -> Answer:
    request = urllib.request.Request(f"{door.stack.url}{door.path('members')}")
    request.add_header("Authorization", f"Bearer {token}")
    return send_over_http(request)


@pytest.mark.parametrize(
    "changes",
    [
        {"role": "anon"},
        {"is_anonymous": True},
        {"exp": 1},
        {"iat": 2**33},
        {"iss": "https://elsewhere.example/auth/v1"},
        {"aud": "baton-mcp"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_token_that_is_not_a_signed_in_users_is_refused(door: Door, changes: dict[str, Any]) -> None:
    assert refusal(lambda: door.as_(door.own_token()).get(door.path("members")))[0] == 403  # a viewer, so far
    answer = raw(door, door.own_token(**changes))
    assert (answer.status, exact_json.loads(answer.text)["type"]) == (401, "urn:problem-type:baton:unauthenticated")


def test_no_shared_secret_opens_where_none_is_configured(door: Door) -> None:
    claims = jwt.decode(door.own_token(), options={"verify_signature": False})
    assert raw(door, jwt.encode(claims, "x" * 32, algorithm="HS256")).status == 401


def test_where_the_issuers_legacy_secret_is_configured_it_is_read_from_its_secret(door: Door) -> None:
    secret = "the-issuers-legacy-secret-of-more-than-32-bytes"
    created = boto3.client("secretsmanager").create_secret(Name=f"{door.organization}/jwt", SecretString=secret)
    claims = jwt.decode(door.own_token(), options={"verify_signature": False})
    environment = {"BATON_AUTH_ISSUER": claims["iss"], "BATON_AUTH_AUDIENCE": claims["aud"]}

    def identify(secret_id: str, signed_with: str) -> Principal:
        settings = Settings({**environment, "BATON_LEGACY_JWT_SECRET": secret_id})
        token = jwt.encode(claims, signed_with, algorithm="HS256")
        return bootstrap._identify(settings, Database(door.stack.database_url))(token)

    assert identify(created["ARN"], secret).user_id == claims["sub"]
    with pytest.raises(InvalidToken):
        identify(created["ARN"], "another-secret-of-more-than-32-bytes")
    with pytest.raises(InvalidToken):
        identify("", secret)
    with pytest.raises(IdentityUnavailable):
        identify("not-there", secret)


def test_a_machine_is_let_in_works_and_is_out_at_once_when_it_is_revoked(door: Door) -> None:
    made = door.machine("viewer", "admin")
    machine = door.as_(made["token"])
    assert len(machine.get(door.path("service-tokens"))["serviceTokens"]) == 1
    assert machine.get("/orchestrations/runs", {"organization": door.organization})["runs"] == []
    assert refusal(lambda: machine.get(f"/organizations/{door.stack.env['BATON_ORG']}/members"))[0] == 404

    revoked = door.person("admin").delete(f"{door.path('service-tokens')}/{made['id']}")
    assert revoked["revokedAt"]
    status, detail = refusal(lambda: machine.get("/orchestrations/runs"))
    assert (status, "was revoked" in detail) == (401, True)


def test_a_machine_is_out_when_its_time_is_over(door: Door) -> None:
    made = door.machine("viewer")
    with psycopg.connect(door.stack.database_url) as owner:
        owner.execute("update organization_members set expires_at = now() where user_id = %s", (made["id"],))
    assert refusal(lambda: door.as_(made["token"]).get("/orchestrations/runs"))[0] == 401


def test_a_machine_launches_under_its_own_id_if_it_is_an_operator(door: Door) -> None:
    parameters = {"kpi_names": ["revenue"], "start_date": "2024-07-01", "end_date": "2024-09-30", "grouping": "month"}
    launch = {"organization": door.organization, "orchestration": {"name": "kpi-tracking"}, "parameters": parameters}
    viewer, operator = door.machine("viewer"), door.machine("viewer", "operator")
    assert refusal(lambda: door.as_(viewer["token"]).post("/orchestrations/runs", launch))[0] == 403
    run = door.as_(operator["token"]).post("/orchestrations/runs", launch)
    assert door.as_(viewer["token"]).get(f"/orchestrations/runs/{run['id']}")["launchedBy"] == operator["id"]


def test_approver_is_granted_to_a_machine_by_its_own_word(door: Door) -> None:
    status, detail = refusal(lambda: door.machine("approver"))
    assert (status, "allowApprover" in detail) == (422, True)
    assert door.machine("approver", allowApprover=True)["roles"] == ["approver"]


def test_members_come_change_and_go_by_the_command(door: Door, capsys: pytest.CaptureFixture[str]) -> None:
    admin = door.stack.token("admin", organization=door.organization)
    environ = {"BATON_URL": door.stack.url, "BATON_TOKEN": admin, "BATON_ORG": door.organization}
    ben = str(uuid.uuid4())
    assert main(["members", "set", ben, "--role", "viewer"], environ) == 0
    assert main(["members"], environ) == 0
    assert ben in capsys.readouterr().out
    assert main(["members", "remove", ben], environ) == 0
    assert main(["members", "remove", ben], environ) == 1
    assert "There is no member" in capsys.readouterr().err

    assert main(["service-token", "create", "CI", "--role", "viewer", "--days", "1"], environ) == 0
    token = capsys.readouterr().out.strip()
    assert main(["service-token", "list", "--json"], environ) == 0
    [listed] = exact_json.loads(capsys.readouterr().out)
    assert token.startswith(f"baton_{uuid.UUID(listed['id']).hex}_")
    assert main(["members"], {**environ, "BATON_TOKEN": token}) == 1
    assert "role admin" in capsys.readouterr().err
    assert main(["service-token", "revoke", listed["id"]], environ) == 0


def test_the_last_admin_stays(door: Door) -> None:
    admin = door.person("admin")
    [member] = admin.get(door.path("members"))["members"]
    path = f"{door.path('members')}/{member['userId']}"
    assert refusal(lambda: admin.put(path, {"roles": ["viewer"]}))[0] == 409
    assert refusal(lambda: admin.delete(path))[0] == 409
