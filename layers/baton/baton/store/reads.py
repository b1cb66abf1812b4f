"""Reads for the API, each for one caller. Things of other organisations raise NotFound, as if they did not exist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from baton.connection import Row
from baton.errors import NotFound
from baton.model import GLOBAL, ApprovalStatus, Principal, RunStatus
from baton.ports.reads import Cursor, RunFilter, RunPart
from baton.store.database import Database, Params
from baton.store.functions import datetimes
from baton.store.sql import load

_ALL = RunFilter()
_IN_LIST_BYTES = 100_000  # of a value
_ALONE = {"value_bytes": 3_400_000, "after_id": None, "limit": 1}  # one row has the whole answer
_PART_ROWS = 1000  # of a part of a run, in the answer with all parts
_PAGE_BYTES = 3_400_000  # of a page of one part
_PAGE_ROW_BYTES = 10_000  # of the values that a row of such a page may leave out
_REPORTS_BYTES = 700_000  # of the reports in the answer about one approval
_LEAST_ID = "00000000-0000-0000-0000-000000000000"  # no id comes before it


class Reads:
    """Rows of the record, with columns in snake_case; ``api.views`` makes JSON of them.

    Every method is one round trip. Ids are UUIDs in text form. The rows of one method fit into one answer of the API: a
    value that is too large is null, and the row's ``omitted`` has ``{"path", "bytes", "sha256"}`` of each.

    Raises (all methods):
        NotFound: there is no such thing, or the caller is not a member of its organisation.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = load("reads")

    def organizations(self, caller: Principal) -> list[str]:
        """The slugs of the organisations that the caller is a member of, in alphabetical order."""
        rows = self._database.fetch_all(self._sql["organizations"], {"user_id": caller.user_id})
        return [row["slug"] for row in rows]

    def runs(
        self, caller: Principal, run_filter: RunFilter = _ALL, *, cursor: Cursor | None = None, limit: int = 20
    ) -> list[Row]:
        """Runs, newest first."""
        before = _page_of_runs(run_filter, cursor)
        params = {
            **vars(run_filter),
            "statuses": sorted(set(RunStatus if run_filter.statuses is None else run_filter.statuses)),
            "before_at": before and before.moment,
            "before_id": before.id if before else _LEAST_ID,
            "limit": limit,
        }
        return self._of_organization(caller, run_filter.organization, _list_of_runs(run_filter), params)

    def run(self, caller: Principal, run_id: str) -> Row:
        """A run with ``steps``, their ``items`` and ``attempts``, ``approvals`` (the pending ones, with outputs,
        ``review`` and ``review_reports``), ``reviews`` (all approvals, without these), ``children`` and
        ``deliverables`` (without content).

        Of steps, items and pending approvals it has the first ones, of the others the newest ones: as many as fit into
        their share of the answer, at most 1,000. ``total`` of each row counts all of them.
        """
        parts = ("steps", "run_items", "run_attempts", "run_approvals", "run_reviews", "run_children",
                 "run_deliverables", "review_reports")  # fmt: skip
        run = self._run(caller, run_id, "run", parts, with_outputs=True)
        reports = run.pop("review_reports")
        return {**run, "approvals": [_with_reports(approval, reports) for approval in run["approvals"]]}

    def run_status(self, caller: Principal, run_id: str) -> Row:
        """The status of a run, with ``steps``, their ``items`` and ``approvals`` (the pending ones), as in ``run``."""
        return self._run(caller, run_id, "run_status", ("steps", "run_items", "run_approvals"), with_outputs=False)

    def run_part(
        self, caller: Principal, run_id: str, part: RunPart, *, step_id: str | None = None, after: int, limit: int
    ) -> list[Row]:
        """The rows of a part of a run after the first ``after`` ones: at most ``limit``, and as many as fit into one
        answer. ``place`` of a row is its number, ``total`` counts all rows. Items are those of one step."""
        params = {"user_id": caller.user_id, "run_id": run_id, "step_id": step_id, "with_outputs": False,
                  "after": after, "limit": limit, "bytes": _PAGE_BYTES, "row_bytes": _PAGE_ROW_BYTES}  # fmt: skip
        runs, rows = self._pipeline(("run_status", part), params)
        if not runs:
            raise _no_run(run_id)
        return rows

    def events(self, caller: Principal, run_id: str, *, after: int = 0, limit: int = 200) -> EventPage:
        """The events of a run with a sequence number greater than ``after``, in order: at most ``limit``, and as many
        as fit into one answer."""
        params = {"user_id": caller.user_id, "run_id": run_id, "after": after, "limit": limit}
        runs, events = self._database.pipeline([(self._sql["run_status"], params), (self._sql["events"], params)])
        if not runs:
            raise _no_run(run_id)
        return event_page(events)

    def approvals(
        self,
        caller: Principal,
        *,
        organization: str | None = None,
        status: ApprovalStatus = ApprovalStatus.PENDING,
        mine: bool = False,
        cursor: Cursor | None = None,
        limit: int = 50,
    ) -> list[Row]:
        """Approvals in one status, oldest first, without the data to review; ``mine``: only those that the caller may
        decide."""
        params = {
            "status": status,
            "mine": mine,
            "after_at": cursor and cursor.moment,
            "after_id": cursor.id if cursor else _LEAST_ID,
            "limit": limit,
        }
        return self._of_organization(caller, organization, "approvals", params)

    def approval(self, caller: Principal, approval_id: str) -> Row:
        """An approval with ``outputs`` and ``deliverable`` (or None) of its attempt.

        ``review`` is a person's request for that attempt (or None), ``review_reports`` are the reports of its agents
        about people's notes.
        """
        params = {"user_id": caller.user_id, "approval_id": approval_id, "run_id": None, "bytes": _REPORTS_BYTES}
        names = ("approval", "approval_deliverable", "review_reports")
        approvals, deliverables, reports = self._pipeline(names, params)
        if not approvals:
            raise NotFound(f"There is no approval {approval_id}.")
        return {**_with_reports(approvals[0], reports), "deliverable": deliverables[0] if deliverables else None}

    def deliverable(self, caller: Principal, deliverable_id: str) -> Row:
        (rows,) = self._pipeline(("deliverable",), {"user_id": caller.user_id, "deliverable_id": deliverable_id})
        if not rows:
            raise NotFound(f"There is no deliverable {deliverable_id}.")
        return rows[0]

    def definitions(
        self,
        caller: Principal,
        *,
        organization: str | None = None,
        cursor: Cursor | None = None,
        limit: int | None = None,
    ) -> list[Row]:
        """The newest version of every definition that the caller may launch, by name."""
        params = {"name": None, "version": None, **_page(cursor, limit)}
        return self._of_organization(caller, organization, "definitions", params)

    def definition(
        self, caller: Principal, name: str, *, organization: str | None = None, version: str | None = None
    ) -> Row:
        """The definition that a launch of ``name`` takes: an organisation's own before the shared one, the newest
        version before all others."""
        params = {"name": name, "version": version, **_ALONE}
        rows = self._of_organization(caller, organization, "definitions", params)
        if not rows:
            raise NotFound(f"There is no orchestration `{name}`{f' {version}' if version else ''}.")
        return rows[0]

    def versions(
        self,
        caller: Principal,
        name: str,
        *,
        organization: str | None = None,
        cursor: Cursor | None = None,
        limit: int | None = None,
    ) -> list[Row]:
        """Every version of a definition, archived ones too: an organisation's own first, newest first."""
        params = {"name": name, **_page(cursor, limit)}
        rows = self._of_organization(caller, organization, "versions", params)
        if not rows and cursor is None:
            raise NotFound(f"There is no orchestration `{name}`.")
        return rows

    def agents(
        self,
        caller: Principal,
        *,
        organization: str | None = None,
        cursor: Cursor | None = None,
        limit: int | None = None,
    ) -> list[Row]:
        """The agents of the caller's organisations and the shared ones, by name."""
        return self._of_organization(caller, organization, "agents", {"slug": None, **_page(cursor, limit)})

    def agent(self, caller: Principal, slug: str, *, organization: str | None = None) -> Row:
        """The agent that a step with this slug calls: an organisation's own before the shared one. A member of any
        organisation may look up an agent in ``global``."""
        if organization == GLOBAL:
            params = {"user_id": caller.user_id, "organization": GLOBAL, "slug": slug, **_ALONE}
            (rows,) = self._pipeline(("agents",), params)
        else:
            rows = self._of_organization(caller, organization, "agents", {"slug": slug, **_ALONE})
        if not rows:
            raise NotFound(f"There is no agent `{slug}`.")
        return rows[0]

    def _run(
        self, caller: Principal, run_id: str, statement: str, parts: tuple[str, ...], *, with_outputs: bool
    ) -> Row:
        params = {"user_id": caller.user_id, "run_id": run_id, "approval_id": None, "with_outputs": with_outputs,
                  "step_id": None, "after": None, "limit": _PART_ROWS, "bytes": None, "row_bytes": None}  # fmt: skip
        runs, *rows = self._pipeline((statement, *parts), params)
        if not runs:
            raise _no_run(run_id)
        return {**runs[0], **{name.removeprefix("run_"): part for name, part in zip(parts, rows, strict=True)}}

    def _of_organization(
        self, caller: Principal, organization: str | None, statement: str, params: Mapping[str, Any]
    ) -> list[Row]:
        """A list of all the caller's organisations, or of one, of which they must be a member."""
        known = {**params, "user_id": caller.user_id, "organization": organization}
        if organization is None:
            return self._pipeline((statement,), known)[0]
        memberships, rows = self._pipeline(("membership", statement), known)
        if not memberships:
            raise NotFound(f"There is no organisation `{organization}` that you are a member of.")
        return rows

    def _pipeline(self, statements: Sequence[str], params: Params) -> list[list[Row]]:
        """The rows of each statement, in one round trip."""
        answers = self._database.pipeline([(self._sql[name], params) for name in statements])
        return [[datetimes(answer.get("row", answer)) for answer in rows] for rows in answers]


