"""Lines of states, and the conditions that they wait for. The scheduler decides when a line goes on."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.integration.faults.asl import StateError


class Condition(Protocol):
    """A condition that a line waits for. ``wakes_at`` is the virtual second of its timeout, if it has one."""

    wakes_at: float

    def met(self) -> bool: ...


@dataclass
class Timer:
    """The virtual second has come."""

    wakes_at: float

    def met(self) -> bool:
        return False


class Part(Protocol):
    @property
    def done(self) -> bool: ...


@dataclass
class AnyOf:
    """Any of the parts has ended."""

    parts: Sequence[Part]
    wakes_at: float = math.inf

    def met(self) -> bool:
        return any(part.done for part in self.parts)


@dataclass
class TaskToken:
    """A waiting Task's token; ``output`` after its success was sent."""

    value: str
    wakes_at: float
    output: Any = None
    has_output: bool = False
    closed: bool = False

    def met(self) -> bool:
        return self.has_output


Steps = Generator[Condition, None, Any]


@dataclass(eq=False)
class Line:
    """An execution's own line, or a branch's. ``waits`` None means that it can go on at once."""

    steps: Steps
    waits: Condition | None = None
    done: bool = False
    output: Any = None
    error: StateError | None = None
    branches: list[Line] = field(default_factory=list)

    @property
    def ready(self) -> bool:
        return self.waits is None or self.waits.met()

    def advance(self) -> None:
        try:
            self.waits = next(self.steps)
        except StopIteration as end:
            self.done, self.output = True, end.value
        except StateError as error:
            self.done, self.error = True, error

    def wake(self, now: float) -> None:
        """Ends the wait if its time has come."""
        if self.waits is not None and self.waits.wakes_at <= now:
            self.waits = None

    def stop(self) -> None:
        for branch in self.branches:
            branch.stop()
        if not self.done:
            self.steps.close()
            self.done = True

    def open(self) -> list[Line]:
        """This line and those of its branches that have not ended."""
        return [line for branch in self.branches for line in branch.open()] + ([] if self.done else [self])
