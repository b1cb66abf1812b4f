"""Recovery in Postgres: retry, skip and abort; the settlement of runs whose execution has ended; adoption."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg.types.json import Jsonb

from baton.model import (
    AbortOutcome,
    ConfirmEndOutcome,
    ExecutionStatus,
    RecoverOutcome,
    Role,
    RunStatus,
    SettleRunOutcome,
    StepStatus,
)
from baton.plan import Plan
from baton.ports.recovery import (
    AbortCommand,
    ActionOutcome,
    ActionResult,
    ConfirmEndResult,
    ExpectedEnd,
    PinnedRun,
    RecoverCommand,
    RecoveryTerms,
    SettleCommand,
    StepState,
    UncheckedRun,
)
from baton.store import sql
from baton.store.database import Database
from baton.store.functions import Function, Query, effects_of

_SQL = sql.load("recovery")
_RECOVER = Function(
    "recover_run",
    run_id="uuid",
    generation="integer",
    user_id="uuid",
    step_id="text",
    outputs="jsonb",
    modifications="jsonb",
    overrides="jsonb",
    note="text",
)
_MOVE = Function("move_run", run_id="uuid", generation="integer", engine_id="text", machine="text", digest="text")
_REPIN = Function("repin_run", run_id="uuid", engine_id="text", machine="text", digest="text")
_CLAIM_UNCHECKED = Function(
    "claim_unchecked_runs", engine_id="text", quiet_seconds="float8", again_seconds="float8", limit="integer"
)
_OVERDUE = Query("overdue_runs", engine_id="text", limit="integer")
_TIME_OUT = Function("time_out_run", run_id="uuid", engine_id="text")
_SETTLE_ORPHANS = Function("settle_orphans", run_id="uuid", engine_id="text")
_ADOPT = Function("adopt_runs", engine_id="text", ordered_before="timestamptz", limit="integer")
_ABORT = Function("abort_run", run_id="uuid", user_id="uuid", note="text")
_SETTLE = Function(
    "settle_run",
    run_id="uuid",
    generation="integer",
    execution="text",
    status="text",
    error="jsonb",
    engine_id="text",
)
_CLAIM_ENDS = Function("claim_expected_ends", engine_id="text", limit="integer")
_UNKNOWN = Query("unknown_executions", executions="text[]")
_CONFIRM_END = Function("confirm_end", run_id="uuid", generation="integer", engine_id="text", status="text")


class Recoveries:
    """For the API's login."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def terms(self, *, run_id: str, user_id: str) -> RecoveryTerms | None:
        """None: there is no such run, or the caller is not a member of its organisation."""
        row = self._database.fetch_one(_SQL["recovery_terms"], {"run_id": run_id, "user_id": user_id})
        if row is None:
            return None
        return RecoveryTerms(
            run_id=run_id,
            organization=row["organization"],
            roles=frozenset(map(Role, row["roles"])),
            status=RunStatus(row["status"]),
            generation=row["generation"],
            plan=Plan.from_json(row["plan"]),
            parameters=row["parameters"],
            today=row["today"],
            error=row["error"] or {},
            root_run_id=str(row["root_run_id"]),
            steps={
                step_id: StepState(StepStatus(step["status"]), step["continues"], step["hasChild"])
                for step_id, step in row["steps"].items()
            },
        )

    def recover(self, command: RecoverCommand) -> ActionResult[RecoverOutcome]:
        """Starts the run's next execution. ``not_found`` if the caller is no longer an operator; the same in
        ``abort``."""
        return _result(
            _RECOVER(
                self._database,
                run_id=command.run_id,
                generation=command.generation,
                user_id=command.user_id,
                step_id=command.step_id,
                outputs=None if command.outputs is None else Jsonb(dict(command.outputs)),
                modifications=Jsonb(dict(command.modifications)),
                overrides=Jsonb(dict(command.overrides)),
                note=command.note,
            ),
            RecoverOutcome,
        )

    def abort(self, command: AbortCommand) -> ActionResult[AbortOutcome]:
        answer = _ABORT(self._database, run_id=command.run_id, user_id=command.user_id, note=command.note)
        return _result(answer, AbortOutcome)