class EventPage(NamedTuple):
    """``has_more``: other events follow these."""

    events: list[Row]
    has_more: bool


def event_page(answers: Sequence[Row]) -> EventPage:
    """The answers of the statement ``events``, which the stream asks, too."""
    return EventPage([datetimes(answer["row"]) for answer in answers], any(answer["more"] for answer in answers[-1:]))


def _page(cursor: Cursor | None, limit: int | None) -> dict[str, Any]:
    """Of a list in another order than that of creation, which the row of the cursor's id defines."""
    return {"value_bytes": _IN_LIST_BYTES, "after_id": cursor and cursor.id, "limit": limit}


def _with_reports(approval: Row, reports: Sequence[Row]) -> Row:
    return {**approval, "review_reports": [one for one in reports if one["approval_id"] == approval["id"]]}


def _list_of_runs(run_filter: RunFilter) -> str:
    """The statement whose query plan uses the narrowest part of the filter."""
    if run_filter.parent is not None:
        return "runs_of_parent"
    return "runs" if run_filter.version is None else "runs_of_version"


def _page_of_runs(run_filter: RunFilter, cursor: Cursor | None) -> Cursor | None:
    """The place after which the page begins; None: at the newest run. It combines the cursor and ``created_before``:
    with two places, Postgres would begin at the first and read every index entry up to the second."""
    places = [] if cursor is None else [cursor]
    if run_filter.created_before is not None:
        places.append(Cursor(run_filter.created_before, _LEAST_ID))
    return min(places, default=None)


def _no_run(run_id: str) -> NotFound:
    return NotFound(f"There is no run {run_id}.")
