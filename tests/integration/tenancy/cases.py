"""What a statement or a function is given by the tests of tenancy."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from psycopg.types.json import Jsonb

from tests.integration.tenancy.conftest import Estate

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Case:
    """``given`` replaces what everything is given; ``before`` brings the estate to where there is something to do;
    ``refusal`` is the answer to somebody whom this is none of their business: by default no rows."""

    given: Mapping[str, Any] = field(default_factory=dict)
    before: str = ""
    refusal: tuple[Mapping[str, Any], ...] = ()


AS_USUAL = Case()


@dataclass(frozen=True)
class Asked:
    """One question to the record: its text, the login that asks, and whether the answer is a change (else it is
    rows)."""

    text: str
    login: str
    writes: bool
    case: Case = AS_USUAL

    def params(self, estate: Estate, user_id: str) -> dict[str, Any]:
        return params(estate, user_id, self.case)

    def is_refusal(self, rows: Rows) -> bool:
        return rows == list(self.case.refusal)


def params(estate: Estate, user_id: str, case: Case) -> dict[str, Any]:
    """What any statement may be given, about one organisation's things and on behalf of somebody."""
    nothing = Jsonb({})
    return {
        **vars(estate), "user_id": user_id, "organization": estate.slug, "organizations": [estate.slug],
        "source_run_id": estate.run_id, "effect_id": estate.event_id, "id": estate.event_id, "ids": [estate.event_id],
        "written_for": [estate.run_id], "engine_id": "engine", "generation": 1, "failures": 1,
        "boundary_id": str(uuid.uuid4()),
        "agent": "a", "slug": "a", "orchestration": "review", "name": "review", "version": None, "status": None,
        "after": 0, "limit": 50, "statuses": None, "definition": None, "parent": None, "mine": False,
        "created_after": None, "created_before": None, "cursor_at": None, "cursor_id": None,
        "idempotency_key": "key", "request_hash": "hash",
        "parameters": nothing, "options": nothing, "overrides": nothing, "reused": nothing,
        "modifications": nothing, "shared_only": False,
        "results": nothing, "outputs": nothing, "step_id": None, "skip": False, "modified": False, "note": None,
        "error": "it failed", "display_name": "D", "description": "", "owner": "boss", "source": "s", "plan": nothing,
        "digest": "d", "machine": "x-d", "kind": "agent", "transport": Jsonb({"type": "http"}), "orchestrations": [],
        "roles": ["viewer"], "secret_hash": estate.secret_hash,
        **case.given,
    }  # fmt: skip
