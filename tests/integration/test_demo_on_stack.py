"""The demo with a person's own numbers, and with an invalid file."""

from __future__ import annotations

import io
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.screen import Screen
from local import demo, interruptions
from local.own_numbers import OwnNumbers
from local.stack import Stack

HEADER = "company,department,metric,unit,aggregation,date,value\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "own.csv"


@pytest.fixture
def signals() -> Iterator[None]:
    """Restore the signal handlers of the tests after a program has replaced them."""
    before = {number: signal.getsignal(number) for number in interruptions.NUMBERS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_persons_own_numbers_keep_their_digits(stack: Stack, file: Path, tmp_path: Path) -> None:
    lines = [f"Mine,Shop,Odd metric name,EUR,sum,2024-0{month}-01,{month}.12{month}" for month in (1, 2, 3)]
    file.write_text(HEADER + "\n".join([*lines, "Mine,Shop,Refunds,EUR,sum,2024-02-01,-0.005"]))
    out = io.StringIO()

    code = demo._demo(stack, Screen(out=out), tmp_path, OwnNumbers.read(file)).play()

    assert code == 0
    assert "Odd metric name, Refunds, 2024-01-01 to 2024-03-31, by month" in out.getvalue()
    assert "2024-02-01\t2.122\t-0.005" in out.getvalue()
    assert "run.completed" in out.getvalue()


@pytest.mark.usefixtures("signals")
def test_an_invalid_file_is_reported_before_anything_starts(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(HEADER + "Mine,Shop,Sales,EUR,sum,2024-01-01,many\n")

    code = demo.main(["--state", str(tmp_path / "state"), "--data", str(file)])

    assert code == 1
    assert "own.csv:2:" in capsys.readouterr().err
    assert not (tmp_path / "state").exists()
