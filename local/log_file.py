"""The functions' log on this machine: lines of JSON, in a file that its owner alone reads and that ends somewhere."""

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
KEPT_FILES = 3  # older ones, beside it
MAX_LINE = 250_000  # characters; CloudWatch cuts a line after 256 kB


class LogFile(io.TextIOBase):
    """Every line is one JSON object. What is none when it is written becomes the ``message`` of one, and a line break
    in it is ``\\n``: no text, whoever wrote it, makes a line of its own. A line of more than ``MAX_LINE`` characters is
    cut, and its beginning becomes such a message."""

    def __init__(self, file: Path, max_bytes: int = MAX_BYTES, kept_files: int = KEPT_FILES) -> None:
        self._file = _OwnersFile(file, maxBytes=max_bytes, backupCount=kept_files, encoding="utf-8")
        self._begun = threading.local()

    def write(self, text: str) -> int:
        """Whole lines go to the file; the rest waits, for each thread by itself, until its line ends."""
        *lines, rest = (getattr(self._begun, "line", "") + text).split("\n")
        self._begun.line = rest
        for line in lines:
            if line.strip():
                self._put(line if len(line) <= MAX_LINE and _is_object(line) else as_line(line[: MAX_LINE // 6]))
        return len(text)

    def close(self) -> None:
        self._file.close()

    def _put(self, line: str) -> None:
        self._file.handle(logging.makeLogRecord({"msg": line, "args": ()}))


class JsonLines(logging.Formatter):
    """What libraries report, with its traceback, as one line."""

    def format(self, record: logging.LogRecord) -> str:
        trace = {"exception": self.formatException(record.exc_info)} if record.exc_info else {}
        return as_line(record.getMessage(), level=record.levelname, location=record.name, **trace)


def as_line(message: str, **more: Any) -> str:
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return json.dumps({"timestamp": moment, "message": message, **more}, default=str)


class _OwnersFile(RotatingFileHandler):
    def _open(self) -> io.TextIOWrapper:
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.fchmod(descriptor, 0o600)  # one of an earlier version, too
        return io.TextIOWrapper(os.fdopen(descriptor, "ab"), encoding=self.encoding)

    def handleError(self, record: logging.LogRecord) -> None:
        """A full disk ends no run."""


def _is_object(line: str) -> bool:
    if not (line.startswith("{") and line.isascii() and line.isprintable()):
        return False
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False
