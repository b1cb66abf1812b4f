-- Data for recovery: the source of a fork, and the time of the last check of an execution.

alter table public.orchestration_runs
  add column forked_from_run_id uuid references public.orchestration_runs (id) on delete set null,
  add column forked_from_step_id text;  -- the first step that the fork does not reuse
create index orchestration_runs_forks on public.orchestration_runs (forked_from_run_id) where forked_from_run_id is not null;

create table baton.execution_checks (
  run_id uuid primary key references public.orchestration_runs (id) on delete cascade,
  checked_at timestamptz not null default now()
);
comment on table baton.execution_checks is 'When the sweep last asked Step Functions for the execution of an open run.';
alter table baton.execution_checks enable row level security;
