"""The input of an execution that drives a run: ``{"run_id", "generation"}``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from baton.errors import NotLaunched, StaleGeneration, WrongMachine
from baton.model import LAUNCH_MACHINE

Handler = Callable[[Any, Any], Any]

_RUN_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def of_a_run(handler: Handler) -> Handler:
    """Decorates a handler that the machines of definitions call. Their Tasks pass the execution's input as
    ``execution_input``, and the handler finds its ``run_id`` and ``generation`` in the event. Executions that began
    before the last deployment pass these two themselves.

    Raises (the handler):
        NotLaunched: the input names no run, because a person started the machine by hand.
        StaleGeneration, WrongMachine: those of the handler. A person may have started the machine with the input of
            a run, so the message says how to launch one.
    """

    @wraps(handler)
    def call(event: Mapping[str, Any], context: Any) -> Any:
        run_input = run_input_of(event)
        run_id, generation = run_input.get("run_id"), run_input.get("generation")
        if not isinstance(run_id, str) or not _RUN_ID.fullmatch(run_id) or type(generation) is not int:
            raise _not_launched(context.function_name)
        try:
            return handler({**event, "run_id": run_id, "generation": generation}, context)
        except (StaleGeneration, WrongMachine) as error:
            raise type(error)(f"{error}. {_how_to_launch(context.function_name)}") from error

    return call


def run_input_of(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """The input of the execution that a Task's event names; empty if it is no object."""
    run_input = event.get("execution_input", event)
    return run_input if isinstance(run_input, Mapping) else {}


def _not_launched(function: str) -> NotLaunched:
    return NotLaunched(
        "This state machine drives runs that Baton has launched, so its input is {run_id, generation}. "
        f"{_how_to_launch(function)}"
    )


def _how_to_launch(function: str) -> str:
    """``function`` is the name of the function that was called: the stack's name and the folder's."""
    machine = f"{function.rpartition('-')[0]}-{LAUNCH_MACHINE}"
    return (
        f"To launch a run, use `baton run`, or start the state machine {machine} with "
        "{organization, orchestration, parameters}"
    )
