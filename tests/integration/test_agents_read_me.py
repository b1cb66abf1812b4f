"""The README of each agent's folder: its commands work, and its settings are those of the template."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cli.checkout import ROOT
from local.stack import Stack
from local.template import read_template

AGENTS = {"summarizer", "supabase_agent", "mcp"}
ANSWERS = {
    "summarizer": r"^# Revenue.*\n",
    "supabase_agent": r'"success": ?true.*"type": ?"analysis"',
    "mcp": r'"result".*untrusted-data-.*revenue',
}


def read_me(folder: str) -> str:
    return (ROOT / "functions" / folder / "README.md").read_text(encoding="utf-8")


def test_every_function_folder_with_a_package_has_a_readme() -> None:
    packages = {file.parent.parent.name for file in (ROOT / "functions").glob("*/*/__init__.py")}
    assert packages >= AGENTS
    assert {file.parent.name for file in (ROOT / "functions").glob("*/README.md")} == packages


@pytest.mark.parametrize("folder", sorted(AGENTS))
def test_the_readmes_command_works_on_the_running_stack(folder: str, stack: Stack) -> None:
    [command] = re.findall(r"^```sh\n(.*?)^```", read_me(folder), re.MULTILINE | re.DOTALL)
    packages = [".", "layers/baton", f"functions/{folder}"]
    environment = {**os.environ, **stack.env, "PYTHONPATH": os.pathsep.join(str(ROOT / path) for path in packages)}
    script = command.replace(".venv/bin/python", f'"{sys.executable}"')
    run = subprocess.run(["sh", "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert re.search(ANSWERS[folder], run.stdout, re.DOTALL), run.stdout


@pytest.mark.parametrize("folder", sorted(AGENTS))
def test_the_readmes_settings_are_those_of_the_template(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    parameters = {"AuthIssuer": "https://issuer.example/auth/v1"}
    deployed = read_template(
        ROOT / "template.yaml", stack_name="baton", parameters=parameters, api_url="https://api.example"
    )
    [function] = [one for one in deployed.functions if one.folder == ROOT / "functions" / folder]
    named = set(re.findall(r"`(BATON_\w+)`", read_me(folder)))
    assert named == {name for name in function.environment if name.startswith("BATON_")}


@pytest.mark.parametrize("folder", sorted(AGENTS))
def test_the_readmes_links_lead_to_existing_files(folder: str) -> None:
    here = ROOT / "functions" / folder
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)]+)\)", read_me(folder))]
    assert links
    assert [link for link in links if not Path(here / link).exists()] == []
