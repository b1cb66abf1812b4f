"""The machines of published definitions, made again when the local stack starts."""

from __future__ import annotations

import logging

import pytest

from baton.errors import EngineUnavailable
from baton.plan import Plan
from baton.ports.library import DefinitionVersion
from local.published import StoredMachine, restore
from tests.unit.examples import EXAMPLE, plan_of


class FakeMachines:
    """Step Functions that does not answer for the machine ``refused``."""

    def __init__(self, refused: str = "") -> None:
        self.refused = refused
        self.made: dict[str, str] = {}

    def make_as(self, name: str, asl: str, of: DefinitionVersion) -> None:
        if name == self.refused:
            raise EngineUnavailable(f"the state machine {name} could not be made: Read timeout")
        self.made[name] = asl


def stored(name: str, plan: Plan | None = None) -> StoredMachine:
    return StoredMachine(name, "0123abcd", (plan or plan_of(EXAMPLE)).to_json(), "acme")


def test_a_machine_keeps_its_digest() -> None:
    machines = FakeMachines()
    restore(machines, [stored("x-one")])
    assert '"digest": "0123abcd"' in machines.made["x-one"]


def test_a_machine_that_cannot_be_made_is_named_and_the_others_are_made(caplog: pytest.LogCaptureFixture) -> None:
    machines = FakeMachines(refused="x-two")
    restore(machines, [stored("x-one"), stored("x-two"), stored("x-three")])
    assert sorted(machines.made) == ["x-one", "x-three"]
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert "x-two" in record.getMessage()
    assert "acme" in record.getMessage()


def test_a_plan_of_an_unknown_format_is_skipped_as_well(caplog: pytest.LogCaptureFixture) -> None:
    machines = FakeMachines()
    old = StoredMachine("x-old", "0123abcd", {"format": -1}, "acme")
    restore(machines, [old, stored("x-one")])
    assert sorted(machines.made) == ["x-one"]
    assert "The stored plan has format -1" in caplog.text
