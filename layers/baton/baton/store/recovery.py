"""Recovery in Postgres: retry, skip and abort; the ends that executions had without their runs; the sweep for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg.types.json import Jsonb

from baton.plan import Plan
from baton.ports.recovery import (
    AbortCommand,
    Acted,
    PinnedRun,
    RecoverCommand,
    RecoveryTerms,
    SettleCommand,
    StepStanding,
    UncheckedRun,
)
from baton.store import sql
from baton.store.boundary import Crossed
from baton.store.database import Database
from baton.store.functions import Function, effects_of
from baton.store.tree import ABORT_ORPHANS, Tree

_SQL = sql.load("recovery")
_ABORT = Function("abort_run", run_id="uuid", user_id="uuid", note="text")
_SETTLE = Function("settle_run", run_id="uuid", generation="integer", status="text", error="jsonb", engine_id="text")


class Recoveries:
    """Implements ``ports.recovery.RecoveryRecord`` for the API's login."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tree = Tree(database)

    def terms(self, *, run_id: str, user_id: str) -> RecoveryTerms | None:
        row = self._database.fetch_one(_SQL["recovery_terms"], {"run_id": run_id, "user_id": user_id})
        if row is None:
            return None
        return RecoveryTerms(
            run_id=run_id,
            organization=row["organization"],
            roles=frozenset(row["roles"]),
            status=row["status"],
            generation=row["generation"],
            plan=Plan.from_json(row["plan"]),
            parameters=row["parameters"],
            error=row["error"] or {},
            root_run_id=str(row["root_run_id"]),
            steps={
                step_id: StepStanding(step["status"], step["continues"], step["hasChild"])
                for step_id, step in row["steps"].items()
            },
        )

    def recover(self, command: RecoverCommand) -> Acted:
        crossed = self._tree(
            [_SQL["recover_run"], ABORT_ORPHANS],
            {
                "run_id": command.run_id,
                "generation": command.generation,
                "user_id": command.user_id,
                "note": command.note,
                "step_id": command.step_id,
                "skip": command.outputs is not None,
                "outputs": Jsonb(dict(command.outputs or {})),
                "modified": bool(command.modifications),
                "modifications": Jsonb(dict(command.modifications)),
                "overrides": Jsonb(dict(command.overrides)),
                "engine_id": None,
            },
        )
        return _acted(crossed)

    def abort(self, command: AbortCommand) -> Acted:
        answer = _ABORT(self._database, run_id=command.run_id, user_id=command.user_id, note=command.note)
        return _answered(answer)


class Settlements:
    """Implements ``ports.recovery.SettlementRecord`` for the reconcile function's login: for the runs of one
    engine."""

    def __init__(self, database: Database, engine_id: str) -> None:
        self._database = database
        self._engine_id = engine_id
        self._tree = Tree(database)

    def settle(self, command: SettleCommand) -> Acted:
        answer = _SETTLE(
            self._database,
            run_id=command.run_id,
            generation=command.generation,
            status=command.status,
            error=Jsonb(dict(command.error)),
            engine_id=self._engine_id,
        )
        return _answered(answer)

    def pinned(self, run_id: str, generation: int) -> PinnedRun | None:
        params = {"run_id": run_id, "generation": generation, "engine_id": self._engine_id}
        row = self._database.fetch_one(_SQL["plan_of_run"], params)
        return None if row is None else PinnedRun(Plan.from_json(row["plan"]), row["machine"], row["is_child"])

    def move(self, run_id: str, generation: int, *, machine: str, digest: str) -> Acted:
        params = {"run_id": run_id, "generation": generation, "machine": machine, "digest": digest}
        return _acted(self._tree([_SQL["move_run"]], params))

    def repin(self, run_id: str, *, machine: str, digest: str) -> None:
        self._database.execute(_SQL["repin_run"], {"run_id": run_id, "machine": machine, "digest": digest})

    def unchecked(self, *, quiet_seconds: float, again_seconds: float, limit: int) -> Sequence[UncheckedRun]:
        params = {
            "engine_id": self._engine_id,
            "quiet_seconds": quiet_seconds,
            "again_seconds": again_seconds,
            "limit": limit,
        }
        rows = self._database.fetch_all(_SQL["claim_checks"], params)
        return [UncheckedRun(str(row["id"]), row["machine"], row["generation"]) for row in rows]

    def abort_orphans(self, *, quiet_seconds: float, limit: int) -> Sequence[Acted]:
        params = {"engine_id": self._engine_id, "quiet_seconds": quiet_seconds, "limit": limit}
        parents = self._database.fetch_all(_SQL["orphaned_trees"], params)
        of_engine = {"engine_id": self._engine_id}
        return [_acted(self._tree([ABORT_ORPHANS], {**of_engine, "run_id": row["id"]})) for row in parents]


class Recovery:
    """Implements ``usecases.recover.AdoptionRecord`` for the relay's login."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def adopt(self, engine_id: str) -> dict[str, int]:
        """Run id → new generation of every open run of this engine; the orders to start them are in the outbox."""
        rows = self._database.fetch_all(_SQL["adopt_runs"], {"engine_id": engine_id})
        return {str(row["id"]): row["generation"] for row in rows}


def _acted(crossed: Crossed) -> Acted:
    row = crossed.row or {}
    return Acted(
        outcome=row.get("outcome", "not_found"),
        run_status=crossed.run_status if crossed.row else "",  # who may not act on it learns nothing of it
        generation=row.get("generation", 0),
        effects=crossed.effects,
    )


def _answered(answer: Mapping[str, Any] | None) -> Acted:
    if answer is None:  # who may not act on it learns nothing of it
        return Acted(outcome="not_found", run_status="", generation=0, effects=())
    return Acted(answer["outcome"], answer["runStatus"], answer["generation"], effects_of(answer))
