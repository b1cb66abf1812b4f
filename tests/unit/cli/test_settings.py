"""The settings that choose the deployment."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from baton_client import Unreachable
from cli.errors import exit_code_of, text_of
from cli.settings import client_of, read_settings


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / ".baton").mkdir()
    (tmp_path / ".baton" / "env").write_text(
        "# the local stack\nBATON_URL=http://127.0.0.1:8787\nBATON_TOKEN=local=token\nBATON_ORG=demo\n"
    )
    return tmp_path


def test_the_running_local_stack_is_found(checkout: Path) -> None:
    settings = read_settings({}, checkout)

    assert settings["BATON_URL"] == "http://127.0.0.1:8787"
    assert settings["BATON_TOKEN"] == "local=token"


def test_a_value_that_is_quoted_for_the_shell_is_read_as_the_shell_reads_it(checkout: Path) -> None:
    with (checkout / ".baton" / "env").open("a") as file:
        file.write("DATABASE_URL='postgresql://u@h/d?sslmode=require&connect_timeout=5'\n")

    assert read_settings({}, checkout)["DATABASE_URL"] == "postgresql://u@h/d?sslmode=require&connect_timeout=5"


def test_the_environment_takes_precedence(checkout: Path) -> None:
    settings = read_settings({"BATON_TOKEN": "mine", "BATON_ORG": ""}, checkout)

    assert settings["BATON_TOKEN"] == "mine"
    assert settings["BATON_ORG"] == "demo"


def test_the_local_token_is_not_sent_to_another_deployment(checkout: Path) -> None:
    settings = read_settings({"BATON_URL": "https://api.example.com"}, checkout)

    assert settings == {"BATON_URL": "https://api.example.com"}
    with pytest.raises(Unreachable, match="BATON_TOKEN"):
        client_of(settings)


@pytest.mark.parametrize("settings", [{}, {"BATON_URL": "ftp://x", "BATON_TOKEN": "t"}])
def test_settings_without_a_deployment_are_refused(settings: dict[str, str]) -> None:
    with pytest.raises(Unreachable):
        client_of(settings)


def test_a_request_is_sent_once() -> None:
    """The command sends each request once. It waits for a deployment only while it follows a run."""
    requests: list[httpx.Request] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        raise httpx.ConnectError("refused")

    client = client_of({"BATON_URL": "http://api.test", "BATON_TOKEN": "t"}, httpx.MockTransport(refuse))
    with pytest.raises(Unreachable) as unreachable:
        client.runs.get("r")
    assert len(requests) == 1
    assert text_of(unreachable.value) == (
        "Nothing answers at http://api.test (refused): start the local stack with `make up`, "
        "or set BATON_URL and BATON_TOKEN."
    )
    assert exit_code_of(unreachable.value) == 3
