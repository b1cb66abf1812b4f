from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from cli.checkout import ROOT
from local.binaries import PostgresUnavailable, _copy_out, find_binaries, run, unprivileged_account
from local.postgres import Postgres
from local.postgres_watch import PostgresWatch
from tests.integration.waiting import wait_until

OWNER_PROCESS = """
import sys, pathlib
from local.postgres import Postgres
postgres = Postgres(pathlib.Path(sys.argv[1]), durable=False)
postgres.start()
print(postgres.pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def postgres(open_directory: Path, request: pytest.FixtureRequest) -> Iterator[Postgres]:
    server = Postgres(open_directory / request.node.name, durable=False)
    yield server
    server.stop()
    server.destroy()


def write(server: Postgres) -> None:
    with psycopg.connect(server.owner_url) as connection:
        connection.execute("create table kept as select 7 as value")


def read(server: Postgres) -> tuple[int] | None:
    with psycopg.connect(server.owner_url) as connection:
        return connection.execute("select value from kept").fetchone()


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_data_survives_a_restart(postgres: Postgres) -> None:
    postgres.start()
    write(postgres)
    postgres.stop()
    postgres.start()
    assert read(postgres) == (7,)


def test_data_survives_a_killed_server(postgres: Postgres) -> None:
    postgres.start()
    write(postgres)
    postgres.kill()
    postgres.stop()
    postgres.start()
    assert read(postgres) == (7,)


def test_a_pid_file_of_a_dead_server_is_ignored(postgres: Postgres) -> None:
    """The pid of the dead server now belongs to another program: this test."""
    postgres.start()
    write(postgres)
    record = next(postgres.directory.glob("data/postmaster.pid"))
    lines = record.read_text().splitlines()
    postgres.stop()
    record.write_text("\n".join([str(os.getpid()), *lines[1:]]))
    postgres.start()
    assert read(postgres) == (7,)


def test_an_interrupted_initialisation_is_repeated(postgres: Postgres) -> None:
    postgres.start()
    postgres.stop()
    (postgres.directory / "superuser-password").unlink()
    postgres.start()
    with psycopg.connect(postgres.owner_url) as connection:
        assert connection.execute("select current_user").fetchone() == ("postgres",)


def test_a_server_that_was_killed_is_started_again_at_the_same_url(postgres: Postgres) -> None:
    postgres.start()
    write(postgres)
    killed, url = postgres.pid, postgres.owner_url
    with PostgresWatch(postgres):
        postgres.kill()
        wait_until(lambda: postgres.is_running and postgres.pid != killed)
        assert (read(postgres), postgres.owner_url) == ((7,), url)
    postgres.stop()
    assert not postgres.is_running


def test_a_server_that_cannot_start_again_is_tried_until_it_can(
    postgres: Postgres, caplog: pytest.LogCaptureFixture
) -> None:
    postgres.start()
    write(postgres)
    configuration = postgres.directory / "data" / "postgresql.conf"
    with PostgresWatch(postgres), caplog.at_level("WARNING"):
        with configuration.open("a") as file:
            file.write("no_such_setting = 1\n")
        postgres.kill()
        wait_until(lambda: "does not start" in caplog.text)
        lines = configuration.read_text().splitlines(keepends=True)
        configuration.write_text("".join(lines[:-1]))
        wait_until(lambda: postgres.is_running)
    assert read(postgres) == (7,)


def test_a_directory_in_use_is_refused(postgres: Postgres, open_directory: Path) -> None:
    postgres.start()
    with pytest.raises(PostgresUnavailable, match="in use by another process"):
        Postgres(postgres.home, durable=False).start()


def test_the_server_is_stopped_when_its_owner_is_killed(postgres: Postgres) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER_PROCESS, str(postgres.home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        text=True,
    )
    with owner:
        assert owner.stdout
        pid = int(owner.stdout.readline())
        owner.send_signal(signal.SIGKILL)
    wait_until(lambda: is_gone(pid))
    postgres.start()
    assert postgres.pid != pid


def test_a_running_server_without_an_owner_is_stopped_first(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its guard was killed, too, so it was not stopped."""
    monkeypatch.setattr("local.postgres_process.GUARD", "true")
    postgres.start()
    write(postgres)
    orphan = postgres.pid
    assert orphan
    postgres.abandon()
    postgres.start()
    wait_until(lambda: is_gone(orphan))
    assert read(postgres) == (7,)


