"""From a definition to a state machine: definition → plan → shape → ASL.

=============  ======================================================================================================
``planning``   spells out every default
``order``      who must be done before whom
``nesting``    what follows each other and what runs side by side
``branching``  the parts that do not nest: branches, and gates where they meet
``shape``      both together, with the gates of a limited ``maxParallel``
``machine``    walks the shape and writes the chains and Parallels
``states``     the states of one step: gate, ``work``, ``review``
``calls``      the Tasks that call our functions; ``retries`` knows which errors are worth another try
``limits``     what Step Functions can take
=============  ======================================================================================================
"""

from __future__ import annotations

from baton.compiler.limits import NotSupported
from baton.compiler.machine import Machine, asl_text, compile_machine
from baton.compiler.planning import make_plan

__all__ = ["Machine", "NotSupported", "asl_text", "compile_machine", "make_plan"]
