"""A boundary of a run and of everything below it. One round trip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from baton.model import DEEPEST
from baton.store import sql
from baton.store.boundary import Boundary, Crossed
from baton.store.database import Database

_SQL = sql.load("tree")

ABORT_ORPHANS = _SQL["abort_orphans"]
"""Ends what nobody waits for any more below the run; with the parameter ``engine_id``, only that engine's."""


class Tree:
    """Runs statements of the record as boundaries of a run and of its descendants (see ``tree.sql``)."""

    def __init__(
        self, database: Database, *, releases_gates: bool = False, completes_checkpoints: bool = False
    ) -> None:
        self._boundary = Boundary(database, releases_gates=releases_gates, completes_checkpoints=completes_checkpoints)

    def __call__(self, statements: Sequence[str], params: Mapping[str, Any]) -> Crossed:
        """Answers with the first row of the first of ``statements``; ``params`` must have ``run_id``."""
        return self._boundary.around(
            statements, params, written=_SQL["effects_of_tree"], locks=[_SQL["lock_descendants"]] * (DEEPEST - 1)
        )
