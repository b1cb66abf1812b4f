"""Checks of constraints and conditions: their syntax, and their meaning in this definition."""

from __future__ import annotations

from collections.abc import Iterator

from baton import expressions
from baton.definition import references
from baton.definition.models import Definition, Step
from baton.definition.problems import Path, Problem
from baton.definition.source import SourceDocument
from baton.expressions import ExpressionInvalid, Operand
from baton.expressions.checking import check
from baton.expressions.declared import DeclaredParameter
from baton.templating import NameReference

CONSTRAINTS: Path = ("orchestration", "constraints")
STEPS: Path = ("orchestration", "steps")

MessageAndSuggestion = tuple[str, str | None]


def problems(definition: Definition, document: SourceDocument) -> Iterator[Problem]:
    for index, constraint in enumerate(definition.orchestration.constraints):
        yield from _expression(constraint.rule, (*CONSTRAINTS, index, "rule"), None, definition, document)
    for index, step in enumerate(definition.orchestration.steps):
        if step.when is not None:
            yield from _expression(step.when, (*STEPS, index, "when"), step, definition, document)


def _expression(
    text: str, path: Path, step: Step | None, definition: Definition, document: SourceDocument
) -> Iterator[Problem]:
    """Problems of the condition of ``step``; of a constraint if ``step`` is None."""
    declared = {
        one.name: DeclaredParameter(one.type, None if one.enum is None else tuple(one.enum))
        for one in definition.orchestration.parameters
    }
    try:
        check(text, declared, at_launch=step is None)
        operands = expressions.operands(text, declared)
    except ExpressionInvalid as error:
        line, column = document.locate_text(path, text, error.position)
        yield Problem(document.file, line, column, path, f"`{path[-1]}`: {error}", error.suggestion)
        return
    for operand in operands:
        problem = _operand_problem(operand, step, definition)
        if problem:
            yield Problem(document.file, *_place(operand, path, text, document), path, *problem)


def _operand_problem(operand: Operand, step: Step | None, definition: Definition) -> MessageAndSuggestion | None:
    """Message and suggestion if the operand reads something that will not exist. A condition has no item yet."""
    if step is not None:
        return references.reference_problem(operand.reference, step, definition, None)
    assert isinstance(operand.reference, NameReference)  # ``check`` refuses outputs here
    return references.name_problem(operand.reference, definition, None)


def _place(operand: Operand, path: Path, text: str, document: SourceDocument) -> tuple[int, int]:
    """Line and column of the operand within the expression. If the file has the expression folded or escaped, those of
    the first text like the operand."""
    place = document.locate_text(path, text, operand.position)
    return document.locate_text(path, operand.raw) if place == document.locate(path) else place
