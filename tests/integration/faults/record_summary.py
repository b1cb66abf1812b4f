"""The record and the events after a play, without the parts that differ from play to play: ids, times, and the order of
parallel branches.

A function that is lost while it works on an attempt may leave one more pair of events: the attempt ``failed`` as
``Crashed`` (``willRetry``), and the same attempt ``started`` again. The crash counts as one of the automatic tries. So
a step that uses up all tries has the same number of failures, one of which is the crash. Nothing else may differ.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

Row = dict[str, Any]
Owner = psycopg.Connection[Row]
_VARYING = ("launchedBy", "decidedBy", "abortedBy", "retriedBy", "skippedBy", "reviewUrl", "expiresAt")


@dataclass(frozen=True)
class RecordSummary:
    """``crashes`` counts the pairs of events that a kill causes; ``facts`` must not depend on faults."""

    facts: Any
    crashes: int


def summary_of(owner: Owner) -> RecordSummary:
    """The settled record: the launched run, those that were forked from it, and everything below them."""
    reader = _Reader(owner, _names(owner))
    roots = _rows(owner, "select id from orchestration_runs where parent_run_id is null order by created_at")
    summaries = [reader.summary(str(root["id"])) for root in roots]
    return RecordSummary([summary.facts for summary in summaries], sum(summary.crashes for summary in summaries))


@dataclass(frozen=True)
class _Reader:
    """``names`` has a stable name for each id."""

    owner: Owner
    names: Mapping[str, str]

    def summary(self, run_id: str) -> RecordSummary:
        (run,) = _rows(self.owner, "select * from orchestration_runs where id = %s", run_id)
        steps = self._of(run_id, "orchestration_steps", "step_index, item_index")
        events = [
            (row["type"].removeprefix("orchestration."), row["data"])
            for row in self._of(run_id, "orchestration_events", "sequence")
            # Whether a run waits for a person in between depends on the order of parallel branches.
            if row["data"].get("reason") not in ("waiting", "resumed")
        ]
        exhausted = {row["step_id"] for row in steps if row["status"] == "failed"}
        kept_events, crashes = _without_crashes([one for one in events if one[1].get("stepId") not in exhausted])
        children = [
            self.summary(str(row["id"]))
            for row in _rows(
                self.owner,
                "select id from orchestration_runs where parent_run_id = %s order by parent_step_id, parent_attempt",
                run_id,
            )
        ]
        facts = {
            "run": self._plain(run, "status", "parameters", "parameter_overrides", "results"),
            # A child that is prepared again gets its next execution, because its last one may not have begun.
            "generation": run["generation"] if run["parent_run_id"] is None else None,
            "failed at": (run["error"] or {}).get("stepId"),
            "tries of what failed": {
                step_id: Counter(kind for kind, data in events if data.get("stepId") == step_id and "failed" in kind)
                for step_id in sorted(exhausted)
            },
            "steps": [self._plain(row, "step_id", "status", "outputs", "reviews") for row in steps],
            "attempts": [
                (row["step_id"], row["attempt_number"], row["status"])
                for row in self._of(run_id, "orchestration_step_attempts", "step_id, attempt_number")
                if row["step_id"] not in exhausted
            ],
            "attempt numbers": {
                row["step_id"]: row["attempt_number"] for row in steps if row["step_id"] not in exhausted
            },
            "approvals": [
                self._plain(row, "step_id", "attempt_number", "status", "decision", "notes", "modifications")
                for row in self._of(run_id, "human_approvals", "step_id, attempt_number")
            ],
            "documents": [
                self._plain(row, "step_id", "attempt_number", "title", "content", "metadata")
                for row in self._of(run_id, "deliverables", "step_id, attempt_number")
            ],
            "first and last": [kept_events[0][0], kept_events[-1][0]],
            "events": self._by_step(kept_events),
            "children": [child.facts for child in children],
        }
        return RecordSummary(facts, crashes + sum(child.crashes for child in children))

    def _of(self, run_id: str, table: str, order: str) -> list[Row]:
        return _rows(self.owner, f"select * from {table} where run_id = %s order by {order}", run_id)

    def _by_step(self, events: Sequence[tuple[str, Row]]) -> dict[str, list[Any]]:
        """Events of one step are ordered; events of parallel steps are not."""
        order: dict[str, list[Any]] = {}
        for kind, data in events:
            about = f"{data.get('stepId', '')}[{data.get('itemIndex', '')}]"
            known = {name: value for name, value in data.items() if name not in _VARYING}
            order.setdefault(about, []).append((kind, self.replaced(known)))
        return order

    def _plain(self, row: Row, *columns: str) -> Row:
        return {column: self.replaced(row[column]) for column in columns}

    def replaced(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: self.replaced(one) for key, one in value.items() if key not in ("timings", "plan")}
        if isinstance(value, list):
            return [self.replaced(one) for one in value]
        return self.names.get(value, value) if isinstance(value, str) else value


def answers(owner: Owner, outcomes: Sequence[Any]) -> list[Any]:
    """People's answers, without ids and times, unordered."""
    reader = _Reader(owner, _names(owner))
    varying = ("decidedAt", "decidedBy", "runStatus")  # a repeated answer has the run's later state
    answers = [reader.replaced({key: value for key, value in one.items() if key not in varying}) for one in outcomes]
    return sorted(answers, key=repr)


