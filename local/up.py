"""``make up``: runs the stack in the foreground until Ctrl-C. ``.baton/env`` has its URL and token while it runs."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue

import psycopg

from cli.checkout import ROOT, STATE
from local import interruptions
from local.binaries import PostgresUnavailable
from local.database import DatabaseRefused
from local.http import PortTaken
from local.intrinsics import TemplateUnsupported
from local.migrations import MigrationRefused
from local.stack import Stack, StackRefused

DEFAULT_PORT = 8787


class SettingRefused(ValueError):
    """A setting of the user is malformed. The message names the variable."""


EXPECTED = (
    SettingRefused,
    StackRefused,
    PortTaken,
    DatabaseRefused,
    MigrationRefused,
    PostgresUnavailable,
    TemplateUnsupported,
    psycopg.Error,
    OSError,  # a folder that may not be written, a disk that is full: the message names the file
)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m local up", description=__doc__)
    parser.add_argument("--yes", action="store_true", help="use BATON_DATABASE_URL even if it looks like a mistake")
    parser.add_argument("--state", type=Path, default=STATE, help="the folder of all data (default: %(default)s)")
    parsed = parser.parse_args(arguments)
    signals = _Signals()
    try:
        stack = _stack(parsed.state, os.environ, insist=parsed.yes)
        with stack:
            signals.keep()
            with env_file(parsed.state / "env", stack.env):
                _announce(stack)
                signals.wait()
                with suppress(OSError):  # the terminal may have gone
                    print("Stopping …", flush=True)
    except BrokenPipeError:
        raise  # ``closed_pipe`` handles it
    except EXPECTED as error:
        print(f"baton: {_one_line(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


class _Signals:
    """An interruption during the start raises KeyboardInterrupt. After ``keep``, the first one ends ``wait``, also
    if it comes before ``wait`` is called.

    A handler runs between any two lines of the main thread, also inside ``wait``. There, the main thread may hold the
    lock of a ``threading.Event``, and the handler would block. ``SimpleQueue.put`` is safe at any time.
    """

    def __init__(self) -> None:
        self._received: SimpleQueue[int] = SimpleQueue()
        self._kept = False
        interruptions.handle(self._receive)

    def keep(self) -> None:
        self._kept = True

    def wait(self) -> None:
        self._received.get()

    def _receive(self, number: int, frame: object) -> None:
        first, kept = self._received.empty(), self._kept
        self._received.put(number)
        if first and not kept:
            raise KeyboardInterrupt


def _stack(state: Path, environ: Mapping[str, str], *, insist: bool) -> Stack:
    database_url = environ.get("BATON_DATABASE_URL") or None
    return Stack(ROOT, state.resolve(), _port(environ), database_url=database_url, insist=insist)


def _port(environ: Mapping[str, str]) -> int:
    """The value of BATON_PORT; 0 takes a free port."""
    text = environ.get("BATON_PORT") or str(DEFAULT_PORT)
    if not text.isdecimal() or int(text) > 65535:
        raise SettingRefused(f"BATON_PORT must be a port number such as {DEFAULT_PORT}, not {text!r}")
    return int(text)


def _announce(stack: Stack) -> None:
    print(env_text(stack.env), end="")
    print(f"Ready. The functions log to {stack.log_file}; Ctrl-C stops the stack.", flush=True)


def env_text(env: Mapping[str, str]) -> str:
    """``NAME=value`` lines with shell quotes."""
    return "".join(f"{name}={shlex.quote(value) if value else ''}\n" for name, value in env.items())


@contextmanager
def env_file(file: Path, env: Mapping[str, str]) -> Iterator[None]:
    """A context in which ``file`` has the variables ``env``. The file is written atomically, for its owner alone."""
    draft = file.with_name(f"{file.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        opened.write(env_text(env))
    draft.replace(file)
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
