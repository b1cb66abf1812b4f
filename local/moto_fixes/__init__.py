"""Mends the defects of moto that matter here: one function a defect.

``services`` mends Lambda, EventBridge and SQS, ``targets`` the targets of event rules. ``starts``, ``tokens``, ``ends``
and ``catchers`` mend Step Functions: the start of an execution, the answers to task tokens, the end of an execution,
and what follows an error that is caught. ``reuse`` keeps what moto makes anew each time.
``tests/integration/simulated_aws`` has a test of each function. After an update of moto, remove the functions without
which these tests pass. The compiler and the use cases avoid what cannot be mended cheaply.
"""

from __future__ import annotations

from local.moto_fixes import catchers, ends, reuse, starts, targets, tokens
from local.moto_fixes.ends import abandon_executions, report_executions
from local.moto_fixes.services import deliver_events_to_functions, report_messages, run_functions

__all__ = [
    "MOTO",
    "abandon_executions",
    "deliver_events_to_functions",
    "install",
    "report_executions",
    "report_messages",
    "run_functions",
]

MOTO = "5.2.5"  # the version that these functions mend
_installed = False


def install() -> None:
    """Mend Step Functions for the life of this process. Executions may start; nothing reports them yet."""
    global _installed
    starts.stopping.clear()
    ends.reporters.clear()
    if _installed:
        return
    _installed = True
    starts.give_unnamed_executions_a_name()
    starts.start_executions_one_at_a_time()
    catchers.let_catchers_lead_to_their_own_state()
    tokens.look_for_tokens_in_begun_executions_only()
    tokens.take_the_first_answer_to_a_token()
    tokens.call_tokens_of_ended_tasks_timed_out()
    tokens.refuse_answers_that_are_not_json()
    tokens.keep_the_cause_of_a_task_failure()
    ends.keep_an_abort_final()
    ends.stop_executions_at_once()
    ends.report_beginnings_and_ends()
    starts.start_executions_from_states()
    ends.end_child_executions_with_their_parents()
    targets.keep_undelivered_events()
    targets.replay_what_was_asked_for()
    reuse.parse_definitions_once()
    reuse.parse_paths_once()
