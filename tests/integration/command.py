"""Calls the command `baton` with the URL of the test database's owner."""

from __future__ import annotations

import pytest

from cli.main import main


class CommandFixture:
    """A command that begins with ``words``."""

    def __init__(self, words: list[str], owner_url: str, capsys: pytest.CaptureFixture[str]) -> None:
        self.owner_url = owner_url
        self._words = words
        self._capsys = capsys

    def __call__(self, *more: str, environment: dict[str, str] | None = None) -> tuple[int, str, str]:
        """The exit code, standard output and standard error."""
        settings = {"OWNER_URL": self.owner_url} if environment is None else environment
        code = main([*self._words, *more], settings)
        printed = self._capsys.readouterr()
        return code, printed.out, printed.err
