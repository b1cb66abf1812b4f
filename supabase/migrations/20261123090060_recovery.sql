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
