"""Every command that calls the API is called with large values everywhere, and ends without an error. A new command
without a call fails."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli import command as command_module
from cli import main as main_module
from tests.integration.bounds.conftest import ApiFixture
from tests.integration.bounds.scene import Scene
from tests.integration.bounds.stored import Sizes, store

WITHOUT_API = {
    "validate": "reads files", "compile": "reads a file", "graph": "reads a file", "check-asl": "reads files",
    "kpi import": "writes a file's rows into the database", "kpi goals": "writes a file's rows into the database",
    "token": "signs a token", "first-admin": "writes one member into the database",
    "db passwords": "sets passwords of the database", "doctor": "looks at the stack in AWS",
}  # fmt: skip
FAILS = {"status"}  # shows a run that failed, with exit code 1

COMMANDS: dict[str, Callable[[Scene, Path], list[list[str]]]] = {
    "run": lambda scene, folder: [["reviewed", "--param", f"regions={'x' * 60_000}"]],
    "status": lambda scene, folder: [[scene.waiting()], [scene.failed()], [scene.ended(), "--follow"]],
    "runs": lambda scene, folder: [[], ["--limit", "100"]],
    "approve": lambda scene, folder: [[scene.approval(), "continue", "--notes", "é" * 2_000]],
    "approvals": lambda scene, folder: [["--limit", "100"]],
    "show": lambda scene, folder: [[scene.approval()], [scene.deliverable()]],
    "fetch": lambda scene, folder: [[f"/deliverables/{scene.deliverable()}/content"]],
    "output": lambda scene, folder: [[scene.waiting(), "look", "a"]],
    "save": lambda scene, folder: [[scene.waiting(), str(folder)]],
    "retry": lambda scene, folder: [[scene.failed(), "--note", "é" * 2_000]],
    "skip": lambda scene, folder: [[scene.failed(), "--output", f"text={'x' * 60_000}"]],
    "abort": lambda scene, folder: [[scene.waiting(), "--note", "é" * 2_000]],
    "fork": lambda scene, folder: [[scene.failed(), "--from", "look", "--note", "é" * 2_000]],
    "outbox": lambda scene, folder: [["--limit", "500"]],
    "outbox redrive": lambda scene, folder: [[scene.effect()], ["--all", "--org", "demo"]],
    "publish": lambda scene, folder: [[str(written(scene, folder))]],
    "members": lambda scene, folder: [[]],
    "members set": lambda scene, folder: [[scene.member(), "--role", "viewer"]],
    "members remove": lambda scene, folder: [[scene.member()]],
    "organizations": lambda scene, folder: [[]],
    "organizations set-time-zone": lambda scene, folder: [["Europe/Berlin"]],
    "organizations allow-launch": lambda scene, folder: [[]],
    "organizations forbid-launch": lambda scene, folder: [[]],
    "service-token create": lambda scene, folder: [["😀" * 100, "--role", "viewer", "--days", "1"]],
    "service-token list": lambda scene, folder: [[]],
    "service-token revoke": lambda scene, folder: [[scene.token()]],
    "webhooks list": lambda scene, folder: [[]],
    "webhooks create": lambda scene, folder: [[scene.new_url(), "--description", '"' * 500]],
    "webhooks update": lambda scene, folder: [[scene.webhook(), "--description", '"' * 500]],
    "webhooks test": lambda scene, folder: [[scene.webhook()]],
    "webhooks rotate": lambda scene, folder: [[scene.webhook()]],
    "webhooks delete": lambda scene, folder: [[scene.webhook()]],
    "webhooks deliveries": lambda scene, folder: [[scene.delivery()[0]]],
    "webhooks redeliver": lambda scene, folder: [list(scene.delivery())],
}


def written(scene: Scene, folder: Path) -> Path:
    file = folder / "published.yaml"
    file.write_text(scene.publish("by-command")["source"])
    return file


def commands(parser: argparse.ArgumentParser, name: str = "") -> Iterator[str]:
    """The names of all commands that one can call."""
    if parser.get_default("run") is not None:
        yield name
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for part, below in action.choices.items():
                yield from commands(below, f"{name} {part}".strip())


@pytest.fixture(scope="module")
def scene(api: ApiFixture) -> Iterator[Scene]:
    scene = Scene(api)
    yield scene
    scene.close()


def test_every_command_has_a_call_or_needs_none() -> None:
    assert sorted(commands(main_module.parser())) == sorted({**COMMANDS, **WITHOUT_API})


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_reads_what_the_api_answers(
    scene: Scene, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command_module, "client_of", lambda settings: scene.api.client())
    for more in ([], ["--json"]):
        for arguments in COMMANDS[name](scene, tmp_path):
            code = call([*name.split(), *arguments, *more])
            printed = capsys.readouterr()
            assert code == 0 or name in FAILS, (printed.out[-300:], printed.err[-300:])


def test_what_is_left_out_is_shown_with_the_command_that_prints_it(
    api: ApiFixture, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = store(api.engine, Sizes("x", 10, 10, (5_000_000,), 1, 0, 0, 1, "checkpoint")).run_id
    monkeypatch.setattr(command_module, "client_of", lambda settings: api.client())
    assert call(["status", run]) == 0
    (line, *_) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("Left out /")]
    assert "5,000,002 bytes" in line
    assert call(["fetch", line.partition("baton fetch ")[2].strip("'")]) == 0
    assert len(capsys.readouterr().out) > 5_000_000


def call(arguments: list[str]) -> int:
    environ = {"BATON_URL": "http://baton.test", "BATON_TOKEN": "t", "BATON_ORG": "demo"}
    return main_module.main(arguments, environ=environ)
