"""``baton publish``: the order of the files, and the message of a refusal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

AGENT = "metadata: {name: greeter, displayName: Greeter}\nagent: {kind: agent}\n"


def orchestration(name: str, child: str = "") -> str:
    steps = f"\norchestration:\n  steps:\n    - orchestration: {{name: {child}}}\n" if child else "\n"
    return f"metadata: {{name: {name}, version: 1.0.0}}{steps}"


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    texts = {
        "above": orchestration("above", "below"),
        "below": orchestration("below"),
        "greeter": AGENT,
        "self": orchestration("self", "self"),
        "ping": orchestration("ping", "pong"),
        "pong": orchestration("pong", "ping"),
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    return {name: tmp_path / f"{name}.yaml" for name in texts}


def published_names(shell: Any) -> list[str]:
    return [body["source"].partition("name: ")[2].partition(",")[0] for _, body in shell.api.requests]


@pytest.fixture
def shell_of_publisher(shell: Any) -> Any:
    definition = {"name": "below", "version": "1.0.0", "organization": "demo"}
    agent = {"slug": "greeter", "kind": "agent", "organization": "demo"}
    shell.api.answers |= {"POST /orchestrations/definitions": [definition], "POST /agents": [agent]}
    return shell


def test_agents_are_published_first_and_children_before_their_parents(
    shell_of_publisher: Any, files: dict[str, Path]
) -> None:
    assert shell_of_publisher.baton("publish", *(str(files[name]) for name in ("above", "below", "greeter"))) == 0
    assert published_names(shell_of_publisher) == ["greeter", "below", "above"]


@pytest.mark.parametrize("names", [("self",), ("ping", "pong")])
def test_a_circle_is_sent_and_the_deployment_refuses_it(
    shell_of_publisher: Any, files: dict[str, Path], names: tuple[str, ...]
) -> None:
    assert shell_of_publisher.baton("publish", *(str(files[name]) for name in names)) == 0
    assert published_names(shell_of_publisher) == list(names)


def test_files_are_published_in_the_named_organisation(shell_of_publisher: Any, files: dict[str, Path]) -> None:
    assert shell_of_publisher.baton("publish", str(files["below"]), "--organization", "acme") == 0
    assert shell_of_publisher.api.body_of("POST /orchestrations/definitions")["organization"] == "acme"


def test_each_published_file_is_reported(shell_of_publisher: Any, files: dict[str, Path]) -> None:
    shell_of_publisher.baton("publish", str(files["greeter"]), str(files["below"]))
    shown = shell_of_publisher.out
    assert f"{files['greeter']}: agent greeter is published in demo" in shown
    assert f"{files['below']}: below 1.0.0 is published in demo" in shown


def test_the_first_refusal_ends_the_command_and_is_shown_with_its_place(
    shell_of_publisher: Any, files: dict[str, Path]
) -> None:
    problem = {"field": "agent.kind", "message": "must be x", "line": 2, "column": 9, "suggestion": "x"}
    shell_of_publisher.api.answers["POST /agents"] = [
        {"title": "The request is not valid", "status": 422, "detail": "…", "errors": [problem]}
    ]
    assert shell_of_publisher.baton("publish", str(files["below"]), str(files["greeter"])) == 1
    assert shell_of_publisher.err.strip() == f"{files['greeter']}:2:9: must be x (did you mean `x`?)"
    assert published_names(shell_of_publisher) == ["greeter"]


def test_a_refusal_without_a_place_names_the_file(shell_of_publisher: Any, files: dict[str, Path]) -> None:
    shell_of_publisher.api.answers["POST /agents"] = [
        {"title": "A role is missing", "status": 403, "detail": "You are not an admin."}
    ]
    shell_of_publisher.baton("publish", str(files["greeter"]))
    assert str(files["greeter"]) in shell_of_publisher.err


def test_a_file_that_is_not_yaml_is_reported_before_a_request(shell_of_publisher: Any, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("a: [")
    assert shell_of_publisher.baton("publish", str(wrong)) == 1
    assert shell_of_publisher.baton("publish", str(tmp_path / "missing.yaml")) == 1
    assert shell_of_publisher.api.requests == []
