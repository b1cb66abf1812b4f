-- What a step is, said and not guessed from its agent; and what people said when they had it tried again.

alter table public.orchestration_steps
  add column type text not null default 'agent' check (type in ('agent', 'orchestration')),
  add column reviews jsonb not null default '[]' check (jsonb_typeof(reviews) = 'array'),
  drop column modifications;  -- the reviews hold them
update public.orchestration_steps set type = 'orchestration' where agent_slug = '' and item_of is null;

comment on column public.orchestration_steps.agent_slug is
  'Who does the step, or owns the orchestration that it runs; empty where an orchestration step names nobody.';
comment on column public.orchestration_steps.reviews is
  'Every person''s retry of this step, oldest first: [{"attemptNumber", "notes", "modifications"}]. The number is that of the '
  'attempt that was reviewed; a fork''s first step has none.';
