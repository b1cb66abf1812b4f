"""Plays scenarios, with and without faults, and says what differs."""

from __future__ import annotations

import json
import traceback
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from psycopg.types.json import Jsonb

from baton.compiler import compile_machine, make_plan
from baton.definition import parse_definition
from baton.model import Principal
from baton.yaml_source import read_yaml
from tests.integration.faults.asl import Asl
from tests.integration.faults.aws import Agent, Event
from tests.integration.faults.boundaries import Boundaries, Fault, Point
from tests.integration.faults.functions import Functions
from tests.integration.faults.ledger import Ledger, Owner, answers, check_complete, ledger_of
from tests.integration.faults.world import Act, Person, World

Definition = Mapping[str, Any]


def nobody(event: Event) -> Act | None:
    """A person for whom there is nothing to do."""
    return None


@dataclass(frozen=True)
class Scenario:
    """``definitions``: the launched one first. ``seed`` of the order in which branches go on; ``ends_are_told`` whether
    the events of Step Functions arrive; ``cold_seconds`` how long the first call of a function takes to start it."""

    name: str
    definitions: Sequence[Definition]
    agent: Agent
    person: Person = nobody
    parameters: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    ends_are_told: bool = True
    cold_seconds: float = 0.0


@dataclass(frozen=True)
class Played:
    """``crossed`` are the boundaries of the play, ``struck`` the faults that it met; ``asked`` are the idempotency keys
    under which agents were called, without the run's id; ``executions`` which succeeded; ``answers`` what people
    got."""

    ledger: Ledger
    crossed: Sequence[Point]
    struck: Sequence[tuple[Point, Fault]]
    asked: Sequence[str]
    executions: Sequence[bool]
    answers: Sequence[Any]

    def differs_from(self, undisturbed: Played) -> str | None:
        """What, in words; None if nothing does that faults must not change."""
        mine = {"record": self.ledger.story, "executions": self.executions, "answers": self.answers}
        its = {
            "record": undisturbed.ledger.story,
            "executions": undisturbed.executions,
            "answers": undisturbed.answers,
        }
        if mine != its:
            return difference(mine, its)
        if not set(self.asked) <= set(undisturbed.asked):
            return f"agents were asked for {set(self.asked) - set(undisturbed.asked)}"
        if self.ledger.crashes > len(self.struck) or len(self.asked) > len(undisturbed.asked) + len(self.struck):
            return f"{self.ledger.crashes} crashes, {len(self.asked)} calls of agents"
        return None


def difference(mine: Any, its: Any, path: str = "") -> str | None:
    """Where two stories part, in words."""
    if isinstance(mine, Mapping) and isinstance(its, Mapping) and mine.keys() == its.keys():
        parts = [difference(mine[name], its[name], f"{path}.{name}") for name in its]
    elif isinstance(mine, list) and isinstance(its, list) and len(mine) == len(its):
        parts = [difference(mine[number], its[number], f"{path}[{number}]") for number in range(len(its))]
    else:
        parts = [f"{path} is {mine}, not {its}" if mine != its else None]
    return next((part for part in parts if part is not None), None)


@dataclass
class Rig:
    functions: Functions
    owner: Owner
    _machines: dict[str, Asl] = field(default_factory=dict)

    def play(self, scenario: Scenario, faults: Mapping[int, Fault] | None = None) -> Played:
        """Launches the scenario in a record without runs and lets everybody go on until nothing is left to do."""
        for definition in scenario.definitions:
            self._publish(definition)
        for table in ("orchestration_runs", "baton.step_cache"):
            self.owner.execute(f"delete from {table}")
        boundaries = Boundaries(faults or {})
        world = World(
            self.functions,
            self.owner,
            self._caller,
            self._machines,
            scenario.agent,
            scenario.person,
            boundaries,
            scenario.seed,
            ends_are_told=scenario.ends_are_told,
            cold_seconds=scenario.cold_seconds,
        )
        name = scenario.definitions[0]["metadata"]["name"]
        try:
            launch = world.spawn(lambda: world.desk.launch(name, str(uuid.uuid4()), scenario.parameters))
            world.play()
        finally:
            world.close()
        launch.result()
        check_complete(self.owner, world.services.told)
        return Played(
            ledger_of(self.owner),
            boundaries.crossed,
            boundaries.struck,
            sorted(task["idempotencyKey"].partition(":")[2] for task in world.services.asked),
            sorted(execution.status == "SUCCEEDED" for execution in world.states.executions.values()),
            answers(self.owner, world.outcomes),
        )

    def problem(self, scenario: Scenario, undisturbed: Played, faults: Mapping[int, Fault]) -> str | None:
        """What goes wrong with these faults, in words; None if the play is what it was without them."""
        try:
            played = self.play(scenario, faults)
        except Exception as error:  # noqa: BLE001 (the next point is tried all the same)
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
        self.owner.execute(
            "insert into orchestration_definitions (organization_id, name, version, display_name, owner_agent_slug,"
            " source, plan, digest) select id, %s, %s, %s, 'finance-manager', '', %s, %s"
            " from organizations where slug = 'demo'",
            (plan.name, plan.version, plan.display_name, Jsonb(plan.to_json()), machine.digest),
        )

    @cached_property
    def _caller(self) -> Principal:
        user_id = str(uuid.uuid4())
        self.owner.execute(
            "insert into organization_members (organization_id, user_id, roles)"
            " select id, %s, '{operator,approver}' from organizations where slug = 'demo'",
            (user_id,),
        )
        return Principal(user_id)
