"""An embedded Postgres: one data directory, one server, one owner process.

It uses a free port of 127.0.0.1 and SCRAM passwords. As on Supabase, ``supabase_admin`` is the superuser, and
``postgres`` is an ordinary role that may create roles and owns the database. The server ends with the process that
started it, also if that is killed: a guard holds a pipe to the owner and stops the server when the pipe closes.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import psycopg
from psycopg import sql

from local import data_directory
from local.binaries import PostgresUnavailable, find_binaries, run, unprivileged_account
from local.postgres_process import end_recorded_server, end_server, recorded_pid, serves, start_guard

SUPERUSER = "supabase_admin"
OWNER = "postgres"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "400",  # one for every possible environment of the functions, and a reserve
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# For databases that need not survive a power cut. They survive a `kill -9`.
THROWAWAY = {
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
}


class Postgres:
    """The server of one directory. Use it as a context manager, or call ``start`` and ``stop``.

    ``home`` is the constructor's directory. ``directory``, below it, belongs to the account that runs Postgres.
    """

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self.home = home.resolve()
        self._durable = durable
        self._account = unprivileged_account()
        self._binaries = find_binaries(self._account)
        self.directory = self.home / data_directory.STATE_FOLDER
        self._lock: IO[str] | None = None
        self._guard: subprocess.Popen[bytes] | None = None
        self._port = 0
        self._server = 0
        self._passwords: dict[str, str] = {}

    @property
    def owner_url(self) -> str:
        """URL of the database ``postgres`` for the role ``postgres``, which owns it and is not a superuser."""
        return self._url(OWNER)

    @property
    def superuser_url(self) -> str:
        """URL of the same database for its superuser. Only the preparation of the stack uses it."""
        return self._url(SUPERUSER)

    @property
    def pid(self) -> int | None:
        """The process id that the server recorded; None if there is none."""
        return recorded_pid(self._data)

    @property
    def is_running(self) -> bool:
        """Whether the server that ``start`` has started still runs."""
        return serves(self._server, self._data)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Start the server on existing or new data. Ends an earlier server first. Raises PostgresUnavailable."""
        self._take_lock()
        try:
            data_directory.prepare(self.home, self._account)
            end_recorded_server(self._data)
            self._initialise()
            self._launch()
            self._guard = start_guard(self._server, self._account)
            self._prepare_owner()
        except BaseException:
            if self._lock is not None:
                end_recorded_server(self._data)  # the server may just have started
            self.stop()
            raise

    def start_again(self) -> None:
        """Start the server after it ended by itself, at the same URLs. Raises PostgresUnavailable.

        The record of its process stays: with it, Postgres refuses to start while backends of the ended server run.
        """
        self._launch(self._port)
        self._end_guard()
        self._guard = start_guard(self._server, self._account)

    def stop(self) -> None:
        """Stop the server and wait for it; does nothing if it does not run."""
        if self._port:
            end_server(self._server, self._data)
            self._port = 0
        self._end_guard()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def kill(self) -> None:
        """End the server as a power cut would. For tests of recovery."""
        if pid := self.pid:
            os.kill(pid, signal.SIGKILL)

    def abandon(self) -> None:
        """Forget the server as a killed owner does. For tests of recovery."""
        self._port = 0
        self.stop()

    def destroy(self) -> None:
        """Delete the data, and end a server whose owner was killed.

        Raises PostgresUnavailable if another process uses the data.
        """
        self._take_lock()
        try:
            end_recorded_server(self._data)
            shutil.rmtree(self.home, ignore_errors=True)
        finally:
            self.stop()

    # --- files ------------------------------------------------------------------------------------------------------

    @property
    def _data(self) -> Path:
        return self.directory / data_directory.DATA

    @property
    def _log(self) -> Path:
        return self.directory / "server.log"

    def _take_lock(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        lock = (self.home / "lock").open("a")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            raise PostgresUnavailable(
                f"The database in {self.home} is in use by another process. Stop that one first."
            ) from None
        self._lock = lock

    # --- the server -------------------------------------------------------------------------------------------------

    def _initialise(self) -> None:
        """Create the cluster if there is none. The password file is written last: without it, creation is repeated."""
        password_file = self.directory / "superuser-password"
        if password_file.exists():
            self._passwords[SUPERUSER] = password_file.read_text()
            return
        shutil.rmtree(self._data, ignore_errors=True)
        data_directory.make_data(self.directory, self._account)
        password = secrets.token_urlsafe(24)
        draft = self.directory / "superuser-password.new"
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(password)
        data_directory.give_to_account(draft, self._account)
        result = self._run(
            "initdb",
            *("-U", SUPERUSER, "-E", "UTF8", "--no-locale"),
            *("--auth=scram-sha-256", f"--pwfile=../{draft.name}", *(() if self._durable else ("--no-sync",))),
        )
        if result.returncode != 0:
            raise PostgresUnavailable(f"initdb failed: {result.stderr.strip()}")
        draft.rename(password_file)
        self._passwords[SUPERUSER] = password

    def _launch(self, port: int | None = None) -> None:
        """Start at the port; None: at a free one.

        A start can fail because another process takes the port, or because the backends of a killed server still use
        its memory. Then this tries again.
        """
        # `postgres_process` recognises the server by `baton.directory`; other arguments may have no path.
        settings = SETTINGS | ({} if self._durable else THROWAWAY) | {"baton.directory": str(self._data)}
        options = " ".join(f"-c {name}={shlex.quote(value)}" for name, value in settings.items())
        for _ in range(5):
            server_port = port or _free_port()
            with _delayed_interruptions():  # an interrupted start could leave an unknown server
                result = self._control(
                    "start", "-w", "-t", "60", "-l", f"../{self._log.name}", "-o", f"-p {server_port} {options}"
                )
            if result.returncode == 0:
                self._port, self._server = server_port, self.pid or 0
                return
        raise PostgresUnavailable(f"Postgres does not start. The end of {self._log}:\n{self._last_words()}")

    def _end_guard(self) -> None:
        if self._guard is not None:
            assert self._guard.stdin is not None
            self._guard.stdin.close()
            self._guard.wait()
            self._guard = None

    def _prepare_owner(self) -> None:
        self._passwords[OWNER] = secrets.token_urlsafe(24)
        name, password = sql.Identifier(OWNER), sql.Literal(self._passwords[OWNER])
        with psycopg.connect(self.superuser_url, autocommit=True) as connection:
            if connection.execute("select from pg_roles where rolname = %s", (OWNER,)).fetchone() is None:
                connection.execute(sql.SQL("create role {} login createrole createdb").format(name))
                connection.execute(sql.SQL("grant pg_signal_backend to {}").format(name))  # as on Supabase
                connection.execute(sql.SQL("alter database postgres owner to {}").format(name))
            if not self._durable and connection.info.server_version >= 160000:
                # The usual 4,096 rounds take 4 ms at each connection. They are for passwords that people choose.
                connection.execute("set scram_iterations = 1")
                connection.execute(sql.SQL("alter role {} set scram_iterations = 1").format(name))  # for its logins
            connection.execute(sql.SQL("alter role {} password {}").format(name, password))

    def _control(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        # The server would inherit pipes of pg_ctl and keep them open, so there are none.
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return self._run("pg_ctl", command, *arguments, **quiet)

    def _run(self, program: str, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run a program of Postgres inside the data directory."""
        data = data_directory.data_argument(self.directory, self._account)
        words = (*arguments, "-D", str(data))
        return run(self._binaries / program, *words, account=self._account, cwd=self._data, **options)

    def _last_words(self) -> str:
        try:
            return "\n".join(self._log.read_text(errors="replace").splitlines()[-10:])
        except FileNotFoundError:
            return "(there is none)"

    def _url(self, role: str) -> str:
        return f"postgresql://{role}:{self._passwords[role]}@127.0.0.1:{self._port}/postgres"


@contextmanager
def _delayed_interruptions() -> Iterator[None]:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
