"""``pip install ./layers/client`` in an environment without other parts of Baton."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cli.checkout import ROOT

PROGRAM = """
import importlib.metadata, importlib.util, baton_client
print(importlib.metadata.version("baton-client") == baton_client.__version__)
print(importlib.util.find_spec("baton"))
try:
    baton_client.Client("http://127.0.0.1:1", "t", retry_policy=baton_client.RetryPolicy(0)).health()
except baton_client.Unreachable:
    print("unreachable")
"""


@pytest.fixture
def python(tmp_path: Path) -> str:
    """The Python of a new environment."""
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    return str(tmp_path / "venv" / "bin" / "python")


def test_the_client_installs_alone_with_its_types(python: str, tmp_path: Path) -> None:
    def run(*arguments: str) -> str:
        result = subprocess.run([python, "-I", *arguments], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr
        return result.stdout

    run("-m", "pip", "install", "--quiet", str(ROOT / "layers" / "client"))
    assert run("-c", PROGRAM).split() == ["True", "None", "unreachable"]
    files = run("-m", "pip", "show", "--files", "baton-client")
    assert "baton_client/py.typed" in files
