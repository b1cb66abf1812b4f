"""Recovery: what an operator does about a run that failed or must end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict
from uuid import uuid4

from baton_client.arguments import segment
from baton_client.connection import IDEMPOTENCY_KEY, Connection, without_none
from baton_client.contents import FittedAnswer
from baton_client.runs import Run
from baton_client.vocabulary import RecoveryAction, RunStatus


class RecoveryResult(TypedDict, total=False):
    """The run after the action. ``stepId`` is the step of the action."""

    runId: str
    organization: str
    action: RecoveryAction
    status: RunStatus
    generation: int
    stepId: str


class RecoveryAnswer(RecoveryResult, FittedAnswer):
    """A result, as an answer of its own."""


class Recovery:
    """``client.recovery``. ``note`` says why, for the record. ``Client`` names the errors of its methods."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def retry(
        self,
        run_id: str,
        *,
        step_id: str | None = None,
        modifications: Mapping[str, Any] | None = None,
        note: str | None = None,
    ) -> RecoveryAnswer:
        """Try the failed steps again. ``modifications`` are for ``step_id`` (default: the step that failed the run)."""
        return self._act(run_id, "retry", stepId=step_id, modifications=modifications, note=note)

    def skip(
        self,
        run_id: str,
        *,
        step_id: str | None = None,
        replacement_output: Mapping[str, Any] | None = None,
        note: str | None = None,
    ) -> RecoveryAnswer:
        """Go on without the failed step. ``replacement_output`` replaces its outputs."""
        return self._act(run_id, "skip", stepId=step_id, replacementOutput=replacement_output, note=note)

    def abort(self, run_id: str, *, note: str | None = None) -> RecoveryAnswer:
        """End an open run, and its child runs."""
        return self._act(run_id, "abort", note=note)

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
        """A new run that begins at ``step_id``, with the results of the steps before it. ``Runs.launch`` explains
        ``idempotency_key``."""
        body = without_none(stepId=step_id, version=version, modifications=modifications, note=note)
        key = {IDEMPOTENCY_KEY: idempotency_key or str(uuid4())}
        return self._connection.post(_path(run_id, "fork"), Run, body, key)

    def _act(self, run_id: str, action: RecoveryAction, **fields: Any) -> RecoveryAnswer:
        return self._connection.post(_path(run_id, action), RecoveryAnswer, without_none(**fields))


def _path(run_id: str, action: str) -> str:
    return f"/orchestrations/runs/{segment(run_id, 'run_id')}/actions/{action}"
