"""One play: people, programs and services that change a run, their order, and virtual time.

A seed decides which of them runs next; time passes only when none of them can run. So a play with the same seed and
the same faults is the same play.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import psycopg

from baton.model import Principal
from tests.integration.faults.api_client import ApiClient, insist, once
from tests.integration.faults.asl import Asl, StateError
from tests.integration.faults.aws import Agent, Event, FakeAws
from tests.integration.faults.boundaries import Boundaries
from tests.integration.faults.clock import FakeClock
from tests.integration.faults.fibers import Fiber
from tests.integration.faults.lambda_service import MACHINES, FakeLambda
from tests.integration.faults.machine import Execution
from tests.integration.faults.step_functions import FakeStepFunctions

_MINUTE = 60.0  # how often the schedule calls
_FIRST_CALL = 20.0  # so that waits of whole or half minutes never end at the same time as a call
_PATIENCE = 86_400.0  # no wait is longer than a day
_SWEEPS = 100  # after so many sweeps, nothing may be left to do

Action = Callable[[ApiClient], Any]
"""What a person does through the client; the result is the answer they got."""
Person = Callable[[Event], Action | None]
"""What a person does when they hear of an event, if anything."""


@dataclass(frozen=True)
class Outage:
    """The database is away for so many seconds from the first call of an agent for ``step_id`` on."""

    step_id: str
    seconds: float


class StuckError(AssertionError):
    """The play waits for an event that never happens."""


class Simulation:
    """``outcomes`` are the answers that people got."""

    def __init__(
        self,
        functions: FakeLambda,
        owner: psycopg.Connection[Any],
        caller: Principal,
        machines: Mapping[str, Asl],
        agent: Agent,
        person: Person,
        boundaries: Boundaries,
        seed: int,
        *,
        ends_are_reported: bool = True,
        cold_seconds: float = 0.0,
        places: int | None = None,
        outage: Outage | None = None,
    ) -> None:
        self.outcomes: list[Any] = []
        self._clock = FakeClock(owner)
        by_arn = {MACHINES + name: machine for name, machine in machines.items()}
        self.states = FakeStepFunctions(by_arn, self._clock, self._call, self._tell_end, cold_seconds)
        self.client = ApiClient(functions, caller, self.states)
        self.aws = FakeAws(functions, self.states, self._with_outage(agent), self._listen, self._is_full)
        functions.boundaries, functions.aws, functions.spawn = boundaries, self.aws, self.spawn
        self._functions, self._owner, self._person = functions, owner, person
        self._random = random.Random(seed)
        self._fibers: list[Fiber] = []
        self._tasks: set[Fiber] = set()
        self._sweeps = 0
        self._ends_are_reported = ends_are_reported
        self._places, self._outage, self._away_until = places, outage, 0.0
        self._at_work: list[Fiber] = []
        functions.is_database_away = self._is_database_away

    def spawn(self, work: Callable[[], Any]) -> Fiber:
        """Begins a fiber that runs in turn with the others. It must not fail."""
        self._fibers.append(Fiber(work))
        return self._fibers[-1]

    def play(self) -> None:
        """Runs the play until nothing is left to do."""
        while True:
            while ready := self._ready():
                self._random.choice(ready)()
                self._clock.tick()
            if not self._let_time_pass():
                return

    def close(self) -> None:
        for fiber in self._fibers:
            fiber.abandon()

    # --- who can go on ----------------------------------------------------------------------------------------------

    def _ready(self) -> list[Callable[[], None]]:
        for fiber in [one for one in self._fibers if one.done]:
            self._fibers.remove(fiber)
            if fiber not in self._tasks:
                fiber.result()  # raises every failure, except of a Task: its machine handles that
        lines = [(execution, line) for execution, line in self.states.running() if line.ready]
        return [
            *(fiber.advance for fiber in self._fibers),
            *(partial(execution.advance, line) for execution, line in lines),
        ]

    def _let_time_pass(self) -> bool:
        """Jumps to the next moment at which something wakes; False if there is none."""
        due = self._scheduled()
        moments = self.states.moments() + ([self._call_after(self._clock.seconds)] if due else [])
        instants = {} if self._is_database_away() else self._instants()
        moments += [self._call_after(instant) for instant in instants.values()]
        if not moments:
            return False
        if min(moments) > self._clock.seconds + _PATIENCE:
            raise StuckError(f"waiting in vain: {[line.waits for _, line in self.states.running()]}")
        self._clock.pass_to(min(moments))
        self.states.time_has_passed()
        due += [name for name, instant in instants.items() if name not in due and instant <= self._clock.seconds]
        if due and (self._clock.seconds - _FIRST_CALL) % _MINUTE < 0.001:
            self._sweep(due)
        return True

    # --- the schedule -----------------------------------------------------------------------------------------------

    def _call_after(self, seconds: float) -> float:
        return _FIRST_CALL + ((seconds - _FIRST_CALL) // _MINUTE + 1) * _MINUTE

    def _instants(self) -> dict[str, float]:
        """The next instants at which the schedule finds something to do: of an effect, an approval, or a run."""
        row = self._owner.execute(
            "select extract(epoch from least(min(a.expires_at), (select min(o.available_at) from baton.outbox o))"
            " - clock_timestamp())::float as relay,"
            " extract(epoch from min(r.ends_at) - clock_timestamp())::float as reconcile from orchestration_runs r"
            " left join human_approvals a on a.run_id = r.id and a.status = 'pending' where r.is_open"
        ).fetchone()
        assert row is not None
        return {name: self._clock.seconds + max(left, 0.0) for name, left in row.items() if left is not None}

    def _scheduled(self) -> list[str]:
        """The functions of the schedule that would find something to do now."""
        row = self._owner.execute(
            "select exists (select from baton.outbox where available_at <= clock_timestamp()) as relay,"
            " exists (select from orchestration_runs"
            " where status in ('pending', 'running', 'checkpoint')) as reconcile"
        ).fetchone()
        assert row is not None
        if self._is_database_away():
            return []  # they could do nothing
        at_rest = all(execution.done for execution in self.states.executions.values())
        needed = {"relay": row["relay"], "reconcile": row["reconcile"] and at_rest}
        return [name for name, is_needed in needed.items() if is_needed]

    def _sweep(self, functions: list[str]) -> None:
        self._sweeps += 1
        if self._sweeps > _SWEEPS:
            left = self._owner.execute("select kind, payload, failures, last_error from baton.outbox").fetchall()
            raise StuckError(f"{functions} do not get done: {left}")
        for name in functions:
            self.spawn(partial(once, partial(self._functions.invoke, name, {"detail": {}})))

    # --- what goes on by itself -------------------------------------------------------------------------------------

    def _call(self, function: str, payload: Any) -> Fiber:
        """A Task's call of ``${StepFunctionArn}`` and the like."""
        (name,) = re.findall(r"^\$\{(\w+)FunctionArn\}$", function)
        if self._is_full():
            fiber = self.spawn(_throttled)
        else:
            fiber = self.spawn(lambda: self._functions.invoke(name.lower(), payload))
            self._at_work.append(fiber)
        self._tasks.add(fiber)
        return fiber

    def _is_full(self) -> bool:
        """Whether as many functions of Tasks are at work as Lambda has places for."""
        self._at_work = [fiber for fiber in self._at_work if not fiber.done]
        return self._places is not None and len(self._at_work) >= self._places

    def _is_database_away(self) -> bool:
        return self._clock.seconds < self._away_until

    def _with_outage(self, agent: Agent) -> Agent:
        """The agent; the outage begins while it is at work."""

        def at_work(task: Mapping[str, Any]) -> Mapping[str, Any]:
            if self._outage is not None and task["run"]["stepId"] == self._outage.step_id and not self._away_until:
                self._away_until = self._clock.seconds + self._outage.seconds
            return agent(task)

        return at_work

    def _listen(self, event: Event) -> None:
        act = self._person(event)
        if act is not None:
            self.spawn(lambda: self.outcomes.append(act(self.client)))

    def _tell_end(self, execution: Execution) -> None:
        """Sends the end of an execution to its function, like EventBridge."""
        if execution.status == "SUCCEEDED" or not self._ends_are_reported:
            return
        error = execution.error or StateError("")
        event = {
            "source": "aws.states",
            "detail-type": "Step Functions Execution Status Change",
            "detail": {
                "executionArn": execution.arn,
                "name": execution.name,
                "stateMachineArn": execution.arn.replace(":execution:", ":stateMachine:").rpartition(":")[0],
                "status": execution.status,
                "input": json.dumps(execution.input),
                "error": error.name,
                "cause": error.cause,
            },
        }
        self.spawn(lambda: insist(lambda: self._functions.invoke("reconcile", event)))


def _throttled() -> None:
    raise StateError("Lambda.TooManyRequestsException", "Rate exceeded")
