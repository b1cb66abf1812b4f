"""Ctrl-C, a request to end, and a terminal that was closed: one handler for all three. Imports next to nothing."""

from __future__ import annotations

import os
import signal

NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def handle(handler: signal._HANDLER) -> None:
    """Install ``handler``. Under ``nohup`` the end of the terminal stays ignored."""
    for number in NUMBERS:
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, handler)


def leave(number: int, frame: object) -> None:
    """End at once and without a word: for as long as nothing has been started that would have to be stopped."""
    os._exit(128 + number)
