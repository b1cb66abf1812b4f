"""What Baton needs of Step Functions, Lambda and EventBridge, asked of the moto that is installed, mended."""

from __future__ import annotations

import json
import queue
import threading
import uuid
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import version
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.awslambda.models import LambdaFunction
from moto.events.models import Rule
from moto.stepfunctions.models import StateMachine
from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker

from local import moto_fixes, status_events
from local.runtime import Answer
from local.stack import Stack
from tests.integration.waiting import wait_until

ROLE = "arn:aws:iam::123456789012:role/local"
PASSING = {"StartAt": "pass", "States": {"pass": {"Type": "Pass", "End": True}}}


def calling(resource: str, **more: Any) -> dict[str, Any]:
    task = {"Type": "Task", "Resource": resource, "TimeoutSeconds": 3600, "End": True, **more}
    return {"StartAt": "call", "States": {"call": task}}


def waiting(function: str) -> dict[str, Any]:
    parameters = {"FunctionName": function, "Payload": {"token.$": "$$.Task.Token"}}
    return calling("arn:aws:states:::lambda:invoke.waitForTaskToken", Parameters=parameters)


class Functions:
    """Stands for the functions that moto invokes."""

    def __init__(self) -> None:
        self.tokens: queue.Queue[str] = queue.Queue()
        self.events: queue.Queue[tuple[str, Any]] = queue.Queue()
        self.ends: queue.Queue[Any] = queue.Queue()
        self.entered = threading.Event()
        self.may_return = threading.Event()
        self.answer = Answer("{}")

    def invoke(self, name: str, event: str) -> Answer:
        self.entered.set()
        if name.endswith("slow"):
            self.may_return.wait(30)
        if token := json.loads(event).get("token"):
            self.tokens.put(token)
        return self.answer

    def invoke_later(self, name: str, event: str) -> None:
        self.events.put((name, json.loads(event)))


