"""Nothing is lost, and nothing is done twice: whichever function dies, at whichever boundary of a run."""

from __future__ import annotations

import pytest

from tests.integration.faults.boundaries import KILLS
from tests.integration.faults.rig import Rig, Scenario
from tests.integration.faults.scenarios import SCENARIOS


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_function_that_is_killed_before_or_after_any_boundary_leaves_the_same_record(
    rig: Rig, scenario: Scenario, capsys: pytest.CaptureFixture[str]
) -> None:
    undisturbed = rig.play(scenario)
    assert undisturbed.ledger.crashes == 0
    assert rig.play(scenario).differs_from(undisturbed) is None

    tried = [(point, kill) for point in undisturbed.crossed for kill in KILLS]
    problems = {(point, kill): rig.problem(scenario, undisturbed, {point.number: kill}) for point, kill in tried}
    lost = [f"{kill} {point}: {problem}" for (point, kill), problem in problems.items() if problem]
    with capsys.disabled():
        print(f"\n{scenario.name}: {len(tried)} points tried, {len(tried) - len(lost)} survived")
    assert not lost, "\n".join(lost)
