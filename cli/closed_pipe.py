"""Ends the program without a traceback if the reader of its output ends first, as in ``baton graph FILE | head -1``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

EXIT_CODE = 141  # a shell reports this for a program that SIGPIPE ended


def run_program(program: Callable[[], int]) -> int:
    """Run ``program`` and flush its output. Returns its exit code, or ``EXIT_CODE`` if the reader has gone."""
    try:
        try:
            return program()
        finally:
            sys.stdout.flush()  # here we can catch the error; Python flushes again at its exit
    except BrokenPipeError:
        null_device = os.open(os.devnull, os.O_WRONLY)
        for stream in (sys.stdout, sys.stderr):
            os.dup2(null_device, stream.fileno())
        return EXIT_CODE
