"""Supabase's command line against a real Postgres with Supabase's roles, without Docker, account and project."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from psycopg.conninfo import conninfo_to_dict

from cli.checkout import ROOT
from cli.database_urls import url_of
from local.database import add_supabase
from tests.integration.conftest import Server, database_server, name_of, new_database, open_directory

__all__ = ["database_server", "open_directory"]

PROGRAM = ROOT / ".supabase-cli" / "node_modules" / ".bin" / "supabase"


@dataclass(frozen=True)
class CommandResult:
    """The JSON that the command line printed, and its exit code."""

    code: int
    document: dict[str, Any]


@dataclass(frozen=True)
class SupabaseCommand:
    """The command line in a folder with a copy of our ``supabase``. It does not see the user's settings."""

    home: Path

    @property
    def migrations(self) -> Path:
        return self.home / "supabase" / "migrations"

    def __call__(self, *arguments: str, url: str) -> CommandResult:
        inherited = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
        environment = {**inherited, "HOME": str(self.home), "DO_NOT_TRACK": "1", "SUPABASE_TELEMETRY_DISABLED": "1"}
        command = [str(PROGRAM), *arguments, f"--remote={url}", "--output-format=json", "--agent=no"]
        command += ["--workdir", str(self.home)]
        run = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=self.home)
        try:
            return CommandResult(run.returncode, json.loads(run.stdout))
        except json.JSONDecodeError:
            pytest.fail(f"supabase {' '.join(arguments)} ended with {run.returncode}:\n{run.stdout}{run.stderr}")

    def push(self, url: str, *more: str) -> CommandResult:
        return self("db", "push", "--yes", *more, url=url)


@pytest.fixture
def supabase(tmp_path: Path) -> SupabaseCommand:
    assert PROGRAM.exists(), "`make check-supabase` installs Supabase's command line first"
    shutil.copytree(ROOT / "supabase", tmp_path / "supabase")
    return SupabaseCommand(tmp_path)


@contextmanager
def like_a_project(server: Server) -> Iterator[str]:
    """The owner's URL of a database like that of a new Supabase project."""
    with new_database(server) as url:
        superuser = server.superuser_url and url_of(server.superuser_url, name_of(url))
        add_supabase(superuser or url, owner=str(conninfo_to_dict(url)["user"]))
        yield url


@pytest.fixture
def project(database_server: Server) -> Iterator[str]:
    with like_a_project(database_server) as url:
        yield url


@pytest.fixture
def another_project(database_server: Server) -> Iterator[str]:
    with like_a_project(database_server) as url:
        yield url
