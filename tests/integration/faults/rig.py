"""Plays scenarios, with and without faults, and says what differs."""

from __future__ import annotations

import json
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
    """``definitions``: the launched one first. ``seed`` of the order in which branches go on."""

    name: str
    definitions: Sequence[Definition]
    agent: Agent
    person: Person = nobody
    parameters: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0


@dataclass(frozen=True)
class Played:
    """``crossed`` are the boundaries of the play, ``struck`` the faults that it met; ``asked`` are the idempotency keys
    under which agents were called, without the run's id; ``executions`` how those ended; ``answers`` what people
    got."""

    ledger: Ledger
    crossed: Sequence[Point]
    struck: Sequence[tuple[Point, Fault]]
    asked: Sequence[str]
    executions: Sequence[str]
    answers: Sequence[Any]

    def differs_from(self, undisturbed: Played) -> str | None:
        """What, in words; None if nothing does that faults must not change."""
        mine, its = self.ledger.story, undisturbed.ledger.story
        for name in its:
            if mine[name] != its[name]:
                return f"{name}: {mine[name]} instead of {its[name]}"
        if self.executions != undisturbed.executions:
            return f"executions: {self.executions} instead of {undisturbed.executions}"
        if self.answers != undisturbed.answers:
            return f"answers: {self.answers} instead of {undisturbed.answers}"
        if not set(self.asked) <= set(undisturbed.asked):
            return f"agents were asked for {set(self.asked) - set(undisturbed.asked)}"
        if self.ledger.crashes > len(self.struck) or len(self.asked) > len(undisturbed.asked) + len(self.struck):
            return f"{self.ledger.crashes} crashes, {len(self.asked)} calls of agents"
        return None


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
        )
        name = scenario.definitions[0]["metadata"]["name"]
        try:
            launch = world.spawn(lambda: world.desk.launch(name, str(uuid.uuid4()), scenario.parameters))
            world.play()
        finally:
            world.close()
        run_id = launch.result()
        check_complete(self.owner, world.services.told, run_id)
        return Played(
            ledger_of(self.owner, run_id),
            boundaries.crossed,
            boundaries.struck,
            sorted(task["idempotencyKey"].partition(":")[2] for task in world.services.asked),
            sorted(execution.status for execution in world.states.executions.values()),
            answers(self.owner, run_id, world.outcomes),
        )

    def problem(self, scenario: Scenario, undisturbed: Played, faults: Mapping[int, Fault]) -> str | None:
        """What goes wrong with these faults, in words; None if the play is what it was without them."""
        try:
            played = self.play(scenario, faults)
        except Exception as error:  # noqa: BLE001 (the next point is tried all the same)
            return f"{type(error).__name__}: {error}"
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
