"""Every line of docs/mission.md names an existing test."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TABLE = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs" / "mission.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("|") and not line.startswith(("| what the mission asks ", "|---"))
]
ASKED = [(line, test) for line, test in TABLE if not line.startswith("**")]


@cache
def names_of_tests(path: str) -> frozenset[str]:
    """The names of the test functions of a file, also of those in classes."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


@pytest.mark.parametrize(("line", "test"), ASKED)
def test_a_line_of_the_mission_names_an_existing_test(line: str, test: str) -> None:
    match = re.fullmatch(r"`(tests/[\w/]+\.py)::(test_\w+)`", test)
    assert match, f"{line!r} names no test, but {test!r}"
    path, name = match.groups()
    assert (ROOT / path).is_file(), f"there is no {path}"
    assert name in names_of_tests(path), f"{path} has no {name}"


def test_the_table_is_read() -> None:
    assert len(ASKED) > 30
