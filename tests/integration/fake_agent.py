"""An agent on this machine whose behaviour the test chooses."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from typing import Any

from tests.integration.http_server import QuietHandler, serving
from tests.integration.waiting import PATIENCE

Task = Mapping[str, Any]
Behaviour = Callable[[Task], dict[str, Any]]


class FakeAgent:
    """Listens on this machine. By default it answers immediately with a note and the context of the task."""

    def __init__(self) -> None:
        self._behaviours: dict[str, Behaviour] = {}
        self._tasks: dict[str, list[Task]] = defaultdict(list)
        self._changed = threading.Condition()
        self._holds: list[threading.Event] = []
        self._opened = ExitStack()
        self.url = f"{self._opened.enter_context(serving(self._handler()))}/"

    def behave(self, step_id: str, behaviour: Behaviour) -> None:
        self._behaviours[step_id] = behaviour

    def hold(self, step_id: str) -> threading.Event:
        """Answer the step's calls only after the event is set."""
        released = threading.Event()
        self._holds.append(released)

        def wait(task: Task) -> dict[str, Any]:
            released.wait(PATIENCE)
            return answer(task)

        self.behave(step_id, wait)
        return released

    def tasks(self, step_id: str) -> list[Task]:
        """The calls for a step so far."""
        with self._changed:
            return list(self._tasks[step_id])

    def wait_for_calls(self, step_id: str, times: int = 1) -> None:
        """Wait until the step was called ``times`` times."""
        with self._changed:
            called = self._changed.wait_for(lambda: len(self._tasks[step_id]) >= times, timeout=PATIENCE)
        assert called, f"no call number {times} for {step_id}; there were {dict(self._tasks)}"

    def close(self) -> None:
        for released in self._holds:
            released.set()
        self._opened.close()

    def _take(self, task: Task) -> dict[str, Any]:
        step_id = task["run"]["stepId"].partition("[")[0]
        with self._changed:
            self._tasks[step_id].append(task)
            self._changed.notify_all()
        return self._behaviours.get(step_id, answer)(task)

    def _handler(agent) -> type[QuietHandler]:
        class Handler(QuietHandler):
            def do_POST(self) -> None:
                result = agent._take(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                body = json.dumps(result).encode()
                with suppress(ConnectionError):  # the caller may have gone
                    self.send_answer(200 if result["success"] else 422, body, content_type="application/json")

        return Handler


def answer(task: Task) -> dict[str, Any]:
    note = {"type": "note", "format": "text", "title": "Note", "content": task["payload"]["userMessage"]}
    content = {"deliverable": note, "context": task["payload"].get("context", {})}
    return {"success": True, "mode": "build", "payload": {"content": content, "metadata": {}}}


def refusal(task: Task) -> dict[str, Any]:
    metadata = {"reason": "the agent does not want to", "retryable": False}
    return {"success": False, "mode": "build", "payload": {"content": {}, "metadata": metadata}}


class OverlapCounter:
    """A behaviour that counts overlapping calls in ``most``. The first calls wait until ``wanted`` calls overlap.

    ``at_each_call`` is called once for each call, in one thread at a time.
    """

    def __init__(self, wanted: int, at_each_call: Callable[[], None] = lambda: None) -> None:
        self.most = 0
        self._wanted, self._at_each_call, self._at_work = wanted, at_each_call, 0
        self._changed = threading.Condition()

    def __call__(self, task: Task) -> dict[str, Any]:
        with self._changed:
            self._at_work += 1
            self.most = max(self.most, self._at_work)
            self._at_each_call()
            self._changed.notify_all()
            self._changed.wait_for(lambda: self.most >= self._wanted, timeout=PATIENCE)
        try:
            return answer(task)
        finally:
            with self._changed:
                self._at_work -= 1
