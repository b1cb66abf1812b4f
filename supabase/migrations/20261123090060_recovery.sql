-- What recovery needs beside the record: where a fork came from, when an execution was last looked at, and who may do what.

alter table public.orchestration_runs
  add column forked_from_run_id uuid references public.orchestration_runs (id) on delete set null,
  add column forked_from_step_id text;  -- the first step that was not taken over
create index orchestration_runs_forks on public.orchestration_runs (forked_from_run_id) where forked_from_run_id is not null;

create table baton.execution_checks (
  run_id uuid primary key references public.orchestration_runs (id) on delete cascade,
  checked_at timestamptz not null default now()
);
comment on table baton.execution_checks is 'When the sweep last asked Step Functions whether an open run''s execution is still there.';
alter table baton.execution_checks enable row level security;
create policy engine on baton.execution_checks for all to baton_engine using (true) with check (true);

-- The API retries, skips, aborts and forks. It closes and reopens approvals, and decides none: it cannot say who decided. Of
-- gates it sees that they wait, not their tokens.
grant update on public.orchestration_runs, public.orchestration_steps, public.orchestration_step_attempts to baton_api;
grant insert (run_id, organization_id, step_id, attempt_number, status, closed_reason, decision, question, options),
  update (status, closed_reason, decision, decided_at, notes, modifications, expires_at) on public.human_approvals to baton_api;
grant select (id, run_id, step_id, generation, released_at), update (released_at) on baton.gate_tokens to baton_api;

-- Reconcile settles runs whose execution ended without them.
grant select, update on public.orchestration_runs, public.orchestration_steps to baton_reconcile;
grant select, update (status, closed_reason) on public.human_approvals to baton_reconcile;
grant select on public.organizations to baton_reconcile;
grant select, insert on public.orchestration_events to baton_reconcile;
grant select (id, run_id, step_id, generation, released_at), update (released_at) on baton.gate_tokens to baton_reconcile;
grant select, insert, update, delete on baton.outbox to baton_reconcile;
grant select, insert, update on baton.execution_checks to baton_reconcile;
