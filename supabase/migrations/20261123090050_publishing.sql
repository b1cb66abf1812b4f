-- Agents and definitions that people publish to a running deployment, beside those that come with it.

-- The state machine that a definition runs on, without the stack's prefix: the definition's own name for one that comes
-- with the deployment (its machine is in template.yaml), x-<digest> for a published one.
alter table public.orchestration_definitions
  add column machine text not null,
  add column archived_at timestamptz,  -- from then on nobody launches it; its runs go on
  add column published_by uuid,  -- null: it came with the deployment
  add constraint orchestration_definitions_machine check (machine = name or machine = 'x-' || digest);

-- What comes with the deployment is inserted without its machine.
create function baton.name_machine() returns trigger language plpgsql set search_path = '' as $$
begin
  new.machine := coalesce(new.machine, new.name);
  return new;
end $$;
create trigger name_machine before insert on public.orchestration_definitions
  for each row execute function baton.name_machine();
revoke execute on function baton.name_machine() from public;

alter table public.agents
  add column orchestrations text[] not null default '{}',  -- which definitions a published orchestrator answers for
  add column source text,                                  -- the YAML as it was published; null: it came with the deployment
  add column published_by uuid,
  add column updated_at timestamptz not null default now(),
  add constraint agents_published check ((source is null) = (published_by is null)),
  -- Nobody reaches a function of the deployment with an agent of their own.
  add constraint agents_published_are_reached_by_http check (source is null or transport ->> 'type' is null or transport ->> 'type' = 'http');
