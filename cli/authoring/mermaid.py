"""The plan as a Mermaid flowchart: steps are boxes, checkpoints are hexagons with an arrow back for a retry."""

from __future__ import annotations

from baton.model import Decision
from baton.plan import Plan, Step


def graph(plan: Plan) -> str:
    """Mermaid text with a newline at the end."""
    lines = ["flowchart TD"]
    for step in plan.steps:
        lines.append(f"  {_box(step)}{_shape(step)}")
        if step.checkpoint is not None:
            lines.append(f'  {_hexagon(step)}{{{{"{_text(step.checkpoint.question)}"}}}}')
            lines.append(f"  {_box(step)} --> {_hexagon(step)}")
            if step.checkpoint.option(Decision.RETRY):
                lines.append(f"  {_hexagon(step)} -. retry .-> {_box(step)}")
        lines.extend(f"  {_exit(plan.step(before))} --> {_box(step)}" for before in step.depends_on)
    return "\n".join(lines) + "\n"


def _shape(step: Step) -> str:
    """A box with the step's agent, list and condition; with a double border for a child run."""
    lines = [step.name, step.agent if step.child is None else step.child.name]
    if step.for_each is not None:
        lines.append(f"for each {step.for_each.name}")
    if step.when is not None:
        lines.append(f"when {step.when}")
    text = "<br/>".join(map(_text, lines))
    return f'["{text}"]' if step.child is None else f'[["{text}"]]'


def _box(step: Step) -> str:
    return f"step{step.index}"


def _hexagon(step: Step) -> str:
    return f"review{step.index}"


def _exit(step: Step) -> str:
    """The start of an arrow to a dependent: the checkpoint, if there is one."""
    return _box(step) if step.checkpoint is None else _hexagon(step)


def _text(text: str) -> str:
    """Text with entity codes for quotes, brackets and ``#``, which have a meaning in Mermaid."""
    safe = text.replace("#", "#35;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")
    return " ".join(safe.split())
