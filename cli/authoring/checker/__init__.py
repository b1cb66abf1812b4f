"""A strict checker of Amazon States Language, for what the compiler writes and for any other file.

Neither CloudFormation's linter nor the simulated Step Functions of the local stack looks at these things; the real one
reports some of them at deployment and some only when an execution gets there. The language is the one of
https://states-language.net with JSONPath, without variables.

``machine`` checks how states lead to one another, ``states`` the fields of each, ``tasks`` what a Task calls and how
long it waits, ``failures`` Retry and Catch, ``choices`` the rules of a Choice, ``templates`` and ``paths`` what is
taken from the state's data.
"""

from __future__ import annotations

from cli.authoring.checker.faults import Fault
from cli.authoring.checker.machine import check, check_text

__all__ = ["Fault", "check", "check_text"]
