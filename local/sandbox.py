"""One simulated execution environment of a function: a thread with its own ``os.environ``, output and handler module.

All handlers run in this process and share imported packages. The objects that a function creates at its cold start
(settings, clients, a database connection of its own login) belong to one environment, as in Lambda.
"""

from __future__ import annotations

import importlib.util
import io
import itertools
import os
import queue
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO, TypeVar, cast

from baton import logs
from local.template import Function

T = TypeVar("T")
Handler = Callable[[Any, Any], Any]
_numbers = itertools.count(1)


@dataclass(frozen=True)
class _Scope:
    environment: dict[str, str]
    output: TextIO


_scope: ContextVar[_Scope | None] = ContextVar("scope", default=None)


class _ScopedEnvironment(MutableMapping[str, str]):
    """``os.environ`` of the calling thread: in a function's environment its own, elsewhere the process'."""

    def __init__(self, process: MutableMapping[str, str]) -> None:
        self._process = process

    def _current(self) -> MutableMapping[str, str]:
        scope = _scope.get()
        return self._process if scope is None else scope.environment

    def __getitem__(self, name: str) -> str:
        return self._current()[name]

    def __setitem__(self, name: str, value: str) -> None:
        self._current()[name] = value

    def __delitem__(self, name: str) -> None:
        del self._current()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._current())

    def __len__(self) -> int:
        return len(self._current())

    def copy(self) -> dict[str, str]:
        return dict(self._current())


class _ScopedOutput(io.TextIOBase):
    """``sys.stdout`` of the calling thread: functions write to their log, as they do to CloudWatch."""

    def __init__(self, process: TextIO) -> None:
        self._process = process

    def _current(self) -> TextIO:
        scope = _scope.get()
        return self._process if scope is None else scope.output

    def write(self, text: str) -> int:
        return self._current().write(text)

    def flush(self) -> None:
        self._current().flush()

    def isatty(self) -> bool:
        return self._current().isatty()

    def fileno(self) -> int:
        return self._current().fileno()

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._current().encoding


@contextmanager
def scoped_process() -> Iterator[None]:
    """A context in which functions have their own ``os.environ``, ``sys.stdout`` and ``sys.stderr``."""
    environment, stdout, stderr = os.environ, sys.stdout, sys.stderr
    os.environ = cast("os._Environ[str]", _ScopedEnvironment(environment))  # noqa: B003 (replaced on purpose)
    sys.stdout, sys.stderr = cast(TextIO, _ScopedOutput(stdout)), cast(TextIO, _ScopedOutput(stderr))
    try:
        yield
    finally:
        os.environ = environment  # noqa: B003
        sys.stdout, sys.stderr = stdout, stderr


class Sandbox:
    """Runs calls one after the other, on one thread, inside the function's scope."""

    def __init__(self, function: Function, environment: Mapping[str, str], output: TextIO) -> None:
        self.function = function
        self._name = f"{function.folder.name}_{function.handler.partition('.')[0]}_{next(_numbers)}"
        self._scope = _Scope(dict(environment), output)
        self._work: queue.SimpleQueue[tuple[Callable[[], Any], Future[Any]] | None] = queue.SimpleQueue()
        threading.Thread(target=self._serve, name=self._name, daemon=True).start()

    def load(self) -> Future[Handler]:
        """Import a new copy of the handler's module."""
        return self.submit(self._load)

    def submit(self, call: Callable[[], T]) -> Future[T]:
        future: Future[T] = Future()
        self._work.put((call, future))
        return future

    def close(self) -> None:
        self._work.put(None)
        sys.modules.pop(self._name, None)

    def _serve(self) -> None:
        _scope.set(self._scope)
        logs.output.set(self._scope.output)
        while (work := self._work.get()) is not None:
            call, future = work
            try:
                future.set_result(call())
            except BaseException as error:  # noqa: BLE001 (also SystemExit: the caller gets it)
                future.set_exception(error)

    def _load(self) -> Handler:
        module_name, _, handler_name = self.function.handler.rpartition(".")
        path = self.function.folder / f"{module_name}.py"
        if not path.exists():
            raise ModuleNotFoundError(f"Unable to import module '{module_name}': there is no {_below_cwd(path)}")
        spec = importlib.util.spec_from_file_location(self._name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[self._name] = module
        spec.loader.exec_module(module)
        return cast(Handler, getattr(module, handler_name))


def _below_cwd(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
