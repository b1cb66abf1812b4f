-- The record of every run: organisations, definitions, runs, steps, attempts, events, approvals, deliverables
-- (schema public, readable by Supabase clients under row level security) and the engine's private tables
-- (schema baton). docs/state-machine.md draws the statuses; the CHECK constraints below hold the same.
--
-- Runs as a role that is not a superuser and uses only what Postgres 15 to 18 share.

-- ---------------------------------------------------------------------------------------------------------------
-- Logins: one for each kind of function, with only the rights that its work needs. A login cannot be used until the
-- deployment gives it a password. Logins change the record only through its functions. These act as the owner of
-- the tables: a role that cannot log in.
-- ---------------------------------------------------------------------------------------------------------------
do $$
declare
  login text;
begin
  if not exists (select from pg_roles where rolname = 'baton_owner') then
    create role baton_owner nologin;
  end if;
  grant baton_owner to current_user;
  if not exists (select from pg_roles where rolname = 'baton_engine') then
    create role baton_engine nologin;
  end if;
  foreach login in array array['baton_api', 'baton_step', 'baton_gate', 'baton_checkpoint', 'baton_approval', 'baton_relay',
      'baton_reconcile', 'baton_stream', 'baton_launch', 'baton_webhook'] loop
    if not exists (select from pg_roles where rolname = login) then
      execute format('create role %I login in role baton_engine', login);
    end if;
    -- A statement that hangs holds the run's lock; given up, it is tried again. The client (baton.connection) waits a
    -- little longer, so what it gives up is over here.
    execute format('alter role %I set statement_timeout = ''7s''', login);
    execute format('alter role %I set lock_timeout = ''5s''', login);
    execute format('alter role %I set idle_in_transaction_session_timeout = ''60s''', login);
    -- Statements that take a millisecond are not worth compiling, whatever cost the planner estimates.
    execute format('alter role %I set jit = off', login);
  end loop;
  if not exists (select from pg_roles where rolname = 'baton_mcp') then
    create role baton_mcp login;  -- reads KPI data and nothing of the engine
  end if;
end $$;

create schema baton;
comment on schema baton is 'Private to the engine: tokens, the outbox, idempotency keys. Never exposed to clients.';
revoke all on schema baton from public;
grant usage on schema baton to baton_engine;
grant usage on schema public to baton_api, baton_stream;

-- ---------------------------------------------------------------------------------------------------------------
-- Organisations and their members
-- ---------------------------------------------------------------------------------------------------------------
create table public.organizations (
  id uuid primary key default gen_random_uuid(),
  slug text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]{0,59}$'),
  name text not null,
  created_at timestamptz not null default now()
);

create table public.organization_members (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  user_id uuid not null,          -- of a machine: the id of its service token, or of a launcher
  roles text[] not null check (
    cardinality(roles) > 0 and roles <@ array['viewer', 'operator', 'approver', 'admin']
  ),
  created_at timestamptz not null default now(),
  kind text not null default 'person' check (kind in ('person', 'machine')),
  expires_at timestamptz,         -- after this, the engine's logins do not see the member
  primary key (organization_id, user_id),
  check (kind = 'machine' or expires_at is null)
);
create index organization_members_user on public.organization_members (user_id);

create view baton.live_members with (security_invoker = true) as
  select m.organization_id, m.user_id, m.roles, m.kind, m.created_at
  from public.organization_members m where m.expires_at is null or m.expires_at > clock_timestamp();
comment on view baton.live_members is 'The current members: the bearer of a token is a member until the token expires.';

-- ---------------------------------------------------------------------------------------------------------------
-- Agents and definitions
-- ---------------------------------------------------------------------------------------------------------------
create table public.agents (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  slug text not null check (slug ~ '^[a-z0-9][a-z0-9-]{0,59}$'),
  display_name text not null,
  description text not null default '',
  kind text not null check (kind in ('agent', 'orchestrator')),
  transport jsonb,  -- how the agent is reached: {"type": "lambda", "function": …}; an orchestrator has none
  accepts jsonb,    -- JSON Schema of the context of its calls; null: it declares none
  created_at timestamptz not null default now(),
  unique (organization_id, slug),
  check ((kind = 'agent') = (transport is not null))
);

