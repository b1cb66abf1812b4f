"""What the local stack's secrets hold."""

from __future__ import annotations

from pathlib import Path

from local.secret_strings import FILE, secret_strings
from local.template import Secret

DECLARED = [Secret("baton/database/api", None), Secret("baton/database/mcp", None), Secret("baton/stream/key", 64)]


def test_a_login_has_its_url_and_a_secret_without_a_string_is_left_out(tmp_path: Path) -> None:
    strings = secret_strings(tmp_path, DECLARED, {"api": "postgresql://api", "other": "postgresql://other"})
    assert strings.keys() == {"baton/database/api", "baton/stream/key"}
    assert strings["baton/database/api"] == "postgresql://api"


def test_a_generated_key_has_the_length_of_the_template_and_stays_after_a_restart(tmp_path: Path) -> None:
    first = secret_strings(tmp_path, DECLARED, {})["baton/stream/key"]
    assert len(first) == 64
    more = [*DECLARED, Secret("baton/another/key", 32)]
    again = secret_strings(tmp_path, more, {})
    assert again["baton/stream/key"] == first
    assert secret_strings(tmp_path, more, {}) == again
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


def test_each_folder_has_its_own_keys(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("a", "b")]
    for folder in folders:
        folder.mkdir()
    first, second = (secret_strings(folder, DECLARED, {})["baton/stream/key"] for folder in folders)
    assert first != second
