"""The pinned requirement files match their .in files, and install the same packages everywhere."""

from __future__ import annotations

import ast
import json
import platform
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

from cli.checkout import ROOT

FOLDER = ROOT / "requirements"
NAMES = ["runtime", "mcp", "local", "dev", "sam", "bench-peers"]


@dataclass(frozen=True)
class Pin:
    version: str
    marker: str
    hashes: frozenset[str]


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def requirements_of(name: str) -> dict[str, str]:
    """Package → version rule ("" for any version) of an .in file and its included files."""
    rules: dict[str, str] = {}
    for line in (FOLDER / f"{name}.in").read_text(encoding="utf-8").splitlines():
        requirement = line.partition("#")[0].strip()
        if included := re.fullmatch(r"-r (\w+)\.in", requirement):
            rules |= requirements_of(included[1])
        elif match := re.fullmatch(r"(\w[\w.-]*)(?:\[[\w,-]+\])?(.*)", requirement):
            rules[canonical(match[1])] = match[2].strip()
    return rules


def pins_of(name: str) -> dict[str, Pin]:
    """Package → its pin in a .txt file."""
    text = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    pins = {}
    for line in lines:
        match = re.match(r"([\w.-]+)(?:\[[^]]*\])?==(\S+)\s*(?:;(.*?))?(?=--hash|$)", line)
        assert match, f"{name}.txt: {line[:60]} is not an exact pin"
        pins[canonical(match[1])] = Pin(
            match[2], (match[3] or "").strip(), frozenset(re.findall(r"--hash=sha256:(\w+)", line))
        )
    return pins


@pytest.mark.parametrize("name", NAMES)
def test_every_requirement_is_pinned_with_hashes(name: str) -> None:
    pins = pins_of(name)
    assert requirements_of(name).keys() <= pins.keys()
    assert [package for package, pin in pins.items() if not pin.hashes] == []


@pytest.mark.parametrize("name", NAMES)
def test_an_exact_version_of_an_in_file_is_pinned(name: str) -> None:
    pins = pins_of(name)
    exact = {
        package: rule.removeprefix("==") for package, rule in requirements_of(name).items() if rule.startswith("==")
    }
    assert {package: pins[package].version for package in exact} == exact


@pytest.mark.parametrize("name", NAMES)
def test_no_registry_is_named(name: str) -> None:
    for suffix in ("in", "txt"):
        assert not re.search(r"https?://|--(extra-)?index-url|--find-links", (FOLDER / f"{name}.{suffix}").read_text())


@pytest.mark.parametrize("name", ["runtime", "mcp"])
def test_a_checkout_runs_the_versions_that_are_deployed(name: str) -> None:
    checkout = pins_of("local")
    assert {package: checkout[package].version for package in pins_of(name)} == {
        package: pin.version for package, pin in pins_of(name).items()
    }


def test_the_dev_pins_include_the_local_pins() -> None:
    """Both files are installed into one environment, in any order."""
    assert pins_of("local").items() <= pins_of("dev").items()


