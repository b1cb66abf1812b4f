"""A strict checker of Amazon States Language, for the compiler's machines and for other files.

CloudFormation's linter and the simulated Step Functions of the local stack do not find these faults. The real Step
Functions reports some of them at deployment, others only when an execution reaches the state. The language is that of
https://states-language.net with JSONPath, without variables.

``machine`` checks the transitions between states, ``states`` the fields of each state, ``tasks`` the calls and time
limits of a Task, ``failures`` Retry and Catch, ``choices`` the rules of a Choice, ``templates`` and ``paths`` the
references to the state's data.
"""

from __future__ import annotations

from cli.authoring.checker.faults import Fault
from cli.authoring.checker.machine import check, check_text

__all__ = ["Fault", "check", "check_text"]
