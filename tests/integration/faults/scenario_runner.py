"""Plays scenarios, with and without faults, and reports the differences."""

from __future__ import annotations

import json
import traceback
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from baton.compiler import compile_machine, make_plan
from baton.definition import parse_definition
from baton.model import Principal
from baton.yaml_source import read_yaml
from tests.integration.faults.asl import Asl
from tests.integration.faults.aws import Agent, Event
from tests.integration.faults.boundaries import Boundaries, Fault, Point
from tests.integration.faults.lambda_service import FakeLambda
from tests.integration.faults.record_summary import Owner, RecordSummary, answers, check_complete, summary_of
from tests.integration.faults.simulation import Action, Outage, Person, Simulation
from tests.integration.inserts import insert_definition, insert_member

Definition = Mapping[str, Any]


def nobody(event: Event) -> Action | None:
    """A person who does nothing."""
    return None


@dataclass(frozen=True)
class Scenario:
    """``definitions``: the launched one first. ``seed`` of the order in which branches go on; ``ends_are_reported``
    whether the events of Step Functions arrive; ``cold_seconds`` how long the first call of a function takes to start
    it. ``places`` is the number of functions that Lambda runs at once."""

    name: str
    definitions: Sequence[Definition]
    agent: Agent
    person: Person = nobody
    parameters: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    ends_are_reported: bool = True
    cold_seconds: float = 0.0
    places: int | None = None
    outage: Outage | None = None


@dataclass(frozen=True)
class PlayResult:
    """``crossed`` are the boundaries of the play, ``struck`` the faults that it met; ``asked`` are the idempotency keys
    under which agents were called, without the run's id; ``repeats`` is the number of repeated events;
    ``executions`` are those that succeeded; ``answers`` are people's."""

    summary: RecordSummary
    crossed: Sequence[Point]
    struck: Sequence[tuple[Point, Fault]]
    asked: Sequence[str]
    repeats: int
    executions: Sequence[bool]
    answers: Sequence[Any]

    def differs_from(self, undisturbed: PlayResult) -> str | None:
        """The difference in words; None if there is none that matters."""
        mine = {"record": self.summary.facts, "executions": self.executions, "answers": self.answers}
        its = {
            "record": undisturbed.summary.facts,
            "executions": undisturbed.executions,
            "answers": undisturbed.answers,
        }
        if mine != its:
            return difference(mine, its)
        if not set(self.asked) <= set(undisturbed.asked):
            return f"agents were asked for {set(self.asked) - set(undisturbed.asked)}"
        if self.summary.crashes > len(self.struck) or len(self.asked) > len(undisturbed.asked) + len(self.struck):
            return f"{self.summary.crashes} crashes, {len(self.asked)} calls of agents"
        return None


def difference(mine: Any, its: Any, path: str = "") -> str | None:
    """The first difference of two texts, in words."""
    if isinstance(mine, Mapping) and isinstance(its, Mapping) and mine.keys() == its.keys():
        parts = [difference(mine[name], its[name], f"{path}.{name}") for name in its]
    elif isinstance(mine, list) and isinstance(its, list) and len(mine) == len(its):
        parts = [difference(mine[number], its[number], f"{path}[{number}]") for number in range(len(its))]
    else:
        parts = [f"{path} is {mine}, not {its}" if mine != its else None]
    return next((part for part in parts if part is not None), None)


@dataclass
class ScenarioRunner:
    functions: FakeLambda
    owner: Owner
    _machines: dict[str, Asl] = field(default_factory=dict)

    def play(self, scenario: Scenario, faults: Mapping[int, Fault] | None = None) -> PlayResult:
        """Launches the scenario in a record without runs and runs everything until nothing is left to do."""
        for definition in scenario.definitions:
            self._publish(definition)
        for table in ("orchestration_runs", "baton.step_cache"):
            self.owner.execute(f"delete from {table}")
        boundaries = Boundaries(faults or {})
        simulation = Simulation(
            self.functions,
            self.owner,
            self._caller,
            self._machines,
            scenario.agent,
            scenario.person,
            boundaries,
            scenario.seed,
            ends_are_reported=scenario.ends_are_reported,
            cold_seconds=scenario.cold_seconds,
            places=scenario.places,
            outage=scenario.outage,
        )
        name = scenario.definitions[0]["metadata"]["name"]
        try:
            launch = simulation.spawn(lambda: simulation.client.launch(name, str(uuid.uuid4()), scenario.parameters))
            simulation.play()
        finally:
            simulation.close()
        launch.result()
        check_complete(self.owner, simulation.aws.events)
        return PlayResult(
            summary_of(self.owner),
            boundaries.crossed,
            boundaries.struck,
            sorted(task["idempotencyKey"].partition(":")[2] for task in simulation.aws.asked),
            len(simulation.aws.events) - len({event["id"] for event in simulation.aws.events}),
            sorted(execution.status == "SUCCEEDED" for execution in simulation.states.executions.values()),
            answers(self.owner, simulation.outcomes),
        )

    def problem(self, scenario: Scenario, undisturbed: PlayResult, faults: Mapping[int, Fault]) -> str | None:
        """The difference that these faults cause, in words; None if there is none."""
        try:
            played = self.play(scenario, faults)
        except Exception as error:  # noqa: BLE001 (the next point is still tried)
            where = traceback.extract_tb(error.__traceback__)[-1]
            return f"{type(error).__name__} in {where.name} ({where.line}): {error}"
        first = min(faults, default=None)
        if first is not None and (played.struck[0][0] if played.struck else None) != undisturbed.crossed[first]:
            return f"not the same play before its first fault: {played.struck}"
        return played.differs_from(undisturbed)

    def _publish(self, definition: Definition) -> None:
        """Makes a definition known in the organisation `demo`, its machine to Step Functions."""
        name = definition["metadata"]["name"]
        if name in self._machines:
            return
        document = read_yaml(json.dumps(definition, default=str), f"{name}.yaml")  # JSON is YAML
        plan = make_plan(parse_definition(document), owner="finance-manager")
        machine = compile_machine(plan)
        self._machines[name] = machine.asl
        insert_definition(self.owner, plan, machine.digest)

    @cached_property
    def _caller(self) -> Principal:
        return insert_member(self.owner, "operator", "approver")
