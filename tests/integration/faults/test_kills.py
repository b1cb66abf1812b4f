"""Nothing is lost and nothing is done twice if any function is killed at any boundary of a run.

``thorough`` kills before and after each crossing of a boundary. ``small`` kills once at the first crossing of each
boundary, alternately before and after it. It leaves out three of four kills: the later crossings, and the other side.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle

import pytest

from tests.integration.faults.boundaries import KILLS, Fault, Point
from tests.integration.faults.scenario_runner import Scenario, ScenarioRunner
from tests.integration.faults.scenarios import SCENARIOS
from tests.profile import PROFILE, Profile


def kills(crossed: Sequence[Point]) -> list[tuple[Point, Fault]]:
    if PROFILE is Profile.THOROUGH:
        return [(point, kill) for point in crossed for kill in KILLS]
    first = {(point.function, point.what): point for point in reversed(crossed)}
    return list(zip(first.values(), cycle(KILLS), strict=False))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_function_that_is_killed_before_or_after_any_boundary_leaves_the_same_record(
    runner: ScenarioRunner, scenario: Scenario, capsys: pytest.CaptureFixture[str]
) -> None:
    undisturbed = runner.play(scenario)
    assert (undisturbed.summary.crashes, undisturbed.repeats) == (0, 0)
    assert runner.play(scenario).differs_from(undisturbed) is None

    tried = kills(undisturbed.crossed)
    problems = {(point, kill): runner.problem(scenario, undisturbed, {point.number: kill}) for point, kill in tried}
    lost = [f"{kill} {point}: {problem}" for (point, kill), problem in problems.items() if problem]
    with capsys.disabled():
        print(f"\n{scenario.name}: {len(tried)} points tried, {len(tried) - len(lost)} survived")
    assert not lost, "\n".join(lost)
