"""The states of one step, in their order: its gate, its work, its checkpoint."""

from __future__ import annotations

from baton.compiler import calls, names
from baton.compiler.review import may_be_passed, review_entry, review_states
from baton.compiler.work import States, leads_to, may_fail, with_settling, work_of
from baton.plan import Step


def entry_of(step: Step, *, gated: bool) -> str:
    """The name of the step's first state."""
    return names.gate(step) if gated else work_of(step, digest="").entry


def step_states(step: Step, then: str | None, digest: str, *, gated: bool) -> States:
    """The states of ``step``. They lead to the state ``then``; if it is None, they end."""
    states: States = {}
    work = work_of(step, digest)
    if gated:
        states[names.gate(step)] = calls.wait_at_gate(step, digest) | {"Next": work.entry}
    # A Choice cannot end an execution or a branch by itself.
    after = then or names.done(step) if step.checkpoint is not None else then
    doing = dict(work.states)
    if may_be_passed(step):
        doing[work.last] = calls.keeping(doing[work.last], "$.outcome", status=".status")
    doing[work.last] |= leads_to(after if step.checkpoint is None else review_entry(step))
    states |= with_settling(step, doing, after, digest) if may_fail(step) else doing
    if step.checkpoint is not None and after is not None:
        states |= review_states(step, step.checkpoint, entry_of(step, gated=gated), after, digest)
        if then is None:
            states[after] = {"Type": "Succeed"}
    return states
