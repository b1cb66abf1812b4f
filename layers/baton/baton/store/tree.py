"""A boundary of a run and of everything below it. One round trip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from baton.store import sql
from baton.store.boundary import Crossed, effects_of
from baton.store.database import Database

_BOUNDARY = sql.load("boundary")
_SQL = sql.load("tree")

ABORT_ORPHANS = _SQL["abort_orphans"]
"""Ends what nobody waits for any more below the run; with the parameter ``engine_id``, only that engine's."""


class Tree:
    """Runs statements of the record as boundaries of a run and of its descendants (see ``tree.sql``)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def __call__(self, statements: Sequence[str], params: Mapping[str, Any]) -> Crossed:
        """Answers with the first row of the first of ``statements``; ``params`` must have ``run_id``."""
        around = [_BOUNDARY["lock_run"], _SQL["lock_descendants"]]
        after = [_BOUNDARY["advance"], _SQL["effects_of_tree"], _BOUNDARY["run_status"]]
        answers = self._database.pipeline([(text, params) for text in (*around, *statements, *after)])
        (_, _, rows, *_), (written, status) = answers, answers[-2:]
        return Crossed(
            row=rows[0] if rows else None,
            effects=effects_of(written),
            run_status=status[0]["status"] if status and rows else "",  # who may not act on it learns nothing of it
        )

    def abort(self, run_id: str, *, user_id: str | None = None, note: str | None = None) -> Crossed:
        """Ends an open run with everything open in it and below it. ``outcome`` is ``taken``, ``same`` (it was aborted
        already) or ``ended``."""
        params = {"run_id": run_id, "user_id": user_id, "note": note, "engine_id": None}
        return self([_SQL["abort_run"], ABORT_ORPHANS], params)
