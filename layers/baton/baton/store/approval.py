"""Preparing a decision in Postgres."""

from __future__ import annotations

from baton.model import Role
from baton.plan import Plan
from baton.ports.checkpoints import ApprovalTerms
from baton.store.database import Database
from baton.store.functions import Query

_TERMS = Query("approval_terms", user_id="uuid", approval_id="uuid", with_plan="boolean")


class ApprovalReads:
    """Implements ``ports.checkpoints.ApprovalTermsReader``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def terms(self, *, approval_id: str, user_id: str, with_plan: bool) -> ApprovalTerms | None:
        terms = _TERMS(self._database, user_id=user_id, approval_id=approval_id, with_plan=with_plan)
        if terms is None:
            return None
        return ApprovalTerms(
            run_id=terms["runId"],
            organization=terms["organization"],
            roles=frozenset(map(Role, terms["roles"])),
            plan=Plan.from_json(terms["plan"]) if with_plan else None,
            parameters=terms["parameters"],
        )
