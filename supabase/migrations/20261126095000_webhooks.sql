-- Webhooks: the endpoints of an organisation, and one delivery for each endpoint and event. The engine alone reads these
-- tables; a secret is derived from a key that no database has.

create table baton.webhooks (
  id uuid primary key,
  organization_id uuid not null references public.organizations (id) on delete cascade,
  url text not null check (length(url) between 1 and 2000),
  description text not null default '' check (length(description) <= 500),
  event_types text[],                      -- the types that it gets of every run; null: all, empty: of callbacks alone
  status text not null default 'unverified' check (status = any ('{unverified,active,disabled}')),
  disabled_reason text check (disabled_reason = any ('{gone,failing,by_admin}')),
  secret_version integer not null default 1 check (secret_version > 0),
  earlier_secret_version integer,          -- the oldest that still signs, with all later ones, until the next moment
  earlier_secret_ends_at timestamptz,
  first_failed_at timestamptz,               -- its first failure after its last success
  slow_until timestamptz,                  -- until then, it has one request at work, because it was slow
  created_by uuid not null,
  created_at timestamptz not null default now(),
  verified_at timestamptz,
  disabled_at timestamptz,
  announcement jsonb,                      -- the event of its disabling, until it is on the bus
  announce_at timestamptz,                 -- when the relay puts it there
  unique (organization_id, url),
  check ((status = 'disabled') = (disabled_reason is not null and disabled_at is not null)),
  check (status <> 'active' or verified_at is not null),
  check ((earlier_secret_version is null) = (earlier_secret_ends_at is null)),
  check (earlier_secret_version between 1 and secret_version - 1),
  check ((announcement is null) = (announce_at is null))
);
comment on table baton.webhooks is 'URLs that get the events of an organisation''s runs.';
create index webhooks_slow on baton.webhooks (slow_until) where slow_until is not null;
create index webhooks_announced on baton.webhooks (announce_at) where announce_at is not null;

create table baton.webhook_deliveries (
  id uuid primary key default gen_random_uuid(),
  webhook_id uuid not null references baton.webhooks (id) on delete cascade,
  event_id uuid not null,
  event_type text not null,
  run_id uuid references public.orchestration_runs (id) on delete cascade,
  sequence bigint,                         -- with run_id, the row of orchestration_events; a ping has neither
  status text not null default 'pending' check (status = any ('{pending,delivered,failed}')),
  attempts integer not null default 0 check (attempts >= 0),
  next_attempt_at timestamptz,             -- of a pending one: not before this
  send_at timestamptz,                     -- of a pending one: from then on no message is under way, and it needs one
  claim_id uuid,                           -- the boundary that began the current attempt
  lease_until timestamptz,                 -- until then, the current attempt is at work
  response_status integer,                 -- of the last attempt, as the next three
  response text check (length(response) <= 1024),
  error text check (length(error) <= 1024),
  milliseconds integer,
  created_at timestamptz not null default clock_timestamp(),
  attempted_at timestamptz,
  completed_at timestamptz,
  unique (webhook_id, event_id),
  check ((run_id is null) = (sequence is null)),
  check ((status = 'pending') = (next_attempt_at is not null and send_at is not null)),
  check ((status = 'pending') = (completed_at is null)),
  check ((claim_id is null) = (lease_until is null))
);
comment on table baton.webhook_deliveries is 'What each webhook gets, and how that went. A queue''s message names a row; the row decides.';
create index webhook_deliveries_listed on baton.webhook_deliveries (webhook_id, created_at desc, id desc);
create index webhook_deliveries_due on baton.webhook_deliveries (webhook_id, send_at) where status = 'pending';
create index webhook_deliveries_leased on baton.webhook_deliveries (webhook_id) where lease_until is not null;
create index webhook_deliveries_run on baton.webhook_deliveries (run_id);
create index webhook_deliveries_old on baton.webhook_deliveries (created_at);

alter table baton.webhooks enable row level security;
alter table baton.webhook_deliveries enable row level security;
