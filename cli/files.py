"""``baton validate``, ``compile``, ``graph`` and ``check-asl``: they only read files and need no deployment."""

from __future__ import annotations

from pathlib import Path

from baton.compiler import asl_text
from cli.authoring import checker
from cli.authoring.catalog import CatalogDefinition, read_definition
from cli.authoring.definitions import validate_file
from cli.authoring.mermaid import graph
from cli.command import Command, Subparsers, add_parser
from cli.errors import CommandFailed


def add_parsers(subparsers: Subparsers) -> None:
    validate_files = add_parser(subparsers, "validate", validate, "check definition files")
    validate_files.add_argument("files", metavar="FILE", nargs="+", type=Path, help="an orchestration or an agent")
    compile_file = add_parser(subparsers, "compile", compile_, "print the state machine (ASL) of an orchestration")
    compile_file.add_argument("file", metavar="FILE", type=Path)
    graph_file = add_parser(subparsers, "graph", draw, "print the graph (Mermaid) of an orchestration")
    graph_file.add_argument("file", metavar="FILE", type=Path)
    check_files = add_parser(subparsers, "check-asl", check_asl, "check state machines (ASL) against the language")
    check_files.add_argument("files", metavar="FILE", nargs="+", type=Path, help="Amazon States Language as JSON")


def validate(command: Command) -> int:
    results = [(file, validate_file(_existing(file))) for file in command.arguments.files]
    problems = [problem for _, result in results for problem in result.problems]
    if command.screen.json:
        command.screen.document(
            [
                {"file": p.file, "line": p.line, "column": p.column, "message": p.message, "suggestion": p.suggestion}
                for p in problems
            ]
        )
    else:
        for problem in problems:
            command.screen.line(str(problem))
        if not problems:
            count = len(command.arguments.files)
            command.screen.line(f"{count} file{'s are' if count > 1 else ' is'} valid.")
        for file, result in results:
            if not result.agents_checked:
                command.screen.line(f"{file}: its agents were not checked: there is no folder agents/ beside its own.")
    return 1 if problems else 0


def compile_(command: Command) -> int:
    # ASL is JSON, so --json changes nothing.
    command.screen.raw(asl_text(_definition(command).machine))
    return 0


def draw(command: Command) -> int:
    text = graph(_definition(command).plan)
    if command.screen.json:
        command.screen.document({"mermaid": text})
    else:
        command.screen.raw(text)
    return 0


def check_asl(command: Command) -> int:
    faults = [
        (file, fault)
        for file in command.arguments.files
        for fault in checker.check_text(_existing(file).read_text(encoding="utf-8", errors="replace"))
    ]
    if command.screen.json:
        command.screen.document(
            [{"file": str(file), "where": fault.where, "message": fault.message} for file, fault in faults]
        )
    else:
        for file, fault in faults:
            command.screen.line(f"{file}: {fault}")
        if not faults:
            command.screen.line("No fault found.")
    return 1 if faults else 0


def _definition(command: Command) -> CatalogDefinition:
    return read_definition(_existing(command.arguments.file))


def _existing(file: Path) -> Path:
    if not file.is_file():
        raise CommandFailed(f"There is no file {file}.")
    return file
