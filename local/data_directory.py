"""Where the data of an embedded Postgres lies: below its home, or, for root, in ``SHARED_STATE``.

Root runs Postgres as an account that may be unable to enter the home (a checkout below ``/root``, say). The data then
lies elsewhere: the file ``elsewhere`` in the home names the directory, and the file ``home`` beside that directory
names the home. What is written down counts for good, so that no change of permissions begins an empty database.
"""

from __future__ import annotations

import os
import shutil
import uuid
from pathlib import Path

from local import binaries
from local.binaries import Account, PostgresUnavailable, can_enter

BELOW = "state"
POINTER = "elsewhere"
OWNER = "home"


class DataMissing(PostgresUnavailable):
    """There was a database, and it is not where it should be."""


def recorded(home: Path) -> Path | None:
    """The directory elsewhere that ``home`` names, or None if its data lies below it."""
    try:
        return Path((home / POINTER).read_text().strip())
    except (FileNotFoundError, NotADirectoryError):
        return None


def prepare(home: Path, account: Account | None) -> Path:
    """The directory of the data, made if there never was one. Raises DataMissing, PostgresUnavailable."""
    directory = recorded(home)
    if directory is None:
        directory = _prepare_below(home, account)
    else:
        _check_recorded(home, directory)
        _owner_file(directory).write_text(f"{home}\n")  # a home that was moved has another name now
    _check_account(directory, account)
    return directory


def _prepare_below(home: Path, account: Account | None) -> Path:
    below = home / BELOW
    if can_enter(home, account):
        return _make(below, account)
    if below.exists():
        raise PostgresUnavailable(
            f"The database is in {below}, which the account {account and account.name} cannot enter any more. Let it "
            f"through (chmod o+x on the directories above), or remove {home} to start empty."
        )
    return _make_elsewhere(home, account)


def _check_recorded(home: Path, directory: Path) -> None:
    if not directory.is_dir():
        raise DataMissing(
            f"The database of {home} is gone: its data should be in {directory}. Bring it back, or remove {home} to "
            "start empty."
        )
    if not owns(home, directory):
        raise PostgresUnavailable(
            f"{home / POINTER} names the data in {directory}, which belongs to {_owner(directory)}. If this is a copy "
            f"of that one, remove {home} to start empty."
        )


def remove(home: Path) -> None:
    """Delete the data that belongs to ``home``, and then the home. Nobody may be using it."""
    directory = recorded(home)
    if directory is not None and owns(home, directory):
        shutil.rmtree(directory, ignore_errors=True)
        _owner_file(directory).unlink(missing_ok=True)
    shutil.rmtree(home, ignore_errors=True)


def owned(home: Path) -> Path | None:
    """The directory of this home's data, made or not; None if what it names belongs to another home."""
    directory = recorded(home)
    if directory is None:
        return home / BELOW
    return directory if owns(home, directory) else None


def owns(home: Path, directory: Path) -> bool:
    """Whether a directory elsewhere is this home's: it was made for it, or for one that has been moved here."""
    if directory.parent != binaries.SHARED_STATE / "postgres":
        return False
    owner = _owner(directory)
    return owner is None or owner == home or recorded(owner) != directory


def _owner(directory: Path) -> Path | None:
    try:
        return Path(_owner_file(directory).read_text().strip())
    except FileNotFoundError:
        return None


def _owner_file(directory: Path) -> Path:
    return directory.with_name(f"{directory.name}.{OWNER}")


def _make_elsewhere(home: Path, account: Account | None) -> Path:
    """The directory first and the pointer last: a pointer to nothing means that data was lost."""
    directory = binaries.shared_directory("postgres") / uuid.uuid4().hex
    _owner_file(directory).write_text(f"{home}\n")
    _make(directory, account)
    draft = home / f"{POINTER}.new"
    draft.write_text(f"{directory}\n")
    draft.replace(home / POINTER)
    return directory


def _make(directory: Path, account: Account | None) -> Path:
    directory.mkdir(mode=0o700, exist_ok=True)
    if account is not None and directory.stat().st_uid == os.geteuid():  # ours, so not yet the account's
        os.chown(directory, account.uid, account.gid)
    return directory


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