create table public.orchestration_definitions (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  name text not null check (name ~ '^[a-z0-9][a-z0-9-]{0,59}$'),
  version text not null check (version ~ '^[0-9]+\.[0-9]+\.[0-9]+$'),
  display_name text not null,
  description text not null default '',
  owner_agent_slug text not null,
  source text not null,   -- the YAML as the author wrote it
  plan jsonb not null,    -- the compiler's result (plan.format is the version of its format)
  digest text not null,   -- of the compiled state machine
  created_at timestamptz not null default now(),
  unique (organization_id, name, version)
);
comment on table public.orchestration_definitions is 'One row for each version. A stored version never changes.';

-- ---------------------------------------------------------------------------------------------------------------
-- Runs
-- ---------------------------------------------------------------------------------------------------------------
-- Words that columns may have. A write parses every CHECK of its table again, and a list of words takes longest. A
-- domain is parsed once in a session, and only for the columns that are written.
create domain baton.run_status as text check (value = any ('{pending,running,checkpoint,completed,failed,aborted}'));
create domain baton.step_type as text check (value = any ('{agent,orchestration}'));
create domain baton.step_mode as text check (value = 'BUILD');
create domain baton.step_status as text
  check (value = any ('{pending,queued,running,checkpoint,completed,failed,skipped}'));
