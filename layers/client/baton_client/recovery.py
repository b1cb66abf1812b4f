"""Recovery: what an operator does about a run that failed or must end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict
from uuid import uuid4

from baton_client.connection import IDEMPOTENCY_KEY, Connection, given, segment
from baton_client.runs import Run


class Outcome(TypedDict, total=False):
    """How the run stands after the action. ``stepId`` is the step that the action was about."""

    runId: str
    organization: str
    action: str
    status: str
    generation: int
    stepId: str


class Recovery:
    """``client.recovery``. ``note`` says why, for the record. Raises (all methods): Unreachable, Refused."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def retry(
        self,
        run_id: str,
        *,
        step_id: str | None = None,
        modifications: Mapping[str, Any] | None = None,
        note: str | None = None,
    ) -> Outcome:
        """Try the failed steps again. ``modifications`` are for ``step_id``, or for the step that the run failed
        with."""
        outcome: Outcome = self._act(run_id, "retry", stepId=step_id, modifications=modifications, note=note)
        return outcome

    def skip(
        self,
        run_id: str,
        *,
        step_id: str | None = None,
        replacement_output: Mapping[str, Any] | None = None,
        note: str | None = None,
    ) -> Outcome:
        """Go on without the failed step. ``replacement_output`` stands for its outputs."""
        outcome: Outcome = self._act(run_id, "skip", stepId=step_id, replacementOutput=replacement_output, note=note)
        return outcome

    def abort(self, run_id: str, *, note: str | None = None) -> Outcome:
        """End an open run, and its child runs."""
        outcome: Outcome = self._act(run_id, "abort", note=note)
        return outcome

    def fork(
        self,
        run_id: str,
        step_id: str,
        *,
        version: str | None = None,
        modifications: Mapping[str, Any] | None = None,
        note: str | None = None,
        idempotency_key: str | None = None,
    ) -> Run:
        """A new run that begins at ``step_id``, with the results of the steps before it. About ``idempotency_key`` see
        ``Runs.launch``."""
        body = given(stepId=step_id, version=version, modifications=modifications, note=note)
        key = {IDEMPOTENCY_KEY: idempotency_key or str(uuid4())}
        run: Run = self._connection.post(_path(run_id, "fork"), body, key)
        return run

    def _act(self, run_id: str, action: str, **fields: Any) -> Any:
        return self._connection.post(_path(run_id, action), given(**fields))


def _path(run_id: str, action: str) -> str:
    return f"/orchestrations/runs/{segment(run_id)}/actions/{action}"
