"""Preparing a decision in Postgres."""

from __future__ import annotations

from baton.plan import Plan
from baton.ports.checkpoints import ApprovalTerms
from baton.store import sql
from baton.store.database import Database

_SQL = sql.load("approval")


class ApprovalReads:
    """Implements ``ports.checkpoints.ApprovalTermsReader``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def terms(self, *, approval_id: str, user_id: str) -> ApprovalTerms | None:
        row = self._database.fetch_one(_SQL["approval_terms"], {"approval_id": approval_id, "user_id": user_id})
        if row is None:
            return None
        return ApprovalTerms(
            run_id=str(row["run_id"]),
            organization=row["organization"],
            roles=frozenset(row["roles"]),
            plan=Plan.from_json(row["plan"]),
            parameters=row["parameters"],
        )
