"""The functions' log on this machine."""

from __future__ import annotations

import io
import json
import logging
import stat
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import pytest

from local.log_file import MAX_LINE_CHARACTERS, JsonLines, LogFile


def lines(file: Path) -> list[Any]:
    return [json.loads(line) for line in file.read_text().split("\n")[:-1]]


def test_it_is_its_owners_alone_and_was_others_at_most_before(tmp_path: Path) -> None:
    file = tmp_path / "functions.log"
    file.touch(0o644)
    with closing(LogFile(file)) as log:
        log.write("a word\n")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_file_is_rotated_and_old_files_are_deleted(tmp_path: Path) -> None:
    file = tmp_path / "functions.log"
    with closing(LogFile(file, max_bytes=500, max_old_files=2)) as log:
        for number in range(100):
            log.write(f"line {number}\n")
    files = sorted(tmp_path.iterdir())
    assert [each.name for each in files] == ["functions.log", "functions.log.1", "functions.log.2"]
    assert all(each.stat().st_size <= 500 and stat.S_IMODE(each.stat().st_mode) == 0o600 for each in files)
    assert lines(file)[-1]["message"] == "line 99"


FORGED = '{"level": "INFO", "message": "invocation", "run": "another"}'


@pytest.mark.parametrize("end", ["\r", "\x85", "\u2028", "\x0b", "\x1b[2K"])
def test_a_line_that_is_no_json_becomes_some_with_its_control_characters_escaped(tmp_path: Path, end: str) -> None:
    file = tmp_path / "functions.log"
    with closing(LogFile(file)) as log:
        print(f"an agent says{end}{FORGED}", file=cast(io.TextIOBase, log))
    (line,) = lines(file)
    assert line["message"] == f"an agent says{end}{FORGED}"
    assert len(file.read_text().splitlines()) == 1


def test_a_line_of_json_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "functions.log"
    with closing(LogFile(file)) as log:
        log.write(FORGED[:10])
        log.write(f"{FORGED[10:]}\n")
    assert file.read_text() == f"{FORGED}\n"


def test_a_librarys_report_is_one_line_with_its_traceback() -> None:
    try:
        raise ValueError(f"it said\n{FORGED}")
    except ValueError as error:
        record = logging.makeLogRecord(
            {"msg": "failed:\n%s", "args": (FORGED,), "exc_info": (ValueError, error, error.__traceback__)}
        )
    text = JsonLines().format(record)
    assert "\n" not in text
    assert FORGED in json.loads(text)["exception"]
    assert json.loads(text)["message"] == f"failed:\n{FORGED}"


@pytest.mark.parametrize("letter", ["x", "\x00", "é", "😀"])
def test_a_long_line_is_cut(tmp_path: Path, letter: str) -> None:
    file = tmp_path / "functions.log"
    with closing(LogFile(file)) as log:
        log.write(json.dumps({"message": letter * 1_000_000}) + "\n")
        log.write(letter * 1_000_000 + "\n")
        log.write("the next\n")
    assert [str(line["message"])[:8] for line in lines(file)] == ['{"messag', letter * 8, "the next"]
    assert all(len(line) <= MAX_LINE_CHARACTERS + 100 for line in file.read_text().splitlines())
