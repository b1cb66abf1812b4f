"""From a definition to a state machine: definition → plan → shape → ASL.

=============  ======================================================================================================
``planning``   spells out every default
``order``      which steps must be done before which
``nesting``    which steps follow each other and which run side by side
``branching``  the parts that do not nest: branches, and gates where they meet
``shape``      both together, with the gates of a limited ``maxParallel``
``machine``    walks the shape and writes the chains and Parallels
``states``     the states of one step: gate, ``work``, ``review``
``calls``      the Tasks that call Baton's functions; ``retries`` has the errors that a Task retries
``limits``     the limits of Step Functions
=============  ======================================================================================================
"""

from __future__ import annotations

from baton.compiler.limits import NotSupported
from baton.compiler.machine import Machine, asl_text, compile_machine
from baton.compiler.planning import make_plan

__all__ = ["Machine", "NotSupported", "asl_text", "compile_machine", "make_plan"]
