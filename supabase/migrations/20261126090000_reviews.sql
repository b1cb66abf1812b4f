-- The type of a step, and people's reviews with which it is tried again.

alter table public.orchestration_steps
  add column type baton.step_type not null default 'agent',
  add column reviews jsonb not null default '[]' check (jsonb_typeof(reviews) = 'array'),
  drop column modifications;  -- the reviews hold them
update public.orchestration_steps set type = 'orchestration' where agent_slug = '' and item_of is null;

comment on column public.orchestration_steps.agent_slug is
  'The agent that does the step, or owns the orchestration that it runs; empty if an orchestration step names no owner.';
comment on column public.orchestration_steps.reviews is
  'People''s reviews with which this step is tried again, oldest first: [{"attemptNumber", "notes", "modifications"}]. '
  'The number is that of the reviewed attempt; a review of a fork has none.';
