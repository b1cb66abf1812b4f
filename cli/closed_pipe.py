"""Whoever read our output may have gone, as in ``baton graph FILE | head -1``: no reason for a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

EXIT_CODE = 141  # what a shell reports of a program that SIGPIPE ended


def tolerated(program: Callable[[], int]) -> int:
    """The exit code of ``program``, with everything that it printed delivered or given up."""
    try:
        try:
            return program()
        finally:
            sys.stdout.flush()  # here, where it can be caught: Python does it once more at its exit
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (sys.stdout, sys.stderr):
            os.dup2(nowhere, stream.fileno())
        return EXIT_CODE