create domain baton.skip_reason as text check (value = any ('{condition,skipped,aborted,abandoned}'));
create domain baton.attempt_status as text check (value = any ('{running,completed,failed}'));
create domain baton.event_type as text check (value = any ('{
  orchestration.run.created, orchestration.run.updated, orchestration.run.completed, orchestration.run.failed,
  orchestration.run.aborted, orchestration.step.queued, orchestration.step.running,
  orchestration.step.completed, orchestration.step.failed, orchestration.step.skipped,
  orchestration.step_failed, orchestration.checkpoint.requested, orchestration.checkpoint.resolved}'));
create domain baton.approval_status as text check (value = any ('{pending,decided,expired,closed}'));
create domain baton.decision as text check (value = any ('{continue,retry,abort}'));
create domain baton.timeout_action as text check (value = any ('{continue,abort,fail}'));
create domain baton.close_reason as text check (value = any ('{aborted,skipped,reused,"not asked"}'));
create domain baton.effect_kind as text check (value = any ('{event,start,complete,release,stop}'));

create table public.orchestration_runs (
  id uuid primary key,
  organization_id uuid not null references public.organizations (id) on delete cascade,
  definition_id uuid not null references public.orchestration_definitions (id),
  definition_name text not null,
  definition_version text not null,
  owner_agent_slug text not null,
  status baton.run_status not null default 'pending',
  parameters jsonb not null,                               -- of the launch, with defaults
  parameter_overrides jsonb not null default '{}',         -- people's changes at checkpoints
  plan jsonb not null,
  results jsonb,                                           -- {"steps": {step_id: {output: value}}}, at a pause or the end
  error jsonb,                                             -- {"stepId", "type", "message"} of a failed run
  digest text not null,                                    -- the state machine this run is pinned to
  generation integer not null default 1 check (generation > 0),
  machine text not null,                                   -- name of that state machine, without the stack's prefix
  engine_id text not null,                                 -- the deployment that drives this run
  execution_prefix text not null,                          -- ARN of that deployment's executions, up to the machine's name
  options jsonb not null default '{}',                     -- of the launch: {"skipOptionalCheckpoints": true}
  root_run_id uuid not null references public.orchestration_runs (id) on delete cascade,  -- itself, unless it is a child
  parent_run_id uuid references public.orchestration_runs (id) on delete cascade,
  parent_step_id text,
  parent_attempt integer,
  depth integer not null default 1 check (depth between 1 and 5),
  launched_by uuid not null,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  completed_at timestamptz,
  ends_at timestamptz,                                     -- after this, the run fails; null: its definition has no limit
  is_open boolean not null generated always as (completed_at is null) stored,
  check (is_open = (status = any ('{pending,running,checkpoint}'))),
  check (status <> 'pending' or started_at is null),
  check (started_at is not null or (status <> 'running' and status <> 'checkpoint' and status <> 'completed')),
  check ((status = 'failed') = (error is not null)),
  check ((parent_run_id is null) = (id = root_run_id)),
  check ((parent_run_id is null) = (parent_step_id is null) and (parent_run_id is null) = (parent_attempt is null)),
  unique (parent_run_id, parent_step_id, parent_attempt)
);
-- The rows of a run and of its steps change a few times. Free space on their pages spares the indexes these updates.
alter table public.orchestration_runs set (fillfactor = 60);

create index orchestration_runs_root on public.orchestration_runs (root_run_id);
create index orchestration_runs_organization on public.orchestration_runs (organization_id, created_at desc);
create index orchestration_runs_definition on public.orchestration_runs (definition_id);
create index orchestration_runs_open on public.orchestration_runs (engine_id)
  where status = any ('{pending,running,checkpoint}');

create index orchestration_runs_ending on public.orchestration_runs (engine_id, ends_at)
  where ends_at is not null and status = any ('{pending,running,checkpoint}');

-- The executions of a run, each written in the commit that orders its start. Only the newest may act.
create table baton.executions (
  run_id uuid not null references public.orchestration_runs (id) on delete cascade,
  generation integer not null check (generation > 0),
  arn text not null unique,
  boundary_id uuid,  -- the boundary that ordered it: a repeated call finds the row by it
  history_events integer not null default 0,  -- that its Tasks have told of, of the 25,000 that Step Functions allows
  ordered_at timestamptz not null default now(),
  check_at timestamptz,  -- it should be over: the next time when the sweep asks Step Functions for it
  checks integer not null default 0,  -- how often the sweep has asked
  over_at timestamptz,  -- since then it is known to be over
  status text,  -- what Step Functions said of it last, after its run ended or went on without it
  primary key (run_id, generation),
  check (over_at is null or check_at is null)
);
create index executions_check on baton.executions (check_at) where check_at is not null;
comment on table baton.executions is 'Which Step Functions execution drives each generation of a run.';

create table public.orchestration_steps (
  run_id uuid not null references public.orchestration_runs (id) on delete cascade,
  organization_id uuid not null,  -- of the run
  step_id text not null,
  step_index integer not null,
  priority integer not null default 1,                         -- steps on the longest path from this step to the end
  agent_slug text not null,                                    -- empty for a step that runs an orchestration
  planned jsonb,                                               -- the step's part of the run's plan; an item uses its step's
  reads text[],                                                -- the steps whose outputs it may read; null: all
  mode baton.step_mode not null,
  depends_on text[] not null default '{}',
  continue_on_failure boolean not null default false,          -- if it fails, the run goes on and dependents do without its outputs
  item_of text,                                                -- the for_each step whose item this is; its id is then `step[index]`
  item_index integer not null default -1,
  item_attempt integer,                                        -- the attempt of the for_each step that made this item
  item jsonb,
  status baton.step_status not null default 'pending',
  skip_reason baton.skip_reason,                               -- of a skipped step
  attempt_number integer not null default 1 check (attempt_number > 0),
  failures integer not null default 0 check (failures >= 0),   -- of the automatic retries; a person's retry resets it
  reads_cache boolean not null default true,                   -- false after a person's retry
  modifications jsonb not null default '{}',                   -- a person's changes to the input, kept for automatic retries
  outputs jsonb,
  seen jsonb,                                                  -- what dependents see, if that is not its outputs
  error jsonb,                                                 -- {"type", "message", "retryable"} of the last failure
  metadata jsonb not null default '{}',                        -- {"runtime": {"input": …, "response": …}}
  started_at timestamptz,
  completed_at timestamptz,
  is_done boolean not null generated always as  -- dependents may begin
    (completed_at is not null and (status <> 'failed' or continue_on_failure)) stored,
  is_open boolean not null generated always as (completed_at is null) stored,
  primary key (run_id, step_id),
  unique (run_id, item_index, step_index),
  foreign key (run_id, item_of) references public.orchestration_steps (run_id, step_id) on delete cascade,
  check ((item_of is null) = (item_index = -1) and (item_of is null) = (item is null)),
  check (is_open = (status = any ('{pending,queued,running,checkpoint}'))),
  check ((status = 'skipped') = (skip_reason is not null)),
  check (started_at is not null or (status <> 'running' and status <> 'checkpoint')),
  check (status <> 'failed' or error is not null),
  check (outputs is not null or (status <> 'completed' and status <> 'checkpoint'))
);
alter table public.orchestration_steps set (fillfactor = 70);
create index orchestration_steps_items on public.orchestration_steps (run_id, item_of) where item_of is not null;

create table public.orchestration_step_attempts (
  run_id uuid not null,
  step_id text not null,
  attempt_number integer not null check (attempt_number > 0),
  organization_id uuid not null,  -- of the run
  status baton.attempt_status not null,
  attempt_key text not null,              -- execution, state, entered time, retry count of its Task
  delivery_id uuid not null,              -- the call, or execution, that owns this attempt
  generation integer not null,
  deliveries integer not null default 1,  -- number of deliveries that began it; above 1, an earlier one crashed
  lease_until timestamptz not null,       -- after this, another delivery may take it over; -infinity: it was given back
  history_events integer not null default 0,  -- of the execution's history: what its Task had cost at this delivery
  lost_results integer not null default 0,    -- how often the database was away when a delivery had its result
  outputs jsonb,                          -- of a replaced attempt; the outputs of the newest are in the step's row
  metadata jsonb not null default '{}',
  error jsonb,
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  primary key (run_id, step_id, attempt_number),
  foreign key (run_id, step_id) references public.orchestration_steps (run_id, step_id) on delete cascade,
  check ((status = 'running') = (ended_at is null))
);

create table public.orchestration_events (
  id uuid not null default gen_random_uuid(),  -- subscribers identify the event by it
  run_id uuid not null references public.orchestration_runs (id) on delete cascade,
  organization_id uuid not null,  -- of the run
  sequence bigint not null,  -- every writer holds the run's lock, so order of commit = order of sequence
  type baton.event_type not null,
  data jsonb not null,
  run jsonb not null,  -- the run's state after the boundary
  created_at timestamptz not null default clock_timestamp(),
  primary key (run_id, sequence)
);

create table public.human_approvals (
  id uuid primary key default gen_random_uuid(),
  run_id uuid not null,
  organization_id uuid not null,  -- of the run
  step_id text not null,
  attempt_number integer not null,
  status baton.approval_status not null default 'pending',
  question text not null,
  options jsonb not null,                 -- [{"action", "label", "allowsModification"}]
  decision baton.decision,
  notes text,
  modifications jsonb,
  decided_by uuid,
  decided_at timestamptz,
  closed_reason baton.close_reason,       -- why it was closed without a person's decision
  expires_at timestamptz,                 -- after this, the definition decides
  on_timeout baton.timeout_action,
  review_url text,                        -- where people review it; null if no person was asked
  created_at timestamptz not null default now(),
  unique (run_id, step_id, attempt_number),
  foreign key (run_id, step_id) references public.orchestration_steps (run_id, step_id) on delete cascade,
  check ((status = 'decided') = (decision is not null and decided_by is not null and decided_at is not null)),
  check (decided_by is null or status = 'decided'),
  check (status <> 'pending' or (decision is null and decided_at is null)),
  check ((status = 'closed') = (closed_reason is not null)),
  check ((expires_at is null) = (on_timeout is null)),
  check (status <> 'expired' or (expires_at is not null and decided_at is not null))
);
create index human_approvals_pending on public.human_approvals (organization_id, created_at) where status = 'pending';
create index human_approvals_expiring on public.human_approvals (expires_at)
  where status = 'pending' and expires_at is not null;

create table public.deliverables (
  id uuid primary key,
  run_id uuid not null,
  organization_id uuid not null,  -- of the run
  step_id text not null,
  attempt_number integer not null,
  agent_slug text not null,
  type text not null,
  format text not null,
  position integer not null default 0,  -- in the agent's answer; 0: the answer's main document
  name text,                            -- of its file; only the main document may have none
  title text not null,
  content text not null,
  metadata jsonb not null default '{}',
  created_at timestamptz not null default now(),
  unique (run_id, step_id, attempt_number, position),
  check (position = 0 or name is not null),
  foreign key (run_id, step_id) references public.orchestration_steps (run_id, step_id) on delete cascade
);
create index deliverables_organization on public.deliverables (organization_id);

-- ---------------------------------------------------------------------------------------------------------------
-- Private to the engine
-- ---------------------------------------------------------------------------------------------------------------
create table baton.outbox (
  id uuid primary key default gen_random_uuid(),
  position bigint generated always as identity,  -- order of writing
  run_id uuid not null references public.orchestration_runs (id) on delete cascade,
  kind baton.effect_kind not null,
  payload jsonb,  -- of an event null: its data is the row of orchestration_events
  sequence bigint check ((kind = 'event') = (sequence is not null and payload is null)),
  boundary_id uuid,  -- of the boundary that delivers it; null while no boundary has taken it
  available_at timestamptz not null default now() + interval '60 seconds',  -- until then, the writer delivers it
  failures integer not null default 0,
  last_error text,
  claim_id uuid,  -- the relay's last claim of it
  created_at timestamptz not null default now()
);
comment on table baton.outbox is 'Every effect that must follow a commit, written in that commit. A delivered row is deleted.';
create index outbox_available on baton.outbox (available_at, position);
create index outbox_run on baton.outbox (run_id, position);
create index outbox_claim on baton.outbox (claim_id) where claim_id is not null;

-- The answers of boundaries without a run (members, tokens, the library). A repeated call gets the stored answer.
create table baton.boundaries (
  id uuid primary key,
  answer jsonb,
  crossed_at timestamptz not null default now()
);
create index boundaries_crossed on baton.boundaries (crossed_at);

create table baton.checkpoint_tokens (
  id bigint generated always as identity primary key,
  approval_id uuid not null references public.human_approvals (id) on delete cascade,
  token text not null,
  execution text not null,  -- the ARN of the execution that waits for it
  boundary_id uuid,  -- the boundary that stored it: a repeated call finds the row by it
  stored_at timestamptz not null default now()
);
comment on table baton.checkpoint_tokens is 'The checkpoint function adds tokens; only the approval function reads them. The newest token of an approval counts.';
create index checkpoint_tokens_approval on baton.checkpoint_tokens (approval_id, id desc);

create table baton.gate_tokens (
  id bigint generated always as identity primary key,
  run_id uuid not null,
  step_id text not null,
  generation integer not null,
  token text not null,
  execution text not null,
  stored_at timestamptz not null default now(),
  released_at timestamptz,
  foreign key (run_id, step_id) references public.orchestration_steps (run_id, step_id) on delete cascade
);
comment on table baton.gate_tokens is 'Tokens of steps that wait for steps of another branch, or for a place under maxParallel. The newest token of a step counts.';
create index gate_tokens_waiting on baton.gate_tokens (run_id, generation, step_id, id desc) where released_at is null;
create index gate_tokens_step on baton.gate_tokens (run_id, step_id);

create table baton.step_cache (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  definition_id uuid not null references public.orchestration_definitions (id) on delete cascade,
  step_id text not null,
  input_hash text not null,
  outputs jsonb not null,
  metadata jsonb not null,
  deliverables jsonb not null,
  expires_at timestamptz not null,
  primary key (organization_id, definition_id, step_id, input_hash)
);
create index step_cache_definition on baton.step_cache (definition_id);

create table baton.service_tokens (
  id uuid primary key,
  organization_id uuid not null references public.organizations (id) on delete cascade,
  name text not null check (length(name) between 1 and 100),
  roles text[] not null check (
    cardinality(roles) > 0 and roles <@ array['viewer', 'operator', 'approver', 'admin']
  ),
  secret_hash text not null unique check (secret_hash ~ '^[0-9a-f]{64}$'),
  created_by uuid not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null check (expires_at <= created_at + interval '367 days'),
  revoked_at timestamptz
);
comment on table baton.service_tokens is 'Tokens with which machines call the API. A live token is also a member of its organisation; that row has its roles.';
create index service_tokens_organization on baton.service_tokens (organization_id, created_at);

create table baton.idempotency_keys (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  key text not null check (length(key) between 1 and 255),
  request_hash text not null,
  run_id uuid not null references public.orchestration_runs (id) on delete cascade deferrable initially deferred,
  created_at timestamptz not null default now(),
  primary key (organization_id, key)
);
create index idempotency_keys_run on baton.idempotency_keys (run_id);

-- ---------------------------------------------------------------------------------------------------------------
-- Rights. Clients read the rows of their organisations; only the engine's logins write. Every table has row level
-- security. All rights that Supabase gives to clients are revoked, and only SELECT is granted.
-- ---------------------------------------------------------------------------------------------------------------
alter default privileges in schema public revoke all on tables from anon, authenticated;
alter default privileges in schema public revoke all on sequences from anon, authenticated;
alter default privileges in schema public revoke execute on functions from anon, authenticated;
alter default privileges revoke execute on functions from public;  -- only without a schema does this take effect

-- The organisations of the caller's verified token. Only policies can call it: clients have no USAGE on its schema. It is
-- SECURITY DEFINER, because the policy of the members' table would otherwise read that table under itself.
create function baton.organizations_of_caller() returns setof uuid
language sql stable security definer set search_path = '' as $$
  select m.organization_id from public.organization_members m
  where m.user_id = (select auth.uid()) and m.kind = 'person'
    and not coalesce(((select auth.jwt()) ->> 'is_anonymous')::boolean, false)
$$;
revoke execute on function baton.organizations_of_caller() from public;
grant execute on function baton.organizations_of_caller() to authenticated;

do $$
declare
  name text;
begin
  foreach name in array array['organizations', 'organization_members', 'agents', 'orchestration_definitions',
      'orchestration_runs', 'orchestration_steps', 'orchestration_step_attempts', 'orchestration_events',
      'human_approvals', 'deliverables'] loop
    execute format('alter table public.%I enable row level security', name);
    execute format('revoke all on public.%I from public, anon, authenticated', name);
    execute format('grant select on public.%I to authenticated', name);
    execute format('create policy members_read on public.%I for select to authenticated
      using (%I in (select baton.organizations_of_caller()))',
      name, case name when 'organizations' then 'id' else 'organization_id' end);
    execute format('create policy engine on public.%I for select to %s using (%s)', name,
      case when name in ('organizations', 'organization_members', 'orchestration_events')
        then 'baton_api, baton_stream' else 'baton_api' end,
      case name when 'organization_members' then 'expires_at is null or expires_at > now()' else 'true' end);
  end loop;
  foreach name in array array['executions', 'boundaries', 'outbox', 'checkpoint_tokens', 'gate_tokens', 'step_cache',
      'service_tokens', 'idempotency_keys'] loop
    execute format('alter table baton.%I enable row level security', name);
  end loop;
end $$;

-- The API reads what a member may see. For everything else, it and the other functions call functions of the record.
grant select on public.organizations, public.organization_members, public.agents, public.orchestration_definitions,
  public.orchestration_runs, public.orchestration_steps, public.orchestration_step_attempts, public.orchestration_events,
  public.human_approvals, public.deliverables to baton_api;

-- The stream sends the events of a run to members.
grant select on public.organizations, public.organization_members, public.orchestration_events to baton_stream;

-- An organisation whose agents and definitions every other organisation may use. It has no automatic members.
insert into public.organizations (slug, name) values ('global', 'Shared agents and definitions');
