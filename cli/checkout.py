"""The checkout that this command belongs to, if it belongs to one: a `baton` that pip installed does not."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / ".baton"  # everything the local stack keeps; deleting it starts anew


def is_checkout() -> bool:
    return (ROOT / "template.yaml").is_file()