@pytest.fixture
def functions(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Functions:
    functions = Functions()
    monkeypatch.setattr(LambdaFunction, "invoke", LambdaFunction.invoke)  # both are put back after the test
    monkeypatch.setattr(Rule, "send_to_targets", Rule.send_to_targets)
    monkeypatch.setattr(moto_fixes, "_reporters", [functions.ends.put])
    moto_fixes.run_functions(functions.invoke, functions.invoke_later)
    moto_fixes.deliver_events_to_functions(functions.invoke_later)
    return functions


@pytest.fixture
def states(stack: Stack) -> Any:
    return boto3.client("stepfunctions")


@pytest.fixture
def lambdas(stack: Stack) -> Any:
    return boto3.client("lambda")


@pytest.fixture
def function(functions: Functions, lambdas: Any) -> str:
    return create_function(lambdas, f"asked-{uuid.uuid4()}")


def create_function(lambdas: Any, name: str) -> str:
    lambdas.create_function(
        FunctionName=name, Role=ROLE, Handler="app.handler", Runtime="python3.13", Code={"ZipFile": EMPTY_ARCHIVE}
    )
    return name


EMPTY_ARCHIVE = b"PK\x05\x06" + bytes(18)


def start(states: Any, definition: dict[str, Any], **more: Any) -> str:
    machine = states.create_state_machine(name=f"m-{uuid.uuid4()}", definition=json.dumps(definition), roleArn=ROLE)
    return str(states.start_execution(stateMachineArn=machine["stateMachineArn"], **more)["executionArn"])


def status(states: Any, execution: str) -> str:
    return str(states.describe_execution(executionArn=execution)["status"])


def end(states: Any, execution: str) -> dict[str, Any]:
    wait_until(lambda: status(states, execution) != "RUNNING")
    return dict(states.describe_execution(executionArn=execution))


def error_code(call: Any, **arguments: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return str(caught.value.response["Error"]["Code"])


def test_the_fixes_belong_to_the_moto_that_is_installed() -> None:
    """Another moto may need fewer of them, or others: look at each, then change the version."""
    assert version("moto") == moto_fixes.MOTO


def test_an_execution_without_a_name_gets_one(states: Any) -> None:
    machine = states.create_state_machine(name=f"m-{uuid.uuid4()}", definition=json.dumps(PASSING), roleArn=ROLE)
    arns = {
        states.start_execution(stateMachineArn=machine["stateMachineArn"], input=json.dumps({"n": number}))[
            "executionArn"
        ]
        for number in range(2)
    }
    assert len(arns) == 2
    assert not [arn for arn in arns if arn.endswith(":None")]


def test_an_execution_of_one_name_is_started_once_however_many_ask(
    states: Any, function: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are made to look for the name before either has taken it, unless they look one after the other."""
    machine = states.create_state_machine(
        name=f"m-{uuid.uuid4()}", definition=json.dumps(waiting(function)), roleArn=ROLE
    )["stateMachineArn"]
    look, together = StateMachine._handle_name_input_idempotency, threading.Barrier(2)

    def look_together(self: StateMachine, name: str, execution_input: str) -> Any:
        found = look(self, name, execution_input)
        with suppress(threading.BrokenBarrierError):
            together.wait(0.5)
        return found

    monkeypatch.setattr(StateMachine, "_handle_name_input_idempotency", look_together)
    named = {"stateMachineArn": machine, "name": "one", "input": "{}"}
    threads = [threading.Thread(target=states.start_execution, kwargs=named) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(states.list_executions(stateMachineArn=machine)["executions"]) == 1


def test_a_name_that_is_taken_by_an_ended_execution_stays_taken(states: Any) -> None:
    machine = states.create_state_machine(name=f"m-{uuid.uuid4()}", definition=json.dumps(PASSING), roleArn=ROLE)
    named = {"stateMachineArn": machine["stateMachineArn"], "name": "one", "input": "{}"}
    end(states, states.start_execution(**named)["executionArn"])
    assert error_code(states.start_execution, **named) == "ExecutionAlreadyExists"


def test_a_token_is_answered_while_another_execution_begins(
    states: Any, functions: Functions, function: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """moto looks through the machines in the order in which they were made, so the other one's is made first."""
    other = states.create_state_machine(name=f"m-{uuid.uuid4()}", definition=json.dumps(PASSING), roleArn=ROLE)
    execution = start(states, waiting(function))
    token = functions.tokens.get(timeout=30)
    begin, may_begin = ExecutionWorker._execution_logic, threading.Event()

    def begin_later(self: ExecutionWorker) -> None:
        may_begin.wait(30)
        begin(self)

    monkeypatch.setattr(ExecutionWorker, "_execution_logic", begin_later)
    beginning = states.start_execution(stateMachineArn=other["stateMachineArn"])["executionArn"]
    try:
        states.send_task_success(taskToken=token, output="{}")
    finally:
        may_begin.set()
    assert end(states, execution)["status"] == "SUCCEEDED"
    assert end(states, beginning)["status"] == "SUCCEEDED"


def test_the_first_answer_to_a_token_counts(states: Any, functions: Functions, function: str) -> None:
    execution = start(states, waiting(function))
    token = functions.tokens.get(timeout=30)
    states.send_task_success(taskToken=token, output='{"answer": 1}')
    assert error_code(states.send_task_success, taskToken=token, output='{"answer": 2}') == "TaskTimedOut"
    assert json.loads(end(states, execution)["output"]) == {"answer": 1}


def test_a_token_of_an_ended_execution_timed_out(states: Any, functions: Functions, function: str) -> None:
    execution = start(states, waiting(function))
    token = functions.tokens.get(timeout=30)
    states.send_task_success(taskToken=token, output="{}")
    end(states, execution)
    assert error_code(states.send_task_success, taskToken=token, output="{}") == "TaskTimedOut"
    assert error_code(states.send_task_failure, taskToken=token) == "TaskTimedOut"
    assert error_code(states.send_task_success, taskToken="nonsense", output="{}") == "InvalidToken"


def test_a_token_of_an_earlier_engine_timed_out(states: Any) -> None:
    assert error_code(states.send_task_success, taskToken=str(uuid.uuid4()), output="{}") == "TaskTimedOut"


def test_an_answer_that_is_not_json_is_refused(states: Any, functions: Functions, function: str) -> None:
    execution = start(states, waiting(function))
    token = functions.tokens.get(timeout=30)
    assert error_code(states.send_task_success, taskToken=token, output="yes") == "InvalidOutput"
    states.send_task_success(taskToken=token, output="{}")
    assert end(states, execution)["status"] == "SUCCEEDED"


def test_a_failure_keeps_its_cause(states: Any, functions: Functions, function: str) -> None:
    execution = start(states, waiting(function))
    states.send_task_failure(taskToken=functions.tokens.get(timeout=30), error="Refused", cause="too expensive")
    ended = end(states, execution)
    assert (ended["status"], ended["error"], ended["cause"]) == ("FAILED", "Refused", "too expensive")


def test_an_execution_that_waits_is_aborted_at_once(states: Any, functions: Functions, function: str) -> None:
    execution = start(states, waiting(function))
    token = functions.tokens.get(timeout=30)
    states.stop_execution(executionArn=execution, error="aborted", cause="by ann")
    ended = states.describe_execution(executionArn=execution)
    assert (ended["status"], ended["error"], ended["cause"]) == ("ABORTED", "aborted", "by ann")
    assert ended["stopDate"]
    assert error_code(states.send_task_success, taskToken=token, output="{}") == "TaskTimedOut"

    def last_event() -> str:
        return str(states.get_execution_history(executionArn=execution)["events"][-1]["type"])

    wait_until(lambda: last_event() == "ExecutionAborted")
    types = {event["type"] for event in states.get_execution_history(executionArn=execution)["events"]}
    assert not types & {"TaskTimedOut", "TaskFailed", "ExecutionFailed"}
    assert status(states, execution) == "ABORTED"


def test_an_execution_is_aborted_while_its_function_runs(states: Any, functions: Functions, lambdas: Any) -> None:
    slow = create_function(lambdas, f"{uuid.uuid4()}-slow")
    execution = start(
        states, calling("arn:aws:states:::lambda:invoke", Parameters={"FunctionName": slow, "Payload": {}})
    )
    assert functions.entered.wait(30)
    states.stop_execution(executionArn=execution)
    assert status(states, execution) == "ABORTED"
    functions.may_return.set()
    wait_until(lambda: states.get_execution_history(executionArn=execution)["events"][-1]["type"] == "ExecutionAborted")
    assert status(states, execution) == "ABORTED"


def test_a_branch_that_waits_is_aborted_with_the_others(states: Any, functions: Functions, function: str) -> None:
    parallel = {"Type": "Parallel", "Branches": [waiting(function), waiting(function)], "End": True}
    execution = start(states, {"StartAt": "both", "States": {"both": parallel}})
    functions.tokens.get(timeout=30)
    functions.tokens.get(timeout=30)
    states.stop_execution(executionArn=execution)
    assert status(states, execution) == "ABORTED"


def test_an_execution_that_was_only_just_started_can_be_stopped(states: Any, function: str) -> None:
    execution = start(states, waiting(function))
    states.stop_execution(executionArn=execution)
    assert status(states, execution) == "ABORTED"


def test_stopping_an_ended_execution_changes_nothing(states: Any) -> None:
    execution = start(states, PASSING)
    end(states, execution)
    states.stop_execution(executionArn=execution)
    assert status(states, execution) == "SUCCEEDED"


def test_an_error_of_a_function_has_its_class_name(states: Any, functions: Functions, function: str) -> None:
    functions.answer = Answer(json.dumps({"errorType": "StepExhausted", "errorMessage": "no"}), errored=True)
    parameters = {"FunctionName": function, "Payload": {}}
    ended = end(states, start(states, calling("arn:aws:states:::lambda:invoke", Parameters=parameters)))
    assert (ended["status"], ended["error"]) == ("FAILED", "StepExhausted")


def test_an_invocation_as_event_is_accepted_and_not_waited_for(
    lambdas: Any, functions: Functions, function: str
) -> None:
    answer = lambdas.invoke(FunctionName=function, InvocationType="Event", Payload=b'{"n": 1}')
    assert answer["StatusCode"] == 202
    assert functions.events.get(timeout=30) == (function, {"n": 1})


def test_an_event_rule_delivers_to_its_function(stack: Stack, functions: Functions, function: str) -> None:
    events, name = boto3.client("events"), f"r-{uuid.uuid4()}"
    events.put_rule(Name=name, EventBusName="baton", EventPattern=json.dumps({"source": [name]}))
    arn = f"arn:aws:lambda:us-east-1:123456789012:function:{function}"
    events.put_targets(Rule=name, EventBusName="baton", Targets=[{"Id": "1", "Arn": arn}])
    entry = {"Source": name, "DetailType": "happened", "Detail": '{"what": "it"}', "EventBusName": "baton"}
    answer = events.put_events(Entries=[entry, {**entry, "Source": "another"}])
    assert answer["FailedEntryCount"] == 0
    name_of_function, event = functions.events.get(timeout=30)
    assert (name_of_function, event["detail-type"], event["detail"]) == (function, "happened", {"what": "it"})
    assert functions.events.empty()


def caught(task: dict[str, Any], *errors: str) -> dict[str, Any]:
    """A machine whose one task has a Catch, as the compiler writes it: what was caught leaves no trace in the state."""
    catch = [{"ErrorEquals": list(errors), "ResultPath": None, "Next": "caught"}]
    call = {**task["States"]["call"], "Catch": catch}
    return {"StartAt": "call", "States": {"call": call, "caught": {"Type": "Pass", "End": True}}}


def test_a_task_that_waits_too_long_times_out_and_can_be_caught(
    states: Any, functions: Functions, function: str
) -> None:
    definition = caught(waiting(function), "States.Timeout")
    definition["States"]["call"]["TimeoutSeconds"] = 1
    execution = start(states, definition, input='{"run_id": "r"}')
    token = functions.tokens.get(timeout=30)
    ended = end(states, execution)
    assert (ended["status"], json.loads(ended["output"])) == ("SUCCEEDED", {"run_id": "r"})
    assert error_code(states.send_task_success, taskToken=token, output="{}") == "TaskTimedOut"


def test_a_timed_out_task_that_nobody_catches_fails_the_execution(
    states: Any, functions: Functions, function: str
) -> None:
    definition = waiting(function)
    definition["States"]["call"]["TimeoutSeconds"] = 1
    ended = end(states, start(states, definition))
    assert (ended["status"], ended["error"]) == ("FAILED", "States.Timeout")


def test_forty_branches_wait_at_once(states: Any, functions: Functions, function: str) -> None:
    branches = [waiting(function) for _ in range(40)]
    execution = start(
        states, {"StartAt": "all", "States": {"all": {"Type": "Parallel", "Branches": branches, "End": True}}}
    )
    tokens = [functions.tokens.get(timeout=30) for _ in branches]
    for number, token in enumerate(tokens):
        states.send_task_success(taskToken=token, output=str(number))
    assert sorted(json.loads(end(states, execution)["output"])) == list(range(40))


def test_a_map_selects_what_its_items_get_and_keeps_to_its_concurrency(
    states: Any, functions: Functions, function: str
) -> None:
    item = waiting(function)
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
    given = {"run_id": "r", "outcome": {"items": [0, 1, 2]}}
    execution = start(states, definition, input=json.dumps(given))
    first, second = functions.tokens.get(timeout=30), functions.tokens.get(timeout=30)
    assert functions.tokens.empty()
    states.send_task_success(taskToken=first, output="{}")
    third = functions.tokens.get(timeout=30)
    for token in (second, third):
        states.send_task_success(taskToken=token, output="{}")
    assert json.loads(end(states, execution)["output"]) == given


def test_a_map_over_nothing_goes_on(states: Any, functions: Functions, function: str) -> None:
    items = {
        "Type": "Map",
        "ItemsPath": "$.items",
        "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, **waiting(function)},
        "ResultPath": None,
        "End": True,
    }
    execution = start(states, {"StartAt": "items", "States": {"items": items}}, input='{"items": []}')
    assert end(states, execution)["status"] == "SUCCEEDED"


class Family:
    """A parent whose state starts the machine of its child and waits for its end."""

    def __init__(self, states: Any, child: dict[str, Any], *, beside: dict[str, Any] | None = None) -> None:
        self._states = states
        machine = states.create_state_machine(name=f"m-{uuid.uuid4()}", definition=json.dumps(child), roleArn=ROLE)
        self.machine = machine["stateMachineArn"]
        parameters = {
            "StateMachineArn.$": "$.child.machine",
            "Name.$": "$.child.name",
            "Input": {
                "run_id.$": "$.child.input.run_id",
                "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$": "$$.Execution.Id",
            },
        }
        task = calling("arn:aws:states:::states:startExecution.sync:2", Parameters=parameters)
        definition = caught(task, "States.TaskFailed") if beside is None else both(task, beside)
        prepared = {"machine": self.machine, "name": "c", "input": {"run_id": "r"}}
        self.parent = start(states, definition, input=json.dumps({"child": prepared}))

    @property
    def child(self) -> str:
        return self.machine.replace(":stateMachine:", ":execution:") + ":c"

    def begins(self) -> None:
        wait_until(lambda: self._states.list_executions(stateMachineArn=self.machine)["executions"])

    def entered(self) -> list[str]:
        history = self._states.get_execution_history(executionArn=self.parent)["events"]
        return [event["stateEnteredEventDetails"]["name"] for event in history if "stateEnteredEventDetails" in event]


def both(*branches: dict[str, Any]) -> dict[str, Any]:
    return {"StartAt": "both", "States": {"both": {"Type": "Parallel", "Branches": list(branches), "End": True}}}


def test_a_state_starts_a_child_execution_and_gets_its_answer(states: Any, functions: Functions, function: str) -> None:
    family = Family(states, waiting(function))
    states.send_task_success(taskToken=functions.tokens.get(timeout=30), output='{"n": 1}')
    answer = json.loads(end(states, family.parent)["output"])
    assert answer["ExecutionArn"] == family.child
    assert (answer["Status"], answer["Name"], answer["StateMachineArn"]) == ("SUCCEEDED", "c", family.machine)
    assert answer["Input"] == {"run_id": "r", "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID": family.parent}
    assert answer["Output"] == {"n": 1}
    assert answer["StopDate"] >= answer["StartDate"] > 1_700_000_000_000


def test_a_child_execution_that_fails_is_a_task_that_failed(states: Any, functions: Functions, function: str) -> None:
    family = Family(states, waiting(function))
    token = functions.tokens.get(timeout=30)
    states.send_task_failure(taskToken=token, error="Refused", cause="too expensive")
    assert end(states, family.parent)["status"] == "SUCCEEDED"
    assert family.entered() == ["call", "caught"]


def test_a_child_execution_that_is_aborted_is_a_task_that_failed(
    states: Any, functions: Functions, function: str
) -> None:
    family = Family(states, waiting(function))
    functions.tokens.get(timeout=30)
    states.stop_execution(executionArn=family.child)
    end(states, family.parent)
    assert family.entered() == ["call", "caught"]


def test_a_child_execution_whose_name_is_taken_fails_by_that_name(states: Any, functions: Functions) -> None:
    family = Family(states, PASSING)
    end(states, family.parent)
    machine = states.describe_execution(executionArn=family.parent)["stateMachineArn"]
    given = states.describe_execution(executionArn=family.parent)["input"]
    again = states.start_execution(stateMachineArn=machine, input=given)["executionArn"]
    end(states, again)
    history = states.get_execution_history(executionArn=again)["events"]
    (failure,) = [event["taskFailedEventDetails"] for event in history if "taskFailedEventDetails" in event]
    assert failure["error"] == "StepFunctions.ExecutionAlreadyExistsException"


def test_stopping_a_parent_stops_its_child_execution(states: Any, functions: Functions, function: str) -> None:
    family = Family(states, waiting(function))
    functions.tokens.get(timeout=30)
    states.stop_execution(executionArn=family.parent)
    assert status(states, family.parent) == "ABORTED"
    assert end(states, family.child)["status"] == "ABORTED"


def test_a_branch_that_fails_stops_the_child_execution_of_another(
    states: Any, functions: Functions, function: str
) -> None:
    family = Family(states, waiting(function), beside=waiting(function))
    family.begins()
    tokens = [functions.tokens.get(timeout=30) for _ in range(2)]
    own = history_tokens(states, family.child)
    (others,) = [token for token in tokens if token not in own]
    states.send_task_failure(taskToken=others, error="Refused")
    assert end(states, family.parent)["status"] == "FAILED"
    assert end(states, family.child)["status"] == "ABORTED"


def history_tokens(states: Any, execution: str) -> str:
    """Everything that the history of an execution says, tokens among it."""
    return json.dumps(states.get_execution_history(executionArn=execution)["events"], default=str)


def test_an_execution_that_takes_too_long_ends_with_what_it_waits_for(
    states: Any, functions: Functions, function: str
) -> None:
    execution = start(states, {**waiting(function), "TimeoutSeconds": 1})
    token = functions.tokens.get(timeout=30)
    assert end(states, execution)["status"] == "TIMED_OUT"
    assert error_code(states.send_task_success, taskToken=token, output="{}") == "TaskTimedOut"
    wait_until(
        lambda: states.get_execution_history(executionArn=execution)["events"][-1]["type"] == "ExecutionTimedOut"
    )


@pytest.fixture
def told(stack: Stack, functions: Functions, function: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The rule's function hears of executions of machines ``told-*`` that ended otherwise than well."""
    monkeypatch.setattr(moto_fixes, "_reporters", [status_events.publish])
    pattern = {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": {
            "status": ["FAILED", "TIMED_OUT", "ABORTED"],
            "stateMachineArn": [{"prefix": "arn:aws:states:us-east-1:123456789012:stateMachine:told-"}],
        },
    }
    events, name = boto3.client("events"), f"r-{uuid.uuid4()}"
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    arn = f"arn:aws:lambda:us-east-1:123456789012:function:{function}"
    events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": arn}])
    yield function
    events.remove_targets(Rule=name, Ids=["1"])
    events.delete_rule(Name=name)


def start_told(states: Any, definition: dict[str, Any]) -> str:
    machine = states.create_state_machine(name=f"told-{uuid.uuid4()}", definition=json.dumps(definition), roleArn=ROLE)
    answer = states.start_execution(stateMachineArn=machine["stateMachineArn"], name="run-1", input='{"n": 1}')
    return str(answer["executionArn"])


def test_the_rule_hears_of_an_execution_that_failed(
    states: Any, functions: Functions, function: str, told: str
) -> None:
    execution = start_told(states, waiting(function))
    states.send_task_failure(taskToken=functions.tokens.get(timeout=30), error="Refused", cause="too expensive")
    name, event = functions.events.get(timeout=30)
    assert (name, event["source"], event["resources"]) == (told, "aws.states", [execution])
    assert event["detail-type"] == "Step Functions Execution Status Change"
    detail = event["detail"]
    assert (detail["executionArn"], detail["name"]) == (execution, "run-1")
    assert detail["stateMachineArn"] == execution.rpartition(":")[0].replace(":execution:", ":stateMachine:")
    assert (detail["status"], detail["error"], detail["cause"]) == ("FAILED", "Refused", "too expensive")
    assert detail["stopDate"] >= detail["startDate"] > 1_700_000_000_000
    assert json.loads(detail["input"]) == {"n": 1}


def test_the_rule_hears_once_of_an_execution_that_was_aborted(
    states: Any, functions: Functions, function: str, told: str
) -> None:
    execution = start_told(states, waiting(function))
    functions.tokens.get(timeout=30)
    states.stop_execution(executionArn=execution, error="aborted", cause="by ann")
    _, event = functions.events.get(timeout=30)
    assert [event["detail"][name] for name in ("status", "error", "cause")] == ["ABORTED", "aborted", "by ann"]
    wait_until(lambda: states.get_execution_history(executionArn=execution)["events"][-1]["type"] == "ExecutionAborted")
    assert functions.events.empty()


def test_the_rule_hears_of_an_execution_that_timed_out(
    states: Any, functions: Functions, function: str, told: str
) -> None:
    start_told(states, {**waiting(function), "TimeoutSeconds": 1})
    _, event = functions.events.get(timeout=30)
    assert event["detail"]["status"] == "TIMED_OUT"


def test_a_rule_does_not_hear_of_what_its_pattern_leaves_out(
    states: Any, functions: Functions, function: str, told: str
) -> None:
    end(states, start_told(states, PASSING))
    functions.answer = Answer(json.dumps({"errorType": "StepExhausted", "errorMessage": "no"}), errored=True)
    failing = calling("arn:aws:states:::lambda:invoke", Parameters={"FunctionName": function, "Payload": {}})
    end(states, start(states, failing))  # of a machine with another name
    own = start_told(states, failing)
    _, event = functions.events.get(timeout=30)
    assert event["detail"]["executionArn"] == own
    assert functions.events.empty()


def test_executions_are_reported_as_they_begin_and_as_they_end(states: Any, functions: Functions) -> None:
    execution = start(states, PASSING)
    end(states, execution)
    reported = [functions.ends.get(timeout=30) for _ in range(2)]
    assert {found.exec_arn for found in reported} == {execution}


def test_a_stack_that_stops_aborts_nothing(states: Any, functions: Functions, function: str) -> None:
    """Its own moto goes with it; until then whoever looks sees that the execution runs, and nobody hears of an end."""
    family = Family(states, waiting(function))
    token = functions.tokens.get(timeout=30)
    wait_until(lambda: functions.ends.qsize() == 2)
    moto_fixes.leave_executions()
    try:
        assert status(states, family.parent) == status(states, family.child) == "RUNNING"
        assert error_code(states.send_task_success, taskToken=token, output="{}") == "TaskTimedOut"
        with pytest.raises(ClientError, match="ServiceUnavailable"):
            start(states, PASSING)
    finally:
        moto_fixes._gone.clear()
    assert functions.ends.qsize() == 2
    assert status(states, family.child) == "RUNNING"
