"""The pinned requirement files belong to their .in files, and install the same everywhere."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

from local.checkout import ROOT

FOLDER = ROOT / "requirements"
NAMES = ["runtime", "mcp", "local", "dev", "sam"]


@dataclass(frozen=True)
class Pin:
    version: str
    marker: str
    hashes: frozenset[str]


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def wanted(name: str) -> dict[str, str]:
    """Package → version rule ("" when any will do) of an .in file and those that it includes."""
    found: dict[str, str] = {}
    for line in (FOLDER / f"{name}.in").read_text(encoding="utf-8").splitlines():
        requirement = line.partition("#")[0].strip()
        if included := re.fullmatch(r"-r (\w+)\.in", requirement):
            found |= wanted(included[1])
        elif match := re.fullmatch(r"(\w[\w.-]*)(?:\[[\w,-]+\])?(.*)", requirement):
            found[canonical(match[1])] = match[2].strip()
    return found


def pinned(name: str) -> dict[str, Pin]:
    """Package → what a .txt file says of it."""
    text = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    found = {}
    for line in lines:
        match = re.match(r"([\w.-]+)(?:\[[^]]*\])?==(\S+)\s*(?:;(.*?))?(?=--hash|$)", line)
        assert match, f"{name}.txt: {line[:60]} is not an exact pin"
        found[canonical(match[1])] = Pin(
            match[2], (match[3] or "").strip(), frozenset(re.findall(r"--hash=sha256:(\w+)", line))
        )
    return found


@pytest.mark.parametrize("name", NAMES)
def test_whatever_is_asked_for_is_pinned_with_hashes(name: str) -> None:
    pins = pinned(name)
    assert wanted(name).keys() <= pins.keys()
    assert [package for package, pin in pins.items() if not pin.hashes] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_version_that_is_asked_for_is_the_one_pinned(name: str) -> None:
    pins = pinned(name)
    exact = {package: rule.removeprefix("==") for package, rule in wanted(name).items() if rule.startswith("==")}
    assert {package: pins[package].version for package in exact} == exact


@pytest.mark.parametrize("name", NAMES)
def test_no_registry_is_named(name: str) -> None:
    for suffix in ("in", "txt"):
        assert not re.search(r"https?://|--(extra-)?index-url|--find-links", (FOLDER / f"{name}.{suffix}").read_text())


@pytest.mark.parametrize("name", ["runtime", "mcp"])
def test_a_checkout_runs_the_versions_that_are_deployed(name: str) -> None:
    checkout = pinned("local")
    assert {package: checkout[package].version for package in pinned(name)} == {
        package: pin.version for package, pin in pinned(name).items()
    }


def test_tests_and_checks_run_with_the_packages_that_serve_and_more() -> None:
    """Both files are installed into one environment, in any order."""
    assert pinned("local").items() <= pinned("dev").items()


def imported(node: ast.AST) -> Iterator[str]:
    """Top-level names of the modules that this imports when it runs, without those for the type checker."""
    if isinstance(node, ast.Import):
        yield from (alias.name.partition(".")[0] for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield node.module.partition(".")[0]
    elif not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
        for child in ast.iter_child_nodes(node):
            yield from imported(child)


def test_what_serves_imports_no_package_of_tests_and_checks() -> None:
    files = [file for folder in ("cli", "local", "layers", "functions") for file in (ROOT / folder).rglob("*.py")]
    modules = {module for file in files for module in imported(ast.parse(file.read_bytes()))}
    packages = packages_distributions()
    needed = {canonical(name): module for module in modules & packages.keys() for name in packages[module]}
    assert "rich" in needed
    assert [module for name, module in needed.items() if name not in pinned("local")] == []


@pytest.mark.parametrize("name", ["runtime", "mcp"])
def test_a_layer_holds_the_same_whatever_python_builds_it(name: str) -> None:
    """pip reads markers for the Python that it runs on, not for the one that it installs for."""
    markers = {package: pin.marker for package, pin in pinned(name).items() if "emscripten" not in pin.marker}
    assert [package for package, marker in markers.items() if re.search(r"python_(full_)?version", marker)] == []


def npm_packages() -> dict[str, Any]:
    """Package → what the lock file of Supabase's command line says of it."""
    lock = json.loads((FOLDER / "supabase" / "package-lock.json").read_text(encoding="utf-8"))
    found: dict[str, Any] = lock["packages"]
    return {name.removeprefix("node_modules/"): entry for name, entry in found.items() if name}


def test_supabases_command_line_is_pinned_for_every_platform_that_it_is_made_for() -> None:
    packages = npm_packages()
    asked = json.loads((FOLDER / "supabase" / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    assert {name: packages[name]["version"] for name in asked} == asked
    programs: dict[str, str] = packages["supabase"]["optionalDependencies"]
    assert {name: packages[name]["version"] for name in programs} == programs
    assert [name for name, entry in packages.items() if "optional" not in entry and "integrity" not in entry] == []


def test_no_npm_registry_is_named_and_no_package_runs_a_script() -> None:
    assert not [name for name, entry in npm_packages().items() if entry.keys() & {"resolved", "hasInstallScript"}]


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
