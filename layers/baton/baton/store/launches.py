"""Launches by executions of the state machine that launches runs, in Postgres."""

from __future__ import annotations

from baton.ports.runs import NewRun, RecordedRun
from baton.store.database import Database
from baton.store.functions import Function, Query
from baton.store.runs import CONTEXT, EARLIER, LAUNCH, Launches, launch_arguments, recorded

_LAUNCH = Function("launch_by_execution", **LAUNCH, execution="text")
_LAUNCHER = Query("launcher_of", engine_id="text", organization="text")


class ExecutionLaunches(Launches):
    """For the login of the function that launches runs. Its functions of the record serve launchers alone."""

    context_query = Query("launcher_context", **CONTEXT)
    earlier_query = Query("launchers_earlier_run", **EARLIER)

    def __init__(self, database: Database, engine_id: str) -> None:
        super().__init__(database)
        self._engine_id = engine_id

    def launcher(self, organization: str) -> str | None:
        """The user id of this deployment's launcher in the organisation; None if there is none."""
        launcher: str | None = _LAUNCHER(self._database, engine_id=self._engine_id, organization=organization)
        return launcher

    def insert(self, run: NewRun) -> RecordedRun:
        """Writes the run. Raises errors.Forbidden if the caller is no longer the launcher."""
        arguments = {**launch_arguments(run), "execution": run.launching_execution}
        return recorded(_LAUNCH(self._database, **arguments))
