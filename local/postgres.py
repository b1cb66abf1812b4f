"""An embedded Postgres: one data directory, one server, one owner process.

TCP on 127.0.0.1 at a free port, SCRAM passwords. As on Supabase, the superuser is ``supabase_admin``, and ``postgres``
is an ordinary role that may create roles and owns the database. The server ends with the process that started it,
however that ends: a guard holds a pipe to the owner and stops the server when the pipe closes.
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
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import psycopg
from psycopg import sql

from local import data_directory
from local.binaries import (
    PostgresUnavailable,
    environment,
    find_binaries,
    run,
    switch_to,
    unprivileged_account,
)

SUPERUSER = "supabase_admin"
OWNER = "postgres"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "330",  # one for every environment that the functions can have, and some
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# For databases that are thrown away: nothing has to survive a power cut. A `kill -9` loses nothing either way.
THROWAWAY = {
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
}
# `cat` ends when the owner closes the pipe or dies; the server then gets SIGINT, which is Postgres' fast shutdown.
GUARD = 'cat >/dev/null; kill -INT "$0" 2>/dev/null'


class Postgres:
    """The server of one directory. Use it as a context manager, or call ``start`` and ``stop``.

    ``home`` is the directory it was given; ``directory``, below it, belongs to the account that Postgres runs as.
    """

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self.home = home.resolve()
        self._durable = durable
        self._account = unprivileged_account()
        self._binaries = find_binaries(self._account)
        self.directory = self.home / data_directory.BELOW
        self._lock: IO[str] | None = None
        self._guard: subprocess.Popen[bytes] | None = None
        self._port = 0
        self._server = 0
        self._passwords: dict[str, str] = {}

    @property
    def owner_url(self) -> str:
        """URL of the database ``postgres`` as the role ``postgres``, which owns it and is not a superuser."""
        return self._url(OWNER)

    @property
    def superuser_url(self) -> str:
        """URL of the same database as its superuser; only the stack's own preparations use it."""
        return self._url(SUPERUSER)

    @property
    def pid(self) -> int | None:
        """The server's process id as it recorded it, or None if it recorded none."""
        try:
            return int((self._data / "postmaster.pid").read_text().splitlines()[0])
        except (FileNotFoundError, IndexError, ValueError):
            return None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Start the server, recovering whatever an earlier one left behind. Raises PostgresUnavailable."""
        self._take_lock()
        try:
            data_directory.prepare(self.home, self._account)
            self._end_earlier_server()
            self._initialise()
            self._launch()
            self._guard = self._start_guard()
            self._prepare_owner()
        except BaseException:
            if self._lock is not None:
                self._end_earlier_server()  # one that has just begun
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server and wait for it; does nothing if it does not run."""
        if self._port:
            self._end_server(self._server)
            self._port = 0
        if self._guard is not None:
            assert self._guard.stdin is not None
            self._guard.stdin.close()
            self._guard.wait()
            self._guard = None
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
        """Delete the data, also that of a server whose owner was killed a moment ago.

        Raises PostgresUnavailable if somebody else uses it.
        """
        self._take_lock()
        try:
            self._end_earlier_server()
            shutil.rmtree(self.home, ignore_errors=True)
        finally:
            self.stop()

    # --- where the state lies ---------------------------------------------------------------------------------------

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

    # --- the server's life ------------------------------------------------------------------------------------------

    def _end_earlier_server(self) -> None:
        """We hold the lock, so a server of this directory is an orphan, and a record of one that is gone is litter.

        Postgres would take any living process with the recorded number for its predecessor and refuse to start, which
        happens when a machine or a container was restarted.
        """
        pid = self.pid
        if pid is None:
            return
        if self._is_ours(pid):
            self._end_server(pid)
        else:
            (self._data / "postmaster.pid").unlink(missing_ok=True)

    def _is_ours(self, pid: int) -> bool:
        return str(self._data) in _command_line(pid)

    def _end_server(self, pid: int) -> None:
        """Postgres' fast shutdown, by signals: its programs and its data may have been deleted meanwhile."""
        for number, patience in ((signal.SIGINT, 60.0), (signal.SIGQUIT, 5.0)):
            deadline = time.monotonic() + patience
            if self._is_ours(pid):
                os.kill(pid, number)
            while self._is_ours(pid) and time.monotonic() < deadline:
                time.sleep(0.02)

    def _initialise(self) -> None:
        """Create the cluster if there is none. The password file comes last, so an interrupted try starts anew."""
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
        data_directory.give(draft, self._account)
        made = self._run(
            "initdb",
            *("-U", SUPERUSER, "-E", "UTF8", "--no-locale"),
            *("--auth=scram-sha-256", f"--pwfile=../{draft.name}", *(() if self._durable else ("--no-sync",))),
        )
        if made.returncode != 0:
            raise PostgresUnavailable(f"initdb failed: {made.stderr.strip()}")
        draft.rename(password_file)
        self._passwords[SUPERUSER] = password

    def _launch(self) -> None:
        """Start at a free port. Another process can take it first, and the backends of a killed server need a moment
        to let go of its memory: then the server gives up, and this tries again.
        """
        # The last one is for `_is_ours`: Postgres itself may be told no path by which it can be recognised.
        settings = SETTINGS | ({} if self._durable else THROWAWAY) | {"baton.directory": str(self._data)}
        options = " ".join(f"-c {name}={shlex.quote(value)}" for name, value in settings.items())
        for _ in range(5):
            port = _free_port()
            with _interruptions_later():  # an interrupted start would leave a server that nobody knows of
                started = self._control(
                    "start", "-w", "-t", "60", "-l", f"../{self._log.name}", "-o", f"-p {port} {options}"
                )
            if started.returncode == 0:
                self._port, self._server = port, self.pid or 0
                return
        raise PostgresUnavailable(f"Postgres does not start. The end of {self._log}:\n{self._last_words()}")

    def _start_guard(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            ["/bin/sh", "-c", GUARD, str(self._server)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # a Ctrl-C in the terminal is for the owner alone
            cwd="/",
            env=environment(),
            **switch_to(self._account),
        )

    def _prepare_owner(self) -> None:
        self._passwords[OWNER] = secrets.token_urlsafe(24)
        name, password = sql.Identifier(OWNER), sql.Literal(self._passwords[OWNER])
        with psycopg.connect(self.superuser_url, autocommit=True) as connection:
            if connection.execute("select from pg_roles where rolname = %s", (OWNER,)).fetchone() is None:
                connection.execute(sql.SQL("create role {} login createrole createdb").format(name))
                connection.execute(sql.SQL("grant pg_signal_backend to {}").format(name))  # as on Supabase
                connection.execute(sql.SQL("alter database postgres owner to {}").format(name))
            connection.execute(sql.SQL("alter role {} password {}").format(name, password))

    def _control(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        # The server would keep pipes of pg_ctl open for as long as it lives, so it gets none.
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return self._run("pg_ctl", command, *arguments, **quiet)

    def _run(self, program: str, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run a program of Postgres inside of the data directory."""
        data = data_directory.name_of_data(self.directory, self._account)
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
def _interruptions_later() -> Iterator[None]:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _command_line(pid: int) -> str:
    """The command line of a process, or '' if there is no such process."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except (FileNotFoundError, ProcessLookupError):
        pass  # no such process, or a system without /proc
    if Path("/proc/self").exists():
        return ""
    listed = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return listed.stdout


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
