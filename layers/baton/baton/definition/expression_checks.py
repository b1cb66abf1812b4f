"""Constraints and conditions: whether they can be read, and whether what they ask makes sense of this definition."""

from __future__ import annotations

from collections.abc import Iterator

from baton import expressions
from baton.definition import references
from baton.definition.models import Definition, Step
from baton.definition.problems import Path, Problem
from baton.definition.source import SourceDocument
from baton.expressions import ExpressionInvalid, Operand
from baton.expressions.checking import check
from baton.expressions.declared import Declared
from baton.templating import NameReference

CONSTRAINTS: Path = ("orchestration", "constraints")
STEPS: Path = ("orchestration", "steps")

Said = tuple[str, str | None]


def problems(definition: Definition, document: SourceDocument) -> Iterator[Problem]:
    ancestry: references.Ancestry = {}
    for index, constraint in enumerate(definition.orchestration.constraints):
        yield from _expression(constraint.rule, (*CONSTRAINTS, index, "rule"), None, definition, document, ancestry)
    for index, step in enumerate(definition.orchestration.steps):
        if step.when is not None:
            yield from _expression(step.when, (*STEPS, index, "when"), step, definition, document, ancestry)


def _expression(
    text: str,
    path: Path,
    step: Step | None,
    definition: Definition,
    document: SourceDocument,
    ancestry: references.Ancestry,
) -> Iterator[Problem]:
    """Problems of the condition of ``step``, or of a constraint if that is None."""
    declared = {
        one.name: Declared(one.type, None if one.enum is None else tuple(one.enum))
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
        found = _operand_problem(operand, step, definition, ancestry)
        if found:
            yield Problem(document.file, *_place(operand, path, text, document), path, *found)


def _operand_problem(
    operand: Operand, step: Step | None, definition: Definition, ancestry: references.Ancestry
) -> Said | None:
    """Message and suggestion if the operand reads what will not be there. A condition has no item yet."""
    if step is not None:
        return references.reference_problem(operand.reference, step, definition, None, ancestry)
    assert isinstance(operand.reference, NameReference)  # outputs are refused with the rest of the expression
    return references.name_problem(operand.reference, definition, None)


def _place(operand: Operand, path: Path, text: str, document: SourceDocument) -> tuple[int, int]:
    """Line and column. If the text is not found, because the file has it folded or escaped, those of the operand."""
    found = document.locate_text(path, text, operand.position)
    return document.locate_text(path, operand.raw) if found == document.locate(path) else found