class Settlements:
    """For the reconcile function's login, and the runs of one engine."""

    def __init__(self, database: Database, engine_id: str) -> None:
        self._database = database
        self._engine_id = engine_id

    def settle(self, command: SettleCommand, execution: str) -> ActionResult[SettleRunOutcome]:
        """Ends the run of the execution with that ARN."""
        answer = _SETTLE(
            self._database,
            run_id=command.run_id,
            generation=command.generation,
            execution=execution,
            status=command.status,
            error=Jsonb(dict(command.error)),
            engine_id=self._engine_id,
        )
        return _result(answer, SettleRunOutcome)

    def pinned(self, run_id: str, generation: int, execution: str) -> PinnedRun | None:
        """None: the run is not open in that generation, with that execution (ARN)."""
        run = self._look("pinned_run", run_id=run_id, generation=generation, execution=execution)
        if run is None:
            return None
        return PinnedRun(Plan.from_json(run["plan"]), run["organization"], run["machine"], run["isChild"])

    def move(self, run_id: str, generation: int, *, machine: str, digest: str) -> ActionResult[SettleRunOutcome]:
        """Starts the next execution of an open root run on another machine."""
        return _result(
            _MOVE(
                self._database,
                run_id=run_id,
                generation=generation,
                engine_id=self._engine_id,
                machine=machine,
                digest=digest,
            ),
            SettleRunOutcome,
        )

    def repin(self, run_id: str, *, machine: str, digest: str) -> None:
        _REPIN(self._database, run_id=run_id, engine_id=self._engine_id, machine=machine, digest=digest)

    def unchecked(self, *, quiet_seconds: float, again_seconds: float, limit: int) -> Sequence[UncheckedRun]:
        """Claims open root runs without an event for ``quiet_seconds``, each at most once in ``again_seconds``."""
        answer = _CLAIM_UNCHECKED.answer(
            self._database,
            engine_id=self._engine_id,
            quiet_seconds=quiet_seconds,
            again_seconds=again_seconds,
            limit=limit,
        )
        return [UncheckedRun(run["id"], run["generation"], run["execution"]) for run in answer["runs"]]

    def time_out(self, *, limit: int) -> Sequence[ActionResult[SettleRunOutcome]]:
        """Ends open runs whose time is over."""
        overdue = _OVERDUE(self._database, engine_id=self._engine_id, limit=limit)
        answers = (_TIME_OUT(self._database, run_id=run_id, engine_id=self._engine_id) for run_id in overdue)
        return [_result(answer, SettleRunOutcome) for answer in answers]

    def abort_orphans(self, *, quiet_seconds: float, limit: int) -> Sequence[ActionResult[SettleRunOutcome]]:
        """Ends open child runs whose parent ended longer ago than ``quiet_seconds``."""
        parents = self._look("runs_with_orphans", quiet_seconds=quiet_seconds, limit=limit)
        answers = (_SETTLE_ORPHANS(self._database, run_id=parent, engine_id=self._engine_id) for parent in parents)
        return [_result(answer, SettleRunOutcome) for answer in answers]

    def _look(self, statement: str, **params: Any) -> Any:
        row = self._database.fetch_one(_SQL[statement], {"engine_id": self._engine_id, **params})
        assert row is not None  # a function always answers with one row
        return row["answer"]


class ExecutionEnds:
    """For the reconcile function's login: executions that should be over, of the runs of one engine."""

    def __init__(self, database: Database, engine_id: str) -> None:
        self._database = database
        self._engine_id = engine_id

    def claim(self, *, limit: int) -> Sequence[ExpectedEnd]:
        """Claims executions that are due for a look, those that are due longest first."""
        answer = _CLAIM_ENDS.answer(self._database, engine_id=self._engine_id, limit=limit)
        return [ExpectedEnd(one["runId"], one["generation"], one["execution"]) for one in answer["executions"]]

    def confirm(self, expected: ExpectedEnd, status: ExecutionStatus) -> ConfirmEndResult | None:
        """Records what Step Functions says of an execution. None: this engine has no such execution."""
        answer = _CONFIRM_END(
            self._database,
            run_id=expected.run_id,
            generation=expected.generation,
            engine_id=self._engine_id,
            status=status,
        )
        if answer is None:
            return None
        return ConfirmEndResult(ConfirmEndOutcome(answer["outcome"]), effects_of(answer))

    def unknown(self, executions: Sequence[str]) -> Sequence[str]:
        """Those of some executions (ARNs) that the record does not know."""
        unknown: list[str] = _UNKNOWN(self._database, executions=list(executions))
        return unknown


class Adoptions:
    """For the relay's login."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def now(self) -> str:
        """The record's clock, as ISO 8601."""
        row = self._database.fetch_one(_SQL["now"], {})
        assert row is not None
        return str(row["now"].isoformat())

    def adopt(self, engine_id: str, *, ordered_before: str, limit: int) -> dict[str, int]:
        """Run id → new generation of at most ``limit`` open runs of this engine whose newest execution was ordered
        before that instant. Their starts are in the outbox."""
        answer = _ADOPT.answer(self._database, engine_id=engine_id, ordered_before=ordered_before, limit=limit)
        generations: dict[str, int] = answer["runs"]
        return generations


def _result(answer: Mapping[str, Any] | None, outcomes: type[ActionOutcome]) -> ActionResult[ActionOutcome]:
    if answer is None:  # the caller may not see the run
        return ActionResult(outcomes.NOT_FOUND, run_status=None, generation=0, effects=())
    status = RunStatus(answer["runStatus"])
    return ActionResult(outcomes(answer["outcome"]), status, answer["generation"], effects_of(answer))
