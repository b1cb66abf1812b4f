"""The data directory of an embedded Postgres: ``state/data`` below its home.

Postgres refuses to run as root, so root runs it as another account. That account owns ``state``, but perhaps may not
enter the directories above it (a checkout below ``/root``, for example). So Postgres' programs are started inside the
data directory, and their argument is ``/proc/self/cwd``.
"""

from __future__ import annotations

import os
from pathlib import Path

from local.binaries import Account, PostgresUnavailable

STATE_FOLDER = "state"
DATA = "data"
WORKING_DIRECTORY = Path("/proc/self/cwd")  # needs no permission of the directories above
FORMER_POINTER = "elsewhere"  # an earlier version wrote the path of root's data into this file


class DataMissing(PostgresUnavailable):
    """The database that an earlier version made is at another place."""


def prepare(home: Path, account: Account | None) -> Path:
    """The directory ``state``, created if there is none. Raises DataMissing, PostgresUnavailable."""
    directory = home / STATE_FOLDER
    _refuse_former(home, directory)
    _make(directory, account)
    _check_account(directory, account)
    return directory


def make_data(directory: Path, account: Account | None) -> None:
    """Create the empty directory of a cluster."""
    _make(directory / DATA, account)


def data_argument(directory: Path, account: Account | None) -> Path:
    """The data directory as an argument of a program that was started inside it."""
    return directory / DATA if account is None or not WORKING_DIRECTORY.exists() else WORKING_DIRECTORY


def give_to_account(path: Path, account: Account | None) -> None:
    """Make ``account`` the owner of a file or directory that root created."""
    if account is not None and path.stat().st_uid == os.geteuid():
        os.chown(path, account.uid, account.gid)


def _make(directory: Path, account: Account | None) -> None:
    directory.mkdir(mode=0o700, exist_ok=True)
    give_to_account(directory, account)


def _refuse_former(home: Path, directory: Path) -> None:
    """Refuse to start with an empty database if an earlier version made one at another place."""
    pointer = home / FORMER_POINTER
    if pointer.exists():
        data = pointer.read_text().strip()
        raise DataMissing(
            f"The database of {home} is in {data}, the place of an earlier version. "
            f"Move it (mv {data} {directory} && rm {pointer}), or remove {home} and {data} to start empty."
        )


def _check_account(directory: Path, account: Account | None) -> None:
    """Postgres starts only as the owner of its data."""
    needed = os.geteuid() if account is None else account.uid
    if (actual := directory.stat().st_uid) != needed:
        raise PostgresUnavailable(
            f"The database in {directory} belongs to the account {_account_name(actual)}, and Postgres would run as "
            f"{_account_name(needed)}. Run this as the user who created it, or remove the directory to start empty."
        )


def _account_name(uid: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
