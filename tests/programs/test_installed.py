"""`pip install .` in its own environment, without the checkout: `baton` for a remote deployment."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.checkout import ROOT
from tests.integration.http_server import QuietHandler, serving

RUNS = {"runs": [], "nextCursor": None, "omitted": []}


class FakeDeployment(QuietHandler):
    """Answers every GET with an empty list, and records path and authorization of each request."""

    requests: list[tuple[str, str | None]]

    def do_GET(self) -> None:
        self.requests.append((self.path, self.headers["Authorization"]))
        self.send_answer(200, json.dumps(RUNS).encode(), content_type="application/json")


@pytest.fixture
def deployment() -> Iterator[str]:
    """The URL of a deployment that answers."""
    FakeDeployment.requests = []
    with serving(FakeDeployment) as url:
        yield url


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The installed `baton`, with the checkout's pinned versions."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", folder, ROOT], check=True)
    (wheel,) = folder.glob("baton-*.whl")
    pins = (ROOT / "requirements" / "local.txt").read_text(encoding="utf-8")
    constraints = folder / "constraints.txt"
    constraints.write_text("\n".join(re.findall(r"^[\w.-]+==\S+", pins, re.MULTILINE)), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    python = folder / "venv" / "bin" / "python"
    subprocess.run([*pip, "--python", python, "install", "--constraint", constraints, wheel], check=True)
    return python.with_name("baton")


def baton(command: Path, *words: str | Path, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [command, *words], cwd=folder, env={**inherited, **environment}, capture_output=True, text=True, check=False
    )


def test_help_lists_the_commands(command: Path, tmp_path: Path) -> None:
    result = baton(command, "--help", folder=tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    assert "launch an orchestration" in result.stdout


def test_files_are_checked_without_a_deployment(command: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "definitions", tmp_path / "definitions")
    file = tmp_path / "definitions" / "orchestrations" / "kpi-tracking.yaml"
    assert baton(command, "validate", file, folder=tmp_path).stdout == "1 file is valid.\n"
    assert baton(command, "graph", file, folder=tmp_path).stdout.startswith("flowchart TD\n")
    machine = baton(command, "compile", file, folder=tmp_path).stdout
    assert machine == (ROOT / "statemachines" / "kpi-tracking.asl.json").read_text(encoding="utf-8")
    (tmp_path / "machine.json").write_text(machine, encoding="utf-8")
    assert baton(command, "check-asl", "machine.json", folder=tmp_path).stdout == "No fault found.\n"


def test_the_command_calls_the_named_deployment(command: Path, deployment: str, tmp_path: Path) -> None:
    result = baton(command, "runs", "--json", folder=tmp_path, BATON_URL=deployment, BATON_TOKEN="secret")
    assert (result.returncode, result.stderr) == (0, "")
    [(path, authorization)] = FakeDeployment.requests
    assert (path.partition("?")[0], authorization) == ("/orchestrations/runs", "Bearer secret")


def test_the_command_shows_a_list_to_a_person(command: Path, deployment: str, tmp_path: Path) -> None:
    result = baton(command, "runs", folder=tmp_path, BATON_URL=deployment, BATON_TOKEN="secret")
    assert (result.returncode, result.stdout, result.stderr) == (0, "There are no such runs.\n", "")


def test_the_client_is_a_distribution_of_its_own(command: Path) -> None:
    """So the removal of one removes no files of the other, and `pip check` reports what is missing."""
    pip = [sys.executable, "-m", "pip", "--python", command.with_name("python"), "show", "--files"]
    files = {
        name: subprocess.run([*pip, name], capture_output=True, text=True, check=True).stdout
        for name in ("baton", "baton-client")
    }
    assert "baton_client/py.typed" in files["baton-client"]
    assert "LICENSE" in files["baton-client"]
    assert "baton_client/" not in files["baton"]
    assert "Required-by: baton\n" in files["baton-client"]


def test_without_a_deployment_the_command_names_the_setting(command: Path, tmp_path: Path) -> None:
    result = baton(command, "runs", folder=tmp_path)
    assert result.returncode == 3
    assert result.stderr == "No deployment is known: set BATON_URL and BATON_TOKEN.\n"


def test_the_installed_command_issues_no_tokens(command: Path, tmp_path: Path) -> None:
    result = baton(command, "token", "--org", "acme", folder=tmp_path)
    assert result.returncode == 1
    assert "belongs to no checkout" in result.stderr
