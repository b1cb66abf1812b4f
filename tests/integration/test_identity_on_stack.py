"""Authentication on the whole stack: people have tokens of its issuer, machines have service tokens."""

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
from baton_client import Client, Refused
from baton_client.service_tokens import IssuedToken
from cli import local_issuer
from cli.main import main
from local.stack import Stack
from tests.integration.http_client import HttpAnswer, send


@dataclass
class OrganizationClient:
    """An organisation of the test, and clients for its people and machines."""

    stack: Stack
    slug: str

    def client(self, token: str) -> Client:
        return Client(self.stack.url, token, organization=self.slug)

    def person(self, *roles: str) -> Client:
        return self.client(self.stack.token(*roles, organization=self.slug))

    def machine(self, *roles: str, allow_approver: bool = False) -> IssuedToken:
        tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
        return self.person("admin").service_tokens.create("CI", roles, tomorrow, allow_approver=allow_approver)

    def own_token(self, **changes: Any) -> str:
        """A token of the issuer for a member, with changed claims."""
        good = self.stack.token("viewer", organization=self.slug)
        claims = jwt.decode(good, options={"verify_signature": False}) | changes
        key = local_issuer._key(self.stack.data_dir)
        return jwt.encode(claims, key, algorithm="ES256", headers={"kid": local_issuer._key_id(key)})


@pytest.fixture
def organization(stack: Stack) -> OrganizationClient:
    return OrganizationClient(stack, f"organization-{uuid.uuid4().hex[:8]}")


def refusal(ask: Any) -> tuple[int, str]:
    with pytest.raises(Refused) as error_info:
        ask()
    return error_info.value.status or 0, error_info.value.detail


def ask_for_members(organization: OrganizationClient, token: str) -> HttpAnswer:
    return send(f"{organization.stack.url}/organizations/{organization.slug}/members", token)


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
def test_only_a_valid_token_of_a_signed_in_user_is_accepted(
    organization: OrganizationClient, changes: dict[str, Any]
) -> None:
    assert refusal(lambda: organization.client(organization.own_token()).members.list())[0] == 403  # a viewer, so far
    answer = ask_for_members(organization, organization.own_token(**changes))
    assert (answer.status, answer.json()["type"]) == (401, "urn:problem-type:baton:unauthenticated")


def test_without_a_legacy_secret_no_token_with_a_shared_secret_is_accepted(organization: OrganizationClient) -> None:
    claims = jwt.decode(organization.own_token(), options={"verify_signature": False})
    assert ask_for_members(organization, jwt.encode(claims, "x" * 32, algorithm="HS256")).status == 401


def test_the_issuers_legacy_secret_is_read_from_secrets_manager(
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


def test_a_service_token_works_until_it_is_revoked(organization: OrganizationClient) -> None:
    made = organization.machine("viewer", "admin")
    machine = organization.client(made["token"])
    assert len(machine.service_tokens.list()) == 1
    assert machine.runs.page(organization=organization.slug)["runs"] == []
    assert refusal(lambda: machine.members.list(organization.stack.env["BATON_ORG"]))[0] == 404

    revoked = organization.person("admin").service_tokens.revoke(made["id"])
    assert revoked["revokedAt"]
    status, detail = refusal(lambda: machine.runs.page())
    assert (status, "was revoked" in detail) == (401, True)


def test_an_expired_service_token_is_refused(organization: OrganizationClient) -> None:
    made = organization.machine("viewer")
    with psycopg.connect(organization.stack.database_url) as owner:
        owner.execute("update organization_members set expires_at = now() where user_id = %s", (made["id"],))
    assert refusal(lambda: organization.client(made["token"]).runs.page())[0] == 401


def test_a_machine_with_the_role_operator_launches_under_its_own_id(organization: OrganizationClient) -> None:
    parameters = {"kpi_names": ["revenue"], "start_date": "2024-07-01", "end_date": "2024-09-30", "grouping": "month"}
    viewer, operator = organization.machine("viewer"), organization.machine("viewer", "operator")
    assert refusal(lambda: organization.client(viewer["token"]).runs.launch("kpi-tracking", parameters))[0] == 403
    run = organization.client(operator["token"]).runs.launch("kpi-tracking", parameters)
    assert organization.client(viewer["token"]).runs.get(run["id"])["launchedBy"] == operator["id"]


def test_a_machine_gets_the_role_approver_only_with_allow_approver(organization: OrganizationClient) -> None:
    status, detail = refusal(lambda: organization.machine("approver"))
    assert (status, "allowApprover" in detail) == (422, True)
    assert organization.machine("approver", allow_approver=True)["roles"] == ["approver"]


def test_the_command_adds_lists_and_removes_members_and_service_tokens(
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
    [member] = admin.members.list()
    assert refusal(lambda: admin.members.put(member["userId"], ["viewer"]))[0] == 409
    assert refusal(lambda: admin.members.remove(member["userId"]))[0] == 409
