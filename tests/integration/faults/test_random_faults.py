"""The rule of ``test_kills`` for random runs with several faults of any kind.

``small`` leaves out three of four graphs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zlib import crc32

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.faults.aws import Event, Task
from tests.integration.faults.boundaries import FAULTS, Fault
from tests.integration.faults.scenario_parts import checkpoint, decision, definition, echo, refuse
from tests.integration.faults.scenario_runner import PlayResult, Scenario, ScenarioRunner
from tests.integration.faults.simulation import Action
from tests.profile import examples

_MOST_STEPS = 6
_MOST_FAULTS = 3
_PLAYS = 3  # of each graph, with different faults
_PATIENT = {"retry_count": 8, "initial_delay_seconds": 1}  # more tries than faults can use up


@dataclass(frozen=True)
class RandomStep:
    """One step: whether it waits for each of those before it, runs an item for each of two, is refused at first, and is
    asked about, with a first answer."""

    waits: tuple[bool, ...]
    fans_out: bool
    is_refused: bool
    first_answer: str | None

    def step(self, number: int) -> dict[str, Any]:
        step: dict[str, Any] = {
            "id": f"s{number}",
            "depends_on": [f"s{before}" for before, waits in enumerate(self.waits[:number]) if waits],
        }
        if self.fans_out:
            step |= {"for_each": ["x", "y"], "as": "one", "input": {"userMessage": "{{ one }}"}}
        if self.first_answer is not None:
            step |= {"checkpoint_after": checkpoint()}
        return step


steps = st.builds(
    RandomStep,
    waits=st.tuples(*[st.booleans()] * _MOST_STEPS),
    fans_out=st.sampled_from([False, False, False, True]),
    is_refused=st.sampled_from([False, False, True]),
    first_answer=st.sampled_from([None, None, "continue", "retry"]),
)
faults = st.dictionaries(st.integers(0, 999), st.integers(0, 3), min_size=1, max_size=_MOST_FAULTS)


def scenario_of(graph: list[RandomStep], max_parallel: int | None, seed: int) -> Scenario:
    by_id = {f"s{number}": drawn for number, drawn in enumerate(graph)}

    def agent(task: Task) -> dict[str, Any]:
        refused = by_id[task["run"]["stepId"]].is_refused and task["run"]["attemptNumber"] == 1
        return refuse(task) if refused else echo(task)

    def person(event: Event) -> Action | None:
        drawn = by_id.get(event["data"].get("stepId", ""))
        first_asked = 1 if drawn is None or drawn.fans_out or not drawn.is_refused else 2
        is_first = drawn is not None and event["data"].get("attemptNumber") == first_asked
        return decision(event, drawn.first_answer if drawn and drawn.first_answer and is_first else "continue")

    wanted = [drawn.step(number) for number, drawn in enumerate(graph)]
    execution = {"concurrency": {"maxParallel": max_parallel}} if max_parallel else {}
    name = f"random-{crc32(repr((wanted, max_parallel)).encode()):08x}"
    return Scenario(name, [definition(name, wanted, retries=_PATIENT, **execution)], agent, person, seed=seed)


def faults_at_crossings(drawn: dict[int, int], undisturbed: PlayResult) -> dict[int, Fault]:
    """Faults at existing crossings, each of a kind that its boundary can have."""
    points = [(undisturbed.crossed[number % len(undisturbed.crossed)], kind) for number, kind in drawn.items()]
    return {point.number: FAULTS[point.kind][kind % len(FAULTS[point.kind])] for point, kind in points}


@pytest.fixture(scope="module")
def problems(request: pytest.FixtureRequest) -> Any:
    """Counts the plays, and reports their number at the end."""
    plays: list[str | None] = []
    yield plays
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print(f"\nrandom graphs and faults: {len(plays)} plays tried, {plays.count(None)} survived")


@settings(
    max_examples=examples(20),
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    graph=st.lists(steps, min_size=1, max_size=_MOST_STEPS),
    max_parallel=st.sampled_from([None, None, 1, 2]),
    seed=st.integers(0, 99),
    plays=st.lists(faults, min_size=_PLAYS, max_size=_PLAYS),
)
def test_any_graph_leaves_the_same_record_with_and_without_faults(
    runner: ScenarioRunner,
    problems: list[str | None],
    graph: list[RandomStep],
    max_parallel: int | None,
    seed: int,
    plays: list[dict[int, int]],
) -> None:
    scenario = scenario_of(graph, max_parallel, seed)
    undisturbed = runner.play(scenario)
    for drawn in plays:
        wanted = faults_at_crossings(drawn, undisturbed)
        problems.append(runner.problem(scenario, undisturbed, wanted))
        assert problems[-1] is None, wanted
