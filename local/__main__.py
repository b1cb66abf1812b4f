"""``python -m local up`` and ``python -m local demo``, which is what make runs.

Importing the rest takes a moment; an interruption meanwhile ends the program as later ones do, without a traceback.
"""

from __future__ import annotations

import importlib
import sys

from cli import closed_pipe
from local import interruptions

PROGRAMS = ("up", "demo")

if __name__ == "__main__":
    interruptions.handle(interruptions.leave)
    if len(sys.argv) < 2 or sys.argv[1] not in PROGRAMS:
        sys.exit(f"usage: python -m local {{{','.join(PROGRAMS)}}} …")
    program = importlib.import_module(f"local.{sys.argv[1]}").main
    sys.exit(closed_pipe.run_program(lambda: program(sys.argv[2:])))