def test_the_server_listens_only_on_the_loopback_address(postgres: Postgres) -> None:
    postgres.start()
    with psycopg.connect(postgres.owner_url) as connection:
        assert connection.execute("show listen_addresses").fetchone() == ("127.0.0.1",)
        assert connection.execute("show fsync").fetchone() == ("off",)


def test_a_server_is_stopped_without_its_programs(postgres: Postgres, tmp_path: Path) -> None:
    postgres.start()
    pid = postgres.pid
    assert pid
    postgres._binaries = tmp_path / "vanished"
    postgres.stop()
    wait_until(lambda: is_gone(pid))


def test_a_server_is_stopped_without_its_data(postgres: Postgres) -> None:
    postgres.start()
    pid = postgres.pid
    assert pid
    shutil.rmtree(postgres.home)
    postgres.stop()
    wait_until(lambda: is_gone(pid))


def test_destroy_ends_the_server_of_a_killed_owner(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.postgres_process.GUARD", "true")
    postgres.start()
    pid = postgres.pid
    assert pid
    postgres.abandon()
    Postgres(postgres.home, durable=False).destroy()
    wait_until(lambda: is_gone(pid))
    assert not postgres.home.exists()


@pytest.mark.skipif(unprivileged_account() is None, reason="only root runs it as another account")
class TestWhereTheAccountCannotEnter:
    @pytest.fixture
    def closed(self, tmp_path: Path) -> Path:
        folder = tmp_path / "closed"
        folder.mkdir(mode=0o700)
        return folder

    @pytest.fixture
    def server(self, closed: Path) -> Iterator[Postgres]:
        server = Postgres(closed / "postgres", durable=False)
        yield server
        server.stop()
        server.destroy()

    def test_the_data_lie_in_the_same_directory(self, closed: Path, server: Postgres) -> None:
        with server:
            write(server)
            assert server.directory == closed / "postgres" / "state"
        with server:
            assert read(server) == (7,)
        assert closed.stat().st_mode & 0o777 == 0o700

    def test_a_server_without_an_owner_is_recognised_by_its_data_directory(
        self, closed: Path, server: Postgres, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("local.postgres_process.GUARD", "true")
        server.start()
        orphan = server.pid
        assert orphan
        server.abandon()
        server.destroy()
        wait_until(lambda: is_gone(orphan))
        assert list(closed.iterdir()) == []

    def test_the_server_starts_under_a_strict_umask(self, server: Postgres) -> None:
        before = os.umask(0o077)
        try:
            with server:
                write(server)
                assert read(server) == (7,)
        finally:
            os.umask(before)

    def test_the_server_starts_after_its_home_was_closed_to_other_accounts(self, open_directory: Path) -> None:
        home = open_directory / "closed-later"
        home.mkdir(mode=0o755)
        try:
            with Postgres(home, durable=False) as server:
                write(server)
            home.chmod(0o700)
            with Postgres(home, durable=False) as server:
                assert read(server) == (7,)
        finally:
            Postgres(home, durable=False).destroy()


@pytest.mark.skipif(unprivileged_account() is None, reason="only root runs it as another account")
def test_programs_that_the_account_cannot_reach_are_copied(
    open_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local.binaries.SHARED", open_directory / "strict" / "binaries")
    account = unprivileged_account()
    before = os.umask(0o077)
    try:
        copy = _copy_out(find_binaries(None))
    finally:
        os.umask(before)
    assert copy.is_relative_to(open_directory / "strict")
    assert run(copy / "postgres", "-V", account=account).stdout.startswith("postgres (PostgreSQL)")
