-- Agents and definitions that people publish to a running deployment, beside the bundled ones.

-- `machine` is the state machine of a definition, without the stack's prefix. A bundled definition has its own name here
-- (its machine is in template.yaml), a published one x-<name>-<version>-<digest> (baton/machines.py).
alter table public.orchestration_definitions
  add column machine text not null,
  add column archived_at timestamptz,  -- after this, it cannot be launched; its runs go on
  add column published_by uuid,  -- null: it is bundled
  add constraint orchestration_definitions_machine check (machine = name or machine ~ '^x-[A-Za-z0-9_-]+$');

-- Bundled definitions are inserted without their machine.
create function baton.name_machine() returns trigger language plpgsql set search_path = '' as $$
begin
  new.machine := coalesce(new.machine, new.name);
  return new;
end $$;
create trigger name_machine before insert on public.orchestration_definitions
  for each row execute function baton.name_machine();
revoke execute on function baton.name_machine() from public;

alter table public.agents
  add column orchestrations text[] not null default '{}',  -- the definitions of a published orchestrator
  add column source text,                                  -- the YAML as published; null: it is bundled
  add column published_by uuid,
  add column updated_at timestamptz not null default now(),
  add constraint agents_published check ((source is null) = (published_by is null)),
  -- A published agent cannot call a function of the deployment.
  add constraint agents_published_are_reached_by_http check (source is null or transport ->> 'type' is null or transport ->> 'type' = 'http');
