"""The contents of single values, read in parts, each for one caller. Things of other organisations raise NotFound."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from baton.connection import Row
from baton.errors import Conflict, NotFound
from baton.model import Principal
from baton.ports.contents import ContentSource
from baton.store.database import Database
from baton.store.sql import load


class Contents:
    """Every method is one round trip, and so is each ``read`` of its answer. Ids are UUIDs in text form.

    Raises (all methods):
        NotFound: there is no such value, or the caller is not a member of its organisation.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = load("contents")

    def output(
        self, caller: Principal, run_id: str, step_id: str, name: str, *, attempt: int | None = None
    ) -> ContentSource:
        """An output of a step as JSON: the one that other steps see or, with ``attempt``, the one of that attempt."""
        what = f"output `{name}` of the step {step_id} of run {run_id}"
        return self._source("output", caller, what, run_id=run_id, step_id=step_id, name=name, attempt=attempt)

    def deliverable(self, caller: Principal, deliverable_id: str) -> ContentSource:
        """The content of a deliverable as its agent wrote it."""
        return self._source("deliverable", caller, f"deliverable {deliverable_id}", deliverable_id=deliverable_id)

    def deliverable_by_name(self, caller: Principal, deliverable_id: str, name: str) -> ContentSource:
        """The content of the deliverable of that name, which came in the same answer as the known one."""
        what = f"deliverable {name[:200]} beside {deliverable_id}"
        return self._source("deliverable_by_name", caller, what, deliverable_id=deliverable_id, name=name)

    def run_value(self, caller: Principal, run_id: str, path: Sequence[str]) -> ContentSource:
        """Another value of a run as JSON; ``contents.sql`` lists the paths."""
        what = f"value /{'/'.join(path)[:200]} of run {run_id}"
        return self._source("run_value", caller, what, run_id=run_id, path=list(path))

    def definition_value(
        self, caller: Principal, name: str, path: Sequence[str], *, organization: str, version: str
    ) -> ContentSource:
        """A value of one version of a definition as JSON; ``contents.sql`` lists the paths."""
        what = f"value /{'/'.join(path)[:200]} of `{name}` {version} in {organization}"
        return self._source(
            "definition_value", caller, what, name=name, path=list(path), organization=organization, version=version
        )

    def agent_value(self, caller: Principal, slug: str, path: Sequence[str], *, organization: str) -> ContentSource:
        """A value of an agent as JSON; ``contents.sql`` lists the paths."""
        what = f"value /{'/'.join(path)[:200]} of the agent `{slug}` in {organization}"
        return self._source("agent_value", caller, what, slug=slug, path=list(path), organization=organization)

    def _source(self, statement: str, caller: Principal, what: str, **params: Any) -> ContentSource:
        known = {**params, "user_id": caller.user_id}
        row = self._row(statement, what, {**known, "start": None, "length": None})
        read = partial(self._read, statement, what, known, row["sha256"])
        return ContentSource(row["size"], row["sha256"], read, row.get("format"))

    def _read(self, statement: str, what: str, params: dict[str, Any], sha256: str, start: int, length: int) -> bytes:
        row = self._row(statement, what, {**params, "start": start, "length": length})
        if row["sha256"] != sha256:
            raise Conflict(f"the {what} has changed; read it again")
        return bytes(row["part"])

    def _row(self, statement: str, what: str, params: dict[str, Any]) -> Row:
        row = self._database.fetch_one(self._sql[statement], params)
        if row is None:
            raise NotFound(f"There is no {what}.")
        return row
