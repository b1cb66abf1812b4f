"""Where the data of an embedded Postgres lies: in ``state`` below its home, whoever runs it.

Postgres refuses to run as root, so root runs it as another account. That account owns ``state`` and may be unable to
enter the directories above it (a checkout below ``/root``, say). It need not enter them: Postgres' programs are started
inside of the data directory, and are told that it is ``/proc/self/cwd``.
"""

from __future__ import annotations

import os
from pathlib import Path

from local.binaries import Account, PostgresUnavailable

BELOW = "state"
DATA = "data"
ITSELF = Path("/proc/self/cwd")  # a way into the working directory that asks for no other one's permission
FORMER_POINTER = "elsewhere"  # named the data of root's databases before they lay here


class DataMissing(PostgresUnavailable):
    """There was a database, and it is not where it should be."""


def prepare(home: Path, account: Account | None) -> Path:
    """The directory ``state``, made if there never was one. Raises DataMissing, PostgresUnavailable."""
    directory = home / BELOW
    _refuse_former(home, directory)
    _make(directory, account)
    _check_account(directory, account)
    return directory


def make_data(directory: Path, account: Account | None) -> None:
    """The empty directory that a cluster is made in."""
    _make(directory / DATA, account)


def name_of_data(directory: Path, account: Account | None) -> Path:
    """What a program calls the data directory, in which it has been started."""
    return directory / DATA if account is None or not ITSELF.exists() else ITSELF


def give(path: Path, account: Account | None) -> None:
    """Make ``account`` the owner of what root has made."""
    if account is not None and path.stat().st_uid == os.geteuid():
        os.chown(path, account.uid, account.gid)


def _make(directory: Path, account: Account | None) -> None:
    directory.mkdir(mode=0o700, exist_ok=True)
    give(directory, account)


def _refuse_former(home: Path, directory: Path) -> None:
    """Never does an empty database take the place of one that was made before."""
    pointer = home / FORMER_POINTER
    if pointer.exists():
        data = pointer.read_text().strip()
        raise DataMissing(
            f"The database of {home} is in {data}, where Baton used to put root's. "
            f"Move it (mv {data} {directory} && rm {pointer}), or remove {home} and {data} to start empty."
        )


def _check_account(directory: Path, account: Account | None) -> None:
    """Postgres starts only as the owner of its data."""
    needed = os.geteuid() if account is None else account.uid
    if (actual := directory.stat().st_uid) != needed:
        raise PostgresUnavailable(
            f"The database in {directory} belongs to the account {_account_name(actual)}, and Postgres would run as "
            f"{_account_name(needed)}. Run this as whoever made it, or remove the directory to start empty."
        )


def _account_name(uid: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
