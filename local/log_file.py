"""The functions' log on this machine: lines of JSON, in a file of limited size that only its owner can read."""

from __future__ import annotations

import io
import json
import logging
import os
import threading
import time
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

MAX_BYTES = 10_000_000  # of one file
MAX_OLD_FILES = 3  # beside the file
MAX_LINE_CHARACTERS = 250_000  # CloudWatch cuts a line after 256 kB
_ESCAPED_CHARACTERS = 12  # that JSON has for one character, at most: two of ``\ud83d``


class LogFile(io.TextIOBase):
    """Every line of the file is one JSON object. If a written line is not one, the file gets an object with the line as
    its ``message``. So no text can look like a line of the log. Of a line with more than ``MAX_LINE_CHARACTERS``, only
    the beginning becomes such a message."""

    def __init__(self, file: Path, max_bytes: int = MAX_BYTES, max_old_files: int = MAX_OLD_FILES) -> None:
        self._file = _OwnersFile(file, maxBytes=max_bytes, backupCount=max_old_files, encoding="utf-8")
        self._begun = threading.local()

    def write(self, text: str) -> int:
        """Writes the whole lines. Keeps the last, unfinished line of each thread until the thread ends that line."""
        *lines, rest = (getattr(self._begun, "line", "") + text).split("\n")
        self._begun.line = rest
        for line in lines:
            if line.strip():
                self._put(line if _is_valid(line) else as_line(line[: MAX_LINE_CHARACTERS // _ESCAPED_CHARACTERS]))
        return len(text)

    def close(self) -> None:
        self._file.close()

    def _put(self, line: str) -> None:
        self._file.handle(logging.makeLogRecord({"msg": line, "args": ()}))


class JsonLines(logging.Formatter):
    """Formats a record of ``logging``, with its traceback, as one line."""

    def format(self, record: logging.LogRecord) -> str:
        trace = {"exception": self.formatException(record.exc_info)} if record.exc_info else {}
        return as_line(record.getMessage(), level=record.levelname, location=record.name, **trace)


def as_line(message: str, **more: Any) -> str:
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return json.dumps({"timestamp": moment, "message": message, **more}, default=str)


class _OwnersFile(RotatingFileHandler):
    def _open(self) -> io.TextIOWrapper:
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.fchmod(descriptor, 0o600)  # an earlier version made the file with other rights
        return io.TextIOWrapper(os.fdopen(descriptor, "ab"), encoding=self.encoding)

    def handleError(self, record: logging.LogRecord) -> None:
        """Ignores the error: a full disk must not end a run."""


def _is_valid(line: str) -> bool:
    if len(line) > MAX_LINE_CHARACTERS or not (line.startswith("{") and line.isascii() and line.isprintable()):
        return False
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False
