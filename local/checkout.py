"""What lies where in a checkout."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / ".baton"  # everything the local stack keeps; deleting it starts anew
