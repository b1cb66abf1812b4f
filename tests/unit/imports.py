"""The Python files of this checkout and their imports. The files are parsed, not executed."""

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
    """One imported name with dots: ``from a import b`` is ``a.b``, where ``b`` need not be a module. ``is_for_types``:
    only a type checker imports it."""

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


@cache
def imports(file: Path) -> tuple[Import, ...]:
    """All imports of a file, also those in functions and under TYPE_CHECKING."""
    return tuple(_imports(file, ast.parse(file.read_text(encoding="utf-8"))))


def _imports(file: Path, tree: ast.Module) -> Iterator[Import]:
    for_types = _lines_for_types(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            package = ""
            if isinstance(node, ast.ImportFrom):
                package = ".".join([*_package_of(file, node.level), *filter(None, [node.module])]) + "."
            for alias in node.names:
                yield Import(file, node.lineno, f"{package}{alias.name}", node.lineno in for_types)


def _package_of(file: Path, level: int) -> tuple[str, ...]:
    """The package at which a relative import begins: one dot is the file's own. Empty for an absolute import."""
    root = next(folder for folder in (*LAYERS, *FUNCTIONS, ROOT) if file.is_relative_to(folder)) if level else file
    parts = file.relative_to(root).parts
    return parts[: len(parts) - level]


def imports_at_run_time(file: Path) -> Iterator[Import]:
    """The imports of a file without those for the type checker."""
    return (found for found in imports(file) if not found.is_for_types)


def _lines_for_types(tree: ast.Module) -> set[int]:
    return {
        inner.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        for statement in node.body
        for inner in ast.walk(statement)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    }


def modules(root: Path, *packages: str) -> dict[str, Path]:
    """Module → file, of all packages below ``root``, or only of ``packages``."""
    folders = [root / package for package in packages] or [root]
    return {_module(file, root): file for folder in folders for file in sorted(folder.rglob("*.py"))}


def _module(file: Path, root: Path) -> str:
    parts = file.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def layer_modules() -> dict[str, Path]:
    """The modules of the layer of every function."""
    return modules(ROOT / "layers" / "baton")


def reached(start: str, known: Mapping[str, Path]) -> set[str]:
    """The modules of ``known`` that ``start`` imports at run time, directly or through others."""
    result: set[str] = set()
    queue = [start]
    while queue:
        module = queue.pop()
        for name in _with_packages(module):
            if name in known and name not in result:
                result.add(name)
                queue += [one.module for one in imports_at_run_time(known[name])]
    return result


def _with_packages(module: str) -> Iterable[str]:
    """The module and its packages: importing ``a.b.c`` also executes ``a`` and ``a.b``."""
    parts = module.split(".")
    return (".".join(parts[:length]) for length in range(1, len(parts) + 1))
