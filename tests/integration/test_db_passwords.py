"""``baton db passwords``, against a real Postgres and a simulated Secrets Manager."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import boto3
import psycopg
import pytest
from botocore.exceptions import ClientError
from moto.server import ThreadedMotoServer
from psycopg.conninfo import conninfo_to_dict

from cli import db
from cli.checkout import ROOT
from cli.logins import LOGINS
from local.database import Database
from tests.integration.command import CommandFixture
from tests.integration.conftest import Server

POOLER = "postgresql://postgres.abcd:[YOUR-PASSWORD]@pooler.test:6543/postgres?sslmode=require"


def role_of(url: str) -> str | None:
    """The role of a connection with this URL; None if the password is refused."""
    try:
        with psycopg.connect(url) as connection:
            row = connection.execute("select current_user").fetchone()
    except psycopg.OperationalError as error:
        assert "password authentication failed" in str(error)
        return None
    return str(row[0]) if row else None


@pytest.fixture
def passwords(
    database_server: Server, database_url: str, capsys: pytest.CaptureFixture[str]
) -> Iterator[CommandFixture]:
    yield CommandFixture(["db", "passwords"], database_url, capsys)
    database_server.set_passwords(database_url)


def test_every_login_connects_with_its_printed_password_and_not_with_the_old_one(
    passwords: CommandFixture, database: Database
) -> None:
    code, output, _ = passwords("--print")
    urls = dict(line.split(" ") for line in output.splitlines())
    assert (code, urls.keys()) == (0, {f"baton_{login}" for login in LOGINS})
    assert {login: role_of(url) for login, url in urls.items()} == {login: login for login in urls}
    assert [login for login, url in database.logins.items() if role_of(url)] == []


def test_programs_get_json(passwords: CommandFixture) -> None:
    _, output, _ = passwords("--print", "--json")
    assert role_of(json.loads(output)["urls"]["api"]) == "baton_api"


def test_the_urls_lead_to_the_pooler(passwords: CommandFixture) -> None:
    _, output, _ = passwords("--print", "--json", "--pooler", POOLER)
    url = conninfo_to_dict(json.loads(output)["urls"]["step"])
    assert (url["user"], url["host"], url["port"]) == ("baton_step.abcd", "pooler.test", "6543")
    assert (url["dbname"], url["sslmode"]) == ("postgres", "require")
    assert url["password"] not in ("[YOUR-PASSWORD]", None)


def test_no_statement_contains_a_password(
    passwords: CommandFixture, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hosted databases log statements that change roles, so a log would show the password."""
    statements: list[str] = []
    execute = psycopg.Connection.execute

    def record_and_execute(self: Any, query: Any, *more: Any, **further: Any) -> Any:
        statements.append(query if isinstance(query, str) else query.as_string(self))
        return execute(self, query, *more, **further)

    monkeypatch.setattr(psycopg.Connection, "execute", record_and_execute)
    _, output, _ = passwords("--print")
    altered = [statement for statement in statements if statement.startswith("alter role")]
    assert len(altered) == len(LOGINS)
    assert all("password 'SCRAM-SHA-256$" in statement for statement in altered)
    assert not [
        url for url in output.split() if (conninfo_to_dict(url)["password"] if "://" in url else " ") in statements
    ]


def test_the_local_stacks_database_is_used_only_with_print(passwords: CommandFixture, database_url: str) -> None:
    code, output, _ = passwords("--print", environment={"DATABASE_URL": database_url})
    assert (code, len(output.splitlines())) == (0, len(LOGINS))
    code, _, complaint = passwords("--stack", "baton", environment={"DATABASE_URL": database_url})
    assert code == 1
    assert "set OWNER_URL" in complaint


