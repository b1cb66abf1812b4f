"""The import rules of ARCHITECTURE.md, and what every function's folder looks like."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from baton import bootstrap
from baton.api import functions
from local.checkout import ROOT

LAYER = ROOT / "layers" / "baton"

# What each part of the package may import of the package. A part is a module or a folder directly below baton/.
PURE = {
    "definition", "expressions", "templating", "parameters", "plan", "compiler", "model", "outbox",
    "merge", "storable", "suggestions", "exact_json", "errors", "stored", "service_token", "events",
    "delivery", "clients", "ids", "words",
}  # fmt: skip
MAY_IMPORT = {
    **dict.fromkeys(PURE, PURE),
    "yaml_source": PURE,
    "catalog": {*PURE, "yaml_source"},
    "library_sources": {*PURE, "yaml_source", "ports", "agents.address_guard"},
    "machines": PURE,
    "ports": {*PURE, "ports"},
    "usecases": {*PURE, "ports", "usecases", "agents.contract"},
    "api": {*PURE, "ports", "usecases", "api"},
    # Adapters know the ports that they stand behind, and nothing of one another.
    **{adapter: {*PURE, "ports", adapter} for adapter in ("store", "agents", "engine", "bus", "approval_client")},
    "config": PURE,
}  # adapters and bootstrap, which wire the parts together, may import them all

# What a part may name in annotations beside that: a use case is given the one class that keeps its part of the record.
MAY_NAME = {"usecases": {"store", "library_sources"}, "api": {"store"}}

# Packages from outside, and the only places that may import them.
HOMES = {
    "psycopg": {
        "layers/baton/baton/store",
        "functions/mcp/kpi_mcp",  # a login of its own, which runs statements that an agent wrote
        "cli",  # `baton kpi import` and `baton token` work on a database, not through the API
        "local",
    },
    "yaml": {"layers/baton/baton/yaml_source.py", "local"},
    "boto3": {
        "layers/baton/baton",
        "local",
        "functions",
        "cli/db.py",  # puts passwords where a stack's functions read them
    },
    "aws_lambda_powertools": {"layers/baton/baton", "functions", "local"},
    "mcp": {"functions/mcp"},
    "moto": {"local"},
    "samtranslator": {"local"},
}
IMPURE = {
    "boto3", "botocore", "psycopg", "yaml", "aws_lambda_powertools", "os", "socket", "subprocess", "urllib", "http",
}  # fmt: skip


@dataclass(frozen=True)
class Import:
    """One imported module, as a dotted name; ``from a import b`` counts as ``a.b``."""

    file: Path
    line: int
    module: str
    in_annotations: bool = False

    def __str__(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line} imports {self.module}"

    def within(self, *modules: str) -> bool:
        return any(self.module == module or self.module.startswith(f"{module}.") for module in modules)


def sources(*folders: str) -> list[Path]:
    return sorted(file for folder in folders for file in (ROOT / folder).rglob("*.py"))


def imports(file: Path) -> Iterator[Import]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    annotating = {id(inner) for node in ast.walk(tree) if is_for_types(node) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (Import(file, node.lineno, alias.name, id(node) in annotating) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = node.module or ""
            if node.level:
                here = file.relative_to(LAYER).parent.parts
                package = ".".join([*here[: len(here) - node.level + 1], *filter(None, [package])])
            names = (f"{package}.{alias.name}" for alias in node.names)
            yield from (Import(file, node.lineno, name, id(node) in annotating) for name in names)


def is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def part_of(file: Path) -> str:
    return file.relative_to(LAYER / "baton").parts[0].removesuffix(".py")


def layer_files() -> list[Path]:
    return [
        file for file in sources("layers/baton/baton") if part_of(file) not in ("adapters", "bootstrap", "__init__")
    ]


def may_import(file: Path, found: Import) -> set[str]:
    part = part_of(file)
    return MAY_IMPORT[part] | (MAY_NAME.get(part, set()) if found.in_annotations else set())


def test_every_part_of_the_package_has_its_rule() -> None:
    assert {part_of(file) for file in layer_files()} <= MAY_IMPORT.keys()


def test_imports_inside_the_package_point_one_way() -> None:
    wrong = [
        str(found)
        for file in layer_files()
        for found in imports(file)
        if found.within("baton") and not found.within(*(f"baton.{name}" for name in may_import(file, found)))
    ]
    assert wrong == []


def test_pure_modules_touch_nothing_outside_the_process() -> None:
    wrong = [
        str(found)
        for file in layer_files()
        if part_of(file) in PURE
        for found in imports(file)
        if found.within(*IMPURE)
    ]
    assert wrong == []


@pytest.mark.parametrize("package", HOMES)
def test_a_package_from_outside_is_imported_in_its_homes_only(package: str) -> None:
    homes = [ROOT / home for home in HOMES[package]]
    wrong = [
        str(found)
        for file in sources("layers", "functions", "cli", "local")
        if not any(file.is_relative_to(home) for home in homes)
        for found in imports(file)
        if found.within(package)
    ]
    assert wrong == []


def test_what_is_deployed_imports_nothing_of_the_laptop() -> None:
    wrong = [
        str(found)
        for file in sources("layers", "functions")
        for found in imports(file)
        if found.within("cli", "local", "tests")
    ]
    assert wrong == []


def test_the_layer_reads_the_environment_in_bootstrap_alone() -> None:
    wrong = [
        str(found)
        for file in layer_files()
        for found in imports(file)
        if found.within("os.environ", "os.getenv", "os.environb")
    ]
    wrong += [
        f"{file.relative_to(ROOT)}:{node.lineno} reads os.{node.attr}"
        for file in layer_files()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr in ("environ", "getenv", "environb")
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
    ]
    assert wrong == []


@pytest.mark.parametrize("folder", sorted((ROOT / "functions").glob("*/")), ids=lambda folder: folder.name)
def test_a_handler_is_called_handler_and_fits_in_forty_lines(folder: Path) -> None:
    text = (folder / "app.py").read_text(encoding="utf-8")
    handlers = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef) and node.name == "handler"]
    assert [argument.arg for handler in handlers for argument in handler.args.args] == ["event", "context"]
    assert len(text.splitlines()) <= 40


def test_every_handler_whose_function_has_an_outbox_waits_for_its_deliveries() -> None:
    """Whatever is still under way when a handler returns, Lambda freezes with its environment."""
    parts = {**vars(functions), **vars(bootstrap)}
    wired = {
        name.removesuffix("_function"): parts.get(str(inspect.signature(function).return_annotation))
        for name, function in vars(bootstrap).items()
        if name.endswith("_function")
    }
    ordering = {name for name, wired_as in wired.items() if "outbox" in getattr(wired_as, "__dataclass_fields__", {})}
    waiting = {
        file.parent.name
        for file in (ROOT / "functions").glob("*/app.py")
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name == "handler"
        if any(ast.unparse(decorator).endswith(".outbox.delivers") for decorator in node.decorator_list)
    }
    assert ordering == waiting
    assert waiting == {"api", "approval", "checkpoint", "gate", "reconcile", "relay", "step"}


@pytest.mark.parametrize("folder", sorted((ROOT / "functions").glob("*/")), ids=lambda folder: folder.name)
def test_the_names_in_a_functions_folder_are_no_other_functions(folder: Path) -> None:
    """Locally every handler runs in one process, so only ``app`` may be there twice."""
    names = {path.stem for path in folder.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    others = {
        path.stem for other in (ROOT / "functions").glob("*/") if other != folder for path in other.iterdir()
    } | set(sys.stdlib_module_names)
    assert names & others <= {"app"}


def test_the_api_starts_without_what_only_publishing_needs() -> None:
    """Reading YAML and compiling take long to import, and hardly a call needs them."""
    parts = "baton.bootstrap, baton.api.routes, baton.store.reads, baton.store.runs, baton.usecases.library"
    needless = ("yaml", "baton.definition", "baton.compiler", "baton.library_sources", "baton.machines")
    program = f"import sys, {parts}; print([name for name in {needless} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
