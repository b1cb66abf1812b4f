"""The names of a step's states. People know a step by its id, so the Task that does its work has the id as its name."""

from __future__ import annotations

from baton.plan import Step


def gate(step: Step) -> str:
    return f"{step.id}: gate"


def expand(step: Step) -> str:
    return f"{step.id}: expand"


def item(step: Step) -> str:
    return f"{step.id}: item"


def prepare(step: Step) -> str:
    return f"{step.id}: prepare"


def started(step: Step) -> str:
    return f"{step.id}: started?"


def collect(step: Step) -> str:
    return f"{step.id}: collect"


def settle(step: Step) -> str:
    return f"{step.id}: settle"


def asks(step: Step) -> str:
    return f"{step.id}: asks?"


def review(step: Step) -> str:
    return f"{step.id}: review"


def expired(step: Step) -> str:
    return f"{step.id}: expired"


def decision(step: Step) -> str:
    return f"{step.id}: decision"


def done(step: Step) -> str:
    return f"{step.id}: done"
