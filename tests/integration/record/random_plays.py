"""Random runs of random definitions on the record: a sequence of moves of Step Functions, agents, people and timeouts.
Each move reports what it changes in the results of its run (see ``test_results.py`` for the rule)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from hypothesis import strategies as st

from baton.errors import BatonError, StepExhausted
from baton.model import CHILD_OUTPUTS
from baton.ports.recovery import SettleCommand
from baton.store.recovery import Settlements
from baton.usecases.fork_run import ForkRequest, ForkRun
from baton.usecases.recovery import AbortRequest, RecoverRun, RetryRequest, SkipRequest

from .engine import EngineFixture
from .fakes import answer, refusal

CRASH = {"type": "Crash", "message": "the execution broke", "retryable": False}
UNFINISHED = ("pending", "queued", "running")
WEIGHTS = {  # relative frequency of each possible kind of move
    "work": 12, "ask": 9, "child": 9, "items": 9, "decide": 6, "expire": 6, "retry": 6, "skip": 6, "settle": 2,
    "fork": 1, "end": 1, "abort": 1,
}  # fmt: skip

Row = Mapping[str, Any]
Move = Callable[[], None]


@dataclass(frozen=True)
class RandomStep:
    """``before`` are numbers of earlier steps. ``asks`` is its checkpoint: none, without a timeout, or on_timeout."""

    kind: str
    before: frozenset[int]
    conditional: bool
    continues: bool
    asks: str | None
    retries: int


RANDOM_STEPS = st.builds(
    RandomStep,
    kind=st.sampled_from(["agent", "agent", "items", "child"]),
    before=st.frozensets(st.integers(0, 3), max_size=2),
    conditional=st.booleans(),
    continues=st.booleans(),
    asks=st.sampled_from([None, None, "person", "continue", "abort", "fail"]),
    retries=st.integers(0, 1),
)


class Expected(Protocol):
    """The reports of each move (see ``test_results.py``)."""

    def launched(self, run_id: str) -> None: ...
    def forked(self, run_id: str, source: str, reused: Sequence[str]) -> None: ...
    def gave(self, run_id: str, step_id: str, outputs: Mapping[str, Any]) -> None: ...
    def gave_nothing(self, run_id: str, step_id: str) -> None: ...
    def went_on_without(self, run_id: str, step_id: str, error: Mapping[str, Any] | None) -> None: ...
    def seen(self, run_id: str, step_id: str, output: str) -> Any: ...


STATUS = "select status from orchestration_steps where run_id = %s and step_id = %s"


@dataclass
class Play:
    """``draw`` makes the choices; ``look`` is called after every move."""

    engine: EngineFixture
    recover: RecoverRun
    fork_run: ForkRun
    settlements: Settlements
    expected: Expected
    draw: Callable[[Any], Any]
    look: Callable[[], None]
    name: str
    steps: dict[str, RandomStep] = field(default_factory=dict)
    root: str = ""
    runs: list[str] = field(default_factory=list)
    is_forked: bool = False
    at_work: set[tuple[str, str]] = field(default_factory=set)

    def launch(self, steps: Sequence[RandomStep]) -> None:
        self.steps = {f"s{number}": step for number, step in enumerate(steps)}
        self.engine.define(json.dumps(child_definition(f"{self.name}-child")))
        self.engine.define(json.dumps(definition(self.name, steps)))
        parameters = {"size": self.draw(st.sampled_from([1, 1, 20])), "depth": self.draw(st.sampled_from([1, 3]))}
        self.root = self.engine.launch(orchestration=self.name, parameters=parameters).run_id
        self.runs.append(self.root)
        self.expected.launched(self.root)
        self.look()

    def move(self) -> None:
        """Makes one of the possible moves."""
        moves = self._moves()
        if not moves:
            return
        kind = self.draw(st.sampled_from([kind for kind in WEIGHTS if kind in moves for _ in range(WEIGHTS[kind])]))
        name = self.draw(st.sampled_from(sorted(moves[kind])))
        with suppress(BatonError):  # a refused move changes nothing
            moves[kind][name]()
        self.look()

    def _moves(self) -> dict[str, dict[str, Move]]:
        """The possible moves, by kind and place."""
        moves: dict[str, dict[str, Move]] = {}
        query = """
            select s.*, r.id::text as run_id, r.status as run_status, r.generation, r.parent_run_id, not exists (
                select from orchestration_steps d where d.run_id = r.id and d.step_id = any (s.depends_on)
                  and not d.is_done) as is_ready, a.id::text as approval_id, a.status as approval_status, a.on_timeout
            from orchestration_runs r join orchestration_steps s on s.run_id = r.id
            left join human_approvals a on a.run_id = r.id and a.step_id = s.step_id
              and a.attempt_number = s.attempt_number
            where r.id = any (%s::uuid[])
        """
        rows = self.engine.all(query, self.runs)
        for row in rows:
            for kind, move in self._moves_of_step(row):
                name = f"{move.__name__} {self.runs.index(row['run_id'])}: {row['step_id']}"
                moves.setdefault(kind, {})[name] = partial(move, row)
        for row in {row["run_id"]: row for row in rows}.values():
            for kind, move in self._moves_of_run(row):
                moves.setdefault(kind, {})[f"{self.runs.index(row['run_id'])}"] = partial(move, row)
        return moves

    def _moves_of_step(self, row: Row) -> Iterator[tuple[str, Callable[[Row], None]]]:
        status, is_open = row["status"], row["run_status"] in ("pending", "running", "checkpoint")
        if row["approval_status"] == "pending" and row["run_status"] not in ("completed", "aborted"):
            yield "decide", self._decide
            if row["on_timeout"]:
                yield "expire", self._expire
        if not is_open or not row["is_ready"] or (row["run_id"], row["step_id"]) in self.at_work:
            return
        if status == "checkpoint" and row["approval_status"] is None:
            yield "ask", self._ask
        if status in UNFINISHED:
            yield from {
                "agent": [("work", self._work)],
                "items": [("items", self._expand), ("items", self._gather)],
                "child": [("child", self._prepare), ("child", self._collect)],
            }[self._kind(row)]
        if status in (*UNFINISHED, "checkpoint") and row["continue_on_failure"] and row["item_of"] is None:
            yield "settle", self._settle_step

    def _moves_of_run(self, row: Row) -> Iterator[tuple[str, Callable[[Row], None]]]:
        if row["run_status"] in ("pending", "running", "checkpoint"):
            yield "end", self._end
            yield "abort", self._abort
        if row["run_status"] == "failed":
            yield "retry", self._retry
            yield "skip", self._skip
        if row["run_id"] == self.root and not self.is_forked:
            yield "fork", self._fork

    def _kind(self, row: Row) -> str:
        return "agent" if row["item_of"] or row["parent_run_id"] else self.steps[row["step_id"]].kind

    # --- moves of Step Functions and agents ---------------------------------------------------------------------------

    def _work(self, row: Row) -> None:
        """Begins a step, whose agent works while other moves are made."""
        run, step_id = row["run_id"], row["step_id"]
        text = f"{step_id} no. {len(self.engine.agents.asked)}"
        result = self.draw(st.sampled_from([answer(text), answer(text), "refuses", "is busy", "crashes"]))

        def work() -> Any:
            self._check_context(row)
            for _ in range(self.draw(st.sampled_from([0, 0, 0, 1, 3]))):
                self.move()
            if result == "crashes":
                raise ConnectionError
            return result if isinstance(result, dict) else refusal(result, retryable=result == "is busy")

        self.at_work.add((run, step_id))
        self.engine.agents.script = [work]
        try:
            self._act(row, "run", lambda: {"text": text})
        except ConnectionError:
            pass
        finally:
            self.at_work.discard((run, step_id))

    def _check_context(self, row: Row) -> None:
        """Checks that the agent gets the outputs of the steps before its own."""
        if not row["parent_run_id"]:
            of_step = row["item_of"] or row["step_id"]
            before = self.engine.one(
                "select depends_on from orchestration_steps where run_id = %s and step_id = %s", row["run_id"], of_step
            )["depends_on"]
            shown = self.engine.agents.asked[-1]["payload"]["context"]
            assert shown == {one: self.expected.seen(row["run_id"], one, output_of(self.steps[one])) for one in before}

    def _expand(self, row: Row) -> None:
        self._act(row, "expand", dict)

    def _prepare(self, row: Row) -> None:
        outcome = self._act(row, "prepare", dict)
        if outcome["status"] == "start" and outcome["input"]["run_id"] not in self.runs:
            self.runs.append(outcome["input"]["run_id"])
            self.expected.launched(outcome["input"]["run_id"])

    def _gather(self, row: Row) -> None:
        query = "select outputs from orchestration_steps where run_id = %s and item_of = %s order by item_index"
        items = self.engine.all(query, row["run_id"], row["step_id"])
        self._act(row, "gather", lambda: {"text": [(item["outputs"] or {}).get("text") for item in items]})

    def _collect(self, row: Row) -> None:
        def outputs() -> dict[str, Any]:
            """What was collected, with the results of the child run as they have to be."""
            query = "select outputs from orchestration_steps where run_id = %s and step_id = %s"
            collected = self.engine.one(query, row["run_id"], row["step_id"])["outputs"]
            child = collected["orchestrationRunId"]
            results = {} if child is None else {"results": self.expected.seen(child, "", "")}
            return {**collected, **results}

        self._act(row, "collect", outputs)

    def _act(self, row: Row, action: str, outputs: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """``outputs`` are those of the step if it completes with this."""
        run, step_id, is_item = row["run_id"], row["step_id"], row["item_of"] is not None
        try:
            outcome: dict[str, Any] = self.engine.step(run, step_id, action, generation=row["generation"])
        except StepExhausted:
            # The failure of an agent is late if an operator has skipped the step meanwhile.
            is_skipped = self.engine.one(STATUS, run, step_id)["status"] == "skipped"
            if row["continue_on_failure"] and not is_item and not is_skipped:
                self.expected.went_on_without(run, step_id, self._error_of(row))
            raise
        if outcome.get("outcome", outcome["status"]) == "skipped":
            self.expected.gave_nothing(run, step_id)
        elif outcome["status"] in ("completed", "checkpoint") and not is_item:
            self.expected.gave(run, step_id, outputs())
        return outcome

    def _settle_step(self, row: Row) -> None:
        delivery = self.engine.delivery(row["run_id"], row["step_id"], "settle", generation=row["generation"])
        self.engine.settle_step(delivery)
        crashed = {"type": "Crashed", "message": "the functions that ran this step ended without an answer"}
        error = {**crashed, "retryable": False} if row["type"] == "orchestration" else None
        self.expected.went_on_without(row["run_id"], row["step_id"], error)

    def _end(self, row: Row) -> None:
        status = self.draw(st.sampled_from(["failed", "failed", "aborted"]))
        execution = self.engine.execution(row["run_id"], row["generation"])
        self.settlements.settle(SettleCommand(row["run_id"], row["generation"], status, CRASH), execution)

    # --- moves of people and of timeouts ------------------------------------------------------------------------------

    def _ask(self, row: Row) -> None:
        token = f"{row['step_id']} {row['attempt_number']}"
        self.engine.checkpoint(self.engine.of(row["run_id"]), row["step_id"], token, generation=row["generation"])

    def _decide(self, row: Row) -> None:
        decision, modifications = self.draw(
            st.sampled_from([("continue", {}), ("continue", {}), ("retry", {}), ("retry", {"size": 20}), ("abort", {})])
        )
        self.engine.decide(row["approval_id"], decision, modifications=modifications)
        if decision == "continue":
            self._goes_on(row)

    def _expire(self, row: Row) -> None:
        run, step_id = row["run_id"], row["step_id"]
        self.engine.owner.execute("update human_approvals set expires_at = now() where id = %s", (row["approval_id"],))
        try:
            if self.engine.expire(self.engine.of(run), step_id, row["generation"]) == {"decision": "continue"}:
                self._goes_on(row)
        except StepExhausted:
            if row["continue_on_failure"]:
                self.expected.went_on_without(run, step_id, self._error_of(row))

    def _goes_on(self, row: Row) -> None:
        """Continues a step, by a person or a timeout, with its outputs as they are, also of an abandoned step."""
        query = "select outputs from orchestration_steps where run_id = %s and step_id = %s"
        made = self.engine.one(query, row["run_id"], row["step_id"])["outputs"]
        self.expected.gave(row["run_id"], row["step_id"], made)

    def _abort(self, row: Row) -> None:
        self.recover.abort(self.engine.caller, AbortRequest(row["run_id"], "enough"))

    def _retry(self, row: Row) -> None:
        step_id = self._failed_step(row)
        self.recover.retry(self.engine.caller, RetryRequest(row["run_id"], step_id))

    def _skip(self, row: Row) -> None:
        step_id = self._failed_step(row)
        name = self.draw(st.sampled_from([None, "text", "status"]))
        replacement = {} if name is None else {name: "a replacement"}
        skipped = self.recover.skip(self.engine.caller, SkipRequest(row["run_id"], step_id, replacement))["stepId"]
        outputs = CHILD_OUTPUTS if self.steps[skipped].kind == "child" else ("text",)
        self.expected.gave(row["run_id"], skipped, {**dict.fromkeys(outputs), **replacement})

    def _failed_step(self, row: Row) -> str | None:
        """One that an operator may name, or none."""
        query = "select step_id from orchestration_steps where run_id = %s and status = 'failed' and item_of is null"
        failed = [step["step_id"] for step in self.engine.all(query + " order by step_index", row["run_id"])]
        return self.draw(st.sampled_from([*failed, None]))

    def _fork(self, row: Row) -> None:
        step_id = self.draw(st.sampled_from([*self.steps]))
        forked = self.fork_run(self.engine.caller, ForkRequest(row["run_id"], step_id)).run_id
        self.is_forked = True
        self.runs.append(forked)
        reused = self.engine.all("select step_id from orchestration_steps where run_id = %s and is_done", forked)
        self.expected.forked(forked, row["run_id"], [row["step_id"] for row in reused])

    def _error_of(self, row: Row) -> Mapping[str, Any] | None:
        """The error of an orchestration step, which dependents see; none for other steps."""
        if row["type"] != "orchestration":
            return None
        query = "select error from orchestration_steps where run_id = %s and step_id = %s"
        return dict(self.engine.one(query, row["run_id"], row["step_id"])["error"])


# --- definitions ------------------------------------------------------------------------------------------------------


def definition(name: str, steps: Sequence[RandomStep]) -> dict[str, Any]:
    parameters = [{"name": one, "type": "integer", "default": 1} for one in ("size", "depth")]
    return {
        "metadata": {"name": name, "displayName": name, "version": "1.0.0", "description": "random"},
        "orchestration": {"parameters": parameters, "steps": [step_of(name, n, steps) for n in range(len(steps))]},
    }


def step_of(definition_name: str, number: int, steps: Sequence[RandomStep]) -> dict[str, Any]:
    step = steps[number]
    before = sorted(n for n in step.before if n < number)
    written: dict[str, Any] = {"id": f"s{number}", "name": f"S{number}", "depends_on": [f"s{n}" for n in before]}
    if step.kind == "child":
        child = {"name": f"{definition_name}-child", "parameters": {"depth": "{{ depth }}"}}
        written |= {"type": "orchestration", "orchestration": child}
        written |= {"on_child_failure": "continue"} if step.continues else {}
    else:
        shown = {f"s{n}": f"{{{{ steps.s{n}.{output_of(steps[n])} }}}}" for n in before}
        written |= {"agent": "summarizer", "input": {"context": shown}, "continue_on_failure": step.continues}
        written |= {"output_mapping": {"text": "$.content.deliverable.content"}}
        written |= {"for_each": ["north", "south"]} if step.kind == "items" else {}
    if step.conditional:
        written["when"] = "size < 10"
    if step.asks:
        offered = [{"action": action, "label": action} for action in ("continue", "retry", "abort")]
        offered[1]["allows_modification"] = True  # type: ignore[assignment]
        timed = {} if step.asks == "person" else {"timeout_seconds": 60, "on_timeout": step.asks}
        written["checkpoint_after"] = {"question": "Right?", "options": offered, **timed}
    written["error_handling"] = {"on_step_failure": {"retry_count": step.retries}}
    return written


def child_definition(name: str) -> dict[str, Any]:
    """Two steps, the first with a checkpoint. Only a depth of 1 is allowed."""
    first = RandomStep("agent", frozenset(), False, False, "person", 0)
    second = RandomStep("agent", frozenset({0}), False, True, None, 0)
    written = definition(name, [first, second])
    written["orchestration"]["parameters"][1]["enum"] = [1]
    return written


def output_of(step: RandomStep) -> str:
    return "status" if step.kind == "child" else "text"
