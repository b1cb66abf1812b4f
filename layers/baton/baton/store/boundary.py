"""One boundary of a run: lock, statement, what follows from it, what it left to be delivered. One round trip."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from baton.outbox import Effect
from baton.store import sql
from baton.store.database import Database, Row

_SQL = sql.load("boundary")


@dataclass(frozen=True)
class Crossed:
    """What a boundary answered: its statement's first row (None: it had none), the effects that its commit ordered, and
    the run's status after it ("" if there is no such run)."""

    row: Row | None
    effects: tuple[Effect, ...]
    run_status: str


class Boundary:
    """Runs statements of the record as boundaries (see ``boundary.sql``).

    ``releases_gates`` is for the logins that may read the tokens of gates and so can deliver a release at once,
    ``completes_checkpoints`` for the one that may read those of checkpoints.
    """

    def __init__(
        self, database: Database, *, releases_gates: bool = False, completes_checkpoints: bool = False
    ) -> None:
        self._database = database
        self._tokens = [
            *([_SQL["released_tokens"]] if releases_gates else []),
            *([_SQL["completed_tokens"]] if completes_checkpoints else []),
        ]

    def __call__(self, statement: str, params: Mapping[str, Any]) -> Crossed:
        """``statement`` is SQL text; ``params`` must have ``run_id``, the run to lock. ``child_id`` is the run, if any,
        that the statement makes below it."""
        params = {"written_for": [params["run_id"], *filter(None, [params.get("child_id")])], **params}
        return self.around([statement], params, written=_SQL["written_effects"])

    def around(
        self, statements: Sequence[str], params: Mapping[str, Any], *, written: str, locks: Sequence[str] = ()
    ) -> Crossed:
        """The same around several statements, the first of which gives the answer, after ``locks`` have been taken;
        ``written`` is the statement that tells what is to be delivered."""
        params = {"boundary_id": str(uuid.uuid4()), **params}
        before, after = [_SQL["lock_run"], *locks], [_SQL["advance"], written, _SQL["run_status"], *self._tokens]
        answers = self._database.pipeline([(text, params) for text in (*before, *statements, *after)])
        rows, (_, effects, status, *tokens) = answers[len(before)], answers[-len(after) :]
        return Crossed(
            row=rows[0] if rows else None,
            effects=_with_tokens(effects_of(effects), [row for rows in tokens for row in rows]),
            run_status=status[0]["status"] if status else "",
        )


def effects_of(rows: list[Row]) -> tuple[Effect, ...]:
    """Rows of the outbox as effects."""
    return tuple(
        Effect(
            id=str(row["id"]),
            run_id=str(row["run_id"]),
            kind=row["kind"],
            payload=row["payload"],
            wanted=row.get("wanted") is not False,
            token=row.get("token"),
            failures=row.get("failures", 0),
        )
        for row in rows
    )


def _with_tokens(effects: tuple[Effect, ...], tokens: list[Row]) -> tuple[Effect, ...]:
    by_effect = {str(row["id"]): row["token"] for row in tokens}
    return tuple(replace(effect, token=by_effect.get(effect.id)) for effect in effects)
