"""Plan → Amazon States Language.

The compiler walks through the nesting from the outside in. A sequence becomes a chain of states; each names the next.
Steps side by side become a ``Parallel`` with a chain in each branch. ``states`` has the states of a single step.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

from baton.compiler import calls, limits
from baton.compiler.nesting import Nest, Sequence, SideBySide
from baton.compiler.shape import Shape, shape_of
from baton.compiler.states import entry_of, step_states
from baton.compiler.work import States, leads_to
from baton.plan import Plan, Step


@dataclass(frozen=True)
class Machine:
    """``asl`` is the state machine. ``digest`` is a hash of its content, 16 hex digits, which all its Tasks pass on."""

    asl: dict[str, Any]
    digest: str


def compile_machine(plan: Plan) -> Machine:
    """The state machine of a plan. Raises NotSupported if it is too large for Step Functions."""
    limits.check_history(plan)
    machine = write_machine(plan, shape_of(plan))
    limits.check_size(_compact(machine.asl))
    return machine


def write_machine(plan: Plan, shape: Shape) -> Machine:
    """The state machine of a plan in the given shape, of any size."""
    without_digest = _Writer(shape, digest="").machine(plan)
    canonical = json.dumps(without_digest, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(canonical.encode()).hexdigest()[:16]
    return Machine(asl=_Writer(shape, digest).machine(plan), digest=digest)


def asl_text(machine: Machine) -> str:
    """The machine's text for the repository and for deployment: stable, with a newline at the end, and indented if
    that is not too large."""
    text = json.dumps(machine.asl, indent=2, ensure_ascii=False) + "\n"
    try:
        limits.check_size(text)
    except limits.NotSupported:
        return _compact(machine.asl) + "\n"
    return text


def _compact(asl: dict[str, Any]) -> str:
    return json.dumps(asl, separators=(",", ":"), ensure_ascii=False)


@dataclass
class _Writer:
    shape: Shape
    digest: str

    def machine(self, plan: Plan) -> dict[str, Any]:
        self._numbers = count(1)
        return {
            "Comment": f"{plan.display_name} (compiled from definitions/orchestrations/{plan.name}.yaml)",
            **self._chain(self.shape.nest),
            "TimeoutSeconds": calls.upper_bound(plan.timeout_seconds),
        }

    def _chain(self, nesting: Nest) -> dict[str, Any]:
        """``StartAt`` and ``States`` of a machine or of one branch of a Parallel."""
        parts = [(part, self._entry(part)) for part in _in_turn(nesting)]
        states: States = {}
        for position, (part, name) in enumerate(parts):
            then = parts[position + 1][1] if position + 1 < len(parts) else None
            states |= self._states(part, name, then)
        return {"StartAt": parts[0][1], "States": states}

    def _entry(self, part: Step | SideBySide) -> str:
        """The name of the first state of a part. People know steps by their id; a Parallel gets a number."""
        if isinstance(part, Step):
            return entry_of(part, gated=part.id in self.shape.gated)
        return f"parallel {next(self._numbers)}"

    def _states(self, part: Step | SideBySide, name: str, then: str | None) -> States:
        if isinstance(part, Step):
            return step_states(part, then, self.digest, gated=part.id in self.shape.gated)
        parallel = {
            "Type": "Parallel",
            "Comment": " | ".join(_title(branch) for branch in part.branches),
            "Branches": [self._chain(branch) for branch in part.branches],
            "ResultPath": None,
        }
        return {name: parallel | leads_to(then)}


def _in_turn(nesting: Nest) -> Iterator[Step | SideBySide]:
    if isinstance(nesting, Sequence):
        for part in nesting.parts:
            yield from _in_turn(part)
    else:
        yield nesting


def _title(nesting: Nest) -> str:
    """The ids of a branch for the comment: ``a, b``."""
    match nesting:
        case Sequence(parts=parts):
            return ", ".join(_title(part) for part in parts)
        case SideBySide(branches=branches):
            return "(" + " | ".join(_title(branch) for branch in branches) + ")"
        case step:
            return step.id
