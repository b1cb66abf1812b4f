"""Layers carry bytecode of the functions' Python."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli.authoring import bytecode
from cli.checkout import ROOT

OWN = f"{sys.version_info.major}.{sys.version_info.minor}"
UNCHECKED_HASH = (1).to_bytes(4, "little")  # PEP 552


@pytest.fixture
def layer(tmp_path: Path) -> Path:
    (tmp_path / "python" / "package").mkdir(parents=True)
    (tmp_path / "python" / "package" / "__init__.py").write_text("made = 'compiled by the build'\n")
    return tmp_path


def pycs(layer: Path) -> list[Path]:
    return sorted(layer.rglob("*.pyc"))


def test_everything_is_compiled_and_never_compared_with_its_source(layer: Path) -> None:
    said = bytecode.compile_layer(layer, OWN)
    assert said.startswith("baton: 1 files of this layer were compiled by ")
    (pyc,) = pycs(layer)
    header = pyc.read_bytes()[:8]
    assert header == importlib.util.MAGIC_NUMBER + UNCHECKED_HASH


def test_it_is_used_whatever_the_archive_makes_of_times(layer: Path) -> None:
    bytecode.compile_layer(layer, OWN)
    source = layer / "python" / "package" / "__init__.py"
    source.write_text("made = 'compiled anew'\n")
    os.utime(source, (0, 0))
    ask = "import package; print(package.made)"
    told = subprocess.check_output([sys.executable, "-c", ask], env={"PYTHONPATH": str(layer / "python")}, text=True)
    assert told == "compiled by the build\n"


def test_a_message_says_that_this_machine_lacks_the_python_version(layer: Path) -> None:
    assert "has no bytecode, because this machine has no Python 3.99" in bytecode.compile_layer(layer, "3.99")
    assert pycs(layer) == []


def test_what_cannot_be_compiled_is_named_and_the_rest_is_compiled(layer: Path) -> None:
    (layer / "python" / "package" / "broken.py").write_text("def (:\n")
    assert "broken.py" in bytecode.compile_layer(layer, OWN)
    assert len(pycs(layer)) == 1


def test_it_is_the_python_of_the_functions_for_which_wheels_are_fetched() -> None:
    assert f"--python-version {bytecode.runtime_version()} " in (ROOT / "layers" / "wheels.mk").read_text()


@pytest.mark.parametrize("makefile", sorted((ROOT / "layers").glob("*/Makefile")), ids=lambda file: file.parent.name)
def test_every_layer_is_compiled_last(makefile: Path) -> None:
    assert makefile.read_text().rstrip().endswith("$(bytecode)")