def check_complete(owner: Owner, delivered: Sequence[Mapping[str, Any]]) -> None:
    """Sequence numbers without gaps, exactly the recorded events delivered, one effect an attempt, an empty outbox."""
    events = _rows(owner, "select id, run_id, type, sequence from orchestration_events order by run_id, sequence")
    for run in _rows(owner, "select id from orchestration_runs"):
        numbers = [event["sequence"] for event in events if event["run_id"] == run["id"]]
        assert numbers == list(range(1, len(numbers) + 1))
    recorded = {(str(event["id"]), str(event["run_id"]), event["type"], event["sequence"]) for event in events}
    assert {(one["id"], one["run"]["id"], one["type"], one["sequence"]) for one in delivered} == recorded
    doubled = "select run_id, step_id, attempt_number from deliverables group by 1, 2, 3 having count(*) > 1"
    assert _rows(owner, doubled) == []
    assert _rows(owner, "select kind, payload, failures, last_error from baton.outbox") == []
    assert _rows(owner, "select status from orchestration_runs where completed_at is null") == []
    assert _rows(owner, "select step_id from human_approvals where status = 'pending'") == []


def _names(owner: Owner) -> dict[str, str]:
    """A stable name for each id of a run, a document and an approval."""
    of_runs = (
        "select id, case when forked_from_run_id is not null then 'fork' when parent_run_id is not null"
        " then 'child of ' || parent_step_id else 'run' end as name from orchestration_runs"
    )
    rows = [
        *_rows(owner, of_runs),
        *_rows(owner, "select id, 'document of ' || step_id || ' ' || attempt_number as name from deliverables"),
        *_rows(owner, "select id, 'approval of ' || step_id || ' ' || attempt_number as name from human_approvals"),
    ]
    return {str(row["id"]): row["name"] for row in rows}


def _without_crashes(events: Sequence[tuple[str, Row]]) -> tuple[list[tuple[str, Row]], int]:
    kept_events: list[tuple[str, Row]] = []
    crashed: Counter[tuple[str, int | None, int]] = Counter()
    crashes = 0
    for kind, data in events:
        about = (data.get("stepId", ""), data.get("itemIndex"), data.get("attemptNumber", 0))
        if kind == "step.failed" and data["error"]["type"] == "Crashed" and data["willRetry"]:
            crashed[about] += 1
            crashes += 1
        elif kind == "step.running" and crashed[about]:
            crashed[about] -= 1
        else:
            kept_events.append((kind, data))
    assert not any(crashed.values()), f"crashed and not begun again: {crashed}"
    return kept_events, crashes


def _rows(owner: Owner, statement: str, *params: Any) -> list[Row]:
    return owner.execute(statement.encode(), params).fetchall()
