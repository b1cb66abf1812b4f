"""The functions of the record can be read: each is short, and so are its lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.checkout import ROOT

MAX_LINES, MAX_COLUMNS = 60, 120
LONGER = {"begin_step": 64}  # it reads at once what its answer, its writes and its work need
FUNCTIONS = sorted((ROOT / "supabase" / "schemas").glob("*.sql"))
QUERIES = sorted((ROOT / "layers" / "baton" / "baton" / "store").glob("*.sql"))


@pytest.mark.parametrize("file", FUNCTIONS, ids=lambda file: file.stem)
def test_a_function_has_at_most_sixty_lines_and_says_what_it_does(file: Path) -> None:
    lines = file.read_text().splitlines()
    assert len(lines) <= LONGER.get(file.stem, MAX_LINES)
    assert lines[0].startswith("-- ")


@pytest.mark.parametrize("file", [*FUNCTIONS, *QUERIES], ids=lambda file: file.stem)
def test_no_line_is_too_wide(file: Path) -> None:
    assert [line for line in file.read_text().splitlines() if len(line) > MAX_COLUMNS] == []
