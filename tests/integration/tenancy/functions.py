"""Every function of the record that another role than its owner may execute, with the call of its tests.

The database's catalogue is the list (see ``unregistered``). To add a function, add one entry to ``FUNCTIONS``: who may
execute it, the call, and its case. The tests of ``test_statements.py`` and ``test_functions.py`` then check it like
every statement.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from psycopg.types.json import Jsonb

from tests.integration.tenancy.cases import AS_USUAL, OPEN_CHILD, Case, Question
from tests.integration.tenancy.conftest import Connection


@dataclass(frozen=True)
class Function:
    """``executed_by`` are the logins (without ``baton_``) that have EXECUTE. The tests use the first of them.

    ``of_a_caller``: the function gets the caller (``user_id``) and answers only members. Other functions act for the
    engine on one run; the tests check that they leave every other organisation alone. ``writes``: it changes rows.
    """

    executed_by: tuple[str, ...]
    call: str
    case: Case = AS_USUAL
    of_a_caller: bool = True
    writes: bool = False

    def question(self, login: str = "") -> Question:
        return Question(self.call, login or self.executed_by[0], self.writes, self.case)


@dataclass(frozen=True)
class FunctionWithoutCase:
    executed_by: tuple[str, ...]
    because: str


DELIVERING = ("api", "step", "gate", "checkpoint", "approval", "relay", "reconcile", "launch")
ENGINE = (*DELIVERING, "stream", "webhook")
NOTHING = ({"answer": None},)
RUNS = "update orchestration_runs set status = 'running', error = null, completed_at = null where id = %(run_id)s"
OVERDUE = """update orchestration_runs set status = 'running', error = null, completed_at = null, ends_at = now()
  where id = %(run_id)s"""
ANYBODY = str(uuid.uuid4())
BOUNDARY = "%(boundary_id)s, '{}', %(user_id)s"  # the first arguments of every boundary of a caller
FAILS = "update baton.outbox set failures = 3, available_at = now() + interval '1 hour' where id = %(effect_id)s"
JOINS = """insert into organization_members (organization_id, user_id, roles)
  values (%(organization_id)s, %(member_id)s, '{viewer}')"""
# A launcher.
LAUNCHES = """with launcher as (
  insert into baton.launchers (organization_id, engine_id, user_id, allowed_by)
  values (%(organization_id)s, %(engine_id)s, %(launcher_id)s, %(launcher_id)s)
)
insert into organization_members (organization_id, user_id, roles, kind)
values (%(organization_id)s, %(launcher_id)s, '{operator}', 'machine')"""
# Every member of the organisation is a launcher.
MEMBER_LAUNCHES = """insert into baton.launchers (organization_id, engine_id, user_id, allowed_by)
select organization_id, user_id::text, user_id, user_id from organization_members
where organization_id = %(organization_id)s"""
# A run with an expired approval.
WAITS = """with run as (
  update orchestration_runs set status = 'running', error = null, completed_at = null where id = %(run_id)s
)
update human_approvals set expires_at = now(), on_timeout = 'continue' where id = %(approval_id)s"""
# A queued step, and a running step.
QUEUED = """with run as (
  update orchestration_runs set status = 'running', error = null, completed_at = null where id = %(run_id)s
)
update orchestration_steps set status = 'queued', attempt_number = 2, outputs = null where run_id = %(run_id)s"""
WORKS = """with run as (
  update orchestration_runs set status = 'running', error = null, completed_at = null where id = %(run_id)s
), attempt as (
  update orchestration_step_attempts set status = 'running', ended_at = null where run_id = %(run_id)s
)
update orchestration_steps set status = 'running', outputs = null where run_id = %(run_id)s"""
DUE_CHECK = "update baton.executions set check_at = now() where run_id = %(run_id)s"
STEP = "%(boundary_id)s, '{}', %(run_id)s, 'look'"  # the first arguments of every boundary of a step
ATTEMPT = f"{STEP}, 1, %(event_id)s"  # and of its attempt, with the delivery that owns it
EXECUTION = "'execution of ' || %(run_id)s::uuid::text"
MACHINE = f"{STEP}, {EXECUTION}, 'd'"  # and of a call of the run's state machine
DELIVERABLES = """jsonb_build_array(jsonb_build_object('id', %(new_id)s::uuid, 'position', 1, 'name', 'a.json',
  'type', 'analysis', 'format', 'json', 'title', 'Data', 'content', '[]', 'metadata', '{}'::jsonb))"""
ERROR = """'{"type": "Crash", "message": "it broke", "retryable": true}'"""
NEW_RUN = {"new_id": str(uuid.uuid4()), "idempotency_key": None}
CHILD = {"child_id": str(uuid.uuid4())}
ENDED = """'failed', '{"type": "Crash", "message": "it broke"}'"""
DECIDED = """insert into baton.outbox (id, run_id, kind, payload) values (%(approval_id)s::uuid, %(run_id)s,
  'complete', jsonb_build_object('approvalId', %(approval_id)s::uuid, 'decision', 'continue'))"""
# A delivery that is due, one whose attempt is at work, and a disabled webhook whose event is not on the bus.
DUE_DELIVERY = """update baton.webhook_deliveries set status = 'pending', completed_at = null, next_attempt_at = now(),
  send_at = now() where id = %(delivery_id)s"""
AT_WORK = """update baton.webhook_deliveries set status = 'pending', completed_at = null, next_attempt_at = now(),
  send_at = now(), claim_id = %(event_id)s, lease_until = now() + interval '1 minute' where id = %(delivery_id)s"""
ANNOUNCED = """update baton.webhooks set announcement = jsonb_build_object('id', %(event_id)s::text),
  announce_at = now() where id = %(webhook_id)s"""

FUNCTIONS: Mapping[str, Function | FunctionWithoutCase] = {
    "baton.abort_child": Function(
        ("step",),
        "select baton.abort_child(%(boundary_id)s, '{}', %(child_id)s, 1, 'nobody waits for it') as answer",
        Case(CHILD, before=OPEN_CHILD),
        of_a_caller=False,
        writes=True,
    ),
    "baton.abort_run": Function(
        ("api",),
        "select baton.abort_run(%(boundary_id)s, '{}', %(run_id)s, %(user_id)s, %(note)s) as answer",
        Case(before=RUNS, refusal=NOTHING),
        writes=True,
    ),
    "baton.add_definition": Function(
        ("api",),
        f"select baton.add_definition({BOUNDARY}, %(organization_id)s, %(name)s, '2.0.0', %(display_name)s,"
        " %(description)s, %(owner)s, %(source)s, %(plan)s, %(digest)s, %(machine)s) as answer",
        Case(refusal=NOTHING),
        writes=True,
    ),
    "baton.adopt_runs": Function(
        ("relay",),
        "select baton.adopt_runs(%(boundary_id)s, '{}', %(engine_id)s, clock_timestamp(), 10) as answer",
        Case(before=RUNS),
        of_a_caller=False,
        writes=True,
    ),
    "baton.allow_launches": Function(
        ("api",),
        f"select baton.allow_launches({BOUNDARY}, %(organization)s, %(engine_id)s, %(new_id)s) as answer",
        Case({"new_id": ANYBODY}, refusal=NOTHING),
        writes=True,
    ),
    "baton.answer_bytes": FunctionWithoutCase(("api", "stream"), "it reads its argument alone"),
    "baton.approval_of_step": Function(
        ("checkpoint",),
        "select baton.approval_of_step(%(run_id)s, 'look') as approval",
        Case(refusal=({"approval": None},)),
        of_a_caller=False,
    ),
    "baton.approval_terms": Function(
        ("api",),
        "select baton.approval_terms(%(user_id)s, %(approval_id)s, true) as answer",
        Case(refusal=NOTHING),
    ),
    "baton.archive_definition": Function(
        ("api",),
        f"select baton.archive_definition({BOUNDARY}, %(organization_id)s, %(name)s, '1.0.0') as answer",
        Case(refusal=NOTHING),
        writes=True,
    ),
    "baton.begin_step": Function(
        ("step",),
        f"select baton.begin_step({MACHINE}, 'another key', gen_random_uuid(), 60, 9) as answer",
        Case(before=QUEUED),
        of_a_caller=False,
        writes=True,
    ),
    "baton.check_service_token": Function(
        ("api", "stream"),
        "select baton.check_service_token(%(token_id)s, %(secret_hash)s) as answer",
        of_a_caller=False,
    ),
    "baton.claim_delivery": Function(
        ("webhook",),
        "select baton.claim_delivery(%(boundary_id)s, '{}', %(delivery_id)s, 60, 4, 50, 7) as answer",
        Case(before=DUE_DELIVERY),
        of_a_caller=False,
        writes=True,
    ),
    "baton.claim_due_deliveries": FunctionWithoutCase(
        ("relay",),
        "it sends for all organisations; test_webhook_attempts.py holds that it takes only what is due",
    ),
    "baton.claim_effects": FunctionWithoutCase(
        ("relay",), "it delivers for all organisations; test_outbox.py holds that it takes its own engine's alone"
    ),
    "baton.claim_expected_ends": Function(
        ("reconcile",),
        "select baton.claim_expected_ends(%(boundary_id)s, '{}', %(engine_id)s, %(limit)s) as answer",
        Case(before=DUE_CHECK),
        of_a_caller=False,
        writes=True,
    ),
    "baton.claim_unchecked_runs": Function(
        ("reconcile",),
        "select baton.claim_unchecked_runs(%(boundary_id)s, '{}', %(engine_id)s, 0, 0, %(limit)s) as answer",
        Case(before=RUNS),
        of_a_caller=False,
        writes=True,
    ),
    "baton.confirm_end": Function(
        ("reconcile",),
        "select baton.confirm_end(%(boundary_id)s, '{}', %(run_id)s, 1, %(engine_id)s, 'SUCCEEDED') as answer",
        Case(before=DUE_DELIVERY),
        of_a_caller=False,
        writes=True,
    ),
    "baton.complete_step": Function(
        ("step",),
        f"select baton.complete_step({ATTEMPT}, %(outputs)s, '{{}}', {DELIVERABLES}, false, 'h', 60, false) as answer",
        Case({"new_id": ANYBODY}, before=WORKS),
        of_a_caller=False,
        writes=True,
    ),
    "baton.create_service_token": Function(
        ("api",),
        f"select baton.create_service_token({BOUNDARY}, %(organization)s, %(new_id)s, 'Machine', %(roles)s,"
        " %(secret_hash)s, now() + interval '1 day') as answer",
        Case({"new_id": ANYBODY, "secret_hash": "0" * 64}, refusal=NOTHING),
        writes=True,
    ),
    "baton.create_webhook": Function(
        ("api",),
        f"select baton.create_webhook({BOUNDARY}, %(organization)s, %(new_id)s, 'https://new.test', '', null, 20)"
        " as answer",
        Case({"new_id": ANYBODY}, refusal=NOTHING),
        writes=True,
    ),
    "baton.decide_approval": Function(
        ("approval",),
        "select baton.decide_approval(%(boundary_id)s, '{}', %(run_id)s, %(approval_id)s, %(user_id)s, 'continue',"
        " null, '{}', '{}') as answer",
        Case(refusal=({"answer": {"outcome": "not_found", "effects": []}},)),
        writes=True,
    ),
    "baton.delete_webhook": Function(
        ("api",),
        f"select baton.delete_webhook({BOUNDARY}, %(organization)s, %(webhook_id)s) as answer",
        Case(refusal=NOTHING),
        writes=True,
    ),
    "baton.earlier_run": Function(
        ("api",),
        "select baton.earlier_run(%(user_id)s, %(organization_id)s, %(idempotency_key)s) as answer",
        Case(refusal=NOTHING),
    ),
    "baton.effect_to_complete": Function(
        ("approval",),
        "select baton.effect_to_complete(%(boundary_id)s, '{}', %(approval_id)s) as effect",
        Case(before=DECIDED, refusal=({"effect": None},)),
        of_a_caller=False,
    ),
    "baton.expand_step": Function(
        ("step",),
        f"select baton.expand_step({ATTEMPT}, '[1, 2]') as answer",
        Case(before=WORKS),
        of_a_caller=False,
        writes=True,
    ),
    "baton.expired_approvals": Function(
        ("relay",),
        "select baton.expired_approvals(%(engine_id)s, %(limit)s) as answer",
        Case(before=WAITS, refusal=({"answer": []},)),
        of_a_caller=False,
    ),
    "baton.give_attempt_back": Function(
        ("step",),
        f"select baton.give_attempt_back({ATTEMPT}) as answer",
        Case(before=WORKS),
        of_a_caller=False,
        writes=True,
    ),
    "baton.expire_approval": Function(
        ("approval",),
        "select baton.expire_approval(%(boundary_id)s, '{}', %(run_id)s, %(approval_id)s,"
        " 'execution of ' || %(run_id)s::uuid::text)",
        Case(before=WAITS),
        of_a_caller=False,
        writes=True,
    ),
    "baton.fail_step": Function(
        ("step",),
        f"select baton.fail_step({ATTEMPT}, {ERROR}, 0, true, '{{}}') as answer",
        Case(before=WORKS),
        of_a_caller=False,
        writes=True,
    ),
    "baton.failed_effects": Function(
        ("api",),
        "select baton.failed_effects(%(user_id)s, %(organizations)s, %(failures)s, %(limit)s) as answer",
        Case(before=FAILS, refusal=({"answer": []},)),
    ),
    "baton.fan_out_events": Function(
        ("webhook",),
        "select baton.fan_out_events(%(boundary_id)s, '{}', jsonb_build_array(jsonb_build_object("
        "'id', %(event_id)s::uuid, 'runId', %(run_id)s::uuid, 'sequence', 1))) as answer",
        of_a_caller=False,
        writes=True,
    ),
    "baton.finish_delivery": Function(
        ("webhook",),
        "select baton.finish_delivery(%(boundary_id)s, '{}', %(delivery_id)s, %(event_id)s, 'failed', 500, '', 'no',"
        " 3, 5, 4, 50) as answer",
        Case(before=AT_WORK),
        of_a_caller=False,
        writes=True,
    ),
    "baton.fit_part": FunctionWithoutCase(("api",), "it reads its arguments alone"),
    "baton.fit_row": FunctionWithoutCase(("api", "stream"), "it reads its arguments alone"),
    "baton.fit_rows": FunctionWithoutCase(("api", "stream"), "it reads its arguments alone"),
    "baton.forbid_launches": Function(
        ("api",),
        f"select baton.forbid_launches({BOUNDARY}, %(organization)s, %(engine_id)s) as answer",
        Case({"launcher_id": ANYBODY}, before=LAUNCHES, refusal=NOTHING),
        writes=True,
    ),
    "baton.fork_run": Function(
        ("api",),
        "select baton.fork_run(%(boundary_id)s, '{}', %(new_id)s, %(run_id)s, 'look', %(definition_id)s, %(user_id)s,"
        " %(engine_id)s, 'arn:', %(options)s, %(parameters)s, %(overrides)s, %(modifications)s, %(reused)s, %(note)s,"
        " %(idempotency_key)s, %(request_hash)s) as answer",
        Case(NEW_RUN, refusal=NOTHING),
        writes=True,
    ),
    "baton.insert_child": Function(
        ("step",),
        "select baton.insert_child(%(boundary_id)s, '{}', %(run_id)s, 'look', 1, 'k', %(child_id)s, %(definition_id)s,"
        " %(parameters)s, %(reviews)s) as answer",
        Case({**CHILD, "reviews": Jsonb([])}, before=WORKS),
        of_a_caller=False,
        writes=True,
    ),
    "baton.launch_by_execution": Function(
        ("launch",),
        "select baton.launch_by_execution(%(boundary_id)s, '{}', %(new_id)s, %(organization_id)s, %(definition_id)s,"
        " %(user_id)s, %(engine_id)s, 'arn:', %(options)s, %(parameters)s, %(idempotency_key)s, %(request_hash)s,"
        " 'arn:') as answer",
        Case(NEW_RUN, before=MEMBER_LAUNCHES, refusal=NOTHING),
        writes=True,
    ),
    "baton.launch_context": Function(
        ("api",),
        "select baton.launch_context(%(user_id)s, %(organization)s, null, 'review', null, false, null, null) as answer",
        Case(refusal=NOTHING),
    ),
    "baton.launch_run": Function(
        ("api",),
        "select baton.launch_run(%(boundary_id)s, '{}', %(new_id)s, %(organization_id)s, %(definition_id)s,"
        " %(user_id)s, %(engine_id)s, 'arn:', %(options)s, %(parameters)s, %(idempotency_key)s, %(request_hash)s)"
        " as answer",
        Case(NEW_RUN, refusal=NOTHING),
        writes=True,
    ),
    "baton.launcher_context": Function(
        ("launch",),
        "select baton.launcher_context(%(user_id)s, %(organization)s, null, 'review', null, false, null, null)"
        " as answer",
        Case(before=MEMBER_LAUNCHES, refusal=NOTHING),
    ),
    "baton.launcher_of": Function(
        ("launch",),
        "select baton.launcher_of(%(engine_id)s, %(organization)s) as answer",
        Case({"launcher_id": ANYBODY}, before=LAUNCHES, refusal=NOTHING),
        of_a_caller=False,
    ),
    "baton.launchers_earlier_run": Function(
        ("launch",),
        "select baton.launchers_earlier_run(%(user_id)s, %(organization_id)s, %(idempotency_key)s) as answer",
        Case(before=MEMBER_LAUNCHES, refusal=NOTHING),
    ),
    "baton.list_service_tokens": Function(
        ("api",),
        "select baton.list_service_tokens(%(user_id)s, %(organization)s, null, null, 10) as answer",
        Case(refusal=({"answer": []},)),
    ),
    "baton.list_webhook_deliveries": Function(
        ("api",),
        "select baton.list_webhook_deliveries(%(user_id)s, %(organization)s, %(webhook_id)s, null, null, null, 10)"
        " as answer",
        Case(refusal=NOTHING),
    ),
    "baton.list_webhooks": Function(
        ("api",),
        "select baton.list_webhooks(%(user_id)s, %(organization)s) as answer",
        Case(refusal=({"answer": []},)),
    ),
    "baton.move_run": Function(
        ("reconcile",),
        "select baton.move_run(%(boundary_id)s, '{}', %(run_id)s, %(generation)s, %(engine_id)s, %(machine)s,"
        " %(digest)s) as answer",
        Case(before=RUNS),
        of_a_caller=False,
        writes=True,
    ),
    "baton.newest_checkpoint_token": Function(
        ("approval",),
        "select baton.newest_checkpoint_token(%(boundary_id)s, '{}', %(approval_id)s) as token",
        Case(refusal=({"token": None},)),
        of_a_caller=False,
    ),
    "baton.open_checkpoint": Function(
        ("checkpoint",),
        f"select baton.open_checkpoint({MACHINE}, 'another token', gen_random_uuid(), 'https://review.test', 10)",
        Case(before=WAITS),
        of_a_caller=False,
        writes=True,
    ),
    "baton.open_gate": Function(
        ("gate",),
        f"select baton.open_gate({MACHINE}, 'another token', 10)",
        Case(before=WAITS),
        of_a_caller=False,
        writes=True,
    ),
    "baton.newest_execution": Function(
        ("api",), "select baton.newest_execution(%(user_id)s, %(run_id)s) as answer", Case(refusal=NOTHING)
    ),
    "baton.organization_of_member": Function(
        ("api",),
        "select baton.organization_of_member(%(user_id)s, %(organization)s, %(engine_id)s) as answer",
        Case(refusal=NOTHING),
    ),
    "baton.organizations_of_caller": FunctionWithoutCase(
        ("authenticated",),
        "policies alone reach it (clients have no USAGE on its schema), and test_clients.py asks them",
    ),
    "baton.overdue_runs": Function(
        ("reconcile",),
        "select baton.overdue_runs(%(engine_id)s, %(limit)s) as answer",
        Case(before=OVERDUE, refusal=({"answer": []},)),
        of_a_caller=False,
    ),
    "baton.ping_webhook": Function(
        ("api",),
        f"select baton.ping_webhook({BOUNDARY}, %(organization)s, %(webhook_id)s, %(new_id)s) as answer",
        Case({"new_id": ANYBODY}, refusal=NOTHING),
        writes=True,
    ),
    "baton.pinned_run": Function(
        ("reconcile",),
        f"select baton.pinned_run(%(run_id)s, %(generation)s, {EXECUTION}, %(engine_id)s) as answer",
        Case(before=RUNS, refusal=NOTHING),
        of_a_caller=False,
    ),
    "baton.plan_summary": FunctionWithoutCase(("api",), "it reads its argument alone"),
    "baton.put_agent": Function(
        ("api",),
        f"select baton.put_agent({BOUNDARY}, %(organization_id)s, 'b', %(display_name)s, %(description)s, %(kind)s,"
        " %(transport)s, %(orchestrations)s, %(source)s, null) as answer",
        Case(refusal=NOTHING),
        writes=True,
    ),
    "baton.put_member": Function(
        ("api",),
        f"select baton.put_member({BOUNDARY}, %(organization)s, %(member_id)s, %(roles)s) as answer",
        Case({"member_id": ANYBODY}, refusal=NOTHING),
        writes=True,
    ),
    "baton.put_off_effects": Function(
        DELIVERING,
        "select baton.put_off_effects(%(boundary_id)s, '{}', jsonb_build_array("
        "jsonb_build_object('id', %(effect_id)s::text, 'failures', 0, 'error', 'no answer')))",
        of_a_caller=False,
        writes=True,
    ),
    "baton.put_time_zone": Function(
        ("api",),
        f"select baton.put_time_zone({BOUNDARY}, %(organization)s, 'Asia/Tokyo', %(engine_id)s) as answer",
        Case(refusal=NOTHING),
        writes=True,
    ),
    "baton.recover_run": Function(
        ("api",),
        "select baton.recover_run(%(boundary_id)s, '{}', %(run_id)s, %(generation)s, %(user_id)s, null, null,"
        " %(modifications)s, %(overrides)s, %(note)s) as answer",
        Case(refusal=NOTHING),
        writes=True,
    ),
    "baton.redeliver_webhook": Function(
        ("api",),
        f"select baton.redeliver_webhook({BOUNDARY}, %(organization)s, %(webhook_id)s, %(delivery_id)s) as answer",
        Case(refusal=NOTHING),
        writes=True,
    ),
    "baton.redrive_effect": Function(
        ("api",),
        f"select baton.redrive_effect({BOUNDARY}, %(effect_id)s) as answer",
        Case(before=FAILS, refusal=NOTHING),
        writes=True,
    ),
    "baton.redrive_effects": Function(
        ("api",),
        f"select baton.redrive_effects({BOUNDARY}, %(organizations)s) as answer",
        Case(before=FAILS, refusal=NOTHING),
        writes=True,
    ),
    "baton.remove_member": Function(
        ("api",),
        f"select baton.remove_member({BOUNDARY}, %(organization)s, %(member_id)s) as answer",
        Case({"member_id": ANYBODY}, before=JOINS, refusal=NOTHING),
        writes=True,
    ),
    "baton.repin_run": Function(
        ("reconcile",),
        "select baton.repin_run(%(boundary_id)s, '{}', %(child_id)s, %(engine_id)s, %(machine)s, %(digest)s) as answer",
        Case(CHILD, before=OPEN_CHILD),
        of_a_caller=False,
        writes=True,
    ),
    "baton.review_before": FunctionWithoutCase(("api",), "it reads its arguments alone"),
    "baton.revoke_service_token": Function(
        ("api",),
        f"select baton.revoke_service_token({BOUNDARY}, %(organization)s, %(token_id)s) as answer",
        Case(refusal=NOTHING),
        writes=True,
    ),
    "baton.roles_for_effect": Function(
        ("api",),
        "select baton.roles_for_effect(%(user_id)s, %(effect_id)s) as answer",
        Case(before=FAILS, refusal=({"answer": []},)),
    ),
    "baton.rotate_webhook": Function(
        ("api",),
        f"select baton.rotate_webhook({BOUNDARY}, %(organization)s, %(webhook_id)s) as answer",
        Case(refusal=NOTHING),
        writes=True,
    ),
    "baton.run_of_key": Function(
        ("api",),
        "select baton.run_of_key(%(user_id)s, %(organization_id)s, %(idempotency_key)s) as answer",
        Case(refusal=NOTHING),
    ),
    "baton.runs_with_orphans": Function(
        ("reconcile",),
        "select baton.runs_with_orphans(%(engine_id)s, 0, %(limit)s) as answer",
        Case(CHILD, before=OPEN_CHILD, refusal=({"answer": []},)),
        of_a_caller=False,
    ),
    "baton.settle_child": Function(
        ("step",),
        f"select baton.settle_child(%(boundary_id)s, '{{}}', %(child_id)s, 1, {ENDED}) as answer",
        Case(CHILD, before=OPEN_CHILD),
        of_a_caller=False,
        writes=True,
    ),
    "baton.settle_orphans": Function(
        ("reconcile",),
        "select baton.settle_orphans(%(boundary_id)s, '{}', %(run_id)s, %(engine_id)s) as answer",
        Case(CHILD, before=OPEN_CHILD),
        of_a_caller=False,
        writes=True,
    ),
    "baton.settle_run": Function(
        ("reconcile",),
        f"select baton.settle_run(%(boundary_id)s, '{{}}', %(run_id)s, 1, {EXECUTION}, {ENDED}, %(engine_id)s)"
        " as answer",
        Case(before=RUNS),
        of_a_caller=False,
        writes=True,
    ),
    "baton.settle_step": Function(
        ("step",),
        f"select baton.settle_step({MACHINE}, {ERROR}, 5) as answer",
        Case(before=WORKS),
        of_a_caller=False,
        writes=True,
    ),
    "baton.skip_step": Function(
        ("step",),
        f"select baton.skip_step({ATTEMPT}) as answer",
        Case(before=WORKS),
        of_a_caller=False,
        writes=True,
    ),
    "baton.stream_run": Function(
        ("stream",), "select baton.stream_run(%(user_id)s, %(run_id)s) as answer", Case(refusal=NOTHING)
    ),
    "baton.strike_announcement": Function(
        ("relay", "webhook"),
        "select baton.strike_announcement(%(boundary_id)s, '{}', %(event_id)s) as answer",
        Case(before=ANNOUNCED),
        of_a_caller=False,
        writes=True,
    ),
    "baton.strike_off_unawaited": Function(
        DELIVERING, "select baton.strike_off_unawaited(array[%(effect_id)s::uuid])", of_a_caller=False, writes=True
    ),
    "baton.time_out_run": Function(
        ("reconcile",),
        "select baton.time_out_run(%(boundary_id)s, '{}', %(run_id)s, %(engine_id)s) as answer",
        Case(before=OVERDUE),
        of_a_caller=False,
        writes=True,
    ),
    "baton.unknown_executions": FunctionWithoutCase(
        ("reconcile",), "it answers only with ARNs that it was given, and those are of no organisation"
    ),
    "baton.update_webhook": Function(
        ("api",),
        f"select baton.update_webhook({BOUNDARY}, %(organization)s, %(webhook_id)s,"
        " jsonb_build_object('enabled', false)) as answer",
        Case(refusal=NOTHING),
        writes=True,
    ),
}

OF_A_CALLER = {
    name: function for name, function in FUNCTIONS.items() if isinstance(function, Function) and function.of_a_caller
}
OF_THE_ENGINE = {
    name: function
    for name, function in FUNCTIONS.items()
    if isinstance(function, Function) and not function.of_a_caller
}

# All executable functions, without those that only their owner may execute (triggers and helpers).
EXECUTABLE = """
select p.oid::regprocedure::text as signature, n.nspname || '.' || p.proname as name,
  array_agg(replace(r.rolname, 'baton_', '') order by r.rolname) as executed_by
from pg_proc p
join pg_namespace n on n.oid = p.pronamespace and n.nspname in ('public', 'baton')
join pg_roles r on has_function_privilege(r.oid, p.oid, 'execute')
  and ((r.rolname ~ '^baton_' and r.rolcanlogin) or r.rolname in ('anon', 'authenticated'))
where not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
group by p.oid, n.nspname, p.proname
order by 1
"""


def unregistered(owner: Connection) -> list[str]:
    """The differences between the database and the registry, one line each."""
    rows = owner.execute(EXECUTABLE.encode()).fetchall()
    names = [row["name"] for row in rows]
    wrong = [
        f"{row['signature']} is executed by {', '.join(row['executed_by'])} and has no case"
        for row in rows
        if row["name"] not in FUNCTIONS
    ]
    wrong += [
        f"{row['signature']} is executed by {', '.join(row['executed_by'])}"
        for row in rows
        if row["name"] in FUNCTIONS and sorted(FUNCTIONS[row["name"]].executed_by) != row["executed_by"]
    ]
    wrong += [f"{name} has more than one signature" for name in FUNCTIONS if names.count(name) > 1]
    return wrong + [f"{name} is executed by nobody" for name in FUNCTIONS if name not in names]
