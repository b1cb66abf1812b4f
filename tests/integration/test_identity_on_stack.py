"""Who is let in, on the whole stack: people with tokens of its issuer, machines with tokens of its own."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import jwt
import psycopg
import pytest

from baton import exact_json
from baton.adapters import Adapters
from baton.api.identity import IdentityUnavailable, InvalidToken
from baton.config import Settings
from baton.model import Principal
from baton.store.database import Database
from cli.deployment import Deployment, Refused
from cli.main import main
from local import auth
from local.stack import Stack
from tests.integration.http_client import HttpAnswer, send


@dataclass
class OrganizationClient:
    """An organisation of this test's own, and clients of its people and machines."""

    stack: Stack
    slug: str

    def client(self, token: str) -> Deployment:
        return Deployment(self.stack.url, token)

    def person(self, *roles: str) -> Deployment:
        return self.client(self.stack.token(*roles, organization=self.slug))

    def path(self, noun: str) -> str:
        return f"/organizations/{self.slug}/{noun}"

    def machine(self, *roles: str, **more: Any) -> dict[str, Any]:
        body = {"name": "CI", "roles": [*roles], "expiresAt": (datetime.now(UTC) + timedelta(days=1)).isoformat()}
        made: dict[str, Any] = self.person("admin").post(self.path("service-tokens"), {**body, **more})
        return made

    def own_token(self, **changes: Any) -> str:
        """As the issuer gives it to a member, but for these claims."""
        good = self.stack.token("viewer", organization=self.slug)
        claims = jwt.decode(good, options={"verify_signature": False}) | changes
        key = auth._key(self.stack.data_dir)
        return jwt.encode(claims, key, algorithm="ES256", headers={"kid": auth._key_id(key)})


@pytest.fixture
def organization(stack: Stack) -> OrganizationClient:
    return OrganizationClient(stack, f"organization-{uuid.uuid4().hex[:8]}")


def refusal(ask: Any) -> tuple[int, str]:
    with pytest.raises(Refused) as refused:
        ask()
    return refused.value.problem["status"], refused.value.problem["detail"]


def ask_for_members(organization: OrganizationClient, token: str) -> HttpAnswer:
    return send(f"{organization.stack.url}{organization.path('members')}", token)


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
def test_a_token_that_is_not_a_signed_in_users_is_refused(
    organization: OrganizationClient, changes: dict[str, Any]
) -> None:
    assert (
        refusal(lambda: organization.client(organization.own_token()).get(organization.path("members")))[0] == 403
    )  # a viewer, so far
    answer = ask_for_members(organization, organization.own_token(**changes))
    assert (answer.status, answer.json()["type"]) == (401, "urn:problem-type:baton:unauthenticated")


def test_no_shared_secret_opens_where_none_is_configured(organization: OrganizationClient) -> None:
    claims = jwt.decode(organization.own_token(), options={"verify_signature": False})
    assert ask_for_members(organization, jwt.encode(claims, "x" * 32, algorithm="HS256")).status == 401


def test_where_the_issuers_legacy_secret_is_configured_it_is_read_from_its_secret(
    organization: OrganizationClient,
) -> None:
    secret = "the-issuers-legacy-secret-of-more-than-32-bytes"
    created = boto3.client("secretsmanager").create_secret(Name=f"{organization.slug}/jwt", SecretString=secret)
    claims = jwt.decode(organization.own_token(), options={"verify_signature": False})
    environment = {"BATON_AUTH_ISSUER": claims["iss"], "BATON_AUTH_AUDIENCE": claims["aud"]}

    def identify(secret_id: str, signed_with: str) -> Principal:
        settings = Settings({**environment, "BATON_LEGACY_JWT_SECRET": secret_id})
        adapters = Adapters(settings)
        adapters.database = Database(organization.stack.database_url)
        token = jwt.encode(claims, signed_with, algorithm="HS256")
        return adapters.identify(token)

    assert identify(created["ARN"], secret).user_id == claims["sub"]
    with pytest.raises(InvalidToken):
        identify(created["ARN"], "another-secret-of-more-than-32-bytes")
    with pytest.raises(InvalidToken):
        identify("", secret)
    with pytest.raises(IdentityUnavailable):
        identify("not-there", secret)


def test_a_machine_is_let_in_works_and_is_out_at_once_when_it_is_revoked(organization: OrganizationClient) -> None:
    made = organization.machine("viewer", "admin")
    machine = organization.client(made["token"])
    assert len(machine.get(organization.path("service-tokens"))["serviceTokens"]) == 1
    assert machine.get("/orchestrations/runs", {"organization": organization.slug})["runs"] == []
    assert refusal(lambda: machine.get(f"/organizations/{organization.stack.env['BATON_ORG']}/members"))[0] == 404

    revoked = organization.person("admin").delete(f"{organization.path('service-tokens')}/{made['id']}")
    assert revoked["revokedAt"]
    status, detail = refusal(lambda: machine.get("/orchestrations/runs"))
    assert (status, "was revoked" in detail) == (401, True)


def test_a_machine_is_out_when_its_time_is_over(organization: OrganizationClient) -> None:
    made = organization.machine("viewer")
    with psycopg.connect(organization.stack.database_url) as owner:
        owner.execute("update organization_members set expires_at = now() where user_id = %s", (made["id"],))
    assert refusal(lambda: organization.client(made["token"]).get("/orchestrations/runs"))[0] == 401


def test_a_machine_launches_under_its_own_id_if_it_is_an_operator(organization: OrganizationClient) -> None:
    parameters = {"kpi_names": ["revenue"], "start_date": "2024-07-01", "end_date": "2024-09-30", "grouping": "month"}
    launch = {"organization": organization.slug, "orchestration": {"name": "kpi-tracking"}, "parameters": parameters}
    viewer, operator = organization.machine("viewer"), organization.machine("viewer", "operator")
    assert refusal(lambda: organization.client(viewer["token"]).post("/orchestrations/runs", launch))[0] == 403
    run = organization.client(operator["token"]).post("/orchestrations/runs", launch)
    assert organization.client(viewer["token"]).get(f"/orchestrations/runs/{run['id']}")["launchedBy"] == operator["id"]


def test_approver_is_granted_to_a_machine_by_its_own_word(organization: OrganizationClient) -> None:
    status, detail = refusal(lambda: organization.machine("approver"))
    assert (status, "allowApprover" in detail) == (422, True)
    assert organization.machine("approver", allowApprover=True)["roles"] == ["approver"]


def test_members_come_change_and_go_by_the_command(
    organization: OrganizationClient, capsys: pytest.CaptureFixture[str]
) -> None:
    admin = organization.stack.token("admin", organization=organization.slug)
    environ = {"BATON_URL": organization.stack.url, "BATON_TOKEN": admin, "BATON_ORG": organization.slug}
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


def test_the_last_admin_stays(organization: OrganizationClient) -> None:
    admin = organization.person("admin")
    [member] = admin.get(organization.path("members"))["members"]
    path = f"{organization.path('members')}/{member['userId']}"
    assert refusal(lambda: admin.put(path, {"roles": ["viewer"]}))[0] == 409
    assert refusal(lambda: admin.delete(path))[0] == 409
