"""Where a database is, once it is somewhere, it stays or is missed: never does an empty one take its place."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from local import data_directory
from local.binaries import Account, PostgresUnavailable, unprivileged_account

pytestmark = pytest.mark.skipif(unprivileged_account() is None, reason="only root has data elsewhere")


@pytest.fixture
def account() -> Account | None:
    return unprivileged_account()


@pytest.fixture(autouse=True)
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("local.binaries.SHARED_STATE", tmp_path / "shared")
    return tmp_path / "shared"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home that the account cannot enter."""
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def open_home(open_directory: Path, request: pytest.FixtureRequest) -> Path:
    folder = open_directory / request.node.name
    folder.mkdir(mode=0o711)
    return folder


def test_missing_data_are_said_to_be_missing(home: Path, account: Account | None) -> None:
    directory = data_directory.prepare(home, account)
    directory.rename(directory.with_name("moved"))

    with pytest.raises(data_directory.DataMissing, match=rf"should be in {directory}\..* remove {home} to start empty"):
        data_directory.prepare(home, account)

    directory.with_name("moved").rename(directory)
    assert data_directory.prepare(home, account) == directory


def test_data_below_a_home_that_was_closed_since_are_not_forgotten(open_home: Path, account: Account | None) -> None:
    below = data_directory.prepare(open_home, account)
    open_home.chmod(0o700)

    with pytest.raises(PostgresUnavailable, match=f"The database is in {below}, which .* cannot enter any more"):
        data_directory.prepare(open_home, account)


def test_a_copied_home_does_not_use_or_delete_the_data_of_the_first(home: Path, account: Account | None) -> None:
    directory = data_directory.prepare(home, account)
    copy = home.with_name("copy")
    shutil.copytree(home, copy)

    with pytest.raises(PostgresUnavailable, match=f"belongs to {home}"):
        data_directory.prepare(copy, account)
    data_directory.remove(copy)

    assert not copy.exists()
    assert data_directory.prepare(home, account) == directory


def test_a_home_that_was_moved_keeps_its_data(home: Path, account: Account | None) -> None:
    directory = data_directory.prepare(home, account)
    moved = home.rename(home.with_name("moved"))

    assert data_directory.prepare(moved, account) == directory
    data_directory.remove(moved)
    assert not directory.exists()


def test_a_pointer_to_somewhere_else_deletes_nothing_there(home: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (home / data_directory.POINTER).write_text(str(precious))

    data_directory.remove(home)

    assert precious.exists()
    assert not home.exists()


def test_data_of_another_account_are_refused(open_home: Path, account: Account | None) -> None:
    directory = data_directory.prepare(open_home, account)
    os.chown(directory, 54321, 54321)

    with pytest.raises(PostgresUnavailable, match="belongs to the account 54321"):
        data_directory.prepare(open_home, account)