def imports_of(node: ast.AST) -> Iterator[str]:
    """Top-level names of the modules that this node imports at run time, without those for the type checker."""
    if isinstance(node, ast.Import):
        yield from (alias.name.partition(".")[0] for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield node.module.partition(".")[0]
    elif not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
        for child in ast.iter_child_nodes(node):
            yield from imports_of(child)


def test_deployed_and_local_code_imports_no_package_of_tests_and_checks() -> None:
    files = [file for folder in ("cli", "local", "layers", "functions") for file in (ROOT / folder).rglob("*.py")]
    modules = {module for file in files for module in imports_of(ast.parse(file.read_bytes()))}
    packages = packages_distributions()
    needed = {canonical(name): module for module in modules & packages.keys() for name in packages[module]}
    assert "rich" in needed
    assert [module for name, module in needed.items() if name not in pins_of("local")] == []


@pytest.mark.parametrize("name", ["runtime", "mcp"])
def test_a_layers_packages_do_not_depend_on_the_python_that_builds_it(name: str) -> None:
    """pip reads markers for its own Python, not for the Python of the target."""
    markers = {package: pin.marker for package, pin in pins_of(name).items() if "emscripten" not in pin.marker}
    assert [package for package, marker in markers.items() if re.search(r"python_(full_)?version", marker)] == []


NPM = {name: FOLDER.parent / name for name in ("requirements/supabase", "examples/webhook-receiver")}


def npm_packages(name: str) -> dict[str, Any]:
    """Package → its entry in the lock file of the folder."""
    lock = json.loads((NPM[name] / "package-lock.json").read_text(encoding="utf-8"))
    packages: dict[str, Any] = lock["packages"]
    return {name.removeprefix("node_modules/"): entry for name, entry in packages.items() if name}


@pytest.mark.parametrize("name", NPM)
def test_npm_packages_are_pinned(name: str) -> None:
    packages = npm_packages(name)
    package = json.loads((NPM[name] / "package.json").read_text(encoding="utf-8"))
    required = {**package.get("dependencies", {}), **package["devDependencies"]}
    assert {one: packages[one]["version"] for one in required} == required
    assert [one for one, entry in packages.items() if "optional" not in entry and "integrity" not in entry] == []


def test_supabases_command_line_is_pinned_for_all_of_its_platforms() -> None:
    packages = npm_packages("requirements/supabase")
    programs: dict[str, str] = packages["supabase"]["optionalDependencies"]
    assert {name: packages[name]["version"] for name in programs} == programs


@pytest.mark.parametrize("name", NPM)
def test_no_npm_registry_is_named_and_no_package_runs_a_script(name: str) -> None:
    assert not [one for one, entry in npm_packages(name).items() if entry.keys() & {"resolved", "hasInstallScript"}]


def test_without_node_one_line_says_what_is_missing(tmp_path: Path) -> None:
    ran = subprocess.run(
        ["/bin/sh", str(FOLDER / "npm.sh"), str(tmp_path / "cli"), str(FOLDER / "supabase")],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert ran.stderr.startswith("Baton: ")
    assert ran.stderr.endswith("node is not installed. Install Node.js 20 or later with npm.\n")
    assert len(ran.stderr.splitlines()) == 1


FAKE_PYTHON = """#!/bin/sh
# Copies itself into an environment. Its pip warns, installs nothing, and fails if there is a file `failing`.
folder={folder}
case "$*" in
    "-m venv --clear "*)
        echo venv >>"$folder/log"
        mkdir -p "$4/bin" "$4/lib/python3/site-packages/pip-1.dist-info"
        touch "$4/lib/python3/site-packages/pip-1.dist-info/INSTALLER"
        cp "$0" "$4/bin/python"
        ;;
    "-m pip --version") ;;
    "-m pip "*)
        echo pip >>"$folder/log"
        echo WARNING >&2
        [ ! -e "$folder/failing" ] || {{ echo "ERROR: no network" >&2; exit 1; }}
        ;;
    *) exec {python} "$@" ;;
esac
"""


class VenvScript:
    """venv.sh in its own directory, with a fake Python that installs nothing."""

    def __init__(self, folder: Path) -> None:
        self.environment = folder / "venv"
        self.pins = folder / "local.txt"
        self.pins.write_text("rich==1\n")
        self.failing = folder / "failing"
        self._log = folder / "log"
        self._script = folder / "venv.sh"
        shutil.copy(FOLDER / "venv.sh", self._script)
        python = folder / "python3"
        python.write_text(FAKE_PYTHON.format(folder=shlex.quote(str(folder)), python=shlex.quote(sys.executable)))
        python.chmod(0o755)

    def start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["/bin/sh", str(self._script), str(self.environment), str(self.pins), "the tools (30 s)"],
            env={"PATH": f"{self._script.parent}:/usr/bin:/bin"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self) -> tuple[int, str, str]:
        process = self.start()
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    def did(self) -> list[str]:
        """The calls of venv and pip since the last call of this method."""
        steps = self._log.read_text().split() if self._log.exists() else []
        self._log.unlink(missing_ok=True)
        return steps


@pytest.fixture
def venv_script(tmp_path: Path) -> VenvScript:
    return VenvScript(tmp_path)


def test_one_line_names_the_environment_and_the_time_that_its_set_up_takes(venv_script: VenvScript) -> None:
    line = f"Setting up {venv_script.environment} with Python {platform.python_version()}: the tools (30 s)\n"
    assert venv_script.run() == (0, line, "")
    assert venv_script.did() == ["venv", "pip"]


def test_an_installed_environment_is_not_changed(venv_script: VenvScript) -> None:
    venv_script.run()
    venv_script.did()
    assert venv_script.run() == (0, "", "")
    assert venv_script.did() == []


def test_changed_pins_are_installed_into_the_same_environment(venv_script: VenvScript) -> None:
    venv_script.run()
    venv_script.did()
    venv_script.pins.write_text("rich==2\n")
    assert venv_script.run() == (0, f"Installing into {venv_script.environment}: the tools (30 s)\n", "")
    assert venv_script.did() == ["pip"]


def test_a_failure_shows_the_reason_that_pip_gives_and_is_tried_again(venv_script: VenvScript) -> None:
    venv_script.failing.touch()
    status, _, err = venv_script.run()
    assert status == 1
    assert err.splitlines()[:2] == ["WARNING", "ERROR: no network"]
    assert err.splitlines()[2].startswith(f"Baton: could not install {venv_script.pins}; the lines above say why")
    venv_script.failing.unlink()
    venv_script.did()
    assert venv_script.run()[0] == 0
    assert venv_script.did() == ["pip"]


def test_an_environment_with_an_incomplete_package_is_created_again(venv_script: VenvScript) -> None:
    venv_script.run()
    (venv_script.environment / "lib" / "python3" / "site-packages" / "rich-1.dist-info").mkdir()
    venv_script.did()
    venv_script.run()
    assert venv_script.did() == ["venv", "pip"]


def test_two_simultaneous_calls_set_an_environment_up_once(venv_script: VenvScript) -> None:
    processes = [venv_script.start() for _ in range(2)]
    assert [process.communicate(timeout=60)[1] for process in processes] == ["", ""]
    assert [process.returncode for process in processes] == [0, 0]
    assert venv_script.did() == ["venv", "pip"]


def test_without_a_python_one_line_says_what_is_missing(tmp_path: Path) -> None:
    ran = subprocess.run(
        ["/bin/sh", str(FOLDER / "venv.sh"), str(tmp_path / "venv"), str(FOLDER / "local.txt"), "the tools"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert ran.stderr.startswith("Baton: needs Python 3.11, 3.12 or 3.13 with venv, but python3 is not installed.")
    assert len(ran.stderr.splitlines()) == 1
