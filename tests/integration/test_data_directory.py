"""The data directory is the same for root and other users, and an earlier version's database is never ignored."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from local import data_directory
from local.binaries import Account, PostgresUnavailable, unprivileged_account


@pytest.fixture
def account() -> Account | None:
    return unprivileged_account()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home that other accounts may not enter."""
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    return folder


def test_data_lie_below_their_home_and_only_their_account_may_read_them(home: Path, account: Account | None) -> None:
    directory = data_directory.prepare(home, account)
    assert directory == home / "state"
    assert directory.stat().st_uid == (account.uid if account else os.geteuid())
    assert directory.stat().st_mode & 0o777 == 0o700
    assert home.stat().st_mode & 0o777 == 0o700
    assert data_directory.prepare(home, account) == directory


def test_data_at_the_place_of_an_earlier_version_are_reported(home: Path, account: Account | None) -> None:
    (home / "elsewhere").write_text("/var/lib/baton/postgres/1f0e\n")

    with pytest.raises(data_directory.DataMissing, match=f"mv /var/lib/baton/postgres/1f0e {home}/state"):
        data_directory.prepare(home, account)

    assert not (home / "state").exists()


@pytest.mark.skipif(unprivileged_account() is None, reason="only root can give a directory away")
def test_data_of_another_account_are_refused(home: Path, account: Account | None) -> None:
    directory = data_directory.prepare(home, account)
    os.chown(directory, 54321, 54321)

    with pytest.raises(PostgresUnavailable, match="belongs to the account 54321"):
        data_directory.prepare(home, account)
