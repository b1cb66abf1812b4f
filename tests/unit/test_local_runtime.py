"""The local runtime runs the functions of a checkout like Lambda."""

from __future__ import annotations

import io
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from local.runtime import Runtime, UnknownFunction
from local.sandbox import scoped_process
from local.template import Function

Make = Callable[..., Runtime]


@pytest.fixture
def log() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def make(tmp_path: Path, log: io.StringIO) -> Iterator[Make]:
    """``make(code)`` is a runtime with the code as function ``f``, and as ``g`` with another environment."""
    runtimes: list[Runtime] = []

    def build(code: str, *, timeout: int = 20, retries: int = 2) -> Runtime:
        (tmp_path / "app.py").write_text(code)
        functions = [
            Function(name, tmp_path, "app.handler", {"WHO": name}, timeout=timeout, memory=256, retries=retries)
            for name in ("f", "g")
        ]
        runtimes.append(Runtime(functions, {"AWS_ENDPOINT_URL": "http://aws"}, log))
        return runtimes[-1]

    with scoped_process():
        yield build
        for runtime in runtimes:
            runtime.close()


def ask(runtime: Runtime, name: str = "f", event: Any = None) -> Any:
    return json.loads(runtime.invoke(name, json.dumps(event)).payload)


def test_a_function_sees_the_environment_of_the_template_and_no_other(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BATON_SECRET_OF_THE_SHELL", "x")
    runtime = make("import os\nseen = dict(os.environ)\ndef handler(event, context): return [seen, dict(os.environ)]")
    at_cold_start, in_the_call = ask(runtime)
    assert at_cold_start == in_the_call
    assert at_cold_start["WHO"] == "f"
    assert at_cold_start["AWS_ENDPOINT_URL"] == "http://aws"
    assert at_cold_start["AWS_LAMBDA_FUNCTION_NAME"] == "f"
    assert "BATON_SECRET_OF_THE_SHELL" not in at_cold_start
    assert "WHO" not in os.environ


def test_a_modules_state_belongs_to_one_environment(make: Make) -> None:
    runtime = make(
        "import os\nwho = os.environ['WHO']\ncalls = []\n"
        "def handler(event, context):\n    calls.append(1)\n    return [who, len(calls)]"
    )
    assert [ask(runtime, "f"), ask(runtime, "g"), ask(runtime, "f")] == [["f", 1], ["g", 1], ["f", 2]]


def test_simultaneous_calls_have_different_environments(make: Make) -> None:
    """Each call waits until both are in the handler, which is impossible in one environment."""
    runtime = make(
        "import builtins, itertools\ncalls = itertools.count(1)\n"
        "def handler(event, context):\n    builtins.both_are_in.wait(30)\n    return next(calls)"
    )
    answers: list[Any] = []
    import builtins

    vars(builtins)["both_are_in"] = threading.Barrier(2)
    threads = [threading.Thread(target=lambda: answers.append(ask(runtime))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    del vars(builtins)["both_are_in"]
    assert answers == [1, 1]


def test_a_functions_output_goes_to_its_log(make: Make, log: io.StringIO, capsys: pytest.CaptureFixture[str]) -> None:
    with scoped_process():  # pytest replaces stdout between a fixture and its test
        ask(make("print('at cold start')\ndef handler(event, context): print('in the call')"))
    assert log.getvalue() == "at cold start\nin the call\n"
    assert capsys.readouterr().out == ""


def test_an_exception_is_reported_by_its_class_name(make: Make, log: io.StringIO) -> None:
    answer = make("class OutOfPaper(Exception): pass\ndef handler(event, context): raise OutOfPaper('tray 2')").invoke(
        "f", "{}"
    )
    assert answer.is_error
    error = json.loads(answer.payload)
    assert (error["errorType"], error["errorMessage"]) == ("OutOfPaper", "tray 2")
    assert "OutOfPaper: tray 2" in log.getvalue()


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("import nonsense_that_is_not_installed", "Runtime.ImportModuleError"),
        ("raise LookupError('no setting')", "LookupError"),
        ("import sys\ndef handler(event, context): sys.exit(1)", "Runtime.ExitError"),
        ("def handler(event, context): return object()", "Runtime.MarshalError"),
        ("def handler(event, context): return float('nan')", "Runtime.MarshalError"),
        ("def handler(event, context): return 'x' * 7_000_000", "Function.ResponseSizeTooLarge"),
        ("def handler(event, context): raise TimeoutError('the agent')", "TimeoutError"),
    ],
)
def test_an_error_has_the_name_that_lambda_gives_it(make: Make, code: str, kind: str) -> None:
    answer = make(code).invoke("f", "{}")
    assert answer.is_error
    assert json.loads(answer.payload)["errorType"] == kind


def test_a_function_that_takes_too_long_times_out_and_its_environment_is_not_used_again(make: Make) -> None:
    runtime = make(
        "import threading\nnever = threading.Event()\ncalls = []\n"
        "def handler(event, context):\n    calls.append(1)\n    return len(calls) if event else never.wait()",
        timeout=3,  # enough seconds for the start on a busy machine
    )
    assert ask(runtime, event=True) == 1
    assert ask(runtime)["errorType"] == "Sandbox.Timedout"
    assert ask(runtime, event=True) == 1


def test_the_context_has_the_remaining_time(make: Make) -> None:
    left, name, request_id = ask(
        make(
            "def handler(event, context):\n"
            "    return [context.get_remaining_time_in_millis(), context.function_name, context.aws_request_id]"
        )
    )
    assert 0 < left <= 20_000
    assert name == "f"
    assert request_id


def test_an_event_is_handled_while_the_caller_goes_on(make: Make, log: io.StringIO) -> None:
    runtime = make("def handler(event, context): print(event['word'])")
    with scoped_process():
        runtime.invoke_later("f", json.dumps({"word": "later"}))
        runtime.close(grace=10)
    assert log.getvalue() == "later\n"


def test_an_unknown_function_is_named(make: Make) -> None:
    with pytest.raises(UnknownFunction, match="nobody"):
        make("").invoke("nobody", "{}")


FAILS_AT_FIRST = """
from pathlib import Path
calls = Path(__file__).with_name("calls")
def handler(event, context):
    with calls.open("a") as file:
        file.write(".")
    if calls.stat().st_size < event:
        raise OSError
"""


def wait_until_idle(runtime: Runtime) -> None:
    with runtime._changed:
        assert runtime._changed.wait_for(lambda: runtime._busy == 0, timeout=30)


def calls(runtime: Runtime, folder: Path, failures: int) -> int:
    """The number of calls for one event, if the function fails ``failures`` times."""
    runtime.invoke_later("f", json.dumps(failures + 1))
    wait_until_idle(runtime)
    return (folder / "calls").stat().st_size


@pytest.mark.parametrize(("failures", "expected"), [(0, 1), (1, 2), (2, 3), (9, 3)])
def test_an_event_is_tried_again_until_the_function_succeeds(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failures: int, expected: int
) -> None:
    monkeypatch.setattr("local.runtime.RETRY_PAUSES_SECONDS", (0.001, 0.001))
    assert calls(make(FAILS_AT_FIRST), tmp_path, failures) == expected


def test_an_event_is_not_tried_again_if_the_template_says_so(make: Make, tmp_path: Path) -> None:
    assert calls(make(FAILS_AT_FIRST, retries=0), tmp_path, 1) == 1


def test_a_runtime_that_closes_does_not_wait_for_another_try(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local.runtime.RETRY_PAUSES_SECONDS", (3600.0,))
    runtime = make(FAILS_AT_FIRST)
    runtime.invoke_later("f", "9")
    runtime.close(grace=30)
    assert (tmp_path / "calls").stat().st_size == 1


COUNTS = """
import threading
import peak
def handler(event, context):
    with peak.changed:
        peak.now += 1
        peak.most = max(peak.most, peak.now)
        peak.changed.notify_all()
        peak.changed.wait_for(lambda: peak.most == 2, timeout=30)
    with peak.changed:
        peak.now -= 1
"""


def test_the_number_of_environments_of_a_function_is_limited(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.runtime.MAX_ENVIRONMENTS", 2)
    peak: Any = ModuleType("peak")
    peak.changed, peak.now, peak.most = threading.Condition(), 0, 0
    monkeypatch.setitem(sys.modules, "peak", peak)
    runtime = make(COUNTS)
    for _ in range(6):
        runtime.invoke_later("f", "{}")
    wait_until_idle(runtime)
    assert (peak.now, peak.most) == (0, 2)