@pytest.mark.parametrize(
    ("arguments", "owner", "complaint"),
    [
        (["--print"], "postgresql://u:p@127.0.0.1:1/x", "does not answer"),
        (["--print"], "mysql://u:secret@h/x", "OWNER_URL must be a URL such as"),
        (["--print"], "postgresql://u:secret%zz@h/x", "OWNER_URL must be a URL such as"),
        (["--print", "--pooler", "pooler.supabase.com"], None, "--pooler must be a URL such as"),
        (["--print", "--pooler", "postgresql:///x"], None, "--pooler must name a host"),
    ],
)
def test_a_wrong_argument_is_reported_and_changes_nothing(
    passwords: CommandFixture, database: Database, arguments: Sequence[str], owner: str | None, complaint: str
) -> None:
    environment = {"OWNER_URL": owner or database.owner_url}
    code, _, output = passwords(*arguments, environment=environment)
    assert code != 0
    assert complaint in output
    assert "secret" not in output
    assert role_of(database.logins["api"]) == "baton_api"


def test_a_role_without_the_right_to_change_logins_is_refused(passwords: CommandFixture, database: Database) -> None:
    code, _, output = passwords("--print", environment={"OWNER_URL": database.logins["api"]})
    assert code == 1
    assert "The database refused" in output


# --- a stack's secrets ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def secrets_manager() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def account(secrets_manager: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in {
        "AWS_ENDPOINT_URL": secrets_manager,
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }.items():
        monkeypatch.setenv(name, value)
    return boto3.Session().client("secretsmanager")


@pytest.fixture
def stack(account: Any) -> str:
    """The name of a stack with empty secrets, as after its first deployment."""
    name = f"stack-{uuid.uuid4().hex[:8]}"
    for login in LOGINS:
        account.create_secret(Name=f"{name}/database/{login}")
    return name


def value(account: Any, stack: str, login: str) -> str:
    return str(account.get_secret_value(SecretId=f"{stack}/database/{login}")["SecretString"])


def test_the_template_has_a_secret_for_each_login_and_no_other() -> None:
    named = re.findall(r"Name: !Sub \$\{AWS::StackName\}/database/(\w+)", (ROOT / "template.yaml").read_text())
    assert sorted(named) == sorted(LOGINS)


def test_each_functions_secret_has_the_url_of_its_login(passwords: CommandFixture, account: Any, stack: str) -> None:
    code, output, _ = passwords("--stack", stack)
    urls = {login: value(account, stack, login) for login in LOGINS}
    assert code == 0
    assert {login: role_of(url) for login, url in urls.items()} == {login: f"baton_{login}" for login in LOGINS}
    assert not any(str(conninfo_to_dict(url)["password"]) in output for url in urls.values())


def test_a_second_call_sets_new_passwords(passwords: CommandFixture, account: Any, stack: str) -> None:
    passwords("--stack", stack)
    before = value(account, stack, "relay")
    assert passwords("--stack", stack)[0] == 0
    assert role_of(before) is None
    assert role_of(value(account, stack, "relay")) == "baton_relay"


def test_the_name_of_an_unknown_stack_changes_nothing(
    passwords: CommandFixture, account: Any, database: Database
) -> None:
    code, _, output = passwords("--stack", "nowhere")
    assert code == 1
    assert "There is no secret nowhere/database/api" in output
    assert role_of(database.logins["api"]) == "baton_api"


def test_if_a_secret_cannot_be_written_no_password_is_changed(
    passwords: CommandFixture, account: Any, stack: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(params: Any, **_: Any) -> None:
        if "/relay" in str(params["body"]):
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "not you"}}, "PutSecretValue")

    account.meta.events.register("before-call.secrets-manager.PutSecretValue", refuse)
    monkeypatch.setattr(db, "_secrets_manager", lambda: account)
    code, _, output = passwords("--stack", stack)
    assert code == 1
    assert f"AWS refused the secret {stack}/database/relay, so no password was changed" in output
    assert [login for login, url in database.logins.items() if role_of(url) is None] == []


@pytest.fixture(autouse=True)
def _own_checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """The command does not read the settings of a running local stack."""
    monkeypatch.setattr("cli.main.ROOT", tmp_path)
