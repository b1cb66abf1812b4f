"""What ends `make up`."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from cli.checkout import ROOT

PROGRAM = """
import os, signal, sys, threading
from local.up import _Signals

def interrupt():
    os.kill(os.getpid(), signal.SIGTERM)

for place in range(1, 40):
    signals, lines = _Signals(), iter(range(1, 1000))

    def trace(frame, event, argument):
        if next(lines) == place:
            sys.settrace(None)
            interrupt()
        return trace

    late = threading.Timer(0.05, interrupt)  # where waiting begins in fewer lines than that
    late.start()
    sys.settrace(trace)
    try:
        signals.keep()
        signals.wait()
    except KeyboardInterrupt:
        pass
    sys.settrace(None)
    late.cancel()
    late.join()
print("ended each time")
"""


def test_an_interruption_ends_the_wait_at_every_line_of_it() -> None:
    ran = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, timeout=90)

    assert ran.stdout.strip() == "ended each time", ran.stderr


KEPT = """
import os, signal
from local.up import _Signals
signals = _Signals()
signals.keep()
os.kill(os.getpid(), signal.SIGINT)
signals.wait()
print("ended in order")
"""


def test_an_interruption_between_the_start_and_the_wait_ends_the_wait() -> None:
    ran = subprocess.run([sys.executable, "-c", KEPT], cwd=ROOT, capture_output=True, text=True, timeout=90)

    assert ran.stdout.strip() == "ended in order", ran.stderr


WAITING = """
import signal, sys
from local import interruptions
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # these tests may run under nohup
interruptions.handle(interruptions.leave)
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ctrl_c_sigterm_and_a_closed_terminal_end_the_program(number: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WAITING], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        assert process.wait(90) == 128 + number
