"""One handler for Ctrl-C, SIGTERM and the end of the terminal. This module imports little, so that it loads fast."""

from __future__ import annotations

import os
import signal

NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def handle(handler: signal._HANDLER) -> None:
    """Install ``handler``. Under ``nohup``, the end of the terminal stays ignored."""
    for number in NUMBERS:
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, handler)


def leave(number: int, frame: object) -> None:
    """End the process immediately and silently. Only for the time before anything is started."""
    os._exit(128 + number)
