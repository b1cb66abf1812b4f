"""State machines that are sound, and machines with one fault each and what is to be said about it."""

# ruff: noqa: E501 (a table reads best with a case a line)

from __future__ import annotations

from typing import Any

INVOKE = "arn:aws:states:::lambda:invoke"
PASS = {"Type": "Pass", "End": True}


def task(**changes: Any) -> dict[str, Any]:
    """A sound Task; ``None`` takes a field away."""
    state = {
        "Type": "Task",
        "Resource": INVOKE,
        "Parameters": {"FunctionName": "f"},
        "TimeoutSeconds": 60,
        "End": True,
        **changes,
    }
    return {name: value for name, value in state.items() if value is not None}


def one(state: Any, **others: Any) -> dict[str, Any]:
    return {"StartAt": "A", "States": {"A": state, **others}}


def retry(*rules: dict[str, Any]) -> dict[str, Any]:
    return one(task(Retry=list(rules)))


def choice(rule: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return one({"Type": "Choice", "Choices": [{**rule, "Next": "B"}], "Default": "B", **changes}, B=PASS)


def parallel(*branches: Any, **others: Any) -> dict[str, Any]:
    return one({"Type": "Parallel", "Branches": list(branches), "End": True}, **others)


def each(processor: Any, **changes: Any) -> dict[str, Any]:
    return one({"Type": "Map", "ItemProcessor": processor, "End": True, **changes})


def pass_with(**parameters: Any) -> dict[str, Any]:
    return one({**PASS, "Parameters": parameters})


BRANCH = {"StartAt": "B", "States": {"B": PASS}}

SOUND = {
    "one state": one(PASS),
    "a task": one(task()),
    "an activity": one(task(Resource="arn:aws:states:eu-west-1:123456789012:activity:a", Parameters=None)),
    "a token that is passed on": one(
        task(Resource=f"{INVOKE}.waitForTaskToken", Parameters={"FunctionName": "f", "Payload": {"t.$": "$$.Task.Token"}})
    ),
    "a token inside a call": one(
        task(
            Resource="arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            Parameters={"MessageBody": [{"t.$": "States.Format('{}', $$.Task.Token)"}]},
        )
    ),
    "a child execution": one(
        task(
            Resource="arn:aws:states:::states:startExecution.sync:2",
            Parameters={"StateMachineArn.$": "$.machine", "Name.$": "$.name", "Input": {"a.$": "$$.Execution.Id"}},
        )
    ),
    "a loop with a way out": one(
        {"Type": "Choice", "Choices": [{"Variable": "$.again", "BooleanEquals": True, "Next": "A"}], "Default": "B"}, B=PASS
    ),
    "joined rules": choice({"And": [{"Variable": "$.a", "IsPresent": True}, {"Not": {"Variable": "$.b", "IsNull": True}}]}),
    "a comparison of two paths": choice({"Variable": "$.a", "NumericLessThanPath": "$.b[0]"}),
    "branches": parallel(BRANCH, {"StartAt": "C", "States": {"C": PASS}}),
    "a map": each(BRANCH, ItemsPath="$.items", ItemSelector={"i.$": "$$.Map.Item.Value"}, MaxConcurrency=3),
    "paths": pass_with(**{f"p{n}.$": path for n, path in enumerate([
        "$", "$.a", "$.a.b[0]", "$['a b'].c", "$..c", "$.a[*]", "$.a[1:3]", "$.a[?(@.b > 1)]", "$$", "$$.Execution.Input.x.y",
    ])}),
    "calls": pass_with(**{f"c{n}.$": call for n, call in enumerate([
        "States.UUID()", "States.Format('it\\'s {} of {}', $.a, $$.State.RetryCount)", "States.MathAdd($.a, -1)",
        "States.ArrayGetItem(States.Array(1, 'b', null, true), 0)", "States.JsonMerge($.a, $.b, false)",
    ])}),
    "an end by failure": one({"Type": "Fail", "Error": "E", "Cause": "c"}),
    "a wait": one({"Type": "Wait", "SecondsPath": "$.delay", "End": True}),
}  # fmt: skip

FAULTY: dict[str, tuple[Any, str]] = {
    # --- how states lead to one another -----------------------------------------------------------------------------
    "no object": ([], "the state machine: must be an object"),
    "no states": ({"StartAt": "A", "States": {}}, "States: must be an object with at least one state"),
    "no start": ({"States": {"A": PASS}}, "the state machine: a state machine needs `StartAt`"),
    "a start that is not there": ({"StartAt": "Z", "States": {"A": PASS}}, "StartAt: there is no state `Z` here"),
    "a next that is not there": (one({"Type": "Pass", "Next": "a"}), "States.A.Next: there is no state `a` here (did you mean `A`?)"),
    "a default that is not there": (choice({"Variable": "$.a", "IsNull": True}, Default="C"), "States.A.Default: there is no state `C` here"),
    "a rule that leads nowhere": (
        one({"Type": "Choice", "Choices": [{"Variable": "$.a", "IsNull": True, "Next": "Q"}], "Default": "B"}, B=PASS),
        "States.A.Choices[0].Next: there is no state `Q` here",
    ),
    "a catcher that leads nowhere": (
        one(task(Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Q"}])), "States.A.Catch[0].Next: there is no state `Q` here",
    ),
    "a way out of a branch": (
        parallel({"StartAt": "B", "States": {"B": {"Type": "Pass", "Next": "A"}}}),
        "States.A.Branches[0].States.B.Next: there is no state `A` here",
    ),
    "a state without a name": ({"StartAt": "", "States": {"": PASS}}, 'States[""]: a state needs a name'),
    "another version": (one(PASS) | {"Version": "2.0"}, "Version: must be 1.0, not '2.0'"),
    "a comment that is no text": (one(PASS | {"Comment": 5}), "States.A.Comment: must be text, not 5"),
    "another language in a state": (one(PASS | {"QueryLanguage": "JSONata"}), "States.A.QueryLanguage: only JSONPath can be checked here"),
    "an error twice": (one({"Type": "Fail", "Error": "E", "ErrorPath": "$.e"}), "States.A.Error: `Error` and `ErrorPath` exclude each other"),
    "an error that is no text": (one({"Type": "Fail", "Error": 5}), "States.A.Error: must be text, not 5"),
    "a moment that never comes": (
        one({"Type": "Wait", "Timestamp": "tomorrow", "End": True}), "States.A.Timestamp: must be a moment like 2024-03-14T01:59:00Z, not 'tomorrow'",
    ),
    "a comparison with no moment": (
        choice({"Variable": "$.a", "TimestampEquals": "2024-03-14"}),
        "States.A.Choices[0].TimestampEquals: must be a moment like 2024-03-14T01:59:00Z, not '2024-03-14'",
    ),
    "a reader in the machine itself": (each(BRANCH, ItemReader={}), "States.A.ItemReader: is for a Map whose `Mode` is DISTRIBUTED"),
    "two limits": (each(BRANCH, MaxConcurrency=1, MaxConcurrencyPath="$.n"), "States.A.MaxConcurrency: `MaxConcurrency` and `MaxConcurrencyPath` exclude each other"),
    "a state that is never reached": (one(PASS, B=PASS), "States.B: is never reached"),
    "a circle without an end": (one({"Type": "Pass", "Next": "A"}), "States.A: has no way to an end"),
    "neither next nor end": (one({"Type": "Pass"}), "States.A: has neither `Next` nor `End`"),
    "both next and end": (one({**PASS, "Next": "B"}, B=PASS), "States.A: has both `Next` and `End`; keep one of them"),
    "an end that is false": (one({"Type": "Pass", "End": False}), "States.A.End: must be true or missing"),
    "a choice that ends": (choice({"Variable": "$.a", "IsNull": True}, End=True), "States.A.End: a state of type Choice has no field `End`"),
    "a name that is too long": ({"StartAt": "A" * 81, "States": {"A" * 81: PASS}}, f"States.{'A' * 81}: the name has 81 characters; the limit is 80"),
    "a name in two branches": (
        parallel(BRANCH, BRANCH), "States.A.Branches[1].States.B: the name is already used by States.A.Branches[0].States.B",
    ),
    "a name inside and outside": (
        parallel({"StartAt": "A", "States": {"A": PASS}}), "States.A.Branches[0].States.A: the name is already used by States.A",
    ),
    "a name with spaces": (one({"Type": "Pass", "Next": "a b"}, **{"a b": {"Type": "Pass"}}), 'States["a b"]: has neither `Next` nor `End`'),
    "a machine that is too large": ({**one(PASS), "Comment": "x" * 1_100_000}, "the state machine: has 1,100,070 bytes; Step Functions takes 1,048,576"),
    "another query language": ({**one(PASS), "QueryLanguage": "JSONata"}, "QueryLanguage: only JSONPath can be checked here"),
    # --- fields -----------------------------------------------------------------------------------------------------
    "an unknown field": (one({**PASS, "Foo": 1}), "States.A.Foo: a state of type Pass has no field `Foo`"),
    "a field in another spelling": (
        one(task(TimeOutSeconds=60)), "States.A.TimeOutSeconds: a state of type Task has no field `TimeOutSeconds` (did you mean `TimeoutSeconds`?)",
    ),
    "an unknown type": (one({"Type": "Taks", "End": True}), "States.A.Type: there is no type of state `Taks` (did you mean `Task`?)"),
    "a retry where nothing can fail": (one({**PASS, "Retry": []}), "States.A.Retry: a state of type Pass has no field `Retry`"),
    "a field of a machine in a branch": (
        parallel({**BRANCH, "TimeoutSeconds": 5}), "States.A.Branches[0].TimeoutSeconds: a branch has no field `TimeoutSeconds`",
    ),
    "a wait for two things": (
        one({"Type": "Wait", "Seconds": 1, "Timestamp": "2030-01-01T00:00:00Z", "End": True}),
        "States.A: must have exactly one of `Seconds`, `Timestamp`, `SecondsPath`, `TimestampPath`",
    ),
    "no branches": (parallel(), "States.A.Branches: must be a list of at least one branch"),
    "a map without a processor": (
        one({"Type": "Map", "End": True}), "States.A: a state of type Map needs `ItemProcessor` (or the older `Iterator`)",
    ),
    "an unknown kind of map": (
        each({**BRANCH, "ProcessorConfig": {"Mode": "INLIN"}}),
        "States.A.ItemProcessor.ProcessorConfig: `Mode` must be INLINE or DISTRIBUTED",
    ),
    "a concurrency below nothing": (each(BRANCH, MaxConcurrency=-1), "States.A.MaxConcurrency: must be a whole number from 0 to 99999999, not -1"),
    # --- tasks ------------------------------------------------------------------------------------------------------
    "no resource": (one(task(Resource=None)), "States.A: a state of type Task needs `Resource`"),
    "a resource that is none": (one(task(Resource="lambda")), "States.A.Resource: is not the ARN of something that a Task can call: 'lambda'"),
    "no function": (one(task(Parameters={"Payload": {}})), "States.A.Parameters: lambda:invoke needs `FunctionName`"),
    "a function without a name": (one(task(Parameters={"FunctionName": ""})), "States.A.Parameters.FunctionName: must be a name or an ARN, not ''"),
    "a function that is no name": (one(task(Parameters={"FunctionName": None})), "States.A.Parameters.FunctionName: must be a name or an ARN, not None"),
    "a machine that is no name": (
        one(task(Resource="arn:aws:states:::states:startExecution", Parameters={"StateMachineArn": {"a": 1}})),
        "States.A.Parameters.StateMachineArn: must be a name or an ARN, not {'a': 1}",
    ),
    "a service that is not there": (
        one(task(Resource="arn:aws:states:::lamda:invoke")), "States.A.Resource: there is no service `lamda` (did you mean `lambda`?)",
    ),
    "a function that is waited for": (
        one(task(Resource=f"{INVOKE}.sync:2")), "States.A.Resource: lambda:invoke cannot be called with `.sync:2`",
    ),
    "parameters that are no object": (one(task(Parameters=[])), "States.A.Parameters: must be an object"),
    "a result that is no object": (one(task(ResultSelector="$.a")), "States.A.ResultSelector: must be an object"),
    "a backoff that is no number": (retry({"ErrorEquals": ["E"], "BackoffRate": float("nan")}), "States.A.Retry[0].BackoffRate: must be a number from 1 on, not nan"),
    "no parameters at all": (one(task(Parameters=None)), "States.A.Parameters: lambda:invoke needs `FunctionName`"),
    "a parameter in another spelling": (
        one(task(Parameters={"FunctionName": "f", "PayLoad": {}})),
        "States.A.Parameters.PayLoad: lambda:invoke has no field `PayLoad` (did you mean `Payload`?)",
    ),
    "no child machine": (
        one(task(Resource="arn:aws:states:::states:startExecution.sync:2", Parameters={"Input": {}})),
        "States.A.Parameters: states:startExecution needs `StateMachineArn`",
    ),
    "a token that is not passed on": (
        one(task(Resource=f"{INVOKE}.waitForTaskToken")),
        "States.A.Parameters: waits for a token but passes none: `$$.Task.Token` is missing",
    ),
    "a token as text": (
        one(task(Resource=f"{INVOKE}.waitForTaskToken", Parameters={"FunctionName": "f", "Payload": {"token": "$$.Task.Token"}})),
        "States.A.Parameters: waits for a token but passes none: `$$.Task.Token` is missing",
    ),
    "a token where nothing waits": (
        one(task(Parameters={"FunctionName": "f", "Payload": {"token.$": "$$.Task.Token"}})),
        "States.A.Parameters: `$$.Task.Token` exists only where `Resource` ends in .waitForTaskToken",
    ),
    "no time-out": (
        one(task(TimeoutSeconds=None)), "States.A: needs `TimeoutSeconds`: without it, the state waits 99,999,999 seconds for a lost task",
    ),
    "a time-out of nothing": (one(task(TimeoutSeconds=0)), "States.A.TimeoutSeconds: must be a whole number from 1 to 99999999, not 0"),
    "a heartbeat above the time-out": (one(task(HeartbeatSeconds=60)), "States.A.HeartbeatSeconds: must be below `TimeoutSeconds` (60)"),
    "two time-outs": (
        one(task(TimeoutSecondsPath="$.t")), "States.A.TimeoutSeconds: `TimeoutSeconds` and `TimeoutSecondsPath` exclude each other",
    ),
    # --- failures ---------------------------------------------------------------------------------------------------
    "no error names": (retry({"ErrorEquals": []}), "States.A.Retry[0].ErrorEquals: must be a list of at least one error name"),
    "all before others": (
        retry({"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["X"]}),
        "States.A.Retry[0].ErrorEquals: `States.ALL` must be in the last rule: those after it never apply",
    ),
    "all beside others": (retry({"ErrorEquals": ["X", "States.ALL"]}), "States.A.Retry[0].ErrorEquals: `States.ALL` must stand alone"),
    "an error named twice": (
        retry({"ErrorEquals": ["X"]}, {"ErrorEquals": ["Y", "X"]}), "States.A.Retry[1].ErrorEquals: `X` is already in Retry[0]",
    ),
    "an error that nothing raises": (
        retry({"ErrorEquals": ["States.TimeOut"]}),
        "States.A.Retry[0].ErrorEquals: Step Functions raises no `States.TimeOut` (did you mean `States.Timeout`?)",
    ),
    "an interval of nothing": (
        retry({"ErrorEquals": ["X"], "IntervalSeconds": 0}), "States.A.Retry[0].IntervalSeconds: must be a whole number from 1 to 99999999, not 0",
    ),
    "an interval in fractions": (
        retry({"ErrorEquals": ["X"], "IntervalSeconds": 0.5}), "States.A.Retry[0].IntervalSeconds: must be a whole number from 1 to 99999999, not 0.5",
    ),
    "a longest delay below the first": (
        retry({"ErrorEquals": ["X"], "IntervalSeconds": 9, "MaxDelaySeconds": 9}), "States.A.Retry[0].MaxDelaySeconds: must be above `IntervalSeconds` (9)",
    ),
    "a delay that shrinks": (retry({"ErrorEquals": ["X"], "BackoffRate": 0.5}), "States.A.Retry[0].BackoffRate: must be a number from 1 on, not 0.5"),
    "an unknown jitter": (retry({"ErrorEquals": ["X"], "JitterStrategy": "SOME"}), "States.A.Retry[0].JitterStrategy: must be FULL or NONE"),
    "a catcher without a way": (one(task(Catch=[{"ErrorEquals": ["X"]}])), "States.A.Catch[0]: a catcher needs `Next`"),
    "a field of a retrier in a catcher": (
        one(task(Catch=[{"ErrorEquals": ["X"], "Next": "A", "MaxAttempts": 1}])), "States.A.Catch[0].MaxAttempts: a catcher has no field `MaxAttempts`",
    ),
    # --- choices ----------------------------------------------------------------------------------------------------
    "no rules": (
        one({"Type": "Choice", "Choices": [], "Default": "B"}, B=PASS), "States.A.Choices: must be a list of at least one rule",
    ),
    "an unknown operator": (
        choice({"Variable": "$.a", "StringEqual": "x"}), "States.A.Choices[0].StringEqual: there is no operator `StringEqual` (did you mean `StringEquals`?)",
    ),
    "two operators": (
        choice({"Variable": "$.a", "StringEquals": "x", "IsNull": True}), "States.A.Choices[0]: a rule has exactly one operator, not `StringEquals`, `IsNull`",
    ),
    "no variable": (choice({"StringEquals": "x"}), "States.A.Choices[0]: a rule needs `Variable`"),
    "a value of another type": (
        choice({"Variable": "$.a", "NumericEquals": "1"}), "States.A.Choices[0].NumericEquals: compares with a value of another type, not with '1'",
    ),
    "a way out of an inner rule": (
        choice({"Or": [{"Variable": "$.a", "IsNull": True, "Next": "B"}]}), "States.A.Choices[0].Or[0]: a rule has exactly one operator, not `IsNull`, `Next`",
    ),
    # --- paths and calls --------------------------------------------------------------------------------------------
    "a path without a dollar": (pass_with(**{"a.$": "nope"}), 'States.A.Parameters["a.$"]: must be a path like $.name, not `nope`'),
    "a path that is no text": (pass_with(**{"a.$": 5}), 'States.A.Parameters["a.$"]: must be a path or an intrinsic function, not 5'),
    "a path deep inside": (
        pass_with(list=[{"a.$": "$."}]), 'States.A.Parameters.list[0]["a.$"]: must be a path like $.name, not `$.`',
    ),
    "a key there twice": (pass_with(**{"a": 1, "a.$": "$.a"}), 'States.A.Parameters["a.$"]: `a` is there with and without `.$`'),
    "a result in several places": (one({**PASS, "ResultPath": "$.a[*]"}), "States.A.ResultPath: must be a path to one place, like $.name[0], not `$.a[*]`"),
    "a result in the context": (
        one({**PASS, "ResultPath": "$$.a"}), "States.A.ResultPath: must lead into the state's data, not into the context object",
    ),
    "what the context does not have": (
        pass_with(**{"a.$": "$$.Execution.ID"}), 'States.A.Parameters["a.$"]: the context object has no `$$.Execution.ID` (did you mean `Id`?)',
    ),
    "an item outside a map": (
        pass_with(**{"a.$": "$$.Map.Item.Value"}), 'States.A.Parameters["a.$"]: `$$.Map.Item` exists only in the `ItemSelector` of a Map',
    ),
    "an unknown call": (
        pass_with(**{"a.$": "States.Formt('x')"}), "States.A.Parameters[\"a.$\"]: `States.Formt('x')`: there is no intrinsic function States.Formt (did you mean `Format`?)",
    ),
    "too few arguments": (
        pass_with(**{"a.$": "States.MathAdd(1)"}), 'States.A.Parameters["a.$"]: `States.MathAdd(1)`: States.MathAdd takes 2 arguments, not 1',
    ),
    "a call that is never closed": (
        pass_with(**{"a.$": "States.Array(1, 2"}), 'States.A.Parameters["a.$"]: `States.Array(1, 2`: arguments are separated by commas and end with `)`',
    ),
    "a bad argument": (
        pass_with(**{"a.$": "States.Array(x)"}), 'States.A.Parameters["a.$"]: `States.Array(x)`: an argument is a path, a number, a \'string\' or a call, not `x)`',
    ),
}  # fmt: skip
