"""Many branches and items at once."""

from __future__ import annotations

import json
from typing import Any

from tests.integration.simulated_aws.machines import (
    FakeFunctions,
    end,
    start,
    token_machine,
)
from tests.integration.waiting import PATIENCE


def test_forty_branches_wait_at_once(states: Any, functions: FakeFunctions, function: str) -> None:
    branches = [token_machine(function) for _ in range(40)]
    execution = start(
        states, {"StartAt": "all", "States": {"all": {"Type": "Parallel", "Branches": branches, "End": True}}}
    )
    tokens = [functions.tokens.get(timeout=PATIENCE) for _ in branches]
    for number, token in enumerate(tokens):
        states.send_task_success(taskToken=token, output=str(number))
    assert sorted(json.loads(end(states, execution)["output"])) == list(range(40))


def test_a_map_selects_the_input_of_its_items_and_limits_its_concurrency(
    states: Any, functions: FakeFunctions, function: str
) -> None:
    item = token_machine(function)
    item["States"]["call"]["Parameters"]["Payload"] |= {"index.$": "$.index", "run_id.$": "$.run_id"}
    item["States"]["call"]["ResultPath"] = "$.answer"
    items = {
        "Type": "Map",
        "ItemsPath": "$.outcome.items",
        "ItemSelector": {"run_id.$": "$.run_id", "index.$": "$$.Map.Item.Value"},
        "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, **item},
        "MaxConcurrency": 2,
        "ResultPath": None,
        "Next": "after",
    }
    definition = {"StartAt": "items", "States": {"items": items, "after": {"Type": "Pass", "End": True}}}
    data = {"run_id": "r", "outcome": {"items": [0, 1, 2]}}
    execution = start(states, definition, input=json.dumps(data))
    first, second = functions.tokens.get(timeout=PATIENCE), functions.tokens.get(timeout=PATIENCE)
    assert functions.tokens.empty()
    states.send_task_success(taskToken=first, output="{}")
    third = functions.tokens.get(timeout=PATIENCE)
    for token in (second, third):
        states.send_task_success(taskToken=token, output="{}")
    assert json.loads(end(states, execution)["output"]) == data


def test_a_map_over_an_empty_list_succeeds(states: Any, functions: FakeFunctions, function: str) -> None:
    items = {
        "Type": "Map",
        "ItemsPath": "$.items",
        "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, **token_machine(function)},
        "ResultPath": None,
        "End": True,
    }
    execution = start(states, {"StartAt": "items", "States": {"items": items}}, input='{"items": []}')
    assert end(states, execution)["status"] == "SUCCEEDED"
