-- Launches from state machines, and the day of a launch.

-- The time zone of an organisation decides which day it is there. A relative date such as `start of month` depends on
-- it.
alter table public.organizations add column time_zone text not null default 'UTC'
  check (timezone(time_zone, timestamptz '2000-01-01 00:00:00Z') is not null);  -- an unknown zone is an error
comment on column public.organizations.time_zone is 'The IANA name of a time zone, such as Europe/Berlin.';

-- The machine as which the state machine `<stack>-launch` of one engine launches runs in an organisation. It is a
-- member there until an admin takes the permission back.
create table baton.launchers (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  engine_id text not null,
  user_id uuid not null unique,
  allowed_by uuid not null,
  allowed_at timestamptz not null default now(),
  primary key (organization_id, engine_id)
);
comment on table baton.launchers is 'The members as which launch machines act. The row of the member has the role.';
alter table baton.launchers enable row level security;
