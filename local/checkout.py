"""What lies where in the checkout, which the local stack never leaves."""

from __future__ import annotations

from cli.checkout import ROOT, STATE

__all__ = ["ROOT", "STATE"]
