"""`baton token` on the test's own database. The environment names it, so the command uses no running stack."""

from __future__ import annotations

import json
from pathlib import Path

import jwt
import psycopg
import pytest

from cli import tokens
from cli.local_issuer import ensure_member
from cli.main import main


def test_a_token_is_for_a_member_with_exactly_these_roles(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tokens, "STATE", tmp_path)
    environ = {"BATON_URL": "http://127.0.0.1:1", "BATON_TOKEN": "t", "DATABASE_URL": database_url}

    code = main(["token", "--org", "demo", "--role", "operator", "--role", "approver", "--json"], environ)

    assert code == 0
    issued = json.loads(capsys.readouterr().out)
    claims = jwt.decode(issued["token"], options={"verify_signature": False})
    assert claims["iss"] == "http://127.0.0.1:1/auth/v1"
    assert claims["sub"] == issued["userId"] == ensure_member(database_url, "demo", ["approver", "operator"])
    with psycopg.connect(database_url) as connection:
        member = "select roles from public.organization_members where user_id = %s"
        [(roles,)] = connection.execute(member, (issued["userId"],)).fetchall()
    assert sorted(roles) == ["approver", "operator"]


def test_an_unreachable_database_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    environ = {
        "BATON_URL": "http://127.0.0.1:1",
        "BATON_TOKEN": "t",
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none?connect_timeout=2",
    }

    assert main(["token", "--org", "demo"], environ) == 3
    assert "DATABASE_URL does not answer" in capsys.readouterr().err


def test_an_invalid_name_of_an_organisation_is_reported(database_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    environ = {"BATON_URL": "http://127.0.0.1:1", "BATON_TOKEN": "t", "DATABASE_URL": database_url}

    assert main(["token", "--org", "Bad Org!"], environ) == 1
    assert "'Bad Org!' cannot be an organisation" in capsys.readouterr().err


@pytest.mark.parametrize("hours", ["0", "-1", "nan", "inf", "1e9", "soon"])
def test_a_tokens_hours_must_be_above_0_and_at_most_a_year(hours: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as error_info:
        main(["token", "--hours", hours], {})
    assert error_info.value.code == 2
    assert "is not a number of hours" in capsys.readouterr().err
