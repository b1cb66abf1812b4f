"""The import rules in the table of ARCHITECTURE.md, and the form of every function's folder."""

from __future__ import annotations

import ast
import fnmatch
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from baton import bootstrap
from baton.api import functions
from cli.checkout import ROOT
from tests.unit.imports import FUNCTIONS, LAYERS, TOP, Import, imports, is_within, modules, sources


@dataclass(frozen=True)
class Rule:
    """A part may import itself, pure parts (with ``may_import_pure``), and modules within ``named`` (None: all). Its
    annotations may also name modules within ``annotated``."""

    pure: bool
    may_import_pure: bool
    named: tuple[str, ...] | None
    annotated: tuple[str, ...] = ()


def read_rules() -> dict[str, Rule]:
    """Part → its rule in the table of ARCHITECTURE.md."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rules = {}
    for line in text.partition("| part | what | may import |")[2].partition("\n\n")[0].splitlines()[2:]:
        parts, _, allowed = (cell.strip() for cell in line.strip("| ").split(" | "))
        allowed, _, annotated = allowed.partition("; in annotations ")
        named = None if allowed == "everything" else names(allowed)
        for part in names(parts):
            rules[part] = Rule(allowed == "*pure*", "pure" in allowed, named, names(annotated))
    return rules


def names(cell: str) -> tuple[str, ...]:
    return tuple(re.findall("`([^`]+)`", cell))


def read_modules() -> dict[str, Path]:
    """Module → file, of the whole tree. The key of a handler (all are called ``app``) or an example is its path."""
    files = modules(ROOT, *TOP)
    for folder in (*LAYERS, *FUNCTIONS):
        files |= {module: file for module, file in modules(folder).items() if module != "app"}
    programs = [*(folder / "app.py" for folder in FUNCTIONS), *sources("examples")]
    return files | {str(file.relative_to(ROOT)): file for file in programs}


RULES = read_rules()
MODULES = read_modules()
FIRST_PARTY = {module.partition(".")[0] for module in MODULES}


@cache
def part_of(module: str) -> str | None:
    """The narrowest part of the table to which a module, or a name in one, belongs."""
    if "/" in module:
        return next((part for part in RULES if fnmatch.fnmatch(module, part)), None)
    parts = [part for part in RULES if part != "baton" and is_within(module, part)]
    if not parts and module.partition(".")[0] == "baton" and ".".join(module.split(".")[:2]) not in MODULES:
        return "baton"  # a name of the package itself
    return max(parts, key=len, default="baton" if module == "baton" else None)


def allows(rule: Rule, part: str, imported: Import) -> bool:
    """Whether a module with ``rule`` may make the import, whose target belongs to ``part``."""
    if rule.named is None or (rule.may_import_pure and RULES[part].pure):
        return True
    return imported.within(*rule.named, *(rule.annotated if imported.is_for_types else ()))


def crossings() -> Iterator[tuple[str, str | None, Import]]:
    """Every import of one part by another: the importing part, the imported part, the import."""
    for module, file in MODULES.items():
        for found in imports(file):
            if found.module.partition(".")[0] in FIRST_PARTY:
                importer, imported = part_of(module), part_of(found.module)
                if importer is not None and importer != imported:
                    yield importer, imported, found


def files_of(*parts: str) -> list[Path]:
    return [file for module, file in MODULES.items() if part_of(module) in parts]


# External packages, and the only places that may import them.
HOMES = {
    "psycopg": {
        "layers/baton/baton/store",
        "layers/baton/baton/connection.py",
        "functions/mcp/kpi_mcp",  # runs an agent's statements with its own login
        "cli",  # `baton kpi import` and `baton token` work on a database, not through the API
        "local",
    },
    "yaml": {"layers/baton/baton/yaml_source.py", "local"},
    "boto3": {
        "layers/baton/baton",
        "local",
        "functions",
        "cli/db.py",
        "cli/doctor.py",  # stores passwords in a stack's secrets
    },
    "aws_lambda_powertools": {"layers/baton/baton", "functions", "local"},
    "httpx": {"layers/client/baton_client"},
    "httpx_sse": {"layers/client/baton_client"},
    "tenacity": {"layers/client/baton_client"},
    "mcp": {"functions/mcp"},
    "moto": {"local"},
    "samtranslator": {"local"},
}
IMPURE = {
    "boto3", "botocore", "psycopg", "yaml", "aws_lambda_powertools", "os", "socket", "subprocess", "urllib", "http",
}  # fmt: skip


def test_every_python_file_belongs_to_a_part_of_the_table() -> None:
    known = {*MODULES.values()}
    tree = [file for folder in ROOT.glob("[!.]*/") for file in folder.rglob("*.py")]
    assert [str(file) for file in tree if file not in known] == []
    assert [module for module in MODULES if part_of(module) is None] == []


def test_every_part_of_the_table_has_a_file() -> None:
    assert RULES.keys() - {part_of(module) for module in MODULES} == set()


def test_the_table_allows_every_import() -> None:
    wrong = [
        f"{found}: ARCHITECTURE.md does not let {importer} import {imported}"
        for importer, imported, found in crossings()
        if imported is None or not allows(RULES[importer], imported, found)
    ]
    assert wrong == []


def test_every_import_that_the_table_allows_is_used() -> None:
    needed = {
        (importer, name)
        for importer, _, found in crossings()
        for name in (*(RULES[importer].named or ()), *RULES[importer].annotated)
        if found.within(name)
    }
    allowed = {(part, name) for part, rule in RULES.items() for name in (*(rule.named or ()), *rule.annotated)}
    assert allowed - needed == set()


def test_pure_modules_touch_nothing_outside_the_process() -> None:
    wrong = [
        str(found)
        for file in files_of(*(part for part, rule in RULES.items() if rule.pure))
        for found in imports(file)
        if found.within(*IMPURE)
    ]
    assert wrong == []


@pytest.mark.parametrize("package", HOMES)
def test_an_external_package_is_imported_only_in_its_homes(package: str) -> None:
    homes = [ROOT / home for home in HOMES[package]]
    wrong = [
        str(found)
        for file in sources("layers", "functions", "cli", "local")
        if not any(file.is_relative_to(home) for home in homes)
        for found in imports(file)
        if found.within(package)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("folders", "unknown"),
    [
        (("layers", "functions"), ("cli", "local", "bench", "tests")),  # deployed code
        (("cli",), ("local", "bench", "tests")),  # the installed command
        (("local",), ("bench", "tests")),
    ],
    ids=["deployed", "installed", "local"],
)
def test_shipped_code_imports_nothing_that_is_not_shipped(folders: tuple[str, ...], unknown: tuple[str, ...]) -> None:
    wrong = [str(found) for file in sources(*folders) for found in imports(file) if found.within(*unknown)]
    assert wrong == []


def test_the_command_calls_the_api_only_through_the_client() -> None:
    urls = ("urllib.request", "http.client", "requests")
    wrong = [str(found) for file in sources("cli") for found in imports(file) if found.within(*urls)]
    assert wrong == []


def read_nouns() -> dict[str, list[str]]:
    """Folder → the files of nouns in it, by the second table of ARCHITECTURE.md."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    header, _, *rows = text.partition("## The nouns")[2].partition("\n|")[2].partition("\n\n")[0].splitlines()
    folders = [names(cell)[0] for cell in header.split("|")[1:-1]]
    cells = [row.strip("|").split("|")[1:] for row in rows]
    return {folder: [name for row in cells for name in names(row[at])] for at, folder in enumerate(folders)}


