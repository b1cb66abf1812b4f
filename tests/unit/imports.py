"""The Python files of this checkout, and what each imports. Nothing is executed: files are read."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cli.checkout import ROOT

FUNCTIONS = sorted((ROOT / "functions").glob("*/"))
LAYERS = sorted((ROOT / "layers").glob("*/"))
TOP = ("cli", "local", "bench", "tests")  # packages at the root of the checkout


@dataclass(frozen=True)
class Import:
    """One imported name, dotted; ``from a import b`` is ``a.b``, where ``b`` may be no module. ``is_for_types``: only a
    type checker imports it."""

    file: Path
    line: int
    module: str
    is_for_types: bool = False

    def __str__(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line} imports {self.module}"

    def within(self, *modules: str) -> bool:
        return any(is_within(self.module, module) for module in modules)


def is_within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def sources(*folders: str) -> list[Path]:
    return sorted(file for folder in folders for file in (ROOT / folder).rglob("*.py"))


def imports(file: Path) -> Iterator[Import]:
    """All of them, wherever they stand: in functions, and under TYPE_CHECKING."""
    for_types = _lines_for_types(file)
    for node in ast.walk(_parsed(file)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            package = ""
            if isinstance(node, ast.ImportFrom):
                package = ".".join([*_package_of(file, node.level), *filter(None, [node.module])]) + "."
            for alias in node.names:
                yield Import(file, node.lineno, f"{package}{alias.name}", node.lineno in for_types)


def _package_of(file: Path, level: int) -> tuple[str, ...]:
    """Where a relative import begins: one dot is the file's own package. Nothing, of an absolute one."""
    root = next(folder for folder in (*LAYERS, *FUNCTIONS, ROOT) if file.is_relative_to(folder)) if level else file
    parts = file.relative_to(root).parts
    return parts[: len(parts) - level]


def imports_at_run_time(file: Path) -> Iterator[Import]:
    """Without what only a type checker imports."""
    return (found for found in imports(file) if not found.is_for_types)


def _lines_for_types(file: Path) -> set[int]:
    return {
        inner.lineno
        for node in ast.walk(_parsed(file))
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        for statement in node.body
        for inner in ast.walk(statement)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    }


@cache
def _parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def modules(root: Path, *packages: str) -> dict[str, Path]:
    """Module → file, of everything below ``root``, or of these packages there."""
    folders = [root / package for package in packages] or [root]
    return {_module(file, root): file for folder in folders for file in sorted(folder.rglob("*.py"))}


def _module(file: Path, root: Path) -> str:
    parts = file.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def layer_modules() -> dict[str, Path]:
    """Of the layer that every function carries."""
    return modules(ROOT / "layers" / "baton")


def reached(start: str, known: Mapping[str, Path]) -> set[str]:
    """The modules of ``known`` that ``start`` imports when it runs, itself or through others, sooner or later."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        module = waiting.pop()
        for name in _with_packages(module):
            if name in known and name not in found:
                found.add(name)
                waiting += [one.module for one in imports_at_run_time(known[name])]
    return found


def _with_packages(module: str) -> Iterable[str]:
    """``a.b.c`` executes ``a`` and ``a.b`` first."""
    parts = module.split(".")
    return (".".join(parts[:length]) for length in range(1, len(parts) + 1))
