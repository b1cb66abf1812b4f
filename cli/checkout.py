"""The checkout that this command belongs to. A `baton` that pip installed belongs to no checkout."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / ".baton"  # all data of the local stack; delete it to start with an empty one


def is_checkout() -> bool:
    return (ROOT / "template.yaml").is_file()