HOUSES = {"cli/": ROOT / "cli", "baton_client/": ROOT / "layers" / "client" / "baton_client"}
OF_NO_NOUN = {
    "usecases/": {
        "acting_organization",
        "administration",
        "attempt",
        "modifications",
        "refusals",
        "reviews",
        "settlement",
    },
    "ports/": {"outside", "reads"},
    "store/": {"database", "functions", "sql"},
}


@pytest.mark.parametrize("folder", read_nouns())
def test_a_noun_has_one_name_on_every_floor(folder: str) -> None:
    """The table names files that are there and, but in ``cli`` and the client, which have more, all of them."""
    house = HOUSES.get(folder, ROOT / "layers" / "baton" / "baton" / folder)
    there = {file.stem for file in house.glob("*.py")} - {"__init__"}
    named = set(read_nouns()[folder])
    assert named <= there
    if folder not in HOUSES:
        assert there - named == OF_NO_NOUN.get(folder, set())


def layer_files() -> list[Path]:
    return [file for module, file in MODULES.items() if is_within(module, "baton") and module != "baton.bootstrap"]


def test_only_bootstrap_reads_the_environment() -> None:
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


@pytest.mark.parametrize("folder", FUNCTIONS, ids=lambda folder: folder.name)
def test_a_handler_is_called_handler_and_fits_in_forty_lines(folder: Path) -> None:
    text = (folder / "app.py").read_text(encoding="utf-8")
    handlers = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef) and node.name == "handler"]
    assert [argument.arg for handler in handlers for argument in handler.args.args] == ["event", "context"]
    assert len(text.splitlines()) <= 40


def test_every_handler_of_a_function_with_an_outbox_waits_for_its_deliveries() -> None:
    """Lambda freezes the environment, and with it every open delivery, when a handler returns."""
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
    assert waiting == {"api", "approval", "checkpoint", "gate", "launch", "reconcile", "relay", "step"}


@pytest.mark.parametrize("folder", FUNCTIONS, ids=lambda folder: folder.name)
def test_the_modules_of_a_functions_folder_have_unique_names(folder: Path) -> None:
    """On the local stack, all handlers run in one process, so only the name ``app`` may be repeated."""
    names = {path.stem for path in folder.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    others = {
        path.stem for other in (ROOT / "functions").glob("*/") if other != folder for path in other.iterdir()
    } | set(sys.stdlib_module_names)
    assert names & others <= {"app"}


def test_the_api_starts_without_the_modules_that_only_publishing_needs() -> None:
    """The modules for YAML and the compiler take long to import, and few calls need them."""
    parts = "baton.bootstrap, baton.api.routes, baton.store.reads, baton.store.runs, baton.usecases.library"
    unneeded = ("yaml", "baton.definition", "baton.compiler", "baton.library_sources", "baton.machines")
    program = f"import sys, {parts}; print([name for name in {unneeded} if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
