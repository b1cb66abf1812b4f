"""The tokens of supabase-agent for its MCP server, and their organisation."""

from __future__ import annotations

import jwt
import pytest

from baton.errors import SettingMissing
from baton.secrets import Key
from kpi_mcp.tokens import organization_of
from supabase_agent.problems import CannotAnswer
from supabase_agent.settings import Settings

URL = "https://mcp.example/mcp?project_ref=abc&read_only=true"
STATIC = {"BATON_MCP_URL": URL, "BATON_MCP_TOKEN": "sbp_0", "BATON_MCP_ORGANIZATION": "demo"}


def test_a_signed_token_names_the_organisation_of_the_task() -> None:
    bearer = Settings(URL, Key(lambda: "k" * 64), "baton-mcp", "", "").bearer("demo")
    assert organization_of({"authorization": f"Bearer {bearer}"}, "k" * 64, "baton-mcp") == "demo"
    claims = jwt.decode(bearer, "k" * 64, algorithms=["HS256"], audience="baton-mcp")
    assert claims["exp"] - claims["iat"] == 120


def test_another_server_gets_the_static_token() -> None:
    assert Settings.from_environ(STATIC).bearer("demo") == "sbp_0"


def test_another_server_serves_one_organisation_only() -> None:
    with pytest.raises(CannotAnswer, match="has no data of organisation other"):
        Settings.from_environ(STATIC).bearer("other")


@pytest.mark.parametrize(
    ("environ", "variable"),
    [
        ({}, "BATON_MCP_URL"),
        ({"BATON_MCP_URL": "mcp.example"}, "BATON_MCP_URL must be an http or https URL"),
        ({"BATON_MCP_URL": URL}, "BATON_MCP_SECRET"),
        ({"BATON_MCP_URL": URL, "BATON_MCP_TOKEN": "x"}, "BATON_MCP_ORGANIZATION"),
    ],
)
def test_a_setting_that_is_missing_is_named(environ: dict[str, str], variable: str) -> None:
    with pytest.raises(SettingMissing, match=variable):
        Settings.from_environ(environ)
