"""One execution of a compiled machine, in virtual time. What the interpreter does not know it refuses."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.integration.faults import asl
from tests.integration.faults.asl import Asl, StateError
from tests.integration.faults.lines import AnyOf, Condition, Line, Part, Steps, TaskToken, Timer

INVOKE = "arn:aws:states:::lambda:invoke"
INVOKE_AND_WAIT = "arn:aws:states:::lambda:invoke.waitForTaskToken"
START_AND_WAIT = "arn:aws:states:::states:startExecution.sync:2"

Context = Mapping[str, Any]


class Invocation(Part, Protocol):
    def result(self) -> Any:
        """The function's answer; raises StateError if it failed."""


class Service(Protocol):
    """The services that Tasks call."""

    def now(self) -> float: ...

    def invoke(self, function: str, payload: Any) -> Invocation: ...

    def open_token(self, timeout_seconds: float) -> TaskToken: ...

    def start(self, machine_arn: str, name: str, input: Any) -> Execution:
        """Raises StateError if its name is taken."""

    def start_seconds(self, function: str) -> float:
        """How long the function now takes to start."""

    @property
    def on_end(self) -> Callable[[Execution], None]:
        """Called with every execution that ends."""


@dataclass(eq=False)
class Execution:
    """``status`` as in Step Functions; ``error`` is the name and cause of a failure."""

    arn: str
    name: str
    machine: Asl
    input: Any
    service: Service
    status: str = "RUNNING"
    output: Any = None
    error: StateError | None = None
    children: list[Execution] = field(default_factory=list)
    tokens: list[TaskToken] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.deadline = self.service.now() + self.machine.get("TimeoutSeconds", math.inf)
        self._trunk = self._line(self.machine, self.input, {})

    @property
    def done(self) -> bool:
        return self.status != "RUNNING"

    def lines(self) -> list[Line]:
        """The lines that have not ended."""
        return [] if self.done else self._trunk.open()

    def advance(self, line: Line) -> None:
        line.advance()
        if self._trunk.done and not self.done:
            if self._trunk.error is None:
                self.end("SUCCEEDED", output=self._trunk.output)
            else:
                self.end("FAILED", self._trunk.error)

    def end(self, status: str, error: StateError | None = None, output: Any = None) -> None:
        """No line goes on after this. The executions that it waits for end, too, and its tokens become invalid."""
        if self.done:
            return
        self.status, self.error, self.output = status, error, output
        self._trunk.stop()
        for token in self.tokens:
            token.closed = True
        for child in self.children:
            child.end("ABORTED", StateError("ParentEnded"))
        self.service.on_end(self)

    def _chain(self, chain: Asl, data: Any, line: Callable[[], Line], context: Context) -> Steps:
        name = chain["StartAt"]
        while True:
            state = chain["States"][name]
            entered = {"Name": name, "EnteredTime": f"{self.service.now():.3f}", "RetryCount": 0}
            following = None
            match state["Type"]:
                case "Succeed":
                    return data
                case "Pass":
                    pass
                case "Choice":
                    following = asl.choose(state, data)
                case "Task" | "Parallel" | "Map":
                    data, following = yield from self._work(state, data, line, {**context, "State": entered})
                case unknown:
                    raise NotImplementedError(f"{name} is a {unknown}")
            if following is None and state.get("End"):
                return data
            name = following or state["Next"]

    def _work(
        self, state: Asl, data: Any, line: Callable[[], Line], context: Context
    ) -> Generator[Condition, None, tuple[Any, str | None]]:
        """The state's output and, if an error was caught, the state to go on with."""
        used: Counter[int] = Counter()
        while True:
            try:
                result = yield from self._once(state, data, line, context)
            except StateError as error:
                seconds = asl.delay(state, error, used)
                if seconds is not None:
                    yield Timer(self.service.now() + seconds)
                    context["State"]["RetryCount"] += 1
                    continue
                catcher = asl.catcher(state, error)
                if catcher is None:
                    raise
                error_output = {"Error": error.name, "Cause": error.cause}
                return asl.place_result(data, catcher.get("ResultPath", "$"), error_output), catcher["Next"]
            if "ResultSelector" in state:
                result = asl.fill_template(state["ResultSelector"], result, self._object(context))
            return asl.place_result(data, state.get("ResultPath", "$"), result), None

    def _once(self, state: Asl, data: Any, line: Callable[[], Line], context: Context) -> Steps:
        if state["Type"] == "Parallel":
            return (yield from self._branches(line(), [(branch, data, context) for branch in state["Branches"]], None))
        if state["Type"] == "Map":
            chains = []
            for index, value in enumerate(asl.items(state, data)):
                inner = {**context, "Map": {"Item": {"Index": index, "Value": value}}}
                selected = asl.fill_template(state["ItemSelector"], data, self._object(inner))
                chains.append((state["ItemProcessor"], selected, inner))
            return (yield from self._branches(line(), chains, state.get("MaxConcurrency")))
        match state["Resource"]:
            case resource if resource == INVOKE:
                return (yield from self._invoke(asl.fill_template(state["Parameters"], data, self._object(context))))
            case resource if resource == INVOKE_AND_WAIT:
                return (yield from self._invoke_and_wait(state, data, context))
            case resource if resource == START_AND_WAIT:
                parameters = asl.fill_template(state["Parameters"], data, self._object(context))
                return (yield from self._start_and_wait(parameters, state["TimeoutSeconds"]))
            case unknown:
                raise NotImplementedError(unknown)

    def _branches(self, line: Line, chains: Sequence[tuple[Asl, Any, Context]], at_once: int | None) -> Steps:
        """The outputs of parallel chains; the first failure stops the others."""
        branches = [self._line(*chain) for chain in chains]
        waiting = list(branches)
        while waiting or line.branches:
            room = (at_once or len(branches)) - len(line.branches)
            line.branches += [waiting.pop(0) for _ in range(min(room, len(waiting)))]
            yield AnyOf(line.branches)
            for failed in line.branches:
                if failed.error is not None:
                    for branch in line.branches:
                        branch.stop()
                    line.branches = []
                    raise failed.error
            line.branches = [branch for branch in line.branches if not branch.done]
        return [branch.output for branch in branches]

    def _line(self, chain: Asl, data: Any, context: Context) -> Line:
        line: Line = Line(self._chain(chain, data, lambda: line, context))
        return line

    def _invoke(self, parameters: Mapping[str, Any]) -> Steps:
        if start_seconds := self.service.start_seconds(parameters["FunctionName"]):
            yield Timer(self.service.now() + start_seconds)
        call = self.service.invoke(parameters["FunctionName"], parameters["Payload"])
        yield AnyOf([call])
        return {"Payload": call.result(), "StatusCode": 200}

    def _invoke_and_wait(self, state: Asl, data: Any, context: Context) -> Steps:
        token = self.service.open_token(state["TimeoutSeconds"])
        self.tokens.append(token)
        try:
            inner = self._object({**context, "Task": {"Token": token.value}})
            yield from self._invoke(asl.fill_template(state["Parameters"], data, inner))
            yield token
            if not token.has_output:
                raise StateError("States.Timeout", "nobody answered")
            return token.output
        finally:
            token.closed = True

    def _start_and_wait(self, parameters: Mapping[str, Any], timeout_seconds: float) -> Steps:
        child = self.service.start(parameters["StateMachineArn"], parameters["Name"], parameters["Input"])
        self.children.append(child)
        yield AnyOf([child], wakes_at=self.service.now() + timeout_seconds)
        if not child.done:
            raise StateError("States.Timeout", child.name)
        if child.status != "SUCCEEDED":
            raise StateError("States.TaskFailed", str(child.error))
        return {"Output": child.output, "Status": child.status}

    def _object(self, context: Context) -> dict[str, Any]:
        return {"Execution": {"Id": self.arn, "Name": self.name, "Input": self.input}, **context}
