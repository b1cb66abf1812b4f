"""``python -m local up`` and ``python -m local demo``, the programs of ``make up`` and ``make demo``.

The imports take a moment. An interruption during that time must also end the program without a traceback.
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
