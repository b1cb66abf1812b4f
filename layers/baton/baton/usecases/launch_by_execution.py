"""Launch a run for an execution of the state machine ``<stack>-launch``."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from baton.errors import Forbidden
from baton.model import Principal
from baton.usecases.launch_run import LaunchRequest, LaunchRun

if TYPE_CHECKING:
    from baton.store.launches import ExecutionLaunches


@dataclass(frozen=True)
class LaunchByExecution:
    """``organizations`` are those that the deployment lets executions launch runs in. An admin of the organisation must
    have allowed it, too."""

    record: ExecutionLaunches
    launch: LaunchRun
    organizations: Collection[str]

    def __call__(self, request: LaunchRequest, execution: str) -> dict[str, Any]:
        """Launches the run as the organisation's launcher. The request's idempotency key, or else ``execution`` (the
        ARN), finds the run of an earlier call. Returns ``{"runId", "created", "executionArn"}``; the latter is the ARN
        of the run's own execution.

        Raises:
            NotFound, Invalid: as for ``LaunchRun``.
            Forbidden: executions may not launch runs in the organisation.
        """
        launcher = self._launcher(request.organization)
        key = request.idempotency_key or execution
        launched = self.launch(launcher, replace(request, idempotency_key=key, launching_execution=execution))
        return {"runId": launched.run_id, "created": launched.created, "executionArn": launched.execution}

    def _launcher(self, organization: str) -> Principal:
        if organization not in self.organizations:
            raise Forbidden(
                f"executions may not launch runs in {organization}: the stack's parameter LaunchOrganizations does not "
                "name it"
            )
        launcher = self.record.launcher(organization)
        if launcher is None:
            raise Forbidden(
                f"executions may not launch runs in {organization} yet: an admin of it allows that with `baton "
                f"organizations allow-launch {organization}`"
            )
        return Principal(launcher)
