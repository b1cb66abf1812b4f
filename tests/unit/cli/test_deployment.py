"""Which deployment the command talks to, and how it reads what comes back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cli.deployment import Answer, Deployment, Refused, Unreachable, read_settings


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


def test_the_environment_comes_first(checkout: Path) -> None:
    settings = read_settings({"BATON_TOKEN": "mine", "BATON_ORG": ""}, checkout)

    assert settings["BATON_TOKEN"] == "mine"
    assert settings["BATON_ORG"] == "demo"


def test_the_local_token_is_not_sent_to_another_deployment(checkout: Path) -> None:
    settings = read_settings({"BATON_URL": "https://api.example.com"}, checkout)

    assert settings == {"BATON_URL": "https://api.example.com"}
    with pytest.raises(Unreachable, match="BATON_TOKEN"):
        Deployment.from_settings(settings)


@pytest.mark.parametrize("settings", [{}, {"BATON_URL": "ftp://x", "BATON_TOKEN": "t"}])
def test_without_a_deployment_it_says_what_to_do(settings: dict[str, str]) -> None:
    with pytest.raises(Unreachable):
        Deployment.from_settings(settings)


def deployment_with(answer: Answer) -> Deployment:
    return Deployment("http://api.test/", "t", lambda request: answer)


def test_decimals_of_an_answer_keep_their_digits() -> None:
    document: Any = deployment_with(Answer(200, "application/json", '{"value": 1.10}')).get("/x")

    assert str(document["value"]) == "1.10"


def test_a_problem_is_raised_with_its_members() -> None:
    problem = Answer(403, "application/problem+json", '{"status": 403, "title": "No", "detail": "You may not."}')

    with pytest.raises(Refused, match="No: You may not.") as refused:
        deployment_with(problem).post("/x", {})
    assert refused.value.problem["status"] == 403


@pytest.mark.parametrize(
    "answer", [Answer(200, "text/html", "<html>"), Answer(502, "application/json", '{"message": "Bad Gateway"}')]
)
def test_what_is_not_a_deployment_is_told_apart(answer: Answer) -> None:
    with pytest.raises(Unreachable):
        deployment_with(answer).get("/x")
